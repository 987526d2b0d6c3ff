"""A spherical head: what sources in the cortex give at the electrodes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import mne
import numpy as np

from reportgen.montage import SEED_62, info

_POINTS = 600  # on the whole sphere; those of the cortex are kept
_DEPTH = 0.07  # m from the centre of a head of 0.096 m: the cortex
_LOWEST = -0.35  # of that radius: below there is no cortex
_PATCH = 0.015  # m, SD of a patch that is active together


@dataclass(frozen=True, slots=True)
class Head:
    """Electrodes around a conducting sphere of brain, fluid, skull and skin."""

    channels: tuple[str, ...]
    electrodes: np.ndarray  # (channel, 3) m, head coordinates
    centre: np.ndarray  # (3,) m
    points: np.ndarray  # (point, 3) m, of the cortex
    outward: np.ndarray  # (point, 3) unit vectors
    gains: np.ndarray  # (channel, point, direction): potential of a dipole at the point along x, y, z

    def of(self, channels: Sequence[str]) -> "Head":
        """The same head with fewer electrodes."""
        rows = [self.channels.index(channel) for channel in channels]
        return replace(self, channels=tuple(channels), electrodes=self.electrodes[rows], gains=self.gains[rows])

    def under(self, channel: str) -> np.ndarray:
        """(3,) m: the place in the cortex under an electrode."""
        ray = self.electrodes[self.channels.index(channel)] - self.centre
        return np.asarray(self.centre + _DEPTH * ray / np.linalg.norm(ray))

    def patch(self, place: np.ndarray, tilt: np.ndarray | float = 0.0) -> np.ndarray:
        """(channel,): potentials of a small patch of cortex, 1 at the electrode where it is strongest.

        Args:
            place: (3,) m, centre of the patch.
            tilt: (3,) added to its direction, which is outward.
        """
        near = np.exp(-0.5 * np.sum((self.points - place) ** 2, axis=1) / _PATCH**2)
        field = np.einsum("cpd,pd->c", self.gains, near[:, None] * (self.outward + tilt))
        return np.asarray(field / field[np.argmax(np.abs(field))])

    def crowd(self, directions: np.ndarray) -> np.ndarray:
        """(channel, channel): mixes white sources as dipoles all over the cortex would, mean variance 1.

        With the dipoles' field G (channel, point) and Gᵀ = QR, Rᵀ has their covariance G Gᵀ at a fraction of the cost.

        Args:
            directions: (point, 3) strength and direction of the dipole at each point.
        """
        field = np.einsum("cpd,pd->cp", self.gains, directions)
        mixing: np.ndarray = np.transpose(np.linalg.qr(field.T, mode="r"))
        return np.asarray(mixing / np.sqrt(np.mean(np.sum(mixing**2, axis=1))))

    def falloff(self, place: np.ndarray, distance: float) -> np.ndarray:
        """(channel,): exp(−d / distance), 1 at the nearest electrode: for what lies outside of the skull."""
        away = np.linalg.norm(self.electrodes - place, axis=1)
        return np.asarray(np.exp(-(away - away.min()) / distance))


@cache
def head() -> Head:
    """The head with the 62 electrodes of SEED, from MNE's spherical model fitted to them."""
    cap = info(SEED_62, 200.0)
    sphere = mne.make_sphere_model("auto", "auto", cap, verbose="error")
    outward = _around(_POINTS)
    outward = outward[outward[:, 2] > _LOWEST]
    points = sphere["r0"] + _DEPTH * outward
    place = {"rr": points, "nn": outward}
    sources = mne.setup_volume_source_space(None, pos=place, sphere=sphere, sphere_units="m", verbose="error")
    forward = mne.make_forward_solution(cap, None, sources, sphere, meg=False, eeg=True, verbose="error")
    return Head(
        channels=SEED_62,
        electrodes=np.array([channel["loc"][:3] for channel in cap["chs"]]),
        centre=np.asarray(sphere["r0"]),
        points=points,
        outward=outward,
        gains=forward["sol"]["data"].reshape(len(SEED_62), len(points), 3),
    )


def _around(points: int) -> np.ndarray:
    """(point, 3): unit vectors, evenly spread (Fibonacci lattice)."""
    rank = np.arange(points) + 0.5
    height = 1 - 2 * rank / points
    angle = np.pi * (1 + np.sqrt(5)) * rank
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)
