"""Matplotlib figures as SVG inside a page: the same text for the same data, names that do not clash, page's fonts."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.figure import Figure

# Okabe and Ito's palette, which color-blind readers can tell apart, and grays; plots.mplstyle has the same grays.
INK, MUTED, FAINT = "#1b2733", "#5a6773", "#d5dce3"
BLUE, SKY, GREEN, ORANGE, VERMILLION = "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00"

_STYLE = Path(__file__).parent / "templates" / "plots.mplstyle"
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class Plot:
    """A picture made of lines.

    Args:
        name: a word for identifiers in the page, different for each plot.
        title: its heading, for those who cannot see it too.
        description: in words, what is to be seen.
        size_inch: width and height; the page scales it.
    """

    name: str
    title: str
    description: str
    size_inch: tuple[float, float]

    def svg(self, draw: Callable[[Figure], None]) -> Markup:
        """Return what ``draw`` draws on an empty figure as an ``<svg>`` element."""
        content = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": self.name}, _STYLE):
            figure = Figure(figsize=self.size_inch, layout="constrained")
            draw(figure)
            figure.savefig(content, format="svg", metadata=_NO_METADATA)
        return Markup(_inlined(content.getvalue(), self))  # noqa: S704 (matplotlib escapes texts; ours are escaped below)


def _inlined(document: str, plot: Plot) -> str:
    """Return the document's ``<svg>`` element with names of its own and a description for screen readers."""
    body = document[document.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    for before in (' id="', 'href="#', "url(#"):
        body = body.replace(before, f"{before}{plot.name}-")
    size = re.search(r'viewBox="[^"]+"', body)
    assert size is not None, "matplotlib writes a viewBox"
    label = f'role="img" aria-labelledby="{plot.name}-title {plot.name}-description"'
    texts = (
        f'<title id="{plot.name}-title">{escape(plot.title)}</title>'
        f'<desc id="{plot.name}-description">{escape(plot.description)}</desc>'
    )
    opening = f'<svg class="plot" xmlns:xlink="http://www.w3.org/1999/xlink" {size[0]} {label}>{texts}'
    return opening + body[body.index(">") + 1 :]
