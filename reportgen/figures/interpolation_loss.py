"""What stretching or squeezing all trials to one length costs: the rate that is left, and the power that is lost."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._style import QUIET, SMALL, key, legend_below, looks, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import count, percent

EACH = "experiment"
NEEDS = ("interpolated", "facts")

RATE, LOST, ALIASED = "effective rate in Hz", "power lost", "power aliased"
GAMMA = 31.0  # Hz, where gamma begins: it needs twice that rate
NOTE: Mapping[str, Any] = {"va": "top", "fontsize": SMALL, "color": QUIET}


def draw(inputs: Inputs) -> Figure:
    """Draw both measures against the length that a trial had."""
    pieces, facts = inputs.one("interpolated"), inputs.one("facts")
    seconds, rate, label = (np.array(pieces[name], float) for name in ("seconds", RATE, "label"))
    lost, aliased = (np.array(pieces.get(name, [None] * len(rate)), float) for name in (LOST, ALIASED))
    panels: dict[str, np.ndarray] = {RATE: rate}
    if np.isfinite(lost).any():
        panels["share of the power that is lost, %"] = 100 * lost
    picture = new_figure("column" if len(panels) > 1 else "narrow", 2.3)
    for ax, (name, values) in zip(picture.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for i, look in enumerate(looks(facts["classes"])):
            own = label == i
            ax.plot(seconds[own], values[own], look.marker, color=look.colour, markersize=3.2, markeredgewidth=0, alpha=0.7)
        ax.set(title=name, xlabel="length of the trial in s", ylim=(0, 1.08 * max(np.nanmax(values), 1)))
        ax.set_xlim(0, 1.05 * seconds.max())
        ax.grid()
    _mark_gamma(picture.axes[0], rate)
    legend_below(
        picture,
        [
            key(look.marker, name, color=look.colour)
            for name, look in zip(facts["classes"], looks(facts["classes"]), strict=True)
        ],
    )
    return Figure(
        title=_title(rate, lost),
        caption=_caption(facts, rate, lost, aliased),
        alt=_alt(seconds, rate, lost),
        picture=picture,
        data=[
            ["class", "length in s", RATE, LOST, ALIASED],
            *([facts["classes"][int(c)], *values] for c, *values in zip(label, seconds, rate, lost, aliased, strict=True)),
        ],
        width="column" if len(panels) > 1 else "narrow",
    )


def _mark_gamma(ax: Axes, rate: np.ndarray) -> None:
    """A line at the rate below which no gamma band is left."""
    if rate.min() < 2 * GAMMA * 1.5:
        ax.axhline(2 * GAMMA, color=QUIET, linewidth=0.8, dashes=(1, 1.5), zorder=1)
        ax.annotate("below: no gamma", (0.02, 2 * GAMMA), (0, -2), ax.get_yaxis_transform(), "offset points", **NOTE)


def _title(rate: np.ndarray, lost: np.ndarray) -> str:
    told = f"The effective rate of trials falls from {rate.max():.0f} to {rate.min():.0f} Hz as they get longer"
    if np.ptp(rate) < 0.01 * rate.max():
        told = f"All trials have an effective rate of {rate.min():.0f} Hz"
    return f"{told}, and up to {percent(float(np.nanmax(lost)))} of the power is lost" if np.isfinite(lost).any() else told


def _caption(facts: Mapping[str, Any], rate: np.ndarray, lost: np.ndarray, aliased: np.ndarray) -> str:
    told = (
        f"The trials of {facts['title']} were interpolated to one length; each dot is one of them. What lies above half of the "
        "effective rate is lost, so that long trials lack their fast waves"
    )
    if short := int((rate < 2 * GAMMA).sum()):
        told += f": {counted(short, 'trial')} of {count(len(rate))} {'has' if short == 1 else 'have'} no gamma band at all"
    if np.isfinite(lost).any():
        told += ". Right: the share of the power at 1 to 50 Hz that is lost"
    if np.nanmax(aliased, initial=0) > 0.001:
        told += f". Up to {percent(float(np.nanmax(aliased)))} of what is left was folded down from frequencies above"
    return f"{told}. Where the length of trials differs between classes, this alone may tell them apart."


def _alt(seconds: np.ndarray, rate: np.ndarray, lost: np.ndarray) -> str:
    first, last = int(seconds.argmin()), int(seconds.argmax())
    ends = "; ".join(
        f"a trial of {seconds[i]:.0f} s has {rate[i]:.0f} Hz left"
        + (f" and loses {percent(float(lost[i]))} of its power" if np.isfinite(lost[i]) else "")
        for i in dict.fromkeys((first, last))
    )
    return f"Dots for {counted(len(rate), 'trial')} falling with their length: {ends}."
