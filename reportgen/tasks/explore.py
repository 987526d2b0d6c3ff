"""Look at recordings before any model does: spectra, what separates the classes, planes of features, trimming, outliers."""

from collections.abc import Iterator, Mapping, Sequence

from reportgen.core import Step
from reportgen.study import Choice, Experiment, Study
from reportgen.tasks import _recordings

_STEPS = "reportgen.steps"


def plan(name: str, experiment: Experiment, study: Study, _folds: Sequence[str]) -> Iterator[Step]:
    """The steps of one experiment, in an order in which they could run; its folds do not matter to the plan."""
    look = experiment.look
    loads = tuple(f"load {source}" for source in dict.fromkeys((experiment.dataset, *study.members(experiment.dataset))))
    statistics = {"unit": experiment.evaluate.unit, "resamples": experiment.evaluate.resamples, "seed": study.seed}
    variants = {variant: _recordings.featured(experiment, study, chain) for variant, chain in _variants(experiment).items()}
    full = variants["full"]
    about = {**full.about, "experiment": name}
    yield from {step.name: step for step in variants.values()}.values()
    yield _recordings.divided(name, experiment, study, full)
    yield Step(
        name=f"spectra {name}",
        call=f"{_STEPS}.spectra:run",
        settings={"window": look.window, **statistics},
        inputs=loads,
        about=about,
        reads=("facts", "signals", "stretches"),
    )
    yield Step(
        name=f"projection {name}",
        call=f"{_STEPS}.projection:run",
        settings={"perplexity": look.perplexity, "samples": look.samples, "seed": study.seed},
        inputs=(f"load {experiment.dataset}", full.name),
        about=about,
        reads=("facts", "features", "samples", "labels", "rows"),
    )
    yield Step(
        name=f"outliers {name}",
        call=f"{_STEPS}.outliers:run",
        settings={
            "model": experiment.model.model_dump(),
            "train": experiment.train,
            "threshold": look.outliers,
            "variants": {variant: step.about["features"] for variant, step in variants.items()},
            **statistics,
        },
        inputs=(f"load {experiment.dataset}", *dict.fromkeys(step.name for step in variants.values()), f"split {name}"),
        about=about,
        plugins=(f"model/{experiment.model.use}",),
        reads=("facts", "features", "samples", "labels", "rows", "parts"),
    )


def _variants(experiment: Experiment) -> Mapping[str, Sequence[Choice]]:
    """The chain of features as it is, on trials without their first moments, and then without low frequencies too."""
    look, chain = experiment.look, experiment.features
    variants = {"full": chain}
    if look.trim:
        trimmed = [Choice(use="trim", settings={"first": look.trim, "last": 0.0}), *chain]
        variants["time"] = trimmed
        raised = [_raised(feature, look.low) for feature in trimmed]
        if raised != trimmed:
            variants["time_frequency"] = raised
    return variants


def _raised(feature: Choice, low: float) -> Choice:
    """A feature of frequencies, from `low` on; any other one as it is."""
    if feature.use != "spectrogram_map":
        return feature
    return Choice(use=feature.use, settings={**feature.settings, "low": max(low, feature.settings["low"])})
