"""Networks on recordings, from the study to what their explainers say: every step runs, on networks far too small to learn."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from reportgen import building
from reportgen.console import QUIET, Talk
from reportgen.core import TEST
from reportgen.errors import StudyError, UsageError
from reportgen.networks import Standardise, as_input
from reportgen.options import Options
from reportgen.outputs import Inputs
from reportgen.steps import retrain
from reportgen.store import Store
from reportgen.study_file import read_study
from reportgen.workspace import Workspace

STUDY = """
title = "Networks on recordings"

[dataset.brains]
use = "eeg_sim"
subjects = 6
sessions = 1
trials = 6
seconds = 3
channels = "ten_twenty"

[experiment.raw]
dataset = "brains"
features = "windows"
model = { use = "eegnet", kernel = 16 }
split = { use = "kfold", by = "subject", folds = 2, validation = 0.4 }
train = { epochs = 1 }
seeds = [0, 1]
evaluate = { resamples = 200, unit = "recording" }

[experiment.raw.explain.band_attribution]
views = ["passes", "gradient", "stop", "swap", "retrain"]
width = 6.0
step = 6.0
steps = 2
trials = 1
bands = { beta = [14, 31], gamma = [31, 50] }

[experiment.raw.explain.grad_cam]
images_per_class = 2

[experiment.spectra]
dataset = "brains"
features = { use = "spectrogram_map", low = 1, high = 50, window = 1.5 }
model = { use = "frequency_cnn", maps = 2, dense = 4 }
split = { use = "holdout", test = 0.34, validation = 0.34 }
train = { epochs = 1 }
evaluate = { resamples = 200, shuffles = 0 }
images_per_class = 3

[experiment.spectra.explain.saliency]
[experiment.spectra.explain.feature_maps]
[experiment.spectra.explain.activation_maximisation]
steps = 4

[experiment.film]
dataset = "brains"
features = [{ use = "de_and_psd", window = 0.5 }, { use = "topographic_grid", stack = 2 }]
model = { use = "fourd_attention", width = 2, dense = 4, states = 2 }
split = { use = "kfold", by = "subject", folds = 2, validation = 0.4 }
train = { epochs = 1 }
evaluate = { resamples = 200 }

[experiment.film.explain.attention_weights]
[experiment.film.explain.band_attribution]
views = ["gradient", "stop"]
steps = 2
trials = 1
channels = false
"""
KFOLD = 'split = { use = "kfold", by = "subject", folds = 2, validation = 0.4 }'


@dataclass(frozen=True)
class Built:
    """A build of a study."""

    store: Store
    records: Mapping[str, str]

    def of(self, step: str) -> Inputs:
        """The outputs of a step."""
        return self.store.inputs([self.records[step]])


def build(folder: Path, text: str) -> Built:
    folder.mkdir(exist_ok=True)
    (folder / "mkdocs.yml").touch()
    (folder / "study.toml").write_text(text)
    workspace = Workspace(folder, folder)
    made, failed, _ = building.run(workspace, folder / "study.toml", Options(in_process=True, threads=1), Talk(QUIET))
    assert failed == {}
    return Built(Store(workspace.store), made.records)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("decoding"), STUDY)


def test_every_fold_is_trained_on_its_own_part_alone(built: Built) -> None:
    parts = built.of("split raw").one("parts")
    assert (parts == TEST).sum(axis=0).tolist() == [1] * parts.shape[1], "every window is tested once"
    for fold, name in enumerate(built.of("split raw").one("split")["folds"]):
        history = built.of(f"train raw {name} seed 0").one("history")
        assert history["samples"]["train"] == (parts[fold] == 1).sum()
        assert history["standardise"] == {"over": "sample", "numbers": 19}, "channels are scaled, times are not"
        assert history["levels"] is None


def test_answers_of_all_folds_are_gathered_in_the_order_of_the_samples(built: Built) -> None:
    parts = built.of("split raw").one("parts")
    together = built.of("evaluate raw seed 0").one("logits")
    for fold, name in enumerate(built.of("split raw").one("split")["folds"]):
        own = built.of(f"answer raw {name} seed 0").one("fold_logits")
        np.testing.assert_array_equal(together[parts[fold] == TEST], own)
    assert built.of("evaluate raw seed 0").one("model")["id"] == "eegnet"
    assert built.of("evaluate raw seed 1").one("looks") == {"test": 1, "by": ["answer"]}


def test_shuffled_labels_train_a_network_of_their_own(built: Built) -> None:
    names = built.of("split raw").one("split")["folds"]
    real, shuffled = (built.of(f"train raw {names[0]} {which}").one("history") for which in ("seed 0", "shuffle 0"))
    assert real["samples"] == shuffled["samples"]
    assert real["epochs"] != shuffled["epochs"]
    canary = built.of("canary raw").one("canary")
    assert (canary["repeats"], canary["folds"]) == (1, 2)
    assert "canary spectra" not in built.records


def test_a_split_without_folds_has_one_network(built: Built) -> None:
    assert "train spectra seed 0" in built.records
    scores = built.of("score spectra").one("scores")
    assert scores["folds"] == 1
    assert scores["n"] == (built.of("split spectra").one("parts") == TEST).sum()


def test_frequencies_are_told_by_every_view_and_its_control(built: Built) -> None:
    told, effect = (built.of("explain raw band_attribution").one(kind) for kind in ("band_views", "band_effect"))
    assert [view["view"] for view in told["views"] if view["defined"]] == ["passes", "gradient", "stop", "swap"]
    assert all(view["control"] for view in told["views"] if view["defined"])
    assert (told["unit"], len(told["units"]), told["folds"], told["trials"]) == ("recording", 6, 2, 36)
    assert effect["gradient curve"].shape == (6, 3, len(told["windows"]))
    assert effect["stop channels"].shape == (6, 3, 2, 19)
    assert np.isfinite(effect["swap curve"]).all()
    assert [row["class"] for row in told["truth"]] == ["negative", "positive"]


def test_bands_as_a_whole_are_the_windows_of_features_that_know_no_other(built: Built) -> None:
    told = built.of("explain film band_attribution").one("band_views")
    assert not told["fine"]
    assert [view["view"] for view in told["views"] if view["defined"]] == ["gradient", "stop"]
    passes = next(view for view in told["views"] if view["view"] == "passes")
    assert passes["why"]


def test_a_network_is_trained_on_single_bands(built: Built) -> None:
    found = built.of("retrain raw band_attribution").one("band_scores")
    assert [(row["band"], row["low"], row["high"]) for row in found["bands"]] == [("beta", 14, 31), ("gamma", 31, 50)]
    assert all(len(row["units"]) == 6 for row in found["bands"])
    scores = built.of("score raw").one("scores")
    means = [unit["balanced_accuracy"] for unit in scores["units"]]
    assert 0 <= found["whole"]["mean"] <= 1
    assert len(means) == 6


def test_relevance_is_a_mean_over_units_of_all_folds(built: Built) -> None:
    inputs = built.of("explain spectra saliency")
    maps, about = inputs.one("relevance"), inputs.one("relevance_about")
    assert about["axes"] == ["frequency", "channel"]
    assert maps["mean"].shape == (3, 49, 19)
    assert maps["units"].shape[0] == len(about["units"])
    np.testing.assert_allclose(maps["mean"], np.nanmean(maps["units"], axis=0), rtol=1e-5, atol=1e-7)
    assert sum(about["n"]) == len(inputs.one("explained")) == 9
    course = built.of("explain raw grad_cam").one("relevance_about")
    assert course["axes"] == ["time"]
    assert course["folds"] == 2


def test_attention_is_averaged_over_all_folds(built: Built) -> None:
    weights = built.of("explain film attention_weights").one("attention")
    assert weights["spectral"].shape == (6, 3, 10)
    np.testing.assert_allclose(weights["temporal"].mean(axis=-1), 1, rtol=1e-4)


def refused(folder: Path, old: str, new: str) -> str:
    """What a build says of a study in which `old` stands as `new`."""
    assert old in STUDY
    with pytest.raises((UsageError, StudyError)) as error:
        build(folder, STUDY.replace(old, new))
    return str(error.value)


def test_a_feature_that_a_model_cannot_take_is_refused_with_both_shapes(tmp_path: Path) -> None:
    said = refused(tmp_path, 'features = "windows"', 'features = [{ use = "de_and_psd" }, "topographic_grid"]')
    assert "channel" in said
    assert "10" in said
    assert "8" in said


def test_a_view_that_the_input_does_not_define_is_refused_before_any_training(tmp_path: Path) -> None:
    said = refused(tmp_path, 'views = ["gradient", "stop"]', 'views = ["passes"]')
    assert "passes" in said
    assert "explain.band_attribution" in said


def test_a_rate_too_low_for_a_band_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, "gamma = [31, 50]", "gamma = [50, 90]")
    assert "64 Hz" in said


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('train = { augment = "flip" }', "augment"),
        ('evaluate = { views = "flip" }', "views"),
        ("explain = { lime = {} }", "lime"),
        ('task = "explore"', "explore"),
    ],
)
def test_what_is_about_images_is_refused(tmp_path: Path, line: str, what: str) -> None:
    head = STUDY[: STUDY.index("[experiment.raw]")]
    own = f'[experiment.one]\ndataset = "brains"\nfeatures = "windows"\nmodel = "eegnet"\n{KFOLD}\n{line}\n'
    (tmp_path / "study.toml").write_text(head + own)
    with pytest.raises(StudyError, match=what):
        read_study(tmp_path / "study.toml", "", tmp_path)


def test_features_are_scaled_along_the_sample_and_not_along_time() -> None:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((50, 3, 20)) * [[1], [5], [0]] + [[0], [2], [7]]).astype(np.float32)
    scale = Standardise.of_features(x, shared=(1,))
    import torch

    scaled = scale(as_input(torch.from_numpy(x)))[:, 0]
    np.testing.assert_allclose(scaled.mean(dim=(0, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(dim=(0, 2), correction=0), [1, 1, 0], atol=1e-5)
    assert scale.told() == {"over": "sample", "numbers": 3}


def test_a_single_band_of_features_holds_nothing_of_the_others(built: Built) -> None:
    inputs = built.store.inputs([built.records[step] for step in built.records if step.startswith(("load ", "features "))])
    features = next(about["features"] for about, told in inputs.all("features") if told["axes"][1] == "slice")
    mine = Only(inputs, features)
    alone, whole = retrain._only(mine, 31, 50), mine.one("samples")
    names = mine.one("features")["names"]["band"]
    kept = [name for i, name in enumerate(names) if alone[:, :, i].any()]
    assert kept == ["gamma DE", "gamma PSD"]
    np.testing.assert_array_equal(alone[:, :, names.index("gamma DE")], whole[:, :, names.index("gamma DE")])


def test_a_row_on_the_border_of_two_bands_is_of_one_of_them(built: Built) -> None:
    inputs = built.store.inputs([built.records[step] for step in built.records if step.startswith(("load ", "features "))])
    spectra = next(about["features"] for about, told in inputs.all("features") if told["axes"][1] == "frequency")
    mine = Only(inputs, spectra)
    alpha, beta = (retrain._only(mine, *edges).any(axis=(0, 2)) for edges in ((8, 14), (14, 31)))
    names = mine.one("features")["names"]["frequency"]
    assert not (alpha & beta).any()
    assert [name for name, kept in zip(names, alpha, strict=True) if kept] == [f"{hz} Hz" for hz in range(8, 14)]


class Only(Inputs):
    """Of the outputs of several features those of one."""

    def __init__(self, inputs: Inputs, features: str) -> None:
        super().__init__([o for o in inputs._outputs if o.about.get("features", features) == features])


def test_folds_of_one_class_are_refused_before_any_training(tmp_path: Path) -> None:
    said = refused(
        tmp_path, KFOLD + "\ntrain = { epochs = 1 }\nseeds", 'split = { use = "kfold", by = "clip", folds = 6 }\nseeds'
    )
    assert "one class" in said
    assert "explain.band_attribution" in said


POOLED = """
title = "A pool"

[dataset.one]
use = "eeg_sim"
subjects = 3
sessions = 1
trials = 6
seconds = 3
channels = "ten_twenty"

[dataset.two]
use = "eeg_sim"
subjects = 3
sessions = 1
trials = 6
seconds = 3
rate = 160
seed = 1

[pool.both]
datasets = ["one", "two"]
classes = ["negative", "neutral", "positive"]

[experiment.pooled]
dataset = "both"
features = [{ use = "resample", rate = 128 }, "windows"]
model = { use = "eegnet", kernel = 16, filters = 2 }
split = { use = "kfold", by = "subject", folds = 2, validation = 0.4 }
train = { epochs = 1 }
evaluate = { resamples = 200, shuffles = 0 }
explain = { saliency = {}, band_attribution = { views = ["gradient", "stop", "retrain"], steps = 2, width = 6, step = 6 } }
"""


def test_networks_on_a_pool_are_explained_too(tmp_path: Path) -> None:
    told = build(tmp_path, POOLED)
    found = told.of("explain pooled band_attribution").one("band_views")
    assert len(found["units"]) == 6, "people of both"
    assert found["truth"] is None, "members may have planted different things"
    assert told.of("retrain pooled band_attribution").one("band_scores")["bands"]


def test_signals_of_one_length_and_many_rates_know_no_frequencies(tmp_path: Path) -> None:
    own = """
[experiment.one]
dataset = "brains"
features = [{ use = "trim", first = 0.5 }, { use = "fixed_duration", seconds = 2 }, { use = "windows", window = 0 }]
model = { use = "eegnet", kernel = 16 }
split = { use = "kfold", by = "subject", folds = 2, validation = 0.4 }
explain = { band_attribution = {} }
"""
    head = STUDY[: STUDY.index("[experiment.raw]")].replace("seconds = 3", "seconds = 0")
    with pytest.raises(UsageError, match="one length"):
        build(tmp_path, head + own)
