"""What the table of scores of synthetic samples says: its rows, their ends, and its words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportgen.figures._candidates import Candidate, Found, by_key, generators, number, on_missing, some, value_of, within
from reportgen.figures._words import counted
from reportgen.words import NO_BREAK

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "single properties": ("psd_distance", "band_power_divergence", "covariance_distance", "autocorrelation_distance"),
    "whole distribution": ("sliced_wasserstein", "mmd", "frechet", "density", "coverage", "two_sample_auc"),
    "use and memory": ("tstr", "trts", "augmentation", "memory_ratio"),
}
GOOD = ("real", "near")  # verdicts that the title counts
VERDICTS = {"real": "as real in", "near": "near in", "between": "between real and ceiling in", "far": "far off in"}
NAMED = 3  # networks that the title names

Score = Mapping[str, Any]


def blocks_of(found: Found) -> dict[str, list[Score]]:
    """The scores that have both ends, by what they look at."""
    known = [score for score in found["scores"] if None not in ends_of(found, score)]
    named = {name for names in BLOCKS.values() for name in names}
    blocks = {title: [one for one in known if one["score"] in names] for title, names in BLOCKS.items()}
    blocks["other"] = [one for one in known if one["score"] not in named]
    return {title: scores for title, scores in blocks.items() if scores}


def ends_of(found: Found, score: Score) -> tuple[float | None, float | None]:
    """What real samples have, and the worst.

    What is recognised of real training samples is no floor of TRTS, as the model has learned them: it is what is recognised
    of real test samples. Nothing is added where there is no augmentation.
    """
    if score["score"] == "trts":
        floor = found["utility"]["real"]["mean"]
    else:
        floor = 0.0 if score["score"] == "augmentation" else value_of(found, "real", score["score"])["mean"]
    return floor, score["worst"] if not score["ceiling"] else value_of(found, score["ceiling"], score["score"])["mean"]


def ends_told(found: Found, score: Score) -> str:
    """`real 0.62, white noise 13.4 dB`."""
    ends = ends_of(found, score)
    measured = value_of(found, "real", score["score"]), value_of(found, score["ceiling"], score["score"])
    floor, worst = (
        number(value) if value["mean"] == end else number({"mean": end, "low": None, "high": None})
        for value, end in zip(measured, ends, strict=True)
    )
    return f"real {floor}, {worst_of(found, score)} {worst}" + (f"{NO_BREAK}{score['unit']}" if score["unit"] else "")


def worst_of(found: Found, score: Score) -> str:
    """What lies at the ceiling."""
    control = by_key(found, score["ceiling"])
    return control["title"].lower() if control else "worst"


def tested(found: Found) -> bool:
    """Whether any difference to real samples has an interval."""
    overs = [value["over_floor"] for one in generators(found) for value in one["values"].values()]
    return any(over and over["low"] is not None for over in overs)


def best_of(found: Found, score: Score) -> str:
    """The ranked generator nearest to real samples."""
    values = {one["key"]: value_of(found, one["key"], score["score"]) for one in generators(found)}
    there = {name: value["position"] for name, value in values.items() if value["ranked"] and value["position"] is not None}
    return min(there, key=lambda name: float(there[name])) if len(there) > 1 else ""


def _close(found: Found, one: Candidate) -> tuple[int, int]:
    """On how many ranked scores that can tell it is real or near, and how many those are."""
    values = [value for name, value in one["values"].items() if name not in found["blind"]]
    verdicts = [value["verdict"] for value in values if value["ranked"] and value["verdict"]]
    return sum(verdict in GOOD for verdict in verdicts), len(verdicts)


def title_of(found: Found) -> str:
    alive = [one for one in generators(found) if _close(found, one)[1]]
    if not alive:
        return "No score can tell how real the synthetic samples are"
    networks = [one for one in alive if one["sort"] == "network"]
    plain = [one for one in alive if one["sort"] != "network"]
    networks.sort(key=lambda one: -_share(found, one))
    parts = [_counted(found, one, first=i == 0) for i, one in enumerate(networks[:NAMED])]
    if plain:
        best = max(plain, key=lambda one: _share(found, one))
        told = _counted(found, best, first=not networks)
        parts.append(f"{told} without a network" if not networks else f"without a network {told}")
    gone = [one["title"] for one in generators(found) if one["diverged"]]
    ending = f"; {some(gone)} diverged" if gone else ""
    return f"As real ones or near them: {', '.join(parts)}{ending}"


def _share(found: Found, one: Candidate) -> float:
    good, of = _close(found, one)
    return good / of


def _counted(found: Found, one: Candidate, *, first: bool) -> str:
    good, of = _close(found, one)
    return f"{one['title']} on {good} of {of}" + (" scores" if first else "")


def caption_of(found: Found, blocks: Mapping[str, Sequence[Score]]) -> str:
    if not blocks or all(one["diverged"] for one in generators(found)):
        return " ".join(
            ["A score needs real samples and a control as its two ends.", *_on_scores(found, blocks), *on_missing(found)]
        )
    signals = "windows" if found["domain"] == "signals" else "maps"
    parts = [
        f"Synthetic {signals} of {found['told']} against the real test part, which no generator has seen.",
        "Left end of a bar: the real training part against the same test part; right end: a control that is surely wrong.",
        f"As real: within 5{NO_BREAK}% of the way, or within 25{NO_BREAK}% and not clearly off real ones;",
        f"near: within 25{NO_BREAK}%.",
    ]
    parts.append(
        f"Lines are 95{NO_BREAK}% intervals of the difference to real ones, over {found['over']}s."
        if tested(found)
        else f"There are no intervals: the {found['over']}s are too few."
    )
    if any(best_of(found, score) for scores in blocks.values() for score in scores):
        parts.append("Bold: nearest to real ones.")
    parts += list(_on_marks(found))
    parts += list(_on_scores(found, blocks))
    return " ".join([*parts, *on_missing(found)])


def _on_marks(found: Found) -> Iterator[str]:
    """What hollow and grey marks mean."""
    reasons = []
    if any(one["keeps"] for one in generators(found)):
        reasons.append("as it is kept by construction")
    if any(_never(found, score) for score in found["scores"]):
        reasons.append("as the score ranks nobody")
    if reasons:
        yield f"Hollow: not ranked, {' or '.join(reasons)}."
    if found["blind"]:
        yield "Grey: on these data the control is not clearly worse than real ones."


def _never(found: Found, score: Score) -> bool:
    """Whether a score has values but ranks no generator that does not keep it."""
    free = [one["values"].get(score["score"]) for one in generators(found) if score["score"] not in one["keeps"]]
    known = [value for value in free if value and value["mean"] is not None]
    return bool(known) and score["score"] not in found["blind"] and not any(value["ranked"] for value in known)


def _on_scores(found: Found, blocks: Mapping[str, Sequence[Score]]) -> Iterator[str]:
    """What is missing, for all and for single generators."""
    shown = {score["score"] for scores in blocks.values() for score in scores}
    gone: dict[str, list[str]] = {}
    for score in found["scores"]:
        if score["absent"]:
            gone.setdefault(score["absent"].rstrip("."), []).append(within(score["title"]))
    for why, titles in gone.items():
        yield f"Left out, as {why}: {some(titles)}."
    missing: dict[tuple[str, str], list[str]] = {}
    for one in generators(found):
        for score in found["scores"]:
            value = value_of(found, one["key"], score["score"])
            if value["why"] and score["score"] in shown and not one["diverged"]:
                missing.setdefault((one["title"], value["why"]), []).append(within(score["title"]))
    for (name, why), titles in missing.items():
        yield f"Left out for {name}: {some(titles)} ({why.rstrip('.')})."


def alt_of(found: Found, blocks: Mapping[str, Sequence[Score]]) -> str:
    if not blocks or all(one["diverged"] for one in generators(found)):
        return " ".join(["There is nothing to see.", *on_missing(found)])
    told = [_detailed(found, one) if one["sort"] == "network" else _summed(found, one) for one in generators(found)]
    return f"Table of bars, {counted(sum(map(len, blocks.values())), 'score')} each. {'. '.join(told)}."


def _detailed(found: Found, one: Candidate) -> str:
    """`wgan raw: as real in 4 scores; far off in density`: the worst by name."""
    if one["diverged"]:
        return f"{one['title']} diverged"
    words: dict[str, list[str]] = {}
    for score in found["scores"]:
        verdict = value_of(found, one["key"], score["score"])["verdict"]
        if verdict and score["score"] not in found["blind"]:
            words.setdefault(verdict, []).append(within(score["title"]))
    told = [
        f"{VERDICTS[verdict]} {counted(len(words[verdict]), 'score') if verdict in GOOD else some(words[verdict], 4)}"
        for verdict in VERDICTS
        if verdict in words
    ]
    return f"{one['title']}: {'; '.join(told) or 'not measured'}"


def _summed(found: Found, one: Candidate) -> str:
    if one["diverged"]:
        return f"{one['title']} diverged"
    good, of = _close(found, one)
    return f"{one['title']}: " + (f"as real or near on {good} of {of}" if of else "not ranked")


def table_of(found: Found) -> list[list[object]]:
    header: list[object] = ["candidate", "sort", "score", "unit", "better", "value", "low", "high", "floor", "ceiling", "of"]
    header += ["position", "worse than real by", "worse low", "worse high", "ranked", "verdict", "cannot tell", "left out"]
    rows: list[list[object]] = []
    for one in found["candidates"]:
        for score in found["scores"]:
            value = value_of(found, one["key"], score["score"])
            over = value["over_floor"] or dict.fromkeys(("mean", "low", "high"))
            about = [one["key"], one["sort"], score["score"], score["unit"], score["better"]]
            estimate = [value[end] for end in ("mean", "low", "high")]
            place = [*ends_of(found, score), score["ceiling"], value["position"]]
            place += [over[end] for end in ("mean", "low", "high")]
            why = one["diverged"] or value["why"]
            words = [value["ranked"], value["verdict"], score["score"] in found["blind"], why]
            rows.append([*about, *estimate, *place, *words])
    return [header, *rows]
