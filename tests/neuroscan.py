"""Writes the smallest Neuroscan .cnt of 32-bit samples that MNE reads back, with what real files of SEED-V have in them."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

STEP = 0.01  # µV, one least significant bit
_SETUP, _ELECTRODE = 900, 75  # bytes of the header, and of the header of each channel
_REAL_COUNT = -732  # the number of samples that files of SEED-V claim to have


def write_cnt(
    path: Path, signals: np.ndarray, channels: Sequence[str], rate: int, *, count: int = _REAL_COUNT, width: int = 4
) -> Path:
    """Write a continuous recording.

    Args:
        path: of the file.
        signals: (channel, time) µV.
        channels: their names.
        rate: Hz, whole.
        count: the number of samples that the header claims.
        width: bytes a sample, 4 or 2.
    """
    samples = np.round(signals / STEP).astype(f"<i{width}")
    content = samples.T.tobytes()
    setup = bytearray(_SETUP)
    for place, form, value in (
        (0, "11s", b"Version 3.0"),
        (225, "10s", b"08/04/18"),
        (235, "12s", b"10:00:00"),
        (370, "<H", len(channels)),
        (376, "<H", rate),
        (864, "<i", count),
        (886, "<i", _SETUP + _ELECTRODE * len(channels) + len(content)),
        (890, "<f", signals.shape[1] / rate),
    ):
        struct.pack_into(form, setup, place, value)
    no_events = struct.pack("<Bll", 1, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(setup) + b"".join(map(_electrode, channels, range(len(channels)))) + content + no_events)
    return path


def _electrode(name: str, i: int) -> bytes:
    header = bytearray(_ELECTRODE)
    for place, form, value in (
        (0, "10s", name.encode()),
        (19, "<ff", (np.cos(i), np.sin(i))),  # somewhere on a circle: MNE wants a head
        (59, "<f", 204.8 * STEP),  # sensitivity; 204.8 belongs to the format
        (71, "<f", 1.0),  # calibration
    ):
        struct.pack_into(form, header, place, *value if isinstance(value, tuple) else (value,))
    return bytes(header)
