"""Drawn figures as pages show them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.outputs import Output
from reportgen.report.context import Picture
from reportgen.store import Record, Store

CSS_PIXELS = 96
"""In an inch."""


def pictures_of(store: Store, drawn: Iterable[str]) -> list[tuple[Picture, dict[str, Path]]]:
    """Each drawn figure, with the files that belong to it: {path relative to the pages: file in the store}."""
    records = (store.record(key) for key in drawn)
    return [_picture(store, record) for record in records if record]


def _picture(store: Store, record: Record) -> tuple[Picture, dict[str, Path]]:
    outputs = {output.path.name: output for output in store.outputs(record)}
    words: Mapping[str, Any] = outputs["figure.json"].load()
    plugin = record.about["figure"]
    subject = record.about.get("experiment", record.about.get("dataset", ""))
    slug = f"{plugin}-{subject}".strip("-").replace("_", "-")
    files = {f"figures/{slug}{Path(name).suffix}": outputs[name].path for name in (words["file"], words["csv"])}
    width, height = words["inches"]
    picture = Picture(
        id=f"figure-{slug}",
        plugin=plugin,
        needs=_needs(plugin),
        title=words["title"],
        caption=words["caption"],
        alt=words["alt"],
        file=next(iter(files)),
        size=(round(width * CSS_PIXELS), round(height * CSS_PIXELS)),
        data=list(files)[1],
        narrow=words["width"] == "narrow",
        interactive=_interactive(outputs),
        subject=subject,
        step=record.step,
    )
    return picture, files


def _needs(plugin: str) -> tuple[str, ...]:
    path = plugins.find("figure").get(plugin)
    return tuple(plugins.constant(path, "NEEDS", ())) if path else ()


def _interactive(outputs: Mapping[str, Output]) -> str:
    output = outputs.get("figure.plotly.json")
    return output.path.read_text(encoding="utf-8").strip() if output else ""


def placed(wanted: Mapping[str, tuple[str, ...]], pictures: Iterable[Picture]) -> dict[str, tuple[Picture, ...]]:
    """Give each figure its place on a page.

    A figure goes to the place that names its id, else to the first that names a kind it needs, else to `rest`.
    Where ids are named, their order is kept.
    """
    found: dict[str, list[Picture]] = {place: [] for place in (*wanted, "rest")}
    for picture in pictures:
        found[_place(wanted, picture)].append(picture)
    for place, names in wanted.items():
        found[place].sort(key=lambda picture, names=names: names.index(picture.plugin) if picture.plugin in names else len(names))  # type: ignore[misc]
    return {place: tuple(chosen) for place, chosen in found.items()}


def _place(wanted: Mapping[str, tuple[str, ...]], picture: Picture) -> str:
    by_id = (place for place, names in wanted.items() if picture.plugin in names)
    by_kind = (place for place, names in wanted.items() if set(names) & set(picture.needs))
    return next(by_id, None) or next(by_kind, "rest")
