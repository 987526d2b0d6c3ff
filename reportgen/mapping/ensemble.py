"""Several networks of one map: the first one is the map, and where the others disagree, a place is uncertain.

Their mean would be a worse map: what each of them keeps apart, a mean of different ones brings together (measured: it keeps
fewer neighbours than one of them does).

t-SNE does not say which way round a map is. Each network is therefore turned and mirrored until its places lie as near as
possible to those of the first one (orthogonal Procrustes, Schönemann 1966, without scaling).
"""

import numpy as np
from scipy.linalg import orthogonal_procrustes


def aligned(planes: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How each member is to be shifted and turned: centres (member, 2) and turns (member, 2, 2), for `encoder.turned`.

    Args:
        planes: (member, vector, 2): the same vectors by each member.
        weights: (vector,): how much each counts.
    """
    share = weights / weights.sum()
    centres = np.einsum("v,mvp->mp", share, planes)
    centred = planes - centres[:, None]
    turns = [orthogonal_procrustes(one * share[:, None], centred[0])[0] for one in centred]
    return centres, np.stack(turns)
