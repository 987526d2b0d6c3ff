"""The one page that an application ends in: everything in a single file, without scripts, light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reportgen.applying.answers import Answer
from reportgen.applying.finding import Found
from reportgen.errors import UsageError
from reportgen.report.results import Score
from reportgen.report.templates import environment
from reportgen.words import NO_BREAK, counted, listing, percent

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
    key: str  # of the weights
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
    inputs = found.outputs("facts", "history", "scores")
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
        key=found.key(weights),
        score=next((_score(scores) for _, scores in inputs.all("scores")), ""),
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


def _score(scores: dict[str, Any]) -> str:
    """How good the experiment was on its test part."""
    view = scores["views"]["all"]
    accuracy, ece = (Score.of(view["metrics"][name]) for name in ("accuracy", "ece"))
    chance = percent(view["baseline"]["chance"])
    between = ""
    if accuracy.low is not None and accuracy.high is not None:
        between = f" (95{NO_BREAK}% interval {percent(accuracy.low)} to {percent(accuracy.high)})"
    off = (
        "" if ece.mean is None else f" Its confidence missed its accuracy by {100 * ece.mean:.0f} percentage points on average."
    )
    return (
        f"On its test part it named {percent(accuracy.mean)}{between} of {scores['n']} samples rightly; guessing {chance}.{off}"
    )
