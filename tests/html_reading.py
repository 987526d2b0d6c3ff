"""Reads built pages as a browser would, for the tests of site and PDF."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

LOADING = {"src", "href", "srcset", "poster", "data"}
"""Attributes that name another file."""


@dataclass
class Read(HTMLParser):
    """What a page holds."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)  # of <a>
    loads: list[str] = field(default_factory=list)  # of everything else
    images: list[dict[str, str | None]] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    headings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._open.append(tag)
        if name := found.get("id"):
            self.ids.append(name)
        if tag == "img":
            self.images.append(found)
        targets = [value for name, value in attrs if name in LOADING and value]
        (self.links if tag == "a" else self.loads).extend(targets)
        if tag in ("h1", "h2", "h3"):
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.text += data
            if {"h1", "h2", "h3"} & set(self._open):
                self.headings[-1] += data

    @property
    def words(self) -> str:
        """The visible text with white space folded."""
        return " ".join(self.text.split())


def read(html: str) -> Read:
    """Read a page."""
    reader = Read()
    reader.feed(html)
    return reader


def main_part(html: str) -> str:
    """What we put on a page, without Material's frame."""
    return html.partition('<article class="md-content__inner md-typeset">')[2].partition("</article>")[0]


def pages_of(site: Path) -> Iterator[tuple[str, str]]:
    """(name, HTML) of every page of a site."""
    return ((path.stem, path.read_text(encoding="utf-8")) for path in sorted(site.glob("*.html")) if path.stem != "404")
