"""Step: make of recordings what a model gets: the features of a study, one after the other, stretch by stretch."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.array_file import ArrayFile
from reportgen.core import Piece
from reportgen.errors import DataError, UsageError
from reportgen.outputs import Inputs, Out
from reportgen.work import Work

_STRETCHED = "effective rate in Hz"
"""What `fixed_duration` measures."""
_WHOSE = ("subject", "session", "recording", "trial", "clip")
Row = Mapping[str, Any]
Verbs = Sequence[tuple[Any, Mapping[str, Any]]]
"""(verb of a feature, its settings)."""


def run(inputs: Inputs, out: Out, work: Work, *, chain: list[dict[str, Any]]) -> None:
    """Write features, samples, labels, rows, twins, pieces and interpolated: a sample is a window of a trial.

    One stretch is in memory at a time. Windows that hold values that are no numbers are left out and counted.

    Raises:
        UsageError: the features do not fit each other or the recordings.
        DataError: no window is left.
    """
    source, verbs = Source(inputs), verbs_of(chain)
    collected = _Collected()
    with ArrayFile(out.path("samples", ".npy", restricted=source.restricted)) as samples:
        for number, (row, piece) in enumerate(source):
            made = through(verbs, row, piece)
            _check_end(made, chain)
            samples.append(collected.take(row, made))
            work.progress(number + 1, len(source), f"{collected.n:,} samples")
    if not collected.n:
        raise DataError(
            f"none of {len(source)} stretches of recordings gave a window without missing values",
            "Take shorter windows; bad_channels mends channels that hold no numbers.",
        )
    out.describe("samples", axes=collected.axes, unit=collected.unit)
    collected.write(out, chain, source)


def verbs_of(chain: Sequence[Mapping[str, Any]]) -> Verbs:
    """The features of a study, ready to be called one after the other."""
    return [(plugins.verb("feature", feature["use"]), feature["settings"]) for feature in chain]


def through(verbs: Verbs, row: Row, piece: Piece) -> Piece:
    """What the features make of a piece; a fault of the data says where it is."""
    try:
        for extract, settings in verbs:
            piece = extract(piece, **settings)
    except DataError as error:
        raise DataError(f"{row['recording']}, trial {row['trial']}: {error.message}", error.hint) from None
    return piece


def finite(piece: Piece) -> np.ndarray:
    """(window,) bool: windows without values that are no numbers, which alone become samples."""
    return np.asarray(np.isfinite(piece.x).all(axis=tuple(range(1, piece.x.ndim))))


def _check_end(piece: Piece, chain: Sequence[Mapping[str, Any]]) -> None:
    if piece.spans is None:
        shape = " × ".join(map(str, piece.x.shape))
        raise UsageError(
            f"features: after {chain[-1]['use']} it is still a signal ({', '.join(piece.axes)}) of {shape}",
            "End with what makes windows of it, such as differential_entropy or windows.",
        )


class Source:
    """The stretches of a data set or pool as pieces: each with the channels that all have."""

    def __init__(self, inputs: Inputs) -> None:
        self._signals = {about["dataset"]: signals for about, signals in inputs.all("signals")}
        self._facts = {about["dataset"]: facts for about, facts in inputs.all("facts")}
        tables = {about["dataset"]: table for about, table in inputs.all("stretches")}
        pools = tables.keys() - self._signals.keys()
        self.name = next(iter(pools or tables))
        self.facts = self._facts[self.name]
        self.restricted = not self.facts["redistribute"]
        table = tables[self.name]
        rows = (dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True))
        self.rows = [{"dataset": self.name, **row} for row in rows]
        self._picked = {name: self._pick(self._facts[name]["channels"]) for name in self._signals}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Row, Piece]]:
        return ((row, self.piece(row)) for row in self.rows)

    def piece(self, row: Row) -> Piece:
        """The signal of a stretch, or its given features."""
        member = row["dataset"]
        return self._piece(row, self._facts[member], self._signals[member], self._picked[member])

    def _pick(self, channels: Sequence[str]) -> Any:
        """Where a data set holds the channels of the pool; all of them without copying."""
        place = {channel.upper(): i for i, channel in enumerate(channels)}
        picked = [place[channel.upper()] for channel in self.facts["channels"]]
        return slice(None) if picked == list(range(len(channels))) else picked

    def _piece(self, row: Row, facts: Row, signals: np.ndarray, picked: Any) -> Piece:
        x = signals[row["offset"] : row["offset"] + row["lead"] + row["length"] + row["tail"], picked]
        told: dict[str, Any] = {"channels": tuple(self.facts["channels"]), "unit": facts["unit"], "rate": facts["rate"]}
        if facts["bands"] is None:
            margins = {"start": row["start"], "lead": row["lead"], "tail": row["tail"]}
            return Piece(x=np.ascontiguousarray(x.T), axes=("channel", "time"), **told, **margins)
        edges = row["start"] + np.arange(len(x) + 1) / facts["rate"]
        given: dict[str, Any] = {"spans": np.stack([edges[:-1], edges[1:]], axis=1), "names": {"band": tuple(facts["bands"])}}
        return Piece(x=np.array(x), axes=("window", "channel", "band"), start=row["start"], **told, **given)


class _Collected:
    """The small things of all pieces."""

    def __init__(self) -> None:
        self.n = 0
        self.axes: tuple[str, ...] = ()
        self.unit = ""
        self._last: Piece | None = None
        self._rates: set[float] = set()
        self._size: tuple[tuple[int, ...], float, str] | None = None
        self._columns: dict[str, list[np.ndarray]] = {}
        self._pieces: list[dict[str, Any]] = []
        self._notices: Counter[str] = Counter()
        self._windows: Counter[str] = Counter()  # of each trial so far
        self._hashes: list[bytes] = []

    def take(self, row: Row, piece: Piece) -> np.ndarray:
        """Note down a piece; returns its windows (window, …) without those that hold values that are no numbers."""
        assert piece.spans is not None
        self._last = piece
        self.axes, self.unit = ("sample", *piece.axes[1:]), piece.unit
        whole = finite(piece)
        x = np.asarray(piece.x, dtype=np.float32)[whole]
        self._check_size(row, piece)
        self._rates.add(piece.rate)
        trial = f"{row['recording']}:{row['trial']}"
        index = self._windows[trial] + np.flatnonzero(whole)
        self._windows[trial] += len(whole)
        self._note(piece, whole)
        self._add(row, trial, piece, whole, index)
        self._hashes += [hashlib.sha256(window.tobytes()).digest() for window in x]
        self.n += len(x)
        return np.asarray(x)

    def _check_size(self, row: Row, piece: Piece) -> None:
        """All samples are of one size, or no model could take them."""
        self._size = self._size or (piece.x.shape[1:], piece.rate, row["recording"])
        size, rate, first = self._size
        if piece.x.shape[1:] != size:
            was, now = (" × ".join(map(str, shape)) for shape in (size, piece.x.shape[1:]))
            raise UsageError(
                f"features: windows of {row['recording']}, trial {row['trial']} are {now} ({', '.join(piece.axes[1:])}) at"
                f" {piece.rate:g} Hz, those of {first} {was} at {rate:g} Hz",
                "Put resample first where rates differ; after fixed_duration take windows with window = 0.",
            )

    def _note(self, piece: Piece, whole: np.ndarray) -> None:
        self._notices.update(piece.notices)
        if not len(whole) and not piece.notices:
            self._notices["A stretch is shorter than a window and gives no sample."] += 1
        if lost := int((~whole).sum()):
            self._notices["A window holds values that are no numbers and is left out."] += lost

    def _add(self, row: Row, trial: str, piece: Piece, whole: np.ndarray, index: np.ndarray) -> None:
        assert piece.spans is not None
        n = len(index)
        told = {"dataset": row["dataset"], **{name: row[name] for name in _WHOSE}, "trial": trial}
        for name, text in told.items():
            self._columns.setdefault(name, []).append(np.full(n, text))
        numbers = {"start": piece.spans[whole, 0], "stop": piece.spans[whole, 1], "rate": np.full(n, piece.rate)}
        for name, values in {**numbers, "index": index, "label": np.full(n, row["label"], np.int16)}.items():
            self._columns.setdefault(name, []).append(values)
        self._pieces.append({**told, "label": row["label"], "seconds": _seconds(piece), **piece.measures})

    def write(self, out: Out, chain: Sequence[Mapping[str, Any]], source: Source) -> None:
        """Write all but the samples."""
        assert self._last is not None
        columns = {name: np.concatenate(parts) for name, parts in self._columns.items()}
        labels = columns.pop("label")
        out.array("labels", labels, ("sample",))
        out.array("twins", np.unique(self._hashes, return_inverse=True)[1].astype(np.int32), ("sample",))
        np.savez_compressed(out.path("rows", ".npz", axes=("sample",)), **columns)  # type: ignore[arg-type]
        out.json("pieces", _table(self._pieces))
        if stretched := [row for row in self._pieces if _STRETCHED in row]:
            out.json("interpolated", _table(stretched))
        last = self._last
        out.json(
            "features",
            {
                "chain": list(chain),
                "shape": list(last.x.shape[1:]),
                "axes": list(self.axes),
                "unit": self.unit,
                "names": {axis: list(names) for axis, names in last.names.items()},
                "channels": list(last.channels),
                "rate": last.rate if len(self._rates) == 1 else None,
                "classes": source.facts["classes"],
                "n": self.n,
                "counts": np.bincount(labels, minlength=len(source.facts["classes"])),
                "same": _same(columns, labels),
                "notices": [f"{text} ({n:,} times)" if n > 1 else text for text, n in self._notices.items()],
            },
        )


def _table(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _seconds(piece: Piece) -> float:
    assert piece.spans is not None
    return float(piece.spans[:, 1].max() - piece.spans[:, 0].min()) if len(piece.spans) else 0.0


def _same(columns: Mapping[str, np.ndarray], labels: np.ndarray) -> str:
    """Equal for features whose samples are the same windows of the same trials, so that their scores can be compared."""
    told = hashlib.sha256()
    for name in ("trial", "index"):
        told.update("\n".join(columns[name].astype(str)).encode())
    told.update(labels.tobytes())
    return told.hexdigest()[:20]
