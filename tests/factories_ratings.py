"""Rated segments on their way through the real steps, as small as a test can use."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.core import Facts, Segments
from reportgen.outputs import Output
from reportgen.steps import assess, embed, lay, load, measure, prepare, regress, split
from reportgen.steps._intake_segments import SegmentIntake
from tests.factories import of, out_in
from tests.factories_recordings import chosen, step

DATA: Mapping[str, Any] = {"use": "emotion_sim", "videos": 24, "segments": 6}
SPLIT: Mapping[str, Any] = {"use": "official", "validation_origin": ["dev"]}
REGRESSORS: Mapping[str, Mapping[str, Any]] = {"ridge": {"use": "ridge"}, "lstm": {"use": "lstm", "epochs": 2}}
SMALL: Mapping[str, Any] = {"members": 2}


def loaded(folder: Path, data: Mapping[str, Any] = DATA, name: str = "speakers") -> list[Output]:
    """Of step `load`."""
    return step(folder, f"load {name}", load.run, [], {"dataset": name}, **chosen("dataset", data))


def divided(folder: Path, data: Sequence[Output], name: str, cut: Mapping[str, Any] = SPLIT) -> list[Output]:
    """Of step `split`."""
    about = {"dataset": data[0].about["dataset"], "experiment": name}
    return step(folder, f"split {name}", split.run, data, about, **chosen("split", cut), seed=0)


def predicted(
    folder: Path,
    data: Sequence[Output],
    name: str = "feelings",
    regressors: Mapping[str, Mapping[str, Any]] = REGRESSORS,
    cut: Mapping[str, Any] = SPLIT,
) -> list[Output]:
    """Of steps `split`, `prepare`, `regress` and `assess`."""
    parts = divided(folder, data, name, cut)
    about = parts[0].about
    text = plugins.settings_of(plugins.PACKAGE / "regression" / "preparing.py", "prepare")().model_dump(mode="json")
    given = [*data, *parts]
    prepared = step(folder, f"prepare {name}", prepare.run, given, about, modalities=[], text=text)
    made: list[Output] = []
    for key, table in regressors.items():
        own = {**about, "regressor": key, "seed": "0"}
        made += step(
            folder,
            f"regress {name} {key}",
            regress.run,
            [*given, *prepared],
            own,
            **chosen("regressor", table),
            key=key,
            seed=0,
        )
    assessed = step(folder, f"assess {name}", assess.run, [*given, *made], about, resamples=200, seed=0)
    return [*parts, *prepared, *made, *assessed]


def mapped(
    folder: Path,
    data: Sequence[Output],
    name: str = "space",
    settings: Mapping[str, Any] = SMALL,
    cut: Mapping[str, Any] = SPLIT,
) -> list[Output]:
    """Of steps `split`, `embed` and `measure`."""
    parts = divided(folder, data, name, cut)
    about, given = parts[0].about, [*data, *parts]
    table = plugins.settings_of(plugins.PACKAGE / "mapping" / "fitting.py", "fit").model_validate(settings)
    made = step(folder, f"embed {name}", embed.run, given, about, map=table.model_dump(mode="json"), seed=0)
    both = [*given, *made]
    return [
        *parts,
        *made,
        *step(folder, f"measure {name}", measure.run, both, about, peers=["pca"], k=5, resamples=200, seed=0),
    ]


def laid(folder: Path, given: Sequence[Output], source: str, sort: str, name: str = "space") -> list[Output]:
    """Of step `lay`: `given` holds the map and what is put on it."""
    about = {"dataset": "speakers", "experiment": name, "laid": source}
    dataset = next(output.about["dataset"] for output in given if output.kind == "facts")
    settings = {"onto": name, "source": source, "sort": sort, "dataset": dataset, "title": source.title()}
    return step(folder, f"lay {name} {source}", lay.run, given, about, **settings, videos=2, samples=50, resamples=200, seed=0)


def songs(folder: Path) -> list[Output]:
    """Of step `load`: two songs of three segments, each rated as a whole too, as no simulated data are."""
    facts = Facts(
        title="Songs",
        modality="vector",
        classes=("valence", "arousal"),
        simulated=True,
        licence="MIT",
        consent="Nobody was asked.",
        redistribute=True,
        citation="Made up for the tests.",
        scale=(-1.0, 1.0),
        whole="song",
    )
    times = np.array([15.0, 15.5, 16.0])
    out = out_in(folder, "load songs", "out")
    with SegmentIntake(facts, out) as intake:
        for name, mood in (("song 1", 0.4), ("song 2", -0.6)):
            values = np.array([[mood, 0.1], [mood, 0.2], [mood, 0.0]], np.float32)
            known = {"part": "train", "source": name, "start": times, "stop": times + 0.5, "values": values}
            intake.add(Segments(video=name, **known, overall=values.mean(axis=0)))
        intake.finish("songs")
    return of(out, dataset="songs")


def study(folder: Path) -> list[Output]:
    """Data sets `speakers` and `songs`, an experiment `feelings` that predicts ratings, a map `space` with both on it."""
    data = loaded(folder)
    regression, mapping = predicted(folder, data), mapped(folder, data)
    fitted = [output for output in mapping if output.kind in ("map", "map_weights")]
    own = [output for output in mapping if output.kind == "parts"]
    learned = [output for output in regression if output.kind in ("estimates", "regression")]
    return [
        *songs(folder),
        *data,
        *regression,
        *mapping,
        *laid(folder, [*data, *own, *fitted], "space", "own"),
        *laid(folder, [*data, *own, *learned, *fitted], "feelings", "regression"),
    ]
