"""What is found about collapse, in one sentence: the title of the picture of errors and what they hide."""

from reportgen.bootstrap import MIN_GROUPS
from reportgen.figures._regression import (
    Candidate,
    Found,
    by_id,
    collapsed,
    few,
    models_of,
    name_of,
    titles_of,
    told_words,
    verdict_of,
)
from reportgen.figures._words import sentence


def title_of(found: Found) -> str:
    """A lower error that hides a collapse; else a collapse; else that there is none, or that nobody can say."""
    models = models_of(found)
    if found["hidden"]:
        return _hidden(found)
    gone = collapsed(models)
    if gone:
        first = gone[0]
        more = f"; {len(gone) - 1} more collapsed" if len(gone) > 1 else ""
        return sentence(f"{name_of(found, first)} collapsed: it {told_words(first)}{more}")
    tested = [one for one in models if verdict_of(one) in ("healthy", "weak")]
    if not tested:
        still = [one for one in models if verdict_of(one) == "constant"]
        if still and len(still) == len(models):
            return "All models answer the same whatever they are given"
        few_videos = found["videos"] < MIN_GROUPS
        why = f"Too few {found['whole']}s to say" if few_videos else "Nobody can tell"
        return f"{why} whether a model collapsed"
    weak = [one for one in tested if verdict_of(one) == "weak"]
    if len(weak) == len(tested):
        return "No model collapsed, but all are weak"
    best = min(tested, key=lambda one: one["scores"]["mae"]["mean"])
    untold = any(verdict_of(one) == "not tested" for one in models)
    none = "No model that could be tested collapsed" if untold else "No model collapsed"
    return f"{none}; {name_of(found, best)} has the lowest error"


def _hidden(found: Found) -> str:
    """`LSTM on text has a lower error than KNN, and tells only happy from sad`."""
    first = by_id(found, found["hidden"][0]["hides"])
    titles = titles_of(found)
    whom = [by_id(found, pair["beside"]) for pair in found["hidden"] if pair["hides"] == first["id"]]
    clear = [one for one in whom if _clearly(found, first, one)]
    beaten = few(list(dict.fromkeys(titles[one["key"]] for one in clear or whom)))
    lower = "has a lower error than" if clear else "has a lower error (not clearly) than"
    others = list(dict.fromkeys(pair["hides"] for pair in found["hidden"] if pair["hides"] != first["id"]))
    more = f"; the same holds for {few([name_of(found, by_id(found, name)) for name in others], 2)}" if others else ""
    return sentence(f"{name_of(found, first)} {lower} {beaten}, and {told_words(first)}{more}")


def _clearly(found: Found, one: Candidate, other: Candidate) -> bool:
    """Whether the difference of their errors was tested, and is clearly in favour of the first."""
    both = {one["id"], other["id"]}
    pairs = [pair for pair in found["pairs"] if pair["score"] == "mae" and {pair["first"], pair["second"]} == both]
    return any(pair["better"] == one["id"] for pair in pairs)
