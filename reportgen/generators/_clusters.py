"""Latent numbers that come in clusters: people and days differ, so that EEG is no single cloud.

A mixture of normal distributions, whose centres and widths are learned with the generator (Gurumurthy et al. 2017, "DeLiGAN",
who use it where data are few). It starts from k-means of the training part, class by class.
"""

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.covariance import LedoitWolf
from torch import Tensor, nn

_MOST = 64  # clusters of a class
_GROUPS = 6  # of clusters of a class
_TRUST = 4.0  # samples that say as much of a width as those of the cluster
_SMALL = 1e-6


class Clusters(nn.Module):
    """Draws the centre and the width of a cluster for each label."""

    shares: Tensor  # (class, cluster) of samples
    group: Tensor  # (class, cluster) int64: which clusters are alike

    def __init__(self, points: np.ndarray, labels: np.ndarray, classes: int, size: int, seed: int) -> None:
        """Find clusters.

        Args:
            points: (sample, number) of the training part.
            labels: (sample,) int.
            classes: how many there are.
            size: samples of a cluster, on average.
            seed: of k-means.
        """
        super().__init__()
        members = [np.flatnonzero(labels == label) for label in range(classes)]
        members = [own if len(own) else np.arange(len(labels)) for own in members]
        count = int(np.clip(min(map(len, members)) // size, 1, _MOST))
        found = [KMeans(count, n_init=1, random_state=seed).fit(points[own].astype(np.float64)) for own in members]
        centres = np.stack([one.cluster_centers_ for one in found])
        counts = np.stack([np.bincount(one.labels_, minlength=count) for one in found])
        rests = [points[own] - one.cluster_centers_[one.labels_] for own, one in zip(members, found, strict=True)]
        typical = np.sqrt(np.mean(np.concatenate(rests) ** 2, axis=0)) + _SMALL
        widths = [_widths(rest / typical, one.labels_, count) for rest, one in zip(rests, found, strict=True)]
        around = [rest / width[one.labels_] for rest, width, one in zip(rests, widths, found, strict=True)]
        self.around = nn.Parameter(_root(np.concatenate(around)))  # (number, number)
        self.centres = nn.Parameter(torch.from_numpy(centres).float())  # (class, cluster, number)
        self.widths = nn.Parameter(torch.from_numpy(np.log(np.stack(widths))).float())  # their natural logarithms
        groups = min(_GROUPS, count)  # of clusters of a class that are alike
        alike = [KMeans(groups, n_init=1, random_state=seed).fit_predict(own) for own in centres]
        group = np.stack([own + groups * label for label, own in enumerate(alike)])
        self.members = np.zeros(len(points), int)  # group of each sample
        for own, one, of_cluster in zip(members, found, group, strict=True):
            self.members[own] = of_cluster[one.labels_]
        self.register_buffer("group", torch.from_numpy(group).long())
        self.register_buffer("shares", torch.from_numpy(counts / counts.sum(1, keepdims=True)).float())

    def forward(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        """A point (sample, number) of a cluster drawn for each label, and (sample,) the group that the cluster is of."""
        drawn = torch.multinomial(self.shares[labels], 1)[:, 0]
        centre, width = self.centres[labels, drawn], self.widths[labels, drawn].exp()
        return centre + width * (torch.randn_like(centre) @ self.around), self.group[labels, drawn]


def _widths(rests: np.ndarray, own: np.ndarray, count: int) -> np.ndarray:
    """(cluster, number): SD of (sample, number), for small clusters nearer to 1, the SD of all."""
    sums = np.zeros((count, rests.shape[1]))
    np.add.at(sums, own, rests**2)
    counts = np.bincount(own, minlength=count)[:, None]
    return np.asarray(np.sqrt((sums + _TRUST) / (counts + _TRUST)))


def _root(rests: np.ndarray) -> Tensor:
    """(number, number): noise of SD 1 times this has the covariance of (sample, number), a little rounder."""
    covariance = LedoitWolf(assume_centered=True).fit(rests.astype(np.float64)).covariance_
    sizes, directions = np.linalg.eigh(covariance)
    return torch.from_numpy(np.sqrt(np.maximum(sizes, 0))[:, None] * directions.T).float()
