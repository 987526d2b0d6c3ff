"""Every audit finds its planted fault, and says that a clean study is clean."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen import plugins
from reportgen.audits import (
    constant_predictions,
    constant_samples,
    explanation_above_controls,
    identical_samples,
    lime_superpixels,
    loss_fits_labels,
    metric_artefacts,
    published_counts,
    score_above_baseline,
    test_used_for_choosing,
    training_order,
    tuning_saw_test,
    validation_above_test,
)
from reportgen.audits._smoke import WHY
from reportgen.core import TEST, TRAIN, VALIDATION, Finding, Reference
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import audit
from reportgen.words import percent
from tests import factories

Study = Callable[..., Inputs]
Faults = dict[str, Any]  # keywords of a factory


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of one experiment; `training`, `search`, `lime` and `judging` are faults to plant, the rest is of `data_set`."""

    def make(
        *,
        seeds: Sequence[int] = (0,),
        training: Faults | None = None,
        search: Faults | None = None,
        lime: Faults | None = None,
        judging: Faults | None = None,
        **data: Any,
    ) -> Inputs:
        outputs = factories.data_set(tmp_path, **data)
        outputs += factories.divided(tmp_path, outputs)
        outputs += [o for s in seeds for o in factories.trained(tmp_path, outputs, seed=s, **training or {})]
        outputs += factories.scored(tmp_path, outputs)
        outputs += factories.tuned(tmp_path, outputs, **search or {})
        shown = [*factories.explained(tmp_path, outputs, **lime or {}), *factories.judged(tmp_path, outputs, **judging or {})]
        return Inputs([*outputs, *shown])

    return make


SEVEN = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def only(findings: Any) -> Finding:
    (finding,) = findings
    return finding


AUDITS = (
    "constant_predictions",
    "constant_samples",
    "explanation_above_controls",
    "identical_samples",
    "lime_superpixels",
    "loss_fits_labels",
    "metric_artefacts",
    "published_counts",
    "score_above_baseline",
    "test_used_for_choosing",
    "training_order",
    "tuning_saw_test",
    "validation_above_test",
)


@pytest.mark.parametrize("name", AUDITS)
def test_clean_study_is_clean(name: str, study: Study, tmp_path: Path) -> None:
    """With what stands in NEEDS and no more, through the step, as JSON."""
    published = {part: dict.fromkeys(factories.CLASSES, n) for part, n in (("train", 60), ("test", 20))}
    inputs = study(seeds=(0, 1), published=published)
    needed = {*plugins.constant(plugins.path_of("audit", name), "NEEDS"), "facts"}
    given = Inputs([output for output in inputs._outputs if output.kind in needed])
    out = factories.out_in(tmp_path, name)
    audit.run(given, out, None, use=name, settings=plugins.settings("audit", name)().model_dump(mode="json"))
    found = json.loads((out.folder / "findings.json").read_text())
    assert found and {finding["severity"] for finding in found} == {"ok"}
    assert all(finding["evidence"] and not finding["remedy"] for finding in found)


def test_identical_samples_across_parts(study: Study) -> None:
    """Copies keep the label that stands at their place: every third sample has the same."""
    train = 60  # index of the first training sample
    inputs = study(copies=((train, 0), (train + 1, 1), (train + 4, train + 7), (3, 6)))
    across, labels, tested = identical_samples.inspect(inputs)
    assert (across.severity, labels.severity, tested.severity) == ("warning", "ok", "warning")
    assert across.title == "Identical samples lie in more than one part"
    assert across.evidence == "4 groups of identical samples hold 8 of 240; 2 groups lie in more than one part"
    assert set(across.rows[1:]) == {("within test", "1", "2"), ("within train", "1", "2"), ("test and train", "2", "4")}
    assert tested.about == "experiment small"
    assert tested.evidence.startswith("2 of 60 test samples")


def test_identical_samples_within_a_part_are_a_notice(study: Study) -> None:
    across, _, tested = identical_samples.inspect(study(copies=((3, 6),)))
    assert (across.severity, tested.severity) == ("notice", "ok")


def test_identical_samples_with_different_labels(study: Study) -> None:
    inputs = study(copies=((60, 64), (60, 63), (70, 71)))  # labels 0, 1, 0 and 1, 2
    _, labels, _ = identical_samples.inspect(inputs)
    assert labels.severity == "warning"
    assert labels.evidence == "2 groups have several labels: at least 2 of 5 samples in them are labelled wrongly"
    assert ("row 60, row 63 and row 64", "angry, angry and happy") in labels.rows
    _, fewer, _ = identical_samples.inspect(inputs, examples=1)
    assert len(fewer.rows) == 2


def test_constant_samples(study: Study) -> None:
    found = only(constant_samples.inspect(study(blank=(5, 100))))
    assert found.severity == "warning"
    assert found.evidence == "2 of 240 samples are constant, 0 more nearly so"
    assert found.rows[1:] == (("row 5", "test", "sad", "0"), ("row 100", "train", "happy", "0"))


def test_nearly_constant_samples(tmp_path: Path) -> None:
    outputs = factories.data_set(tmp_path)
    path = next(o.path for o in outputs if o.kind == "samples")
    faint = Inputs(outputs).one("samples").copy()
    faint[9] = 100
    faint[9, 0, 0] = 101  # one grey level in one pixel
    Out(path.parent).array("samples", faint, ("sample", "row", "column"))
    found = only(constant_samples.inspect(Inputs(outputs)))
    assert (found.severity, found.evidence) == ("notice", "0 of 240 samples are constant, 1 more nearly so")
    assert only(constant_samples.inspect(Inputs(outputs), nearly=0)).severity == "ok"


def test_published_counts(study: Study) -> None:
    published = {
        "train": {"angry": 60, "happy": 61, "sad": 60},
        "validation": dict.fromkeys(factories.CLASSES, 5),
    }
    found = only(published_counts.inspect(study(published=published)))
    assert found.severity == "warning"
    assert found.rows[1:] == (("train", "happy", "61", "60"),)
    assert "240 samples found, 196 published" in found.evidence
    assert "validation is missing" in found.evidence
    assert "test is not published" in found.evidence


def test_segments_are_counted_and_not_their_emotions(study: Study) -> None:
    """A rated segment has several emotions: their sum is no number of segments."""
    outputs = study()
    facts = {**outputs.one("facts"), "videos": 60, "n": 100}

    class Rated:
        def all(self, kind: str) -> list[tuple[dict[str, str], Any]]:
            return [({"dataset": "spoken"}, facts)] if kind == "facts" else []

    assert only(published_counts.inspect(Rated())).evidence == "100 segments found"


def test_published_counts_without_any(study: Study) -> None:
    found = only(published_counts.inspect(study()))
    assert (found.severity, found.title) == ("ok", "There are no published counts to compare with")


@pytest.mark.parametrize(
    ("training", "title", "evidence"),
    [
        ({"chosen_by": "test_accuracy"}, "The model was chosen on the test part", "epoch chosen by test_accuracy"),
        ({"looks": 12}, "The test part was looked at more than once", "seed 0: 12 times, by evaluate"),
    ],
)
def test_test_part_used_for_choosing(study: Study, training: dict[str, Any], title: str, evidence: str) -> None:
    found = only(test_used_for_choosing.inspect(study(training=training, seeds=(0, 1))))
    assert (found.severity, found.about, found.title) == ("error", "experiment small", title)
    assert evidence in found.evidence


def test_last_epoch_is_no_choice(study: Study) -> None:
    assert only(test_used_for_choosing.inspect(study(training={"chosen_by": "last"}))).severity == "ok"


def test_constant_predictions(study: Study) -> None:
    found = only(constant_predictions.inspect(study(training={"constant": 2}, seeds=(0, 1))))
    assert (found.severity, found.title) == ("error", "Every prediction is the same")
    assert f"{percent(1)} of 60 predictions are sad" in found.evidence
    assert "never predicted: angry and happy" in found.evidence
    assert "entropy 0.00 bits, of the labels 1.58" in found.evidence
    assert percent(2 / 3) in found.remedy


def test_constant_predictions_of_one_seed(study: Study, tmp_path: Path) -> None:
    """The seed that failed is reported, not the mean."""
    sound = study(seeds=(0, 1))
    failed = factories.trained(tmp_path / "again", sound._outputs, seed=2, constant=0)
    found = only(constant_predictions.inspect(Inputs([*sound._outputs, *failed])))
    assert found.severity == "error" and found.evidence.startswith("seed 2:")


def test_nearly_constant_predictions(tmp_path: Path) -> None:
    """55 of 60 for one class; with a higher limit that is none."""
    outputs = factories.data_set(tmp_path)
    outputs += factories.divided(tmp_path, outputs)
    outputs += factories.trained(tmp_path, outputs, constant=0)
    path = next(o.path for o in outputs if o.kind == "logits")
    logits = Inputs(outputs).one("logits").copy()
    logits[:5, 1] = 9
    Out(path.parent).array("logits", logits, ("sample", "class"))
    found = only(constant_predictions.inspect(Inputs(outputs)))
    assert (found.severity, found.title) == ("warning", "Nearly all predictions are the same")
    assert only(constant_predictions.inspect(Inputs(outputs), share=0.95)).severity == "ok"


@pytest.mark.parametrize(("accuracy", "severity"), [(0.0, "error"), (0.36, "warning"), (0.8, "ok")])
def test_score_above_baseline(study: Study, accuracy: float, severity: str) -> None:
    found = only(score_above_baseline.inspect(study(training={"accuracy": accuracy})))
    assert found.severity == severity
    assert "always angry 0.333, chance 0.333" in found.evidence


def test_score_above_baseline_on_twin_free_samples(study: Study) -> None:
    both = list(score_above_baseline.inspect(study(copies=((60, 0),))))
    assert [finding.title for finding in both] == [
        "The accuracy is above its baseline",
        "The accuracy is above its baseline on twin-free samples",
    ]


def test_constant_model_is_not_above_its_baseline(study: Study) -> None:
    found = only(score_above_baseline.inspect(study(training={"constant": 0})))
    assert found.severity == "warning"


def test_few_groups_cannot_be_told_from_the_baseline(study: Study) -> None:
    inputs = study(parts={"test": 2, "train": 20}, copies=((0, 3),), training={"accuracy": 1.0})
    found = only(score_above_baseline.inspect(inputs))
    assert (found.severity, found.title) == ("notice", "The accuracy cannot be told from its baseline by so few groups")


def test_validation_above_test(study: Study) -> None:
    training = {"accuracy": 0.5, "validation_accuracy": 0.95}
    inputs = study(parts={"test": 40, "train": 300}, training=training)
    found = only(validation_above_test.inspect(inputs))
    assert found.severity == "warning"
    assert "accuracy 0.956 on 90 validation samples, 0.500 on 120 test samples; p < 0.001" in found.evidence
    assert only(validation_above_test.inspect(inputs, gap=0.5)).severity == "ok"


@pytest.mark.parametrize(("validation", "test"), [(0.83, 0.8), (0.5, 0.95), (1.0, 1.0)])
def test_validation_not_far_above_test(study: Study, validation: float, test: float) -> None:
    """Nearly equal; below; and all right, where the test statistic is 0 / 0."""
    training = {"accuracy": test, "validation_accuracy": validation}
    assert only(validation_above_test.inspect(study(training=training))).severity == "ok"


@pytest.mark.parametrize(
    ("verb", "training"),
    [
        (test_used_for_choosing.inspect, {"looks": 5}),
        (constant_predictions.inspect, {"constant": 1}),
        (score_above_baseline.inspect, {"accuracy": 0.0}),
        (validation_above_test.inspect, {"accuracy": 0.0, "validation_accuracy": 1.0}),
        (training_order.inspect, {"order": "by_class"}),
        (loss_fits_labels.inspect, {"loss": "binary_cross_entropy"}),
        (metric_artefacts.inspect, {"constant": 0}),
    ],
)
def test_smoke_training_is_a_notice_at_most(study: Study, verb: Callable[..., Any], training: dict[str, Any]) -> None:
    found = only(verb(study(training={**training, "smoke": True})))
    assert found.severity == "notice"
    assert found.evidence.endswith(WHY)


def test_unshuffled_training_is_a_warning(study: Study) -> None:
    """The classes of the factory take turns: more runs than by chance, and no class is forgotten."""
    found = only(training_order.inspect(study(training={"order": "stored"}, seeds=(0, 1))))
    assert (found.severity, found.title) == ("warning", "The training samples were not shuffled")
    assert "the longest of" in found.evidence and "z = −" not in found.evidence


def test_unshuffled_training_on_sorted_labels_is_an_error(study: Study) -> None:
    """180 training samples less 18 for validation are 54 of each of three classes: 1 + 162 · 2 / 3 runs are expected."""
    found = only(training_order.inspect(study(training={"order": "stored"}, by_class=True)))
    assert (found.severity, found.title) == ("error", "The network was trained on one class after another")
    assert "3 runs of one class, 109.0 expected of a random order" in found.evidence
    assert "the longest of 54 samples" in found.evidence


def test_training_class_by_class_is_an_error_however_samples_are_stored(study: Study) -> None:
    found = only(training_order.inspect(study(training={"order": "by_class"})))
    assert found.severity == "error" and "3 runs of one class" in found.evidence


def test_shuffled_training_on_sorted_labels_is_no_fault(study: Study) -> None:
    found = only(training_order.inspect(study(by_class=True)))
    assert found.severity == "ok" and "3 runs of one class" in found.evidence


def test_nearly_sorted_labels_are_an_error_and_slightly_sorted_ones_are_none(study: Study, tmp_path: Path) -> None:
    """Sorted but for every tenth sample, and at random but for three blocks of ten."""
    rng, inputs = np.random.default_rng(3), study(training={"order": "stored"}, by_class=True)
    stored = np.array(inputs.one("labels"))
    scattered = stored.copy()
    tenth = np.arange(0, len(stored), 10)
    scattered[tenth] = rng.permutation(stored[tenth])
    mixed = rng.permutation(stored)
    mixed[100:130] = np.repeat([0, 1, 2], 10)
    path = next(o.path for o in inputs._outputs if o.kind == "labels")
    severities = []
    for labels in (scattered, mixed):
        Out(path.parent).array("labels", labels, ("sample",))
        severities.append(only(training_order.inspect(inputs)).severity)
    assert severities == ["error", "warning"]


def test_runs_are_expected_and_vary_as_over_all_orders() -> None:
    """Mean and variance of the number of runs, against every order of seven labels of three classes."""
    labels = (0, 0, 0, 1, 1, 2, 2)
    counts = [1 + np.count_nonzero(np.diff(order)) for order in permutations(labels)]
    runs = training_order._runs(np.array(labels))
    assert runs.expected == pytest.approx(np.mean(counts))
    assert runs.z == pytest.approx((3 - np.mean(counts)) / np.std(counts))


@pytest.mark.parametrize(
    ("training", "title"),
    [
        ({"sigmoid": True}, "The outputs are sigmoids, though each sample has one label"),
        (
            {"sigmoid": True, "loss": "binary_cross_entropy"},
            "The loss treats classes that exclude each other as independent",
        ),
    ],
)
def test_loss_that_does_not_fit_the_labels(study: Study, training: dict[str, Any], title: str) -> None:
    found = only(loss_fits_labels.inspect(study(training=training, seeds=(0, 1))))
    assert (found.severity, found.title) == ("warning", title)
    assert found.evidence.startswith("3 classes, one label a sample; last layer LogSigmoid, loss ")


def artefacts(inputs: Inputs) -> tuple[Finding, dict[str, tuple[str, ...]]]:
    """The one finding of metric_artefacts, and its rows by the name of the score."""
    found = only(metric_artefacts.inspect(inputs))
    return found, {row[0]: row[1:] for row in found.rows[1:]}


def test_score_of_one_class_named_for_all(study: Study) -> None:
    found, rows = artefacts(study(training={"constant": 1}))
    assert (found.severity, found.title) == ("warning", "Scores look like artefacts of their metric")
    assert set(rows) == {
        "accuracy on the test part, seed 0",
        "balanced accuracy on the test part, seed 0",
        "accuracy on the validation part, seed 0",
    }
    value, equals, cause, seen = rows["accuracy on the test part, seed 0"]
    assert (value, seen) == ("0.3333", f"{percent(1)} of its predictions are for the class it names most")
    assert equals == "1 / C = the share of the largest class"
    assert cause == "one class named for all of equally frequent ones, or guesses"


def test_score_equal_to_an_artefact_by_chance_is_a_notice(study: Study) -> None:
    """40 of 60 test samples are right, which is (C − 1) / C, but of all classes."""
    training = {"accuracy": 2 / 3, "validation_accuracy": 0.8, "epochs": (0.7, 0.8)}
    found, rows = artefacts(study(training=training))
    assert (found.severity, found.title) == ("notice", "Scores equal artefacts of their metric, perhaps by chance")
    assert rows["accuracy on the test part, seed 0"][1] == "(C − 1) / C"
    assert rows["accuracy on the test part, seed 0"][3].startswith(percent(23 / 60))


def test_score_one_sample_beside_an_artefact_is_none(study: Study) -> None:
    training = {"accuracy": 41 / 60, "validation_accuracy": 0.8, "epochs": (0.7, 0.8)}
    assert artefacts(study(training=training))[0].severity == "ok"


def test_courses_of_a_constant_network_are_artefacts(study: Study) -> None:
    found, rows = artefacts(study(training={"constant": 2, "epochs": (1 / 3, 1 / 3, 1 / 3)}))
    assert found.severity == "warning"
    assert "validation accuracy of 3 epochs, seed 0" in rows


@pytest.mark.parametrize(("restricted", "severity"), [(True, "warning"), (False, "notice")])
def test_perfect_score_is_suspicious_on_real_data(study: Study, restricted: bool, severity: str) -> None:
    """Data that may not be shown are not simulated here. Training samples that are all right are no artefact."""
    training = {"accuracy": 1.0, "validation_accuracy": 0.9, "epochs": (0.9, 0.9)}
    found, rows = artefacts(study(training=training, restricted=restricted))
    assert found.severity == severity
    assert {row[1] for row in rows.values()} == {"1"}
    assert "read off the samples" in rows["accuracy on the test part, seed 0"][2]


@pytest.mark.parametrize(
    ("epochs", "severity"),
    [
        ((2 / 3, 2 / 3, 2 / 3), "warning"),
        ((2 / 3, 2 / 3, 0.8), "notice"),
        ((1 / 3, 1 / 3, 1 / 3), "notice"),
        ((1 / 3, 2 / 3, 0.8), "ok"),
        ((2 / 3, 2 / 3), "ok"),
    ],
)
def test_epochs_that_stay_at_an_artefact(study: Study, epochs: tuple[float, ...], severity: str) -> None:
    """Stuck, freed, at chance as any network that knows nothing, in passing, and two epochs that are no course.

    The last epoch is chosen, and the predictions vary in the end.
    """
    found, rows = artefacts(study(training={"epochs": epochs}))
    assert found.severity == severity
    if severity != "ok":
        _, equals, cause, seen = rows["train accuracy of 3 epochs, seed 0"]
        binary = epochs[0] > 0.5
        assert equals == ("(C − 1) / C" if binary else "1 / C = the share of the largest class")
        assert cause.startswith("the binary accuracy of outputs that all stay below" if binary else "one class named for all")
        assert seen.startswith(f"in {epochs.count(epochs[0])} epochs, the chosen one {'not ' * (epochs[-1] == 0.8)}among")


def test_binary_accuracy_stands_beside_the_real_one(study: Study) -> None:
    """Sigmoids that all stay below one half: two of three answers of no are right, though 48 of 60 samples are recognised."""
    _, found = metric_artefacts.inspect(study(training={"sigmoid": True}, seeds=(0, 1)))
    assert found.severity == "warning"
    assert found.title == "Binary accuracy, which some libraries print for sigmoids, is nothing but an artefact here"
    assert "seed 1: binary accuracy 0.667 where 0.800 of the samples are right" in found.evidence


def with_logits(inputs: Inputs, sigmoids: np.ndarray) -> Inputs:
    """The same study with other outputs on the test part: logarithms of sigmoids (sample, class)."""
    path = next(o.path for o in inputs._outputs if o.kind == "logits")
    Out(path.parent).array("logits", np.log(sigmoids).astype(np.float32), ("sample", "class"))
    return inputs


def test_binary_accuracy_that_flatters_without_being_empty(study: Study) -> None:
    """As scikit-learn counts: of each class apart, the share of right answers of yes and no, on average over classes."""
    from sklearn.metrics import accuracy_score

    inputs, rng = study(training={"sigmoid": True}), np.random.default_rng(0)
    labels = np.array(inputs.one("labels")[inputs.one("test_samples")])
    own = np.eye(3)[labels]
    sigmoids = np.clip(0.55 * own + rng.uniform(0, 0.5, own.shape), 0.01, 0.99)
    sigmoids[:20] = 0.1 + 0.2 * rng.uniform(size=(20, 3))
    _, found = metric_artefacts.inspect(with_logits(inputs, sigmoids))
    printed = np.mean([accuracy_score(own[:, c], sigmoids[:, c] > 0.5) for c in range(3)])
    assert found.severity == "notice"
    assert f"binary accuracy {printed:.3f}" in found.evidence


def test_mean_over_views_has_no_binary_accuracy(study: Study) -> None:
    """Its outputs are probabilities that add up to one: the sigmoids are gone."""
    inputs = with_logits(study(training={"sigmoid": True}), np.full((60, 3), 1 / 3))
    assert len(list(metric_artefacts.inspect(inputs))) == 1


def test_sigmoids_that_only_know_how_frequent_classes_are_have_a_binary_accuracy(study: Study) -> None:
    """They nearly add up to one, as those of a published project did."""
    inputs = with_logits(study(training={"sigmoid": True}), np.full((60, 3), 1 / 3 + 1e-4))
    _, found = metric_artefacts.inspect(inputs)
    assert found.severity == "warning" and "binary accuracy 0.667" in found.evidence


@pytest.mark.parametrize(
    ("value", "severity"), [(0.857143, "warning"), (6 / 7, "warning"), (0.857, "warning"), (0.86, "notice"), (0.85, "ok")]
)
def test_published_accuracy_that_is_an_artefact(study: Study, value: float, severity: str) -> None:
    about = {"name": "A project", "model": "", "part": "test", "source": "Nobody (2020)"}
    references = [Reference(metric="accuracy", value=value, **about), Reference(metric="macro_f1", value=6 / 7, **about)]
    *_, found = metric_artefacts.inspect(study(references=references, classes=SEVEN))
    assert (found.severity, found.about) == (severity, "data set faces")
    assert f"{severity != 'ok':d} of 1 published accuracies equal (C − 1) / C = 0.8571" in found.evidence


def test_search_that_was_ranked_on_the_test_part(study: Study) -> None:
    found = only(tuning_saw_test.inspect(study(search={"ranked_on": "test"})))
    assert (found.severity, found.title) == ("error", "The search for settings saw the test part")
    assert found.evidence.startswith("3 trials ranked on 60 samples of the test part; 60 of 60 test samples of small")


def test_search_that_hides_what_it_was_ranked_on(study: Study) -> None:
    """The samples are looked at, not what is said of them; and a training part is no validation part either."""
    found = only(tuning_saw_test.inspect(study(search={"ranked_on": "test", "claims": "validation"})))
    assert found.severity == "error"


def test_search_that_was_not_ranked_on_the_validation_part(study: Study) -> None:
    assert only(tuning_saw_test.inspect(study(search={"ranked_on": "train"}))).severity == "error"


def test_search_on_samples_identical_to_test_samples(study: Study) -> None:
    """One validation sample is a twin of a test sample, another one of a training sample."""
    inputs = study()
    twins, parts = np.array(inputs.one("twins")), inputs.one("parts")
    first, second = np.flatnonzero(parts == VALIDATION)[:2]
    twins[first], twins[second] = twins[parts == TEST][3], twins[parts == TRAIN][0]
    path = next(o.path for o in inputs._outputs if o.kind == "twins")
    Out(path.parent).array("twins", twins, ("sample",))
    found = only(tuning_saw_test.inspect(inputs))
    assert found.severity == "warning"
    assert found.title == "The search for settings saw samples that are identical to test samples"
    assert f"0 of 60 test samples of small ({percent(0)}) are among them, 1 more are identical" in found.evidence


def test_search_on_samples_that_another_experiment_is_tested_on(study: Study, tmp_path: Path) -> None:
    inputs = study()
    data = [output for output in inputs._outputs if "experiment" not in output.about]
    other = factories.divided(tmp_path, data, "other", "official", {"training": ["test"], "test": ["train"]})
    other += factories.trained(tmp_path, [*data, *other], "other")
    found = only(tuning_saw_test.inspect(Inputs([*inputs._outputs, *other])))
    assert (found.severity, found.about) == ("notice", "experiment small")
    assert "18 of 180 test samples of other" in found.evidence


def test_search_whose_own_training_failed_is_audited_all_the_same(study: Study) -> None:
    """Another experiment was evaluated, its own was not."""
    inputs = study()
    elsewhere = [
        replace(o, about={**o.about, "experiment": "other"}) if o.kind in ("test_samples", "history") else o
        for o in inputs._outputs
    ]
    found = only(tuning_saw_test.inspect(Inputs(elsewhere)))
    assert found.severity == "ok"
    assert "small was not evaluated" in found.evidence


def test_explanation_that_does_not_beat_a_control(study: Study) -> None:
    judging = {"unbeaten": {"insertion": ("edges",), "pointing": ("random", "edges")}}
    faithful, located, randomised = explanation_above_controls.inspect(study(judging=judging))
    assert [found.severity for found in (faithful, located, randomised)] == ["warning", "warning", "ok"]
    assert faithful.evidence == (
        "12 images: it beats every control in deletion and ROAD; it is not shown to be better than an edge map in insertion"
    )
    assert faithful.rows[1:] == (("insertion", "higher", "an edge map", "0.500", "0.500", "0.000 [−0.050, 0.050]"),)
    assert {row[:3] for row in located.rows[1:]} == {
        ("the pointing game", "higher", "a random map"),
        ("the pointing game", "higher", "an edge map"),
    }


def test_explanation_of_a_network_that_learned_nothing(study: Study) -> None:
    """It passes the test of localisation: then the test says nothing of the trained one either."""
    *others, found = explanation_above_controls.inspect(study(judging={"randomised_passes": ("inside",)}))
    assert {one.severity for one in others} == {"ok"}
    assert (found.severity, found.title) == ("warning", "A network that learned nothing passes the test of localisation")
    assert "it beats every control in relevance inside the planted regions" in found.evidence


def test_explanation_of_too_few_images(study: Study) -> None:
    found = list(explanation_above_controls.inspect(study(judging={"images": 5})))
    assert [one.severity for one in found] == ["notice", "notice"]
    assert all(one.evidence.startswith("5 images, 6 are needed") for one in found)


@pytest.mark.parametrize(
    ("lime", "severities", "said"),
    [
        ({"superpixels": 7}, ("error", "ok"), "3 images with fewer than 8 superpixels"),
        ({"superpixels": 8}, ("ok", "ok"), "8 to 8 superpixels in 3 images"),
        ({"copies": 89}, ("notice", "ok"), "3 with fewer than 10 copies for each"),
        ({"r2": 0.29}, ("ok", "warning"), "median R² 0.29"),
        ({"jaccard": 0.5}, ("ok", "warning"), "between repeats 0.50"),
    ],
)
def test_lime_on_too_little(study: Study, lime: dict[str, Any], severities: tuple[str, str], said: str) -> None:
    found = list(lime_superpixels.inspect(study(lime=lime)))
    assert tuple(one.severity for one in found) == severities
    assert any(said in one.evidence for one in found)


def test_every_mistake_of_s4_is_named(study: Study) -> None:
    """All that a published project did at once.

    Sigmoids for seven classes, one class after another in training, a tuner that ranked on the test samples, angry for
    every face, 6/7 reported as accuracy, and maps that nobody held against a control.
    """
    project = Reference(
        name="Tuned network", model="", metric="accuracy", value=0.857143, part="test", source="a published notebook"
    )
    inputs = study(
        classes=SEVEN,
        by_class=True,
        references=(project,),
        training={"sigmoid": True, "constant": 0, "order": "stored", "epochs": (6 / 7, 6 / 7, 6 / 7)},
        search={"ranked_on": "test"},
        judging={"unbeaten": {"deletion": ("centre", "edges"), "road": ("random",), "inside": ("blur_matched",)}},
    )
    named = {
        name: {finding.title for finding in plugins.verb("audit", name)(inputs) if finding.severity in ("warning", "error")}
        for name in AUDITS
    }
    assert named["loss_fits_labels"] == {"The outputs are sigmoids, though each sample has one label"}
    assert named["training_order"] == {"The network was trained on one class after another"}
    assert named["tuning_saw_test"] == {"The search for settings saw the test part"}
    assert named["constant_predictions"] == {"Every prediction is the same"}
    assert named["metric_artefacts"] == {
        "Scores look like artefacts of their metric",
        "Binary accuracy, which some libraries print for sigmoids, is nothing but an artefact here",
        "A published accuracy looks like a binary accuracy's artefact",
    }
    assert named["explanation_above_controls"] == {
        "The maps of cam are not better than all controls in what the network uses",
        "The maps of cam are not better than all controls in where the classes were planted",
    }


def test_two_data_sets_are_told_apart(tmp_path: Path) -> None:
    first = factories.data_set(tmp_path, "faces", blank=(1,))
    second = factories.data_set(tmp_path, "photos", copies=((60, 0),))
    both = Inputs([*first, *second])
    found = {finding.about: finding.severity for finding in constant_samples.inspect(both)}
    assert found == {"data set faces": "warning", "data set photos": "ok"}
    across = {f.about: f.severity for f in identical_samples.inspect(both) if "part" in f.title or "No two" in f.title}
    assert across == {"data set faces": "ok", "data set photos": "warning"}


def test_step_writes_findings(tmp_path: Path, study: Study) -> None:
    inputs: Inputs = study(blank=(5,))
    out = factories.out_in(tmp_path, "findings")
    audit.run(inputs, out, None, use="constant_samples", settings={"nearly": 0.05, "examples": 10})
    expected = json.loads(json.dumps([asdict(f) for f in constant_samples.inspect(inputs)]))
    written: list[Output] = factories.of(out, audit="constant_samples")
    assert Inputs(written).one("findings") == expected
