"""The table of every setting that an experiment ran with."""

from collections.abc import Mapping, Sequence
from typing import Any

from reportgen.report import tabulate
from reportgen.report.shelf import Shelf, meanings
from reportgen.report.subjects import Plugin
from reportgen.report.tables import Table


def ran_with(shelf: Shelf, name: str, table: Mapping[str, Any], used: Sequence[Plugin], several: Mapping[str, Plugin]) -> Table:
    """What the experiment ran with: where settings were searched for, the winner's. `several`: generators, or regressors."""
    task = table["task"]
    groups: dict[str, Mapping[str, Any]] = {f"{plugin.kind} {plugin.id}": plugin.settings for plugin in used}
    groups |= _trained_with(shelf, name, table, groups) if table["model"]["use"] else {}
    groups["evaluate"] = _evaluated(table)
    groups |= {f"{task} {key}": {"use": plugin.id, **plugin.settings} for key, plugin in several.items()}
    groups |= {key: table[key] for key in _TABLES.get(task, ())}
    if table.get("tune"):
        groups["tune"] = {key: value for key, value in table["tune"].items() if key != "space"}
    if table["explain"] and not table.get("features"):
        images = {f"images of each class, {key}": choice.get("images_per_class") for key, choice in table["explain"].items()}
        groups["explain"] = {key: value or table["images_per_class"] for key, value in images.items()}
        groups["judge"] = table.get("judge", {})
    told = meanings([*used, *several.values()])
    told |= {f"{task} {key}": told.get(f"{plugin.kind} {plugin.id}", {}) for key, plugin in several.items()}
    return tabulate.settings(name, groups, told)


_TABLES: Mapping[str, Sequence[str]] = {
    "explore": ["look"],
    "generate": ["realism"],
    "regress": ["text"],
    "embed": ["map", "lay"],
}
"""Tables of the study that only one task reads."""


def _trained_with(
    shelf: Shelf, name: str, table: Mapping[str, Any], groups: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Settings of the model and its training."""
    tuned = (shelf.one("tuned", experiment=name) or {"settings": {}})["settings"]
    model = f"model {table['model']['use']}"
    return {model: {**groups[model], **tuned.get("model", {})}, "train": {**table["train"], **tuned.get("train", {})}}


def _evaluated(table: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the evaluation that mean something for images, or for recordings."""
    rated = ("views", "unit", "shuffles") if table["task"] in ("regress", "embed") else ()
    others = rated or (("views",) if table.get("features") else ("unit", "shuffles"))
    return {name: value for name, value in table["evaluate"].items() if name not in others}
