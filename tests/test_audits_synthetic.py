"""Audits of synthetic samples find their planted faults, and say that clean generators are clean."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen import plugins
from reportgen.core import TEST, TRAIN, VALIDATION, Finding
from reportgen.outputs import Inputs, Output
from reportgen.realism.verdicts import of_discriminator
from reportgen.steps import audit
from tests import factories
from tests.factories import of, out_in

AUDITS = (
    *("diverged_generator", "memorised_samples", "single_mode", "synthetic_from_test"),
    *("untrained_realism", "weak_discriminator"),
)
GAN = {"dataset": "eeg", "features": "windows", "experiment": "gan"}
KEYS = ("wgan_raw", "gan_dense", "mixup")
PARTS = np.array([[TRAIN] * 8 + [VALIDATION] * 4 + [TEST] * 4, [TEST] * 4 + [TRAIN] * 8 + [VALIDATION] * 4])
"""(fold, sample): two samples a trial."""
TRIALS = np.repeat([f"s1 {number}" for number in range(8)], 2)
JUDGED = {"train": 0.7, "validation": 0.65, "made": 0.7, "noise": 1.0}


def near(mean: float | None, half: float = 0.05) -> dict[str, float | None]:
    """A mean and its interval; nothing of None."""
    return {"mean": mean, "low": None if mean is None else mean - half, "high": None if mean is None else mean + half}


def discriminator(
    key: str, verdict: str = "fair", *, auc: float = 0.75, accuracy: float | None = 0.7, **judged: float | None
) -> dict[str, Any]:
    """Of the last epoch; of a critic the accuracy is None."""
    accuracies = {"accuracy_real": accuracy, "accuracy_made": accuracy}
    return {"key": key, **accuracies, "judged": JUDGED | judged, "auc": near(auc), "verdict": verdict}


def trained(key: str, share: float) -> dict[str, Any]:
    """How near a generator starts, and how near it ends."""
    start, floor = {"spectrum": 4.0, "mmd": 0.04}, {"spectrum": 2.0, "mmd": 0.02}
    kept = {name: share * value for name, value in start.items()}
    verdict = "better than its start" if share < 0.9 else "nothing added"
    return {"key": key, "unit": "dB", "start": start, "kept": kept, "floor": floor, "share": share, "verdict": verdict}


def signal_scores(**given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """As the kind, as far as audits read it: tables `memory`, `modes`, `discriminators`, of which nothing is wrong."""
    sorts = {"wgan_raw": "network", "gan_dense": "network", "mixup": "plain", "real": "control", "noise": "control"}
    clean = {
        "memory": [{"key": key, "ratio": near(1.0), "copies": 0.05, "verdict": "no sign"} for key in sorts],
        "modes": [{"key": key, "coverage": near(0.9), "distinct": 1.0, "verdict": "spread"} for key in sorts],
        "discriminators": [discriminator("wgan_raw", accuracy=None), discriminator("gan_dense")],
        "trained": [trained("wgan_raw", 0.5), {"key": "gan_dense", "verdict": ""}],
    }
    candidates = [{"key": key, "use": key, "title": key, "sort": sort, "diverged": ""} for key, sort in sorts.items()]
    return {"candidates": candidates, **clean, **given}


def weighed(folder: Path, **given: Sequence[Mapping[str, Any]]) -> Inputs:
    out = out_in(folder, "weigh")
    out.json("signal_scores", signal_scores(**given))
    return Inputs(of(out, **GAN))


def changed(table: str, key: str, **values: Any) -> list[dict[str, Any]]:
    """A table in which one row says something else."""
    return [row | values if row["key"] == key else row for row in signal_scores()[table]]


def generated(
    folder: Path,
    *,
    source: Mapping[tuple[str, int], np.ndarray] | None = None,
    parts: np.ndarray = PARTS,
    trained: Mapping[str, Any] | None = None,
    diverged: Mapping[tuple[str, int], str] | None = None,
) -> list[Output]:
    """Of steps `split`, `features` and `generate`.

    Args:
        folder: to write into.
        source: {(generator, fold): (synthetic sample, 2) index into samples}, of `mixup` its training part otherwise.
        parts: (fold, sample), or (sample,).
        trained: what the kind `generator` says of `gan_dense`, where it says something else.
        diverged: {(generator, fold): what happened}.
    """
    made = out_in(folder, "features")
    np.savez(made.path("rows", ".npz"), trial=TRIALS, subject=np.full(len(TRIALS), "s1"))
    split = out_in(folder, "split")
    split.array("parts", parts.astype(np.uint8), ("fold", "sample")[-parts.ndim :])
    found = [*of(made, dataset="eeg", features="windows"), *of(split, **GAN)]
    for fold, own in enumerate(np.atleast_2d(parts)):
        train = np.flatnonzero(own == TRAIN)
        for key in KEYS:
            out = out_in(folder, f"generate {key} {fold}")
            told = {"samples": len(train), "trials": len(train) // 2, "seen": ["train", "validation"]}
            told |= (trained or {}) if key == "gan_dense" else {}
            model: dict[str, Any] | None = None if key == "mixup" else {"generator": {}, "discriminator": {}}
            text = (diverged or {}).get((key, fold), "")
            out.json("generator", {"use": key, "model": model, "diverged": text, "notes": [], "trained": told})
            used = (source or {}).get((key, fold), np.stack([train, train[::-1]], axis=1) if key == "mixup" else None)
            if used is not None:
                out.array("synthetic_source", used.astype(np.int32), ("sample", "source"))
            found += of(out, **GAN, generator=key, fold=str(fold), seed="0")
    return found


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    folder = tmp_path_factory.mktemp("clean")
    out = out_in(folder, "weigh")
    out.json("signal_scores", signal_scores())
    return [*generated(folder), *of(out, **GAN)]


def found(name: str, inputs: Inputs) -> list[Finding]:
    return list(plugins.verb("audit", name)(inputs))


def only(name: str, inputs: Inputs) -> Finding:
    (finding,) = found(name, inputs)
    return finding


@pytest.mark.parametrize("name", AUDITS)
def test_clean_generators_are_clean(name: str, clean: list[Output], tmp_path: Path) -> None:
    """With what stands in NEEDS and no more, through the step, as JSON."""
    needed = plugins.constant(plugins.path_of("audit", name), "NEEDS")
    out = out_in(tmp_path, name)
    settings = plugins.settings("audit", name)().model_dump(mode="json")
    audit.run(Inputs([output for output in clean if output.kind in needed]), out, None, use=name, settings=settings)
    (finding,) = json.loads((out.folder / "findings.json").read_text())
    assert (finding["severity"], finding["about"], finding["remedy"]) == ("ok", "experiment gan", "")
    assert finding["evidence"] and "noise:" not in finding["evidence"] and "real:" not in finding["evidence"]


@pytest.mark.parametrize("name", AUDITS)
def test_studies_without_generators_are_none_of_their_business(name: str, tmp_path: Path) -> None:
    assert not found(name, Inputs(factories.study(tmp_path)))


# made from test trials


def test_samples_made_from_test_trials(tmp_path: Path) -> None:
    source = np.array([[0, 1], [2, 12], [13, 14], [4, 5]])
    finding = only("synthetic_from_test", Inputs(generated(tmp_path, source={("mixup", 0): source})))
    assert (finding.severity, finding.about) == ("error", "experiment gan")
    assert "2 synthetic samples made from trial s1 6 and s1 7" in finding.evidence
    assert finding.evidence.startswith("1 of 6 trainings: mixup") and finding.remedy
    assert finding.rows[1:] == (("mixup", "0", "0", "2 samples made from test trials"),)


def test_every_fold_has_a_test_part_of_its_own(tmp_path: Path) -> None:
    """What is trained on in the first fold is tested in the second."""
    train_of_first = np.arange(8)[:, None]
    finding = only("synthetic_from_test", Inputs(generated(tmp_path, source={("mixup", 1): train_of_first})))
    assert finding.severity == "error" and "4 synthetic samples made from trial s1 0 and s1 1" in finding.evidence


def test_other_windows_of_a_test_trial_are_of_that_trial(tmp_path: Path) -> None:
    """Windows divided at random: the source is of the training part, and its neighbour is tested."""
    parts = np.where(np.arange(16) % 2, TEST, TRAIN)
    finding = only("synthetic_from_test", Inputs(generated(tmp_path, parts=parts)))
    assert finding.severity == "error"
    assert "8 synthetic samples made from trial s1 0, s1 1, s1 2 and 5 more" in finding.evidence


def test_samples_made_from_validation(tmp_path: Path) -> None:
    source = np.array([[0, 8], [1, 9], [2, 3]])
    finding = only("synthetic_from_test", Inputs(generated(tmp_path, source={("mixup", 0): source})))
    assert (finding.severity, finding.title) == ("error", "Generators saw more than the training part")
    assert finding.rows[1][3] == "2 samples made from samples that are not of the training part"


@pytest.mark.parametrize(
    ("trained", "said"),
    [
        ({"seen": ["train", "validation", "test"]}, "it was given the part test"),
        ({"samples": 16}, "it learned from 8 samples more than the training part has"),
    ],
)
def test_generators_that_were_given_the_test_part(trained: Mapping[str, Any], said: str, tmp_path: Path) -> None:
    finding = only("synthetic_from_test", Inputs(generated(tmp_path, trained=trained)))
    assert finding.severity == "error" and "2 of 6 trainings: gan_dense" in finding.evidence
    assert finding.rows[1:] == (("gan_dense", "0", "0", said), ("gan_dense", "1", "0", said))


def test_split_without_folds(tmp_path: Path) -> None:
    finding = only("synthetic_from_test", Inputs(generated(tmp_path, parts=PARTS[0])))
    assert finding.severity == "ok" and "8 synthetic samples with known sources" in finding.evidence


# copies


def test_copies(tmp_path: Path) -> None:
    rows = changed("memory", "gan_dense", ratio=near(0.02, 0.01), copies=0.97, verdict="copies")
    finding = only("memorised_samples", weighed(tmp_path, memory=rows))
    assert finding.severity == "warning" and finding.title.endswith(": gan_dense")
    assert "gan_dense: memory ratio 0.02 [0.01, 0.03], 97\N{NO-BREAK SPACE}% of its samples" in finding.evidence
    assert [row[0] for row in finding.rows[1:]] == list(KEYS), "controls are none of its business"


def test_near_copies_are_told_beside_copies(tmp_path: Path) -> None:
    rows = changed("memory", "mixup", ratio=near(0.6), copies=0.5, verdict="near copies")
    finding = only("memorised_samples", weighed(tmp_path / "one", memory=rows))
    assert finding.severity == "notice" and "mixup" in finding.title and "gan_dense" not in finding.evidence
    both = [row | {"verdict": "copies"} if row["key"] == "gan_dense" else row for row in rows]
    assert [one.severity for one in found("memorised_samples", weighed(tmp_path / "two", memory=both))] == ["warning", "notice"]


def test_copies_that_nobody_looked_for(tmp_path: Path) -> None:
    unknown = {"ratio": near(None), "copies": None, "verdict": "not measured"}
    some = changed("memory", "gan_dense", **unknown)
    finding = only("memorised_samples", weighed(tmp_path / "some", memory=some))
    assert finding.severity == "ok" and finding.evidence.endswith("1 generator not measured: gan_dense")
    nobody = [row | unknown for row in some]
    finding = only("memorised_samples", weighed(tmp_path / "none", memory=nobody))
    assert finding.severity == "notice" and finding.remedy and "wgan_raw, gan_dense and mixup" in finding.evidence


# modes


def test_single_mode(tmp_path: Path) -> None:
    rows = changed("modes", "gan_dense", coverage=near(0.03, 0.02), distinct=0.01, verdict="single mode")
    rows = [row | {"verdict": "few modes", "distinct": 0.6} if row["key"] == "mixup" else row for row in rows]
    single, few = found("single_mode", weighed(tmp_path, modes=rows))
    assert (single.severity, few.severity) == ("warning", "notice")
    assert single.title.endswith(": gan_dense") and few.title.endswith(": mixup")
    assert "coverage 0.03 [0.01, 0.05], its samples are 0.01 times as far apart" in single.evidence
    assert ("gan_dense", "0.03 [0.01, 0.05]", "0.01", "single mode") in single.rows


def test_varied_samples_that_lie_elsewhere_are_listed_and_not_cleared(tmp_path: Path) -> None:
    rows = changed("modes", "gan_dense", coverage=near(0.02, 0.02), distinct=0.6, verdict="elsewhere")
    finding = only("single_mode", weighed(tmp_path, modes=rows))
    assert finding.severity == "notice" and finding.title.endswith("miss most real ones: gan_dense")
    assert "coverage 0.02 [0.00, 0.04], its samples are 0.60 times as far apart" in finding.evidence


def test_modes_that_nobody_counted(tmp_path: Path) -> None:
    rows = [row | {"coverage": near(None), "distinct": None, "verdict": "not measured"} for row in signal_scores()["modes"]]
    finding = only("single_mode", weighed(tmp_path, modes=rows))
    assert finding.severity == "notice" and finding.remedy


# discriminators


def test_discriminator_that_sees_nothing(tmp_path: Path) -> None:
    rows = [discriminator("gan_dense", "weak", accuracy=0.5, noise=0.48), discriminator("wgan_raw", accuracy=None)]
    finding = only("weak_discriminator", weighed(tmp_path, discriminators=rows))
    assert finding.severity == "warning" and finding.title.endswith(": gan_dense")
    assert finding.evidence.startswith("gan_dense: accuracy 50\N{NO-BREAK SPACE}%, right on 70\N{NO-BREAK SPACE}% of training")
    assert "48\N{NO-BREAK SPACE}% of white noise, AUC of a two-sample test 0.75 [0.70, 0.80]" in finding.evidence
    assert "wgan_raw" not in finding.evidence
    assert [row[0] for row in finding.rows[1:]] == ["gan_dense", "wgan_raw"]


def test_discriminator_that_knows_its_training_samples_by_heart(tmp_path: Path) -> None:
    rows = [
        discriminator("gan_dense", "memorises", train=1.0, validation=0.3),
        discriminator("wgan_raw", "weak", accuracy=None),
    ]
    weak, known = found("weak_discriminator", weighed(tmp_path, discriminators=rows))
    assert weak.title.endswith(": wgan_raw") and "accuracy" not in weak.evidence
    assert known.severity == "warning" and "by heart: gan_dense" in known.title
    assert "100\N{NO-BREAK SPACE}% of training samples, 30\N{NO-BREAK SPACE}% of unseen" in known.evidence


@pytest.mark.parametrize(
    ("noise", "auc", "severity"),
    [
        (0.4, 0.5, "warning"),  # it takes noise for real
        (1.0, 0.9, "warning"),  # another classifier sees what it does not
        (1.0, 0.52, "ok"),  # nobody sees anything, as of a perfect generator
    ],
)
def test_what_an_accuracy_of_a_half_means(noise: float, auc: float, severity: str, tmp_path: Path) -> None:
    """With the verdict of the page."""
    row = discriminator("gan_dense", auc=auc, accuracy=0.5, train=0.5, validation=0.5, made=0.5, noise=noise)
    row["verdict"] = of_discriminator(row, row["auc"])
    assert only("weak_discriminator", weighed(tmp_path, discriminators=[row])).severity == severity


def test_discriminators_of_which_nothing_is_known(tmp_path: Path) -> None:
    empty = {"accuracy_real": None, "accuracy_made": None, "judged": None, "auc": near(None), "verdict": ""}
    diverged = {"key": "gan_dense", **empty}
    assert not found("weak_discriminator", weighed(tmp_path / "none", discriminators=[diverged]))
    rows = [diverged, discriminator("wgan_raw", accuracy=None, validation=None)]
    finding = only("weak_discriminator", weighed(tmp_path / "one", discriminators=rows))
    assert finding.severity == "ok" and "gan_dense" not in finding.evidence and "unseen" not in finding.evidence
    assert finding.rows[1] == ("gan_dense", *["–"] * 7)


# divergence


def test_training_that_diverged(tmp_path: Path) -> None:
    inputs = Inputs(generated(tmp_path, diverged={("gan_dense", 1): "epoch 7: the loss is not a number"}))
    finding = only("diverged_generator", inputs)
    assert (finding.severity, finding.title) == ("warning", "Training diverged: gan_dense")
    assert finding.evidence.startswith("1 of 4 trainings") and finding.remedy
    assert finding.rows[1:] == (("gan_dense", "1", "0", "epoch 7: the loss is not a number"),)


def test_plain_generators_cannot_diverge(tmp_path: Path) -> None:
    outputs = [output for output in generated(tmp_path) if output.about.get("generator", "mixup") == "mixup"]
    assert not found("diverged_generator", Inputs(outputs))


def test_training_that_added_nothing(tmp_path: Path) -> None:
    finding = only("untrained_realism", weighed(tmp_path / "idle", trained=[trained("wgan_raw", 1.01)]))
    assert (finding.severity, finding.title) == (
        "notice",
        "Training added nothing to what was near real before it: wgan_raw",
    )
    assert "wgan_raw 1.01" in finding.evidence
    assert ("wgan_raw", "4.00 dB", "4.04 dB", "0.040", "0.040", "2.00 dB, 0.020", "nothing added") in finding.rows
    assert only("untrained_realism", weighed(tmp_path / "taught")).severity == "ok"
    nothing = weighed(tmp_path / "nothing", trained=[{"key": "gan_dense", "verdict": ""}])
    assert not found("untrained_realism", nothing), "what starts from noise has nothing to tell"
