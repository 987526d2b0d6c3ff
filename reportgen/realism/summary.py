"""All candidates, scores, floors and ceilings of an experiment, as the kind `signal_scores` has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reportgen.realism import verdicts
from reportgen.realism.catalogue import SCORES
from reportgen.realism.sets import Estimate
from reportgen.realism.weighing import REAL, Draws, better, blind, pairs, ranks, value_of, verdict

_NOTHING: Estimate = {"mean": None, "low": None, "high": None}
_TAUGHT = ("tstr", "trts", "augmentation")
Rivals = Mapping[str, Mapping[str, Estimate]]
"""{network: {other generator: by how much more is learned from the first}}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is known of a generator or a control, over all folds and seeds."""

    key: str
    use: str  # id of the generator, "" of a control
    title: str
    draws: Draws  # {score: (1 + resample,)}, means over folds and seeds
    why: Mapping[str, str]  # {score: why it is left out}
    p: Mapping[str, float | None]
    copies: float | None
    identical: float | None
    distinct: float | None
    worth: Mapping[str, Any] | None  # see use.useful; None of controls that nothing learns from
    diverged: str = ""
    keeps: Sequence[str] = ()
    notes: Sequence[str] = ()
    courses: Sequence[Mapping[str, Any]] = field(default_factory=tuple)  # kind `course`, of networks

    @property
    def sort(self) -> str:
        """network, plain or control."""
        return "network" if self.courses else "plain" if self.use else "control"


def summary(candidates: Sequence[Candidate], rivals: Rivals, *, signals: bool) -> dict[str, Any]:
    """The part of `signal_scores` that follows from measurements.

    Args:
        candidates: generators in the order of the study, then controls.
        rivals: by how much a model learns more from one generator than from another.
        signals: whether samples are signals.
    """
    named = {one.key: one for one in candidates}
    draws = {one.key: one.draws for one in candidates}
    lost = blind(draws) + _blind_use(named)
    values = {one.key: _values(one, named, draws, lost, signals=signals) for one in candidates}
    made = {one.key: one for one in candidates if one.use}
    placed = ranks({key: values[key] for key, one in made.items() if not one.diverged})
    networks = [key for key, one in made.items() if one.courses and not one.diverged]
    plain = [key for key, one in made.items() if not one.courses and not one.diverged]
    return {
        "scores": [_described(name, values) for name in SCORES if _defined(name, signals=signals)],
        "candidates": [
            {
                "key": one.key,
                "use": one.use,
                "title": one.title,
                "sort": one.sort,
                "diverged": one.diverged,
                "notes": list(one.notes),
                "keeps": list(one.keeps),
                "values": values[one.key],
                "p": dict(one.p),
                "rank": placed.get(one.key, {"mean": None, "of": 0}),
            }
            for one in candidates
        ],
        "blind": lost,
        "pairs": pairs(draws, networks, plain, {key: _unranked(one) for key, one in made.items()})
        + [
            {"first": first, "second": second, "score": "tstr", "difference": gap, "better": better(first, second, gap)}
            for first, others in rivals.items()
            for second, gap in others.items()
        ],
        "utility": _utility(named),
        "memory": [_memory(one, values) for one in made.values()],
        "modes": [_modes(one, values) for one in made.values()],
        "discriminators": [_discriminator(one, values) for one in made.values() if one.courses],
        "trained": [
            {"key": one.key, "unit": "dB" if signals else "", **verdicts.of_training(one.courses)}
            for one in made.values()
            if one.courses
        ],
    }


def _defined(name: str, *, signals: bool) -> bool:
    return ("signals" if signals else "maps") in SCORES[name].domains


def _described(name: str, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    score = SCORES[name]
    own = [found[name] for key, found in values.items() if name in found and key != "noise"]
    absent = (
        "" if any(value["mean"] is not None for value in own) else next((value["why"] for value in own if value["why"]), "")
    )
    return {
        "score": name,
        "title": score.title,
        "unit": score.unit,
        "better": score.better,
        "ceiling": score.ceiling,
        "worst": score.worst,
        "says": score.says,
        "absent": absent,
    }


def _values(
    one: Candidate, named: Mapping[str, Candidate], draws: Mapping[str, Draws], lost: Sequence[str], *, signals: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in SCORES:
        if not _defined(name, signals=signals):
            continue
        if name in one.draws:
            found[name] = {"why": "", **value_of(name, one.key, draws, lost, _unranked(one))}
        elif name in _TAUGHT:
            found |= _taught(name, one, named, lost)
        else:
            found[name] = _left_out(one.why.get(name) or ("the training diverged" if one.diverged else "not measured"))
    return found


def _unranked(one: Candidate) -> Sequence[str]:
    """What is no merit: scores that are kept by construction, and balls that a mode in the middle of all reaches."""
    if not one.use:
        return tuple(SCORES)
    narrow = one.distinct is not None and one.distinct < verdicts.FEW
    return (*one.keeps, *(("density", "coverage") if narrow else ()))


def _left_out(why: str) -> dict[str, Any]:
    return {**_NOTHING, "why": why, "over_floor": None, "position": None, "ranked": False, "verdict": ""}


def _taught(name: str, one: Candidate, named: Mapping[str, Candidate], lost: Sequence[str]) -> dict[str, Any]:
    """What a model learned from the candidate, beside what it learned from real samples."""
    if one.worth is None:
        return {name: _left_out("the training diverged")} if one.diverged else {}
    over = _over_real(name, one, named)
    worst = _over_real(name, named["classes"], named)["mean"] or 0.0
    told = one.worth["change" if name == "augmentation" else "alone" if (one.key, name) == (REAL, "trts") else name]
    value = {**told, "why": "", "over_floor": None, "position": None}
    if one.key == REAL:
        return {name: {**value, "ranked": False, "verdict": ""}}
    position = over["mean"] / worst if over["mean"] is not None and worst > 0 and name not in lost else None
    said = "" if position is None else verdict(over, worst)
    ranked = name == "tstr" and name not in lost and bool(one.use)  # what exaggerates its classes is recognised too well
    return {name: {**value, "over_floor": over, "position": position, "ranked": ranked, "verdict": said}}


def _over_real(name: str, one: Candidate, named: Mapping[str, Candidate]) -> Estimate:
    """How much worse than real samples; of an augmentation, than none."""
    assert one.worth is not None
    if name == "tstr":
        return dict(one.worth["lost"])
    if name == "augmentation":
        change = one.worth["change"]
        return {"mean": _minus(change["mean"]), "low": _minus(change["high"]), "high": _minus(change["low"])}
    real = named[REAL].worth
    assert real is not None
    known = real["alone"]["mean"] is not None and one.worth["trts"]["mean"] is not None
    return {"mean": real["alone"]["mean"] - one.worth["trts"]["mean"] if known else None, "low": None, "high": None}


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _blind_use(named: Mapping[str, Candidate]) -> list[str]:
    """What a model learned cannot tell anything where wrong classes teach it as much."""
    worst = named["classes"].worth
    if worst is None:
        return []
    clear = {"tstr": worst["lost"]["low"], "augmentation": _minus(worst["change"]["high"])}
    known = [
        name for name, low in clear.items() if low is not None and low <= 0
    ]  # without an interval nothing is claimed at all
    return [*known, *(["trts"] if "tstr" in known else [])]


def _utility(named: Mapping[str, Candidate]) -> dict[str, Any]:
    real = named[REAL].worth
    rows = [
        {
            "key": one.key,
            **{name: one.worth[name] for name in ("tstr", "trts", "both", "change", "gain", "p")},
            **({"trts": one.worth["alone"]} if one.key == REAL else {}),  # not that of its own training samples
            "verdict": verdicts.of_use(one.worth["change"], one.worth["gain"], one.worth["p"]),
        }
        for one in named.values()
        if one.worth is not None
    ]
    return {"real": real["alone"] if real else _NOTHING, "rows": rows}


def _memory(one: Candidate, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    ratio, floor = (_estimate(values[key].get("memory_ratio")) for key in (one.key, REAL))
    said = verdicts.of_memory(ratio, floor, one.copies, one.identical)
    return {"key": one.key, "ratio": ratio, "copies": one.copies, "identical": one.identical, "verdict": said}


def _modes(one: Candidate, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    own, floor = (_estimate(values[key].get("coverage")) for key in (one.key, REAL))
    return {"key": one.key, "coverage": own, "distinct": one.distinct, "verdict": verdicts.of_modes(one.distinct, own, floor)}


def _discriminator(one: Candidate, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    told = verdicts.averaged(one.courses)
    auc = _estimate(values[one.key].get("two_sample_auc"))
    return {"key": one.key, **told, "auc": auc, "verdict": "" if one.diverged else verdicts.of_discriminator(told, auc)}


def _estimate(value: Mapping[str, Any] | None) -> Estimate:
    return {name: value[name] for name in _NOTHING} if value else dict(_NOTHING)
