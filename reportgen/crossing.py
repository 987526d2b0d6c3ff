"""Faults of a study that lie between its tables: names that point nowhere, tables that do not fit each other."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.search import space_faults
from reportgen.study import Experiment, Pool, Study, is_estimator, resolve

CONTROLS = frozenset(("real", "noise", "channels", "classes"))
"""What generators stand beside."""
RATED = ("regress", "embed")
"""Tasks for rated segments."""
UNDIVIDED = ("official", "holdout")
"""Splits without folds."""
Fault = tuple[tuple[str, ...], str]
"""Where, as keys of the study, and what."""


def crossing_faults(study: Study, root: Path | None) -> list[dict[str, Any]]:
    """What cannot be seen in one field, as pydantic would report it.

    Args:
        study: whose tables are right one by one.
        root: folder that relative data paths start at; None: files are not looked for.
    """
    faults = [*_pool_faults(study), *_unused(study)]
    for name, experiment in study.experiment.items():
        faults += [(("experiment", name, *place), text) for place, text in _experiment_faults(study, experiment)]
    if root is not None:
        faults += _path_faults(study, root)
    return [{"loc": place, "msg": text} for place, text in faults]


def _experiment_faults(study: Study, experiment: Experiment) -> Iterator[Fault]:
    known = {**study.dataset, **study.pool}
    if experiment.dataset not in known:
        yield ("dataset",), plugins.unknown("dataset", experiment.dataset, known)
        return
    if any(name not in study.dataset for name in study.members(experiment.dataset)):
        return  # the pool's fault
    yield from _rating_faults(study, experiment)
    if study.rated(experiment.dataset) or experiment.task in RATED:
        return
    if not experiment.model.use:
        yield ("model",), "this key is required"
        return
    if study.recordings(experiment.dataset):
        yield from _recording_faults(experiment)
    else:
        yield from _image_faults(experiment)
    yield from _search_faults(experiment)
    yield from _generator_faults(experiment)


def _rating_faults(study: Study, experiment: Experiment) -> Iterator[Fault]:
    """Tables that belong to other tasks, and tasks that need ratings."""
    given, task = experiment.model_fields_set, experiment.task
    for wanted, tables in {"regress": {"regress", "modalities", "text"}, "embed": {"map", "lay"}}.items():
        for table in sorted(given & tables) if task != wanted else ():
            yield (table,), f"only the task {wanted} reads this table: set task = '{wanted}', or delete this table"
    if task not in RATED:
        if study.rated(experiment.dataset):
            yield ("task",), f"{task} needs classes, and this data set holds ratings: set task = 'regress' or 'embed'"
        return
    if not study.rated(experiment.dataset):
        yield ("task",), f"{task} needs rated segments, and this data set holds {_held(study, experiment)}"
    if task == "regress" and not experiment.regress:
        yield ("regress",), "the task regress needs this table: what predicts, such as [experiment.x.regress.knn]"
    for key in sorted({"zero", "median", "mean"} & experiment.regress.keys()):
        yield ("regress", key), "a baseline has this name: rename the regressor"
    if experiment.split.use not in UNDIVIDED:
        yield ("split",), f"ratings are divided once, by video: use one of {', '.join(UNDIVIDED)}"
    for table in sorted(given & {"model", "features", "train", "explain", "judge", "generate", "realism", "look", "tune"}):
        yield (table,), f"the task {task} does not read this table: delete it"


def _held(study: Study, experiment: Experiment) -> str:
    return "recordings" if study.recordings(experiment.dataset) else "images"


def _recording_faults(experiment: Experiment) -> Iterator[Fault]:
    """Recordings need features and a split that knows them; what is about images, or about networks, they cannot have."""
    estimator, views = is_estimator(experiment.model.use), experiment.evaluate.views
    if not experiment.features:
        yield ("features",), "recordings need features, such as features = ['differential_entropy']"
    if experiment.split.use == "official":
        yield ("split",), "recordings have no official parts: say how they are divided, such as split = 'loso'"
    if experiment.task == "tune":
        yield ("task",), "only settings of networks for images are searched for"
    if experiment.task == "explore" and not estimator:
        able = sorted(name for name in plugins.find("model") if is_estimator(name))
        yield ("model",), f"{experiment.model.use} is a network; explore fits {', '.join(able)}"
    if estimator and experiment.explain:
        yield ("explain",), "explainers look into networks, and this model is none: delete this table"
    if not estimator and experiment.train.get("augment", "none") != "none":
        yield ("train", "augment"), "random changes are of images: delete this key"
    if views != "one":
        yield ("evaluate", "views"), f"{views} is for images: delete this key"
    if "judge" in experiment.model_fields_set:
        yield ("judge",), "explanations of images are judged; of recordings they stand beside those of shuffled labels"
    if "lime" in (uses := {choice.use for choice in experiment.explain.values()}) or "cam" in uses:
        yield ("explain",), "lime and cam explain images; recordings are explained by band_attribution, saliency or grad_cam"


def _image_faults(experiment: Experiment) -> Iterator[Fault]:
    if experiment.features:
        yield ("features",), "features are made of recordings, and this data set holds images: delete this key"
    if experiment.task in ("explore", "generate"):
        yield ("task",), f"{experiment.task} is for recordings, and this data set holds images"
    for key, choice in experiment.explain.items():
        if plugins.constant(plugins.path_of("explainer", choice.use), "TAKES", "") == "decoders":
            yield ("explain", key), f"{choice.use} explains networks on recordings, and this data set holds images"
    if is_estimator(experiment.model.use):
        yield ("model",), f"{experiment.model.use} is for features of recordings; the baseline for images is linear"
    elif experiment.train["shuffle"] and experiment.train["order"] != "stored":
        yield ("train", "order"), "the order has no effect on shuffled samples: set shuffle = false, or delete order"


def _generator_faults(experiment: Experiment) -> Iterator[Fault]:
    if experiment.task != "generate":
        for table in {"generate", "realism"} & experiment.model_fields_set:
            yield (table,), "only the task generate makes samples: set task = 'generate', or delete this table"
        return
    if not experiment.generate:
        yield (
            ("generate",),
            "the task generate needs this table: what makes samples, such as [experiment.x.generate.gaussian]",
        )
    for key in CONTROLS & experiment.generate.keys():
        yield ("generate", key), "a control has this name: rename the generator"
    if experiment.explain:
        yield ("explain",), "what learns from synthetic samples is not explained: delete this table"
    if experiment.evaluate.shuffles is not None:
        yield ("evaluate", "shuffles"), "what learns from synthetic samples stands beside swapped classes: delete this key"
    if experiment.train.get("scale") == "subject":
        yield ("train", "scale"), "synthetic samples are of no person whose mean could be taken: set scale = 'train'"
    if experiment.train.get("smoke"):
        yield ("train", "smoke"), "synthetic samples are not judged by a model that was only tried out: delete this key"


def _search_faults(experiment: Experiment) -> Iterator[Fault]:
    if experiment.tune is None:
        if experiment.task == "tune":
            yield ("task",), "the task tune needs a table `tune`: what to search for"
    elif experiment.task != "tune":
        yield ("tune",), "only the task tune searches: set task = 'tune', or delete this table"
    else:
        for place, text in space_faults(experiment.tune, experiment.model, experiment.train):
            yield ("tune", *place), text


def _pool_faults(study: Study) -> Iterator[Fault]:
    for name, pool in study.pool.items():
        if name in study.dataset:
            yield ("pool", name), "a data set has this name too: rename one of them"
        faults = (*_member_faults(study, pool), *_label_faults(pool))
        yield from ((("pool", name, *place), text) for place, text in faults)


def _member_faults(study: Study, pool: Pool) -> Iterator[Fault]:
    for i, member in enumerate(pool.datasets):
        if member not in study.dataset:
            yield ("datasets",), plugins.unknown("dataset", member, study.dataset)
        elif not study.recordings(member):
            yield ("datasets",), f"{member} holds images: only recordings can be pooled"
        elif member in pool.datasets[:i]:
            yield ("datasets",), f"{member} is named twice"


def _label_faults(pool: Pool) -> Iterator[Fault]:
    for member, labels in pool.labels.items():
        if member not in pool.datasets:
            yield ("labels", member), plugins.unknown("dataset", member, pool.datasets)
        for own, ours in labels.items():
            if ours and ours not in pool.classes:
                yield ("labels", member, own), plugins.unknown("class", ours, pool.classes)


def _unused(study: Study) -> Iterator[Fault]:
    asked = {experiment.dataset for experiment in study.experiment.values()}
    used = asked | {member for name in asked & study.pool.keys() for member in study.pool[name].datasets}
    for name in study.dataset:
        if name not in used:
            yield ("dataset", name), "no experiment uses this data set: use it or delete it"
    for name in study.pool:
        if name not in asked:
            yield ("pool", name), "no experiment uses this pool: use it or delete it"


def _path_faults(study: Study, root: Path) -> Iterator[Fault]:
    for name in study.dataset:
        for setting, written in study.files(name).items():
            if text := _path_fault(written, root):
                yield ("dataset", name, setting), text


def _path_fault(written: str, root: Path) -> str:
    if missing := re.findall(r"\$\{?(\w+)\}?", os.path.expandvars(written)):
        return f"the environment variable {missing[0]} is not set: set it to the file or folder of the data"
    if not written.strip() or not os.path.expandvars(written).strip():
        return "the path is empty: give the file or folder of the data"
    path = resolve(written, root)
    return "" if path.exists() else f"no such file or folder: {path}"
