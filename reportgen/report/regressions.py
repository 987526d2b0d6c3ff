"""Models that predict intensities, as their page is given them: from the kind `regression`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.bootstrap import MIN_GROUPS
from reportgen.report.synthetic_numbers import Shown, score
from reportgen.report.tables import Cell, Table
from reportgen.words import MINUS, counted, listing, setting

SAID: Mapping[str, str] = {"healthy": "not collapsed"}
"""What readers are told of a verdict: a model that did not collapse need not be good."""
SCORES: Mapping[str, str] = {
    "mae": "Mean absolute error",
    "skill": "Skill",
    "pearson": "Correlation",
    "concordance": "Concordance",
    "average_precision": "Average precision",
    "macro_f1": "Macro-F1",
}
"""What scores are called in tables."""
_PAIRED = ("mae", "pearson", "concordance", "average_precision")
"""What pairs are compared by."""
Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model on one set of modalities, or a baseline."""

    id: Annotated[str, Doc("`knn/text`")]
    title: Annotated[str, Doc("`KNN on text`")]
    baseline: Annotated[bool, Doc("it looks at no input")]
    scores: Annotated[Mapping[str, Shown | None], Doc("mae, skill, pearson, concordance, macro_f1, average_precision")]
    verdict: Annotated[str, Doc("collapsed, weak, healthy, constant or not tested")]
    why: Annotated[str, Doc("of the verdict, as a sentence with numbers")]
    rank: Annotated[Shown | None, Doc("effective rank of its predictions")]
    calibrated: Annotated[Shown | None, Doc("that of a calibrated predictor with the same correlations")]
    kept: Annotated[tuple[str, ...], Doc("emotions that it tells beyond its dominant factor")]
    dominant: Annotated[str, Doc("`happy against sad`: its dominant factor in words")]
    share: Annotated[float | None, Doc("of the variance of its predictions that the dominant factor has")]

    @property
    def beats_median(self) -> bool:
        """Its error is clearly lower than that of always predicting the median."""
        skill = self.scores["skill"]
        return skill is not None and skill.low is not None and skill.low > 0

    @property
    def loses_to_median(self) -> bool:
        """Its error is clearly higher."""
        skill = self.scores["skill"]
        return skill is not None and skill.high is not None and skill.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Two models of which the one with the lower error collapsed, and the other did not."""

    hides: Annotated[Candidate, Doc("the one that collapsed")]
    beside: Annotated[Candidate, Doc("the one that did not")]
    set: Annotated[str, Doc("what both predict from, `everything` for all modalities; empty where there is only one")]
    why: Annotated[str, Doc("as a sentence with numbers")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """Models that predict intensities of emotions."""

    slug: Annotated[str, Doc("file name of its page without the suffix")]
    finding: Annotated[str, Doc("as a title")]
    emotions: Annotated[tuple[str, ...], Doc("names")]
    scale: Annotated[tuple[float, float], Doc("least and largest rating")]
    whole: Annotated[str, Doc("what intervals are over: video or song")]
    n: Annotated[int, Doc("test segments")]
    videos: Annotated[int, Doc("of them")]
    learned_from: Annotated[int, Doc("training segments")]
    learned_videos: Annotated[int, Doc("of them")]
    zero: Annotated[float, Doc("share of the test segments without any emotion")]
    sets: Annotated[tuple[str, ...], Doc("modalities, one by one and, where there are several, `all`")]
    seeds: Annotated[tuple[int, ...], Doc("trainings of each model")]
    resamples: Annotated[int, Doc("of videos")]
    models: Annotated[tuple[Candidate, ...], Doc("lowest error on the validation part first")]
    baselines: Annotated[tuple[Candidate, ...], Doc("zero, median, mean")]
    collapsed: Annotated[tuple[Candidate, ...], Doc("of the models")]
    hidden: Annotated[tuple[Hidden, ...], Doc("what the error hid")]
    cheap: Annotated[bool, Doc("some model is not clearly better than always predicting the median")]
    better: Annotated[tuple[str, ...], Doc("titles of the models that are")]
    common: Annotated[bool, Doc("emotions are present in more than half of the test segments, on average")]
    zero_wins: Annotated[bool, Doc("always predicting zero has a lower error than every model")]
    tables: Annotated[Mapping[str, Table], Doc("scores, collapse, emotions, pairs")]


def slug_of(experiment: str) -> str:
    """Of the page of an experiment that predicts intensities."""
    return f"intensities-{experiment.replace('_', '-')}"


def regression_of(experiment: str, found: Found) -> Regression:
    """From the output `regression`."""
    several = len(found["sets"]) > 1
    candidates = [_candidate(one, several=several) for one in _ordered(found["candidates"])]
    named = {one.id: one for one in candidates}
    models = tuple(one for one in candidates if not one.baseline)
    hidden = tuple(
        Hidden(hides=named[one["hides"]], beside=named[one["beside"]], set=_set(one["set"]) if several else "", why=one["why"])
        for one in found["hidden"]
    )
    zero = named.get("zero")
    return Regression(
        slug=slug_of(experiment),
        finding=_finding(models, hidden, found),
        emotions=tuple(found["emotions"]),
        scale=tuple(found["scale"]),
        whole=found["whole"],
        n=found["n"],
        videos=found["videos"],
        learned_from=found["train"]["segments"],
        learned_videos=found["train"]["videos"],
        zero=found["zero"],
        sets=tuple(found["sets"]),
        seeds=tuple(found["seeds"]),
        resamples=found["resamples"],
        models=models,
        baselines=tuple(one for one in candidates if one.baseline),
        collapsed=tuple(one for one in models if one.verdict == "collapsed"),
        hidden=hidden,
        cheap=not all(one.beats_median for one in models),
        better=tuple(one.title for one in models if one.beats_median),
        common=sum(found["present"]) > len(found["present"]) / 2,
        zero_wins=zero is not None and bool(models) and all(_error(zero) < _error(one) for one in models),
        tables={
            "scores": _scores(experiment, found, candidates),
            "collapse": _collapse(experiment, found, models),
            "emotions": _emotions(experiment, found, models),
            "pairs": _pairs(experiment, found, named),
        },
    )


def _ordered(candidates: Sequence[Found]) -> list[Found]:
    """Models by their error on the validation part, then baselines: the test part puts nothing first."""
    models = [one for one in candidates if one["sort"] != "baseline"]
    known = sorted(models, key=lambda one: one["validation"]["mae"] if one["validation"] else float("inf"))
    return [*known, *(one for one in candidates if one["sort"] == "baseline")]


def titled(candidate: Found, *, several: bool) -> str:
    """`KNN on text`, `KNN on everything`; with a single modality `KNN`."""
    if not several or not candidate["set"]:
        return str(candidate["title"])
    return f"{candidate['title']} on {_set(candidate['set'])}"


def _set(name: str) -> str:
    return "everything" if name == "all" else name


def _candidate(one: Found, *, several: bool) -> Candidate:
    collapse = one["collapse"]
    return Candidate(
        id=one["id"],
        title=titled(one, several=several),
        baseline=one["sort"] == "baseline",
        scores={name: score(one["scores"].get(name)) for name in SCORES},
        verdict=collapse["verdict"],
        why=collapse["why"],
        rank=score(collapse["rank"]),
        calibrated=score(collapse["calibrated"]),
        kept=tuple(collapse["kept"]),
        dominant=(collapse["dominant"] or {}).get("told", ""),
        share=(collapse["dominant"] or {}).get("share"),
    )


def _error(one: Candidate) -> float:
    error = one.scores["mae"]
    return float("inf") if error is None or error.mean is None else error.mean


def _finding(models: Sequence[Candidate], hidden: Sequence[Hidden], found: Found) -> str:
    """What comes first: what the error hid, then what collapsed, then whether anything was learned."""
    if hidden:
        first = hidden[0]
        return f"{first.hides.title} has a lower error than {first.beside.title}, and tells one thing only"
    if collapsed := [one.title for one in models if one.verdict == "collapsed"]:
        return f"{listing(collapsed)} {'has' if len(collapsed) == 1 else 'have'} collapsed"
    if found["videos"] < MIN_GROUPS:
        return (
            f"{counted(found['videos'], found['whole'])} {'is' if found['videos'] == 1 else 'are'} too few to tell models apart"
        )
    better = [one.title for one in models if one.beats_median]
    if not better:
        return "No model is clearly better than always predicting the median"
    if len(better) == len(models):
        return "No model has collapsed, and all are better than always predicting the median"
    return f"No model has collapsed; {listing(better)} {'is' if len(better) == 1 else 'are'} better than the median"


def _scores(experiment: str, found: Found, candidates: Sequence[Candidate]) -> Table:
    low, high = found["scale"]
    return Table(
        id=f"table-scores-{experiment}",
        caption=f"Scores on the test part, means over {len(found['emotions'])} emotions [95 % interval over {found['whole']}s]."
        f" Errors are on the scale from {setting(low).replace('-', MINUS)} to {setting(high)}, low is good; of the others high"
        " is good. Skill: 1 less the error divided by that of always predicting the median of the training part; below 0 a"
        " model is worse than that. Lowest error on the validation part first.",
        head=("Model", *SCORES.values()),
        rows=tuple((one.title, *(one.scores[name] for name in SCORES)) for one in candidates),
    )


def _collapse(experiment: str, found: Found, models: Sequence[Candidate]) -> Table:
    raw = {one["id"]: one["collapse"] for one in found["candidates"]}
    return Table(
        id=f"table-collapse-{experiment}",
        caption=f"Which models collapsed [95 % interval over {found['whole']}s]. Rank: in how many directions predictions vary,"
        f" of {len(found['emotions'])}; low up to the number beside it, which follows from a calibrated predictor with the same"
        " correlations. Correlation: mean over emotions, where negative ones count as 0; beside it what is left once the"
        " dominant factor is removed. A model collapsed if its rank is clearly low, clearly less than half of the correlation"
        " is left, and no emotion is still told. Variance: of predictions, as a share of the true one; a calibrated model has"
        " r² of it.",
        head=("Model", "Verdict", "Rank", "Low up to", "Correlation", "Left of it", "Still told", "Variance", "r²"),
        rows=tuple(
            (
                one.title,
                SAID.get(one.verdict, one.verdict),
                one.rank,
                raw[one.id]["narrow"],
                *(score(raw[one.id][name]) for name in ("told", "left")),
                _told(one.kept, found["emotions"]),
                *(score(raw[one.id][name]) for name in ("variance_ratio", "r2")),
            )
            for one in models
        ),
    )


def _told(kept: Sequence[str], emotions: Sequence[str]) -> str:
    """`all`, `all but fear`, `sad and anger` or `nothing`: what is shorter, for a narrow column."""
    lacking = [name.replace("_", " ") for name in emotions if name not in kept]
    if not kept or len(lacking) >= len(kept):
        return listing([name.replace("_", " ") for name in kept]) or "nothing"
    return f"all but {listing(lacking)}" if lacking else "all"


def _emotions(experiment: str, found: Found, models: Sequence[Candidate]) -> Table:
    raw = {one["id"]: one["emotions"] for one in found["candidates"]}
    shown: list[tuple[Cell, ...]] = [
        (one.title, *(score(raw[one.id][emotion]["pearson"]) for emotion in found["emotions"])) for one in models
    ]
    shares = zip(found["emotions"], found["present"], strict=True)
    present = [f"{emotion.replace('_', ' ')} ({100 * share:.0f} %)" for emotion, share in shares]
    return Table(
        id=f"table-emotions-{experiment}",
        caption=f"Correlation of prediction and truth, emotion by emotion [95 % interval over {found['whole']}s]; in brackets"
        " the share of test segments in which the emotion is present.",
        head=("Model", *present),
        rows=tuple(shown),
    )


def _pairs(experiment: str, found: Found, named: Mapping[str, Candidate]) -> Table:
    """One row a pair of models on the same modalities; how a model compares with the median, its skill says."""
    asked = [name for name in _PAIRED if any(one["score"] == name for one in found["pairs"])]
    pairs: dict[tuple[str, str], dict[str, Found]] = {}
    for one in found["pairs"]:
        if not (named[one["first"]].baseline or named[one["second"]].baseline):
            pairs.setdefault((one["first"], one["second"]), {})[one["score"]] = one["difference"]
    return Table(
        id=f"table-pairs-{experiment}",
        caption="Models side by side on the same modalities and test segments: how much better the first is, below zero"
        f" how much worse, paired over {found['whole']}s [95 % interval]; not corrected for the number of pairs.",
        head=("First", "Second", *(SCORES[name] for name in asked)),
        rows=tuple(
            (named[first].title, named[second].title, *(score(own.get(name)) for name in asked))
            for (first, second), own in pairs.items()
        ),
    )
