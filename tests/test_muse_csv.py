"""The headband's csv: what the time stamps say decides what belongs together, and every fault is said with its place."""

from pathlib import Path

import numpy as np
import pytest

from reportgen.core import Recording
from reportgen.datasets._gaps import gapless
from reportgen.datasets.muse_csv import FACTS, load
from reportgen.errors import DataError

RATE = 256
REAL = Path(__file__).parents[2] / "shared/data/muse"
HEADER = "timestamps,TP9,AF7,AF8,TP10,Right AUX"


def clock(seconds: float, start: float = 1000.0) -> np.ndarray:
    """Stamps as the device makes them, rounded to ms."""
    return np.round(start + np.arange(round(seconds * RATE)) / RATE, 3)


def jittered(stamps: np.ndarray) -> np.ndarray:
    """As a computer sees them that wrote down when each arrived."""
    return np.sort(stamps + np.random.default_rng(0).normal(0, 0.002, len(stamps)))


def write(path: Path, stamps: np.ndarray, x: np.ndarray | None = None, header: str = HEADER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(1).normal(0, 20, (len(stamps), 5)) if x is None else x
    rows = (f"{stamp:.3f}," + ",".join(f"{value:.3f}" for value in row) for stamp, row in zip(stamps, values, strict=True))
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def name(label: str = "relaxed", subject: str = "a", session: int = 1) -> str:
    return f"subject{subject}-{label}-{session}.csv"


def only(path: Path) -> Recording:
    (recording,) = load(path=path)
    return recording


def said(recording: Recording, words: str) -> str:
    """The one notice that has these words."""
    (line,) = [line for line in recording.notices if words in line]
    return line


def test_file_is_one_recording_of_one_trial(tmp_path: Path) -> None:
    x = np.arange(RATE * 40 * 5).reshape(-1, 5) % 997
    recording = only(write(tmp_path / name("neutral", "c", 2), jittered(clock(40)), x))
    (stretch,) = recording.stretches
    assert (recording.subject, recording.session, recording.source) == ("c", "2", "subjectc-neutral-2.csv")
    assert recording.channels == ("TP9", "AF7", "AF8", "TP10")
    assert (recording.rate, recording.unit, FACTS.classes[stretch.label], stretch.trial) == (256, "µV", "neutral", "1")
    np.testing.assert_array_equal(stretch.x, x.T[:4])
    assert recording.notices == ()


def test_columns_stand_in_any_order_and_the_auxiliary_one_is_asked_for(tmp_path: Path) -> None:
    x = np.arange(RATE * 40 * 5).reshape(-1, 5) % 997
    path = write(tmp_path / name(), jittered(clock(40)), x, "timestamps,Right AUX, TP10,AF8,AF7,TP9")
    (recording,) = load(path=path, auxiliary=True)
    assert recording.channels[-1] == "RIGHT AUX"
    np.testing.assert_array_equal(recording.stretches[0].x, x.T[::-1])


def test_gap_parts_a_recording_into_stretches_of_one_trial(tmp_path: Path) -> None:
    stamps = clock(40)
    stamps[RATE * 10 :] += 0.5
    stamps[RATE * 25 :] += 700.0
    recording = only(write(tmp_path / name(), stamps))
    assert [stretch.x.shape[1] for stretch in recording.stretches] == [10 * RATE, 15 * RATE, 15 * RATE]
    assert {stretch.trial for stretch in recording.stretches} == {"1"}
    np.testing.assert_allclose([s.start for s in recording.stretches], [0, 10.5, 725.5], atol=0.002)
    assert "subjecta-relaxed-1.csv: 2, the largest of 700 s at 25.5 s" in said(recording, "gaps")


@pytest.mark.parametrize("lost", [1, 2, 12, 300])
def test_few_lost_samples_are_a_gap(lost: int) -> None:
    stamps = clock(20)
    stamps = np.concatenate((stamps[:1000], stamps[1000 + lost :]))
    assert gapless(stamps, RATE) == [(0, 1000), (1000, len(stamps))]


def test_stamps_that_arrive_unevenly_are_no_gaps() -> None:
    stamps = clock(20)
    bursts = np.repeat(stamps[11::12], 12)  # as they arrive: a packet at once
    assert gapless(bursts, RATE) == [(0, len(bursts))]
    assert gapless(jittered(stamps), RATE) == [(0, len(stamps))]
    late = bursts.copy()
    late[1200:] += 12 / RATE
    assert gapless(late, RATE) == [(0, 1200), (1200, len(late))]


def test_missing_values_are_cut_out_like_gaps(tmp_path: Path) -> None:
    x = np.ones((RATE * 40, 5))
    x[RATE * 20 : RATE * 20 + 7, 2] = np.nan
    x[:, 4] = np.nan  # the auxiliary channel is not wanted
    recording = only(write(tmp_path / name(), jittered(clock(40)), x))
    assert [s.x.shape[1] for s in recording.stretches] == [20 * RATE, 20 * RATE - 7]
    assert recording.stretches[1].start == pytest.approx(20 + 7 / RATE, abs=0.02)
    assert "1 (subjecta-relaxed-1.csv: 7)" in said(recording, "no numbers")


def test_what_is_odd_is_said_once_with_its_count(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(0, 20, (RATE * 10, 5))
    x[:64, 2], x[64:128, 2] = -1000, 999.512
    write(tmp_path / name(session=1), clock(10), x)
    write(tmp_path / name(session=2), 1000 + (clock(10) - 1000) * 1.02)
    write(tmp_path / "features.csv", clock(1))
    first, last = load(path=tmp_path)
    assert first.notices == ()
    assert ": 2 (subjecta-relaxed-1.csv: 10.0 s, subjecta-relaxed-2.csv: 10.0 s)" in said(last, "shorter")
    assert "AF8 of subjecta-relaxed-1.csv: 5.00% of its samples" in said(last, "limit of the amplifier")
    assert "subjecta-relaxed-2.csv: 251.0 to 251.0 Hz" in said(last, "another rate")
    assert "1 (features.csv)" in said(last, "not named like")
    assert "1 (subjecta-relaxed-1.csv)" in said(last, "lie on a line")


def altered(case: str) -> tuple[np.ndarray, np.ndarray, str]:
    """Stamps, values and header with one thing wrong."""
    stamps, x = clock(2), np.ones((2 * RATE, 5))
    if case == "stamps in ms":
        stamps = stamps * 1000
    elif case == "clock set back":
        stamps[300:] -= 1
    elif case == "no stamp":
        stamps[7] = np.nan
    elif case == "no numbers":
        x[:, 0] = np.nan
    return stamps, x, HEADER.replace("AF7", "Fpz") if case == "no column" else HEADER


def bad(folder: Path, case: str) -> Path:
    """A file with one thing wrong."""
    names = {"unknown class": name("relaxd"), "other name": "muse.csv"}
    path = write(folder / names.get(case, name()), *altered(case))
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    texts = {
        "cut short": text[:-20],
        "no number": "\n".join((*lines[:5], lines[5].replace("1.000", "one", 1), *lines[6:])),
        "empty": "",
        "only a header": HEADER,
    }
    path.write_text(texts.get(case, text), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("stamps in ms", "typical stamps are 3.9"),
        ("clock set back", "row 302: the time stamp goes back by 0.996 s"),
        ("no stamp", "row 9: no time stamp"),
        ("no column", "row 1: no column AF7; found timestamps, TP9, Fpz"),
        ("no numbers", "no stretch of 0.1 s with numbers"),
        ("cut short", "row 513: 3 cells where the header has 6"),
        ("no number", "row 6: 'one' is not a number"),
        ("empty", "row 1: no column timestamps"),
        ("only a header", "holds 0 samples"),
        ("unknown class", "unknown class 'relaxd': did you mean 'relaxed'?"),
        ("other name", "holds no recording; it holds muse.csv"),
    ],
)
def test_bad_file_is_one_line_with_place_and_remedy(tmp_path: Path, case: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        list(load(path=bad(tmp_path, case)))
    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_bad_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no csv file"):
        list(load(path=tmp_path))
    with pytest.raises(DataError, match="does not exist"):
        list(load(path=tmp_path / "nowhere"))
    write(tmp_path / "one" / name(), clock(2))
    write(tmp_path / "two" / name(), clock(2))
    with pytest.raises(DataError, match=r"one/subjecta-relaxed-1\.csv are the same subject, class and session"):
        list(load(path=tmp_path))


@pytest.mark.skipif(not REAL.is_dir(), reason="the real recordings are not at ../shared/data/muse")
def test_real_recordings() -> None:
    recordings = list(load(path=REAL))
    by_name = {recording.source: recording for recording in recordings}
    assert len(recordings) == 18
    assert {recording.subject for recording in recordings} == {"a", "b", "c"}
    assert {len(recording.stretches) for recording in recordings} == {1, 10}
    gaps = by_name["subjectb-relaxed-2.csv"].stretches
    assert len(gaps) == 10
    assert gaps[2].start - gaps[1].start > 700
    assert "1 (subjectb-relaxed-2.csv: 9, the largest of 700 s" in said(recordings[-1], "gaps")
    assert "1 (subjectc-neutral-2.csv: 9.1 s)" in said(recordings[-1], "shorter")
    assert ": 6 (" in said(recordings[-1], "limit of the amplifier")


@pytest.mark.skipif(not REAL.is_dir(), reason="the real recordings are not at ../shared/data/muse")
def test_amplitude_of_one_electrode_tells_the_real_classes_apart() -> None:
    """What `limits` says: concentration is told by the contact of one frontal electrode."""
    moves: dict[tuple[str, str], list[float]] = {}
    for recording in load(path=REAL):
        channel = recording.channels.index("AF7" if recording.subject == "c" else "AF8")
        x = np.concatenate([stretch.x[channel] for stretch in recording.stretches])
        label = FACTS.classes[recording.stretches[0].label]
        moves.setdefault((recording.subject, label), []).append(float(x.std()))
    for subject in "abc":
        others = [*moves[subject, "relaxed"], *moves[subject, "neutral"]]
        assert min(moves[subject, "concentrating"]) / max(others) > 3.5
        assert max(moves[subject, "concentrating"]) / min(others) < 55
