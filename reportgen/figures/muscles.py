"""Whether what the network uses survives without what muscles of the head are known for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._frequencies import Found, defined, emotions, estimate
from reportgen.figures._style import (
    INK,
    QUIET,
    SMALL,
    beside,
    key,
    legend_below,
    looks,
    new_figure,
    nothing,
    range_line,
    rows_of,
)
from reportgen.figures._words import counted, sentence
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("facts", "band_views")

REFUSED: Mapping[str, str] = {"low_pass": "Not low-passed", "without_temporal": "The temporal ring stays"}
LEAST = 0.01  # logit
TENTH = 0.1  # of the largest effect of band-stop: less is not told in the title
POINTS = 8.5
ROW = 0.34  # inches
REST = 1.75  # inches: two axes and a legend

Muscles = Mapping[str, Any]
Value = Mapping[str, Any]


def draw(inputs: Inputs) -> Figure:
    """Draw the scores of whole and of changed signals, and below what gamma does with and without temporal electrodes."""
    facts, found = inputs.one("facts"), inputs.one("band_views")
    muscles = _known(found["muscles"])
    if not muscles:
        return Figure(
            title="What muscles may have done was not looked at",
            caption="The check needs the raw signals of the test trials, and temporal electrodes among them.",
            alt="There is nothing to see: scores without temporal electrodes or fast frequencies are not known.",
            picture=nothing("What muscles may have done was not looked at."),
            data=_table({}),
            width="narrow",
        )
    return Figure(
        title=_title(found, muscles),
        caption=_caption(facts, found, muscles),
        alt=_alt(muscles),
        picture=_picture(found, muscles),
        data=_table(muscles),
        width="narrow",
    )


def _known(muscles: Muscles | None) -> Muscles:
    """Without what could not be measured, which is null; nothing where only the score of whole signals is known."""
    if muscles is None:
        return {}
    scores, losses = ({k: v for k, v in muscles[name].items() if v is not None} for name in ("balanced_accuracy", "loss"))
    effects = [{k: v for k, v in row.items() if v is not None} for row in muscles["gamma"]]
    gamma = [row for row in effects if "effect" in row]
    return {**muscles, "balanced_accuracy": scores, "loss": losses, "gamma": gamma} if losses or gamma else {}


def _names(muscles: Muscles) -> dict[str, str]:
    """What the signals of a score are, of those that are known."""
    names = {"whole": "as it is", "low_pass": f"only up to {muscles['low_pass']:g} Hz", "without_temporal": "no temporal ring"}
    return {name: text for name, text in names.items() if name in muscles["balanced_accuracy"]}


def _picture(found: Found, muscles: Muscles) -> Picture:
    scores, gamma = len(_names(muscles)), len(muscles["gamma"])
    picture = new_figure("narrow", (REST if gamma else 0.8) + ROW * (scores + gamma))
    axes = picture.subplots(1 + bool(gamma), 1, squeeze=False, height_ratios=[scores, gamma] if gamma else [1])[:, 0]
    _draw_scores(axes[0], muscles, 1 / len(found["classes"]))
    if gamma:
        _draw_gamma(axes[1], muscles, found["classes"])
        entries = [key("o", "as it is"), key("o", "without the temporal ring", markerfacecolor="white")]
        legend_below(picture, entries if any("without_temporal" in row for row in muscles["gamma"]) else entries[:1])
    return picture


def _draw_scores(ax: Axes, muscles: Muscles, chance: float) -> None:
    for y, name in enumerate(_names(muscles)):
        value = muscles["balanced_accuracy"][name]
        range_line(ax, y, value["low"], value["high"], INK)
        ax.plot(value["mean"], y, "o", color=INK, zorder=3)
        if loss := muscles["loss"].get(name):
            beside(ax, y, _change(loss).replace(" [", "\n["), colour=INK if _above(loss) else QUIET)
    ax.axvline(chance, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    at = ax.get_xaxis_transform()  # y counts heights of the chart
    ax.annotate("chance", (chance, 1), (0, 1), at, "offset points", ha="center", va="bottom", fontsize=SMALL, color=QUIET)
    if muscles["loss"]:
        beside(ax, 0, "change")
    rows_of(ax, list(_names(muscles).values()))
    _axis(ax, "balanced accuracy")


def _draw_gamma(ax: Axes, muscles: Muscles, classes: Sequence[str]) -> None:
    look = dict(zip(classes, looks(classes), strict=True))
    for y, row in enumerate(muscles["gamma"]):
        own = look[row["class"]]
        for shift, name, fill in ((-0.14, "effect", own.colour), (0.14, "without_temporal", "white")):
            if value := row.get(name):
                range_line(ax, y + shift, value["low"], value["high"], own.colour)
                ax.plot(value["mean"], y + shift, own.marker, color=own.colour, markerfacecolor=fill, zorder=3)
    ax.axvline(0, color=QUIET, linewidth=0.9, zorder=1)
    rows_of(ax, [row["class"] for row in muscles["gamma"]])
    _axis(ax, "what gamma adds to the logit of its class")


def _axis(ax: Axes, label: str) -> None:
    ax.set_xlabel(label, fontsize=POINTS)
    ax.tick_params(axis="y", labelsize=POINTS)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")


def _change(loss: Value) -> str:
    """Changed − whole: `−0.05 [−0.08, −0.02]`."""
    low, high = (None if loss[end] is None else -loss[end] for end in ("high", "low"))
    text = estimate({"mean": -loss["mean"] + 0.0, "low": low, "high": high})
    return f"+{text}" if text[0].isdigit() and text[:4] != "0.00" else text


def _above(value: Value) -> bool:
    """Whether its interval lies above zero."""
    return value["low"] is not None and value["low"] > 0


def _tested(muscles: Muscles) -> bool:
    """Whether anything has an interval."""
    values = [*muscles["loss"].values(), *(row["effect"] for row in muscles["gamma"])]
    return any(value["low"] is not None for value in values)


def _title(found: Found, muscles: Muscles) -> str:
    if not _tested(muscles):
        return f"There are too few {found['unit']}s to say whether what the network uses may be muscle"
    return sentence("; ".join(filter(None, [_on_gamma(muscles, _least(found)), _on_scores(muscles)])))


def _least(found: Found) -> float:
    """Logits from which on an effect of gamma is told: a tenth of the largest one of band-stop, if that is known."""
    curves = [entry["curve"]["mean"] for view in defined(found) if view["view"] == "stop" for entry in view["classes"]]
    return max(LEAST, TENTH * max((value for curve in curves for value in curve if value is not None), default=0.0))


def _on_gamma(muscles: Muscles, least: float) -> str:
    """Which classes gamma speaks for with at least so many logits, and whether it does so without the temporal ring."""
    if not muscles["gamma"]:
        return ""
    clear = [row for row in muscles["gamma"] if _above(row["effect"])]
    if not clear:
        return "gamma speaks clearly for no class"
    clear = [row for row in clear if row["effect"]["mean"] >= least]
    if not clear:
        return "gamma hardly speaks for any class"
    if any("without_temporal" not in row for row in clear):
        whose = emotions([row["class"] for row in clear])
        return f"gamma speaks for {whose}, and whether it would without temporal electrodes is not known"
    kept, lost = ([row["class"] for row in clear if _above(row["without_temporal"]) == stays] for stays in (True, False))
    if not lost:
        return f"what gamma does for {emotions(kept)} survives without temporal electrodes"
    if not kept:
        return f"what gamma does for {emotions(lost)} is not clear without temporal electrodes and may be muscle"
    return f"without temporal electrodes gamma still speaks for {emotions(kept)}, but not clearly for {emotions(lost)}"


def _on_scores(muscles: Muscles) -> str:
    """What happens to the accuracy."""
    what = {"low_pass": f"frequencies above {muscles['low_pass']:g} Hz", "without_temporal": "the temporal ring"}
    known = [name for name in what if name in muscles["loss"]]
    falls = [what[name] for name in known if _above(muscles["loss"][name])]
    if falls:
        return f"accuracy falls without {' and without '.join(falls)}"
    return f"accuracy does not clearly fall without {' or '.join(what[name] for name in known)}" if known else ""


def _caption(facts: Mapping[str, Any], found: Found, muscles: Muscles) -> str:
    return " ".join(_sentences(facts, found, muscles))


def _sentences(facts: Mapping[str, Any], found: Found, muscles: Muscles) -> Iterator[str]:
    unit, units = found["unit"], counted(len(found["units"]), found["unit"])
    without = [f"without what lies above {muscles['low_pass']:g} Hz"] if "low_pass" in muscles["loss"] else []
    if "without_temporal" in muscles["loss"]:
        without.append(f"with the temporal ring ({listing(muscles['temporal'])}) computed from the other electrodes")
    above = "Above: balanced" if muscles["gamma"] else "Balanced"
    changes = f", and how it changes {' or '.join(without)}" if without else ""
    yield f"{above} accuracy on trials of {units} of {facts['title']} that the network was not trained on{changes}."
    if muscles["gamma"]:
        yield "Below: what the logit of a class loses without gamma."
    if tiny := [row["class"] for row in muscles["gamma"] if _above(row["effect"]) and row["effect"]["mean"] < _least(found)]:
        yield f"What it does for {emotions(tiny)} is too small to matter: less than {_least(found):.2g} logit."
    yield f"Lines are 95 % intervals over {unit}s." if _tested(muscles) else f"{units} are too few for intervals."
    yield from (f"{REFUSED[name]}: {why.rstrip('.')}." for name, why in muscles.get("why", {}).items() if why)
    yield "The networks are not trained anew: part of a fall is that they have never seen such signals."
    yield "What stays need not be of the brain, as muscles of forehead and neck reach other electrodes too."


def _alt(muscles: Muscles) -> str:
    names = _names(muscles)
    scores = [f"{name} {estimate(muscles['balanced_accuracy'][one])}" for one, name in names.items()]
    losses = [f"{names[one]} {_change(loss)}" for one, loss in muscles["loss"].items()]
    gamma = [f"{row['class']} {estimate(row['effect'])}{_beside_ring(row)}" for row in muscles["gamma"]]
    told = {"Balanced accuracy": scores, "Changes": losses, "Effect of gamma in logits": gamma}
    return " ".join(f"{what}: {'; '.join(each)}." for what, each in told.items() if each)


def _beside_ring(row: Mapping[str, Any]) -> str:
    return f" and without the ring {estimate(row['without_temporal'])}" if "without_temporal" in row else ""


def _table(muscles: Muscles) -> list[list[object]]:
    header: list[object] = ["what", "class or signals", "temporal ring", "mean", "low", "high"]
    if not muscles:
        return [header, ["", "", "", None, None, None]]

    def row(what: str, which: str, ring: str, value: Value) -> list[object]:
        return [what, which, ring, value["mean"], value["low"], value["high"]]

    names = _names(muscles)
    scores = [row("balanced accuracy", text, _with(one), muscles["balanced_accuracy"][one]) for one, text in names.items()]
    losses = [row("loss of it", names[one], _with(one), loss) for one, loss in muscles["loss"].items()]
    gamma = [
        row("effect of gamma in logits", one["class"], ring, one[name])
        for one in muscles["gamma"]
        for name, ring in (("effect", "with"), ("without_temporal", "without"))
        if name in one
    ]
    return [header, *scores, *losses, *gamma]


def _with(score: str) -> str:
    return "without" if score == "without_temporal" else "with"
