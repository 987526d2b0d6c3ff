"""Anybody's recordings: the same trials from every format, each sample in its place, and every fault said with its place."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pytest
from scipy.io import savemat

from reportgen.core import Recording
from reportgen.datasets.eeg_recordings import FACTS, load
from reportgen.errors import UsageError
from reportgen.plugins import settings

RATE = 200
SECONDS = 40
REAL = Path(__file__).parents[2] / "shared/data"
CHANNELS = ("Fc5.", "Cz..", "EEG O1")
OURS = ("FC5", "CZ", "O1")
EVENTS = ((5.0, "calm"), (15.0, "fear"), (25.0, "rest"), (30.0, "calm"))
WANTED: dict[str, Any] = {"classes": ("calm", "afraid"), "events": {"calm": "calm", "fear": "afraid"}}

Events = Sequence[tuple[float, str]]


def signal(channels: int = len(CHANNELS), seconds: int = SECONDS, rate: int = RATE) -> np.ndarray:
    """(channel, time) µV: whole numbers that tell the channel and the time."""
    return np.arange(seconds * rate)[None] % 1000 - 500 + 1000.0 * np.arange(channels)[:, None]


def write_fif(path: Path, x: np.ndarray, events: Events = EVENTS, names: Sequence[str] = CHANNELS, rate: float = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = mne.io.RawArray(x * 1e-6, mne.create_info(list(names), rate, "eeg"), verbose="error")
    raw.set_annotations(mne.Annotations([t for t, _ in events], [0.0] * len(events), [text for _, text in events]))
    raw.save(path, fmt="double", verbose="error")
    return path


def padded(*cells: tuple[object, int]) -> bytes:
    return b"".join(str(value).ljust(width).encode("ascii") for value, width in cells)


def edf_header(names: Sequence[str], samples: Sequence[int], kind: str, unit: str, top: int) -> bytes:
    """Of EDF+ and BDF, with records of one second."""
    first = b"\xffBIOSEMI" if kind == "bdf" else padded(("0", 8))
    length, reserved = 256 * (len(names) + 1), "24BIT" if kind == "bdf" else "EDF+C"
    patient = padded(("X X X X", 80), ("Startdate X X X X", 80), ("01.01.20", 8), ("00.00.00", 8))
    whole = first + patient + padded((length, 8), (reserved, 44), (SECONDS, 8), (1, 8), (len(names), 4))
    plain = [name in ("EDF Annotations", "Status") for name in names]
    columns: list[tuple[Sequence[object], int]] = [
        (names, 16),
        ([""] * len(names), 80),
        (["" if other else unit for other in plain], 8),
        ([-top] * len(names), 8),
        ([top - 1] * len(names), 8),
        ([-top] * len(names), 8),
        ([top - 1] * len(names), 8),
        ([""] * len(names), 80),
        (samples, 8),
        ([""] * len(names), 32),
    ]
    return whole + b"".join(padded(*((value, width) for value in values)) for values, width in columns)


def write_edf(path: Path, x: np.ndarray, events: Events = EVENTS, unit: str = "uV") -> Path:
    """EDF+ by hand: MNE's own export needs more packages."""
    width = 60  # samples of 2 bytes for the annotations of a second
    head = edf_header((*CHANNELS, "EDF Annotations"), (*[RATE] * len(x), width), "edf", unit, 32768)
    records = []
    for second in range(SECONDS):
        told = "".join(f"+{t}\x14{text}\x14\x00" for t, text in events if second <= t < second + 1)
        notes = f"+{second}\x14\x14\x00{told}".encode().ljust(2 * width, b"\x00")
        records.append(x[:, second * RATE : (second + 1) * RATE].astype("<i2").tobytes() + notes)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + b"".join(records))
    return path


def write_bdf(path: Path, x: np.ndarray, events: Events = EVENTS) -> Path:
    """BDF as BioSemi writes it: events are values of a trigger channel, 1 calm, 2 fear, 3 rest."""
    triggers = np.zeros(x.shape[1], np.int64)
    for t, text in events:
        triggers[round(t * RATE) : round(t * RATE) + 10] = 1 + ("calm", "fear", "rest").index(text)
    values = np.vstack((x, triggers)).astype("<i4")
    head = edf_header((*CHANNELS, "Status"), [RATE] * len(values), "bdf", "uV", 8388608)
    data = values.reshape(len(values), SECONDS, RATE).transpose(1, 0, 2)  # (second, channel, time)
    path.write_bytes(head + np.ascontiguousarray(data).view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    return path


def write_brainvision(path: Path, x: np.ndarray, events: Events = EVENTS) -> Path:
    stem = path.with_suffix("")
    names = "\n".join(f"Ch{i}={name},,1,µV" for i, name in enumerate(CHANNELS, 1))
    path.write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={stem.name}.eeg\nMarkerFile={stem.name}.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
        f"NumberOfChannels={len(x)}\nSamplingInterval={1_000_000 / RATE}\n"
        f"[Binary Infos]\nBinaryFormat=IEEE_FLOAT_32\n[Channel Infos]\n{names}\n",
        encoding="utf-8",
    )
    marks = "\n".join(f"Mk{i}=Comment,{text},{round(t * RATE) + 1},1,0" for i, (t, text) in enumerate(events, 2))
    stem.with_suffix(".vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={stem.name}.eeg\n[Marker Infos]\nMk1=New Segment,,1,1,0,20200101000000000000\n{marks}\n",
        encoding="utf-8",
    )
    stem.with_suffix(".eeg").write_bytes(x.T.astype("<f4").tobytes())
    return path


def write_eeglab(path: Path, x: np.ndarray, events: Events = EVENTS) -> Path:
    fields = ("labels", "type")
    channels = np.array([(name, "EEG") for name in CHANNELS], [(field, object) for field in fields])
    marks = np.array(
        [(text, t * RATE + 1, 0.0) for t, text in events], [("type", object), ("latency", float), ("duration", float)]
    )
    header = {"setname": path.stem, "nbchan": len(x), "pnts": x.shape[1], "trials": 1, "srate": float(RATE)}
    header |= {"xmin": 0.0, "xmax": (x.shape[1] - 1) / RATE, "data": f"{path.stem}.fdt"}
    savemat(path, {"EEG": header | {"chanlocs": channels, "event": marks, "epoch": np.zeros((0, 0)), "icawinv": []}})
    path.with_suffix(".fdt").write_bytes(x.T.astype("<f4").tobytes())
    return path


def recordings(path: Path, **changes: Any) -> list[Recording]:
    return list(load(**{"path": path, **WANTED, **changes}))


def notice(found: Sequence[Recording], words: str) -> str:
    """The one notice that has these words; it comes with the last recording."""
    assert all(recording.notices == () for recording in found[:-1])
    (line,) = [line for line in found[-1].notices if words in line]
    return line


def caught(path: Path, **changes: Any) -> str:
    """What is said of something wrong: one line, with a remedy."""
    with pytest.raises(UsageError) as error:
        recordings(path, **changes)
    assert "\n" not in error.value.message
    assert error.value.hint
    return error.value.message


def check_places(recording: Recording, x: np.ndarray) -> None:
    """Every sample of every stretch is that of its time."""
    for stretch in recording.stretches:
        first = round(stretch.start * recording.rate) - stretch.lead
        np.testing.assert_allclose(stretch.x, x[:, first : first + stretch.x.shape[1]], atol=0.01)


FORMATS: Mapping[str, Any] = {
    "a_eeg.fif": write_fif,
    "a.edf": write_edf,
    "a.EDF": write_edf,
    "a.bdf": write_bdf,
    "a.vhdr": write_brainvision,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_trials(tmp_path: Path, name: str) -> None:
    path = FORMATS[name](tmp_path / name, signal())
    written = {".bdf": {"1": "calm", "2": "afraid"}, ".vhdr": {"Comment/calm": "calm", "Comment/fear": "afraid"}}
    (found,) = recordings(path, events=written.get(path.suffix, WANTED["events"]))
    assert (found.source, found.channels, found.rate, found.unit) == (name, OURS, RATE, "µV")
    assert [(s.start, s.label, s.trial) for s in found.stretches] == [(5, 0, "1"), (15, 1, "2"), (30, 0, "3")]
    lengths = [(s.x.shape[1] - s.lead - s.tail) / RATE for s in found.stretches]
    assert lengths == [10, 10, 10]  # until the next event of any kind, or the end
    assert [(s.lead, s.tail) for s in found.stretches] == [(200, 200), (200, 200), (200, 0)]
    assert found.notices == ()
    check_places(found, signal())


def test_trial_lies_relative_to_its_event(tmp_path: Path) -> None:
    path = write_fif(tmp_path / "a_eeg.fif", signal())
    (found,) = recordings(path, start=-2.0, stop=1.0, margin=0.0)
    assert [(s.start, s.lead, s.tail, s.x.shape[1]) for s in found.stretches] == [
        (3, 0, 0, 600),
        (13, 0, 0, 600),
        (28, 0, 0, 600),
    ]
    check_places(found, signal())


def test_trials_beyond_the_recording_are_left_out_and_counted(tmp_path: Path) -> None:
    path = write_fif(tmp_path / "a_eeg.fif", signal())
    found = recordings(path, start=-6.0, stop=9.0)
    assert [s.trial for s in found[0].stretches] == ["1", "2"]
    assert "are left out: 1 (a_eeg.fif at 5.0 s)" in notice(found, "beyond")
    assert "1 (a_eeg.fif at 29.0 s)" not in notice(found, "beyond")


def test_overlap_is_said(tmp_path: Path) -> None:
    path = write_fif(tmp_path / "a_eeg.fif", signal(), ((5.0, "calm"), (6.0, "fear"), (9.0, "fear")))
    assert "share data: 1 (a_eeg.fif at 6.0 s)" in notice(recordings(path, stop=2.0), "begin before")


def test_breaks_and_bad_spans_part_trials_and_their_margins(tmp_path: Path) -> None:
    raw = mne.io.RawArray(signal() * 1e-6, mne.create_info(list(CHANNELS), RATE, "eeg"), verbose="error")
    marks = [
        (5.0, 0, "calm"),
        (8.0, 1, "BAD jump"),
        (14.5, 0, "boundary"),
        (15.0, 0, "fear"),
        (26.0, 0, "rest"),
        (30.0, 0, "calm"),
    ]
    raw.set_annotations(mne.Annotations(*zip(*marks, (29.9, 10.0, "bad_end"), strict=True)))
    raw.save(tmp_path / "a_eeg.fif", fmt="double", verbose="error")
    found = recordings(tmp_path / "a_eeg.fif")
    stretches = found[0].stretches
    assert [(s.trial, s.start, (s.x.shape[1] - s.lead - s.tail) / RATE) for s in stretches] == [
        ("1", 5, 3),
        ("1", 9, 5.5),
        ("1", 14.5, 0.5),
        ("2", 15, 11),
    ]
    assert [(s.lead / RATE, s.tail / RATE) for s in stretches] == [(1, 0), (0, 0), (0, 1), (0.5, 1)]
    assert "1 (a_eeg.fif at 5.0 s)" in notice(found, "cut at breaks")
    assert "1 (a_eeg.fif at 30.0 s)" in notice(found, "within breaks")
    check_places(found[0], signal())


def test_event_that_sounds_like_a_break_is_one_if_it_is_asked_for(tmp_path: Path) -> None:
    path = write_fif(tmp_path / "a_eeg.fif", signal(), ((5.0, "calm"), (15.0, "bad"), (25.0, "rest")))
    (found,) = recordings(path, events={"calm": "calm", "bad": "afraid"})
    assert [(s.label, s.start) for s in found.stretches] == [(0, 5), (1, 15)]


def test_missing_values_and_fill_are_cut_out(tmp_path: Path) -> None:
    x = signal()
    x[1, 7 * RATE : 8 * RATE] = np.nan
    x[:, 35 * RATE :] = 0
    found = recordings(write_fif(tmp_path / "a_eeg.fif", x))
    assert [(s.trial, s.start) for s in found[0].stretches] == [("1", 5), ("1", 8), ("2", 15), ("3", 30)]
    assert found[0].stretches[-1].x.shape[1] == 6 * RATE
    assert ": 2 (a_eeg.fif at 5.0 s, a_eeg.fif at 30.0 s)" in notice(found, "no numbers or all zero")
    x[0] = np.nan
    assert "hold no numbers" in caught(write_fif(tmp_path / "b_eeg.fif", x))


def test_names_say_subject_and_session(tmp_path: Path) -> None:
    for name in ("s001_run02", "s001_run10", "s002_run02", "other"):
        write_fif(tmp_path / "deep" / f"{name}_eeg.fif", signal())
    (tmp_path / "notes.txt").write_text("calm", encoding="utf-8")
    found = recordings(tmp_path, pattern=r"s(?P<subject>\d+)_run(?P<session>\d+)")
    assert [(r.subject, r.session) for r in found] == [("1", "2"), ("1", "10"), ("2", "2")]
    assert found[0].source == "deep/s001_run02_eeg.fif"
    assert "1 (deep/other_eeg.fif)" in notice(found, "`pattern`")
    assert "1 (notes.txt)" in notice(found, "other kinds")
    plain = recordings(tmp_path)
    assert {(r.subject, r.session) for r in plain} == {("1", "1")}
    assert len({r.source for r in plain}) == 4
    assert "matches none of deep/other_eeg.fif" in caught(tmp_path, pattern="x(?P<subject>.)")
    assert "is not a regular expression" in caught(tmp_path, pattern="(?P<subject>")


def test_only_common_channels_are_kept(tmp_path: Path) -> None:
    write_fif(tmp_path / "a_eeg.fif", signal(), names=("Cz", "Fz", "EOG"))
    write_fif(tmp_path / "b_eeg.fif", signal(), names=("Fz", "Pz", "Cz"))
    found = recordings(tmp_path, drop=("eog",))
    assert {r.channels for r in found} == {("CZ", "FZ")}
    assert found[1].stretches[0].x[0, 200] == pytest.approx(signal()[2, 5 * RATE])
    assert "2 (FZ" not in notice(found, "not all")
    assert "1 (PZ in 1 of 2)" in notice(found, "not all")
    assert "unknown channel 'EOG2': did you mean 'EOG'?" in caught(tmp_path, drop=("EOG2",))
    write_fif(tmp_path / "c_eeg.fif", signal(), names=("T7", "T8", "Oz"))
    assert "no channel is in all 3 recordings" in caught(tmp_path)


def test_channels_that_are_the_same_are_told(tmp_path: Path) -> None:
    path = write_fif(tmp_path / "a_eeg.fif", signal(), names=("Cz", "CZ..", "Pz"))
    assert "'Cz' and 'CZ..' are both channel CZ" in caught(path)


def test_rates_that_differ_are_brought_to_one_without_aliases(tmp_path: Path) -> None:
    def tones(rate: int) -> np.ndarray:
        time = np.arange(SECONDS * rate) / rate
        return np.tile(50 * np.sin(2 * np.pi * 10 * time) + 50 * np.sin(2 * np.pi * 90 * time), (3, 1))

    write_fif(tmp_path / "a_eeg.fif", tones(200), rate=200)
    write_fif(tmp_path / "b_eeg.fif", tones(250), rate=250)
    assert "200 Hz: a_eeg.fif; 250 Hz: b_eeg.fif" in caught(tmp_path)
    found = recordings(tmp_path, rate=100.0)
    for recording in found:
        assert recording.rate == 100
        for stretch in recording.stretches:
            trial = stretch.x[0, stretch.lead : stretch.x.shape[1] - stretch.tail]
            assert len(trial) == 1000
            time = stretch.start + np.arange(len(trial)) / 100
            np.testing.assert_allclose(trial[100:-100], (50 * np.sin(2 * np.pi * 10 * time))[100:-100], atol=0.5)
    assert "2 (a_eeg.fif from 200 Hz, b_eeg.fif from 250 Hz)" in notice(found, "resampled to 100 Hz")


TABLE = "file,start,stop,label,subject,session,trial,clip"


def table(folder: Path, *rows: str, header: str = TABLE) -> Path:
    path = folder / "segments.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def listed(folder: Path, *rows: str, header: str = TABLE) -> dict[str, Any]:
    """Settings that take the trials from a table."""
    return {"events": None, "segments": table(folder, *rows, header=header)}


def test_table_says_trials_and_whose_they_are(tmp_path: Path) -> None:
    write_edf(tmp_path / "x" / "a.edf", signal(), ())
    write_edf(tmp_path / "b.edf", signal(), ())
    write_edf(tmp_path / "c.edf", signal(), ())
    rows = ("b.edf,1,3.5,afraid,07,2,t9,film 3", "b.edf,3.5,5,afraid,07,2,t9,film 3", "a.edf,10,40,calm,,,,")
    found = recordings(tmp_path, **listed(tmp_path, *rows))
    assert [(r.source, r.subject, r.session) for r in found] == [("b.edf", "7", "2"), ("x/a.edf", "1", "1")]
    assert [(s.trial, s.clip, s.label, s.start) for s in found[0].stretches] == [
        ("t9", "film 3", 1, 1),
        ("t9", "film 3", 1, 3.5),
    ]
    assert [(s.trial, s.label, s.tail) for s in found[1].stretches] == [("1", 0, 0)]
    assert "1 (c.edf)" in notice(found, "segments.csv does not list")
    assert not any("other kinds" in line for line in found[-1].notices)
    check_places(found[0], signal())


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("b.edf,1,41,calm", "row 2: stop 41 s lies beyond the end of b.edf, 40 s"),
        ("b.edf,1,2,clam", "row 2: unknown class 'clam': did you mean 'calm'?"),
        ("b.edf,one,2,calm", "row 2: start 'one' and stop '2' are not both numbers"),
        ("b.edf,3,2,calm", "row 2: a trial from 3 s to 2 s"),
        ("c.edf,1,2,calm", "row 2: unknown file 'c.edf'"),
        ("a.edf,1,2,calm", "row 2: 'a.edf' may be x/a.edf or y/a.edf"),
        ("b.edf,1,2,calm,1,1,5,\nb.edf,3,4,afraid,1,1,5,", "row 3: trial 5 has another label or clip earlier"),
        ("b.edf,1,2,calm,1,1,,\nb.edf,3,4,calm,2,1,,", "row 3: subject '2' where an earlier row of b.edf says '1'"),
        ("b.edf,1,2,calm,1,1,5,film, and more", "row 2: more cells than the header has"),
        ("", "lists no segment"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, row: str, words: str) -> None:
    for name in ("x/a.edf", "y/a.edf", "b.edf"):
        write_edf(tmp_path / name, signal(), ())
    assert words in caught(tmp_path, **listed(tmp_path, row))


def test_bad_tables_are_named(tmp_path: Path) -> None:
    write_edf(tmp_path / "a.edf", signal(), ())
    said = caught(tmp_path, **listed(tmp_path, "a.edf;1;2", header="file;start;stop"))
    assert "row 1: no column file and no column start" in said
    assert "found file;start;stop" in said
    assert "cannot be read" in caught(tmp_path, events=None, segments=tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"events": None}, "neither is given"),
        ({"segments": Path("a.csv")}, "both are given"),
        ({"classes": ("calm", "calm")}, "one stands there twice"),
        ({"events": {"calm": "clam", "fear": "afraid"}}, "unknown class 'clam': did you mean 'calm'?"),
        ({"events": {"calm": "calm"}}, "no event stands for afraid"),
        ({"start": 2.0, "stop": 1.0}, "stop = 1 s is not after start = 2 s"),
        ({"events": None, "segments": Path("a.csv"), "stop": 1.0}, "start and stop count from events"),
        ({"events": {"T1": "calm", "T2": "afraid"}}, "'T1', 'T2'; there are 'calm' (2), 'fear' (1), 'rest' (1)"),
        ({"start": 36.0, "stop": 37.0}, "none has a trial left: trials that reach beyond their recording are left out: 3"),
    ],
)
def test_settings_that_do_not_fit_are_said(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    assert words in caught(write_fif(tmp_path / "a_eeg.fif", signal()), **changes)


def test_recordings_without_events_are_counted(tmp_path: Path) -> None:
    write_fif(tmp_path / "a_eeg.fif", signal())
    write_fif(tmp_path / "b_eeg.fif", signal(), ())
    found = recordings(tmp_path, events={**WANTED["events"], "panic": "afraid"})
    assert [r.source for r in found] == ["a_eeg.fif"]
    assert "1 (b_eeg.fif)" in notice(found, "without a trial")
    assert "1 ('panic')" in notice(found, "events that no recording has")
    assert "there are none at all" in caught(tmp_path / "b_eeg.fif")


def test_files_that_are_no_recordings(tmp_path: Path) -> None:
    assert "holds no recording; it holds nothing" in caught(tmp_path)
    (tmp_path / "a.txt").write_text("1 2", encoding="utf-8")
    assert "holds no recording; it holds a.txt" in caught(tmp_path)
    assert "its name ends in none of .edf, .bdf" in caught(tmp_path / "a.txt")
    assert "does not exist" in caught(tmp_path / "b.edf")
    (tmp_path / "a.edf").write_bytes(b"RIFF" * 300)
    assert "a.edf cannot be read" in caught(tmp_path)


def test_file_without_eeg_is_said(tmp_path: Path) -> None:
    info = mne.create_info(["EMG1"], RATE, "emg")
    mne.io.RawArray(signal(1) * 1e-6, info, verbose="error").save(tmp_path / "a_eeg.fif", verbose="error")
    assert "a_eeg.fif has no EEG channel; it has 1 emg" in caught(tmp_path)


def test_truncated_file_is_read_as_far_as_it_goes_and_said(tmp_path: Path) -> None:
    path = write_edf(tmp_path / "a.edf", signal())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    found = recordings(path)
    assert [(s.trial, s.start) for s in found[0].stretches] == [("1", 5), ("2", 15)]
    assert "1 (a.edf)" in notice(found, "Number of records from the header does not match the file size")
    path.write_bytes(whole[:700])
    assert "a.edf cannot be read" in caught(path)


def test_signals_that_end_too_early_are_one_line(tmp_path: Path) -> None:
    path = write_fif(tmp_path / "a_eeg.fif", signal())
    whole = path.read_bytes()
    for end in np.linspace(100, len(whole) - 1, 25).astype(int):
        path.write_bytes(whole[:end])
        said = caught(path)
        assert "a_eeg.fif" in said
        assert "truncated" in said or "cannot be read" in said
    assert "a_eeg.fif is truncated" in said


def test_eeglab_signals_that_end_too_early_are_one_line(tmp_path: Path) -> None:
    path = write_eeglab(tmp_path / "a.set", signal())
    check_places(recordings(path)[0], signal())
    signals = path.with_suffix(".fdt")
    signals.write_bytes(signals.read_bytes()[: signals.stat().st_size // 4])
    said = caught(path)
    assert "a.set at " in said
    assert "please report" not in said
    assert "the file is truncated" in said


def test_trigger_channel_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: object, **__: object) -> None:
        raise ValueError("buffer size")

    path = write_bdf(tmp_path / "a.bdf", signal())
    monkeypatch.setattr(mne, "find_events", ends)
    assert "a.bdf: its trigger channel cannot be read: the file is truncated" in caught(path)


def test_rate_above_that_of_a_recording_is_refused(tmp_path: Path) -> None:
    write_fif(tmp_path / "a_eeg.fif", signal())
    path = write_fif(tmp_path / "b_eeg.fif", signal(), rate=100)
    assert "b_eeg.fif was recorded at 100 Hz, less than rate = 150" in caught(tmp_path, rate=150.0)
    assert "recorded at 100 Hz" in caught(path, rate=101.0)
    assert [r.rate for r in recordings(path, rate=100.0)] == [100]


def test_wrong_unit_and_marked_channels_are_said(tmp_path: Path) -> None:
    raw = mne.io.RawArray(signal(), mne.create_info(list(CHANNELS), RATE, "eeg"), verbose="error")  # µV, called V
    raw.set_annotations(mne.Annotations([t for t, _ in EVENTS], 0.0, [text for _, text in EVENTS]))
    raw.info["bads"] = ["Cz.."]
    raw.save(tmp_path / "a_eeg.fif", fmt="double", verbose="error")
    found = recordings(tmp_path)
    assert "a_eeg.fif: 3.1e+08 µV" in notice(found, "amplitude")
    assert "a_eeg.fif: Cz.." in notice(found, "marks channels as bad")
    assert found[0].channels == OURS


def test_recording_that_goes_on_in_a_second_file_is_one(tmp_path: Path) -> None:
    raw = mne.io.RawArray(np.tile(signal(), 20) * 1e-6, mne.create_info(list(CHANNELS), RATE, "eeg"), verbose="error")
    raw.set_annotations(mne.Annotations([5.0, 700.0, 710.0], 0.0, ["calm", "fear", "rest"]))
    raw.save(tmp_path / "a_eeg.fif", split_size="2MB", fmt="double", verbose="error")
    assert len(list(tmp_path.iterdir())) > 1
    (found,) = recordings(tmp_path)
    assert [s.start for s in found.stretches] == [5, 700]
    check_places(found, np.tile(signal(), 20))


def test_time_counts_from_the_first_sample_of_a_cropped_recording(tmp_path: Path) -> None:
    raw = mne.io.RawArray(signal() * 1e-6, mne.create_info(list(CHANNELS), RATE, "eeg"), verbose="error")
    raw.set_meas_date(1_600_000_000)
    raw.set_annotations(mne.Annotations([t for t, _ in EVENTS], 0.0, [text for _, text in EVENTS]))
    raw.crop(4.0).save(tmp_path / "a_eeg.fif", fmt="double", verbose="error")
    (found,) = recordings(tmp_path)
    assert [s.start for s in found.stretches] == [1, 11, 26]
    check_places(found, signal()[:, 4 * RATE :])


def test_one_recording_is_in_memory_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        write_fif(tmp_path / f"{name}_eeg.fif", signal())
    read: list[Path] = []
    get_data = mne.io.BaseRaw.get_data

    def counted(raw: Any, picks: Any = None, start: int = 0, stop: int | None = None, **rest: Any) -> np.ndarray:
        read.append(raw.filenames[0])
        assert stop is not None
        assert stop - start <= 12 * RATE  # a trial and its margins, never the whole
        return np.asarray(get_data(raw, picks, start, stop, **rest))

    monkeypatch.setattr(mne.io.BaseRaw, "get_data", counted)
    found: Iterator[Recording] = load(path=tmp_path, **WANTED)
    next(found)
    assert {Path(path).name for path in read} == {"a_eeg.fif"}


def test_settings_come_from_a_study() -> None:
    study = {"path": "x", "classes": ["a", "b"], "events": {"T1": "a", "T2": "b"}}
    model = settings("dataset", "eeg_recordings").model_validate(study)
    assert model.model_dump(mode="json")["stop"] is None
    assert FACTS.classes == ()
    with pytest.raises(ValueError, match="classes"):
        settings("dataset", "eeg_recordings").model_validate({**study, "classes": ["a"]})


@pytest.mark.skipif(not REAL.is_dir(), reason="the real recordings are not at ../shared/data")
def test_real_motor_recordings() -> None:
    events = {"T1": "left fist", "T2": "right fist"}
    found = recordings(
        REAL / "eegmmidb",
        classes=("left fist", "right fist"),
        events=events,
        stop=4.0,
        pattern=r"S(?P<subject>\d+)R(?P<session>\d+)",
    )
    assert [(r.source, r.subject, r.session, r.rate) for r in found] == [
        ("S001R03.edf", "1", "3", 160),
        ("S001R04.edf", "1", "4", 160),
    ]
    assert found[0].channels[:3] == ("FC5", "FC3", "FC1")
    assert len(found[0].channels) == 64
    for recording in found:
        assert np.bincount([s.label for s in recording.stretches]).tolist() == [8, 7]
        assert all(s.x.shape[1] - s.lead - s.tail == 640 for s in recording.stretches)
        assert all(1 < np.median(s.x.std(-1)) < 200 for s in recording.stretches)
    assert found[-1].notices == ()
    assert "there are 'T0' (30), 'T1' (16), 'T2' (14)" in caught(REAL / "eegmmidb", events={"left": "calm", "right": "afraid"})


@pytest.mark.skipif(not REAL.is_dir(), reason="the real recordings are not at ../shared/data")
def test_real_eeglab_recording() -> None:
    found = recordings(
        REAL / "eeglab",
        classes=("seen", "pressed"),
        events={"square": "seen", "rt": "pressed"},
        stop=0.2,
        drop=("EOG1", "EOG2"),
    )
    assert len(found[0].channels) == 30
    assert np.bincount([s.label for s in found[0].stretches]).tolist() == [80, 74]
    assert struct.calcsize("f") == found[0].stretches[0].x.itemsize
