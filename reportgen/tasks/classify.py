"""Train a classifier with several seeds, or fit one in each fold, score it once on the test part, and explain it."""

from collections.abc import Iterator, Sequence

from reportgen.core import Step
from reportgen.study import Experiment, Study, is_estimator
from reportgen.tasks import _decoding, _recordings
from reportgen.tasks._experiment import divided, explained, rehearsed, trained_and_scored


def plan(name: str, experiment: Experiment, study: Study, folds: Sequence[str]) -> Iterator[Step]:
    """The steps of one experiment, in an order in which they could run; no folds: they are not known yet."""
    if study.recordings(experiment.dataset):
        yield from _on_recordings(name, experiment, study, folds)
        return
    yield divided(name, experiment, study)
    yield rehearsed(name, experiment)
    yield from trained_and_scored(name, experiment, study)
    yield from explained(name, experiment, study)


def _on_recordings(name: str, experiment: Experiment, study: Study, folds: Sequence[str]) -> Iterator[Step]:
    features = _recordings.featured(experiment, study)
    yield features
    yield _recordings.divided(name, experiment, study, features)
    network = not is_estimator(experiment.model.use)
    if network:
        yield _decoding.rehearsed(name, experiment, features)
    if not folds and _recordings.folded(experiment):
        yield _recordings.later(name, experiment)
    elif network:
        yield from _decoding.steps(_decoding.Decoding(name, experiment, study, features, folds or [""]))
    else:
        yield from _recordings.fitted_and_scored(name, experiment, study, features, folds or [""])
