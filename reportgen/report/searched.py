"""A search for settings, as the page of its experiment is given it."""

from collections.abc import Mapping
from typing import Any

from reportgen.report.subjects import Tuning
from reportgen.report.tables import Table
from reportgen.words import setting

_SHOWN = 10  # trials in the table
_STATES = {"complete": "complete", "pruned": "stopped", "failed": "failed"}


def tuning_of(name: str, trials: Mapping[str, Any], tuned: Mapping[str, Any], seconds: float) -> Tuning:
    """From the outputs `trials` and `tuned`, and the seconds that they took."""
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
        least=trials["least"],
        epochs=trials["epochs"],
        epochs_run=sum(row["epochs"] for row in trials["rows"]),
        processes=trials["processes"],
        repeatable=trials["repeatable"],
        winner={
            f"{table}.{key}": _short(value) for table, values in tuned["settings"].items() for key, value in values.items()
        },
        space={parameter: _range(values) for parameter, values in trials["space"].items()},
        seconds=seconds,
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


def _short(value: Any) -> str:
    """A drawn value to three digits; the CSV of the figures has all of them."""
    return f"{value:.3g}" if isinstance(value, float) else setting(value)


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
        head=("Trial", objective.capitalize(), *parameters, "Epochs", "State"),
        rows=tuple(
            (
                str(row["number"]),
                row["value"],
                *(_short(row["params"][name]) for name in parameters),
                row["epochs"],
                _STATES[row["state"]],
            )
            for row in ranked[:_SHOWN]
        ),
    )
