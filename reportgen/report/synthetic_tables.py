"""The tables of synthetic samples: of the kind `signal_scores`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.report.synthetic_numbers import UNCOUNTED, Found, Shown, certain, score, short, titles_of, upper
from reportgen.report.synthetic_trained import Learned, discriminators, networks
from reportgen.report.synthetic_words import Likeness, beside, generators_of, kind_of
from reportgen.report.synthetic_worth import memory, utility
from reportgen.report.tables import Table
from reportgen.words import ABSENT, NO_BREAK, fixed, listing, p_value

_OF_SAMPLES = ("psd_distance", "band_power_divergence", "covariance_distance", "autocorrelation_distance")
"""Scores of the numbers themselves; all others are of the distribution, but for those of trained models and memory."""
_ACROSS = 3  # other generators that a page of paper has room for
_OF_MODELS = ("tstr", *UNCOUNTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Shown):
    """A score with a sign that the caption explains."""

    sign: str

    @property
    def value(self) -> str:
        """0.676*."""
        return f"{super(Marked, self).value}{self.sign}"


def tables_of(experiment: str, found: Found, made: Sequence[Likeness], learned: Sequence[Learned]) -> dict[str, Table]:
    """Those that there is something for."""
    shown = [row["score"] for row in found["scores"] if not row["absent"]]
    groups = {
        "signals": [name for name in shown if name in _OF_SAMPLES],
        "distribution": [name for name in shown if name not in (*_OF_SAMPLES, *_OF_MODELS)],
    }
    tables = {"verdicts": _verdicts(experiment, found, [name for name in shown if name not in UNCOUNTED])}
    tables |= {kind: _scores(experiment, kind, found, names) for kind, names in groups.items() if names}
    tables |= {"rivals": _rivals(experiment, made), "ranks": _ranks(experiment, found), "sees": _sees(experiment, found)}
    if found["utility"]["rows"]:
        tables["utility"] = utility(experiment, found)
    if found["memory"] or found["modes"]:
        tables["memory"] = memory(experiment, found)
    tables |= {"networks": networks(experiment, found, learned), "discriminators": discriminators(experiment, found)}
    return {name: table for name, table in tables.items() if table.rows}


def _ordered(found: Found) -> list[Found]:
    """The floor first, then generators, then the other controls, one of which is each score's ceiling."""
    controls = [one for one in found["candidates"] if one["sort"] == "control"]
    floor = [one for one in controls if one["key"] == "real"]
    return [*floor, *generators_of(found), *(one for one in controls if one["key"] != "real")]


def _name(one: Found) -> str:
    return f"{one['title']} (floor)" if one["key"] == "real" else one["title"]


def _verdicts(experiment: str, found: Found, names: Sequence[str]) -> Table:
    titles, made = titles_of(found), generators_of(found)
    copied = {row["key"]: row["verdict"] for row in found["memory"]}
    return Table(
        id=f"table-verdicts-{experiment}",
        caption=f"How near to real the synthetic {_noun(found)} of each generator come: real, near, between or far, and where"
        " they lie between the floor (0: as near to the test part as real training samples) and the ceiling (1: as bad as the"
        f" score’s worst control). Real: within 5{NO_BREAK}% of the way or not clearly off the floor, with an interval that"
        f" ends within 25{NO_BREAK}%; near: within 25{NO_BREAK}%, with an interval that ends within 75{NO_BREAK}%; far: beyond"
        f" 75{NO_BREAK}%. Open: the interval is too wide for a word. Not clearly: it may be no worse than the floor. Last,"
        " whether they are copies of training samples: who copies is near real for that reason.",
        head=("Score", *(one["title"] for one in made)),
        rows=(
            *((titles[name], *(_verdict(one, name, found) for one in made)) for name in names),
            *([("Copies?", *(copied.get(one["key"], ABSENT) for one in made))] if copied else []),
        ),
    )


def _noun(found: Found) -> str:
    return "signals" if found["domain"] == "signals" else "maps"


def _verdict(one: Found, name: str, found: Found) -> str:
    """`near (0.12)`, or why there is none."""
    value = one["values"].get(name)
    if not value or value["mean"] is None:
        return ABSENT
    if name in one["keeps"]:
        return "by construction"
    if name in found["blind"]:
        return "cannot tell"
    if value["position"] is None:
        return ABSENT
    said = (value["verdict"] or "open") if certain(value["over_floor"]) else "not claimed"
    if not value["ranked"]:
        said = "not ranked"
    if said in ("between", "far") and value["over_floor"]["low"] <= 0:
        said = f"{said}, not clearly"
    return f"{said} ({fixed(round(value['position'], 2) + 0.0, 2)})".strip()  # no −0.00


def _scores(experiment: str, kind: str, found: Found, names: Sequence[str]) -> Table:
    """Candidates by scores; `*`: kept by construction, `†`: the ceiling of a score."""
    told = {row["score"]: row for row in found["scores"]}
    tested = "mmd" in names and any((one["p"] or {}).get("mmd") is not None for one in found["candidates"])
    about = {"signals": f"the {_noun(found)} themselves", "distribution": "their distribution"}[kind]
    high = [short(name, titles_of(found)) for name in names if told[name]["better"] == "high"]
    blind = [short(name, titles_of(found)) for name in names if name in found["blind"]]
    caption = f"Scores of {about}, against the real test part [95 % interval over {found['over']}s]."
    caption += f" Low is good{f', but for {listing(high)}, where high is' if high else ''}."
    caption += " †: the ceiling of that score. *: preserved by construction, and not ranked."
    caption += f" {upper(listing(blind))} cannot tell here, and {_is(blind)} not ranked." if blind else ""
    caption += " p: of a permutation test of MMD², small where a difference is no chance." if tested else ""
    rows = [
        (_name(one), *(_cell(one, told[name]) for name in names), *([p_value((one["p"] or {}).get("mmd"))] if tested else []))
        for one in _ordered(found)
    ]
    head = ("Candidate", *(_head(told[name]) for name in names), *(["p (MMD²)"] if tested else []))
    return Table(id=f"table-{kind}-{experiment}", caption=caption, head=head, rows=tuple(rows))


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _head(row: Found) -> str:
    return f"{row['title']} [{row['unit']}]" if row["unit"] else row["title"]


def _cell(one: Found, told: Found) -> Marked | None:
    value = one["values"].get(told["score"])
    if not value or value["mean"] is None:
        return None
    sign = "*" if told["score"] in one["keeps"] else "†" if told["ceiling"] == one["key"] else ""
    return Marked(mean=value["mean"], sd=None, low=value["low"], high=value["high"], seeds=(), sign=sign)


def _rivals(experiment: str, made: Sequence[Likeness]) -> Table:
    rows = [
        (one.title, other.other, other.kind, len(other.better), len(other.worse), other.n)
        for one in made
        for other in one.beside
    ]
    return Table(
        id=f"table-rivals-{experiment}",
        caption="Each network beside the other generators: scores by which it is clearly better, or clearly worse, of those"
        " that both count by. Copies: it gives back training samples, and is near real for that reason. No interval is"
        " corrected for the number of pairs.",
        head=("Network", "Beside", "Which is", "Better by", "Worse by", "Of"),
        rows=tuple(rows),
    )


def _ranks(experiment: str, found: Found) -> Table:
    titles = titles_of(found)
    made = [one for one in generators_of(found) if (one["rank"] or {}).get("of")]
    ordered = sorted(made, key=lambda one: (one["rank"]["mean"] is None, one["rank"]["mean"] or 0.0))
    nobody = [short(name, titles) for name in titles if name in (*UNCOUNTED, *found["blind"])]
    return Table(
        id=f"table-ranks-{experiment}",
        caption="Generators by their mean place, 1 is best, over the scores that they are ranked on. Places have no interval:"
        f" the pairs say what clearly differs. Nobody is ranked on {listing(nobody)}. Copies: it gives back training samples,"
        " and is near real for that reason.",
        head=("Generator", "Kind", "Mean place", "Scores", "Not ranked on"),
        rows=tuple(
            (
                one["title"],
                kind_of(one, found),
                fixed(one["rank"]["mean"], 1),
                one["rank"]["of"],
                listing([short(name, titles) for name in _unranked(one, found)]) or ABSENT,
            )
            for one in ordered
        ),
    )


def _unranked(one: Found, found: Found) -> Iterator[str]:
    """Scores that it has and others are ranked on, but not this one."""
    common = (*UNCOUNTED, *found["blind"])
    own = one["values"].items()
    return (name for name, value in own if value["mean"] is not None and not value["ranked"] and name not in common)


def pairs_of(experiment: str, found: Found) -> Iterator[Table]:
    """Of each network that can be compared: by how much it is better than the other generators, a few in a table."""
    for one in (one for one in generators_of(found) if one["sort"] == "network"):
        others = list(beside(one["key"], found))
        parts = np.array_split(np.arange(len(others)), -(-len(others) // _ACROSS)) if others else []
        for i, part in enumerate(parts):
            yield _beside(experiment, found, one, [others[j] for j in part], i)


def _beside(experiment: str, found: Found, one: Found, others: Sequence[Found], part: int) -> Table:
    names = [name for name in titles_of(found) if any(name in other["pairs"] for other in others)]
    again = " (continued)" if part else ""
    return Table(
        id=f"table-beside-{one['key']}-{experiment}{f'-{part + 1}' if part else ''}",
        caption=f"{one['title']} beside other generators{again}, on the same real samples: the difference, positive where"
        f" {one['title']} is nearer to real [95{NO_BREAK}% interval]. Empty where one of both preserves the score by"
        " construction or has none; intervals are not corrected for the number of pairs.",
        head=("Score", *(other["title"] for other in others)),
        rows=tuple((titles_of(found)[name], *(_difference(other, name) for other in others)) for name in names),
    )


def _difference(other: Found, name: str) -> Shown | None:
    found = other["pairs"][name]["difference"] if name in other["pairs"] else None
    return score(found)


def _sees(experiment: str, found: Found) -> Table:
    names = {one["key"]: one["title"] for one in found["candidates"]}
    return Table(
        id=f"table-sees-{experiment}",
        caption="What each score sees, which direction is good, and the control that stands for its worst.",
        head=("Score", "What it sees", "Good", "Ceiling"),
        rows=tuple(
            (_head(row), row["says"], row["better"], names.get(row["ceiling"]) or _worst(row["worst"]))
            for row in found["scores"]
        ),
    )


def _worst(value: float | None) -> str:
    return ABSENT if value is None else f"{value:g}"
