"""What the interactive twins share: plain Plotly JSON in the report's look, without Plotly's templates."""

from collections.abc import Mapping
from html import escape
from typing import Any

from reportgen.figures._style import INK, QUIET

_AXIS: Mapping[str, Any] = {
    "zeroline": False,
    "gridcolor": "#E6E6E6",
    "linecolor": QUIET,
    "showline": True,
    "ticks": "outside",
    "ticklen": 4,
    "tickcolor": QUIET,
}


def layout(height: int, **axes: Any) -> dict[str, Any]:
    """The layout of a plot of `height` pixels with the axes `x`, `y`, `x2` …: on white, which reads on the dark scheme too."""
    return {
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 30, "b": 55},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hovermode": "closest",
    } | {f"{name[0]}axis{name[1:]}": {**_AXIS, **settings} for name, settings in axes.items()}


def plain(text: str) -> str:
    """Text for a plot that shows `<b>` as it is instead of obeying it."""
    return escape(text, quote=False)


def tagged(plot: Mapping[str, Any], tag: str) -> dict[str, Any]:
    """The plot with a small text in its lower right corner, or as it is without one."""
    corner = {"xref": "paper", "yref": "paper", "x": 1, "xanchor": "right", "y": 0, "yanchor": "top", "yshift": -32}
    note = {"text": plain(tag), "showarrow": False, "font": {"size": 11, "color": QUIET}, **corner}
    return {**plot, "layout": {**plot["layout"], "annotations": [note]}} if tag else dict(plot)
