"""A search for settings, as the page of its experiment is given it."""

from collections.abc import Mapping
from typing import Any

from reportgen.report.context import Tuning
from reportgen.report.tables import Table
from reportgen.words import setting

_SHOWN = 10  # trials in the table


def tuning_of(name: str, trials: Mapping[str, Any], tuned: Mapping[str, Any]) -> Tuning:
    """From the outputs `trials` and `tuned`."""
    states = [row["state"] for row in trials["rows"]]
    return Tuning(
        trials=len(states),
        states={state: states.count(state) for state in ("complete", "pruned", "failed")},
        best=trials["best"],
        value=tuned["value"],
        objective=trials["objective"].replace("_", " "),
        ranked_n=trials["ranked_on"]["n"],
        sampler=trials["sampler"],
        reduction=trials["reduction"],
        epochs=trials["epochs"],
        epochs_run=sum(row["epochs"] for row in trials["rows"]),
        processes=trials["processes"],
        repeatable=trials["repeatable"],
        winner={f"{table}.{key}": value for table, values in tuned["settings"].items() for key, value in values.items()},
        space={parameter: _range(values) for parameter, values in trials["space"].items()},
        table=_best(name, trials),
    )


def _range(values: Mapping[str, Any]) -> str:
    """`32 to 256 in steps of 32`."""
    if "choices" in values:
        return setting(values["choices"])
    step = f" in steps of {setting(values['step'])}" if values.get("step") else ""
    return (
        f"{setting(values['low'])} to {setting(values['high'])}{step}{', on a logarithmic scale' if values.get('log') else ''}"
    )


def _best(name: str, trials: Mapping[str, Any]) -> Table:
    sign = -1 if trials["direction"] == "maximize" else 1
    ranked = sorted(
        (row for row in trials["rows"] if row["value"] is not None),
        key=lambda row: (row["number"] != trials["best"], row["state"] != "complete", sign * row["value"], row["number"]),
    )
    parameters, objective = list(trials["space"]), trials["objective"].replace("_", " ")
    return Table(
        id=f"table-trials-{name}",
        caption=f"The {min(_SHOWN, len(ranked))} best of {len(trials['rows'])} trials by their {objective}: a score that chose "
        "them, and therefore flatters them.",
        head=("Trial", *parameters, "Epochs", "State", objective.capitalize()),
        rows=tuple(
            (str(row["number"]), *(setting(row["params"][p]) for p in parameters), row["epochs"], row["state"], row["value"])
            for row in ranked[:_SHOWN]
        ),
    )
