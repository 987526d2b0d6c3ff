"""What the whole chain says of recordings with known truth: from the reader to scores, canaries, contrasts and audits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen import building, plugins
from reportgen.audits import fitted_across_split, overlapping_windows, shared_groups
from reportgen.console import QUIET, Talk
from reportgen.core import Finding
from reportgen.datasets import eeg_sim
from reportgen.datasets._seed_forms import write_seed
from reportgen.options import Options
from reportgen.outputs import Inputs, Output
from reportgen.store import Store
from reportgen.workspace import Workspace
from tests import factories_recordings as chain

CHANCE = 1 / 3
CLEAN: Mapping[str, Any] = {"blinks": 0.0, "muscle": 0.0, "bad_channels": 0.0, "outliers": 0.0}
SPLITS: Mapping[str, Mapping[str, Any]] = {
    "trials": {"use": "kfold", "folds": 3},
    "days": {"use": "cross_session", "within": "all"},
    "people": {"use": "loso"},
    "people_clips": {"use": "loso_clip"},
}
MODEL: Mapping[str, Any] = {"use": "logistic_regression", "C": [0.1]}
KNOWN_CLIPS = ("trials", "days", "people")
"""The splits whose models know the clips that they are tested on."""


@dataclass(frozen=True)
class Told:
    """The same model under several splits, and what became of it."""

    outputs: Sequence[Output]

    def scores(self, name: str) -> Mapping[str, Any]:
        return dict(Inputs(self.outputs).one("scores", experiment=name))

    def metric(self, name: str, metric: str = "balanced_accuracy") -> Mapping[str, float]:
        return dict(self.scores(name)["views"]["all"]["metrics"][metric])

    def mean(self, name: str) -> float:
        return self.metric(name)["mean"]

    def canary(self, name: str) -> Mapping[str, Any]:
        return dict(Inputs(self.outputs).one("canary", experiment=name))

    def gaps(self) -> dict[str, Mapping[str, Any]]:
        """{name of the gap: pair}, for pairs with one."""
        pairs = Inputs(self.outputs).one("contrast")["pairs"]
        return {pair["names_gap"]: pair for pair in pairs if pair["names_gap"]}

    def clearly_above_chance(self, name: str) -> bool:
        return self.metric(name)["low"] > max(CHANCE, self.canary(name)["high"])

    def at_chance(self, name: str) -> bool:
        """The interval of the score, or what shuffled labels come to, holds chance and the score."""
        own, canary = self.metric(name), self.canary(name)
        return own["low"] <= CHANCE <= own["high"] or canary["low"] <= own["mean"] <= canary["high"]


def told(folder: Path, splits: Mapping[str, Mapping[str, Any]], **planted: float) -> Told:
    """Simulate, take features, fit under each split, shuffle labels under each, and hold the splits against each other."""
    data = chain.loaded(folder, trials=12, **CLEAN, **planted)
    samples = [*data, *chain.featured(folder, data)]
    found: list[Output] = []
    for name, cut in splits.items():
        made = chain.experiment(folder, samples, name, cut, model=MODEL)
        parts = [output for output in made if output.kind in ("split", "parts")]
        found += [*made, *chain.shuffled(folder, samples, parts, model=MODEL, repeats=2)]
    return Told([*samples, *found, *chain.contrasted(folder, data, found, splits)])


# what knowing the clip is worth


@pytest.fixture(scope="module")
def of_clips(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Clips leave patterns of their own, emotions nothing at all."""
    return told(tmp_path_factory.mktemp("clips"), SPLITS, sessions=2, class_effect=0, clip_effect=4, seed=1)


@pytest.mark.parametrize("name", KNOWN_CLIPS)
def test_clips_pass_for_emotions_where_models_know_them(name: str, of_clips: Told) -> None:
    assert of_clips.mean(name) > 0.8
    assert of_clips.clearly_above_chance(name)


def test_unknown_clips_expose_that_nothing_of_emotion_was_learned(of_clips: Told) -> None:
    assert of_clips.at_chance("people_clips")
    assert not of_clips.clearly_above_chance("people_clips")
    assert of_clips.mean("people_clips") < of_clips.mean("people") - 0.4


def test_contrast_names_the_gap_and_how_large_it_is(of_clips: Told) -> None:
    gap = of_clips.gaps()["stimulus identity"]
    assert (gap["first"], gap["second"]) == ("people", "people_clips")
    assert gap["low"] > 0.4
    assert gap["p_holm"] < 0.3, "six people are few, all of whom score higher"
    assert gap["p"] < 0.05
    assert of_clips.gaps()["session"]["difference"] < 0.2, "the day makes no such difference, the clips are the same"


def test_audit_names_the_clips_of_every_split_that_shares_them(of_clips: Told) -> None:
    found = list(shared_groups.inspect(Inputs(of_clips.outputs)))
    clips = {f.about: f.severity for f in found if "clip" in f.title.lower()}
    assert clips == {f"experiment {name}": "warning" if name in KNOWN_CLIPS else "ok" for name in SPLITS}
    assert {f.severity for f in found if "trial" in f.title.lower()} == {"ok"}


@pytest.mark.parametrize("seed", [2, 3])
def test_other_draws_of_clips_end_alike(seed: int, tmp_path: Path) -> None:
    """Known people on new clips are at chance too, within what twelve clips allow."""
    data = chain.loaded(tmp_path, trials=12, class_effect=0, clip_effect=4, seed=seed, **CLEAN)
    samples = [*data, *chain.featured(tmp_path, data)]
    splits = {"people": SPLITS["people"], "people_clips": SPLITS["people_clips"], "clips": {"use": "kfold", "by": "clip"}}
    splits["clips"] = {**splits["clips"], "folds": 4}
    found = Told([output for name, cut in splits.items() for output in chain.experiment(tmp_path, samples, name, cut)])
    assert found.mean("people") > 0.75
    assert found.mean("people_clips") < CHANCE + 0.1
    assert found.mean("clips") < CHANCE + 0.1


# emotions themselves


@pytest.fixture(scope="module")
def of_emotions(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Emotions are planted, clips leave nothing else."""
    splits = {name: SPLITS[name] for name in ("trials", "people", "people_clips")}
    return told(tmp_path_factory.mktemp("emotions"), splits, class_effect=6, clip_effect=0)


@pytest.mark.parametrize("name", ["trials", "people", "people_clips"])
def test_emotions_are_found_under_every_split(name: str, of_emotions: Told) -> None:
    assert of_emotions.clearly_above_chance(name)


def test_known_and_unknown_clips_agree_where_only_emotions_matter(of_emotions: Told) -> None:
    known, unknown = of_emotions.metric("people"), of_emotions.metric("people_clips")
    assert known["low"] <= unknown["high"]
    assert unknown["low"] <= known["high"]
    assert of_emotions.gaps()["stimulus identity"]["difference"] < 0.15


@pytest.fixture(scope="module")
def of_nothing(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """People differ, and nothing else does."""
    splits = {**SPLITS, "clips": {"use": "kfold", "by": "clip", "folds": 4}}
    return told(tmp_path_factory.mktemp("nothing"), splits, sessions=2, class_effect=0, clip_effect=0)


@pytest.mark.parametrize("name", [*SPLITS, "clips"])
def test_where_nothing_is_planted_nothing_is_found(name: str, of_nothing: Told) -> None:
    assert of_nothing.at_chance(name)
    assert not of_nothing.clearly_above_chance(name)
    assert abs(of_nothing.canary(name)["mean"] - CHANCE) < 0.15


def test_where_nothing_is_planted_no_gap_is_claimed(of_nothing: Told) -> None:
    assert of_nothing.gaps().keys() == {"session", "subject identity", "stimulus identity"}
    for pair in Inputs(of_nothing.outputs).one("contrast")["pairs"]:
        assert abs(pair["difference"]) < 0.1
        assert pair["p_holm"] > 0.1


# leaks


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A split that divides windows at random, whatever trial they are of."""
    folder = tmp_path / "plugins" / "splits"
    folder.mkdir(parents=True)
    (folder / "windows_at_random.py").write_text(
        '"""Windows at random."""\n\nimport numpy as np\n\nfrom reportgen.core import TEST, TRAIN, Folds, Rows\n\n\n'
        'def divide(rows: Rows, seed: int) -> Folds:\n    """Deal them."""\n'
        "    hand = np.random.default_rng(seed).integers(3, size=len(rows.labels))\n"
        "    parts = np.where(hand == np.arange(3)[:, None], TEST, TRAIN).astype(np.uint8)\n"
        '    return Folds(names=("1", "2", "3"), parts=parts)\n'
    )
    monkeypatch.setattr(plugins, "_roots", [*plugins._roots, tmp_path / "plugins"])
    plugins.find.cache_clear()
    yield
    plugins.find.cache_clear()


def of(findings: Iterator[Finding], experiment: str) -> list[Finding]:
    return [finding for finding in findings if finding.about == f"experiment {experiment}"]


def test_leaking_windows_score_high_on_noise_and_are_named(broken: None, tmp_path: Path) -> None:
    """Windows that overlap with learned ones are remembered: there is nothing else to know them by."""
    data = chain.loaded(tmp_path, class_effect=0, clip_effect=0, **CLEAN)
    entropy = {"use": "differential_entropy", "window": 1.0, "step": 0.125}
    samples = [*data, *chain.featured(tmp_path, data, entropy)]
    memory = {"use": "svm", "kernel": "rbf", "C": [10.0]}
    cuts = {"leak": {"use": "windows_at_random"}, "honest": {"use": "loso"}}
    made = {name: chain.experiment(tmp_path, samples, name, cut, model=memory) for name, cut in cuts.items()}
    found = Told([*samples, *made["leak"], *made["honest"]])
    assert found.metric("leak")["low"] > 0.85
    assert found.mean("honest") < CHANCE + 0.1
    inputs = Inputs(found.outputs)
    assert "Trials lie in training and in test" in [f.title for f in of(shared_groups.inspect(inputs), "leak")]
    (overlap,) = of(overlapping_windows.inspect(inputs), "leak")
    assert (overlap.severity, overlap.title) == ("error", "Windows of training and test overlap in time")
    assert "error" not in {f.severity for f in of(shared_groups.inspect(inputs), "honest")}
    assert "error" not in {f.severity for f in of(overlapping_windows.inspect(inputs), "honest")}


def test_scaling_by_subject_is_labelled_for_what_it_is(tmp_path: Path) -> None:
    data = chain.loaded(tmp_path)
    samples = [*data, *chain.featured(tmp_path, data)]
    parts = chain.divided(tmp_path, samples, "scaled", {"use": "loso"})
    fits = chain.fitted(tmp_path, samples, parts, scale="subject")
    assert all(fitted["transductive"] for _, fitted in Inputs(fits).all("fitted"))
    (finding,) = fitted_across_split.inspect(Inputs([*samples, *parts, *fits]))
    assert finding.severity == "notice"
    assert "transductive" in finding.remedy


# the same trials, seen in other ways


def test_trimmed_variants_share_their_rows(tmp_path: Path) -> None:
    """One map a trial: trimmed in time, and in frequency too, it is the same trial."""
    data = chain.loaded(tmp_path)
    trim, average = {"use": "trim", "first": 0.5}, {"use": "average"}
    whole, raised = ({"use": "spectrogram_map", "window": 2.0, "low": low, "high": 60.0} for low in (1.0, 13.0))
    variants = {"full": [whole, average], "time": [trim, whole, average], "time_frequency": [trim, raised, average]}
    made = {name: Inputs(chain.featured(tmp_path, data, *own, name=name)) for name, own in variants.items()}
    assert len({inputs.one("features")["same"] for inputs in made.values()}) == 1
    trials = [inputs.one("rows")["trial"].tolist() for inputs in made.values()]
    assert trials[0] == trials[1] == trials[2]
    assert made["time"].one("rows")["start"][0] == made["full"].one("rows")["start"][0] + 0.5
    shapes = [tuple(inputs.one("features")["shape"]) for inputs in made.values()]
    assert shapes[1] != shapes[2]


def test_a_pool_is_scored_over_all_and_for_each_source(tmp_path: Path) -> None:
    """Two data sets of other people, one class of which is left out; models know people of the other one only."""
    strong: Mapping[str, Any] = {"class_effect": 8, "clip_effect": 0, **CLEAN}
    old, new = (chain.loaded(tmp_path, name, seed=seed, **strong) for seed, name in enumerate(("old", "new")))
    own = {"negative": "bad", "neutral": "", "positive": "good"}
    both = chain.pooled(tmp_path, [*old, *new], "both", ["bad", "good"], {"old": own, "new": own})
    samples = [*both, *chain.featured(tmp_path, [*both, *old, *new], dataset="both")]
    found = Told(chain.experiment(tmp_path, samples, "across", {"use": "cross_dataset"}, dataset="both"))
    scores = found.scores("across")
    assert scores["classes"] == ["bad", "good"]
    assert [source["name"] for source in scores["sources"]] == ["old", "new"]
    assert sum(source["n"] for source in scores["sources"]) == scores["n"] == 2 * 6 * 6 * 4
    mean = sum(source["accuracy"]["mean"] * source["n"] for source in scores["sources"]) / scores["n"]
    assert mean == pytest.approx(found.metric("across", "accuracy")["mean"])
    assert all(source["accuracy"]["low"] > 0.5 for source in scores["sources"])


def test_recordings_in_the_form_of_seed_give_the_features_of_the_recordings(tmp_path: Path) -> None:
    settings = {"subjects": 2, "sessions": 1, "trials": 15, "seconds": 2.0, "rate": 200.0, "channels": "seed_62"}
    for subject, recording in enumerate(eeg_sim.load(**settings), 1):
        write_seed(tmp_path / "SEED", subject, 1, [stretch.x for stretch in recording.stretches])
    data = {
        "read": chain.loaded(tmp_path, "read", "seed", files={"path": tmp_path / "SEED"}),
        "made": chain.loaded(tmp_path, "made", **settings),
    }
    read, made = (Inputs(chain.featured(tmp_path, own, dataset=name)) for name, own in data.items())
    np.testing.assert_allclose(read.one("samples"), made.one("samples"), atol=1e-4)
    assert np.array_equal(read.one("labels"), made.one("labels"))
    for column in ("subject", "session", "index"):
        assert np.array_equal(read.one("rows")[column], made.one("rows")[column]), column
    assert read.one("features")["channels"] == made.one("features")["channels"]
    assert len(set(read.one("rows")["clip"])) == len(set(made.one("rows")["clip"])) == 15


# a whole build

STUDY = """
title = "Two ways to the same numbers"

[dataset.brains]
use = "eeg_sim"
subjects = 4
sessions = 1
trials = 6
seconds = 2
channels = "ten_twenty"

[experiment.people]
dataset = "brains"
features = "differential_entropy"
model = { use = "logistic_regression", C = [0.1] }
split = "loso"
evaluate = { shuffles = 1, resamples = 200 }
"""


@pytest.fixture
def built(tmp_path: Path) -> Callable[..., dict[str, dict[str, str]]]:
    def build(name: str, **options: Any) -> dict[str, dict[str, str]]:
        """{step: {output: sha256}} of a build in a workspace of its own."""
        root = tmp_path / name
        root.mkdir()
        (root / "study.toml").write_text(STUDY)
        workspace = Workspace(root, root)
        made, failed, _ = building.run(workspace, root / "study.toml", Options(**options), Talk(QUIET))
        assert failed == {}
        store = Store(workspace.store)
        records = {step: store.record(key) for step, key in made.records.items()}
        return {step: {file: o["sha256"] for file, o in record.outputs.items()} for step, record in records.items() if record}

    return build


def test_folds_that_run_side_by_side_give_the_same_numbers(built: Callable[..., dict[str, dict[str, str]]]) -> None:
    one, two = built("one", in_process=True), built("two", jobs=2)
    assert one == two
    fits = [step for step in one if step.startswith("fit ")]
    assert fits == [f"fit people subject {subject} seed 0" for subject in (1, 2, 3, 4)]
    assert {"score people", "canary people"} <= one.keys()
