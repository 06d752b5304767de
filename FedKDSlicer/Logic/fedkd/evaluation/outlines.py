"""Dice of heads that are not ours, inside the part of the CT that the network looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.case.head_outlines import HeadOutline
from fedkd.evaluation.score import OutlineScore, dice
from fedkd.geometry import Grid
from fedkd.training.cases import TrainingCase
from fedkd.training.head_labels import read_classes
from fedkd.volumes import resample_to_grid


def score_outlines(
    case: TrainingCase, class_names: Mapping[str, Sequence[str]], outlines: Sequence[HeadOutline]
) -> tuple[OutlineScore, ...]:
    """Return the scores of all heads that the case has a label map for; without an outline nothing counts as found.

    Args:
        case: with its label maps.
        class_names: of the model's heads that are not ours.
        outlines: what they outlined; none where the prediction failed.

    Raises:
        FedkdError: a label map has other classes than its head, or cannot be read.
    """
    by_head = {outline.head: outline for outline in outlines}
    return tuple(
        score
        for head, names in class_names.items()
        if (path := case.label_map(head)) is not None
        for score in _scores(head, names, read_classes(path, names), by_head.get(head))
    )


def outline_lines(scores: Sequence[Sequence[OutlineScore]]) -> list[str]:
    """Return for each class the Dice over the cases, and how much of the labels was looked at."""
    by_class: dict[tuple[str, str], list[OutlineScore]] = {}
    for one in (score for case in scores for score in case):
        by_class.setdefault((one.head, one.class_name), []).append(one)
    lines = []
    for (head, name), found in by_class.items():
        values = np.array([one.dice for one in found if np.isfinite(one.dice)])
        shares = np.array([one.share_looked_at for one in found if np.isfinite(one.share_looked_at)])
        if not values.size or not shares.size:
            continue
        what = head if name == head else f"{head}, {name}"
        lines.append(
            f"{what}: Dice mean {values.mean():.2f}, median {np.median(values):.2f} over {values.size} cases, in the "
            f"part around the root that was looked at; {shares.mean():.0%} of the labels lie in it"
        )
    return lines


def _scores(head: str, names: Sequence[str], label: sitk.Image, outline: HeadOutline | None) -> Iterator[OutlineScore]:
    if outline is None:
        truth = sitk.GetArrayViewFromImage(label)
        for number, name in enumerate(names, start=1):
            is_marked = bool((truth == number).any())
            yield OutlineScore(head, name, 0.0 if is_marked else float("nan"), 0.0 if is_marked else float("nan"))
        return
    grid = Grid.of(outline.label_map)
    truth = sitk.GetArrayFromImage(resample_to_grid(label, grid, sitk.sitkNearestNeighbor, 0))
    found = sitk.GetArrayViewFromImage(outline.label_map)
    seen = _looked_at(outline, grid)
    for number, name in enumerate(names, start=1):
        marked = truth == number
        total = int(marked.sum())
        share = int((marked & seen).sum()) / total if total else float("nan")
        yield OutlineScore(head, name, dice(marked & seen, (found == number) & seen), share)


def _looked_at(outline: HeadOutline, grid: Grid) -> npt.NDArray[np.bool_]:
    everything = outline.looked_at.to_image(np.ones(outline.looked_at.size_xyz[::-1], np.uint8))
    seen: npt.NDArray[np.uint8] = sitk.GetArrayFromImage(
        resample_to_grid(everything, grid, sitk.sitkNearestNeighbor, 0)
    )
    return seen > 0
