"""What pages are given of recordings: their data sets, features, folds and shuffled labels."""

from collections.abc import Iterable, Mapping
from typing import Any

from reportgen.report.results import Score
from reportgen.report.shelf import Shelf
from reportgen.report.subjects import Canary, Derived, Recorded
from reportgen.report.tables import Table


def recorded_of(facts: Mapping[str, Any], members: Iterable[str]) -> Recorded | None:
    """From the facts of a data set; None if it holds no recordings."""
    if "channels" not in facts:
        return None
    same = ("rate", "subjects", "sessions", "recordings", "seconds")
    return Recorded(
        channels=tuple(facts["channels"]),
        placed=facts["positions"] is not None,
        bands={name: (low, high) for name, (low, high) in (facts["bands"] or {}).items()},
        members=tuple(members),
        **{name: facts[name] for name in same},
    )


def derived_of(shelf: Shelf, experiment: str) -> Derived | None:
    """What an experiment makes of recordings; None: of images, or not yet."""
    found = features_of(shelf, experiment)
    if not found:
        return None
    return Derived(
        chain=tuple(shelf.plugin("feature", feature) for feature in found["chain"]),
        shape=tuple(found["shape"]),
        axes=tuple(found["axes"][1:]),
        unit=found["unit"],
        n=found["n"],
        notices=tuple(found["notices"]),
    )


def features_of(shelf: Shelf, experiment: str) -> Mapping[str, Any]:
    """The output `features` of an experiment, which others may share; {} if it has none."""
    made = shelf.maker("split", experiment=experiment)
    about = {name: made.about[name] for name in ("dataset", "features") if name in made.about} if made else {}
    return (shelf.one("features", **about) if "features" in about else None) or {}


def canary_of(shelf: Shelf, experiment: str) -> Canary | None:
    """What shuffled labels come to."""
    found = shelf.one("canary", experiment=experiment)
    return Canary(repeats=found["repeats"], accuracy=found["mean"], low=found["low"], high=found["high"]) if found else None


def recorded_tables(shelf: Shelf, name: str) -> dict[str, Table]:
    """The tables of an experiment on recordings whose outputs are there."""
    tables = {}
    fits = [(about, fitted) for about, fitted in shelf.inputs.all("fitted", experiment=name)]
    split, scores = (shelf.one(kind, experiment=name) for kind in ("split", "scores"))
    if fits and split:
        tables["fits"] = _fits(name, fits, split["folds"])
    if scores and any(row["n"] > 1 for row in scores["units"]):
        tables["units"] = _units(name, scores)
    if scores and scores["sources"]:
        tables["sources"] = _sources(name, scores)
    return tables


def _fits(name: str, fits: Iterable[tuple[Mapping[str, str], Mapping[str, Any]]], folds: list[str]) -> Table:
    rows = [
        (
            folds[int(about["fold"])] or "all",
            about["seed"],
            fitted["samples"]["train"],
            fitted["samples"]["validation"],
            fitted["chosen"],
            next((tried["validation"] for tried in fitted["candidates"] if tried["name"] == fitted["chosen"]), None),
            len(fitted["outliers"]["trials"]),
        )
        for about, fitted in fits
    ]
    return Table(
        id=f"table-fits-{name}",
        caption="One model a fold and seed: what it learned from, which candidate the validation part chose, and its balanced"
        " accuracy there; outlier trials are left out of the training only.",
        head=("Fold", "Seed", "Training samples", "Validation samples", "Chosen", "Validation", "Outlier trials left out"),
        rows=tuple(rows),
    )


def _units(name: str, scores: Mapping[str, Any]) -> Table:
    unit = scores["unit"]
    return Table(
        id=f"table-units-{name}",
        caption=f"Scores {unit} by {unit}, means over seeds; last, what always answering the largest class reaches.",
        head=(unit.capitalize(), "Samples", "Accuracy", "Balanced accuracy", "Largest class"),
        rows=tuple(
            (row["name"], row["n"], row["accuracy"], row["balanced_accuracy"], row["baseline"]) for row in scores["units"]
        ),
    )


def _sources(name: str, scores: Mapping[str, Any]) -> Table:
    return Table(
        id=f"table-sources-{name}",
        caption="Accuracy on each data set of the pool [95 % interval], beside the share of its largest class.",
        head=("Data set", "Samples", f"{scores['unit'].capitalize()}s", "Accuracy", "Largest class"),
        rows=tuple(
            (row["name"], row["n"], row["units"], Score.of(row["accuracy"]), row["largest"]) for row in scores["sources"]
        ),
    )
