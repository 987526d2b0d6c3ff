"""Audits of rated segments find their planted faults, and say that clean data are clean."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reportgen import plugins
from reportgen.core import TEST, TRAIN, UNUSED, VALIDATION, Facts, Finding, Segments
from reportgen.outputs import Inputs, Output
from reportgen.steps import audit
from reportgen.steps._intake_segments import SegmentIntake
from reportgen.words import NO_BREAK
from tests import factories
from tests.factories import of, out_in

AUDITS = ("argmax_of_nothing", "map_saw_test", "shared_videos", "swapped_columns")
VIDEOS, EACH = 12, 5  # videos, and segments of each
PARTS = np.repeat([TRAIN] * 8 + [VALIDATION] * 2 + [TEST] * 2, EACH)
SPEECH = Facts(
    title="Speech",
    modality="vector",
    classes=("happy", "sad", "fear"),
    simulated=True,
    licence="",
    consent="",
    redistribute=True,
    citation="",
    scale=(0.0, 3.0),
)
MUSIC = replace(SPEECH, title="Music", classes=("valence", "arousal"), scale=(-1.0, 1.0), whole="song")


def loaded(folder: Path, name: str, facts: Facts, videos: Sequence[Segments]) -> list[Output]:
    """Of step `load`."""
    out = out_in(folder, f"load {name}")
    with SegmentIntake(facts, out) as intake:
        for video in videos:
            intake.add(video)
    intake.finish("given")
    return of(out, dataset=name)


def speech(folder: Path, values: np.ndarray | None = None, speakers: Sequence[str] | None = None) -> list[Output]:
    """Data set `speech`: (segment, emotion) of 12 videos; a speaker has two."""
    rng = np.random.default_rng(0)
    given = rng.uniform(0.1, 3, (VIDEOS * EACH, 3)) if values is None else values
    start = np.arange(EACH, dtype=float)
    videos = [
        Segments(
            video=f"v{i:02d}",
            part="train",
            source=f"v{i:02d}",
            start=start,
            stop=start + 1,
            values=own.astype(np.float32),
            speaker=f"p{i // 2}" if speakers is None else speakers[i],
        )
        for i, own in enumerate(given.reshape(VIDEOS, EACH, 3))
    ]
    return loaded(folder, "speech", SPEECH, videos)


def divided(folder: Path, parts: np.ndarray = PARTS, experiment: str = "feelings") -> list[Output]:
    """Of step `split`."""
    out = out_in(folder, f"split {experiment}")
    out.array("parts", parts.astype(np.uint8), ("fold", "sample")[-parts.ndim :])
    out.json("split", {"name": "holdout", "settings": {}})
    return of(out, dataset="speech", experiment=experiment)


def music(
    folder: Path,
    name: str = "songs",
    *,
    songs: int = 40,
    swapped: bool = False,
    told: bool = True,
    noise: float = 0.1,
    seed: int = 0,
) -> list[Output]:
    """A data set of valence and arousal; as a whole a song is what it is on average, in swapped columns if asked for."""
    level = np.random.default_rng(7).uniform(-0.7, 0.7, (songs, 2)) * (1, 0.8)
    level[:, 1] += 0.2 * level[:, 0]
    rng = np.random.default_rng(seed)
    start = np.arange(6) / 2
    videos = [
        Segments(
            video=str(i),
            part="development",
            source=str(i),
            start=start,
            stop=start + 0.5,
            values=np.clip(mean + rng.normal(0, 0.1, (6, 2)), -1, 1).astype(np.float32),
            overall=np.clip((mean[::-1] if swapped else mean) + rng.normal(0, noise, 2), -1, 1) if told else None,
        )
        for i, mean in enumerate(level)
    ]
    return loaded(folder, name, MUSIC, videos)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    folder = tmp_path_factory.mktemp("clean")
    return [*speech(folder), *divided(folder), *music(folder)]


def found(name: str, outputs: Sequence[Output]) -> list[Finding]:
    return list(plugins.verb("audit", name)(Inputs(outputs)))


def only(name: str, outputs: Sequence[Output]) -> Finding:
    (finding,) = found(name, outputs)
    return finding


@pytest.mark.parametrize("name", [name for name in AUDITS if name != "map_saw_test"])
def test_clean_ratings_are_clean(name: str, clean: list[Output], tmp_path: Path) -> None:
    """With what stands in NEEDS and no more, through the step, as JSON."""
    needed = plugins.constant(plugins.path_of("audit", name), "NEEDS")
    out = out_in(tmp_path, name)
    settings = plugins.settings("audit", name)().model_dump(mode="json")
    audit.run(Inputs([output for output in clean if output.kind in needed]), out, None, use=name, settings=settings)
    (finding,) = json.loads((out.folder / "findings.json").read_text())
    about = {"shared_videos": "experiment feelings", "swapped_columns": "data set songs"}.get(name, "data set speech")
    assert (finding["severity"], finding["about"], finding["remedy"]) == ("ok", about, "") and finding["evidence"]


@pytest.mark.parametrize("name", AUDITS)
def test_studies_of_images_are_none_of_their_business(name: str, tmp_path: Path) -> None:
    assert not found(name, factories.study(tmp_path))


# videos and speakers in two parts


def moved(changes: Mapping[int, int]) -> np.ndarray:
    """Parts in which some segments are elsewhere: {segment: part}."""
    parts = PARTS.copy()
    for segment, part in changes.items():
        parts[segment] = part
    return parts


def test_a_video_in_two_parts(tmp_path: Path) -> None:
    finding = only("shared_videos", [*speech(tmp_path), *divided(tmp_path, moved({0: TEST, 1: TEST, 52: TRAIN}))])
    assert (finding.severity, finding.about) == ("error", "experiment feelings")
    assert finding.title == "Videos are in two parts at once"
    assert finding.evidence == f"2 of 12 videos with 10 segments (17{NO_BREAK}%) are in two parts, by the split holdout"
    assert finding.rows == (("video", "parts"), ("v00", "train and test"), ("v10", "train and test")) and finding.remedy


def test_segments_that_are_not_used_are_in_no_part(tmp_path: Path) -> None:
    finding = only("shared_videos", [*speech(tmp_path), *divided(tmp_path, moved({0: UNUSED, 55: UNUSED}))])
    assert finding.severity == "ok" and finding.evidence.startswith("none of 12 videos is in two parts")


def test_every_fold_is_looked_at(tmp_path: Path) -> None:
    """Each video is in one part of each fold, whatever it is in others; then one video is not."""
    data = speech(tmp_path)
    turned = np.stack([PARTS, np.roll(PARTS, 4 * EACH)])
    assert only("shared_videos", [*data, *divided(tmp_path / "a", turned)]).severity == "ok"
    turned[1, 3] = VALIDATION if turned[1, 3] != VALIDATION else TRAIN
    finding = only("shared_videos", [*data, *divided(tmp_path / "b", turned)])
    assert finding.severity == "error"
    assert finding.evidence.startswith("1 of 12 videos with 5 segments") and "of one of 2 folds" in finding.evidence


def test_speakers_in_two_parts(tmp_path: Path) -> None:
    people = [f"p{i // 2}" for i in range(VIDEOS)]
    people[0] = people[-1]
    finding = only("shared_videos", [*speech(tmp_path, speakers=people), *divided(tmp_path)])
    assert (finding.severity, finding.title) == ("warning", "People speak in two parts at once")
    assert finding.rows == (("speaker", "parts"), ("p5", "train and test"))
    assert finding.evidence.startswith(f"1 of 6 speakers with 15 segments (25{NO_BREAK}%) is in two parts")
    assert "person" in finding.remedy


def test_unknown_speakers_are_nobody(tmp_path: Path) -> None:
    finding = only("shared_videos", [*speech(tmp_path, speakers=[""] * VIDEOS), *divided(tmp_path)])
    assert finding.severity == "ok" and finding.evidence.endswith("who speaks is not known")


def test_experiments_that_share_a_split_are_told_once(tmp_path: Path) -> None:
    people = ["p0", *[f"p{i // 2}" for i in range(1, VIDEOS - 1)], "p0"]
    both = [*divided(tmp_path), *divided(tmp_path, experiment="space")]
    finding = only("shared_videos", [*speech(tmp_path, speakers=people), *both])
    assert finding.evidence.endswith("; the same holds for space")


# argmax


def test_argmax_of_nothing(tmp_path: Path) -> None:
    values = np.random.default_rng(0).uniform(0.1, 3, (VIDEOS * EACH, 3))
    values[:9] = 0  # nothing
    values[9:21, 0], values[21:60, 0] = 3.0, 0.0
    values[21:24] = (0, 2, 2)  # a tie of sad and fear
    values[24] = np.nan
    finding = only("argmax_of_nothing", speech(tmp_path, values))
    assert (finding.severity, finding.about) == ("warning", "data set speech")
    assert finding.title == "An argmax would call nothing “happy”"
    assert finding.evidence == (
        f"9 of 59 segments (15{NO_BREAK}%) are without any emotion; an argmax calls them happy, 43{NO_BREAK}% of all that it"
        f" calls so; 3 (5{NO_BREAK}%) have several equally strong emotions"
    )
    assert finding.rows[:2] == (("emotion", "argmax", "strongest alone", "present"), ("happy", "21", "12", "12"))
    assert sum(int(row[2]) for row in finding.rows[1:]) == 59 - 9 - 3 and finding.remedy


def test_ties_alone_are_a_notice(tmp_path: Path) -> None:
    values = np.tile((0.5, 0.5, 0.1), (VIDEOS * EACH, 1))
    finding = only("argmax_of_nothing", speech(tmp_path, values))
    assert finding.severity == "notice" and "ties" in finding.title
    assert finding.evidence == f"60 of 60 segments (100{NO_BREAK}%) have several equally strong emotions"


def test_the_middle_of_a_plane_is_not_nothing(tmp_path: Path) -> None:
    assert not found("argmax_of_nothing", music(tmp_path))


# valence and arousal


def test_swapped_columns(tmp_path: Path) -> None:
    finding = only("swapped_columns", music(tmp_path, swapped=True))
    assert (finding.severity, finding.about, finding.title) == ("error", "data set songs", "Valence and arousal are swapped")
    assert finding.evidence.startswith("of 40 songs, valence as a whole correlates with valence over time by")
    straight, crossed = (float(cell) for cell in finding.rows[1][1:])
    assert crossed > 0.9 > 0.5 > straight and "table of songs" in finding.remedy


def test_ratings_that_tell_nothing_apart_are_not_called_swapped(tmp_path: Path) -> None:
    finding = only("swapped_columns", music(tmp_path, noise=20.0))
    assert finding.severity == "warning" and "may be swapped" in finding.title and finding.remedy


@pytest.mark.parametrize("songs", [3, 9])
def test_too_few_songs_say_nothing(songs: int, tmp_path: Path) -> None:
    finding = only("swapped_columns", music(tmp_path, songs=songs))
    assert finding.severity == "notice" and finding.evidence.startswith(f"{songs} songs were rated")


def test_two_data_sets_of_the_same_songs(tmp_path: Path) -> None:
    """Whatever each says of itself, they are compared too."""
    one = music(tmp_path, "emo")
    same = music(tmp_path, "deam", seed=1)
    assert [(f.severity, f.about) for f in found("swapped_columns", [*one, *same])] == [
        ("ok", "data set emo"),
        ("ok", "data set deam"),
        ("ok", "data sets emo and deam"),
    ]
    other = music(tmp_path, "odd", seed=1, swapped=True)
    _, own, both = found("swapped_columns", [*one, *other])
    assert (own.severity, both.severity) == ("error", "error")
    assert both.about == "data sets emo and odd" and "valence in emo correlates with valence in odd" in both.evidence
    assert "emo or odd" in both.remedy


def test_ratings_of_whole_songs_are_needed(tmp_path: Path) -> None:
    assert not found("swapped_columns", [*music(tmp_path, told=False), *speech(tmp_path)])


@pytest.mark.parametrize(("seen", "severity"), [(0, "ok"), (33, "warning")])
def test_a_map_that_has_seen_what_models_are_tested_on_is_named(tmp_path: Path, seen: int, severity: str) -> None:
    out = out_in(tmp_path, "lay space talk")
    out.json("laid_about", {"sort": "regression", "source": "talk", "whole": "video", "n": 172, "seen": seen})
    own = out_in(tmp_path, "lay space space")
    own.json("laid_about", {"sort": "own", "source": "space", "whole": "video", "n": 90, "seen": 0})
    given = [*of(out, experiment="space", laid="talk"), *of(own, experiment="space", laid="space")]
    (finding,) = plugins.verb("audit", "map_saw_test")(Inputs(given))
    assert (finding.severity, finding.about) == (severity, "experiment space")
    assert f"{seen} of 172 test segments of talk" in finding.evidence
