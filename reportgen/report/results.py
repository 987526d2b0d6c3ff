"""Scores, models and trainings as the store holds them, with names instead of keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.words import ABSENT, NO_BREAK, decimals, fixed


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A number with what is known of its uncertainty."""

    mean: Annotated[float | None, Doc("over seeds; None where it is undefined")]
    sd: Annotated[float | None, Doc("standard deviation over seeds, None for one seed")]
    low: Annotated[float | None, Doc("lower end of the 95 % interval, None for too few groups")]
    high: Annotated[float | None, Doc("upper end of the 95 % interval")]
    seeds: Annotated[tuple[float, ...], Doc("the value of each seed")]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Score":
        """From any of the shapes that `scores` has: {mean | accuracy | difference, sd?, low?, high?, seeds?}."""
        mean = next(value[name] for name in ("mean", "accuracy", "difference") if name in value)
        return cls(
            mean=mean, sd=value.get("sd"), low=value.get("low"), high=value.get("high"), seeds=tuple(value.get("seeds", ()))
        )

    @property
    def certain(self) -> bool:
        """There is an interval, so that something may be claimed."""
        return self.low is not None and self.high is not None

    @property
    def places(self) -> int:
        """Decimal places that it supports."""
        if self.low is not None and self.high is not None:
            return decimals((self.high - self.low) / 2)
        return 2 if self.sd is None else decimals(self.sd)  # nothing is known of its uncertainty

    @property
    def value(self) -> str:
        """0.676."""
        return fixed(self.mean, self.places)

    @property
    def spread(self) -> str:
        """0.676 ± 0.015: mean and standard deviation over seeds; one seed has none."""
        return self.value if self.sd is None else f"{self.value}{NO_BREAK}±{NO_BREAK}{fixed(self.sd, self.places)}"

    @property
    def interval(self) -> str:
        """[0.661, 0.691], or a dash."""
        return f"[{fixed(self.low, self.places)},{NO_BREAK}{fixed(self.high, self.places)}]" if self.certain else ABSENT

    @property
    def estimate(self) -> str:
        """0.676 ± 0.015 [0.661, 0.691]."""
        return f"{self.spread} {self.interval}" if self.certain else self.spread


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """How well one class is recognised."""

    name: Annotated[str, Doc("of the class")]
    n: Annotated[int, Doc("test samples of it")]
    precision: Annotated[Score, Doc("share of the samples given this class that have it")]
    recall: Annotated[Score, Doc("share of its samples that are recognised")]
    f1: Annotated[Score, Doc("harmonic mean of both")]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Scores on one selection of the test part."""

    n: Annotated[int, Doc("samples")]
    groups: Annotated[int, Doc("independent groups of samples: what the intervals are drawn over")]
    metrics: Annotated[Mapping[str, Score], Doc("accuracy, balanced_accuracy, macro_f1, ece")]
    majority: Annotated[str, Doc("the largest class")]
    baseline: Annotated[Score, Doc("accuracy of always answering the largest class")]
    chance: Annotated[float, Doc("accuracy of guessing")]
    above: Annotated[Score, Doc("accuracy minus that of the largest class")]
    per_class: Annotated[tuple[ClassScore, ...], Doc("one a class")]

    @property
    def accuracy(self) -> Score:
        """The metric that comes first."""
        return self.metrics["accuracy"]

    @property
    def beats_baseline(self) -> bool:
        """The intervals of the accuracy and of its difference lie above chance and zero.

        Where whole trials of a class are held out, the largest class of what is left may be right less often than chance.
        """
        above, accuracy = self.above.low, self.accuracy.low
        return above is not None and accuracy is not None and above > 0 and accuracy > self.chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How well the models of an experiment did on its test part."""

    test_origin: Annotated[tuple[str, ...], Doc("the publisher's parts that were tested on")]
    clips: Annotated[Score | None, Doc("the accuracy with its interval over clips, None where clips are not known")]
    clips_n: Annotated[int, Doc("clips in the test part, 0 where they are not known")]
    learned_trials: Annotated[float | None, Doc("of recordings: trials that a model learned from, mean over folds")]
    unit: Annotated[str, Doc("what the independent groups are: image, subject, recording, trial")]
    folds: Annotated[int, Doc("models a seed, each tested on samples of its own")]
    looks: Annotated[int, Doc("how often the test part was looked at")]
    validation: Annotated[Score, Doc("accuracy on the validation part")]
    validation_n: Annotated[int, Doc("samples of the validation part")]
    all: Annotated[View, Doc("all test samples: comparable with published scores")]
    twin_free: Annotated[
        View | None, Doc("those without an identical sample in training or validation; None if there are none")
    ]

    @property
    def ranking(self) -> float:
        """What experiments are ordered by: never anything of the test part; 0 where nothing was validated."""
        return self.validation.mean or 0.0

    @property
    def twins(self) -> int:
        """Test samples that have an identical twin in training or validation."""
        return self.all.n - (self.twin_free.n if self.twin_free else 0)


def view_of(value: Mapping[str, Any]) -> View:
    """From one of `scores.views`."""
    baseline = value["baseline"]
    return View(
        n=value["n"],
        groups=value["groups"],
        metrics={name: Score.of(metric) for name, metric in value["metrics"].items()},
        majority=baseline["majority"]["class"],
        baseline=Score.of(baseline["majority"]),
        chance=baseline["chance"],
        above=Score.of(value["above_baseline"]),
        per_class=tuple(
            ClassScore(
                name=row["class"],
                n=row["n"],
                precision=Score.of(row["precision"]),
                recall=Score.of(row["recall"]),
                f1=Score.of(row["f1"]),
            )
            for row in value["per_class"]
        ),
    )


def scores_of(value: Mapping[str, Any]) -> Scores:
    """From the output `scores`."""
    views = value["views"]
    return Scores(
        test_origin=tuple(value["test_origin"]),
        clips=Score.of({**views["all"]["metrics"]["accuracy"], **value["clips"]["accuracy"]}) if value["clips"] else None,
        clips_n=value["clips"]["n"] if value["clips"] else 0,
        learned_trials=value["learned_trials"],
        unit=value["unit"],
        folds=value["folds"],
        looks=value["looks"],
        validation=Score.of(value["validation"]["accuracy"]),
        validation_n=value["validation"]["n"],
        all=view_of(views["all"]),
        twin_free=view_of(views["twin_free"]) if views["twin_free"] else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a network."""

    name: Annotated[str, Doc("in the network")]
    type: Annotated[str, Doc("what it computes")]
    shape: Annotated[str, Doc("of what it passes on for one sample")]
    parameters: Annotated[int, Doc("trained in it")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was built."""

    trainable: Annotated[int, Doc("parameters that training changes")]
    buffers: Annotated[int, Doc("other stored numbers, such as running statistics")]
    layers: Annotated[tuple[Layer, ...], Doc("from input to output; empty if it has none")]


def model_of(value: Mapping[str, Any]) -> Model:
    """From the output `model`."""
    layers = tuple(
        Layer(
            name=layer["name"], type=layer["type"], shape=" × ".join(map(str, layer["shape"])), parameters=layer["parameters"]
        )
        for layer in value["layers"]
    )
    return Model(trainable=value["trainable"], buffers=value["buffers"], layers=layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How one training went."""

    seed: Annotated[str, Doc("its random seed")]
    fold: Annotated[str, Doc("number of its fold, empty of images")]
    epochs: Annotated[int, Doc("epochs that were run")]
    early: Annotated[bool, Doc("it ended before its last epoch, for nothing got better")]
    smoke: Annotated[bool, Doc("it was only tried: its scores are no result")]
    chosen: Annotated[int | None, Doc("the epoch whose weights were kept, None if there were no epochs")]
    validation: Annotated[float | None, Doc("accuracy on the validation part in that epoch")]
    device: Annotated[str, Doc("what it ran on")]
    seconds: Annotated[float, Doc("of work")]
