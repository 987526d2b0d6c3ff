"""The one Jinja environment: every value is text, whatever it contains, and an unknown name is an error."""

import html
import re
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import jinja2
import yaml
from markupsafe import Markup

from reportgen import words
from reportgen.errors import UsageError

Each = Literal[
    "study",
    "dataset",
    "recordings",
    "experiment",
    "network",
    "baseline",
    "exploration",
    "frequencies",
    "signals",
    "ratings",
    "regression",
    "space",
    "trajectories",
    "comparison",
    "contrast",
]
"""What there is a page for."""
_FRONT = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
_BLANKS = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+")  # not those that do not break
_INSIDE_A_WORD = r"(?<=[^\W_])['_](?=[^\W_])"
_ANYWHERE = r"""["$&'*<>\[-`{-~]"""
_AT_THE_START = r"^ ?(?:[-+=#:]|\d+\.(?=\s|$))"  # lists, rules, headings, definitions
_MEANINGFUL = re.compile(f"{_INSIDE_A_WORD}|({_ANYWHERE})|({_AT_THE_START})")


def plain(value: Any) -> Markup:
    """Text as text in Markdown and HTML alike: whatever could mean something to either becomes a character reference.

    White space is folded, so that no line of it can begin a block.
    """
    if isinstance(value, Markup):
        return value
    return Markup(_MEANINGFUL.sub(_reference, _BLANKS.sub(" ", str(value))))  # noqa: S704 - this is the escape


def _reference(match: re.Match[str]) -> str:
    if match[1] or match[2]:
        return f"{match[0][:-1]}&#{ord(match[0][-1])};"
    return match[0]


def verbatim(text: str) -> Markup:
    """Text inside `<pre>`, line by line; an empty line would end the HTML block for some Markdown readers."""
    return Markup(re.sub(r"(?<=\n)\n", "&#10;", html.escape(text)))  # noqa: S704 - escaped


def embedded_json(text: str) -> Markup:
    """JSON inside `<script type="application/json">`: nothing in it can end the element."""
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - escaped


def title_text(text: str) -> str:
    """A title for mkdocs.yml and front matter, which Material prints raw."""
    return html.escape(" ".join(text.split()))


FILTERS: Mapping[str, Any] = {
    "count": words.count,
    "counted": words.counted,
    "duration": words.duration,
    "embedded_json": embedded_json,
    "fixed": words.fixed,
    "listing": words.listing,
    "percent": words.percent,
    "setting": words.setting,
    "verbatim": verbatim,
}
"""What templates may apply to a value, beside Jinja's own filters."""


def environment(folders: Sequence[Path], functions: Mapping[str, Any]) -> jinja2.Environment:
    """Templates of the first folder that has them, with functions that they may call."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        finalize=plain,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= FILTERS
    made.globals |= functions
    return made


@dataclass(frozen=True, slots=True)
class Sheet:
    """A template of a page and what its front matter says about it."""

    name: str  # "30-experiment": pages are in this order
    title: str
    section: str = ""  # of the navigation
    each: Each = "study"
    needs: tuple[str, ...] = ()  # kinds without which the page does not exist
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # {place: ids and kinds, the first match wins}
    key: tuple[str, ...] = ()  # ids of figures of other pages to show small

    @property
    def slug(self) -> str:
        """The name without its number."""
        return self.name.lstrip("0123456789").lstrip("-")


def sheets(folders: Sequence[Path]) -> list[Sheet]:
    """Every page template, in the order of the report; a file of the same name in an earlier folder stands instead."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted((folder / "pages").glob("*.md.j2")):
            found.setdefault(path.name, path)
    return [_sheet(found[name]) for name in sorted(found)]


def _sheet(path: Path) -> Sheet:
    found = _FRONT.match(path.read_text(encoding="utf-8"))
    try:
        front: dict[str, Any] = yaml.safe_load(found[1]) if found else {}
        front |= {name: tuple(front.get(name, ())) for name in ("needs", "key")}
        front["figures"] = {place: tuple(wanted) for place, wanted in front.get("figures", {}).items()}
        return Sheet(name=path.name.removesuffix(".md.j2"), **front)
    except (TypeError, AttributeError, yaml.YAMLError) as error:
        raise UsageError(
            f"{path}: front matter: {error}",
            "Between two lines `---`: title, and if need be section, each, needs, figures, key.",
        ) from None


def render(jinja: jinja2.Environment, sheet: Sheet, values: Mapping[str, Any]) -> str:
    """The body of a page: no blanks at line ends, one empty line at most.

    Raises:
        UsageError: the template is wrong, with its file and line.
    """
    try:
        text = jinja.get_template(f"pages/{sheet.name}.md.j2").render(values)
    except jinja2.TemplateError as error:
        place = f"{error.filename}:{error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else _line_of(error)
        raise UsageError(
            f"{place}: {error.message}", "The names that templates may use are in reportgen/report/context.py and subjects.py."
        ) from error
    lines = [line.rstrip() for line in _FRONT.sub("", text, count=1).strip().splitlines()]
    return "\n".join(line for index, line in enumerate(lines) if line or lines[index - 1]) + "\n"


def _line_of(error: Exception) -> str:
    """`templates/pages/mine.md.j2:12`: the innermost line of a template in the traceback."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "a template"
