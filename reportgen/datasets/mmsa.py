"""Features of CMU-MOSEI or MOSI as MMSA's pickles hold them, with the sentiment of each sentence: no emotions are in them.

The pickle is opened by the project's own unpickler, which makes arrays and plain containers and runs nothing. The files
have no times, only the number of each clip in its video: `start` is this number and `stop` the next one, so that they say
the order and no seconds. Windows of features are averaged in even shares, so that several hundred become a few.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import Facts, Segments
from reportgen.datasets import _mmsa_clips
from reportgen.datasets._mmsa_clips import Clips
from reportgen.datasets._mosei_facts import BIBLIOGRAPHY, CONSENT, LICENCE, LIMITS
from reportgen.datasets._rated import Counted, by_video, in_range, told_last
from reportgen.errors import DataError
from reportgen.unpickling import unpickle

FACTS = Facts(
    title="Sentiment in MMSA's features",
    modality="vector",
    classes=("sentiment",),
    simulated=False,
    licence=LICENCE,
    consent=CONSENT,
    redistribute=False,
    citation="Mao, H., Yuan, Z., Xu, H., Yu, W., Liu, Y., & Gao, K. (2022). M-SENA: An integrated platform for multimodal"
    " sentiment analysis. ACL 2022, System Demonstrations, 204–213. Yu, W., Xu, H., Yuan, Z., & Wu, J. (2021). Learning"
    " modality-specific representations with self-supervised multi-task learning for multimodal sentiment analysis. AAAI"
    " 2021, 10790–10797. The data behind them: Zadeh et al. (2018).",
    bibtex="""@inproceedings{mao2022msena,
  author = {Mao, Huisheng and Yuan, Ziqi and Xu, Hua and Yu, Wenmeng and Liu, Yihe and Gao, Kai},
  title = {{M-SENA}: An Integrated Platform for Multimodal Sentiment Analysis},
  booktitle = {Proceedings of the 60th Annual Meeting of the Association for Computational Linguistics: System
    Demonstrations},
  pages = {204--213},
  year = {2022}
}

@inproceedings{yu2021learning,
  author = {Yu, Wenmeng and Xu, Hua and Yuan, Ziqi and Wu, Jiele},
  title = {Learning Modality-Specific Representations with Self-Supervised Multi-Task Learning for Multimodal Sentiment
    Analysis},
  booktitle = {Proceedings of the AAAI Conference on Artificial Intelligence},
  volume = {35},
  pages = {10790--10797},
  year = {2021}
}

"""
    + BIBLIOGRAPHY,
    training_part="train",
    test_part="test",
    limits="These files hold one number a sentence, the sentiment from -3 to 3, so that nothing can be concluded about"
    " emotions; their least value is a strong negative sentiment and not the absence of one. They have no times. " + LIMITS,
    scale=(-3.0, 3.0),
    whole="video",
)
_PARTS = ("train", "valid", "test")
_GET = "Give aligned_50.pkl or unaligned_50.pkl of MMSA."


def load(
    *,
    path: Annotated[Path, Doc("the pickle, such as unaligned_50.pkl")],
    windows: Annotated[int, Ge(1), Unit("windows"), Doc("of features to keep a segment; more are averaged evenly")] = 10,
) -> Iterator[Segments]:
    """Read the pickle whole and give one video after the other; what is to be said about all comes with the last.

    Raises:
        DataError: the pickle is broken or wants to run code, or it does not hold what MMSA's do.
    """
    content = _opened(path)
    clips = {part: _mmsa_clips.read(content.pop(part), f"{path.name}, part {part}", windows) for part in _PARTS}
    _check(clips, path)
    counted, told = Counted(), _told(clips)
    yield from told_last(_videos(clips, path.name, counted), lambda: (*counted.lines(), *told))


def _opened(path: Path) -> dict[str, dict[str, Any]]:
    try:
        with path.open("rb") as file:
            content = unpickle(file, str(path))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", f"Is its variable set? {_GET}") from error
    if not isinstance(content, dict) or not all(isinstance(content.get(part), dict) for part in _PARTS):
        there = ", ".join(map(str, list(content)[:8])) if isinstance(content, dict) else type(content).__name__
        raise DataError(f"{path} holds no {', '.join(_PARTS)}; there is {there or 'nothing'}", _GET)
    return content


def _check(clips: Mapping[str, Clips], path: Path) -> None:
    """All parts have the same modalities, with the same windows and features."""
    first, *others = _PARTS
    shapes = {part: {name: x.shape[1:] for name, x in own.modalities.items()} for part, own in clips.items()}
    for part in others:
        if shapes[part] != shapes[first]:
            raise DataError(f"{path.name}: {first} has features {shapes[first]} and {part} {shapes[part]}", _GET)


def _videos(clips: Mapping[str, Clips], file: str, counted: Counted) -> Iterator[Segments]:
    """One video after the other, a part after the other."""
    read = 0
    for part, own in clips.items():
        fitting, _ = in_range(own.sentiment[:, None], *FACTS.scale)
        for rows in by_video(own.video, [part] * len(own.video), own.clip, own.clip):
            counted.add("sentiment out of range left out", own.video[rows[0]], (~fitting[rows]).sum())
            if len(kept := rows[fitting[rows]]):
                read += 1
                yield _segments(own, kept, part, file)
    if not read:
        raise DataError(f"{file} holds no segment that can be used", _GET)


def _segments(own: Clips, rows: np.ndarray, part: str, file: str) -> Segments:
    video = own.video[rows[0]]
    return Segments(
        video=video,
        part=part,
        source=f"{file} {video}",
        start=own.clip[rows].astype(np.float64),
        stop=own.clip[rows] + 1.0,
        values=own.sentiment[rows, None],
        modalities={name: x[rows] for name, x in own.modalities.items()},
        transcripts=tuple(own.text[row] for row in rows) if own.text else (),
    )


def _told(clips: Mapping[str, Clips]) -> list[str]:
    """What is to be said of the files and their features."""
    told = ["no times are in the file: start and stop are the numbers of clips, which say their order and no seconds"]
    for name in next(iter(clips.values())).modalities:
        if missing := sum(own.missing[name] for own in clips.values()):
            told.append(f"{name}: {missing:,} numbers are infinite or none and count as missing")
        if beyond := sum(own.beyond[name] for own in clips.values()):
            told.append(f"{name}: {beyond:,} segments have numbers past their stated length, which are left out")
    return told
