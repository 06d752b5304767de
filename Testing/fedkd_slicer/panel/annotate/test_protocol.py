"""The protocol is whole, drawn with the anatomy's colors, and drawn as its program draws it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import defusedxml.ElementTree as ElementTree
import pytest

from fedkd.anatomy import LANDMARK_BY_NAME, LANDMARK_NAMES
from fedkd_slicer.panel.annotate.protocol import PROTOCOL_FOLDER, read_protocol


@pytest.fixture(scope="module")
def draws() -> ModuleType:
    """The program that draws the pictures."""
    file = Path(__file__).resolve().parents[4] / "Tools" / "draw_protocol.py"
    spec = importlib.util.spec_from_file_location("draw_protocol", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_landmark_is_described() -> None:
    protocol = read_protocol()
    assert tuple(protocol.landmarks) == LANDMARK_NAMES
    assert re.fullmatch(r"[A-Za-z0-9.-]{1,16}", protocol.version), "what a reading takes"
    for one in protocol.landmarks.values():
        assert len(one.steps) >= 3
        assert all(text.strip() for text in (one.definition, one.plane, one.mistake, *one.steps))
    assert protocol.reasons
    assert all(len(reason) <= 500 for reason in protocol.reasons)


@pytest.mark.parametrize("label", LANDMARK_NAMES)
def test_the_picture_is_as_it_is_drawn(label: str, draws: ModuleType) -> None:
    assert (PROTOCOL_FOLDER / f"{label}.svg").read_text() == draws.picture(label), "run Tools/draw_protocol.py"


@pytest.mark.parametrize("label", LANDMARK_NAMES)
def test_the_landmark_has_its_own_color_and_name_in_its_picture(label: str) -> None:
    root = ElementTree.parse(PROTOCOL_FOLDER / f"{label}.svg").getroot()
    color = "#" + "".join(f"{round(255 * part):02x}" for part in LANDMARK_BY_NAME[label].color_rgb)
    large = [each for each in root.iter() if each.tag.endswith("circle") and float(each.get("r")) > 5]
    assert {each.get("fill") for each in large} == {color}
    assert label in {each.text for each in root.iter() if each.tag.endswith("text")}


def test_a_protocol_without_one_landmark_is_refused(tmp_path: Path) -> None:
    text = (PROTOCOL_FOLDER / "protocol.json").read_text().replace('"MS2",', '"MS3",', 1)
    (tmp_path / "protocol.json").write_text(text)
    with pytest.raises(ValueError, match="MS3"):
        read_protocol(tmp_path / "protocol.json")
