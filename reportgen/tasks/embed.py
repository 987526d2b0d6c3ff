"""Put intensities of emotions into a plane by parametric t-SNE, measure the map, and lay predictions and time over it."""

from collections.abc import Iterator, Sequence

from reportgen.core import Step
from reportgen.study import Experiment, Study
from reportgen.tasks._rated import STEPS, about, divided, given

_RATED = ("facts", "intensities", "segments", "parts")


def plan(name: str, experiment: Experiment, study: Study, _folds: Sequence[str]) -> Iterator[Step]:
    """The steps of one experiment; what other experiments put on its map is planned once they are finished."""
    yield divided(name, experiment, study)
    yield Step(
        name=f"embed {name}",
        call=f"{STEPS}.embed:run",
        settings={"map": experiment.map, "seed": experiment.seeds[0]},
        inputs=given(name, experiment),
        about=about(name, experiment),
        reads=_RATED,
    )
    yield Step(
        name=f"measure {name}",
        call=f"{STEPS}.measure:run",
        settings={
            "peers": list(experiment.lay.peers),
            "k": experiment.lay.neighbours,
            "resamples": experiment.evaluate.resamples,
            "seed": study.seed,
        },
        inputs=(*given(name, experiment), f"embed {name}"),
        about=about(name, experiment),
        reads=(*_RATED, "map", "map_weights"),
    )
