"""Audits of explanations in frequencies, and of networks on recordings, which are trained once a fold."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen import plugins
from reportgen.audits import (
    constant_predictions,
    contradicting_views,
    fitted_across_split,
    loss_fits_labels,
    metric_artefacts,
    muscle_gamma,
    shuffled_explanation,
    test_used_for_choosing,
    too_few_for_clusters,
    training_order,
)
from reportgen.audits._frequencies import Explanation
from reportgen.audits._smoke import WHY
from reportgen.core import TEST, TRAIN, VALIDATION, Finding
from reportgen.outputs import Inputs, Output
from reportgen.steps import gather
from tests import factories, factories_eeg
from tests.factories import of, out_in

AUDITS = ("contradicting_views", "muscle_gamma", "shuffled_explanation", "too_few_for_clusters")
CLASSES = factories_eeg.CLASSES
RAW = {"dataset": "eeg", "features": "power", "experiment": "raw"}
EXPLAINED = {**RAW, "seed": "0", "explainer": "hertz"}
BETA, GAMMA = (17.0, 25.0), (32.0, 40.0)
FOUND = {"negative": [BETA], "positive": [GAMMA]}
"""What a view finds: {class: ranges}."""
ALIKE = {"mean": 0.05, "low": -0.2, "high": 0.3}
"""Likeness of curves that have nothing in common."""
Found = Mapping[str, Sequence[tuple[float, float]]]


def views(
    found: Mapping[str, Found | None],
    *,
    control: Found | None = None,
    likeness: Mapping[str, float | None] | None = ALIKE,
    agreement: Mapping[tuple[str, str, str], float] | None = None,
    units: int = 8,
    fewest: int | None = None,
    muscles: Mapping[str, Any] | None = None,
    without_control: bool = False,
) -> dict[str, Any]:
    """As the kind `band_views`, as far as audits read it.

    Args:
        found: of each view; None: it is not defined.
        control: what each view finds in a network that was trained on shuffled labels.
        likeness: of each view's curves to those of that network.
        agreement: {(view, view, class): correlation}, 0.8 of others.
        units: subjects.
        fewest: of them have trials of a neutral class; None: all.
        muscles: see frequencies/muscles.py.
        without_control: was nothing trained on shuffled labels?
    """

    def classes(own: Found) -> list[dict[str, Any]]:
        return [
            {
                "class": name,
                "units": fewest if fewest is not None and name == "neutral" else units,
                "ranges": [{"low": low, "high": high} for low, high in own.get(name, ())],
            }
            for name in CLASSES
        ]

    held = None if without_control else {"classes": classes(control or {}), "likeness": likeness}
    defined = [view for view, own in found.items() if own is not None]
    return {
        "unit": "subject",
        "units": [str(number) for number in range(units)],
        "tested": units >= 6,
        "classes": list(CLASSES),
        "muscles": muscles,
        "views": [
            {"view": view, "defined": True, "why": "", "classes": classes(own), "control": held}
            if own is not None
            else {"view": view, "defined": False, "why": "no signals", "classes": [], "control": None}
            for view, own in found.items()
        ],
        "agreement": [
            {"first": a, "second": b, "class": name, "correlation": near((agreement or {}).get((a, b, name), 0.8))}
            for place, a in enumerate(defined)
            for b in defined[place + 1 :]
            for name in CLASSES
        ],
    }


def near(mean: float, half: float = 0.1) -> dict[str, float]:
    """A mean and its interval."""
    return {"mean": mean, "low": mean - half, "high": mean + half}


def explained(folder: Path, found: Mapping[str, Any], *more: Output) -> Inputs:
    """Of a step that explains in frequencies."""
    out = out_in(folder, "explain")
    out.json("band_views", found)
    return Inputs([*of(out, **EXPLAINED), *more])


def only(findings: Any) -> Finding:
    (finding,) = findings
    return finding  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    """Six people, two features of what was recorded, and two folds."""
    folder = tmp_path_factory.mktemp("recorded")
    made = factories_eeg.recordings(folder)
    made += factories_eeg.featured(folder, made, "psd") + factories_eeg.featured(folder, made, "amplitude", name="other")
    return made + factories_eeg.divided(folder, made, "raw", "kfold", by="subject", folds=2)


@pytest.fixture(scope="module")
def good(recorded: list[Output], tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    return networks(tmp_path_factory.mktemp("good"), recorded)


def test_what_is_not_explained_in_frequencies_is_none_of_their_business(good: list[Output], tmp_path: Path) -> None:
    for given in (factories.study(tmp_path), good):
        assert not [finding for name in AUDITS for finding in plugins.verb("audit", name)(Inputs(given))]


@pytest.mark.parametrize("name", AUDITS)
def test_a_clean_explanation_is_clean(name: str, good: list[Output], tmp_path: Path) -> None:
    quiet = {"temporal": ["T7"], "low_pass": 45.0, "loss": {"low_pass": near(0.0), "without_temporal": near(0.0)}, "gamma": []}
    agreed = views({"gradient": FOUND, "stop": FOUND, "swap": FOUND}, muscles=quiet)
    found = list(plugins.verb("audit", name)(explained(tmp_path, agreed, *good)))
    assert [(one.severity, one.about, one.remedy) for one in found] == [("ok", "experiment raw", "")]
    assert found[0].evidence.startswith("hertz")


@pytest.mark.parametrize(
    ("fault", "severity"),
    [
        ({}, "ok"),
        ({"control": {"neutral": [(8.0, 12.0)]}}, "warning"),
        ({"likeness": near(0.75, 0.4)}, "warning"),
        ({"likeness": near(0.62)}, "warning"),
        ({"likeness": near(0.55)}, "ok"),
        ({"likeness": near(0.65, 0.2)}, "ok"),
        ({"likeness": near(-0.9)}, "ok"),
        ({"likeness": None}, "notice"),
        ({"without_control": True}, "notice"),
        ({"units": 4, "likeness": {"mean": 0.1, "low": None, "high": None}}, "notice"),
        ({"units": 4, "likeness": {"mean": 0.9, "low": None, "high": None}}, "warning"),
    ],
)
def test_network_that_was_trained_on_shuffled_labels(tmp_path: Path, fault: dict[str, Any], severity: str) -> None:
    """Ranges, half of the variation shared, surely a quarter of it, and less; not known, not tried, and too few people."""
    found = only(shuffled_explanation.inspect(explained(tmp_path, views({"gradient": FOUND, "swap": FOUND}, **fault))))
    assert (found.severity, found.about, bool(found.remedy)) == (severity, "experiment raw", severity != "ok")
    if severity == "warning":
        assert found.title.endswith("the same curves too: gradient and swap")
        assert [row[0] for row in found.rows] == ["view", "gradient", "swap"]


def test_only_views_that_show_the_data_are_named(tmp_path: Path) -> None:
    """What feature maps pass differs between classes whatever was learned; the intervention knows better."""
    both = views({"stop": FOUND, "swap": FOUND})
    both["views"][0]["control"] = {"classes": both["views"][0]["classes"], "likeness": near(0.9)}
    found = only(shuffled_explanation.inspect(explained(tmp_path, both)))
    assert found.title.endswith(": stop")
    assert found.rows[1:] == (("stop", "negative 17–25\xa0Hz; positive 32–40\xa0Hz", "0.90 [0.80, 1.00]"),)


def test_what_the_data_hold_is_not_held_against_the_network(tmp_path: Path) -> None:
    both = views({"passes": FOUND, "swap": FOUND})
    both["views"][0]["control"] = {"classes": both["views"][0]["classes"], "likeness": {"mean": 0.99, "low": 0.98, "high": 1.0}}
    found = only(shuffled_explanation.inspect(explained(tmp_path, both)))
    assert found.severity == "ok"


@pytest.mark.parametrize(("accuracy", "warned"), [(0.8, False), (0.3, True)])
def test_explanation_of_a_network_that_learned_nothing(
    recorded: list[Output], tmp_path: Path, accuracy: float, warned: bool
) -> None:
    given = explained(tmp_path, views({"swap": FOUND}), *networks(tmp_path, recorded, accuracy=accuracy))
    first, *more = shuffled_explanation.inspect(given)
    assert first.severity == "ok"
    assert [one.title for one in more] == ["What hertz explains has learned nothing for sure"] * warned
    assert all(one.severity == "warning" and "baseline" in one.evidence for one in more)


def test_smoke_training_is_a_notice_at_most(recorded: list[Output], tmp_path: Path) -> None:
    faulty = views({"gradient": {"negative": [BETA]}, "swap": {"negative": [GAMMA]}}, control=FOUND)
    given = explained(tmp_path, faulty, *networks(tmp_path, recorded, accuracy=0.3, smoke=True))
    found = [*shuffled_explanation.inspect(given), *contradicting_views.inspect(given)]
    assert [one.severity for one in found] == ["notice"] * 3
    assert all(one.evidence.endswith(WHY) for one in found)


@pytest.mark.parametrize(
    ("second", "severity"),
    [
        (FOUND, "ok"),
        ({"negative": [(24.0, 30.0)], "positive": [GAMMA]}, "ok"),
        ({"negative": [(25.5, 30.0)], "positive": [GAMMA]}, "ok"),
        ({"negative": [(27.0, 30.0)], "positive": [GAMMA]}, "warning"),
        ({"negative": [(27.0, 30.0), (10.0, 18.0)], "positive": [GAMMA]}, "ok"),
        ({"negative": [BETA]}, "notice"),
        ({"negative": [(5.0, 9.0)]}, "warning"),
        ({}, "notice"),
    ],
)
def test_ranges_of_two_views(tmp_path: Path, second: Found, severity: str) -> None:
    """The same, overlapping, next to each other, apart, one of two apart, one missing, one apart and one missing, none."""
    found = only(contradicting_views.inspect(explained(tmp_path, views({"gradient": FOUND, "passes": None, "stop": second}))))
    assert found.severity == severity
    if severity == "warning":
        assert found.rows[0] == ("class", "gradient", "stop")
        assert [row[:2] for row in found.rows[1:]] == [("negative", "17–25\xa0Hz")]
        apart = "2" if second["negative"][0][0] == 27 else "8"
        assert f"negative: ranges of gradient and stop are {apart}\xa0Hz apart" in found.evidence


@pytest.mark.parametrize(("name", "severity"), [("negative", "warning"), ("neutral", "ok")])
def test_curves_that_fall_where_others_rise(tmp_path: Path, name: str, severity: str) -> None:
    """Of a class without any range nothing is claimed, and nothing contradicted."""
    against = {("gradient", "stop", name): -0.5}
    inputs = explained(tmp_path, views({"gradient": FOUND, "stop": FOUND}, agreement=against))
    found = only(contradicting_views.inspect(inputs))
    assert found.severity == severity
    assert ("negative: the curves of gradient and stop correlate by −0.50 [−0.60, −0.40]" in found.evidence) == (
        severity == "warning"
    )


def test_views_that_find_nothing_do_not_contradict_each_other(tmp_path: Path) -> None:
    found = only(contradicting_views.inspect(explained(tmp_path, views({"gradient": {}, "stop": {}}))))
    assert (found.severity, found.title) == ("ok", "No view finds a range: none contradicts another")


@pytest.mark.parametrize(
    ("fault", "evidence"),
    [
        ({"found": {"gradient": {}, "stop": {}}, "units": 5}, "gradient and stop show curves over 5 subjects, without a test"),
        ({"found": {"gradient": FOUND, "stop": None}}, "gradient alone; stop: no signals"),
        ({"found": {"gradient": None}}, "no view alone; gradient: no signals"),
    ],
)
def test_nothing_is_said_of_agreement_without_a_test(tmp_path: Path, fault: dict[str, Any], evidence: str) -> None:
    found = only(contradicting_views.inspect(explained(tmp_path, views(**fault))))
    assert found.severity == "notice" and evidence in found.evidence and "agree on" not in found.title


@pytest.mark.parametrize(
    ("fault", "severity", "evidence"),
    [
        ({"units": 6}, "ok", "over 6 subjects: the smallest p of 3 classes is 0.047; 6 subjects are needed"),
        ({"units": 5}, "notice", "smallest p of 3 classes is 0.094"),
        ({"units": 1}, "warning", "over 1 subject: the smallest p of 3 classes is 1.000"),
        ({"units": 5, "found": {"swap": FOUND}}, "warning", "0.094"),
        ({"fewest": 4}, "notice", "neutral has 4"),
    ],
)
def test_units_of_cluster_statistics(tmp_path: Path, fault: dict[str, Any], severity: str, evidence: str) -> None:
    """Three classes over 2⁻⁶ are below 0.05; ranges of fewer people cannot be."""
    found = only(too_few_for_clusters.inspect(explained(tmp_path, views(**{"found": {"swap": {}}, **fault}))))
    assert found.severity == severity and evidence in found.evidence


def test_more_classes_take_more_people(tmp_path: Path) -> None:
    """Four over 2⁻⁶ are 0.0625: six people, enough for an interval, can show no range."""
    found = views({"swap": {}}, units=6) | {"classes": ["a", "b", "c", "d"], "tested": False}
    finding = only(too_few_for_clusters.inspect(explained(tmp_path, found)))
    assert finding.severity == "notice" and "is 0.062; 7 subjects are needed" in finding.evidence


def test_smallest_p_is_that_of_the_ranges() -> None:
    """The audit asks for as many units as the statistics."""
    from reportgen.frequencies.ranges import testable

    for classes in (2, 3, 4, 7, 20):
        rows = [{"class": str(one), "units": 64, "ranges": []} for one in range(classes)]
        view = {"view": "swap", "defined": True, "classes": rows}
        for units in range(1, 12):
            found = {"unit": "subject", "units": ["x"] * units, "classes": [row["class"] for row in rows], "views": [view]}
            told = too_few_for_clusters._finding(Explanation("raw", "hertz", found, False))
            assert (told.severity == "ok") == testable(units, classes)


def muscled(effect: float, left: float | None, lost: float | None, units: int = 8) -> dict[str, Any]:
    gamma = {"effect": near(effect), "low_pass": None, "without_temporal": None if left is None else near(left)}
    loss = {"low_pass": None if lost is None else near(lost, 0.02), "without_temporal": near(0.3)}
    muscles = {"temporal": ["T7", "T8"], "low_pass": 45.0, "loss": loss, "gamma": [{"class": "positive", **gamma}]}
    return views({"stop": FOUND}, muscles=muscles, units=units)


@pytest.mark.parametrize(
    ("effect", "left", "lost", "severity", "title"),
    [
        (0.5, 0.4, 0.01, "ok", "Gamma that the network uses survives the low-pass, and without temporal electrodes"),
        (0.5, 0.05, 0.01, "warning", "What the network does with gamma may be muscle"),
        (0.5, None, 0.01, "warning", "What the network does with gamma may be muscle"),
        (0.05, 0.0, 0.01, "ok", "The network needs no gamma"),
        (0.5, 0.4, 0.1, "warning", "What the network does with gamma may be muscle"),
        (0.05, 0.0, None, "ok", "The network needs no gamma"),
    ],
)
def test_gamma_that_may_be_muscle(
    tmp_path: Path, effect: float, left: float | None, lost: float | None, severity: str, title: str
) -> None:
    """It survives, goes with the ring, cannot be tried, is not used, goes with the low-pass, which cannot be tried."""
    found = only(muscle_gamma.inspect(explained(tmp_path, muscled(effect, left, lost))))
    assert (found.severity, found.title) == (severity, title)
    assert ("T7 and T8" in found.remedy) == (severity == "warning")
    assert len(found.rows) == (2 if severity == "warning" and left != 0.4 else 0)


def test_muscles_and_few_people(tmp_path: Path) -> None:
    found = only(muscle_gamma.inspect(explained(tmp_path, muscled(0.5, 0.0, 0.1, units=3))))
    assert found.severity == "notice" and "over 3 subjects" in found.evidence


def networks(
    folder: Path,
    recorded: Sequence[Output],
    *,
    accuracy: float = 0.8,
    smoke: bool = False,
    constant: int | None = None,
    constant_fold: int | None = None,
    courses: Mapping[int, Sequence[float]] | None = None,
    order: str = "shuffled",
    beyond: int = 0,
    seeds: Sequence[int] = (0, 1),
) -> list[Output]:
    """Recordings, and a network on one of their features, trained for each of two folds and on shuffled labels.

    Args:
        folder: to write into.
        recorded: recordings, features and folds.
        accuracy: share of each fold's samples that are recognised.
        smoke: was it only tried?
        constant: class that the networks name for each sample.
        constant_fold: the only fold whose network does so.
        courses: {fold: accuracy of each epoch}, of both parts.
        order: in which training samples were taken.
        beyond: training samples that are said to have been used, above those that there are.
        seeds: of the trainings.
    """
    made = list(recorded)
    inputs = Inputs(factories_eeg._own(made, "eeg", "power", "raw"))
    labels, parts = np.asarray(inputs.one("labels")), np.atleast_2d(inputs.one("parts"))
    for seed in seeds:
        folds = []
        for fold, own in enumerate(parts):
            out = out_in(folder, f"train raw {fold} {seed}")
            _history(out, own, (courses or {}).get(fold, (0.4, 0.6)), order=order, smoke=smoke, beyond=beyond)
            said = constant if constant_fold in (None, fold) else None
            for kind, part in (("fold_logits", TEST), ("fold_validation_logits", VALIDATION)):
                values = factories_eeg._logits(labels[own == part], accuracy, [seed, fold], said)
                out.array(kind, values, ("sample", "class"))
            out.json("looks", {"test": 1, "by": ["answer"]})
            folds += of(out, **RAW, fold=str(fold), seed=str(seed))
        out = out_in(folder, f"evaluate raw {seed}")
        given = [*[output for output in made if output.about == RAW], *folds]
        gather.run(Inputs(given), out, None)
        made += [*folds, *of(out, **RAW, seed=str(seed))]
    return [*made, *_controls(folder, parts), *_scored(folder, made)]


def _history(out: Any, own: np.ndarray, course: Sequence[float], *, order: str, smoke: bool, beyond: int = 0) -> None:
    """And model, as networks on features leave them."""
    reached = [{"train_accuracy": value, "validation_accuracy": value} for value in course]
    losses = {"learning_rate": 0.1, "train_loss": 1.0, "validation_loss": 1.0}
    rows = [{"epoch": number, **losses, **row} for number, row in enumerate(reached, 1)]
    used = {"train": int((own == TRAIN).sum()) + beyond, "validation": int((own == VALIDATION).sum())}
    scale: dict[str, Any] = {"standardise": {"over": "sample", "numbers": 30}, "levels": None}
    how = {"chosen": len(rows), "chosen_by": "validation_loss", "stopped": None, "loss": "cross_entropy"}
    out.json("history", {"epochs": rows, **how, "smoke": smoke, "order": order, "samples": used, **scale})
    layers = [{"name": "head", "type": "Linear", "shape": [3], "parameters": 93}]
    out.json("model", {"id": "linear", "settings": {}, "trainable": 93, "buffers": 0, "layers": layers})


def _controls(folder: Path, parts: np.ndarray) -> list[Output]:
    """Networks that were trained on shuffled labels: of no experiment."""
    made = []
    for fold, own in enumerate(parts):
        out = out_in(folder, f"train raw {fold} shuffle 0")
        _history(out, own, (0.3, 0.3), order="stored", smoke=False, beyond=99)
        about = {key: value for key, value in RAW.items() if key != "experiment"}
        made += of(out, **about, control="raw", fold=str(fold), shuffle="0")
    return made


def _scored(folder: Path, made: Sequence[Output]) -> list[Output]:
    """With the histories, which say whether a training was a smoke one."""
    outputs = factories_eeg.scored(folder, made, "raw")
    path = next(output.path for output in outputs if output.kind == "scores")
    smoke = any(history["smoke"] for _, history in Inputs(made).all("history", experiment="raw"))
    path.write_text(path.read_text().replace('"smoke": false', f'"smoke": {str(smoke).lower()}'))
    return outputs


ON_NETWORKS = (
    constant_predictions,
    fitted_across_split,
    loss_fits_labels,
    metric_artefacts,
    test_used_for_choosing,
    training_order,
)


def test_networks_in_folds_are_clean(good: list[Output]) -> None:
    """What was trained on shuffled labels is no experiment: its faults are none."""
    inputs = Inputs(good)
    for audit in ON_NETWORKS:
        found = list(audit.inspect(inputs))
        assert [(one.severity, one.about) for one in found] == [("ok", "experiment raw")], audit
    assert only(test_used_for_choosing.inspect(inputs)).evidence.endswith("one by each of 4 trained models")
    scaled = only(fitted_across_split.inspect(inputs))
    assert scaled.evidence == "4 models, features scaled by those of the training part"


def test_a_network_that_used_more_than_its_fold_has(recorded: list[Output], tmp_path: Path) -> None:
    found = only(fitted_across_split.inspect(Inputs(networks(tmp_path, recorded, beyond=5))))
    assert found.severity == "error" and "first fold 0: 47 train samples of 42" in found.evidence


def test_unshuffled_networks_see_one_trial_after_another(recorded: list[Output], tmp_path: Path) -> None:
    """Windows of a trial follow each other, and trials of classes take turns: runs of two samples, the same in both folds."""
    found = only(training_order.inspect(Inputs(networks(tmp_path, recorded, order="stored"))))
    assert found.severity in ("warning", "error") and "runs of one class" in found.evidence


def test_a_constant_network_of_one_fold(recorded: list[Output], tmp_path: Path) -> None:
    """Its own validation predictions say so; together with those of the other fold they vary."""
    stuck = {1: (1 / 3, 1 / 3, 1 / 3)}
    found = only(
        metric_artefacts.inspect(Inputs(networks(tmp_path, recorded, constant=0, constant_fold=1, courses=stuck, seeds=(0,))))
    )
    assert found.severity == "warning"
    assert {row[0] for row in found.rows[1:]} >= {"train accuracy of 3 epochs, seed 0, fold 1"}
    assert not any("fold 0" in row[0] for row in found.rows)
    vary = metric_artefacts.inspect(Inputs(networks(tmp_path / "vary", recorded, courses=stuck, seeds=(0,))))
    assert only(vary).severity == "notice"


def test_two_of_three_are_no_artefact_of_a_fold(recorded: list[Output], tmp_path: Path) -> None:
    """Of a handful of windows an honest network may well recognise so many in most epochs."""
    assert (
        only(metric_artefacts.inspect(Inputs(networks(tmp_path, recorded, courses={0: (2 / 3, 2 / 3, 2 / 3)})))).severity
        == "ok"
    )


def test_networks_that_always_say_the_same(recorded: list[Output], tmp_path: Path) -> None:
    assert only(constant_predictions.inspect(Inputs(networks(tmp_path, recorded, constant=1)))).severity == "error"
