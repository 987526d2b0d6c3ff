"""Realistic `signal_scores` and `course` of experiments that make synthetic samples: as steps write them, in small.

Scores and accuracies are planted; what follows from them is said by `reportgen.realism.summary`, as in a study.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from reportgen.bootstrap import MIN_GROUPS
from reportgen.outputs import Out, Output
from reportgen.realism.catalogue import SCORES as SCORES_OF
from reportgen.realism.summary import Candidate, summary
from reportgen.realism.use import Estimate

Json = dict[str, Any]
RESAMPLES = 200

FACTS: Json = {
    "title": "EEG-Sim",
    "modality": "eeg",
    "simulated": True,
    "redistribute": True,
    "references": [],
    "notices": [],
    "positions": None,
}
CONTROLS: Mapping[str, str] = {
    "real": "Real training part",
    "noise": "White noise",
    "channels": "Shuffled channels",
    "classes": "Swapped classes",
}
SPECTRUM = ("psd_distance", "band_power_divergence", "autocorrelation_distance")
# score: what real training samples have, and the worst; what it is called and what it sees stands in reportgen.realism
SCORES: Mapping[str, tuple[float, float]] = {
    "psd_distance": (0.62, 13.4),
    "band_power_divergence": (0.11, 9.7),
    "covariance_distance": (0.09, 0.84),
    "autocorrelation_distance": (0.021, 0.31),
    "sliced_wasserstein": (0.14, 2.9),
    "mmd": (0.0012, 0.71),
    "frechet": (1.9, 84.0),
    "density": (0.97, 0.0),
    "coverage": (0.93, 0.01),
    "two_sample_auc": (0.52, 1.0),
    "tstr": (0.71, 0.21),
    "trts": (0.71, 0.19),  # real: the accuracy on real test samples
    "augmentation": (0.0, -0.11),
    "memory_ratio": (1.0, 0.0),
}
OF_SIGNALS = ("psd_distance", "autocorrelation_distance")
OF_USE = ("tstr", "trts", "augmentation")
REACHED, TWICE = 0.71, 0.004  # accuracy of real samples, and what seeing them twice changes
# key: (sort, keeps, how far from real in each group of scores: spectrum, covariance, distribution, classes, memory)
MAKERS: Mapping[str, tuple[str, tuple[str, ...], tuple[float, ...]]] = {
    "gan_dense": ("network", (), (0.55, 0.71, 0.88, 0.82, 0.01)),
    "wgan_raw": ("network", (), (0.06, 0.11, 0.16, 0.21, 0.02)),
    "wgan_de": ("network", (), (0.08, 0.06, 0.09, 0.14, 0.03)),
    "phases": ("plain", (*SPECTRUM, "covariance_distance"), (0.0, 0.01, 0.31, 0.12, 0.28)),
    "phases_apart": ("plain", SPECTRUM, (0.0, 0.93, 0.47, 0.2, 0.2)),
    "gaussian": ("plain", ("covariance_distance",), (0.12, 0.01, 0.42, 0.33, 0.0)),
    "mixup": ("plain", (), (0.19, 0.13, 0.27, 0.16, 0.45)),
    "interpolation": ("plain", (), (0.16, 0.09, 0.22, 0.1, 0.52)),
    "copies": ("plain", (), (0.01, 0.01, 0.02, 0.03, 1.0)),
}
PLANTED: Mapping[tuple[str, str], float] = {  # of single scores: worse than noise; varied, but not where real ones are
    ("gan_dense", "sliced_wasserstein"): 1.6,
    ("phases_apart", "coverage"): 0.8,
}
CHANGES: Mapping[str, float] = {
    "wgan_raw": 0.031,
    "wgan_de": 0.034,
    "gan_dense": -0.052,
    "mixup": 0.012,
    "phases": 0.006,
    "interpolation": 0.026,  # helps, but not clearly more than real samples twice
}
DISTINCT: Mapping[str, float] = {"gan_dense": 0.09, "mixup": 0.71, "interpolation": 0.66}
USES: Mapping[str, str] = {"phases": "phase_surrogate", "phases_apart": "phase_surrogate", "copies": "stored"}
IDENTICAL: Mapping[str, float] = {"copies": 1.0, "mixup": 0.03}
OF_DOMAIN: Mapping[str, tuple[str, ...]] = {
    "signals": ("gan_dense", "wgan_raw", "phases", "phases_apart", "gaussian", "mixup", "interpolation", "copies"),
    "maps": ("wgan_de", "gaussian", "gan_dense", "mixup", "interpolation", "copies", "wgan_raw", "phases"),
}
TOO_FEW = "4 real test trials, of which 6 are needed"
NAN = "epoch 7: the loss of the discriminator is not a number"


def signal_scores(
    *,
    domain: str = "signals",
    candidates: int = 4,
    classes: Sequence[str] = ("positive", "neutral", "negative"),
    units: int = 12,
    diverged: Sequence[str] = (),
    absent: Mapping[str, str] | None = None,
    left_out: Mapping[tuple[str, str], str] | None = None,
    blind: Sequence[str] = (),
) -> Json:
    """Kind `signal_scores`.

    Args:
        domain: "signals" or "maps".
        candidates: how many generators, 1 to 8; four controls come besides.
        classes: names.
        units: of the test; with fewer than 6 no score has an interval, and nothing is tested.
        diverged: keys of generators that made nothing.
        absent: {score: why} it is left out for all.
        left_out: {(key, score): why} it is left out for one.
        blind: scores whose ceiling is not clearly worse than their floor.
    """
    signals = domain == "signals"
    names = [name for name in SCORES if signals or name not in OF_SIGNALS]
    keys = OF_DOMAIN[domain][:candidates]
    gone = {(key, name): why for key in (*keys, *CONTROLS) for name, why in (absent or {}).items()} | dict(left_out or {})
    planted = _Planted(names, tuple(blind), units, gone)
    everybody = [planted.generator(key, NAN if key in diverged else "") for key in keys]
    everybody += [planted.control(key) for key in CONTROLS]
    alive = [key for key in keys if key not in diverged]
    return {
        "domain": domain,
        "axes": ["channel", "time"] if signals else ["channel", "band"],
        "shape": [62, 128] if signals else [62, 5],
        "told": "62 × 128 (channel, time)" if signals else "62 × 5 (channel, band)",
        "unit": "µV" if signals else "",
        "rate": 64.0 if signals else None,
        "classes": list(classes),
        "channels": [f"E{i + 1}" for i in range(62)],
        "bands": None if signals else {"delta": [1, 4], "theta": [4, 8], "alpha": [8, 14], "beta": [14, 31], "gamma": [31, 50]},
        "folds": ["subjects 1 to 6", "subjects 7 to 12"],
        "seeds": [0],
        "over": "trial",
        "unit_of_test": "subject",
        "units": units,
        "n": {
            "train": 960,
            "validation": 240,
            "test": 1200,
            "train_trials": 48,
            "test_trials": 10 * units,
            "compared": 600,
            "synthetic": 960,
        },
        "resamples": RESAMPLES,
        "model": {"use": "raw_conv", "network": True, "trainings": 1},
        "chance": 1 / len(classes),
        **summary(everybody, _rivals(alive, planted), signals=signals),
        "large": {"trial": [62, 10000], "from": 1024, "weights": 634_880_000, "here": 8_126_464} if signals else None,
    }


def course(
    *, epochs: int = 30, wasserstein: bool = False, diverged: str = "", seed: int = 0, weak: bool = False, judged: bool = True
) -> Json:
    """Kind `course`: a dense GAN whose discriminator wins, or is too weak to say anything, or a Wasserstein critic.

    Args:
        epochs: how many, of which a diverged training leaves the first six.
        wasserstein: a critic with gradient penalty, chosen by spectrum and MMD.
        diverged: what happened.
        seed: of the noise.
        weak: the discriminator stays near one half.
        judged: it was asked about samples that it has never seen.
    """
    rng = np.random.default_rng(seed)
    ran = 6 if diverged else epochs
    rows = [(_critic if wasserstein else _discriminated)(i + 1, rng, weak) for i in range(ran)]
    spectra = [row["spectrum"] for row in rows if row["spectrum"] is not None]
    return {
        "epochs": rows,
        "chosen": 1 + int(np.argmin(spectra)) if spectra else ran,
        "chosen_by": "spectrum and MMD of the validation part" if spectra else "last",
        "floor": {"spectrum": 0.7, "mmd": 0.004} if wasserstein else None,
        "start": {"spectrum": 9.1, "mmd": 0.6} if wasserstein else None,
        "loss": "Wasserstein with gradient penalty" if wasserstein else "binary cross-entropy",
        "batch": 32,
        "updates": 30 * ran,
        "diverged": diverged,
        "judged": _judged(wasserstein) if judged and not diverged else None,
    }


def _judged(critic: bool) -> Json:
    if critic:
        return {"train": 0.74, "validation": 0.66, "made": 0.71, "noise": 1.0}
    return {"train": 0.97, "validation": 0.61, "made": 0.93, "noise": 0.99}


def made(folder: Path, scores: Json | None = None, courses: Mapping[tuple[str, int, int], Json] | None = None) -> list[Output]:
    """The facts of a data set and what an experiment `gan` has written: its scores, and courses by (generator, fold, seed)."""
    own = _out(folder / "eeg")
    own.json("facts", {**FACTS, "classes": (scores or {}).get("classes", ["positive", "negative"])})
    outputs = _outputs(own, dataset="eeg")
    if scores is not None:
        out = _out(folder / "scores")
        out.json("signal_scores", scores)
        outputs += _outputs(out, dataset="eeg", experiment="gan")
    for (key, fold, seed), value in (courses or {}).items():
        out = _out(folder / f"{key} {fold} {seed}")
        out.json("course", value)
        outputs += _outputs(out, dataset="eeg", experiment="gan", generator=key, fold=str(fold), seed=str(seed))
    return outputs


class _Planted:
    """Candidates whose scores lie where `MAKERS` has them."""

    def __init__(self, names: Sequence[str], blind: Sequence[str], units: int, gone: Mapping[tuple[str, str], str]) -> None:
        self._names, self._blind, self._tested, self._gone = names, blind, units >= MIN_GROUPS, gone
        self._rng = np.random.default_rng(6)
        self._floors = {name: SCORES[name][0] + self._noise(0.004 * abs(_span(name))) for name in names}

    def generator(self, key: str, diverged: str) -> Candidate:
        sort, keeps, far = MAKERS[key]
        at = {
            name: PLANTED.get((key, name), far[_group(name)] * (1 + 0.06 * self._rng.standard_normal())) for name in self._names
        }
        at["memory_ratio"] = min(far[4], 0.99)  # no distance is negative
        draws = {} if diverged else {name: self._at(name, at[name]) for name in self._names if name not in OF_USE}
        networks = [course(wasserstein=key != "gan_dense", diverged=diverged)] if sort == "network" else []
        near = far[4]
        return Candidate(
            key=key,
            use=USES.get(key, key),
            title=key.replace("_", " "),
            draws=self._left(key, draws),
            why=self._why(key),
            p={"mmd": None if diverged or (key, "mmd") in self._gone else 0.005 if far[2] > 0.1 else 0.31},
            copies=None if diverged else 0.99 if near > 0.9 else 0.05 + 0.6 * near,
            identical=None if diverged else IDENTICAL.get(key, 0.0),
            distinct=None if diverged else DISTINCT.get(key, 0.97),
            worth=None if diverged else self._worth(at["tstr"], at["trts"], CHANGES.get(key, -0.004)),
            diverged=diverged,
            keeps=keeps,
            courses=networks,
        )

    def control(self, key: str) -> Candidate:
        draws = {}
        for name in (name for name in self._names if name not in OF_USE and (name != "memory_ratio" or key == "real")):
            worst = key == SCORES_OF[name].ceiling
            size = (0.01 if name in self._blind else 1.0) if worst else float(self._rng.uniform(0.1, 0.9))
            draws[name] = self._floors[name] if key == "real" else self._at(name, size)
        worth = {"real": self._worth(0.0, -0.13, TWICE), "classes": self._swapped()}
        return Candidate(
            key=key,
            use="",
            title=CONTROLS[key],
            draws=self._left(key, draws),
            why=self._why(key) | ({} if key == "real" else {"memory_ratio": "it is no generator"}),
            p={"mmd": None},
            copies=None,
            identical=None,
            distinct=None,
            worth=worth.get(key),
        )

    def _swapped(self) -> Json:
        return self._worth(0.02 if "tstr" in self._blind else 1.0, 1.0, 0.02 if "augmentation" in self._blind else -0.11)

    def lead(self, first: str, second: str) -> Estimate:
        """By how much more is learned from the first than from the second."""
        return self._estimate(0.5 * (MAKERS[second][2][3] - MAKERS[first][2][3]), 0.03)

    def _noise(self, half: float) -> np.ndarray:
        """(1 + resample,): 0, then resamples whose interval is half wide on both sides; without groups there are none."""
        middle = NormalDist(0, half / 1.96)
        drawn = [middle.inv_cdf((i + 0.5) / RESAMPLES) if half else 0.0 for i in range(RESAMPLES)]
        return np.array([0.0, *(self._rng.permutation(drawn) if self._tested else ())])

    def _at(self, name: str, position: float) -> np.ndarray:
        """Draws of a score at a place between floor and ceiling."""
        half = 0.05 * abs(_span(name)) * (0.4 + min(position, 1))
        return np.asarray(self._floors[name] + position * _span(name) + self._noise(half))

    def _worth(self, tstr: float, trts: float, change: float) -> Json:
        """What a model learns, of places on TSTR and TRTS."""
        lost = -tstr * _span("tstr")
        return {
            "tstr": self._estimate(REACHED - lost, 0.028),
            "alone": self._estimate(REACHED, 0.028),
            "trts": self._estimate(REACHED + trts * _span("trts"), 0.02),
            "both": self._estimate(REACHED + change, 0.03),
            "change": self._estimate(change, 0.019),
            "gain": self._estimate(change - TWICE, 0.024),
            "lost": self._estimate(lost, 0.02),
            "p": None if not self._tested else 0.011 if abs(change) > 0.019 else 0.42,
        }

    def _estimate(self, mean: float, half: float) -> Estimate:
        low, high = (mean - half, mean + half) if self._tested else (None, None)
        return {"mean": mean, "low": low, "high": high}

    def _left(self, key: str, draws: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: values for name, values in draws.items() if (key, name) not in self._gone}

    def _why(self, key: str) -> dict[str, str]:
        return {name: why for (whose, name), why in self._gone.items() if whose == key}


def _span(name: str) -> float:
    """From the floor to the ceiling, negative where high is better."""
    return SCORES[name][1] - SCORES[name][0]


def _group(name: str) -> int:
    if name in SPECTRUM:
        return 0
    return 1 if name == "covariance_distance" else 4 if name == "memory_ratio" else 3 if name in OF_USE else 2


def _rivals(alive: Sequence[str], planted: _Planted) -> dict[str, dict[str, Estimate]]:
    networks = [key for key in alive if MAKERS[key][0] == "network"]
    plain = [key for key in alive if MAKERS[key][0] == "plain"]
    return {
        first: {second: planted.lead(first, second) for second in (*networks[i + 1 :], *plain)}
        for i, first in enumerate(networks)
    }


def _discriminated(epoch: int, rng: Any, weak: bool) -> Json:
    learned = 0.0 if weak else 1 - np.exp(-epoch / 4)
    return {
        "epoch": epoch,
        "generator_loss": 0.7 + 4.2 * learned + 0.15 * rng.standard_normal(),
        "discriminator_loss": 0.69 - 0.6 * learned + 0.02 * rng.standard_normal(),
        "accuracy_real": min(1.0, 0.5 + 0.48 * learned + 0.015 * rng.standard_normal()),
        "accuracy_made": min(1.0, 0.52 + 0.47 * learned + 0.015 * rng.standard_normal()),
        "gap": None,
        "penalty": None,
        "spectrum": None,
        "mmd": None,
    }


def _critic(epoch: int, rng: Any, _weak: bool) -> Json:
    far = float(np.exp(-epoch / 8))
    return {
        "epoch": epoch,
        "generator_loss": -1.5 + 4 * far + 0.2 * rng.standard_normal(),
        "discriminator_loss": -2.0 - 9 * far + 0.2 * rng.standard_normal(),
        "accuracy_real": 0.6 + 0.3 * far + 0.02 * rng.standard_normal(),
        "accuracy_made": 0.65 + 0.3 * far + 0.02 * rng.standard_normal(),
        "gap": 1.9 + 11 * far + 0.2 * rng.standard_normal(),
        "penalty": 0.05 + 0.2 * far,
        "spectrum": 1.1 + 9 * far + 0.25 * abs(rng.standard_normal()),
        "mmd": 0.012 + 0.5 * far + 0.006 * abs(rng.standard_normal()),
    }


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
