"""Fast oscillations at temporal sites among what separates the classes best: that may be muscle."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt, Le, Lt, Unit

from reportgen.core import Finding
from reportgen.montage import TEMPORAL
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, count, counted, fixed, listing, p_value, percent

NEEDS = ("facts", "separation", "quality")
_SHOWN = 5


def inspect(
    inputs: Inputs,
    *,
    strongest: Annotated[float, Gt(0), Le(1), Doc("strong: η² from this share of the largest one on")] = 0.5,
    level: Annotated[float, Gt(0), Lt(1), Doc("p, corrected for all channels and bands, below which it is no chance")] = 0.05,
    fast: Annotated[float, Gt(0), Unit("Hz"), Doc("bands from here on are those of muscles")] = 30.0,
) -> Iterator[Finding]:
    """One finding an experiment that explored what separates the classes, where there are temporal sites and fast bands."""
    for about, found in inputs.all("separation"):
        temporal = np.array([channel.upper() in TEMPORAL for channel in found["channels"]])
        bands = np.array([low for low, _ in found["edges"]]) >= fast
        if temporal.any() and bands.any():
            table = _Table(found, strongest, level)
            muscles = [quality for _, quality in inputs.all("quality", dataset=about["dataset"])]
            yield table.finding(f"experiment {about['experiment']}", temporal[:, None] & bands, muscles)


class _Table:
    """How far each channel and band separates the classes."""

    def __init__(self, found: Mapping[str, Any], strongest: float, level: float) -> None:
        self._found = found
        self.eta2, self.p = (np.array(found[name], dtype=float) for name in ("eta2", "p"))  # (channel, band), None is NaN
        largest = np.nanmax(self.eta2) if np.isfinite(self.eta2).any() else np.inf
        self.strong = (self.eta2 >= strongest * largest) & (self.p < level)

    def finding(self, about: str, suspect: np.ndarray, muscles: list[Mapping[str, Any]]) -> Finding:
        """Of the channels and bands (channel, band) bool where muscles are strong."""
        there = self.strong & suspect
        best = counted(int(self.strong.sum()), "pair")
        evidence = f"{best} of channel and band separate best, {count(int(there.sum()))} of them fast and temporal"
        evidence += self._support(muscles)
        if not there.any():
            title = "Fast oscillations at temporal sites do not separate the classes best"
            return Finding(severity="ok", about=about, title=title, evidence=evidence)
        return Finding(
            severity="warning",
            about=about,
            title="What separates the classes best may be muscle",
            evidence=evidence,
            remedy=f"Look again with band_filter up to 45{NO_BREAK}Hz and without the temporal ring of electrodes"
            f" ({listing(self._sites(suspect))}): what is left is less likely to be the face.",
            rows=(("channel", "band", "η²", "p", "largest in"), *self._rows(there)),
        )

    def _support(self, muscles: list[Mapping[str, Any]]) -> str:
        """Share of fast power at temporal and at other sites, as it was measured in the recordings."""
        if not muscles:
            return ""
        temporal = np.array([channel.upper() in TEMPORAL for channel in muscles[0]["channels"]])
        shares = np.array([row["measures"]["muscle"] for row in muscles[0]["recordings"]], dtype=float)  # (recording, channel)
        if temporal.all() or not all(np.isfinite(shares[:, own]).any() for own in (temporal, ~temporal)):
            return ""
        at, elsewhere = (percent(float(np.nanmedian(shares[:, own]))) for own in (temporal, ~temporal))
        return f"; above 30{NO_BREAK}Hz lies {at} of the power at temporal sites, {elsewhere} elsewhere (medians)"

    def _sites(self, suspect: np.ndarray) -> list[str]:
        return [self._found["channels"][channel] for channel in np.flatnonzero(suspect.any(axis=1))]

    def _rows(self, there: np.ndarray) -> Iterator[tuple[str, ...]]:
        places = np.argwhere(there)
        for channel, band in places[np.argsort(-self.eta2[there], kind="stable")][:_SHOWN]:
            yield (
                self._found["channels"][channel],
                self._found["bands"][band],
                fixed(self.eta2[channel, band], 2),
                p_value(self.p[channel, band]),
                self._found["classes"][self._found["largest"][channel][band]],
            )
