"""The pages as one HTML document for print: the same Markdown, with one namespace of anchors and a table of contents."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

from reportgen.report.pages import Page, Pages
from reportgen.report.printer import FONTS
from reportgen.report.templates import environment

_FRONT = re.compile(r"---\n.*?\n---\n", re.DOTALL)
_ONLY_ON_SCREEN = frozenset({"headerlink", "aside", "interactive", "byline"})


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents."""

    level: int  # 1 for a chapter
    text: str
    target: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page, ready for print."""

    slug: str
    title: str
    section: str
    html: Markup
    headings: tuple[Heading, ...]


def book(pages: Pages, extensions: Mapping[str, Any], *, paper: str) -> str:
    """The whole report as HTML.

    Args:
        pages: rendered.
        extensions: {Markdown extension: its settings}, those of mkdocs.yml.
        paper: "A4" or "Letter".
    """
    slugs = {page.slug for page in pages.pages}
    chapters = [_chapter(page, extensions, slugs) for page in pages.pages]
    template = environment(pages.templates, {}).get_template("print/report.html.j2")
    return template.render(report=pages.report, chapters=chapters, paper=paper, fonts=FONTS)


def _chapter(page: Page, extensions: Mapping[str, Any], slugs: set[str]) -> Chapter:
    import markdown
    import tinyhtml5

    text = _FRONT.sub("", page.markdown, count=1)
    html = markdown.markdown(text, extensions=list(extensions), extension_configs={k: v for k, v in extensions.items() if v})
    root = tinyhtml5.parse(html, namespace_html_elements=False).find("body")
    _drop(root)
    for element in root.iter():
        if name := element.get("id"):
            element.set("id", _anchor(page.slug, name))
        if target := element.attrib.pop("href", None):
            _link(element, _target(target, page.slug, slugs))
    headings = tuple(_headings(root, page))
    inner = (root.text or "") + "".join(tostring(child, encoding="unicode", method="html") for child in root)
    return Chapter(page.slug, page.title, page.section, Markup(inner), headings)  # noqa: S704 - of escaped templates


def _drop(root: Element) -> None:
    """Take out what only a screen can use."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _ONLY_ON_SCREEN & set(child.get("class", "").split()):
                _remove(parent, child)


def _remove(parent: Element, child: Element) -> None:
    """Remove an element, not the text behind it."""
    index = list(parent).index(child)
    tail = child.tail or ""
    if index:
        before = parent[index - 1]
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(child)


def _anchor(slug: str, name: str) -> str:
    return slug if name == "top" else f"{slug}--{name}"


def _target(target: str, slug: str, slugs: set[str]) -> str:
    """A link between pages becomes one within the document; one to another file, which is attached, leads nowhere."""
    file, _, name = target.partition("#")
    page = file.removesuffix(".html").removesuffix(".md") if file else slug
    if page in slugs and file != page:
        return "#" + _anchor(page, name or "top")
    return target if ":" in target else ""


def _link(element: Element, target: str) -> None:
    if target:
        element.set("href", target)
    else:
        element.tag = "span"
        element.attrib.pop("download", None)


def _headings(root: Element, page: Page) -> Iterator[Heading]:
    for element in root.iter():
        if element.tag in ("h1", "h2"):
            if element.tag == "h1":
                for child in list(element):
                    element.remove(child)
                element.text = page.title  # the first page bears the study's title on the site; here the cover does
            yield Heading(int(element.tag[1]), "".join(element.itertext()).strip(), f"#{element.get('id')}")
