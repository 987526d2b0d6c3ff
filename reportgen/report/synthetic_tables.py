"""The tables of synthetic samples: of the kind `signal_scores`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.report.results import Score
from reportgen.report.synthetic_trained import Learned, discriminators, networks
from reportgen.report.synthetic_words import OF_THEIR_OWN, Found, beside, certain, generators_of, score, short
from reportgen.report.tables import Cell, Table
from reportgen.words import ABSENT, NO_BREAK, fixed, listing, p_value, percent

_OF_SAMPLES = ("psd_distance", "band_power_divergence", "covariance_distance", "autocorrelation_distance")
"""Scores of the numbers themselves; all others are of the distribution, but for those of trained models and memory."""
_ACROSS = 3  # other generators that a page of paper has room for
_SAID: Mapping[str, str] = dict.fromkeys(
    ("no more than real samples twice", "no worse than real samples twice"), "as real twice"
)
_OF_MODELS = ("tstr", "trts", *OF_THEIR_OWN)
_SMALL = 0.1
_SORTS: Mapping[str, str] = {"network": "network", "plain": "plain rule", "control": "control"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Score):
    """A score with a sign that the caption explains."""

    sign: str

    @property
    def value(self) -> str:
        """0.676*."""
        return f"{fixed(self.mean, self.places)}{self.sign}"

    @property
    def places(self) -> int:
        """No more than three of what is not small: 1.000, whatever its interval."""
        return min(super(Marked, self).places, 4 if abs(self.mean or 0.0) < _SMALL else 3)


def tables_of(experiment: str, found: Found, learned: Sequence[Learned]) -> dict[str, Table]:
    """Those that there is something for."""
    shown = [row["score"] for row in found["scores"] if not row["absent"]]
    groups = {
        "signals": [name for name in shown if name in _OF_SAMPLES],
        "distribution": [name for name in shown if name not in (*_OF_SAMPLES, *_OF_MODELS)],
    }
    tables = {"verdicts": _verdicts(experiment, found, [name for name in shown if name not in (*OF_THEIR_OWN, "trts")])}
    tables |= {kind: _scores(experiment, kind, found, names) for kind, names in groups.items() if names}
    tables |= {"ranks": _ranks(experiment, found), "sees": _sees(experiment, found)}
    if found["utility"]["rows"]:
        tables["utility"] = _utility(experiment, found)
    if found["memory"] or found["modes"]:
        tables["memory"] = _memory(experiment, found)
    tables |= {"networks": networks(experiment, found, learned), "discriminators": discriminators(experiment, found)}
    return {name: table for name, table in tables.items() if table.rows}


def _ordered(found: Found) -> list[Found]:
    """The floor first, then generators, then the other controls, one of which is each score's ceiling."""
    controls = [one for one in found["candidates"] if one["sort"] == "control"]
    floor = [one for one in controls if one["key"] == "real"]
    return [*floor, *generators_of(found), *(one for one in controls if one["key"] != "real")]


def _name(one: Found) -> str:
    return f"{one['title']} (floor)" if one["key"] == "real" else one["title"]


def _titles(found: Found) -> dict[str, str]:
    return {row["score"]: row["title"] for row in found["scores"]}


def _verdicts(experiment: str, found: Found, names: Sequence[str]) -> Table:
    titles, made = _titles(found), generators_of(found)
    return Table(
        id=f"table-verdicts-{experiment}",
        caption=f"How near to real the synthetic {_noun(found)} of each generator come: real, near, between or far, and where"
        " they lie between the floor (0: as near to the test part as real training samples) and the ceiling (1: as bad as the"
        f" score’s worst control). Real: within 5{NO_BREAK}% of the way, or within 25{NO_BREAK}% and not clearly off the floor;"
        f" near: within 25{NO_BREAK}%; far: beyond 75{NO_BREAK}%.",
        head=("Score", *(one["title"] for one in made)),
        rows=tuple((titles[name], *(_verdict(one, name, found) for one in made)) for name in names),
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
    said = value["verdict"] if certain(value["over_floor"]) else "not claimed"
    return f"{said} ({fixed(round(value['position'], 2) + 0.0, 2)})".strip()  # no −0.00


def _scores(experiment: str, kind: str, found: Found, names: Sequence[str]) -> Table:
    """Candidates by scores; `*`: kept by construction, `†`: the ceiling of a score."""
    told = {row["score"]: row for row in found["scores"]}
    tested = "mmd" in names and any((one["p"] or {}).get("mmd") is not None for one in found["candidates"])
    about = {"signals": f"the {_noun(found)} themselves", "distribution": "their distribution"}[kind]
    high = [short(name, _titles(found)) for name in names if told[name]["better"] == "high"]
    blind = [short(name, _titles(found)) for name in names if name in found["blind"]]
    caption = f"Scores of {about}, against the real test part [95 % interval over {found['over']}s]."
    caption += f" Low is good{f', but for {listing(high)}, where high is' if high else ''}."
    caption += " †: the ceiling of that score. *: preserved by construction, and not ranked."
    caption += f" {listing(blind).capitalize()} cannot tell here, and {_is(blind)} not ranked." if blind else ""
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


def _cell(one: Found, told: Found) -> Score | None:
    value = one["values"].get(told["score"])
    if not value or value["mean"] is None:
        return None
    sign = "*" if told["score"] in one["keeps"] else "†" if told["ceiling"] == one["key"] else ""
    return Marked(**_limits(value), sign=sign)


def _limits(value: Found) -> dict[str, Any]:
    plain = Score.of(value)
    return {name: getattr(plain, name) for name in ("mean", "sd", "low", "high", "seeds")}


def _ranks(experiment: str, found: Found) -> Table:
    titles = _titles(found)
    made = [one for one in generators_of(found) if (one["rank"] or {}).get("of")]
    ordered = sorted(made, key=lambda one: (one["rank"]["mean"] is None, one["rank"]["mean"] or 0.0))
    return Table(
        id=f"table-ranks-{experiment}",
        caption="Generators by their mean place, 1 is best, over the scores that they are ranked on. Places have no interval:"
        " the pairs say what clearly differs.",
        head=("Generator", "Kind", "Mean place", "Scores", "Not ranked on"),
        rows=tuple(
            (
                one["title"],
                _SORTS[one["sort"]],
                fixed(one["rank"]["mean"], 1),
                one["rank"]["of"],
                listing([short(name, titles) for name in _unranked(one)]) or "none",
            )
            for one in ordered
        ),
    )


def _unranked(one: Found) -> Iterator[str]:
    """Scores that it has and is not ranked on."""
    return (name for name, value in one["values"].items() if value["mean"] is not None and not value["ranked"])


def pairs_of(experiment: str, found: Found) -> Iterator[Table]:
    """Of each network that can be compared: by how much it is better than the other generators, a few in a table."""
    for one in (one for one in generators_of(found) if one["sort"] == "network"):
        others = list(beside(one["key"], found))
        parts = np.array_split(np.arange(len(others)), -(-len(others) // _ACROSS)) if others else []
        for i, part in enumerate(parts):
            yield _beside(experiment, found, one, [others[j] for j in part], i)


def _beside(experiment: str, found: Found, one: Found, others: Sequence[Found], part: int) -> Table:
    names = [name for name in _titles(found) if any(name in other["pairs"] for other in others)]
    again = " (continued)" if part else ""
    return Table(
        id=f"table-beside-{one['key']}-{experiment}{f'-{part + 1}' if part else ''}",
        caption=f"{one['title']} beside other generators{again}, on the same real samples: the difference, positive where"
        f" {one['title']} is nearer to real [95{NO_BREAK}% interval]. Empty where one of both preserves the score by"
        " construction or has none; intervals are not corrected for the number of pairs.",
        head=("Score", *(other["title"] for other in others)),
        rows=tuple((_titles(found)[name], *(_difference(other, name) for other in others)) for name in names),
    )


def _difference(other: Found, name: str) -> Score | None:
    found = other["pairs"][name]["difference"] if name in other["pairs"] else None
    return score({end: _rounded(value) for end, value in found.items()}) if found else None


def _rounded(value: float | None) -> float | None:
    """Nothing where no digit that is shown says otherwise: −0.0000 reads like a difference."""
    return 0.0 if value is not None and abs(value) < 0.5e-4 else value


def _utility(experiment: str, found: Found) -> Table:
    utility, values = found["utility"], {one["key"]: one for one in found["candidates"]}
    made = [one["key"] for one in generators_of(found)]
    own = {row["key"]: row for row in utility["rows"]}
    rows = [_learned(values[key]["title"], own[key]) for key in made if key in own]
    floor = [("Real samples alone (floor)", score(utility["real"]), _of(values.get("real"), "trts"), *_EMPTY)]
    if twice := own.get("real"):
        floor.append(("Real samples twice", None, None, score(twice["both"]), score(twice["change"]), None, ABSENT, ABSENT))
    if classes := values.get("classes"):
        rows.append((f"{classes['title']} (ceiling)", _of(classes, "tstr"), _of(classes, "trts"), *_EMPTY))
    chance = ("Guessing", *([Score.of({"mean": found["chance"]})] * 2), *_EMPTY)
    return Table(
        id=f"table-utility-{experiment}",
        caption="What synthetic samples are worth to a model: its balanced accuracy on real test samples when it learns from"
        " synthetic ones alone (TSTR), that of the model that learned from real ones on synthetic samples (TRTS), and on real"
        f" test samples when it learns from both (Both), less real samples alone (Change) and less real samples seen twice,"
        f" with as many updates and nothing new (Gain), paired over {found['unit_of_test']}s [95{NO_BREAK}% interval]; p by"
        " flipping signs of the change. As real twice: the change is clear, the gain is not.",
        head=("Learns from, or is tested on", "TSTR", "TRTS", "Both", "Change", "Gain", "p", "Verdict"),
        rows=(*floor, *rows, chance),
    )


_EMPTY: tuple[Cell, ...] = (None, None, None, ABSENT, ABSENT)


def _learned(title: str, row: Found) -> tuple[Cell, ...]:
    accuracies = (score(row[name]) for name in ("tstr", "trts", "both", "change", "gain"))
    verdict = _SAID.get(row["verdict"], row["verdict"]) if certain(row["change"]) else "not tested"
    return title, *accuracies, p_value(row["p"]), verdict


def _of(one: Found | None, name: str) -> Score | None:
    return score(one["values"].get(name)) if one else None


def _memory(experiment: str, found: Found) -> Table:
    names = {one["key"]: one["title"] for one in found["candidates"]}
    memory, modes = ({row["key"]: row for row in found[kind]} for kind in ("memory", "modes"))
    real = next((one for one in found["candidates"] if one["key"] == "real"), None)
    floor = (_of(real, "memory_ratio"), ABSENT, ABSENT, ABSENT, _of(real, "coverage"), None, ABSENT)
    rows: list[tuple[Cell, ...]] = [(_name(real), *floor)] if real else []
    for key in (one["key"] for one in generators_of(found) if one["key"] in {*memory, *modes}):
        near, spread = memory.get(key, {}), modes.get(key, {})
        distinct = spread.get("distinct")
        rows.append(
            (
                names[key],
                score(near.get("ratio")),
                percent(near.get("copies")),
                percent(near.get("identical")),
                near.get("verdict", ABSENT),
                score(spread.get("coverage")),
                None if distinct is None else Score.of({"mean": distinct}),
                spread.get("verdict", ABSENT),
            )
        )
    return Table(
        id=f"table-memory-{experiment}",
        caption="Copies: the median distance to the nearest training sample, divided by that to the nearest unseen real one (1:"
        " no nearer, 0: copies) [95 % interval], and the share of samples that are nearer to a training sample than 95"
        f"{NO_BREAK}% of real test samples are (5{NO_BREAK}% is expected), or ten times nearer than to any held-out one (same)."
        " Modes: the share of real test samples that have a synthetic neighbour, and how far samples of a class lie apart,"
        " divided by how far real ones do. Elsewhere: varied, but covering less than half of what the training part covers.",
        head=("Generator", "Ratio of distances", "Too near", "Same", "Copies?", "Coverage", "Apart", "Modes?"),
        rows=tuple(rows),
    )


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
