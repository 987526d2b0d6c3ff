"""Every audit finds its planted fault, and says that a clean study is clean."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from reportgen import plugins
from reportgen.audits import (
    constant_predictions,
    constant_samples,
    identical_samples,
    published_counts,
    score_above_baseline,
    test_used_for_choosing,
    validation_above_test,
)
from reportgen.audits._smoke import WHY
from reportgen.core import Finding
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import audit
from reportgen.words import percent
from tests import factories

Study = Callable[..., Inputs]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of one experiment; keywords that are none of `data_set` go to `trained`."""

    def make(*, seeds: Sequence[int] = (0,), training: dict[str, Any] | None = None, **data: Any) -> Inputs:
        outputs = factories.data_set(tmp_path, **data)
        outputs += factories.divided(tmp_path, outputs)
        outputs += [o for s in seeds for o in factories.trained(tmp_path, outputs, seed=s, **training or {})]
        return Inputs([*outputs, *factories.scored(tmp_path, outputs)])

    return make


def only(findings: Any) -> Finding:
    (finding,) = findings
    return finding


AUDITS = (
    "constant_predictions",
    "constant_samples",
    "identical_samples",
    "published_counts",
    "score_above_baseline",
    "test_used_for_choosing",
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


def test_all_audits_are_tested() -> None:
    assert set(plugins.find("audit")) == set(AUDITS)


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
    ],
)
def test_smoke_training_is_a_notice_at_most(study: Study, verb: Callable[..., Any], training: dict[str, Any]) -> None:
    found = only(verb(study(training={**training, "smoke": True})))
    assert found.severity == "notice"
    assert found.evidence.endswith(WHY)


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
