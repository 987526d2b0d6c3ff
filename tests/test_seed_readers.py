"""Readers of the SEED family: files in exactly the published forms come back equal, and every difference is said."""

import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from neuroscan import STEP, write_cnt

from reportgen import plugins
from reportgen.bands import BANDS
from reportgen.datasets import _seed_features, _seed_matlab
from reportgen.datasets import _seed_forms as forms
from reportgen.datasets import _seed_tables as tables
from reportgen.datasets._seed_files import Remarks, Source
from reportgen.errors import DataError, MachineError, UsageError
from reportgen.montage import SEED_62
from reportgen.unpickling import read_npz

RNG = np.random.default_rng(7)
CAP = (*SEED_62, "M1", "M2", "VEO", "HEO")
SHORT = 5  # windows of a trial, or hundreds of samples


def read(use, path, **settings):
    """As the step does it: settings from the plugin's own model."""
    whole = plugins.settings("dataset", use)(path=path, **settings)
    return list(plugins.verb("dataset", use)(**{name: getattr(whole, name) for name in type(whole).model_fields}))


def signals(n, samples=SHORT * 100):
    return [RNG.normal(scale=20, size=(62, samples + i)) for i in range(n)]


def features(n, windows=SHORT):
    return [RNG.normal(size=(windows + i % 3, 62, 5)) for i in range(n)]


def published(table, window=1):
    return [RNG.normal(size=(clip.windows(window), 62, 5)) for clip in table.clips]


def same(recording, trials):
    assert len(recording.stretches) == len(trials)
    for stretch, trial in zip(recording.stretches, trials, strict=True):
        assert stretch.x.dtype == np.float32
        assert stretch.x.flags.c_contiguous
        np.testing.assert_array_equal(stretch.x, trial.astype(np.float32))


def lines(recordings):
    assert not any(recording.notices for recording in recordings[:-1])
    return recordings[-1].notices


# --- the published tables ---------------------------------------------------------------------------------------------


def test_tables_agree_with_the_counts_that_were_published():
    assert sum(clip.windows(1) for clip in tables.SEED.clips) == 3394
    assert sum(clip.windows(1) for clip in tables.SEED.clips[: tables.SEED_TRAIN]) == 2010
    assert sum(clip.windows(4) for clip in tables.SEED.clips) == 842
    assert [sum(clip.windows(4) for clip in table.clips) for table in tables.SEED_IV.values()] == [851, 832, 822]
    assert [sum(clip.windows(4) for clip in table.clips) for table in tables.SEED_V.values()] == [681, 541, 601]
    assert sum(clip.windows(1) for clip in tables.FRENCH.clips[: tables.CULTURE_TRAIN]) == 2228
    every = [tables.SEED, *tables.SEED_IV.values(), *tables.SEED_V.values(), tables.FRENCH, tables.GERMAN]
    for table, n, classes in zip(every, [15, 24, 24, 24, 15, 15, 15, 21, 18], [3, 4, 4, 4, 5, 5, 5, 3, 3], strict=True):
        assert np.bincount(table.labels).tolist() == [n // classes] * classes
        assert [clip.trial for clip in table.clips] == [str(i + 1) for i in range(n)]
    for table in every[4:]:
        spans = [(clip.start, clip.start + clip.seconds) for clip in table.clips]
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        assert all(50 < clip.seconds <= 420 for clip in table.clips)


@pytest.mark.parametrize("use", ["seed", "seed_iv", "seed_v", "seed_ger", "seed_fra"])
def test_facts_are_complete_and_honest(use):
    facts = plugins.module("dataset", use).FACTS
    assert facts.modality == "eeg"
    assert not facts.redistribute
    assert not facts.simulated
    assert not facts.counts
    assert "films are the same" in facts.limits
    assert "application" in facts.licence
    assert facts.bibtex.startswith("@article{")
    assert facts.bibtex.count("{") == facts.bibtex.count("}")
    for reference in facts.references:
        assert reference.value < 0.9  # the others leak
        assert reference.part
    assert plugins.returns("dataset", use) == "Iterator[Recording]"


# --- signals in .mat --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"hdf5": True}, {"hdf5": True, "compress": True}])
def test_seed_signals_come_back_equal(tmp_path, options):
    trials = {(subject, session): signals(15) for subject in (1, 2) for session in (1, 2, 3)}
    for key, own in trials.items():
        forms.write_seed(tmp_path / "SEED_EEG", *key, own, **options)
    (tmp_path / "SEED_EEG" / "Preprocessed_EEG" / "readme.txt").write_text("not a recording")
    found = read("seed", tmp_path)
    assert [(int(one.subject), int(one.session)) for one in found] == list(trials)
    for recording, own in zip(found, trials.values(), strict=True):
        same(recording, own)
        assert recording.rate == 200
        assert recording.unit == "µV"
        assert recording.channels == SEED_62
        assert recording.bands is None
    one = found[0].stretches
    assert [stretch.label for stretch in one] == [2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1, 0, 1, 2, 0]
    assert [stretch.trial for stretch in one] == [stretch.clip for stretch in one] == [str(i) for i in range(1, 16)]
    ends = [stretch.start + stretch.x.shape[1] / 200 for stretch in one]
    assert all(end <= stretch.start for end, stretch in zip(ends, one[1:], strict=False))
    assert len({recording.source for recording in found}) == 6


def test_keys_are_found_by_what_they_end_in_and_not_by_their_place(tmp_path):
    trials = signals(15)
    folder = tmp_path / "Preprocessed_EEG"
    folder.mkdir()
    variables = {f"zjy_eeg{i}": trials[i - 1] for i in (10, 2, 15, 1, 3, 14, 4, 13, 5, 12, 6, 11, 7, 9, 8)}
    forms.write_matlab(folder / "4_20140621.mat", {"about": np.ones((1, 1))} | variables, hdf5=False, compress=False)
    same(read("seed", folder)[0], trials)


def test_sessions_of_seed_are_in_the_order_of_their_dates(tmp_path):
    for date in ("20140419", "20140404", "20140413"):
        write_trials(tmp_path / f"2_{date}.mat", 15, value=int(date[-2:]))
    found = read("seed", tmp_path)
    assert [(one.session, one.stretches[0].x[0, 0]) for one in found] == [("1", 4.0), ("2", 13.0), ("3", 19.0)]
    assert not [line for line in lines(found) if "date" in line]
    (tmp_path / "2_20140404.mat").unlink()
    found = read("seed", tmp_path)
    assert [one.session for one in found] == ["1", "2"]
    assert any("subject 2: 20140413, published 20140404" in line for line in lines(found))
    assert any(line.startswith("recordings absent: 43 (subject 1 session 1; ") for line in lines(found))


def test_seed_iv_signals_come_back_equal_and_films_differ_between_sessions(tmp_path):
    trials = {session: signals(24, 200) for session in (1, 2, 3)}
    for session, own in trials.items():
        forms.write_seed_iv(tmp_path, 1, session, own, hdf5=session == 2)
    found = read("seed_iv", tmp_path, subjects=[1])
    for recording, own in zip(found, trials.values(), strict=True):
        same(recording, own)
    assert [one.stretches[0].label for one in found] == [1, 2, 1]
    assert [one.stretches[23].clip for one in found] == ["1-24", "2-24", "3-24"]
    assert len(lines(found)) == 1  # their lengths only


def write_trials(path, n, channels=62, samples=300, value=None, names="djc_eeg"):
    values = {f"{names}{i}": np.random.default_rng(i).normal(size=(channels, samples)) for i in range(1, n + 1)}
    if value is not None:
        values["djc_eeg1"][0, 0] = value
    forms.write_matlab(path, values, hdf5=False, compress=False)
    return path


def test_what_differs_in_signals_is_one_line_each(tmp_path):
    trials = [
        np.tile(RNG.normal(size=(62, 200)), (1, clip.windows(1) if i == 0 else 2)) for i, clip in enumerate(tables.SEED.clips)
    ]
    trials[3][5] = 0.0
    trials[4][5] = -2.0
    trials[6][0, 7:10] = np.nan
    path = forms.write_seed(tmp_path, 1, 1, [*trials, trials[1]])
    variables = {f"djc_eeg{i}": x for i, x in enumerate([*trials, trials[1]], 1) if i not in {2, 15}}
    forms.write_matlab(path, variables, hdf5=False, compress=False)
    found = read("seed", tmp_path, subjects=[1], sessions=[1])
    name = "Preprocessed_EEG/1_20131027.mat"
    assert set(lines(found)) == {
        f"trials absent: 2 ({name} trial 2; {name} trial 15)",
        f"trials that were not published, left out: 1 ({name} djc_eeg16)",
        f"trials in which channel F7 is flat: 2 ({name} djc_eeg4; {name} djc_eeg5)",
        f"trials with values that are no numbers, left as they are: 1 ({name} djc_eeg7: 3 values)",
        (
            f"trials not as long as published: 12 ({name} djc_eeg3: 2.0 s, published 206 s; {name} djc_eeg4: 2.0 s,"
            f" published 238 s; {name} djc_eeg5: 2.0 s, published 185 s; and 9 more)"
        ),
    }
    assert [stretch.trial for stretch in found[0].stretches] == [str(i) for i in (1, *range(3, 15))]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"djc_eeg1": np.ones((61, 300))}, r"1_20131027\.mat djc_eeg1 is 61 × 300, where 62 channels × time"),
        ({"djc_eeg1": np.ones((300, 62))}, r"djc_eeg1 is 300 × 62"),
        ({"djc_eeg1": np.ones((62, 0))}, r"djc_eeg1 is 62 × 0"),
        ({"djc_eeg1": np.array(["a"])}, r"djc_eeg1 holds no numbers"),
        ({"djc_eeg1": np.ones((62, 9)), "mhw_eeg1": np.ones((62, 9))}, "holds trial 1 twice: djc_eeg1 and mhw_eeg1"),
        ({"de_LDS1": np.ones((62, 9, 5))}, r"holds no trials, keys such as djc_eeg1; found de_LDS1"),
        ({"djc_eeg77": np.ones((62, 9))}, "holds none of the published trials"),
    ],
)
def test_wrong_matlab_files_are_refused(tmp_path, variables, message):
    path = tmp_path / "1_20131027.mat"
    forms.write_matlab(path, variables, hdf5=False, compress=False)
    with pytest.raises(DataError, match=message):
        read("seed", tmp_path)


@pytest.mark.parametrize("options", [{"hdf5": False}, {"hdf5": False, "compress": True}, {"hdf5": True}])
def test_matlab_files_that_are_cut_off_are_one_line(tmp_path, options):
    path = tmp_path / "1_20131027.mat"
    forms.write_matlab(path, {f"djc_eeg{i}": RNG.normal(size=(62, 40)) for i in (1, 2, 3)}, **{"compress": False} | options)
    whole = path.read_bytes()
    for end in np.linspace(0, len(whole) - 1, 60).astype(int):
        path.write_bytes(whole[:end])
        for line in outcome(tmp_path):  # a file that ends between two trials only lacks some
            assert "1_20131027.mat" in line
            assert "\n" not in line
            assert not any(words in line for words in ("index", "buffer", "object"))


def outcome(path):
    """The one line of a refusal, or the notices."""
    try:
        return read("seed", path, subjects=[1], sessions=[1])[0].notices
    except DataError as error:
        return (error.message,)


def test_label_mat_is_held_against_the_published_labels(tmp_path):
    path = forms.write_seed(tmp_path, 1, 1, signals(15, 100)).with_name("label.mat")
    wrong = np.array([[1, 0, -1, 1, 0, 1, -1, 0, 1, 1, 0, -1, 0, 1, -1]])
    forms.write_matlab(path, {"label": wrong}, hdf5=False, compress=False)
    with pytest.raises(DataError, match=r"label\.mat differs from the published labels in trial 4"):
        read("seed", tmp_path)
    forms.write_matlab(path, {"label": wrong[:, :3]}, hdf5=False, compress=False)
    with pytest.raises(DataError, match="their number: 3, published 15"):
        read("seed", tmp_path)
    forms.write_matlab(path, {"labels": wrong}, hdf5=False, compress=False)
    with pytest.raises(DataError, match="no key label; found labels"):
        read("seed", tmp_path)
    for broken, message in ((np.nan, "trial 1: nan, published 1"), (1.7, "trial 1: 1.7, published 1")):
        label = np.array([[broken, *(code - 1 for code in tables.SEED.labels[1:])]])
        forms.write_matlab(path, {"label": label}, hdf5=False, compress=False)
        with pytest.raises(DataError, match=rf"label\.mat differs from the published labels in {message}"):
            read("seed", tmp_path)
    forms.write_matlab(path, {"label": np.array(["negative"] * 15)}, hdf5=False, compress=False)
    with pytest.raises(DataError, match=r"label\.mat label holds no numbers"):
        read("seed", tmp_path)


@pytest.mark.parametrize("rate", [20, 100, 256, 1000])
def test_signals_of_another_rate_are_refused_and_the_rate_is_named(tmp_path, rate):
    shorter = tables.Table(tuple(replace(clip, seconds=clip.seconds / 50) for clip in tables.SEED.clips), slack=0.02)
    path = tmp_path / "1_20131027.mat"
    variables = {f"djc_eeg{i}": np.ones((62, round(clip.seconds * rate))) for i, clip in enumerate(shorter.clips, 1)}
    variables["djc_eeg4"] = np.ones((62, 9))  # one trial may be wrong for itself
    forms.write_matlab(path, variables, hdf5=False, compress=False)
    source = Source(path, path.name, 1, 1)
    with pytest.raises(DataError, match=rf"1_20131027\.mat: its trials are .* it fits {rate} Hz and not 200 Hz"):
        _seed_matlab.recording(source, shorter, Remarks())
    for name in list(variables)[3:]:
        del variables[name]
    forms.write_matlab(path, variables, hdf5=False, compress=False)
    assert len(_seed_matlab.recording(source, shorter, Remarks()).stretches) == 3  # too few to tell


def test_signals_of_seed_iv_at_another_rate_are_refused_by_their_middle_lengths(tmp_path):
    lengths = [4 * clip.windows(4) + 3.9 * RNG.random() for clip in tables.SEED_IV[2].clips]
    trials = [np.zeros((62, round(seconds * 50)), np.int8) for seconds in lengths]
    folder = tmp_path / "2"
    folder.mkdir()
    variables = {f"a_eeg{i}": x for i, x in enumerate(trials, 1)}
    forms.write_matlab(folder / "1_20160518.mat", variables, hdf5=False, compress=False)
    with pytest.raises(DataError, match=r"its trials are 0\.2[45]\d* times as long as published"):
        read("seed_iv", tmp_path)


def test_which_session_is_missing_is_said_not_to_be_known(tmp_path):
    for name in ("1_20131027", "2_20140404", "2_20140413", "16_20150101"):
        write_trials(tmp_path / f"{name}.mat", 15)
    (line,) = (line for line in lines(read("seed", tmp_path)) if "fewer files than sessions" in line)
    assert "which is missing is not known" in line
    assert line.endswith(": 2 (subject 2: 2 of 3; subject 16: 1 of 3)")  # the date of the only file of subject 1 tells


def test_a_path_without_data_says_what_it_looked_for(tmp_path):
    with pytest.raises(DataError, match="is no folder"):
        read("seed", tmp_path / "absent")
    (tmp_path / "notes").mkdir()
    for use, settings in (
        ("seed", {}),
        ("seed", {"form": "features"}),
        ("seed", {"form": "multimodal"}),
        ("seed_iv", {}),
        ("seed_iv", {"form": "features"}),
        ("seed_v", {}),
        ("seed_v", {"form": "features"}),
        ("seed_ger", {}),
        ("seed_fra", {"form": "features", "window": 4}),
    ):
        with pytest.raises(DataError, match=r"holds no .* and so on; found notes"):
            read(use, tmp_path, **settings)


def test_choices_that_nothing_fits_are_refused(tmp_path):
    for session, date in enumerate(("20140404", "20140413"), 1):
        write_trials(tmp_path / f"2_{date}.mat", 15, value=session)
    write_trials(tmp_path / "3_20140603.mat", 15)
    with pytest.raises(DataError, match="there is no subject 9; found are 2, 3"):
        read("seed", tmp_path, subjects=[2, 9])
    with pytest.raises(DataError, match="there is no session 3; found are 1, 2"):
        read("seed", tmp_path, sessions=[3])
    with pytest.raises(DataError, match="no recording belongs to both"):
        read("seed", tmp_path, subjects=[3], sessions=[2])
    found = read("seed", tmp_path, subjects=[2], sessions=[2])
    assert [(one.subject, one.session, one.stretches[0].x[0, 0]) for one in found] == [("2", "2", 2.0)]
    for date in ("20150101", "20150102"):
        write_trials(tmp_path / f"2_{date}.mat", 15)
    with pytest.raises(DataError, match="subject 2 has 4 files"):
        read("seed", tmp_path)


def test_two_folders_of_one_form_are_refused(tmp_path):
    for place in ("old", "new"):
        forms.write_seed(tmp_path / place, 1, 1, signals(15, 100))
    with pytest.raises(DataError, match=r"in new/Preprocessed_EEG and old/Preprocessed_EEG"):
        read("seed", tmp_path)


# --- given features ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hdf5", [False, True])
@pytest.mark.parametrize("window", [1, 4])
def test_seed_features_come_back_equal(tmp_path, hdf5, window):
    given = {"de_LDS": published(tables.SEED, window), "psd_movingAve": published(tables.SEED, window)}
    forms.write_seed_features(tmp_path, 1, 1, given, window=window, hdf5=hdf5)
    settings = {"form": "features", "window": window, "subjects": [1], "sessions": [1]}
    found = read("seed", tmp_path, **settings)
    same(found[0], given["de_LDS"])
    assert found[0].rate == 1 / window
    assert found[0].bands == BANDS
    assert "entropy" in found[0].unit
    assert lines(found) == ()
    assert found[0].stretches[1].start == given["de_LDS"][0].shape[0] * window
    power = read("seed", tmp_path, feature="psd_movingAve", **settings)[0]
    same(power, given["psd_movingAve"])
    assert "power" in power.unit
    with pytest.raises(DataError, match=r"no trials, keys such as de_movingAve1; found "):
        read("seed", tmp_path, feature="de_movingAve", **settings)


def test_windows_of_another_length_than_said_are_refused(tmp_path):
    forms.write_seed_features(tmp_path, 1, 1, {"de_LDS": published(tables.SEED, 4)}, window=4)
    with pytest.raises(DataError, match="as windows of 4 s would give, not of 1 s"):
        read("seed", tmp_path / "ExtractedFeatures_4s", form="features", window=1)


def test_seed_iv_features_come_back_equal(tmp_path):
    for session, table in tables.SEED_IV.items():
        given = published(table, 4)
        forms.write_seed_iv_features(tmp_path, 2, session, {"de_movingAve": given})
        found = read("seed_iv", tmp_path, form="features", feature="de_movingAve", subjects=[2], sessions=[session])
        same(found[0], given)
        assert found[0].rate == 0.25
        assert lines(found) == ()


@pytest.mark.parametrize(
    ("x", "message"),
    [(np.ones((61, 9, 5)), "de_LDS1 is 61 × 9 × 5, where 62 × windows × 5"), (np.ones((62, 9)), "de_LDS1 is 62 × 9")],
)
def test_features_of_another_shape_are_refused(tmp_path, x, message):
    forms.write_matlab(tmp_path / "1_20131027.mat", {"de_LDS1": x}, hdf5=False, compress=False)
    with pytest.raises(DataError, match=message):
        read("seed", tmp_path, form="features")


def test_what_differs_in_features_is_said(tmp_path):
    given = published(tables.SEED)
    given[0][3, 4, 2] = -np.inf
    given[2] = given[2][:100]
    forms.write_seed_features(tmp_path, 1, 1, {"de_LDS": given[:14]})
    found = read("seed", tmp_path, form="features", subjects=[1], sessions=[1])
    name = "ExtractedFeatures_1s/1_20131027.mat"
    assert set(lines(found)) == {
        f"trials absent: 1 ({name} trial 15)",
        f"trials not as long as published: 1 ({name} de_LDS3: 100 windows, published 206)",
        f"trials with values that are no numbers, left as they are: 1 ({name} de_LDS1: 1 values)",
    }


def labels_of_v():
    return [label for table in tables.SEED_V.values() for label in table.labels]


def test_seed_v_features_come_back_equal(tmp_path):
    given = [x for table in tables.SEED_V.values() for x in published(table, 4)]
    forms.write_seed_v_features(tmp_path, 3, given, labels_of_v())
    found = read("seed_v", tmp_path, form="features", subjects=[3])
    assert [one.session for one in found] == ["1", "2", "3"]
    for i, recording in enumerate(found):
        same(recording, given[15 * i : 15 * i + 15])
        assert [stretch.label for stretch in recording.stretches] == labels_of_v()[15 * i : 15 * i + 15]
        assert recording.stretches[0].clip == f"{i + 1}-1"
        assert recording.stretches[1].start == tables.SEED_V[i + 1].clips[1].start
    assert len({one.source for one in found}) == 3
    assert lines(found) == ()
    assert [one.session for one in read("seed_v", tmp_path, form="features", sessions=[2])] == ["2"]


def test_a_file_of_three_sessions_is_opened_once(tmp_path, monkeypatch):
    for subject in (3, 4):
        forms.write_seed_v_features(tmp_path, subject, features(45), labels_of_v())
    opened = []
    monkeypatch.setattr(_seed_features, "read_npz", lambda path: opened.append(path.name) or read_npz(path))
    assert len(read("seed_v", tmp_path, form="features")) == 6
    assert opened == ["3_123.npz", "4_123.npz"]


def test_wrong_seed_v_features_are_refused(tmp_path):
    given, labels = features(45), labels_of_v()
    labels[17] = 0
    path = forms.write_seed_v_features(tmp_path, 3, given, labels)
    with pytest.raises(DataError, match="session 2 trial 17: its label is 0, published is 3"):
        read("seed_v", tmp_path, form="features")
    np.savez(path, data=pickle.dumps({0: np.ones((4, 300))}), label=pickle.dumps({0: np.full(4, 4)}))
    with pytest.raises(DataError, match="trial 0 is 4 × 300, where windows × 62 · 5"):
        read("seed_v", tmp_path, form="features")
    np.savez(path, data=pickle.dumps({0: np.ones((4, 310))}), label=pickle.dumps({}))
    with pytest.raises(DataError, match="trial 0: its label is absent"):
        read("seed_v", tmp_path, form="features")
    np.savez(path, data=np.ones((4, 310)), label=np.ones(4))
    with pytest.raises(DataError, match="no dictionary data; found data, label"):
        read("seed_v", tmp_path, form="features")
    np.savez(path, data=pickle.dumps({0: Runs()}), label=pickle.dumps({}))
    with pytest.raises(
        DataError, match=r"1_123\.npz data: the pickle wants builtins\.eval, which is refused".replace("1_", "3_")
    ):
        read("seed_v", tmp_path, form="features")
    np.savez(path, data=pickle.dumps({0: np.ones((4, 310))}), label=pickle.dumps({0: np.full(2, 4)}))
    with pytest.raises(DataError, match="session 1 trial 0 has 4 windows and 2 labels"):
        read("seed_v", tmp_path, form="features")
    path.write_bytes(b"PK")
    with pytest.raises(DataError, match=r"cannot be read as \.npz"):
        read("seed_v", tmp_path, form="features")
    short = forms.write_seed_v_features(tmp_path, 3, given[:44], labels_of_v()[:44])
    found = read("seed_v", tmp_path, form="features", subjects=[3])
    assert f"trials absent: 1 ({short.relative_to(tmp_path).as_posix()} session 3 trial 44)" in lines(found)


class Runs:
    def __reduce__(self):
        return eval, ("1",)


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("first", [-1, 0])
@pytest.mark.parametrize(
    ("use", "table", "write", "settings"),
    [
        ("seed", tables.SEED, forms.write_multimodal, {"form": "multimodal"}),
        ("seed_ger", tables.GERMAN, forms.write_seed_ger, {"form": "features"}),
        ("seed_fra", tables.FRENCH, forms.write_seed_fra, {"form": "features"}),
    ],
)
def test_features_in_two_parts_come_back_equal(tmp_path, use, table, write, settings, window, first):
    given = published(table, window)
    write(tmp_path, 1, 1, given, [label + first for label in table.labels], window)
    found = read(use, tmp_path, window=window, subjects=[1], sessions=[1], **settings)
    same(found[0], given)
    assert [stretch.label for stretch in found[0].stretches] == list(table.labels)
    assert [stretch.clip for stretch in found[0].stretches] == [clip.trial for clip in table.clips]
    assert found[0].rate == 1 / window
    assert lines(found) == ()


def test_films_of_one_class_stay_together_where_their_border_is_unknown(tmp_path):
    """Trials 2 and 3 of the German films are both negative and follow each other."""
    given = published(tables.GERMAN)
    given[1] = given[1][:-3]
    given[0] = given[0][:-7]
    forms.write_seed_ger(tmp_path, 1, 1, given, tables.GERMAN.labels)
    found = read("seed_ger", tmp_path, form="features", subjects=[1], sessions=[1])
    same(found[0], [given[0], np.concatenate(given[1:3]), *given[3:]])
    assert [stretch.clip for stretch in found[0].stretches[:3]] == ["1", "2+3", "4"]
    notices = lines(found)
    assert len(notices) == 2
    assert any("stay one trial" in line and "trial 2+3: 640 windows, published 420 + 223" in line for line in notices)
    assert any("trial 1: 124 windows, published 131" in line for line in notices)


def test_labels_in_another_order_are_refused(tmp_path):
    labels = list(tables.FRENCH.labels)
    labels[4] = 0
    forms.write_seed_fra(tmp_path, 1, 1, features(21), labels)
    with pytest.raises(DataError, match=r"1_1\.npz: its labels.* 2 1 0 1? ?.* not the published order"):
        read("seed_fra", tmp_path, form="features")
    labels[4] = 7
    forms.write_seed_fra(tmp_path, 1, 1, features(21), labels)
    with pytest.raises(DataError, match=r"its labels are 0, 1, 2, 7, where they must be"):
        read("seed_fra", tmp_path, form="features")
    forms.write_seed_fra(tmp_path, 1, 1, features(21), [str(label) for label in tables.FRENCH.labels])
    with pytest.raises(DataError, match="its labels are no numbers but such as '0, 1, 2'"):
        read("seed_fra", tmp_path, form="features")


def test_broken_parts_are_refused(tmp_path):
    folder = tmp_path / "eeg_used_1s"
    folder.mkdir()
    bands = {band: np.ones((4, 62)) for band in BANDS}
    good = {"train_data": bands, "test_data": bands, "train_label": np.ones(4), "test_label": np.ones(4)}
    for changed, message in (
        (
            {"train_data": {"delta": np.ones((4, 62))}},
            "train_data has no theta and no alpha and no beta and no gamma; found delta",
        ),
        ({"test_data": bands | {"beta": np.ones((4, 61))}}, "test_data beta is 4 × 61"),
        ({"test_label": np.ones(3)}, "test_data has 4 windows, test_label 3"),
        ({"test_data": [1]}, "does not hold a dictionary test_data"),
        ({"train_data": bands | {"beta": Runs()}}, r"1_1\.npz train_data: the pickle wants builtins\.eval"),
        ({}, "not the published order"),
    ):
        members = good | changed
        np.savez(folder / "1_1.npz", **{k: v if "label" in k else pickle.dumps(v) for k, v in members.items()})
        with pytest.raises(DataError, match=message):
            read("seed_ger", tmp_path, form="features")
    (folder / "1_1.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"1_1\.npz cannot be read as \.npz"):
        read("seed_ger", tmp_path, form="features")


# --- continuous recordings --------------------------------------------------------------------------------------------


def counting(seconds, rate, channels=CAP):
    """Each channel tells its own place and the time: (channel, time) µV."""
    time = np.arange(seconds * rate) / rate
    return np.stack([1000.0 * (i + 1) + time for i in range(len(channels))])


@pytest.mark.parametrize("session", [1, 2, 3])
def test_seed_v_is_cut_at_the_published_seconds(tmp_path, session):
    """A recording in full length, at 4 Hz to be small: nothing is resampled, so that samples tell where they lay."""
    table = tables.SEED_V[session]
    end = int(table.clips[-1].start + table.clips[-1].seconds)
    write_cnt(tmp_path / "EEG_raw" / f"1_{session}_20180804.cnt", counting(end + 10, 4), CAP, 4)
    found = read("seed_v", tmp_path, rate=4, margin=5, subjects=[1], sessions=[session])
    assert lines(found) == ()
    assert found[0].channels == SEED_62
    for stretch, clip in zip(found[0].stretches, table.clips, strict=True):
        own = stretch.x[:, stretch.lead : stretch.x.shape[1] - stretch.tail]
        assert (stretch.start, stretch.label, stretch.clip) == (clip.start, clip.label, f"{session}-{clip.trial}")
        assert stretch.lead == stretch.tail == 20
        expected = 1000.0 * np.arange(1, 63)[:, None] + clip.start + np.arange(clip.seconds * 4) / 4
        np.testing.assert_allclose(own, expected, atol=STEP)
        np.testing.assert_allclose(stretch.x[0], 1000 + clip.start - 5 + np.arange(stretch.x.shape[1]) / 4, atol=STEP)


TABLE = "trial,label,start,end\n1,positive,2,8\n2,-1,9,14\n3,neutral,15,19\n"


def german(folder, x, channels=CAP, rate=1000, table=TABLE, **options):
    (folder / "trials.csv").write_text(table)
    return write_cnt(folder / "01-EEG-raw" / "1_1.cnt", x, channels, rate, **options)


def test_resampling_keeps_the_low_and_removes_what_would_fold_down(tmp_path):
    """At 200 Hz, 180 Hz would look like 20 Hz."""
    time = np.arange(20_000) / 1000
    x = np.zeros((len(CAP), time.size))
    x[:31] = 50 * np.sin(2 * np.pi * 30 * time)
    x[31:62] = 50 * np.sin(2 * np.pi * 180 * time)
    german(tmp_path, x)
    found = read("seed_ger", tmp_path, trials="trials.csv", margin=1.5)
    assert found[0].rate == 200
    assert [stretch.label for stretch in found[0].stretches] == [2, 0, 1]
    assert [(s.lead, s.tail, s.x.shape[1]) for s in found[0].stretches] == [
        (300, 300, 1800),
        (300, 300, 1600),
        (300, 200, 1300),
    ]
    for stretch in found[0].stretches:
        own = stretch.x[:, stretch.lead : stretch.x.shape[1] - stretch.tail]
        expected = 50 * np.sin(2 * np.pi * 30 * (stretch.start + np.arange(own.shape[1]) / 200))
        np.testing.assert_allclose(own[:31], np.tile(expected, (31, 1)), atol=0.5)
        assert own[31:].std() < 0.05


def test_channels_are_taken_by_name(tmp_path):
    names = [*CAP[:2], "VEO", *CAP[2:64], "HEO", "TRIGGER"]
    names[3], names[9] = names[9], names[3].lower()
    german(tmp_path, counting(20, 100, names), names, 100)
    found = read("seed_ger", tmp_path, trials="trials.csv", rate=100)
    first = found[0].stretches[0]
    assert found[0].channels == SEED_62
    upper = [name.upper() for name in names]
    np.testing.assert_allclose(first.x[:, first.lead], [1000 * (upper.index(name) + 1) + 2 for name in SEED_62], atol=STEP)
    assert any(line.startswith("recordings with channels in another order") for line in lines(found))
    assert any(line.startswith("recordings with channel TRIGGER, left out") for line in lines(found))


def test_recordings_without_the_lowest_electrodes_keep_sixty_channels(tmp_path):
    names = [name for name in CAP if name not in {"CB1", "CB2"}]
    german(tmp_path, counting(20, 100, names), names, 100)
    found = read("seed_ger", tmp_path, trials="trials.csv", rate=100)
    assert found[0].channels == tuple(name for name in SEED_62 if name not in {"CB1", "CB2"})
    assert "recordings without channel CB1: 1 (01-EEG-raw/1_1.cnt)" in lines(found)
    write_cnt(tmp_path / "01-EEG-raw" / "2_1.cnt", counting(20, 100), CAP, 100)
    with pytest.raises(DataError, match="has 62 channels, those before 60: CB1, CB2 not in all"):
        read("seed_ger", tmp_path, trials="trials.csv", rate=100)


def test_wrong_continuous_files_are_refused(tmp_path):
    path = german(tmp_path, counting(20, 100), rate=100)
    whole = path.read_bytes()
    settings = {"trials": "trials.csv", "rate": 100}
    for content, message in (
        (whole[: len(whole) // 2], r"1_1\.cnt is cut off: it has [\d,]+ bytes, its table of events starts at"),
        (whole[:500], "is cut off in its header: it has 500 bytes"),
        (b"", "begins with b''"),
        (b"EDF" + whole[3:], "begins with b'EDFsion 3.0'"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=message):
            read("seed_ger", tmp_path, **settings)
    path.write_bytes(b"RIFF" + whole[4:])
    with pytest.raises(UsageError, match=r"1_1\.cnt"):  # with antio: it cannot be read; without: install it
        read("seed_ger", tmp_path, **settings)
    names = ["A1" if name == "FZ" else name for name in CAP]
    german(tmp_path, counting(20, 100), names, 100)
    with pytest.raises(DataError, match=r"lacks the channels FZ \(61 of 62 are there\)"):
        read("seed_ger", tmp_path, **settings)
    names = ["FZ" if name == "M1" else name for name in CAP]
    german(tmp_path, counting(20, 100), names, 100)
    with pytest.raises(DataError, match=r"1_1\.cnt has the channels FZ more than once"):
        read("seed_ger", tmp_path, **settings)
    german(tmp_path, counting(2, 100), rate=100)
    with pytest.raises(DataError, match=r"is 2.0 s long, its first trial starts at 2 s"):
        read("seed_ger", tmp_path, **settings)
    with pytest.raises(UsageError, match=r"recorded at 100 Hz, less than rate = 200"):
        read("seed_ger", tmp_path, trials="trials.csv")


def test_tables_that_do_not_fit_the_file_are_said(tmp_path):
    german(tmp_path, counting(12, 100), rate=100)
    found = read("seed_ger", tmp_path, trials="trials.csv", rate=100, margin=0, subjects=[1], sessions=[1])
    assert [(s.lead, s.tail, s.x.shape[1]) for s in found[0].stretches] == [(0, 0, 600), (0, 0, 300)]
    assert set(lines(found)) == {
        "trials in a table of its own: 1 (trials.csv: 3, published 18)",
        "trials after the end of the recording, absent: 1 (01-EEG-raw/1_1.cnt trial 3, recorded 12.0 s)",
        "trials cut short by the end of the recording: 1 (01-EEG-raw/1_1.cnt trial 2: 2.0 s)",
    }


@pytest.mark.parametrize("count", [-732, 0, 2000, 77])
def test_the_number_of_samples_in_the_header_does_not_matter(tmp_path, count):
    german(tmp_path, counting(20, 100), rate=100, count=count)
    found = read("seed_ger", tmp_path, trials="trials.csv", rate=100)
    assert found[0].stretches[2].x.shape[1] == 400 + 400 + 100


def test_sixteen_bits_are_told_from_the_size(tmp_path):
    x = RNG.normal(scale=20, size=(len(CAP), 2000))
    german(tmp_path, x, rate=100, count=2000, width=2)
    first = read("seed_ger", tmp_path, trials="trials.csv", rate=100, margin=0)[0].stretches[0]
    np.testing.assert_allclose(first.x, x[:62, 200:800], atol=STEP)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trial,label,start\n1,1,2\n", "has not all of the columns trial, label, start, end"),
        ("trial,label,start,end\n", "or no rows"),
        ("trial,label,start,end\n1,angry,2,8\n", r"row 2: label is 'angry', known are negative, neutral, positive, -1, 0, 1"),
        ("trial,label,start,end\n1,1,2,x\n", "row 2: start '2' or end 'x' is no number"),
        ("trial,label,start,end\n1,1,8,2\n", "from 8 to 2 s is no span"),
        ("trial,label,start,end\n1,1,2,8\n2,0,7,9\n", "trial 2 starts at 7 s, before trial 1 ends at 8 s"),
        ("trial,label,start,end\n1,1,2,8\n1,0,9,10\n", "not all a name of their own"),
    ],
)
def test_wrong_tables_are_refused(tmp_path, text, message):
    german(tmp_path, counting(20, 100), rate=100, table=text)
    with pytest.raises(DataError, match=message):
        read("seed_ger", tmp_path, trials="trials.csv", rate=100)
    with pytest.raises(DataError, match=r"other\.csv cannot be read"):
        read("seed_ger", tmp_path, trials="other.csv")


@pytest.mark.parametrize("trials", ["../t.csv", "tables/t.csv", "tables\\t.csv", "/t.csv"])
def test_a_table_outside_of_the_data_is_refused(tmp_path, trials):
    with pytest.raises(UsageError, match="is no plain name of a file"):
        read("seed_fra", tmp_path, trials=trials)


def test_a_table_of_the_user_also_cuts_features(tmp_path):
    (tmp_path / "films.csv").write_text(TABLE)
    given = features(3, 6)
    folder = tmp_path / "German" / "02-EEG-DE-feature"
    forms.write_parted_features(folder, 1, 1, given, [1, -1, 0], train=2)
    same(read("seed_ger", tmp_path, form="features", trials="films.csv")[0], given)


def test_ant_files_are_read_through_antio(tmp_path):
    pyeep = pytest.importorskip("antio.libeep.pyeep", reason="antio, which reads files of ANT, is not installed")
    write_ant(pyeep, tmp_path / "01-EEG-raw" / "1_1.cnt", x := RNG.normal(scale=20, size=(66, 20 * 250)), CAP, 250)
    (tmp_path / "trials.csv").write_text(TABLE)
    found = read("seed_fra", tmp_path, trials="trials.csv", rate=250, margin=0)
    np.testing.assert_allclose(found[0].stretches[1].x, x[:62, 9 * 250 : 14 * 250], atol=0.01)


def test_ant_files_without_antio_say_what_to_install(tmp_path, monkeypatch):
    path = german(tmp_path, counting(20, 100), rate=100)
    path.write_bytes(b"RIFF" + path.read_bytes()[4:])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MachineError, match="antio"):
        read("seed_ger", tmp_path, trials="trials.csv", rate=100)


def write_ant(pyeep, path, x, channels, rate):
    path.parent.mkdir(parents=True)
    info = pyeep.create_channel_info()
    for name in channels:
        pyeep.add_channel(info, name, "ref", "uV")
    file = pyeep.write_cnt(str(path), rate, info, 0)
    pyeep.add_samples(file, x.T.astype(np.float32).ravel().tolist(), len(channels))
    pyeep.close(file)
    pyeep.close_channel_info(info)
