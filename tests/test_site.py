"""The website, built once from the small store: strict, offline, linked, named, and not built again for nothing."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import html_reading
import make_small_recordings
import make_small_store
import pytest
import yaml

from reportgen.errors import FailedError
from reportgen.report.pages import Pages, render_pages
from reportgen.report.site import build_site, take_pdf
from reportgen.workspace import Workspace

ROOT = Path(__file__).parent.parent
SLUGS = (
    "index",
    "data-faces",
    "experiment-small",
    "experiment-large",
    "comparison-faces-official",
    "audits",
    "methods",
    "limits",
    "reproduce",
    "references",
)
EVIL = "</title><script>alert(1)</script> \"q\" 'r' {{ 7*7 }} & &lt; *em* # `c` <!--"


def make(folder: Path, text: Callable[[str], str] = make_small_store.plain, *, pdf: bool = False) -> tuple[Workspace, Pages]:
    """A workspace with rendered pages."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    workspace = Workspace(folder, folder)
    store, build, drawn = make_small_store.make_store(folder / "data" / "store", text)
    return workspace, render_again(workspace, store, build, drawn, pdf=pdf)


def render_again(workspace: Workspace, store: Any, build: Any, drawn: Any, *, pdf: bool = False) -> Pages:
    return render_pages(store, build, drawn, workspace.pages, templates=[ROOT / "templates"], failed={}, public=False, pdf=pdf)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Pages]:
    workspace, pages = make(tmp_path_factory.mktemp("built"), pdf=True)
    (workspace.pages / "report.pdf").write_bytes(b"%PDF-1.7 stands for the real one")
    assert build_site(workspace, pages, strict=True)
    return workspace, pages


@pytest.fixture(scope="module")
def site(built: tuple[Workspace, Pages]) -> Path:
    return built[0].site


@pytest.fixture(scope="module")
def read_pages(site: Path) -> dict[str, html_reading.Read]:
    return {name: html_reading.read(html) for name, html in html_reading.pages_of(site)}


def normalised(html: str) -> str:
    """What we put on a page, one element a line, without what only Material's version decides."""
    text = re.sub(r"\s+", " ", html_reading.main_part(html))
    return (
        re.sub(
            r" ?(</?(?:h\d|p|figure|figcaption|img|table|thead|tbody|tr|th|td|ul|ol|li|div|dl|dt|dd|pre|script)\b)",
            r"\n\1",
            text,
        ).strip()
        + "\n"
    )


@pytest.mark.parametrize("slug", ["index", "experiment-small", "audits"])
def test_main_content_is_as_expected(slug: str, site: Path, golden: Callable[[str, str], None]) -> None:
    golden(f"{slug}.html", normalised((site / f"{slug}.html").read_text(encoding="utf-8")))


def test_every_page_is_built_and_in_the_navigation(site: Path, read_pages: dict[str, html_reading.Read]) -> None:
    assert set(read_pages) == set(SLUGS)
    for slug in SLUGS[1:]:
        assert f"{slug}.html" in read_pages["index"].links
    assert (site / "report.pdf").read_bytes().startswith(b"%PDF")


def test_every_link_and_file_is_there(site: Path, read_pages: dict[str, html_reading.Read]) -> None:
    """Also those in raw HTML, which MkDocs does not check."""
    for name in read_pages:
        check_targets(site, read_pages, name)


def check_targets(site: Path, read_pages: dict[str, html_reading.Read], name: str) -> None:
    """Whatever a page links to or loads is there."""
    for target in (*read_pages[name].links, *read_pages[name].loads):
        if re.match(r"https?:|mailto:|data:", target):
            continue
        file, _, anchor = target.partition("#")
        path = site / file if file else site / f"{name}.html"
        path = path / "index.html" if path.is_dir() else path
        assert path.is_file(), f"{name}: {target}"
        if anchor and path.suffix == ".html":
            assert anchor in read_pages[path.stem].ids, f"{name}: {target}"


def test_ids_are_unique_and_images_have_alternative_text(read_pages: dict[str, html_reading.Read]) -> None:
    for name, page in read_pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        assert all(image.get("alt") for image in page.images), name
        assert all(
            image.get("width") and image.get("height") for image in page.images if image["src"] and "figures/" in image["src"]
        )


def test_headings_do_not_skip_a_level(site: Path) -> None:
    for name, html in html_reading.pages_of(site):
        levels = [int(level) for level in re.findall(r"<h(\d)", html_reading.main_part(html))]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_links_do_not_hold_links(site: Path) -> None:
    for name, html in html_reading.pages_of(site):
        assert not re.search(r"<a\b[^>]*>(?:(?!</a>).)*<a\b", html_reading.main_part(html), re.DOTALL), name


def test_tables_say_what_they_are(site: Path) -> None:
    for name, html in html_reading.pages_of(site):
        for table in re.findall(r"<table.*?</table>", html_reading.main_part(html), re.DOTALL):
            assert re.search(r'<table class="data" aria-labelledby="[\w-]+"', table), name
            rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
            assert len({len(re.findall(r"<t[hd]\b", row)) for row in rows}) == 1, name
            assert all("<th scope" in row for row in rows), name


def test_nothing_is_loaded_from_elsewhere(site: Path, read_pages: dict[str, html_reading.Read]) -> None:
    for name, page in read_pages.items():
        assert not [target for target in page.loads if re.match(r"(https?:)?//", target)], name
    for path in (site / "assets").glob("*.*"):
        if path.suffix == ".css" or path.name in ("reportgen.js", "iframe-worker.js"):
            assert "://" not in path.read_text(encoding="utf-8"), path.name
    for path in (site / "assets" / "stylesheets").rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", path.read_text(encoding="utf-8")), path.name


def test_search_knows_the_pages(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts = " ".join(document["title"] + document["text"] for document in index["docs"])
    assert "Fear is mistaken for sadness" in texts
    assert '"type":"scatter"' not in texts, "the JSON of figures is not for reading"


# recordings


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the study of recordings."""
    folder = tmp_path_factory.mktemp("recorded")
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    workspace = Workspace(folder, folder)
    pages = render_again(workspace, *make_small_recordings.make_store(folder / "data" / "store"))
    assert build_site(workspace, pages, strict=True)
    return workspace.site


def test_pages_of_networks_on_recordings_are_whole_pages(recorded: Path) -> None:
    read = {name: html_reading.read(html) for name, html in html_reading.pages_of(recorded)}
    assert "frequencies-waves.html" in read["index"].links
    for name in ("experiment-waves", "frequencies-waves", "comparison-brains-loso"):
        check_targets(recorded, read, name)
        assert len(read[name].ids) == len(set(read[name].ids)), name
    titles = [heading for heading in read["frequencies-waves"].headings if heading]
    assert titles[0].startswith("Which frequencies: Network on signals")


# not again


@pytest.fixture
def quick_builder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands for MkDocs where only the question is whether it is called."""

    def build(config: Path, *, strict: bool) -> None:
        shutil.rmtree(config.parent / "site", ignore_errors=True)
        shutil.copytree(config.parent / "build" / "pages", config.parent / "site")

    monkeypatch.setattr("reportgen.report.site._mkdocs", build)


def test_unchanged_site_is_not_built_again(tmp_path: Path, quick_builder: None) -> None:
    workspace, pages = make(tmp_path)
    assert build_site(workspace, pages, strict=True)
    assert not build_site(workspace, pages, strict=True)
    with (tmp_path / "mkdocs.yml").open("a") as file:
        file.write("site_url: https://example.org/\n")
    assert build_site(workspace, pages, strict=True), "the user changed the configuration"
    (workspace.site / "audits.md").unlink()
    assert build_site(workspace, pages, strict=True), "a page of the site is gone"
    shutil.rmtree(workspace.site)
    assert build_site(workspace, pages, strict=True), "the site is gone"
    (workspace.pages / "report.pdf").write_bytes(b"%PDF")
    assert not build_site(workspace, pages, strict=True), "the PDF is printed meanwhile"
    assert build_site(workspace, pages, strict=False), "other warnings count"
    assert not build_site(workspace, pages, strict=False)


def test_pdf_is_taken_along_when_it_is_printed(tmp_path: Path, quick_builder: None) -> None:
    workspace, pages = make(tmp_path)
    printed, shown = workspace.pages / "report.pdf", workspace.site / "report.pdf"
    printed.write_bytes(b"%PDF of the last time")
    assert build_site(workspace, pages, strict=True)
    printed.write_bytes(b"%PDF of this time")
    take_pdf(workspace)
    assert shown.read_bytes() == b"%PDF of this time"
    assert not build_site(workspace, pages, strict=True)
    shown.unlink()
    take_pdf(workspace)
    assert shown.exists()
    printed.unlink()
    take_pdf(workspace)
    assert not shown.exists()


def test_interrupted_site_is_built_again(tmp_path: Path, quick_builder: None, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, pages = make(tmp_path)
    assert build_site(workspace, pages, strict=True)
    before = (workspace.pages / "limits.md").read_text()
    (workspace.pages / "limits.md").write_text("# Other\n")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("reportgen.report.site._mkdocs", killed)
        with pytest.raises(KeyboardInterrupt):
            build_site(workspace, pages, strict=True)
    (workspace.pages / "limits.md").write_text(before)
    assert build_site(workspace, pages, strict=True), "nobody knows what the killed one left"


def test_strict_site_refuses_a_dead_link(tmp_path: Path) -> None:
    workspace, pages = make(tmp_path)
    (workspace.pages / "limits.md").write_text("# Limits\n\n[gone](gone.md)\n")
    with pytest.raises(FailedError, match=r"limits\.md.*gone\.md"):
        build_site(workspace, pages, strict=True)
    assert build_site(workspace, pages, strict=False)


# what others do with it


def test_plain_mkdocs_builds_the_same_pages_and_keeps_the_pdf(built: tuple[Workspace, Pages], tmp_path: Path) -> None:
    workspace, _ = built
    shutil.copytree(workspace.out / "build", tmp_path / "build")
    shutil.copyfile(workspace.out / "mkdocs.yml", tmp_path / "mkdocs.yml")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "site" / "report.pdf").exists()
    for slug in SLUGS:
        assert (tmp_path / "site" / f"{slug}.html").read_text() == (workspace.site / f"{slug}.html").read_text()


def test_another_place_gets_a_configuration_of_its_own(tmp_path: Path, quick_builder: None) -> None:
    """`--out DIR`: the folder can be moved and built again without the workspace."""
    home = make(tmp_path / "home")[0]
    store, build, drawn = make_small_store.make_store(tmp_path / "store")
    elsewhere = Workspace(home.root, tmp_path / "out")
    pages = render_again(elsewhere, store, build, drawn)
    assert build_site(elsewhere, pages, strict=True)
    assert (tmp_path / "out" / "site").is_dir()
    assert (tmp_path / "out" / "mkdocs.yml").read_text() == (home.root / "mkdocs.yml").read_text()
    assert not (home.root / "site").exists()


def test_workspace_without_configuration_gets_the_packaged_one(tmp_path: Path, quick_builder: None) -> None:
    workspace, pages = make(tmp_path)
    (tmp_path / "mkdocs.yml").unlink()
    assert build_site(workspace, pages, strict=True)
    assert (tmp_path / "mkdocs.yml").read_text() == (ROOT / "mkdocs.yml").read_text()


def test_configuration_needs_nothing_but_what_other_builders_know() -> None:
    """No hook and no plugin of ours, so that the pages also build with Zensical."""
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert config["plugins"] == ["search", "offline"]
    assert "hooks" not in config
    assert config["theme"]["font"] is False
    assert config["use_directory_urls"] is False


# text that wants to be more than text


def test_evil_titles_are_text_in_title_header_and_navigation(tmp_path: Path) -> None:
    workspace, pages = make(tmp_path, lambda text: f"{text} {EVIL}")
    assert build_site(workspace, pages, strict=True)
    for name, html in html_reading.pages_of(workspace.site):
        assert not re.search(r"<script>\s*alert", html), name
        assert (
            "alert(1)"
            not in re.sub(r"<title>.*?</title>", "", html.partition("</head>")[0], flags=re.DOTALL).partition("<meta")[0]
        )
        read = html_reading.read(html)
        assert f"A small study {EVIL}" in read.words, name
        assert not {tag for tag, _ in read.tags} & {"em", "iframe"}, name
    small = (workspace.site / "experiment-small.html").read_text()
    title = re.search(r"<title>(.*?)</title>", small, re.DOTALL)
    assert title
    assert "<" not in title[1]
    assert html_reading.read(f"<p>{title[1]}</p>").words == f"Small network {EVIL} - A small study {EVIL}"


# in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield started
        started.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A page that fails the test if it complains or asks for anything that is not on this disk."""
    complaints: list[str] = []
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: complaints.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    yield page
    page.context.close()
    assert complaints == []


def test_search_works_from_the_file_system(tab: Any, site: Path) -> None:
    tab.goto((site / "index.html").as_uri())
    tab.click(".md-search__input")
    tab.keyboard.type("calibration")
    tab.wait_for_selector(".md-search-result__item")
    assert tab.locator(".md-search-result__item").count() >= 2
    assert tab.get_attribute("[data-md-component=search]", "aria-label") == "Search"


def test_interactive_figure_replaces_the_picture_and_goes_back(tab: Any, site: Path) -> None:
    tab.goto((site / "experiment-small.html").as_uri())
    button = tab.locator("#figure-reliability-small button.explore")
    picture = tab.locator("#figure-reliability-small > img")
    assert picture.is_visible()
    button.click()
    tab.wait_for_selector("#figure-reliability-small .plot .main-svg")
    assert not picture.is_visible()
    assert tab.get_attribute("#figure-reliability-small .plot", "aria-label") == picture.get_attribute("alt")
    button.click()
    assert picture.is_visible()


def test_pages_fit_a_phone(tab: Any, site: Path) -> None:
    tab.set_viewport_size({"width": 360, "height": 800})
    for slug in SLUGS:
        tab.goto((site / f"{slug}.html").as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, slug


def test_pages_of_networks_on_recordings_fit_a_phone(tab: Any, recorded: Path) -> None:
    tab.set_viewport_size({"width": 360, "height": 800})
    for slug in ("experiment-waves", "frequencies-waves", "comparison-brains-loso"):
        tab.goto((recorded / f"{slug}.html").as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, slug
