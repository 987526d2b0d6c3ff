"""Where electrodes sit on the head, by their names: the 10-05 system, and the order of channels of the SEED family."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # the report half knows names of channels without having mne
    import mne

_ROWS = (  # from the front to the back
    "FP1 FPZ FP2",
    "AF3 AF4",
    "F7 F5 F3 F1 FZ F2 F4 F6 F8",
    "FT7 FC5 FC3 FC1 FCZ FC2 FC4 FC6 FT8",
    "T7 C5 C3 C1 CZ C2 C4 C6 T8",
    "TP7 CP5 CP3 CP1 CPZ CP2 CP4 CP6 TP8",
    "P7 P5 P3 P1 PZ P2 P4 P6 P8",
    "PO7 PO5 PO3 POZ PO4 PO6 PO8",
    "CB1 O1 OZ O2 CB2",
)
SEED_62: tuple[str, ...] = tuple(channel for row in _ROWS for channel in row.split())
"""Channels of SEED, SEED-IV and SEED-V in the order of their files."""
TEMPORAL: frozenset[str] = frozenset(f"{row}{number}" for row in ("F", "FT", "T", "TP") for number in (7, 8, 9, 10)) | {
    "T3",
    "T4",
}
"""Sites over the muscles of chewing, whose activity above 20 Hz is stronger there than that of the brain
(Goncharova et al. 2003, Clin. Neurophysiol. 114, 1580)."""

Place = tuple[float, float, float]

_BETWEEN = {"CB1": ("PO9", "I1"), "CB2": ("PO10", "I2")}  # of Neuroscan's caps: low, between PO7 and O1 seen from above
_REFERENCE = re.compile(r"-(REF|LE|RE|AR|AVG|AV|M1|M2|A1|A2|A1A2)$")


def positions(channels: Sequence[str]) -> dict[str, Place] | None:
    """Places of the electrodes on a standard head.

    Args:
        channels: names in any spelling: "FP1", "Fp1", "Fc5.", "EEG Fz-REF", and T3 T4 T5 T6 for T7 T8 P7 P8.

    Returns:
        {name as given: (x, y, z)} of the channels that are known, m, head coordinates of MNE (x to the right ear, y to
        the nose, z up), from its montage `colin27_1005`; None if fewer than half are known.
    """
    known = _places()
    found = {channel: known[_plain(channel)] for channel in channels if _plain(channel) in known}
    return found if found and 2 * len(found) >= len(channels) else None


def info(channels: Sequence[str], rate: float) -> "mne.Info":
    """What MNE needs to know about EEG channels, with places for those that are known.

    Args:
        channels: names in any spelling; they are kept.
        rate: Hz.
    """
    import mne

    made = mne.create_info(list(channels), rate, "eeg")
    if found := positions(channels):
        places = {channel: np.array(place) for channel, place in found.items()}
        made.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"), on_missing="ignore", verbose="error")
    return made


def _plain(channel: str) -> str:
    """The bare name in upper case."""
    name = channel.strip().strip(".").upper().removeprefix("EEG").strip(" -_.")
    return _REFERENCE.sub("", name)


@cache
def _places() -> dict[str, Place]:
    """{upper-case name: place} of every electrode of the 10-05 system, and CB1 and CB2."""
    from mne.channels import make_standard_montage
    from mne.channels.montage import transform_to_head

    montage = transform_to_head(make_standard_montage("colin27_1005"))
    known = {name.upper(): place for name, place in montage.get_positions()["ch_pos"].items()}
    known |= {name: (known[one] + known[other]) / 2 for name, (one, other) in _BETWEEN.items()}
    return {name: (float(x), float(y), float(z)) for name, (x, y, z) in known.items()}
