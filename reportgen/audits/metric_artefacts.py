"""Scores that a metric gives without any knowledge, such as the binary accuracy of outputs that all stay below one half."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt, Le

from reportgen.audits._controls import is_guess
from reportgen.audits._divided import samples_about
from reportgen.audits._smoke import soften
from reportgen.core import TEST, TRAIN, VALIDATION, Finding, Severity
from reportgen.outputs import Inputs
from reportgen.words import count, counted, fixed, listing, percent

NEEDS = (
    "facts",
    "labels",
    "parts",
    "scores",
    "history",
    "model",
    "logits",
    "validation_logits",
    "validation_samples",
    "fold_validation_logits",
)
_CHANCE, _BINARY, _LARGEST, _ALL = "1 / C", "(C − 1) / C", "the share of the largest class", "1"
_CAUSES: Mapping[str, str] = {
    _CHANCE: "one class named for all of equally frequent ones, or guesses",
    _BINARY: "the binary accuracy of outputs that all stay below one half",
    _LARGEST: "the largest class named for all",
    _ALL: "labels that can be read off the samples, or samples that were learned from",
}
_COURSE = 3  # epochs; fewer are no course
_SHOWN = 10  # rows of the table: of many folds and seeds some equal an artefact by chance
_SIGMOIDS = ("LogSigmoid", "Sigmoid")
_ROUNDING = 1e-6  # accuracies of epochs were float32
_NORMALISED = 2e-6  # what float32 leaves of a sum of 1; sigmoids that know only how frequent classes are come near it too
_DIGITS = 2  # a published score with fewer decimals equals anything


@dataclass(frozen=True, slots=True)
class _Checked:
    """A score that was held against the artefacts of its metric."""

    score: str
    value: float
    equals: Sequence[str]  # artefacts, none for an honest score
    seen: str = ""  # what speaks for or against chance
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class _Experiment:
    """What is known of an experiment, and what is asked of it."""

    inputs: Inputs
    name: str
    classes: int
    labels: Mapping[int, np.ndarray]  # of each part
    folds: Sequence[Mapping[int, np.ndarray]]  # the same of each fold
    stuck: float
    same: float

    def favourite(self, kind: str, **about: str) -> float:
        """Share of the predictions that are for one class: of kind `logits` or `validation_logits`, or of a fold's."""
        said = self.inputs.one(kind, experiment=self.name, **about).argmax(axis=1)
        return float(np.bincount(said).max() / len(said)) if len(said) else 0.0


def inspect(
    inputs: Inputs,
    *,
    stuck: Annotated[float, Gt(0), Le(1), Doc("share of three or more epochs at one artefact that is no coincidence")] = 0.5,
    same: Annotated[float, Gt(0), Le(1), Doc("share of the predictions for one class from which they do not vary")] = 0.9,
) -> Iterator[Finding]:
    """One finding an experiment, one more for a network with sigmoid outputs, and one for the published scores of a data set.

    A score equals an artefact if it lies within half a sample of it. A network whose predictions vary may do so by chance,
    so that this is a notice. Epochs pass by artefacts on their way up: only those are named that stay there.
    """
    for about, scores in inputs.all("scores"):
        name, facts = about["experiment"], inputs.one("facts", dataset=about["dataset"])
        if is_guess(inputs, name):
            continue
        experiment = _Experiment(inputs, name, len(facts["classes"]), *_labels(inputs, about), stuck, same)
        checked = [*_finals(experiment, scores), *_courses(experiment)]
        yield soften(_finding(f"experiment {name}", checked, experiment.classes, facts["simulated"]), scores["smoke"])
        for finding in _binary(experiment):
            yield soften(finding, scores["smoke"])
    for about, facts in inputs.all("facts"):
        yield from _published(f"data set {about['dataset']}", facts)


def _labels(inputs: Inputs, about: Mapping[str, str]) -> tuple[dict[int, np.ndarray], list[dict[int, np.ndarray]]]:
    """{part: labels (sample,)} of an experiment, and of each fold; what lies in several folds counts in each."""
    labels = np.asarray(inputs.one("labels", **samples_about(about)))
    parts = np.atleast_2d(inputs.one("parts", experiment=about["experiment"]))  # (fold, sample)
    of_parts = {part: labels[(parts == part).any(axis=0)] for part in (TRAIN, VALIDATION, TEST)}
    for _, samples in inputs.all("validation_samples", experiment=about["experiment"]):
        of_parts[VALIDATION] = labels[samples]  # the same for all seeds
    return of_parts, [{part: labels[own == part] for part in of_parts} for own in parts]


def _known(labels: np.ndarray, classes: int) -> dict[str, float]:
    """Accuracies on samples with these labels (sample,) that take no knowledge of a single sample, and the perfect one."""
    largest = float(np.bincount(labels).max() / len(labels)) if len(labels) else 1.0
    return {_CHANCE: 1 / classes, _BINARY: (classes - 1) / classes, _LARGEST: largest, _ALL: 1.0}


def _equals(value: float, n: int, artefacts: Mapping[str, float]) -> list[str]:
    """The artefacts within half a sample of a score on n samples."""
    return [name for name, artefact in artefacts.items() if abs(value - artefact) <= 0.5 / n + _ROUNDING]


def _finals(experiment: _Experiment, scores: Mapping[str, Any]) -> Iterator[_Checked]:
    """Accuracy on the test and the validation part and balanced accuracy on the test part, of each seed."""
    metrics, test, validation = scores["views"]["all"]["metrics"], experiment.labels[TEST], experiment.labels[VALIDATION]
    balanced = {_CHANCE: 1 / len(np.unique(test)), _ALL: 1.0}
    known = {part: _known(labels, experiment.classes) for part, labels in ((TEST, test), (VALIDATION, validation))}
    if not experiment.inputs.about("history", experiment=experiment.name):
        for artefacts in known.values():
            del artefacts[_BINARY]  # an estimator names one class: nobody counted its answers of yes and no
    for kind, labels, artefacts, found, title in (
        ("logits", test, known[TEST], metrics["accuracy"], "accuracy on the test part"),
        ("logits", test, balanced, metrics["balanced_accuracy"], "balanced accuracy on the test part"),
        (
            "validation_logits",
            validation,
            known[VALIDATION],
            scores["validation"]["accuracy"],
            "accuracy on the validation part",
        ),
    ):
        for seed, value in zip(scores["seeds"], found["seeds"], strict=bool(len(labels))):  # none where nothing is validated
            share = experiment.favourite(kind, seed=str(seed))
            vary: Severity = "notice" if share < experiment.same else "warning"
            equals = _equals(value, len(labels), artefacts)
            yield _Checked(
                f"{title}, seed {seed}",
                value,
                equals,
                f"{percent(share)} of its predictions are for the class it names most",
                vary,
            )


def _courses(experiment: _Experiment) -> Iterator[_Checked]:
    """Accuracies of all epochs of each training, on either part: of recordings there is one a fold."""
    for about, history in experiment.inputs.all("history", experiment=experiment.name):
        fold = {key: about[key] for key in ("fold",) if key in about}
        labels = experiment.folds[int(fold.get("fold", 0))]
        kind = "fold_validation_logits" if fold else "validation_logits"
        constant = experiment.favourite(kind, seed=about["seed"], **fold) >= experiment.same
        which = "".join(f", {key} {about[key]}" for key in ("seed", *fold))
        for column, part, n in (
            ("train_accuracy", TRAIN, history["samples"]["train"]),
            ("validation_accuracy", VALIDATION, history["samples"]["validation"]),
        ):
            artefacts = _known(labels[part], experiment.classes)
            if part == TRAIN:
                del artefacts[_ALL]  # learned by heart: no artefact
            if fold:
                del artefacts[_BINARY]  # of few windows of a few classes, honest networks recognise as many
            if n != len(labels[part]):
                del artefacts[_LARGEST]  # of a selection, whose shares are others
            values = [row[column] for row in history["epochs"] if row[column] is not None]
            if values:
                title = f"{column.replace('_', ' ')} of {counted(len(values), 'epoch')}{which}"
                at = {name: _at(values, n, there) for name, there in artefacts.items()}
                stays = {
                    name: which for name, which in at.items() if len(values) >= _COURSE and which.mean() >= experiment.stuck
                }
                yield _stayed(title, values, stays, history["chosen"] - 1, constant)


def _at(values: Sequence[float], n: int, artefact: float) -> np.ndarray:
    """Which of the accuracies equal an artefact: (epoch,) bool."""
    return np.array([bool(_equals(value, n, {"": artefact})) for value in values])


def _stayed(title: str, values: Sequence[float], stays: Mapping[str, np.ndarray], chosen: int, constant: bool) -> _Checked:
    """A course that stays at artefacts, {name: (epoch,) bool}; a network that knows nothing also varies about 1 / C."""
    if not stays:
        return _Checked(title, values[chosen], [])
    which = next(iter(stays.values()))
    seen = f"in {counted(int(which.sum()), 'epoch')}, the chosen one {'' if which[chosen] else 'not '}among them"
    grave = which[chosen] and (constant or _BINARY in stays)
    return _Checked(title, values[int(which.argmax())], list(stays), seen, "warning" if grave else "notice")


def _finding(about: str, checked: Sequence[_Checked], classes: int, simulated: bool) -> Finding:
    found = [one for one in checked if one.equals]
    against = f"1 / C = {fixed(1 / classes, 3)}, (C − 1) / C = {fixed(1 - 1 / classes, 3)}, the largest class's share and 1"
    evidence = f"{count(len(found))} of {count(len(checked))} scores and courses equal one of {against} within half a sample"
    if not found:
        return Finding(severity="ok", about=about, title="No score is an artefact of its metric", evidence=evidence)
    shown = sorted(found, key=lambda one: _severity(one, simulated) != "warning")[:_SHOWN]
    grave = _severity(shown[0], simulated) == "warning"
    return Finding(
        severity="warning" if grave else "notice",
        about=about,
        title="Scores look like artefacts of their metric"
        if grave
        else "Scores equal artefacts of their metric, perhaps by chance",
        evidence=evidence,
        remedy="Look at the confusion matrix before believing these numbers: models that know nothing reach the same.",
        rows=(
            ("score", "value", "equals", "likely cause", "seen"),
            *((one.score, fixed(one.value, 4), " = ".join(one.equals), _CAUSES[one.equals[0]], one.seen) for one in shown),
        ),
    )


def _severity(one: _Checked, simulated: bool) -> Severity:
    """Perfect scores are suspicious on real data, where people who label disagree; drawn samples may be that easy."""
    if one.equals == [_ALL]:
        return "notice" if simulated else "warning"
    return one.severity


def _binary(experiment: _Experiment) -> Iterator[Finding]:
    """What a library that takes sigmoid outputs for yes or no would have printed as accuracy.

    Keras' binary accuracy: share of (sample, class) whose output is above one half just where the class is the sample's.
    """
    _, model = next(experiment.inputs.all("model", experiment=experiment.name))  # seeds differ in their weights only
    last = model["layers"][-1]["type"] if model["layers"] else ""  # an estimator has none
    if last not in _SIGMOIDS:
        return
    labels, printed, right = experiment.labels[TEST], {}, {}
    for about, logits in experiment.inputs.all("logits", experiment=experiment.name):
        sigmoids = np.exp(logits.astype(float)) if last == "LogSigmoid" else np.asarray(logits)
        if np.allclose(sigmoids.sum(axis=1), 1, rtol=0, atol=_NORMALISED):
            return  # the mean over several views is of probabilities: the sigmoids are gone
        own = np.arange(experiment.classes) == labels[:, None]
        printed[about["seed"]] = float(((sigmoids > 0.5) == own).mean())
        right[about["seed"]] = float((logits.argmax(axis=1) == labels).mean())
    yield _flattering(f"experiment {experiment.name}", printed, right, len(labels), 1 - 1 / experiment.classes)


def _flattering(about: str, printed: Mapping[str, float], right: Mapping[str, float], n: int, artefact: float) -> Finding:
    """Binary accuracy {seed: value} beside the share of samples that are right {seed: value}."""
    told = [
        f"seed {seed}: binary accuracy {fixed(printed[seed], 3)} where {fixed(right[seed], 3)} of the samples are right"
        for seed in printed
    ]
    evidence = f"{'; '.join(told)}; outputs that all stay below one half reach {fixed(artefact, 3)}"
    empty = any(_equals(value, n, {_BINARY: artefact}) for value in printed.values())
    if not empty and all(printed[seed] <= right[seed] for seed in printed):
        return Finding(severity="ok", about=about, title="Binary accuracy does not flatter this network", evidence=evidence)
    return Finding(
        severity="warning" if empty else "notice",
        about=about,
        title="Binary accuracy, which some libraries print for sigmoids, "
        + ("is nothing but an artefact here" if empty else "would flatter this network"),
        evidence=evidence,
        remedy="Report the share of samples whose largest output is that of their class.",
    )


def _published(about: str, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Published accuracies that are (C − 1) / C to all their digits."""
    accuracies = [one for one in facts["references"] if one["metric"] == "accuracy"]
    if not accuracies:
        return
    artefact = 1 - 1 / len(facts["classes"])
    found = [one for one in accuracies if _digits(one["value"]) >= _DIGITS and _rounded(one["value"], artefact)]
    evidence = f"{count(len(found))} of {count(len(accuracies))} published accuracies equal (C − 1) / C = {fixed(artefact, 4)}"
    if not found:
        yield Finding(
            severity="ok", about=about, title="No published accuracy is a binary accuracy's artefact", evidence=evidence
        )
        return
    names = listing([f"{one['name']} ({one['value']:g}, {one['source']})" for one in found])
    yield Finding(
        severity="warning" if any(_digits(one["value"]) > _DIGITS for one in found) else "notice",
        about=about,
        title="A published accuracy looks like a binary accuracy's artefact",
        evidence=f"{evidence}: {names}; likely {_CAUSES[_BINARY]}",
        remedy="Do not compare with it before its confusion matrix is known.",
    )


def _digits(value: float) -> int:
    """Decimal places of a number as it was written."""
    return len(repr(value).partition(".")[2])


def _rounded(value: float, exact: float) -> bool:
    """Whether a number is another one, rounded to the digits it was written with."""
    return abs(value - exact) <= 0.5 * 10.0 ** -_digits(value) + _ROUNDING**2
