"""Points survive every format, and no damaged file brings anything but points or a clear error."""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.anatomy import LANDMARK_NAMES, STUDY_ORDERS
from fedkd.errors import FedkdError
from fedkd.pointsets import LandmarkPoint, PointList, read_points, write_points
from fedkd.pointsets.labels import landmark_name_or_same

coordinates = st.floats(-10_000, 10_000, allow_nan=False)
positions = st.tuples(coordinates, coordinates, coordinates)
# Labels of people: any script; not those that readers turn into landmark names.
labels = (
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda label: label and landmark_name_or_same(label) == label)
)


def points_with(position: st.SearchStrategy, label: st.SearchStrategy = labels) -> st.SearchStrategy[PointList]:
    point = st.builds(LandmarkPoint, label, position)
    return st.lists(point, min_size=1, max_size=9, unique_by=lambda p: p.label).map(lambda ps: PointList(tuple(ps)))


def there_and_back(name: str, points: PointList) -> PointList:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_points(path, points)
        return read_points(path)


@pytest.mark.parametrize("name", ["a.mrk.json", "a.csv"])
@settings(deadline=None, max_examples=150)
@given(points=points_with(st.none() | positions))
def test_labels_positions_and_undefined_points_survive(name, points):
    assert there_and_back(name, points) == points


shares = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
spreads = st.integers(0, 9999).map(lambda hundredths: hundredths / 100)
own_texts = st.sampled_from(("", "by hand", "spread by hand", "confidence; none", "not found; looked twice"))


@pytest.mark.parametrize("name", ["a.mrk.json", "a.fcsv", "a.csv"])
@settings(deadline=None, max_examples=80)
@given(confidence=st.none() | shares, is_calibrated=st.booleans(), spread_mm=st.none() | spreads, own=own_texts)
def test_confidence_and_spread_survive_beside_a_text(name, confidence, is_calibrated, spread_mm, own):
    own = "" if name.endswith("csv") and not name.endswith("fcsv") else own
    calibrated = is_calibrated and confidence is not None
    points = PointList((LandmarkPoint("RCC", (1.0, 2.0, 3.0), confidence, own, spread_mm, calibrated),))
    assert there_and_back(name, points) == points


@settings(deadline=None, max_examples=150)
@given(points=points_with(positions))
def test_defined_points_survive_fcsv(points):
    assert there_and_back("a.fcsv", points) == points


@settings(deadline=None, max_examples=150)
@given(points=points_with(positions))
def test_positions_and_their_order_survive_mps(points):
    again = there_and_back("a.mps", points)
    assert again.labels == tuple(str(number) for number in range(1, len(points) + 1))
    for ours, read in zip(points, again, strict=True):
        assert read.position_lps_mm == pytest.approx(ours.position_lps_mm, abs=1e-7)


@settings(deadline=None, max_examples=50)
@given(values=st.lists(positions, min_size=7, max_size=7))
def test_landmarks_survive_the_studys_files(values):
    points = PointList.from_positions(dict(zip(LANDMARK_NAMES, values, strict=True)))
    for name, order in STUDY_ORDERS.items():
        again = there_and_back(name, points)
        assert again.labels == order
        for label in order:
            assert again[label].position_lps_mm == pytest.approx(points[label].position_lps_mm, abs=1e-7)


NASTY = (
    b"nan", b"inf", b"-", b"12,3", b"1e309", b"99999", b"\xff\xfe", b"\x00", b"<", b">", b"&amp;", b"&x;", b"]]>",
    b"<!DOCTYPE a>", b'<!ENTITY x "y">', b"<!--", b"<point>", b"</point>", b"<id>0</id>", b"\xe2\x80\xa8", b'"', b",",
    b"{", b"}", b"[" * 50, b"9" * 5000, b"\\ud800", b"\r", b"\n#",
)  # fmt: skip


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return ``content`` after one to four random changes of bytes, numbers or whole lines."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.choice((1, 2, 8, 100)))
        lines = content.splitlines(keepends=True) or [b""]
        numbers = list(re.finditer(rb"\d+", content)) or [re.match(b"", content)]
        number = chance.choice(numbers)
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        swapped = [*lines]
        swapped[one], swapped[other] = lines[other], lines[one]
        content = chance.choice(
            (
                content[:start] + bytes([chance.randrange(256)]) + content[start + 1 :],
                content[:start] + content[end:],
                content[:start] + content[start:end] * 2 + content[end:],
                content[:start] + chance.choice(NASTY) + content[start:],
                content[: number.start()] + chance.choice(NASTY) + content[number.end() :],
                content[: number.start()] + b"%d" % chance.randrange(-9, 9) + content[number.end() :],
                b"".join(lines[:one] + lines[one + 1 :]),
                b"".join(lines[:one] + [lines[one]] + lines[one:]),
                b"".join(swapped),
                content[:start],
            )
        )
    return content


@pytest.mark.parametrize(
    ("name", "count"), [("hps.mps", 5000), ("any.mps", 5000), ("a.mrk.json", 2000), ("a.fcsv", 1000), ("a.csv", 1000)]
)
def test_damaged_files_give_points_or_a_clear_error(tmp_path, name, count):
    path = tmp_path / name
    values = ((1.5, -2.25, 3.0), (-4e-3, 50.0, 6.0), (7.0, -800.125, 9.0), (10.0, 11.0, 12.0), (13.0, 14.0, 1500.0))
    write_points(path, PointList.from_positions(dict(zip(STUDY_ORDERS["hps.mps"], values, strict=True))))
    original = path.read_bytes()
    chance = random.Random(2024)
    errors, point_lists = [], []
    for _ in range(count):
        path.write_bytes(mutated(original, chance))
        try:
            point_lists.append(read_points(path))
        except FedkdError as error:
            errors.append(error)
    assert all(str(path) in error.where and error.what_to_do for error in errors)
    assert all(isinstance(points, PointList) for points in point_lists)
    # The test is worth something only when it meets both.
    assert min(len(errors), len(point_lists)) > count // 50
