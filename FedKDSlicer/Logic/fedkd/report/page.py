"""The report as a page: everything it says, gathered, and turned into HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import fedkd
from fedkd.measurement.angles import REACHABLE_CRANIAL_CAUDAL_DEG, REACHABLE_LAO_RAO_DEG
from fedkd.plain_text import printable
from fedkd.report.calcium_map import calcium_plot
from fedkd.report.content import CaseContent, Origin, ShownOutline
from fedkd.report.decision import DecisionPart, decision_of
from fedkd.report.landmark_table import LandmarkRow, landmark_rows
from fedkd.report.lumen_plot import lumen_plot
from fedkd.report.methods import METHODS, Method
from fedkd.report.numbers import SOURCES, CalciumRow, GroupOfRows, Place, Row, calcium_reason, calcium_rows, groups_of
from fedkd.report.pictures import Picture
from fedkd.report.reliability_plot import Reliability, reliability_of
from fedkd.report.remarks import Remark, remarks_of
from fedkd.report.s_curve import s_curve_plot
from fedkd.report.summary import key_numbers

_TEMPLATES = Path(__file__).parent / "templates"
# Texts come from files of others: none may fill the page.
_LONGEST_TEXT = 600
_REACH = f"LAO or RAO {REACHABLE_LAO_RAO_DEG:.0f}°, cranial or caudal {REACHABLE_CRANIAL_CAUDAL_DEG:.0f}°"


@dataclass(frozen=True)
class Plots:
    """The plots; None where there is nothing to draw."""

    s_curve: Markup | None
    lumen: Markup | None
    calcium: Markup | None


@dataclass(frozen=True)
class Page:
    """All that the page says. Texts are as read: the template escapes them.

    Args:
        case_id: name of the case.
        model_id: who predicted; empty for landmarks placed by hand.
        ct_name: the CT's file or folder.
        dated: when the numbers were made: of the measurement, or of the prediction when nothing was measured.
        other_landmark_source: who placed the landmarks, where that was not just the model.
        decision: what a reader decided.
        remarks: what to look at twice, the gravest first.
        key_numbers: the measurements that decide, in short.
        landmarks: the seven landmarks.
        reliability: what their confidences are worth; None where none has one.
        groups: the measurements under their headings; empty when nothing was measured.
        calcium: calcium by part.
        calcium_reason: why there is none in any part; empty where there is.
        why_not_measured: why there are no groups; empty when nobody tried.
        plots: what is drawn.
        origin: what was done with what, as (name, value).
        pictures: the views.
        notes: on the report itself.
    """

    case_id: str
    model_id: str
    ct_name: str
    dated: str
    other_landmark_source: str
    decision: DecisionPart
    remarks: tuple[Remark, ...]
    key_numbers: tuple[Row, ...]
    landmarks: tuple[LandmarkRow, ...]
    reliability: Reliability | None
    groups: tuple[GroupOfRows, ...]
    calcium: tuple[CalciumRow, ...]
    calcium_reason: str
    why_not_measured: str
    plots: Plots
    origin: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...] = ()
    sources: tuple[str, ...] = SOURCES
    methods: tuple[Method, ...] = METHODS
    notes: tuple[str, ...] = ()
    reach: str = _REACH
    not_for_clinical_use: str = fedkd.NOT_FOR_CLINICAL_USE

    @property
    def is_inconspicuous(self) -> bool:
        """True when no remark, no landmark and no measurement asks for a second look."""
        landmarks_fine = all(row.state and not row.is_doubtful for row in self.landmarks)
        rows = [row for group in self.groups for row in group.rows]
        return not self.remarks and landmarks_fine and all(row.place in (None, Place.WITHIN) for row in rows)

    def with_note(self, note: str) -> Page:
        """Return the page with one more note on the report itself."""
        return replace(self, notes=(*self.notes, note))


def page_of(content: CaseContent) -> Page:
    """Return the page for what a case folder holds, still without the views.

    Raises:
        FedkdError: calcification.seg.nrrd is damaged.
    """
    measured = content.measured
    records = measured.quantities if measured else {}
    model = content.origin.model
    model_id = model.id if model else (measured.model_id if measured else None) or ""
    calcium = calcium_rows(records) if records else ()
    return Page(
        case_id=content.case_id,
        model_id=model_id,
        ct_name=content.origin.input.name if content.origin.input else "",
        dated=_dated(content.origin),
        other_landmark_source=_other_landmark_source(content, model_id),
        decision=decision_of(content),
        remarks=remarks_of(content),
        key_numbers=key_numbers(records) if records else (),
        landmarks=landmark_rows(content),
        reliability=reliability_of(content),
        groups=groups_of(records) if records else (),
        calcium=calcium,
        calcium_reason=calcium_reason(calcium),
        why_not_measured=content.origin.measurement.reason if content.origin.measurement else "",
        plots=_plots(content),
        origin=_origin(content),
    )


def rendered(page: Page) -> str:
    """Return the page as HTML that needs nothing from outside."""
    return _environment().get_template("report.html.j2").render(page=page)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: object) -> object:
    """Return strangers' text without what is no text, and not too long; our own markup as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = printable(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}\N{HORIZONTAL ELLIPSIS}"


def _plots(content: CaseContent) -> Plots:
    shapes, measured = content.shapes, content.measured
    annulus = next((one.points_lps_mm for one in shapes.contours if one.name == "Annulus"), None)
    height = measured.quantities["stj_height_mm"].value if measured else None
    return Plots(
        s_curve=s_curve_plot(shapes),
        lumen=lumen_plot(shapes, height if isinstance(height, float) else None),
        calcium=calcium_plot(content.folder, shapes.annulus_plane, content.points, annulus),
    )


def _other_landmark_source(content: CaseContent, model_id: str) -> str:
    source = content.measured.landmark_source if content.measured else ""
    return "" if source in (model_id, f"model {model_id}") else source


def _origin(content: CaseContent) -> tuple[tuple[str, str], ...]:
    """Return what was done with what, without what is not known."""
    origin, measured = content.origin, content.measured
    ct, model = origin.input, origin.model
    size = " x ".join(map(str, ct.size_xyz)) if ct and ct.size_xyz else ""
    spacing = " x ".join(f"{length:.3g}" for length in ct.spacing_mm) if ct and ct.spacing_mm else ""
    lines = (
        ("CT", f"{ct.name} ({ct.format})" if ct and ct.format else ct.name if ct else ""),
        ("CT, SHA-256", ct.sha256 if ct else ""),
        ("CT, voxels", f"{size}, {spacing} mm" if size and spacing else ""),
        ("Model", model.id if model else ""),
        ("Model, SHA-256", model.sha256 if model else ""),
        *((f"Voting model {one.id}, SHA-256", one.sha256) for one in (model.members if model else ())),
        ("Heart found by", origin.heart_source or ""),
        ("Landmark files", ", ".join(origin.landmark_files)),
        ("Landmarks placed by", measured.landmark_source if measured else ""),
        ("Other outlines", "; ".join(map(_outline, origin.outlines))),
        ("Calcium threshold", _threshold(measured.calcium_threshold) if measured else ""),
        ("Started", _shown_time(origin.started_utc)),
        ("Measured", _shown_time(origin.measurement.measured_utc if origin.measurement else None)),
        ("Software", ", ".join(f"{name} {version}" for name, version in origin.versions.items())),
        ("Report made by", f"fedkd {fedkd.__version__}"),
    )
    return tuple((name, value) for name, value in lines if value)


def _outline(outline: ShownOutline) -> str:
    return f"{outline.file} (only a cube of {outline.looked_at_side_mm:.0f} mm around the aortic root was looked at)"


def _dated(origin: Origin) -> str:
    measured = _shown_time(origin.measurement.measured_utc if origin.measurement else None)
    return f"measured {measured}" if measured else _shown_time(origin.started_utc)


def _shown_time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else ""


def _threshold(name: str) -> str:
    return f"{name} HU" if name.isdigit() else name.replace("lumen+", "mean of the lumen + ") + " HU"
