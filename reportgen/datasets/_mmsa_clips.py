"""One part of an MMSA pickle: its clips, checked, with windows of features made few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.datasets._mmsa_windows import shorten
from reportgen.errors import DataError

MODALITIES = ("text", "audio", "vision")
_BETWEEN = "$_$"  # of video and clip in an id
_GET = "Give aligned_50.pkl or unaligned_50.pkl of MMSA."


@dataclass(frozen=True, slots=True)
class Clips:
    """All clips of a part, in the order of the file."""

    video: Sequence[str]
    clip: np.ndarray  # (segment,) int: its number in the video
    sentiment: np.ndarray  # (segment,) float32
    text: Sequence[str]  # what is said; nothing where the file has no words
    modalities: Mapping[str, np.ndarray]  # {name: (segment, window, feature) float32}
    missing: Mapping[str, int]  # {name: numbers that were infinite or none}
    beyond: Mapping[str, int]  # {name: segments with numbers past their stated length}


def read(part: dict[str, Any], place: str, windows: int) -> Clips:
    """Take a part of the pickle apart; features leave `part` as they are read, to give their memory free.

    Args:
        part: {key: values} as MMSA writes it.
        place: file and part, for messages.
        windows: to keep at most.

    Raises:
        DataError: a key is missing, or holds something else than MMSA's.
    """
    if missing := [key for key in ("id", "regression_labels") if key not in part]:
        there = ", ".join(sorted(map(str, part))[:12]) or "nothing"
        raise DataError(f"{place}: no {' and no '.join(missing)}; there are {there}", _GET)
    ids = [str(one) for one in np.ravel(np.asarray(part["id"], object))]
    named = [_named(one, place) for one in ids]
    sentiment = _numbers(part["regression_labels"], f"{place}, regression_labels").astype(np.float32).ravel()
    said = [str(text) for text in np.ravel(np.asarray(part.get("raw_text", []), object))]
    if len(sentiment) != len(ids) or len(said) not in (0, len(ids)):
        fault = f"{place}: {len(sentiment):,} regression_labels and {len(said):,} raw_text where there are {len(ids):,} ids"
        raise DataError(fault, _GET)
    found = {name: _modality(part, name, f"{place}, {name}", windows, len(ids)) for name in MODALITIES if name in part}
    return Clips(
        video=[video for video, _ in named],
        clip=np.array([clip for _, clip in named], int),
        sentiment=sentiment,
        text=said,
        modalities={name: x for name, (x, _, _) in found.items()},
        missing={name: missing for name, (_, missing, _) in found.items()},
        beyond={name: beyond for name, (_, _, beyond) in found.items()},
    )


def _named(one: str, place: str) -> tuple[str, int]:
    """Video and clip of an id."""
    video, between, clip = one.rpartition(_BETWEEN)
    if not (video and between and clip.isascii() and clip.isdigit()):
        raise DataError(f"{place}: the id '{one[:40]}' is not like video{_BETWEEN}3", _GET)
    return video, int(clip)


def _modality(part: dict[str, Any], name: str, place: str, windows: int, segments: int) -> tuple[np.ndarray, int, int]:
    """(segment, window, feature) with few windows, how many numbers are missing, and how many segments are too long."""
    x = _numbers(part.pop(name), place)
    if x.ndim != 3 or len(x) != segments:
        raise DataError(f"{place} has the shape {x.shape} where ({segments}, window, feature) is needed", _GET)
    own = _own(part, name, x, place)
    stated = f"{name}_lengths" in part  # what BERT makes of padding is not zero, and no news
    beyond = int(((x != 0).any(axis=2) & ~own).any(axis=1).sum()) if stated else 0
    return shorten(x, own, min(windows, x.shape[1])), int(x.size - np.isfinite(x).sum()), beyond


def _own(part: Mapping[str, Any], name: str, x: np.ndarray, place: str) -> np.ndarray:
    """(segment, window) bool: those that are no padding.

    By the file's own lengths; of words by the mask that it holds for BERT; else a window of zeros is padding, wherever it
    stands, as aligned files are padded in front.
    """
    if f"{name}_lengths" in part:
        lengths = _numbers(part[f"{name}_lengths"], f"{place}_lengths").ravel()
        if len(lengths) != len(x):
            raise DataError(f"{place}_lengths: {len(lengths):,} where there are {len(x):,} ids", _GET)
        return np.arange(x.shape[1]) < lengths[:, None]
    mask = np.asarray(part.get("text_bert", 0))
    if name == "text" and mask.shape == (len(x), 3, x.shape[1]):
        return np.asarray(mask[:, 1] > 0)
    return np.asarray((x != 0).any(axis=2))


def _numbers(values: Any, place: str) -> np.ndarray:
    try:
        found = np.asarray(values)
        return found if found.dtype.kind in "biuf" else found.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{place} holds no numbers", _GET) from error
