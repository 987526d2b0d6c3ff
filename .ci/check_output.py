"""Look at what `make report` made, as a reader would get it; ends with the first thing that is wrong."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"src", "srcset", "data", "poster"}  # attributes whose address a browser fetches by itself
LOADED_RELS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch", "manifest"}
ELSEWHERE = re.compile(r"^\s*(https?:)?//", re.IGNORECASE)


class Page(HTMLParser):
    """The addresses in a page: those that it loads, and those that it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort the addresses of one tag."""
        given = {name: value or "" for name, value in attrs}
        self.loads += [given[name] for name in LOADED & given.keys()]
        if tag == "link" and LOADED_RELS & set(given.get("rel", "").split()):
            self.loads.append(given["href"])
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])


def require(holds: bool, otherwise: str) -> None:
    """End with a message unless something holds."""
    if not holds:
        sys.exit(f"check of the output failed: {otherwise}")


def check_pages(site: Path) -> int:
    """Every page loads and links only what lies in the site; returns the number of pages."""
    pages = sorted(site.rglob("*.html"))
    for path in pages:
        page = Page(path.read_text(encoding="utf-8"))
        for address in page.loads:
            require(not ELSEWHERE.match(address), f"{path} loads {address}: the site must work without network")
        for address in page.loads + page.links:
            parts = urlsplit(address)
            if path.name != "404.html" and parts.path and not parts.scheme and not parts.netloc:
                target = path.parent / unquote(parts.path)
                require(target.exists(), f"{path} points to {address}, which is not there")
    for path in site.rglob("*.css"):
        loaded = re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")\s]+)", path.read_text(encoding="utf-8"))
        require(not any(map(ELSEWHERE.match, loaded)), f"{path} loads from elsewhere")
    return len(pages)


def main() -> None:
    """Check site and PDF, then let plain MkDocs build the same pages again."""
    site, pdf = Path("site"), Path("site/report.pdf")
    require((site / "index.html").is_file(), "site/index.html was not made")
    require(pdf.is_file() and pdf.read_bytes()[:5] == b"%PDF-", "site/report.pdf is no PDF")
    pages, content = check_pages(site), pdf.read_bytes()
    quietly = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"], check=True, env=quietly)
    require(pdf.is_file() and pdf.read_bytes() == content, "plain `mkdocs build` lost the PDF")
    require(check_pages(site) == pages, "plain `mkdocs build` made other pages")
    print(f"The report is whole: {pages} pages, a PDF of {len(content) / 1e6:.1f} MB, nothing loaded from elsewhere.")


main()
