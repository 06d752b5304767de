"""Scores as files and as a table for people."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np
from rich.table import Table

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.evaluation.baselines import baseline_errors_mm
from fedkd.evaluation.outlines import outline_lines
from fedkd.evaluation.score import CaseScore, Positions
from fedkd.plain_text import spreadsheet_text

# Below this true volume a Dice coefficient says little: a few voxels at the border decide it.
SMALLEST_CALCIFICATION_MM3 = 20.0


def scores_csv(scores: Sequence[CaseScore]) -> str:
    """Return one row per case: errors in mm (empty: not labeled, ``missing``: not found), Dice, volumes."""
    text = StringIO()
    outlined = list(dict.fromkeys((one.head, one.class_name) for score in scores for one in score.outlines))
    writer = csv.writer(text, lineterminator="\n")
    names = [f"{name.lower()}_error_mm" for name in LANDMARK_NAMES]
    writer.writerow(
        [
            *("case", *names, "swapped", "annulus_angle_deg", "calcification_dice", "true_mm3", "found_mm3", "error"),
            *(f"{head}, {name}: dice" for head, name in outlined),
        ]
    )
    for score in scores:
        errors = [_cell(score.errors_mm.get(name), "missing") for name in LANDMARK_NAMES]
        volumes = score.calcification_mm3 or (None, None)
        others = [score.annulus_angle_deg, score.calcification_dice, *volumes]
        case, error = spreadsheet_text(score.case_id), spreadsheet_text(score.error)
        writer.writerow(
            [case, *errors, " ".join(score.swapped), *(_cell(v, "") for v in others), error, *_dices(score, outlined)]
        )
    return text.getvalue()


def _dices(score: CaseScore, outlined: Sequence[tuple[str, str]]) -> list[str]:
    found = {(one.head, one.class_name): one.dice for one in score.outlines}
    return [_cell(found.get(which), "") for which in outlined]


def landmark_table(scores: Sequence[CaseScore], truths: Sequence[Positions]) -> Table:
    """Return the table of errors per landmark, beside the two baselines that do not look at the image."""
    table = Table(title="Landmark errors in mm")
    columns = ("landmark", "mean", "SD", "median", "95th pct", "found", "swapped", "mean shape", "mean shape fitted")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    baselines = _baseline_means(truths)
    for name in LANDMARK_NAMES:
        errors = np.array([score.errors_mm[name] for score in scores if name in score.errors_mm])
        if errors.size == 0:
            continue
        found = errors[np.isfinite(errors)]
        swapped = sum(name in score.swapped for score in scores)
        table.add_row(
            name, *_statistics(found), f"{found.size}/{errors.size}", str(swapped), *baselines.get(name, ("-", "-"))
        )
    return table


def summary_lines(scores: Sequence[CaseScore]) -> list[str]:
    """Return what the table does not say: complete cases, annulus angle, calcification, failures."""
    complete = sum(bool(s.errors_mm) and all(np.isfinite(list(s.errors_mm.values()))) for s in scores)
    lines = [f"All labeled points found: {complete} of {len(scores)} cases"]
    angles = np.array([s.annulus_angle_deg for s in scores])
    angles = angles[np.isfinite(angles)]
    if angles.size:
        lines.append(
            f"Annulus plane: median {np.median(angles):.1f} degrees (95th percentile "
            f"{np.percentile(angles, 95):.1f}) over {angles.size} cases"
        )
    outlined = outline_lines([score.outlines for score in scores])
    return lines + _calcification_lines(scores) + outlined + [f"{s.case_id}: {s.error}" for s in scores if s.error]


def _calcification_lines(scores: Sequence[CaseScore]) -> list[str]:
    labeled = [(s.calcification_dice, s.calcification_mm3) for s in scores if s.calcification_mm3 is not None]
    large = [d for d, volumes in labeled if volumes and volumes[0] >= SMALLEST_CALCIFICATION_MM3 and d is not None]
    none = [volumes[1] for _, volumes in labeled if volumes and volumes[0] == 0]
    lines = []
    if large:
        lines.append(
            f"Calcification Dice: mean {np.mean(large):.2f}, median {np.median(large):.2f} over {len(large)} cases "
            f"with at least {SMALLEST_CALCIFICATION_MM3:.0f} mm3"
        )
    if none:
        lines.append(f"Calcification found where there is none: median {np.median(none):.0f} mm3 in {len(none)} cases")
    return lines


def _baseline_means(truths: Sequence[Positions]) -> dict[str, tuple[str, str]]:
    whole = [truth for truth in truths if set(LANDMARK_NAMES) <= set(truth)]
    if len(whole) < 2:
        return {}
    shapes = np.array([[truth[name] for name in LANDMARK_NAMES] for truth in whole])
    errors = list(baseline_errors_mm(shapes).values())
    return {
        name: (f"{errors[0][:, index].mean():.1f}", f"{errors[1][:, index].mean():.1f}")
        for index, name in enumerate(LANDMARK_NAMES)
    }


def _statistics(found: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[str, ...]:
    if found.size == 0:
        return ("-",) * 4
    values = (found.mean(), found.std(ddof=1) if found.size > 1 else 0.0, np.median(found), np.percentile(found, 95))
    return tuple(f"{value:.1f}" for value in values)


def _cell(value: float | None, nan_text: str) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if np.isfinite(value) else nan_text
