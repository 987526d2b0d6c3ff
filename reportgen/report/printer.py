"""The process that prints: an order as JSON on standard input, what is wrong as a JSON list on standard output.

A process of its own, because WeasyPrint keeps its memory, and `python -m` and no pool, because a pool imports the caller's
main module once more.
"""

import gc
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reportgen.report.lettering import font_faces, lettered

NO_PANGO = 3
"""Exit code: WeasyPrint's system library is missing."""

PAGES, FONTS = "https://pages.invalid/", "https://fonts.invalid/"
"""What the document calls the folders of an order, so that no path of this machine gets into the PDF."""

_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)  # of attachments: the same bytes on another day


@dataclass(frozen=True, slots=True)
class Order:
    """What to print; text all over, so that it can be JSON."""

    html: str
    folder: str  # what the document may show; nothing else is read, nothing is loaded from elsewhere
    fonts: str  # folder of the fonts
    target: str  # the PDF
    attached: list[tuple[str, str]]  # (file, title) of data to attach


def print_order(order: Order) -> list[str]:
    """Print to `order.target`; returns what WeasyPrint finds wrong, and then writes nothing."""
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    folders = {PAGES: Path(order.folder), FONTS: Path(order.fonts)}

    class Fetcher(URLFetcher):  # type: ignore[misc, unused-ignore]
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002 - WeasyPrint's signature
            if url.startswith("data:"):  # part of a picture, such as the gradient of its scale
                return super().fetch(url)
            path = _file(url, folders)
            content = lettered(path.read_bytes()) if path.suffix == ".svg" else path.read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": guess_type(path)[0] or "font/ttf"})

    def attachment(file: str, title: str) -> Attachment:
        dates = {"created": _NO_DATE, "modified": _NO_DATE}
        return Attachment(filename=file, name=Path(file).name, description=title, relationship="Data", **dates)

    with _faults() as faults:
        fetcher, fonts = Fetcher(), FontConfiguration()
        document = HTML(string=order.html, base_url=PAGES, url_fetcher=fetcher)
        letters = CSS(string=font_faces(FONTS), base_url=FONTS, url_fetcher=fetcher, font_config=fonts)
        attachments = [attachment(*pair) for pair in order.attached]
        printed = document.write_pdf(
            font_config=fonts, stylesheets=[letters], pdf_variant="pdf/ua-1", pdf_tags=True, attachments=attachments
        )
    if not faults:
        target = Path(order.target)
        temporary = target.with_name(f".{target.name}.{os.getpid()}")  # hidden: MkDocs, at work meanwhile, leaves it out
        temporary.write_bytes(printed)
        os.replace(temporary, target)
    return faults


def _file(url: str, folders: Mapping[str, Path]) -> Path:
    """The file that a document means; anything outside of the folders is refused."""
    for prefix, folder in folders.items():
        path = (folder / unquote(url.removeprefix(prefix).partition("?")[0])).resolve()
        if url.startswith(prefix) and path.is_relative_to(folder.resolve()):
            return path
    raise ValueError(f"{url} is outside of the report")


@contextmanager
def _faults() -> Iterator[list[str]]:
    """What WeasyPrint reports as an error, such as a picture without alternative text."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, handler = logging.getLogger("weasyprint"), Keep(logging.ERROR)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


def main() -> int:
    """Print the order on standard input."""
    gc.disable()  # what WeasyPrint builds stays until the end: looking for litter in it is a sixth of the time
    order = Order(**json.load(sys.stdin))
    try:
        import weasyprint  # noqa: F401
    except OSError:  # raised by cffi when Pango cannot be loaded
        return NO_PANGO
    json.dump(print_order(order), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
