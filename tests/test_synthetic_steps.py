"""The task generate, from its plan to its scores: who sees what, what diverges, and what is left out."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen import plugins
from reportgen.core import PARTS, TEST, TRAIN, VALIDATION
from reportgen.errors import StudyError, UsageError
from reportgen.outputs import Inputs, Output
from reportgen.planning import plan_study
from reportgen.steps import generate, liken, rehearse_generators, teach
from reportgen.study import Study
from reportgen.study_file import read_study
from reportgen.synthetic import Learnable, Made
from tests.factories_recordings import chosen, divided, featured, loaded, step, training
from tests.factories_synthetic import ENTROPY, HOLDOUT, LOGISTIC, SETTINGS, experiment, weighed

GENERATORS = """
[experiment.made.generate.gaussian]
[experiment.made.generate.copies]
use = "mixup"
"""
STUDY = """
title = "Synthetic"
[dataset.brains]
use = "eeg_sim"
[experiment.made]
task = "generate"
dataset = "brains"
features = "differential_entropy"
model = "logistic_regression"
split = "loso"
"""
STUDY += GENERATORS


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    folder = tmp_path_factory.mktemp("samples")
    data = loaded(folder)
    return [*data, *featured(folder, data, ENTROPY)]


@pytest.fixture(scope="module")
def whole(samples: list[Output], tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return Inputs([*samples, *experiment(tmp_path_factory.mktemp("whole"), samples)])


def study_of(text: str) -> Study:
    return Study.model_validate(tomllib.loads(text))


def faults_of(text: str, tmp_path: Path) -> str:
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(StudyError) as caught:
        read_study(path, "full", tmp_path)
    return str(caught.value)


def put_in(monkeypatch: pytest.MonkeyPatch, maker: Callable[..., Made]) -> None:
    """Let every generator be this one."""
    verb = plugins.verb
    monkeypatch.setattr(plugins, "verb", lambda kind, name: maker if kind == "generator" else verb(kind, name))


# The plan


def test_each_fold_has_its_own_generators_and_controls() -> None:
    names = [step.name for step in plan_study(study_of(STUDY), Path(), folds={"made": ["subject 1", "subject 2"]})]
    for fold in ("subject 1", "subject 2"):
        for key in ("gaussian", "copies"):
            assert {f"{verb} made {key} {fold} seed 0" for verb in ("generate", "liken", "teach")} <= set(names)
        assert {f"liken made {fold} controls", f"teach made {fold} real", f"teach made {fold} classes"} <= set(names)
    assert names[-1] == "weigh made"


def test_before_the_split_is_made_one_step_stands_for_all_folds() -> None:
    steps = plan_study(study_of(STUDY), Path())
    assert [step.name for step in steps if not step.call] == ["generate made in each fold"]


def test_every_step_comes_after_those_that_it_reads() -> None:
    steps = plan_study(study_of(STUDY.replace("loso", "holdout").replace("logistic_regression", "band_map_cnn")), Path())
    for place, one in enumerate(steps):
        assert set(one.inputs) <= {step.name for step in steps[:place]}, one.name
    assert "train made on real samples" in {step.name for step in steps}


def test_a_network_on_real_samples_is_no_result_of_its_own() -> None:
    steps = plan_study(study_of(STUDY.replace("loso", "holdout").replace("logistic_regression", "band_map_cnn")), Path())
    frozen = next(step for step in steps if step.name.startswith("train "))
    assert "experiment" not in frozen.about and frozen.about["control"] == "made"


@pytest.mark.parametrize(
    ("change", "place", "word"),
    [
        (
            ('[experiment.made.generate.gaussian]\n[experiment.made.generate.copies]\nuse = "mixup"\n', ""),
            "made.generate",
            "needs",
        ),
        (('task = "generate"', 'task = "classify"'), "made.generate", "only the task generate"),
        (("generate.copies", "generate.noise"), "generate.noise", "a control has this name"),
        (("generate.gaussian]", "generate.gausian]"), "gausian", "did you mean 'gaussian'"),
        (('use = "mixup"', 'use = "mixup"\nalpha = -1'), "copies", "greater than 0"),
        (('use = "eeg_sim"', 'use = "faces_sim"'), "task", "generate is for recordings"),
        (
            ('split = "loso"', 'split = "loso"\ntrain = { scale = "subject" }'),
            "train.scale",
            "synthetic samples are of no person",
        ),
        (('split = "loso"', 'split = "loso"\nevaluate = { shuffles = 2 }'), "evaluate.shuffles", "swapped classes"),
        (
            ("[experiment.made.generate.gaussian]", "realism = { resamples = 3 }\n[experiment.made.generate.gaussian]"),
            "resamples",
            "200",
        ),
    ],
)
def test_wrong_tables_are_told_with_their_place(change: tuple[str, str], place: str, word: str, tmp_path: Path) -> None:
    told = faults_of(STUDY.replace(*change), tmp_path)
    assert place in told and word in told


# Who sees what


def test_a_generator_gets_no_test_sample(samples: list[Output], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Learnable] = []

    def spy(known: Learnable, _place: object, **_: Any) -> Made:
        seen.append(known)
        return Made(x=known.train.x[: len(known.wanted)], source=np.arange(len(known.wanted))[:, None])

    put_in(monkeypatch, spy)
    parts = divided(tmp_path, samples, "made", HOLDOUT)
    made = step(
        tmp_path,
        "generate",
        generate.run,
        [*samples, *parts],
        parts[0].about,
        use="gaussian",
        settings={},
        most=400,
        seed=0,
        fold=0,
    )
    inputs = Inputs([*samples, *parts, *made])
    divide, every = inputs.one("parts"), np.asarray(inputs.one("samples"))
    held_out = {row.tobytes() for row in every[divide == TEST]}
    given = [*seen[0].train.x, *seen[0].validation.x]
    assert len(given) == np.isin(divide, (TRAIN, VALIDATION)).sum()
    assert not held_out & {np.asarray(row).tobytes() for row in given}
    assert set(divide[inputs.one("synthetic_source")].ravel()) == {TRAIN}, "sources are rows of all samples"
    assert inputs.one("generator")["trained"]["seen"] == [PARTS[TRAIN], PARTS[VALIDATION]]


def test_classes_are_asked_for_as_they_are_learned_from(whole: Inputs) -> None:
    train = np.asarray(whole.one("labels"))[np.asarray(whole.one("parts")) == TRAIN]
    for _, labels in whole.all("synthetic_labels"):
        assert np.array_equal(np.bincount(labels), np.bincount(train))


def test_no_more_samples_are_made_than_asked_for(samples: list[Output], tmp_path: Path) -> None:
    parts = divided(tmp_path, samples, "made", HOLDOUT)
    use = {**chosen("generator", "gaussian"), "most": 30, "seed": 0, "fold": 0}
    made = Inputs(step(tmp_path, "generate", generate.run, [*samples, *parts], parts[0].about, **use))
    assert len(made.one("synthetic")) == 30
    assert np.ptp(np.bincount(made.one("synthetic_labels"))) <= 1, "classes in proportion"


# What comes of it


def test_controls_stand_beside_generators(whole: Inputs) -> None:
    found = whole.one("signal_scores")
    keys = [one["key"] for one in found["candidates"]]
    assert keys == ["gaussian", "mixup", "dense", "real", "noise", "channels", "classes"]
    assert [one["sort"] for one in found["candidates"]][:4] == ["plain", "plain", "network", "control"]
    assert "psd_distance" not in {score["score"] for score in found["scores"]}, "maps have no spectra"
    assert found["over"] == "trial" and found["unit_of_test"] == "subject" and found["units"] == 6


def test_what_an_estimator_cannot_tell_is_left_out_with_a_reason(whole: Inputs) -> None:
    frechet = next(score for score in whole.one("signal_scores")["scores"] if score["score"] == "frechet")
    assert "no network" in frechet["absent"]


def test_one_channel_has_nothing_to_be_shuffled(samples: list[Output], tmp_path: Path) -> None:
    alone = []
    for one in samples:
        if one.kind in ("samples", "features"):
            path = tmp_path / one.path.name
            if one.kind == "samples":
                np.save(path, np.asarray(one.load())[:, :1])
            else:
                table = one.load()
                path.write_text(json.dumps({**table, "shape": [1, *table["shape"][1:]], "channels": table["channels"][:1]}))
            alone.append(Output(one.kind, path, one.about))
        else:
            alone.append(one)
    made = Inputs([*alone, *experiment(tmp_path / "steps", alone, generators={"gaussian": {"use": "gaussian"}})])
    found = made.one("signal_scores")
    assert "channels" not in {one["key"] for one in found["candidates"]}
    assert found["candidates"][0]["values"]["covariance_distance"]["position"] is None, "no ceiling, no place"


def test_noise_is_far_and_wrong_classes_teach_wrongly(whole: Inputs) -> None:
    values = {one["key"]: one["values"] for one in whole.one("signal_scores")["candidates"]}
    assert values["noise"]["two_sample_auc"]["mean"] > 0.9 > values["real"]["two_sample_auc"]["mean"]
    assert values["noise"]["coverage"]["mean"] < 0.2 < values["real"]["coverage"]["mean"]
    assert values["classes"]["tstr"]["mean"] < values["real"]["tstr"]["mean"]


def test_real_samples_teach_what_the_real_model_knows(whole: Inputs) -> None:
    taught = whole.one("taught", candidate="real")
    labels, parts = np.asarray(whole.one("labels")), np.asarray(whole.one("parts"))
    right = (taught["tstr"][0].argmax(1) == labels[parts == TEST]).mean()
    assert right == pytest.approx(whole.one("signal_scores")["utility"]["real"]["mean"], abs=0.1)
    assert taught["trts"].shape[0] == (parts == TRAIN).sum()


def test_no_more_real_samples_stand_beside_than_are_made(samples: list[Output], tmp_path: Path) -> None:
    parts = divided(tmp_path, samples, "capped", HOLDOUT)
    given, few = [*samples, *parts], {"most": 30, "fold": 0, "seed": 0}
    held = Inputs(step(tmp_path, "liken", liken.run, given, parts[0].about, **SETTINGS | few)).one("realism_about")
    assert sum(held["n"]["compared"].values()) == 30
    learner = {"model": chosen("model", LOGISTIC), "train": training(), "trainings": 1, "candidate": "real"}
    taught = Inputs(step(tmp_path, "teach", teach.run, given, parts[0].about, **learner, **few))
    assert taught.one("taught_about")["n"]["synthetic"] == 30 < taught.one("taught_about")["n"]["real"]
    arrays = taught.one("taught")
    assert not np.array_equal(arrays["tstr"], arrays["alone"]), "some of the real samples, and all of them"


def test_memory_is_not_measured_where_one_person_is_held_out(samples: list[Output], tmp_path: Path) -> None:
    """All other samples of the test part are of that person, and nearer than those of other people can be."""
    parts = divided(tmp_path, samples, "strangers", {"use": "loso"})
    held = Inputs(step(tmp_path, "liken", liken.run, [*samples, *parts], parts[0].about, **SETTINGS, fold=0, seed=0))
    told = held.one("realism_about")["candidates"]["noise"]
    assert "unknown to the training part" in told["why"]["memory_ratio"] and told["copies"] is None


def test_people_who_are_held_out_together_are_held_against_each_other(samples: list[Output], tmp_path: Path) -> None:
    parts = divided(tmp_path, samples, "people", {"use": "kfold", "by": "subject", "folds": 2, "validation": 0.3})
    held = Inputs(step(tmp_path, "liken", liken.run, [*samples, *parts], parts[0].about, **SETTINGS, fold=0, seed=0))
    assert held.one("realism")["real/memory_ratio"][0] < 1.5, "not as near as one's own trials are"


def test_too_few_trials_leave_scores_out_and_say_why(samples: list[Output], tmp_path: Path) -> None:
    few = {"use": "holdout", "test": 0.08, "validation": 0.1}
    parts = divided(tmp_path, samples, "few", few)
    held = step(tmp_path, "liken", liken.run, [*samples, *parts], parts[0].about, **SETTINGS, fold=0, seed=0)
    told = Inputs(held).one("realism_about")["candidates"]["noise"]["why"]
    assert told and all("needed" in why or "needs" in why for why in told.values())


def test_a_diverged_generator_stops_alone(samples: list[Output], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = {
        "epochs": [],
        "chosen": None,
        "chosen_by": "last",
        "floor": None,
        "judged": None,
        "diverged": "epoch 3: no number",
    }
    verb = plugins.verb

    def broken(_known: Learnable, _place: object, **_: Any) -> Made:
        return Made(x=None, course=course, diverged="epoch 3: the loss is no number")

    monkeypatch.setattr(plugins, "verb", lambda kind, name: broken if name == "gan_dense" else verb(kind, name))
    generators = {"gaussian": {"use": "gaussian"}, "dense": {"use": "gan_dense"}}
    inputs = Inputs([*samples, *experiment(tmp_path, samples, generators=generators)])
    found = inputs.one("signal_scores")
    dense = next(one for one in found["candidates"] if one["key"] == "dense")
    assert dense["diverged"] == "epoch 3: the loss is no number"
    assert {value["mean"] for value in dense["values"].values()} == {None}
    assert all("diverged" in value["why"] for value in dense["values"].values())
    assert "dense" not in {row["key"] for row in found["utility"]["rows"]}
    assert found["candidates"][0]["values"]["coverage"]["mean"] is not None, "the others go on"
    assert inputs.one("course")["diverged"], "its curves are kept"


def test_a_generator_that_cannot_make_the_feature_is_told_before_any_training(samples: list[Output], tmp_path: Path) -> None:
    parts = divided(tmp_path, samples, "made", HOLDOUT)
    settings = {
        "model": chosen("model", LOGISTIC),
        "train": training(),
        "generators": {"phases": chosen("generator", "phase_surrogate")},
    }
    with pytest.raises(UsageError) as caught:
        step(tmp_path, "rehearse", rehearse_generators.run, [*samples, *parts], parts[0].about, **settings)
    told = str(caught.value)
    assert told.startswith("generate.phases: ") and "19 × 5 (channel, band)" in told and "(channel, time)" in told


def test_folds_and_seeds_are_averaged(samples: list[Output], tmp_path: Path) -> None:
    once = experiment(tmp_path / "once", samples, generators={"gaussian": {"use": "gaussian"}})
    twice = [Output(one.kind, one.path, {**one.about, "seed": "1"}) for one in once if "generator" in one.about]
    generators = {"gaussian": {"use": "gaussian"}}
    parts = [one for one in once if one.kind != "signal_scores"]
    single = Inputs(weighed(tmp_path / "a", [*samples, *parts], "synthetic", generators)).one("signal_scores")
    double = Inputs(weighed(tmp_path / "b", [*samples, *parts, *twice], "synthetic", generators)).one("signal_scores")
    for first, second in zip(single["candidates"], double["candidates"], strict=True):
        for name, value in first["values"].items():
            assert second["values"][name]["mean"] == pytest.approx(value["mean"], abs=1e-9), name
