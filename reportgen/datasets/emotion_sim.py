"""Simulated speakers whose six emotions evolve from segment to segment, with a face, a voice and words that tell a known share.

Intensities are as CMU-MOSEI's: means of three raters who give 0 to 3 points, mostly zero, happy most often and fear least.
Three modalities are made from what infinitely many raters would say:

    face         12 numbers that tell all six emotions well
    voice        12 numbers that tell all six equally badly: a model of them is weak, and not collapsed
    transcripts  sentences whose pleasant and unpleasant words depend on one thing, whether the speaker is in a happy mood: the
                 planted collapse. What a calibrated model of them says lies on one line

`Segments.planted` of the first video:

    modalities  {face, voice, text: {tells [emotion], reliability}}: `reliability` is the share of the variance of what is
                told that is no noise, of `text` as `clarity` is set
    collapse    [modality] whose models have to collapse

With the defaults and seeds 0 to 4, ridge regression on the training videos correlates with the ratings of the test videos, mean
over emotions, by 0.77 from the face and by 0.31 from the voice; from TF-IDF of the words by 0.66 for happy, 0.12 to 0.28 for
all others, and by nothing for these once the first principal component of its predictions is removed.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Interval, Unit

from reportgen.core import Facts, Segments
from reportgen.datasets._moods import EMOTIONS, POINTS, RATERS, course, happy, raters, temper
from reportgen.datasets._spoken import sentences
from reportgen.errors import UsageError

FACTS = Facts(
    title="Simulated speakers",
    modality="vector",
    classes=EMOTIONS,
    simulated=True,
    licence="MIT, as this project",
    consent="Nobody was recorded: moods, faces, voices and words are drawn at random.",
    redistribute=True,
    citation="Simulated by reportgen in the design of CMU-MOSEI (Zadeh et al. 2018).",
    bibtex="""@inproceedings{zadeh2018mosei,
  author = {Zadeh, AmirAli Bagher and Liang, Paul Pu and Poria, Soujanya and Cambria, Erik and Morency, Louis-Philippe},
  title = {Multimodal Language Analysis in the Wild: {CMU-MOSEI} Dataset and Interpretable Dynamic Fusion Graph},
  booktitle = {Proceedings of the 56th Annual Meeting of the Association for Computational Linguistics},
  pages = {2236--2246},
  year = {2018},
  doi = {10.18653/v1/P18-1208}
}""",
    training_part="train",
    test_part="test",
    limits="What face, voice and words tell of emotions is set by the study. Results show that the methods find what is"
    " there and nothing else; they say nothing about how well emotions of real people can be told.",
    scale=(0.0, float(POINTS)),
    whole="video",
)
_FEATURES = 12  # numbers of a face, and of a voice
_SHORTEST = 4  # segments: a trajectory needs as many
_PARTS = (("test", 0.2), ("dev", 0.1))  # shares of the speakers; all others train
_SECONDS, _LEAST, _GAP = 7.0, 2.0, 0.5  # s: mean and shortest segment, mean gap; those of CMU-MOSEI are as long


def load(
    *,
    videos: Annotated[int, Ge(6), Unit("videos"), Doc("how many")] = 60,
    segments: Annotated[int, Ge(4), Unit("segments"), Doc("mean of a video; the shortest have 4")] = 12,
    speakers: Annotated[
        int, Ge(0), Unit("speakers"), Doc("how many people, each with one video or two; 0: three for every four videos")
    ] = 0,
    smoothness: Annotated[
        float, Interval(ge=0, lt=1), Doc("correlation of a mood with that of the segment before; 0: no course")
    ] = 0.85,
    disagreement: Annotated[float, Interval(ge=0.05, le=1), Doc("error of a rater in standard deviations of a mood")] = 0.4,
    face_noise: Annotated[float, Ge(0), Doc("of the face, as a multiple of what it tells")] = 0.6,
    voice_noise: Annotated[float, Ge(0), Doc("of the voice, as a multiple of what it tells")] = 3.0,
    clarity: Annotated[
        float,
        Interval(ge=0, le=1),
        Doc("of words: 1: every telling one fits whether the speaker is happy; 0: half of them"),
    ] = 0.9,
    seed: Annotated[int, Ge(0), Doc("of everything that is drawn")] = 0,
) -> Iterator[Segments]:
    """Simulate one video after another; equal settings give equal bytes.

    Raises:
        UsageError: there are more speakers than videos, or fewer than half as many or than the three parts need.
    """
    speakers = speakers or -(-3 * videos // 4)
    if not max(3, videos / 2) <= speakers <= videos:
        raise UsageError(
            f"emotion_sim: {speakers} speakers cannot have {videos} videos, one or two each",
            f"Set `speakers` to a number from {max(3, -(-videos // 2))} to {videos}, or to 0.",
        )
    everybody = raters(disagreement)
    parts = _parts(np.random.default_rng((seed, 0)), speakers)
    noises = {"face": face_noise, "voice": voice_noise}
    for video in range(videos):
        speaker = video % speakers
        rng = np.random.default_rng((seed, 3, video))
        mood = course(rng, temper(np.random.default_rng((seed, 1, speaker))), _length(rng, segments), smoothness)
        start, stop = _times(rng, len(mood))
        rated, told = everybody.judge(mood, rng), everybody.intensity(mood)
        yield Segments(
            video=f"video-{video + 1:03d}",
            part=parts[speaker],
            source=f"video-{video + 1:03d}",
            speaker=f"speaker-{speaker + 1:03d}",
            start=start,
            stop=stop,
            values=rated.mean.astype(np.float32),
            spread=rated.spread,
            raters=np.full(len(mood), RATERS),
            modalities={name: _sensed(told, noise, rng, (seed, 2, i)) for i, (name, noise) in enumerate(noises.items())},
            transcripts=sentences(rng, happy(mood), clarity),
            planted=None if video else _planted(noises, clarity),
        )


def _parts(rng: np.random.Generator, speakers: int) -> list[str]:
    """The part of each speaker; every part has at least one."""
    parts = [name for name, share in _PARTS for _ in range(max(1, round(share * speakers)))]
    named = parts + ["train"] * (speakers - len(parts))
    return [named[place] for place in rng.permutation(speakers)]


def _length(rng: np.random.Generator, segments: int) -> int:
    return _SHORTEST + int(rng.poisson(segments - _SHORTEST))


def _times(rng: np.random.Generator, segments: int) -> tuple[np.ndarray, np.ndarray]:
    """Start and stop of each segment in s, to the millisecond: (segment,) both; somebody begins to speak after a while."""
    seconds = _LEAST + rng.gamma(2, (_SECONDS - _LEAST) / 2, segments)
    gaps = rng.exponential(_GAP, segments)
    stop = np.cumsum(gaps + seconds)
    return np.round(stop - seconds, 3), np.round(stop, 3)


def _sensed(told: np.ndarray, noise: float, rng: np.random.Generator, sensor: tuple[int, ...]) -> np.ndarray:
    """What a camera or a microphone makes of intensities: (segment, feature) float32, each feature in a unit of its own.

    A rotation keeps all emotions equally easy to tell; a gentle bend keeps a straight line from telling everything.
    """
    of_sensor = np.random.default_rng(sensor)
    rotation = np.linalg.qr(of_sensor.standard_normal((_FEATURES, _FEATURES)))[0][: len(EMOTIONS)]
    bent = told @ rotation + 0.3 * np.tanh(2 * told @ rotation)
    seen = bent + noise * rng.standard_normal(bent.shape)
    unit, zero = of_sensor.uniform(0.5, 3, _FEATURES), of_sensor.uniform(-2, 2, _FEATURES)
    return np.asarray(zero + unit * seen, np.float32)


def _planted(noises: Mapping[str, float], clarity: float) -> dict[str, Any]:
    told = {name: {"tells": list(EMOTIONS), "reliability": round(1 / (1 + noise**2), 4)} for name, noise in noises.items()}
    return {
        "modalities": {**told, "text": {"tells": ["happy"], "reliability": clarity}},
        "collapse": ["text"],
    }
