"""Scores, models and trainings as the store holds them, with names instead of keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reportgen.words import ABSENT, decimals, fixed


def says(help_: str) -> Any:
    """A required field and what it holds."""
    return field(metadata={"help": help_})


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A number with what is known of its uncertainty."""

    mean: float = says("over seeds")
    sd: float | None = says("standard deviation over seeds, None for one seed")
    low: float | None = says("lower end of the 95 % interval, None for too few groups")
    high: float | None = says("upper end of the 95 % interval")
    seeds: tuple[float, ...] = says("the value of each seed")

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Score":
        """From any of the shapes in `scores`: {mean | accuracy | difference, sd?, low?, high?, seeds?}."""
        mean = next(value[name] for name in ("mean", "accuracy", "difference") if name in value)
        return cls(mean=mean, sd=value.get("sd"), low=value.get("low"), high=value.get("high"), seeds=tuple(value.get("seeds", ())))

    @property
    def certain(self) -> bool:
        """There is an interval, so that something may be claimed."""
        return self.low is not None and self.high is not None

    @property
    def places(self) -> int:
        """Decimal places that it supports."""
        if self.low is not None and self.high is not None:
            return decimals((self.high - self.low) / 2)
        return decimals(self.sd)

    @property
    def value(self) -> str:
        """0.676."""
        return fixed(self.mean, self.places)

    @property
    def spread(self) -> str:
        """0.676 ± 0.015: mean and standard deviation over seeds; one seed has none."""
        return self.value if self.sd is None else f"{self.value} ± {fixed(self.sd, self.places)}"

    @property
    def interval(self) -> str:
        """[0.661, 0.691], or a dash."""
        return f"[{fixed(self.low, self.places)}, {fixed(self.high, self.places)}]" if self.certain else ABSENT

    @property
    def estimate(self) -> str:
        """0.676 ± 0.015 [0.661, 0.691]."""
        return f"{self.spread} {self.interval}" if self.certain else self.spread


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """How well one class is recognised."""

    name: str = says("of the class")
    n: int = says("test samples of it")
    precision: Score = says("share of the samples given this class that have it")
    recall: Score = says("share of its samples that are recognised")
    f1: Score = says("harmonic mean of both")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Scores on one selection of the test part."""

    n: int = says("samples")
    groups: int = says("independent groups of samples: what the intervals are drawn over")
    metrics: Mapping[str, Score] = says("accuracy, balanced_accuracy, macro_f1, ece")
    majority: str = says("the largest class")
    baseline: Score = says("accuracy of always answering the largest class")
    chance: float = says("accuracy of guessing")
    above: Score = says("accuracy minus that of the largest class")
    per_class: tuple[ClassScore, ...] = says("one a class")

    @property
    def accuracy(self) -> Score:
        """The metric that comes first."""
        return self.metrics["accuracy"]

    @property
    def beats_baseline(self) -> bool:
        """The interval of the difference lies above zero."""
        return self.above.low is not None and self.above.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How well the models of an experiment did on its test part."""

    test_origin: tuple[str, ...] = says("the publisher's parts that were tested on")
    looks: int = says("how often the test part was looked at")
    validation: Score = says("accuracy on the validation part")
    validation_n: int = says("samples of the validation part")
    all: View = says("all test samples: comparable with published scores")
    twin_free: View = says("those without an identical sample in training or validation")

    @property
    def twins(self) -> int:
        """Test samples that have an identical twin in training or validation."""
        return self.all.n - self.twin_free.n


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
        looks=value["looks"],
        validation=Score.of(value["validation"]["accuracy"]),
        validation_n=value["validation"]["n"],
        all=view_of(views["all"]),
        twin_free=view_of(views.get("twin_free", views["all"])),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a network."""

    name: str = says("in the network")
    type: str = says("what it computes")
    shape: str = says("of what it passes on for one sample")
    parameters: int = says("trained in it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was built."""

    trainable: int = says("parameters that training changes")
    buffers: int = says("other stored numbers, such as running statistics")
    layers: tuple[Layer, ...] = says("from input to output; empty if it has none")


def model_of(value: Mapping[str, Any]) -> Model:
    """From the output `model`."""
    layers = tuple(
        Layer(name=layer["name"], type=layer["type"], shape=" × ".join(map(str, layer["shape"])), parameters=layer["parameters"])
        for layer in value["layers"]
    )
    return Model(trainable=value["trainable"], buffers=value["buffers"], layers=layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How one training went."""

    seed: str = says("its random seed")
    epochs: int = says("epochs that were run")
    chosen: int | None = says("the epoch whose weights were kept, None if there were no epochs")
    chosen_by: str = says("what it was chosen by")
    stopped: str = says("why it ended, empty if unknown")
    validation: float | None = says("accuracy on the validation part in the chosen epoch")
    device: str = says("what it ran on")
    threads: int = says("CPU threads")
    seconds: float = says("of work")
    step: str = says("its step")
    key: str = says("key of its record")
