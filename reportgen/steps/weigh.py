"""Step: all candidates of an experiment with synthetic samples together: scores, floors, ceilings, and what follows.

A kind `signal_scores` is the JSON object

    {"domain": "signals" | "maps", "axes", "shape", "told", "unit", "rate", "classes", "channels", "bands", "folds", "seeds",
     "over": what intervals of scores are over, "unit_of_test": of accuracies, "units": how many, "n": {train, validation,
     test, train_trials, test_trials, compared, synthetic}, "resamples", "model": {use, network, trainings}, "chance",
     "scores", "candidates", "blind", "pairs", "utility", "memory", "modes", "discriminators": see realism/summary.py,
     "large": {"trial": [channels, samples] of SEED's trials at S1's length, "from": units, "weights": of a dense layer from so
               many units to such a trial, "here": to a sample of this experiment} of signals, or null}
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, prod
from typing import Any

import numpy as np

from reportgen.core import TEST, TRAIN, VALIDATION
from reportgen.outputs import Inputs, Out
from reportgen.realism.controls import TITLES
from reportgen.realism.summary import Candidate, summary
from reportgen.realism.use import Answers, Truth, rivals, useful
from reportgen.steps._crowds import domain_of, rows_of
from reportgen.synthetic import Domain
from reportgen.units import Unit, units_of

_TAUGHT = ("real", "classes")
_TRIAL = (62, 10_000)  # channels of SEED; 50 s, to which S1 interpolates its trials, at 200 Hz
_UNITS = 1024  # of a layer before them


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    generators: dict[str, str],
    seeds: list[int],
    model: str,
    network: bool,
    unit: Unit,
    resamples: int,
    seed: int,
) -> None:
    """Write signal_scores.

    Args:
        inputs: facts, features, labels, rows, parts, split; and of each generator, fold and seed, and of the controls:
            generator, course, realism, realism_about, taught and taught_about.
        out: for the output.
        generators: {key: id}.
        seeds: of trainings of generators.
        model: id of what learned from samples.
        network: whether it is one.
        unit: of the intervals of accuracies.
        resamples: of units.
        seed: of the draws.
    """
    collected = _Collected(inputs, seeds, unit)
    answers = collected.answers([*_TAUGHT, *generators])
    worth = useful(answers, collected.truth, resamples=resamples, seed=seed)
    candidates = [collected.generator(key, use, worth.get(key)) for key, use in generators.items()]
    candidates += [collected.control(key, worth.get(key)) for key in collected.controls]
    against = _rivals(candidates, answers, collected.truth, resamples, seed)
    out.json(
        "signal_scores",
        {
            **collected.described(),
            "model": {"use": model, "network": network, "trainings": collected.trainings},
            **summary(candidates, against, signals=collected.domain.signals),
        },
    )


def _rivals(
    candidates: Sequence[Candidate], answers: Mapping[str, Answers], truth: Truth, resamples: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Each network against the networks after it, and against all plain generators."""
    networks = [one.key for one in candidates if one.sort == "network" and one.key in answers]
    plain = [one.key for one in candidates if one.sort == "plain" and one.key in answers]
    return {
        first: rivals(answers, truth, first, [*networks[place + 1 :], *plain], resamples=resamples, seed=seed)
        for place, first in enumerate(networks)
    }


class _Collected:
    """What the steps of all folds and seeds found."""

    def __init__(self, inputs: Inputs, seeds: Sequence[int], unit: Unit) -> None:
        self._inputs, self._seeds = inputs, seeds
        self.domain: Domain = domain_of(inputs)
        self._folds = len(np.atleast_2d(inputs.one("parts")))
        self._tests = [rows_of(inputs, fold, TEST) for fold in range(self._folds)]
        test = np.concatenate(self._tests)
        self._over, units = units_of(inputs.one("rows"), unit)
        labels = np.asarray(inputs.one("labels")).astype(int)
        self.truth = Truth(labels=labels[test], unit=units[test], classes=len(self.domain.classes))
        held = [found["candidates"] for _, found in inputs.all("realism_about", candidate="controls")]
        self.controls = [key for key in TITLES if all(key in one for one in held)]  # one channel cannot be shuffled
        self.trainings = max(told["trainings"] for _, told in inputs.all("taught_about"))

    def answers(self, keys: Sequence[str]) -> dict[str, Answers]:
        """{candidate: its answers}, of those whose trainings did not diverge."""
        found = {key: list(self._runs(key)) for key in keys}
        return {key: self._answers(runs) for key, runs in found.items() if all("tstr" in run for _, run in runs)}

    def _runs(self, key: str) -> Iterator[tuple[Mapping[str, str], Any]]:
        """What was taught by a candidate, folds of the first seed first."""
        about = {"candidate": key} if key in _TAUGHT else {"generator": key}
        return self._inputs.all("taught", **about)

    def _answers(self, runs: Sequence[tuple[Mapping[str, str], Any]]) -> Answers:
        seeds = dict.fromkeys(about.get("seed", "") for about, _ in runs)

        def trainings(name: str) -> np.ndarray:
            """(training, sample, class): folds one after another, seeds as more trainings."""
            each = [np.concatenate([run[name] for about, run in runs if about.get("seed", "") == s], axis=1) for s in seeds]
            return np.concatenate(each)

        return Answers(
            tstr=trainings("tstr"),
            both=trainings("both"),
            trts=[run["trts"] for _, run in runs],
            named=[run["named"] for _, run in runs],
            alone=trainings("alone") if "alone" in runs[0][1] else None,
        )

    def generator(self, key: str, use: str, worth: Mapping[str, Any] | None) -> Candidate:
        """What is known of a generator."""
        told = [made for _, made in self._inputs.all("generator", generator=key)]
        diverged = "; ".join(dict.fromkeys(made["diverged"] for made in told if made["diverged"]))
        return Candidate(
            key=key,
            use=use,
            title=key.replace("_", " "),
            worth=worth,
            diverged=diverged,
            keeps=told[0]["keeps"],
            notes=list(dict.fromkeys(note for made in told for note in made["notes"])),
            courses=[course for _, course in self._inputs.all("course", generator=key)],
            **self._measured(key, {"generator": key}),
        )

    def control(self, key: str, worth: Mapping[str, Any] | None) -> Candidate:
        """What is known of a control."""
        return Candidate(key=key, use="", title=TITLES[key], worth=worth, **self._measured(key, {"candidate": "controls"}))

    def _measured(self, key: str, about: Mapping[str, str]) -> dict[str, Any]:
        """Means over folds and seeds, of scores that are defined in all of them."""
        told = [found["candidates"][key] for _, found in self._inputs.all("realism_about", **about)]
        arrays = [found for _, found in self._inputs.all("realism", **about)]
        names = [{name.partition("/")[2] for name in each if name.startswith(f"{key}/")} for each in arrays]
        everywhere = sorted(set.intersection(*names)) if names else []
        return {
            "draws": {name: np.mean([each[f"{key}/{name}"] for each in arrays], axis=0) for name in everywhere},
            "why": {name: why for one in told for name, why in one["why"].items()},
            "p": {"mmd": _mean([one["p"].get("mmd") for one in told])},
            "copies": _mean([one["copies"] for one in told]),
            "identical": _mean([one["identical"] for one in told]),
            "distinct": _mean([one["distinct"] for one in told]),
        }

    def described(self) -> dict[str, Any]:
        """What samples are, and how many were looked at."""
        domain, labels = self.domain, np.asarray(self._inputs.one("labels"))
        about = [found["n"] for _, found in self._inputs.all("realism_about", candidate="controls")]
        trial = np.asarray(self._inputs.one("rows")["trial"])
        made = [told["synthetic"] for _, told in self._inputs.all("generator")]
        return {
            "domain": "signals" if domain.signals else "maps",
            "axes": list(domain.axes),
            "shape": list(domain.shape),
            "told": domain.told,
            "unit": domain.unit,
            "rate": domain.rate if isfinite(domain.rate) else None,
            "classes": list(domain.classes),
            "channels": list(domain.channels),
            "bands": {name: list(pair) for name, pair in domain.bands.items()} if domain.bands else None,
            "folds": self._inputs.one("split")["folds"],
            "seeds": list(self._seeds),
            "over": "trial",
            "unit_of_test": self._over,
            "units": len(np.unique(self.truth.unit)),
            "n": {
                "train": self._count(TRAIN),
                "validation": self._count(VALIDATION),
                "test": sum(map(len, self._tests)),
                "train_trials": round(float(np.mean([one["train_trials"] for one in about]))),
                "test_trials": len(np.unique(trial[np.concatenate(self._tests)])),
                "compared": round(float(np.mean([sum(one["compared"].values()) for one in about]))),
                "synthetic": max(made),
            },
            "resamples": self._resamples(),
            "chance": 1 / len(domain.classes),
            "large": _large(domain) if domain.signals and len(labels) else None,
        }

    def _count(self, part: int) -> int:
        return round(float(np.mean([len(rows_of(self._inputs, fold, part)) for fold in range(self._folds)])))

    def _resamples(self) -> int:
        arrays = [values for _, found in self._inputs.all("realism", candidate="controls") for values in found.values()]
        return len(arrays[0]) - 1 if arrays else 0


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _large(domain: Domain) -> dict[str, Any]:
    """What a dense network ran into that makes a whole trial of all channels."""
    return {"trial": list(_TRIAL), "from": _UNITS, "weights": _UNITS * prod(_TRIAL), "here": _UNITS * prod(domain.shape)}
