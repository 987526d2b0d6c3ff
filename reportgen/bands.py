"""The frequency bands of the SEED family, which the field uses (Zheng and Lu 2015, IEEE Trans. Auton. Ment. Dev. 7, 162)."""

from collections.abc import Mapping

BANDS: Mapping[str, tuple[float, float]] = {
    "delta": (1.0, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 14.0),
    "beta": (14.0, 31.0),
    "gamma": (31.0, 50.0),
}
"""{name: (from, below), Hz}."""
