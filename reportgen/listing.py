"""What `reportgen list` prints, read from the plugins' text: nothing is imported."""

from collections.abc import Iterator
from typing import Any

from annotated_doc import Doc
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, Unit
from pydantic.fields import FieldInfo

from reportgen import plugins
from reportgen.errors import UsageError


def listing(what: str = "", name: str = "") -> Iterator[str]:
    """Lines of a list: everything, one kind, or the settings of one thing.

    Raises:
        UsageError: there is no such kind or thing.
    """
    kinds = {f"{kind}s": kind for kind in plugins.VERBS}
    if what and what not in kinds:
        raise UsageError(plugins.unknown("list", what, kinds))
    if name:
        yield from _settings(kinds[what], name)
        return
    for title in [what] if what else kinds:
        if not what:
            yield f"{title}:"
        found = plugins.find(kinds[title])
        width = max(map(len, found), default=0)
        for plugin, path in found.items():
            yield f"{'' if what else '  '}{plugin:{width}s}  {plugins.summary(path)}"


def _settings(kind: str, name: str) -> Iterator[str]:
    path = plugins.path_of(kind, name)
    yield f"{name}  {plugins.summary(path)}"
    fields = plugins.settings(kind, name).model_fields
    if not fields:
        yield "  no settings"
    for key, field in fields.items():
        default = "required" if field.is_required() else f"default {field.default!r}"
        details = [_type(field), *_ranges(field), *(f"{m.unit}" for m in field.metadata if isinstance(m, Unit)), default]
        yield f"  {key}  {', '.join(details)}"
        for text in (m.documentation for m in field.metadata if isinstance(m, Doc)):
            yield f"      {text}"


def _type(field: FieldInfo) -> str:
    return (
        getattr(field.annotation, "__name__", "")
        if isinstance(field.annotation, type)
        else str(field.annotation).replace("typing.", "")
    )


def _ranges(field: FieldInfo) -> Iterator[str]:
    signs: dict[type[Any], tuple[str, str]] = {
        Ge: ("≥", "ge"),
        Gt: (">", "gt"),
        Le: ("≤", "le"),
        Lt: ("<", "lt"),
        MinLen: ("length ≥", "min_length"),
        MaxLen: ("length ≤", "max_length"),
    }
    for mark in field.metadata:
        if type(mark) in signs:
            sign, attribute = signs[type(mark)]
            yield f"{sign} {getattr(mark, attribute)}"
