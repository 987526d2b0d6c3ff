"""Taking in a data set of rated segments."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from reportgen.core import Facts, Segments
from reportgen.embedding.distinct import distinct
from reportgen.outputs import Out

_UNKNOWN = -1  # raters of a segment whose number nobody wrote down


class SegmentIntake:
    """Takes in videos or songs one by one and keeps their segments, which are small beside images and signals.

    Writes facts, intensities, segments and, as far as the data have them, modalities, transcripts, rater_spread,
    overall_ratings and planted.
    """

    def __init__(self, facts: Facts, out: Out) -> None:
        self.n = 0
        self.per_class = np.zeros(len(facts.classes))  # (emotion,) segments of the training part in which it is present
        self._facts, self._out = facts, out
        self._videos: list[Segments] = []

    def __enter__(self) -> "SegmentIntake":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add(self, video: Segments) -> None:
        """Take in one video or song.

        Raises:
            ValueError: other modalities than the ones before, or arrays of another length: a fault of the reader.
        """
        lengths = {len(video.start), len(video.stop), *(len(x) for x in video.modalities.values())}
        if lengths != {len(video.values)} or video.values.shape[1:] != (len(self._facts.classes),):
            raise ValueError(f"{video.source}: arrays of {sorted(lengths)} segments beside {video.values.shape} ratings")
        if self._videos and _shapes(video) != _shapes(self._videos[0]):
            raise ValueError(f"{video.source} has other modalities than {self._videos[0].source}")
        self._videos.append(video)
        self.n += len(video.values)
        if video.part == self._facts.training_part:
            self.per_class += self._present(video).sum(axis=0)

    def finish(self, use: str) -> None:
        """Write everything."""
        restricted = not self._facts.redistribute
        values = np.concatenate([video.values for video in self._videos]).astype(np.float32)
        self._out.array("intensities", values, ("segment", "emotion"), "rating")
        np.savez_compressed(self._out.path("segments", ".npz", axes=("segment",)), **self._table())  # type: ignore[arg-type] # its stubs take names for options
        self._write_modalities(restricted)
        if any(video.transcripts for video in self._videos):
            spoken = [text for video in self._videos for text in (video.transcripts or [""] * len(video.values))]
            self._out.array("transcripts", np.array(spoken, dtype=np.str_), ("segment",), restricted=restricted)
        self._write_ratings()
        if planted := [{"video": video.video, **video.planted} for video in self._videos if video.planted]:
            self._out.json("planted", {"videos": planted})
        self._out.json("facts", {**asdict(self._facts), **self._found(use, values)})

    def _table(self) -> Mapping[str, np.ndarray]:
        """Where each segment comes from."""
        sizes = [len(video.values) for video in self._videos]
        told = {
            name: np.repeat(np.array([getattr(video, name) for video in self._videos], dtype=np.str_), sizes)
            for name in ("video", "speaker", "part", "source")
        }
        raters = [np.full(len(v.values), _UNKNOWN) if v.raters is None else v.raters for v in self._videos]
        times = {name: np.concatenate([getattr(video, name) for video in self._videos]) for name in ("start", "stop")}
        return {**told, **times, "raters": np.concatenate(raters).astype(np.int32)}

    def _write_modalities(self, restricted: bool) -> None:
        if names := list(self._videos[0].modalities):
            arrays = {n: np.concatenate([v.modalities[n] for v in self._videos]).astype(np.float32) for n in names}
            path = self._out.path("modalities", ".npz", restricted=restricted, axes=("segment", "feature"))
            np.savez_compressed(path, **arrays)  # type: ignore[arg-type] # its stubs take names for options

    def _write_ratings(self) -> None:
        """What is known of raters, and of videos as a whole."""
        if any(video.spread is not None for video in self._videos):
            unknown = [np.full_like(v.values, np.nan) if v.spread is None else v.spread for v in self._videos]
            self._out.array("rater_spread", np.concatenate(unknown).astype(np.float32), ("segment", "emotion"), "rating")
        if whole := [video for video in self._videos if video.overall is not None]:
            path = self._out.path("overall_ratings", ".npz", axes=("video", "emotion"))
            values = np.stack([np.asarray(video.overall, np.float32) for video in whole])
            np.savez_compressed(path, video=np.array([video.video for video in whole]), values=values)

    def _present(self, video: Segments) -> np.ndarray:
        return np.asarray(video.values > self._facts.scale[0])

    def _found(self, use: str, values: np.ndarray) -> dict[str, Any]:
        """What the facts say of the data as they were read, in place of what is published."""
        published, videos = asdict(self._facts), self._videos
        rated = np.isfinite(values).all(axis=1)
        raters = self._table()["raters"]
        parts = sorted({video.part for video in videos})
        return {
            "id": use,
            "n": self.n,
            "parts": parts,
            "n_parts": dict(
                sorted(Counter(np.repeat([v.part for v in videos], [len(v.values) for v in videos]).tolist()).items())
            ),
            "published_counts": published["counts"],
            "counts": {part: self._counts(part) for part in parts},
            "shape": [values.shape[1]],
            "axes": ["segment", "emotion"],
            "unit": "rating",
            "videos": len({video.video for video in videos}),
            "speakers": len({video.speaker for video in videos} - {""}),
            "seconds": float(sum((video.stop - video.start).sum() for video in videos)),
            "zero": int((values[rated] <= self._facts.scale[0]).all(axis=1).sum()),
            "unrated": int((~rated).sum()),
            "distinct": len(distinct(values[rated])),
            "raters": float(np.median(raters[raters > _UNKNOWN])) if (raters > _UNKNOWN).any() else None,
            "modalities": self._modalities(),
            "notices": [notice for video in videos for notice in video.notices],
        }

    def _counts(self, part: str) -> dict[str, int]:
        """Segments of a part in which each emotion is present."""
        own = sum((self._present(video).sum(axis=0) for video in self._videos if video.part == part), np.zeros(1))
        return dict(zip(self._facts.classes, np.asarray(own).astype(int).tolist(), strict=True))

    def _modalities(self) -> dict[str, dict[str, Any]]:
        """Shapes, and in how many segments nothing of a modality is known."""
        found: dict[str, dict[str, Any]] = {}
        for name, x in self._videos[0].modalities.items():
            axes = tuple(range(1, x.ndim))
            missing = sum(int(np.isnan(video.modalities[name]).all(axis=axes).sum()) for video in self._videos)
            found[name] = {"shape": list(x.shape[1:]), "missing": missing}
        if any(video.transcripts for video in self._videos):
            spoken = sum(bool(text.strip()) for video in self._videos for text in video.transcripts)
            found["transcript" if "text" in found else "text"] = {"shape": [], "missing": self.n - spoken}
        return found


def _shapes(video: Segments) -> Mapping[str, tuple[int, ...]]:
    return {name: x.shape[1:] for name, x in video.modalities.items()}
