"""What planning has to know of steps that are finished, and the study cannot say."""

from collections.abc import Mapping

from reportgen.store import Record, Store
from reportgen.study import Study
from reportgen.tasks._recordings import featured


def same_rows(store: Store, study: Study, records: Mapping[str, Record]) -> dict[str, str]:
    """{experiment: equal for those whose samples are the same windows of recordings}."""
    found = {}
    for name, experiment in study.experiment.items():
        if f"split {name}" in records and study.recordings(experiment.dataset):
            made = records[featured(experiment, study).name]
            found[name] = store.inputs([made.key]).one("features")["same"]
    return found


def known_classes(store: Store, study: Study, records: Mapping[str, Record]) -> dict[str, list[str]]:
    """{data set: its classes or emotions} of those that are read, if there is a map of emotions to put them on."""
    if not any(experiment.task == "embed" for experiment in study.experiment.values()):
        return {}
    read = {name: records[f"load {name}"] for name in (*study.dataset, *study.pool) if f"load {name}" in records}
    return {name: store.inputs([made.key], reads=("facts",)).one("facts")["classes"] for name, made in read.items()}
