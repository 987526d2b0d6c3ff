"""Outputs of steps: written once by `Out`, read by kind through `Inputs`. The stem of a file is its kind.

Formats: JSON, .npy and .npz without pickle, safetensors, SVG, PNG, CSV. Nothing pickled is written or read.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.core import Array
from reportgen.kinds import KINDS


class Out:
    """The folder that a step writes its outputs into; nobody sees it before the step is done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.described: dict[str, dict[str, Any]] = {}

    def path(self, kind: str, suffix: str, *, restricted: bool = False, axes: Sequence[str] = (), unit: str = "") -> Path:
        """Where to write an output of `kind` by oneself (`suffix` with the dot)."""
        if kind not in KINDS:
            raise KeyError(f"'{kind}' is not a kind of output: see reportgen.kinds.KINDS")
        name = kind + suffix
        self.described[name] = {"kind": kind, "axes": list(axes), "unit": unit, "restricted": restricted}
        return self.folder / name

    def describe(self, kind: str, *, axes: Sequence[str], unit: str) -> None:
        """Say of an array that is written row by row what is only known at its end."""
        for described in self.described.values():
            if described["kind"] == kind:
                described |= {"axes": list(axes), "unit": unit}

    def json(self, kind: str, value: Any) -> None:
        """Write JSON; NaN is refused, a missing number is null."""
        text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=_plain)
        self.path(kind, ".json").write_text(text + "\n", encoding="utf-8")

    def array(self, kind: str, values: np.ndarray, axes: Sequence[str], unit: str = "", *, restricted: bool = False) -> None:
        """Write an array with its named axes and unit."""
        path = self.path(kind, ".npy", restricted=restricted, axes=axes, unit=unit)
        np.save(path, np.ascontiguousarray(values), allow_pickle=False)

    def put(self, kind: str, value: Any) -> None:
        """Write whatever an explainer returned: an `Array`, a mapping of arrays, or JSON."""
        if isinstance(value, Array):
            self.array(kind, value.values, value.axes, value.unit, restricted=value.restricted)
        elif isinstance(value, Mapping) and value and all(isinstance(v, Array) for v in value.values()):
            first = next(iter(value.values()))
            path = self.path(kind, ".npz", axes=first.axes, unit=first.unit)
            np.savez_compressed(path, **{name: a.values for name, a in value.items()})
        else:
            self.json(kind, value)


def _plain(value: Any) -> Any:
    """Numpy numbers and arrays as JSON's."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


@dataclass(frozen=True, slots=True)
class Output:
    """One stored output: where it lies and what it is about."""

    kind: str
    path: Path
    about: Mapping[str, str]
    restricted: bool = False
    sha256: str = ""

    def load(self) -> Any:
        """The value: JSON as it is, arrays memory-mapped, npz as {name: array}, otherwise the path."""
        if self.path.suffix == ".json":
            return json.loads(self.path.read_text(encoding="utf-8"))
        if self.path.suffix == ".npy":
            return np.load(self.path, mmap_mode="r", allow_pickle=False)
        if self.path.suffix == ".npz":
            with np.load(self.path, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        return self.path


class Restricted(Exception):
    """A figure of a public report asked for samples that may not be shown: a bug of that figure."""


class Inputs:
    """What a step, a figure or an audit is given: finished outputs, asked for by kind and by what they are about.

    `public` hides restricted outputs: `"samples" in inputs` is then False, and asking for them raises `Restricted`.
    """

    def __init__(self, outputs: Sequence[Output], *, public: bool = False) -> None:
        self._outputs = tuple(outputs)
        self.public = public

    @property
    def restricted(self) -> bool:
        """Whether any of them shows samples that may not be passed on."""
        return any(output.restricted for output in self._outputs)

    def _matching(self, kind: str, about: Mapping[str, str]) -> list[Output]:
        if kind not in KINDS:
            raise KeyError(f"'{kind}' is not a kind of output: see reportgen.kinds.KINDS")
        return [o for o in self._outputs if o.kind == kind and all(o.about.get(k) == v for k, v in about.items())]

    def __contains__(self, kind: str) -> bool:
        return any(not (self.public and o.restricted) for o in self._matching(kind, {}))

    def all(self, kind: str, **about: str) -> Iterator[tuple[Mapping[str, str], Any]]:
        """Every output of a kind: (what it is about, value)."""
        for output in self._matching(kind, about):
            if self.public and output.restricted:
                raise Restricted(f"{kind} of {dict(output.about)} may not be shown in a public report")
            yield output.about, output.load()

    def one(self, kind: str, **about: str) -> Any:
        """The only output of a kind.

        Raises:
            LookupError: there is none, or more than one.
        """
        values = [value for _, value in self.all(kind, **about)]
        if len(values) != 1:
            raise LookupError(f"{len(values)} outputs of kind '{kind}' {about or ''} where one is needed")
        return values[0]

    def about(self, kind: str, **about: str) -> list[Mapping[str, str]]:
        """What the outputs of a kind are about, without reading them."""
        return [o.about for o in self._matching(kind, about)]
