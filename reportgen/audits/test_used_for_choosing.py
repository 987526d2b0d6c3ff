"""A test part that was used to choose a model, or looked at more than once."""

from collections.abc import Iterator, Mapping
from typing import Any

from reportgen.audits._controls import experiments
from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing

NEEDS = ("history", "fitted", "looks", "evaluations")
_UNCHOSEN = "the study"  # an estimator without a validation part: its first candidate is kept


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment, over all of its seeds."""
    for name in experiments(inputs, "history", "fitted"):
        histories = [history for _, history in inputs.all("history", experiment=name)]
        # Of folds, `looks` are gathered for each seed.
        looks = {about["seed"]: look for about, look in inputs.all("looks", experiment=name) if "fold" not in about}
        chosen_by = {history["chosen_by"] for history in histories}
        chosen_by |= {_chosen_by(fitted) for _, fitted in inputs.all("fitted", experiment=name)}
        what = "epoch" if histories else "setting"
        models = max(len(histories), len(inputs.about("fitted", experiment=name)))  # one a seed, and of folds one a fold
        finding = _finding(f"experiment {name}", what, sorted(chosen_by), looks, models)
        yield soften(finding, any(h["smoke"] for h in histories))
        for _, evaluations in inputs.all("evaluations", experiment=name):
            yield from _tried(f"experiment {name}", evaluations["ever"], evaluations["shown"])


def _chosen_by(fitted: Mapping[str, Any]) -> str:
    validated = any(candidate["validation"] is not None for candidate in fitted["candidates"])
    return "validation balanced accuracy" if validated else _UNCHOSEN


def _tried(about: str, ever: int, shown: int) -> Iterator[Finding]:
    """Settings that were changed between looks: no code can know why, so the reader is told."""
    if ever > shown:
        yield Finding(
            severity="notice",
            about=about,
            title="Other settings of this experiment were tried on the same test part before",
            evidence=f"{count(ever)} trained models were evaluated since this store began, {count(shown)} of them are shown",
            remedy="If a test score led to these settings, it is too high: compare settings on the validation part.",
        )


def _finding(about: str, what: str, chosen_by: list[str], looks: Mapping[str, Mapping[str, Any]], models: int) -> Finding:
    # The last epoch is no choice.
    misused = [name for name in chosen_by if name not in ("last", _UNCHOSEN) and not name.startswith("validation")]
    often = [
        f"seed {seed}: {count(look['test'])} times, by {listing(look['by'])}"
        for seed, look in looks.items()
        if look["test"] > 1
    ]
    evidence = f"{what} chosen by {listing(chosen_by)}; looks at the test part: "
    each = "one by the trained model" if models == 1 else f"one by each of {counted(models, 'trained model')}"
    evidence += "; ".join(often) or each
    if not misused and not often:
        return Finding(severity="ok", about=about, title="The test part was not used for choosing", evidence=evidence)
    return Finding(
        severity="error",
        about=about,
        title="The model was chosen on the test part" if misused else "The test part was looked at more than once",
        evidence=evidence,
        remedy="Choose on a part of the training data: this score is too high, and nobody knows by how much.",
    )
