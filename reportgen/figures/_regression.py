"""What the figures of predicted intensities share: the order and the look of models, their names, and words on intervals.

`Found` is the kind `regression`, `Candidate` one of its candidates, `Estimate` {mean, low, high}, null where there is none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D

from reportgen.bootstrap import MIN_GROUPS
from reportgen.figures._style import INK, QUIET, fit, key, label_width, looks
from reportgen.figures._words import counted, noun
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, fixed, listing

Found = Mapping[str, Any]
Candidate = Mapping[str, Any]
Estimate = Mapping[str, float | None]

NONE: Estimate = dict.fromkeys(("mean", "low", "high"))
BASELINES: Mapping[str, str] = {"zero": "always zero", "median": "always the median", "mean": "always the mean"}
"""What a baseline answers, by id; medians and means are those of the training part."""
ALL = "all"
"""The set of all modalities."""
ALARM, PALE = "#B00020", "#9A9A9A"
_MARKERS = "os^Dv<>pPXh*"
_FACES: Mapping[str, tuple[str, str, str]] = {  # verdict: face, edge, what the legend says
    "collapsed": (ALARM, ALARM, "collapsed"),
    "healthy": (INK, INK, "not collapsed"),
    "weak": (PALE, INK, "weak, not collapsed"),
    "constant": ("white", QUIET, "constant"),
    "not tested": ("white", INK, "not tested for collapse"),
}


def found_in(inputs: Inputs) -> Found:
    """The kind `regression` of the experiment."""
    found: Found = inputs.one("regression")
    return found


def models_of(found: Found) -> list[Candidate]:
    """All candidates but baselines, lowest error on the validation part first; the test part orders nothing."""

    def error(one: Candidate) -> float:
        value = (one["validation"] or {}).get("mae")
        return float("inf") if value is None else float(value)

    return sorted((one for one in found["candidates"] if one["id"] not in BASELINES), key=error)


def baseline(found: Found, name: str) -> Candidate | None:
    """A baseline, if it is there."""
    return next((one for one in found["candidates"] if one["id"] == name), None)


def by_id(found: Found, name: str) -> Candidate:
    """A candidate."""
    return next(one for one in found["candidates"] if one["id"] == name)


def titles_of(found: Found) -> dict[str, str]:
    """{key: title}: two models of one title are told apart by their keys."""
    titles = {one["key"]: str(one["title"]) for one in found["candidates"] if one["id"] not in BASELINES}
    often = Counter(titles.values())
    return {name: title if often[title] == 1 else f"{title} ({name})" for name, title in titles.items()}


def set_name(name: str) -> str:
    """A set of modalities as a heading: `text`, `all together`."""
    return "all together" if name == ALL else name.replace("_", " ")


def name_of(found: Found, one: Candidate) -> str:
    """`LSTM on text`, `KNN on all modalities`, `always zero`."""
    if one["id"] in BASELINES:
        return BASELINES[one["id"]]
    title = titles_of(found)[one["key"]]
    return f"{title} on {'all modalities' if one['set'] == ALL else set_name(one['set'])}"


def rows_named(found: Found, models: Sequence[Candidate], inches: float) -> list[str]:
    """Short names of rows, `LSTM · text`: title and set are cut apart, so that both are still there."""
    titles, points = titles_of(found), 7.5
    sets = [fit("all" if one["set"] == ALL else set_name(one["set"]), inches / 2, points) for one in models]
    room = [inches - label_width([f" · {name}"], points) + 0.1 for name in sets]
    return [f"{fit(titles[one['key']], left, points)} · {name}" for one, name, left in zip(models, sets, room, strict=True)]


def markers_of(found: Found) -> dict[str, str]:
    """{key: marker} of models, in the order of the study."""
    keys = list(titles_of(found))
    return {name: _MARKERS[i % len(_MARKERS)] for i, name in enumerate(keys)}


def verdict_of(one: Candidate) -> str:
    """Whether its predictions collapsed: a key of the faces."""
    verdict = (one["collapse"] or {}).get("verdict", "not tested")
    return verdict if verdict in _FACES else "not tested"


def said(verdict: str) -> str:
    """A verdict as readers see it: `healthy` would sound like praise."""
    return "not collapsed" if verdict == "healthy" else verdict


def collapsed(models: Sequence[Candidate]) -> list[Candidate]:
    """Those that collapsed."""
    return [one for one in models if verdict_of(one) == "collapsed"]


def draw_dot(ax: Axes, x: float, y: float, one: Candidate, marker: str, size: float = 5.0) -> None:
    """The marker of a model, filled by the verdict on its collapse."""
    face, edge, _ = _FACES[verdict_of(one)]
    own = size * (0.85 if marker == "D" else 1.0)
    how: dict[str, Any] = {"color": edge, "markerfacecolor": face, "markersize": own, "markeredgewidth": 0.8}
    ax.plot(x, y, marker, zorder=4, clip_on=False, **how)


def colour_of(one: Candidate) -> str:
    """Of lines and words of a model."""
    return ALARM if verdict_of(one) == "collapsed" else INK


def legend_of(found: Found, models: Sequence[Candidate], *, markers: bool = True) -> list[Line2D]:
    """What markers (models) and faces (verdicts) mean, as far as there are several."""
    entries: list[Line2D] = []
    titles, looks = titles_of(found), markers_of(found)
    if markers and len(titles) > 1:
        entries += [key(looks[name], title, color=QUIET, markerfacecolor="none") for name, title in titles.items()]
    there = {verdict_of(one) for one in models}
    for verdict, (face, edge, words) in _FACES.items():
        if verdict in there:
            entries.append(key("o", words, color=edge, markerfacecolor=face, markeredgewidth=0.8))
    return entries


def legend_of_emotions(picture: Picture, emotions: Sequence[str]) -> None:
    """Colour and marker of each emotion below the picture, in as few lines as they need."""
    entries = [key(look.marker, name, color=look.colour) for name, look in zip(emotions, looks(emotions), strict=True)]
    room = picture.get_figwidth() / (0.32 + label_width(emotions, 7.5))
    lines = ceil(len(emotions) / max(1, int(room)))
    how: dict[str, Any] = {"columnspacing": 1.4, "handletextpad": 0.3, "handlelength": 1.2, "borderaxespad": 0.2}
    picture.legend(handles=entries, loc="outside lower center", ncols=ceil(len(emotions) / lines), **how)


def told_words(one: Candidate) -> str:
    """What a collapsed model still tells: `tells only happiness from sadness`, `varies in happiness only`."""
    if verdict_of(one) == "constant":
        return "says the same of every segment"
    told = str(((one["collapse"] or {}).get("dominant") or {}).get("told") or "")
    above, _, below = (_nouns(part) for part in told.removesuffix(" or not").partition(" against "))
    if not above:
        return "varies in one direction only"
    return f"tells only {above} from {below}" if below else f"varies in {above} only"


def _nouns(told: str) -> str:
    """`happiness, anger and joyful activation` of `happy, anger and joyful_activation`."""
    return listing([noun(spoken(name)) for part in told.split(" and ") for name in part.split(", ") if name])


def value(estimate: Estimate | None, places: int = 2) -> str:
    """`0.31`, or a dash."""
    return signed((estimate or NONE)["mean"], places)


def told(estimate: Estimate | None, places: int = 2) -> str:
    """`0.31 [0.25, 0.37]`."""
    known = estimate or NONE
    if known["low"] is None or known["high"] is None:
        return value(known, places)
    return f"{value(known, places)} [{signed(known['low'], places)}, {signed(known['high'], places)}]"


def signed(number: float | None, places: int) -> str:
    """Without a sign of zero."""
    return fixed(number if number is None else round(number, places) + 0.0, places)


def above_zero(estimate: Estimate | None) -> bool:
    """Whether all of the interval lies above zero."""
    low = (estimate or NONE)["low"]
    return low is not None and low > 0


def interval_words(found: Found, what: str = "Lines") -> str:
    """What intervals are over, or why there are none."""
    n = counted(found["videos"], found["whole"])
    if found["videos"] < MIN_GROUPS:
        return f"There are no intervals and no claims: {n} in the test part are too few."
    return f"{what} are 95{NO_BREAK}% bootstrap intervals over the {n} of the test part."


def tested_on(found: Found) -> str:
    """`1 900 segments of 120 videos`, with how often models were trained."""
    seeds = f", mean over {len(found['seeds'])} seeds" if len(found["seeds"]) > 1 else ""
    return f"{counted(found['n'], 'segment')} of {counted(found['videos'], found['whole'])} in the test part{seeds}"


def few(names: Sequence[str], most: int = 3) -> str:
    """`a, b and c`, or `a, b and 3 more`."""
    return listing(list(names)) if len(names) <= most else f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"


def spoken(emotion: str) -> str:
    """An emotion as it is written: without underscores."""
    return emotion.replace("_", " ")
