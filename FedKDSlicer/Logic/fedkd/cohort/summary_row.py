"""A case's row in summary.csv."""

from __future__ import annotations

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.cohort.messages import CaseResult
from fedkd.plain_text import spreadsheet_text

FIRST_COLUMNS = ("case", "status", "exit_code", "message")
# What is read first of a case; measurements.csv in its folder has all.
MEASURED_COLUMNS: tuple[str, ...] = (
    "annulus_area_mm2",
    "annulus_perimeter_mm",
    "annulus_diameter_min_mm",
    "annulus_diameter_max_mm",
    "annulus_diameter_area_mm",
    "sinus_mean_diameter_mm",
    "stj_diameter_mm",
    "stj_height_mm",
    "lco_height_mm",
    "rco_height_mm",
    "septum_length_mm",
    "three_cusp_lao_deg",
    "three_cusp_cranial_deg",
    "cusp_overlap_lao_deg",
    "cusp_overlap_cranial_deg",
    "calcium_rcc_mm3",
    "calcium_lcc_mm3",
    "calcium_ncc_mm3",
    "calcium_lvot_mm3",
    "calcium_threshold_hu",
)
COLUMNS: tuple[str, ...] = (
    *FIRST_COLUMNS,
    *(f"{name}_{what}" for name in LANDMARK_NAMES for what in ("found", "confidence", "confidence_level", "spread_mm")),
    *MEASURED_COLUMNS,
    "warnings",
    "scene_made",
    "seconds",
)
# What a run that finds a case finished knows less of than the run that made it.
_OF_THE_RUN = ("status", "message", "seconds")


def row_of(result: CaseResult) -> dict[str, str]:
    """Return the row of a case, by column."""
    warnings = sum(finding.severity == "warning" for finding in result.findings)
    row = {
        "case": spreadsheet_text(result.case),
        "status": result.status,
        "exit_code": str(int(result.exit_code)),
        "message": spreadsheet_text(result.message),
        "warnings": str(warnings) if result.measurements else "",
        "scene_made": "yes" if result.scene_made else "no",
        "seconds": f"{result.seconds:.1f}",
    }
    for point in result.points:
        row[f"{point.label}_found"] = "no" if point.position_lps_mm is None else "yes"
        row[f"{point.label}_confidence"] = "" if point.confidence is None else f"{point.confidence:.3f}"
        row[f"{point.label}_confidence_level"] = "" if point.judged is None else point.judged.word
        row[f"{point.label}_spread_mm"] = "" if point.spread_mm is None else f"{point.spread_mm:.2f}"
    for line in result.measurements:
        row[line.key] = f"{line.value:.2f}" if isinstance(line.value, float) else ""
    return {column: row.get(column, "") for column in COLUMNS}


def says_no_more(row: dict[str, str], earlier: dict[str, str]) -> bool:
    """True when the earlier row of a case tells all that ``row`` does: of a skipped case, how it was made."""
    if row["status"] != "skipped":
        return row == earlier
    return all(value == earlier[column] for column, value in row.items() if column not in _OF_THE_RUN)
