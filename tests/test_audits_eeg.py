"""Every audit of recordings finds its planted fault, says that a clean study is clean, and has nothing to say of images."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen import plugins
from reportgen.audits import (
    amplitude_baseline,
    broken_channels,
    clip_identity,
    constant_predictions,
    fitted_across_split,
    identical_samples,
    metric_artefacts,
    overlapping_windows,
    score_above_baseline,
    shared_groups,
    shuffled_labels,
    temporal_gamma,
    test_used_for_choosing,
    too_few_units,
    validation_above_test,
)
from reportgen.core import TEST, TRAIN, Finding
from reportgen.outputs import Inputs, Output
from reportgen.steps import audit
from reportgen.words import percent
from tests import (
    factories,
    factories_eeg,
    test_audits,
    test_audits_frequencies,
    test_audits_ratings,
    test_audits_regression,
    test_audits_synthetic,
)

AUDITS = (
    "amplitude_baseline",
    "broken_channels",
    "clip_identity",
    "fitted_across_split",
    "overlapping_windows",
    "shared_groups",
    "shuffled_labels",
    "temporal_gamma",
    "too_few_units",
)
ALL = tuple(sorted(plugins.find("audit")))
LOOK = {"dataset": "eeg", "features": "power", "experiment": "look"}


def only(findings: Iterable[Finding], about: str = "") -> Finding:
    (finding,) = (finding for finding in findings if finding.about.endswith(about))
    return finding


def said(findings: Iterable[Finding]) -> dict[str, str]:
    """{title: severity}."""
    return {finding.title: finding.severity for finding in findings}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    return factories_eeg.clean(tmp_path_factory.mktemp("clean"))


@pytest.fixture
def recorded(tmp_path: Path) -> list[Output]:
    """Six people who saw the same nine clips once, 10 s apart, and windows of 1 s of them."""
    outputs = factories_eeg.recordings(tmp_path)
    return outputs + factories_eeg.featured(tmp_path, outputs)


def divided(folder: Path, given: Sequence[Output], use: str, **settings: Any) -> Inputs:
    return Inputs([*given, *factories_eeg.divided(folder, given, "svm", use, **settings)])


def at_random(folder: Path, given: Sequence[Output], folds: int = 2) -> list[Output]:
    """Windows divided at random, whatever trial they belong to."""
    split = factories_eeg.divided(folder, given, "svm", "kfold", folds=folds)
    n = len(Inputs(given).one("labels"))
    tested = np.random.default_rng(0).permutation(n) % folds
    factories_eeg.again(split, np.where(tested == np.arange(folds)[:, None], TEST, TRAIN))
    return [*given, *split]


@pytest.mark.parametrize("name", ALL)
def test_clean_study_is_clean(name: str, clean: list[Output], tmp_path: Path) -> None:
    """With what stands in NEEDS and no more, through the step, as JSON."""
    needed = {*plugins.constant(plugins.path_of("audit", name), "NEEDS"), "facts"}
    out = factories.out_in(tmp_path, name)
    settings = plugins.settings("audit", name)().model_dump(mode="json")
    audit.run(Inputs([output for output in clean if output.kind in needed]), out, None, use=name, settings=settings)
    found = json.loads((out.folder / "findings.json").read_text())
    assert {finding["severity"] for finding in found} <= {"ok"}
    assert all(finding["evidence"] and not finding["remedy"] for finding in found)
    assert found or name not in AUDITS


@pytest.mark.parametrize("name", AUDITS)
def test_images_are_none_of_their_business(name: str, tmp_path: Path) -> None:
    assert not list(plugins.verb("audit", name)(Inputs(factories.study(tmp_path))))


@pytest.fixture(scope="module")
def mixed(clean: list[Output], tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    """Images, recordings with two features, another data set and a pool of both, splits without folds, nothing validated."""
    folder = tmp_path_factory.mktemp("mixed")
    images = [output for output in factories.study(folder) if output.kind not in ("findings", "figure")]
    other = factories_eeg.recordings(folder, "other", subjects=1, clips="", seed=1)
    both = factories_eeg.pooled(folder, [*clean, *other], "eeg", "other")
    signals = [output for output in [*both, *clean, *other] if output.kind in ("facts", "stretches", "signals")]
    both += factories_eeg.featured(folder, signals, name="pooled")
    both += factories_eeg.experiment(
        folder, both, "across", "cross_dataset", "pooled", split={"validation": 0}, unvalidated=True
    )
    other += factories_eeg.featured(folder, other)
    other += factories_eeg.experiment(folder, other, "alone", "holdout", split={"test": 0.34, "validation": 0.3})
    return [*images, *clean, *both, *other]


@pytest.mark.parametrize("name", ALL)
def test_every_audit_survives_a_mixed_study(name: str, clean: list[Output], mixed: list[Output]) -> None:
    findings = list(plugins.verb("audit", name)(Inputs(mixed)))
    places = [f"data set {one}" for one in ("faces", "eeg", "other", "both")]
    places += [f"experiment {one}" for one in ("small", "svm", "loudness", "frequent", "look", "across", "alone")]
    assert {finding.about for finding in findings} <= set(places)
    assert all(finding.evidence and bool(finding.remedy) == (finding.severity != "ok") for finding in findings)
    only_eeg = {(f.severity, f.about, f.title) for f in plugins.verb("audit", name)(Inputs(clean))}
    assert only_eeg <= {(f.severity, f.about, f.title) for f in findings}, "images change nothing of what is said of recordings"


def test_all_audits_are_tested() -> None:
    others = (test_audits, test_audits_frequencies, test_audits_synthetic, test_audits_ratings, test_audits_regression)
    assert {*AUDITS, *(name for file in others for name in file.AUDITS)} == set(ALL)


def test_windows_of_a_trial_in_training_and_test(recorded: list[Output], tmp_path: Path) -> None:
    trials, people, clips = shared_groups.inspect(Inputs(at_random(tmp_path, recorded)))
    assert (trials.severity, trials.about) == ("error", "experiment svm")
    labels = Inputs(recorded).one("rows")["trial"]
    n = len(labels)
    tested = np.random.default_rng(0).permutation(n) % 2
    mixed = [len(set(tested[labels == name])) > 1 for name in labels]
    assert trials.evidence.startswith(f"{sum(mixed)} of {n} test samples ({percent(np.mean(mixed))}) in 2 of 2 folds")
    assert (people.severity, clips.severity) == ("notice", "warning")


@pytest.mark.parametrize(
    ("use", "settings", "people", "clips"),
    [
        ("loso", {}, "ok", "warning"),
        ("loso_clip", {"clip_folds": 3}, "ok", "ok"),
        ("kfold", {}, "notice", "warning"),
        ("kfold", {"by": "clip", "folds": 3}, "notice", "ok"),
        ("kfold", {"by": "subject", "folds": 3}, "ok", "warning"),
        ("front_back", {"train": 6.0}, "notice", "ok"),
    ],
)
def test_splits_keep_apart_what_they_say(
    recorded: list[Output], tmp_path: Path, use: str, settings: dict[str, Any], people: str, clips: str
) -> None:
    found = list(shared_groups.inspect(divided(tmp_path, recorded, use, **settings)))
    assert [finding.severity for finding in found] == ["ok", people, clips]


def test_what_models_know_of_those_they_are_tested_on(tmp_path: Path) -> None:
    """The same people on another day: not within recordings, but within subjects."""
    given = factories_eeg.recordings(tmp_path, subjects=3, sessions=2)
    given += factories_eeg.featured(tmp_path, given)
    _, other_day, _ = shared_groups.inspect(divided(tmp_path / "a", given, "cross_session"))
    assert other_day.title.startswith("The score is within subjects")
    assert "the recording and session of 0 of 108" in other_day.evidence and "the subject of 108 of 108" in other_day.evidence
    _, same_day, _ = shared_groups.inspect(divided(tmp_path / "b", given, "kfold"))
    assert same_day.title.startswith("The score is within recordings")
    assert "not for another day" in same_day.remedy


@pytest.mark.parametrize(("use", "group"), [("loso", "subject"), ("loso_clip", "clip")])
def test_split_that_breaks_its_word(recorded: list[Output], tmp_path: Path, use: str, group: str) -> None:
    """One trial too many is learned from in the first fold: the one that is tested, or what others answered to its clip."""
    split = factories_eeg.divided(tmp_path, recorded, "svm", use)
    parts = np.array(Inputs(split).one("parts"))
    rows = Inputs(recorded).one("rows")
    first = np.flatnonzero(parts[0] == TEST)[0]
    own = rows["trial"] == rows["trial"][first]
    parts[0, own if group == "subject" else (rows["clip"] == rows["clip"][first]) & ~own] = TRAIN
    factories_eeg.again(split, parts)
    found = {finding.title: finding for finding in shared_groups.inspect(Inputs([*recorded, *split]))}
    broken = found[f"The split {use} does not keep apart what it says"]
    assert broken.severity == "error" and f"belong to a {group} that their model learned from" in broken.evidence


def test_windows_that_overlap_between_training_and_test(tmp_path: Path) -> None:
    """Windows of 1 s, half a second apart: any two neighbours overlap."""
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, {"use": "amplitude", "window": 1.0, "step": 0.5})
    given = at_random(tmp_path, given)
    inputs = Inputs(given)
    found = only(overlapping_windows.inspect(inputs))
    rows, parts = inputs.one("rows"), inputs.one("parts")
    close = (rows["trial"][:, None] == rows["trial"]) & (np.abs(rows["start"][:, None] - rows["start"]) < 0.9)
    n = sum((close[own == TEST][:, own == TRAIN]).any(axis=1).sum() for own in parts)
    assert (found.severity, found.title) == ("error", "Windows of training and test overlap in time")
    assert found.evidence.startswith(f"{n} of {len(rows['start'])} test windows")


def test_windows_that_touch_between_training_and_test(recorded: list[Output], tmp_path: Path) -> None:
    found = only(overlapping_windows.inspect(Inputs(at_random(tmp_path, recorded))))
    assert (found.severity, found.title) == ("warning", "Windows of training and test lie next to each other")
    assert found.evidence.startswith(f"0 of 108 test windows ({percent(0)}) overlap")


@pytest.mark.parametrize(("pause", "severity"), [(10.0, "ok"), (0.5, "warning"), (0.0, "notice")])
def test_trials_that_follow_each_other(tmp_path: Path, pause: float, severity: str) -> None:
    """Without any pauses at all they may not have been recorded one right after the other: some sets do not publish pauses."""
    given = factories_eeg.recordings(tmp_path, pause=pause)
    if pause == 0.5:  # every trial but the last is followed by one half a second later, and that by a long break
        table = next(output.path for output in given if output.kind == "stretches")
        rows = json.loads(table.read_text())
        rows["start"] = [start + 60 * (trial == "9") for start, trial in zip(rows["start"], rows["trial"], strict=True)]
        table.write_text(json.dumps(rows))
    given += factories_eeg.featured(tmp_path, given)
    found = only(overlapping_windows.inspect(divided(tmp_path, given, "kfold")))
    assert found.severity == severity
    assert overlapping_windows.inspect(divided(tmp_path / "loso", given, "loso")).__next__().severity == "ok"


def test_neighbours_may_be_set_nearer(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path, pause=0.5)
    given += factories_eeg.featured(tmp_path, given)
    assert only(overlapping_windows.inspect(divided(tmp_path, given, "kfold"), near=0.3)).severity == "ok"


@pytest.mark.parametrize(("causal", "severity"), [(False, "error"), (True, "error")])
def test_smoothing_across_a_split_of_windows(tmp_path: Path, causal: bool, severity: str) -> None:
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, "amplitude", {"use": "lds", "causal": causal})
    found = only(fitted_across_split.inspect(Inputs(at_random(tmp_path, given))))
    assert (found.severity, found.title) == (severity, "Smoothing mixes training and test")


@pytest.mark.parametrize(("causal", "severity"), [(False, "error"), (True, "ok")])
def test_smoothing_across_a_split_by_time(tmp_path: Path, causal: bool, severity: str) -> None:
    """The last window of each trial is tested: a filter that looks back lends nothing of it to the others."""
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, "amplitude", {"use": "lds", "causal": causal})
    split = factories_eeg.divided(tmp_path, given, "svm", "kfold", folds=2)
    factories_eeg.again(split, np.where(Inputs(given).one("rows")["index"] == 1, TEST, TRAIN)[None])
    found = only(fitted_across_split.inspect(Inputs([*given, *split])))
    assert found.severity == severity
    assert ("54 of 54" in found.evidence) == (severity == "error")


def test_smoothing_within_trials_is_honest(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, "amplitude", "lds")
    assert only(fitted_across_split.inspect(divided(tmp_path, given, "loso"))).severity == "ok"


@pytest.mark.parametrize(
    ("fault", "severity", "evidence"),
    [
        ({"scale": "subject"}, "notice", "all of their subject, training or test: 108 test samples took part"),
        ({"beyond": 5}, "error", "first fold 0: 77 train samples of 72"),
        ({"scale": "none"}, "ok", "features scaled by nothing"),
    ],
)
def test_scaling_and_fitting(recorded: list[Output], tmp_path: Path, fault: Any, severity: str, evidence: str) -> None:
    split = factories_eeg.divided(tmp_path, recorded, "svm", "loso")
    fits = factories_eeg.fitted(tmp_path, [*recorded, *split], **fault)
    found = only(fitted_across_split.inspect(Inputs([*recorded, *split, *fits])))
    assert found.severity == severity
    assert evidence in found.evidence.replace("features scaled by those of nothing", "")


def test_shuffled_labels_that_score(tmp_path: Path) -> None:
    """Each trial has a level of its own, and its windows are divided at random: the model recognises trials."""
    levels = np.random.default_rng(3)

    def spoil(x: np.ndarray, _recording: int) -> None:
        x *= np.exp(levels.normal(0, 2, (len(x), 1)))

    given = factories_eeg.recordings(tmp_path, spoil=spoil, seconds=6.0)
    given = at_random(tmp_path, given + factories_eeg.featured(tmp_path, given))
    found = only(shuffled_labels.inspect(Inputs([*given, *factories_eeg.shuffled(tmp_path, given)])))
    assert (found.severity, found.about) == ("error", "experiment svm")
    assert "training trials kept their labels" in found.evidence


def flat(x: np.ndarray, _recording: int) -> None:
    x[1] = 3.0


def holed(x: np.ndarray, recording: int) -> None:
    x[2, : 20 * (recording == 4)] = np.nan


def saturated(x: np.ndarray, recording: int) -> None:
    x[3] = np.clip(x[3], -8, 8) if recording < 2 else x[3]


def humming(x: np.ndarray, _recording: int) -> None:
    x[0] += 20 * np.sin(2 * np.pi * 50 * np.arange(x.shape[1]) / factories_eeg.RATE)


@pytest.mark.parametrize(
    ("spoil", "channel", "recordings", "severity", "lost"),
    [
        (flat, "C3", "6", "warning", 6),
        (holed, "C4", "1", "warning", 1),
        (saturated, "PZ", "2", "warning", 2),
        (humming, "FZ", "6", "notice", 0),
    ],
)
def test_broken_channels(tmp_path: Path, spoil: Any, channel: str, recordings: str, severity: str, lost: int) -> None:
    found = only(broken_channels.inspect(Inputs(factories_eeg.recordings(tmp_path, spoil=spoil))))
    assert (found.severity, found.about) == (severity, "data set eeg")
    assert found.evidence.startswith(f"{lost} of 36 channels of 6 recordings are unusable")
    assert (channel, recordings) in {(row[0], row[2]) for row in found.rows[1:]}
    assert found.remedy


def test_channels_that_are_mended_are_a_notice(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path, spoil=flat)
    mended = factories_eeg.featured(tmp_path, given, "bad_channels", "amplitude", name="mended")
    assert only(broken_channels.inspect(Inputs([*given, *mended]))).severity == "notice"
    raw = factories_eeg.featured(tmp_path, given, "amplitude")
    assert only(broken_channels.inspect(Inputs([*given, *mended, *raw]))).severity == "warning"


def test_mains_are_no_matter_to_filtered_features(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path, spoil=humming)
    quiet = factories_eeg.featured(tmp_path, given, {"use": "band_filter", "high": 45.0}, "amplitude")
    assert "keeps the mains from the models" in only(broken_channels.inspect(Inputs([*given, *quiet]))).remedy
    loud = factories_eeg.featured(tmp_path, given, {"use": "band_filter", "high": 60.0}, "amplitude", name="loud")
    assert "Put band_filter with notch" in only(broken_channels.inspect(Inputs([*given, *quiet, *loud]))).remedy


def scored(folder: Path, unit: str = "auto", use: str = "kfold", **data: Any) -> list[Output]:
    given = factories_eeg.recordings(folder, **data)
    given += factories_eeg.featured(folder, given)
    return given + factories_eeg.experiment(folder, given, use=use, unit=unit)


def test_five_people_are_too_few(tmp_path: Path) -> None:
    found = only(too_few_units.inspect(Inputs(scored(tmp_path, subjects=5))))
    assert (found.severity, found.title) == ("notice", "Too few subjects to claim anything")
    assert found.evidence == "90 test samples of 5 subjects; 6 are needed for an interval"


def test_one_recording_is_one_unit_unless_trials_are(tmp_path: Path) -> None:
    """Of a single recording, trials are the units: intervals can be had, for this person on this day."""
    few, finer = too_few_units.inspect(Inputs(scored(tmp_path / "trials", subjects=1)))
    assert (few.severity, finer.severity, finer.title) == ("ok", "notice", "The score holds for one person")
    few, _ = too_few_units.inspect(Inputs(scored(tmp_path / "recording", subjects=1, unit="recording")))
    assert (few.severity, few.title) == ("warning", "Too few recordings to claim anything")


def test_units_that_are_finer_than_people(tmp_path: Path) -> None:
    few, finer = too_few_units.inspect(Inputs(scored(tmp_path, unit="trial")))
    assert (few.severity, finer.severity, finer.title) == ("ok", "notice", "The score holds for these people")
    assert finer.evidence == "intervals are over 54 trials of 6 subjects"


def on_amplitudes(folder: Path, given: Sequence[Output], control: float, **about: Any) -> list[Output]:
    loud = factories_eeg.featured(folder, given, "amplitude", name="amplitude")
    return loud + factories_eeg.experiment(folder, [*given, *loud], "loudness", features="amplitude", accuracy=control, **about)


@pytest.mark.parametrize("compare", [True, False])
@pytest.mark.parametrize(("control", "severity"), [(0.35, "ok"), (0.75, "warning"), (0.9, "warning")])
def test_amplitudes_that_do_as_well(tmp_path: Path, control: float, severity: str, compare: bool) -> None:
    """In the direction that a comparison has, whichever is the better one, and without one."""
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, "psd")
    study = [*given, *factories_eeg.experiment(tmp_path, given), *on_amplitudes(tmp_path, given, control)]
    if compare:
        study += factories_eeg.compared(tmp_path, study, "svm", "loudness")
    found = only(amplitude_baseline.inspect(Inputs(study)))
    assert (found.severity, found.about) == (severity, "experiment svm")
    assert ("on the same 108 samples" in found.evidence) == compare
    assert "[" in found.evidence, "an interval"
    assert (f"difference {'−' if control > 0.8 else ''}0" in found.evidence) or control == 0.75


@pytest.mark.parametrize(("control", "severity"), [(0.5, "notice"), (0.9, "warning")])
def test_amplitudes_and_few_people(tmp_path: Path, control: float, severity: str) -> None:
    given = factories_eeg.recordings(tmp_path, subjects=3)
    given += factories_eeg.featured(tmp_path, given, "psd")
    study = [*given, *factories_eeg.experiment(tmp_path, given), *on_amplitudes(tmp_path, given, control)]
    found = only(amplitude_baseline.inspect(Inputs(study)))
    assert found.severity == severity and "[" not in found.evidence
    assert found.evidence.endswith("fewer than the 6 that a test needs")


def test_amplitudes_that_tell_nothing_are_good_news(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path)
    found = list(score_above_baseline.inspect(Inputs([*given, *on_amplitudes(tmp_path, given, 0.2)])))
    assert [(one.severity, one.remedy) for one in found] == [("ok", "")]
    assert "is not clearly above" in found[0].title or "is below" in found[0].title


def test_nobody_tried_amplitudes(tmp_path: Path) -> None:
    """On this split: another one does not count. The remedy says which lines to add."""
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, "psd")
    study = [*given, *factories_eeg.experiment(tmp_path, given), *on_amplitudes(tmp_path, given, 0.5, use="loso")]
    found = only(amplitude_baseline.inspect(Inputs(study)))
    assert (found.severity, found.about) == ("notice", "data set eeg")
    assert '[experiment.svm_amplitude] with dataset = "eeg", features = "amplitude"' in found.remedy
    assert 'split = {use = "loso_clip", clip_folds = 3, validation = 0.2}' in found.remedy


def test_splits_without_amplitudes_are_told_together(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, "psd")
    study = [*given, *factories_eeg.experiment(tmp_path, given), *factories_eeg.experiment(tmp_path, given, "people", "loso")]
    found = only(amplitude_baseline.inspect(Inputs(study)))
    assert found.evidence == "2 splits without one: loso_clip of svm; loso of people"
    assert found.remedy.count("logistic_regression") == 1 and "the split of each of people" in found.remedy


def test_page_and_audit_decide_by_the_same_p(tmp_path: Path) -> None:
    """An interval above 0 whose p-value, all pairs considered, is not small: not clear."""
    given = factories_eeg.recordings(tmp_path)
    given += factories_eeg.featured(tmp_path, given, "psd")
    study = [*given, *factories_eeg.experiment(tmp_path, given, accuracy=0.8), *on_amplitudes(tmp_path, given, 0.35)]
    study += factories_eeg.compared(tmp_path, study, "svm", "loudness")
    path = next(output.path for output in study if output.kind == "comparison")
    table = json.loads(path.read_text())
    table["pairs"][0]["p_holm"] = 0.09
    path.write_text(json.dumps(table))
    found = only(amplitude_baseline.inspect(Inputs(study)))
    assert table["pairs"][0]["low"] > 0 and (found.severity, found.title.count("not clearly")) == ("notice", 1)
    assert "after Holm" in found.evidence and "amplitudes 0.3" in found.evidence


def test_given_features_have_no_amplitudes(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path, bands={"alpha": (8.0, 14.0), "beta": (14.0, 31.0)})
    given += factories_eeg.featured(tmp_path, given, "average")
    study = Inputs([*given, *factories_eeg.experiment(tmp_path, given)])
    assert not list(amplitude_baseline.inspect(study)) and not list(broken_channels.inspect(study))


@pytest.mark.parametrize(
    ("strong", "p", "severity"),
    [
        ({("T7", "gamma"): 0.4}, 0.001, "warning"),
        ({("T8", "gamma"): 0.3, ("C3", "alpha"): 0.4}, 0.001, "warning"),
        ({("T8", "gamma"): 0.1, ("C3", "alpha"): 0.4}, 0.001, "ok"),
        ({("T7", "gamma"): 0.4}, 0.2, "ok"),
        ({("T7", "beta"): 0.4, ("C4", "gamma"): 0.4}, 0.001, "ok"),
    ],
)
def test_fast_oscillations_at_temporal_sites(tmp_path: Path, strong: Any, p: float, severity: str) -> None:
    """Strongest, among the strongest, weak, by chance, and one of either."""
    given = factories_eeg.recordings(tmp_path)
    found = only(temporal_gamma.inspect(Inputs([*given, *factories_eeg.separated(tmp_path, strong, LOOK, p)])))
    assert (found.severity, found.about) == (severity, "experiment look")
    assert "of the power at temporal sites" in found.evidence
    if severity == "warning":
        assert "T7 and T8" in found.remedy and {row[:2] for row in found.rows[1:]} <= set(strong)


def test_everybody_saw_the_same_clips(recorded: list[Output], tmp_path: Path) -> None:
    found = only(clip_identity.inspect(divided(tmp_path, recorded, "loso")))
    assert (found.severity, found.about) == ("warning", "data set eeg")
    assert found.evidence == (
        "9 clips, 3 of the class with the fewest; 9 were seen by several people; svm is tested on clips learned from"
    )
    assert 'Copy [experiment.svm] under another name with split = {use = "loso_clip", clip_folds = 3}' in found.remedy


@pytest.mark.parametrize(("clips", "severity"), [("own", "ok"), ("", "notice")])
def test_clips_of_ones_own_and_unknown_ones(tmp_path: Path, clips: str, severity: str) -> None:
    given = factories_eeg.recordings(tmp_path, clips=clips)
    given += factories_eeg.featured(tmp_path, given)
    assert only(clip_identity.inspect(divided(tmp_path, given, "loso"))).severity == severity


def test_one_clip_of_each_class_can_tell_nothing(tmp_path: Path) -> None:
    given = factories_eeg.recordings(tmp_path, trials=3)
    given += factories_eeg.featured(tmp_path, given)
    found = only(clip_identity.inspect(divided(tmp_path, given, "loso", validation=0)))
    assert found.severity == "warning" and found.remedy.startswith("Show several clips of each class")


@pytest.mark.parametrize(
    ("subjects", "known", "severity"), [(6, 0.9, "warning"), (6, 0.4, "ok"), (3, 0.9, "notice"), (3, 0.4, "ok")]
)
def test_gap_between_known_and_unknown_clips(tmp_path: Path, subjects: int, known: float, severity: str) -> None:
    given = factories_eeg.recordings(tmp_path, subjects=subjects)
    given += factories_eeg.featured(tmp_path, given)
    study = [*given, *factories_eeg.experiment(tmp_path, given, "strangers", "loso", accuracy=known)]
    study += factories_eeg.experiment(tmp_path, given, "clips", "loso_clip", accuracy=0.6)
    study += factories_eeg.contrasted(tmp_path, study, {"strangers": "loso", "clips": "loso_clip"})
    found = only(clip_identity.inspect(Inputs(study)))
    assert (found.severity, found.about) == (severity, "experiment strangers")
    assert "of clips on unknown ones; difference" in found.evidence and f"over {subjects} subjects" in found.evidence


def test_unknown_clips_that_are_not_contrasted(recorded: list[Output], tmp_path: Path) -> None:
    """Two experiments that differ in more than their split."""
    both = factories_eeg.divided(tmp_path, recorded, "strangers", "loso")
    both += factories_eeg.divided(tmp_path, recorded, "clips", "loso_clip")
    found = only(clip_identity.inspect(Inputs([*recorded, *both])))
    assert (found.severity, found.title) == ("notice", "Nothing says what knowing the clips is worth")


@pytest.mark.parametrize(("model", "severities"), [("svm", {"error"}), ("most_frequent", set())])
def test_only_models_that_are_meant_to_guess_may(
    recorded: list[Output], tmp_path: Path, model: str, severities: set[str]
) -> None:
    study = Inputs([*recorded, *factories_eeg.experiment(tmp_path, recorded, model=model, constant=1)])
    assert {finding.severity for finding in constant_predictions.inspect(study)} == severities
    for one in (score_above_baseline, metric_artefacts):
        assert bool(list(one.inspect(study))) == bool(severities)


def test_validation_on_people_that_the_model_knows(recorded: list[Output], tmp_path: Path) -> None:
    """Far above the score of others: no surprise, but no score either."""
    study = recorded + factories_eeg.experiment(tmp_path, recorded, accuracy=0.5)
    path = next(output.path for output in study if output.kind == "scores")
    scores = json.loads(path.read_text())
    scores["validation"]["accuracy"]["mean"] = 0.9
    path.write_text(json.dumps(scores))
    found = only(validation_above_test.inspect(Inputs(study)))
    assert found.severity == "notice" and "Never report it" in found.remedy


def test_identical_windows_in_training_and_test(tmp_path: Path) -> None:
    """Two people with one and the same recording: a file was copied."""
    given = copied(tmp_path)
    found = only(identical_samples.inspect(divided(tmp_path / "loso", given, "loso")))
    assert found.severity == "error"
    assert found.evidence.startswith(f"36 of 108 test samples ({percent(1 / 3)}) in 2 of 6 folds")
    assert found.rows[1:] == (("s1 1", "s2 1", "18"),) and "s1 1 or s2 1" in found.remedy
    assert "twin" not in found.remedy


def test_copies_that_are_tested_together_count_twice(tmp_path: Path) -> None:
    given = copied(tmp_path)
    split = factories_eeg.divided(tmp_path, given, "svm", "kfold", by="subject", folds=2)
    tested = np.isin(Inputs(given).one("rows")["recording"], ["s1 1", "s2 1"])
    factories_eeg.again(split, np.where([tested, ~tested], TEST, TRAIN))
    found = only(identical_samples.inspect(Inputs([*given, *split])))
    assert (found.severity, found.title) == ("warning", "Recordings are copies of each other")


def test_a_data_set_that_is_pooled_with_itself(tmp_path: Path) -> None:
    """Its features, which have no measures of signals: the pool cannot refuse them, the audit can."""
    bands = {"alpha": (8.0, 14.0), "beta": (14.0, 31.0)}
    members = [o for name in ("eeg", "copy") for o in factories_eeg.recordings(tmp_path, name, subjects=3, bands=bands)]
    both = factories_eeg.pooled(tmp_path, members, "eeg", "copy")
    both += factories_eeg.featured(tmp_path, [*both, *members], "average")
    found = only(identical_samples.inspect(divided(tmp_path, both, "loso")))
    assert found.severity == "error" and found.remedy.startswith("Leave copy or eeg out of the pool")
    assert "in 6 of 6 folds" in found.evidence and len(found.rows) == 4


def copied(folder: Path) -> list[Output]:
    """The first two of six people have one and the same recording."""
    rng = np.random.default_rng(0)
    trials = [rng.normal(0, 10, (6, 256)) for _ in range(9)]
    turn = {number: iter(trials) for number in (0, 1)}

    def spoil(x: np.ndarray, recording: int) -> None:
        if recording in turn:
            x[:] = next(turn[recording])

    given = factories_eeg.recordings(folder, spoil=spoil)
    return given + factories_eeg.featured(folder, given)


def of_one_class(folder: Path, group: str) -> list[Output]:
    """Six recordings, two of each person; each recording or person has one class."""
    given = factories_eeg.recordings(folder, subjects=6 if group == "subject" else 3, sessions=2)
    path = next(output.path for output in given if output.kind == "stretches")
    table = json.loads(path.read_text())
    names = list(dict.fromkeys(table[group]))
    table["label"] = [names.index(name) % 3 for name in table[group]]
    path.write_text(json.dumps(table))
    return given + factories_eeg.featured(folder, given)


@pytest.mark.parametrize("group", ["recording", "subject"])
def test_class_that_is_the_recording(tmp_path: Path, group: str) -> None:
    """Trials are divided: to know the recording, or the person, is to know the class. Apart they can be told nothing of it."""
    given = of_one_class(tmp_path, group)
    _, leak, _ = shared_groups.inspect(divided(tmp_path / "trial", given, "kfold"))
    assert (leak.severity, leak.title) == (
        "warning",
        f"{group.capitalize()}s hold one class each, and are in training and in test",
    )
    assert f'by = "{group}"' in leak.remedy and leak.evidence.startswith(f"6 of 6 {group}s hold a single class")
    _, apart, _ = shared_groups.inspect(divided(tmp_path / "apart", given, "kfold", by=group, folds=2))
    assert apart.severity == ("notice" if group == "recording" else "ok")


def test_what_holds_for_several_experiments_is_told_once(recorded: list[Output], tmp_path: Path) -> None:
    both = factories_eeg.divided(tmp_path, recorded, "svm", "kfold") + factories_eeg.divided(tmp_path, recorded, "net", "kfold")
    found = list(shared_groups.inspect(Inputs([*recorded, *both])))
    assert [one.about for one in found if one.severity != "ok"] == ["experiment svm"] * 2
    assert all(one.evidence.endswith("; the same holds for net") for one in found if one.severity != "ok")


def test_another_data_set_of_a_pool_does_not_tell_what_clips_are_worth(tmp_path: Path) -> None:
    """It differs in more, and no contrast names the difference."""
    both = [
        *factories_eeg.recordings(tmp_path, "eeg", subjects=3),
        *factories_eeg.recordings(tmp_path, "more", subjects=3, seed=1),
    ]
    pool = factories_eeg.pooled(tmp_path, both, "eeg", "more")
    pool += factories_eeg.featured(tmp_path, [*pool, *both])
    study = [*pool, *factories_eeg.divided(tmp_path, pool, "people", "loso")]
    study += factories_eeg.divided(tmp_path, pool, "across", "cross_dataset")
    found = only(clip_identity.inspect(Inputs(study)))
    assert found.severity == "warning" and "loso_clip" in found.remedy
    assert all("across" not in one.remedy for one in shared_groups.inspect(Inputs(study)))


def test_folds_look_at_their_test_parts_once(recorded: list[Output], tmp_path: Path) -> None:
    study = recorded + factories_eeg.experiment(tmp_path, recorded, seeds=(0, 1))
    found = only(test_used_for_choosing.inspect(Inputs(study)))
    assert found.severity == "ok" and found.evidence.endswith("one by each of 36 trained models")
    path = next(o.path for o in study if o.kind == "looks" and "fold" not in o.about and o.about["seed"] == "1")
    path.write_text(json.dumps({"test": 3, "by": ["me"]}))
    assert only(test_used_for_choosing.inspect(Inputs(study))).severity == "error"
