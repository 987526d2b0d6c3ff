"""The one page that an application ends in: everything in a single file, without scripts, light and dark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reportgen.applying.answers import Answer
from reportgen.applying.finding import Found
from reportgen.applying.scored import with_interval
from reportgen.errors import UsageError
from reportgen.report.results import Score
from reportgen.report.templates import environment
from reportgen.words import counted, listing, percent

_TEMPLATE = "apply/page.html.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was applied."""

    title: str  # of the experiment
    name: str
    study: str  # title of the study
    model: str
    networks: str  # "3 networks", "" where there are none
    data: str  # title of the data that it learned from
    simulated: bool
    build: str
    keys: tuple[str, ...]  # of the records that hold what was learned
    score: str  # how good it was on its test part, a sentence
    smoke: bool  # trained to try the code only: no result
    intended: str  # limits of the data


def rendered(asked: Asked, answers: Sequence[Answer], templates: Sequence[Path]) -> str:
    """The page.

    Raises:
        UsageError: the template of the workspace is wrong.
    """
    jinja = environment(templates, {"uri": Markup})
    try:
        text = jinja.get_template(_TEMPLATE).render(asked=asked, answers=answers)
    except jinja2.TemplateError as error:
        hint = "The names that it may use are in reportgen/applying/page.py and answers.py."
        raise UsageError(f"templates/{_TEMPLATE}: {error.message}", hint) from error
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def asked_of(found: Found) -> Asked:
    """What is said of the experiment above all answers."""
    inputs = found.outputs("facts", "history")
    facts = inputs.one("facts")
    weights = next((kind for kind in ("weights", "regressor_weights", "map_weights", "map") if found.about(kind)), "")
    count = len(found.about(weights))
    courses = [history for _, history in inputs.all("history")]
    return Asked(
        title=found.title,
        name=found.name,
        study=str(found.build.study["title"]),
        model=_model(found),
        networks=counted(count, "network") if weights == "weights" else "",
        data=str(facts["title"]),
        simulated=bool(facts["simulated"]),
        build=found.build.id,
        keys=found.keys(weights),
        score=_score(found),
        smoke=any(history["smoke"] for history in courses),
        intended=str(facts["limits"]),
    )


def _model(found: Found) -> str:
    """What its model is called."""
    table = found.table
    if found.sort == "map":
        return f"map of emotions ({table['map']['method']})"
    if found.sort == "intensities":
        return listing([choice["use"] for choice in table["regress"].values()])
    return str(table["model"]["use"])


def _score(found: Found) -> str:
    """How good the experiment was on its test part; empty where nobody knows, or each answer says so of its own model."""
    inputs = found.outputs("scores", "map_quality")
    said = {"scores": _of_classes, "map_quality": _of_map}
    return next((say(inputs.one(kind)) for kind, say in said.items() if kind in inputs), "")


def _of_classes(scores: Mapping[str, Any]) -> str:
    view = scores["views"]["all"]
    accuracy, ece = (Score.of(view["metrics"][name]) for name in ("accuracy", "ece"))
    off = (
        "" if ece.mean is None else f" Its confidence missed its accuracy by {100 * ece.mean:.0f} percentage points on average."
    )
    chance = percent(view["baseline"]["chance"])
    right = f"{with_interval(accuracy, percent)} of {scores['n']} samples"
    return f"On its test part it named {right} rightly; guessing {chance}.{off}"


def _of_map(quality: Mapping[str, Any]) -> str:
    """How well neighbours stay neighbours on ratings that no fit has seen."""
    own = next((dict(one["values"]) for one in quality["methods"] if one["key"] == "map"), {})
    scores = {measure["title"]: Score.of(own[measure["key"]]) for measure in quality["measures"] if measure["key"] in own}
    told = [
        f"{title[:1].lower()}{title[1:]} {with_interval(score)}" for title, score in scores.items() if score.mean is not None
    ]
    return f"On ratings that no fit has seen: {listing(told)}; 1 is best." if told else ""
