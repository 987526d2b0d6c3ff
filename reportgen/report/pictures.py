"""Drawn figures as pages show them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.outputs import Output
from reportgen.report.context import Picture
from reportgen.report.tabulate import record_id
from reportgen.report.templates import Sheet
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
    about = record.about
    subject = next((about[key] for key in ("comparison", "contrast", "experiment", "dataset") if key in about), "")
    slug = "-".join(filter(None, (plugin, subject, about.get("explainer", ""))))
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
        record=record_id(record.step),
        without_samples=bool(record.settings.get("public")),
    )
    return picture, files


def _needs(plugin: str) -> tuple[str, ...]:
    path = plugins.find("figure").get(plugin)
    return tuple(plugins.constant(path, "NEEDS", ())) if path else ()


def _interactive(outputs: Mapping[str, Output]) -> str:
    output = outputs.get("figure.plotly.json")
    return output.path.read_text(encoding="utf-8").strip() if output else ""


def placed(sheet: Sheet, rivals: Sequence[Sheet], pictures: Iterable[Picture]) -> dict[str, tuple[Picture, ...]]:
    """The figures of a page: {place: figures}.

    A figure goes to the place that names its id, else to the first that names a kind it needs, else to `rest` of the
    first page. Where ids are named, their order is kept.

    Args:
        sheet: of the page.
        rivals: every sheet of pages about the same thing, `sheet` among them, in the order of the report.
        pictures: all figures about that thing.
    """
    found: dict[str, list[Picture]] = {place: [] for place in (*sheet.figures, "rest")}
    for picture in pictures:
        home, place = _home(picture, rivals)
        if home == sheet.name:
            found[place].append(picture)
    return {place: tuple(sorted(chosen, key=_rank(sheet.figures.get(place, ())))) for place, chosen in found.items()}


def _home(picture: Picture, sheets: Sequence[Sheet]) -> tuple[str, str]:
    places = [(sheet.name, place, names) for sheet in sheets for place, names in sheet.figures.items()]
    by_id = ((sheet, place) for sheet, place, names in places if picture.plugin in names)
    by_kind = ((sheet, place) for sheet, place, names in places if set(names) & set(picture.needs))
    return next(by_id, None) or next(by_kind, None) or (sheets[0].name, "rest")


def _rank(names: Sequence[str]) -> Callable[[Picture], int]:
    return lambda picture: names.index(picture.plugin) if picture.plugin in names else len(names)
