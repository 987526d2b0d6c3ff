"""The PDF: tagged, outlined, numbered as the site, complete, and not printed again for nothing."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from xml.etree.ElementTree import Element, fromstring

import html_reading
import make_small_store
import pikepdf
import pypdf
import pytest

from reportgen.errors import FailedError, MachineError
from reportgen.figures._style import drawing_style, new_figure
from reportgen.report import book as books
from reportgen.report import pdf as pdfs
from reportgen.report.lettering import lettered
from reportgen.report.pages import Page, Pages, render_pages
from reportgen.report.pdf import plan_pdf
from reportgen.report.printer import Order, print_order
from reportgen.workspace import Workspace

ROOT = Path(__file__).parent.parent
CHAPTERS = [
    "Overview",
    "Small faces",
    "Small network",
    "Published network",
    "Comparison on Small faces, official split",
    "Audits",
    "Methods",
    "Limits and responsible use",
    "Reproduce",
    "References",
]


def make(folder: Path, **options: Any) -> tuple[Workspace, Pages]:
    """A workspace with rendered pages."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    workspace = Workspace(folder, folder)
    store, build, drawn = make_small_store.make_store(folder / "data" / "store", **options)
    pages = render_pages(store, build, drawn, workspace.pages, templates=[ROOT / "templates"], failed={}, public=False)
    return workspace, pages


def print_pdf(workspace: Workspace, pages: Pages, *, paper: Literal["A4", "Letter"]) -> bool:
    """Print if anything changed; returns whether it did."""
    printing = plan_pdf(workspace, pages, paper=paper)
    if printing:
        printing.print()
    return printing is not None


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Pages]:
    workspace, pages = make(tmp_path_factory.mktemp("printed"))
    assert print_pdf(workspace, pages, paper="A4")
    return workspace, pages


@pytest.fixture(scope="module")
def tree(printed: tuple[Workspace, Pages]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(printed[0].pages / "report.pdf") as document:
        yield document


@pytest.fixture(scope="module")
def texts(printed: tuple[Workspace, Pages]) -> list[str]:
    """Of each page, white space folded."""
    reader = pypdf.PdfReader(printed[0].pages / "report.pdf")
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def elements(tree: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every structure element."""
    todo = [tree.Root.StructTreeRoot]
    while todo:
        element = todo.pop()
        children = element.get("/K", [])
        for child in children if isinstance(children, pikepdf.Array) else [children]:
            if isinstance(child, pikepdf.Dictionary) and "/S" in child:
                yield child
                todo.append(child)


def test_document_is_tagged_and_named(tree: pikepdf.Pdf) -> None:
    assert tree.Root.MarkInfo.Marked
    assert str(tree.Root.Lang) == "en"
    assert str(tree.docinfo["/Title"]) == "A small study"
    assert str(tree.docinfo["/Author"]) == "Ada Small, Bo Tiny"
    assert "/CreationDate" not in tree.docinfo
    with tree.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"


def test_structure_has_tables_figures_and_headings(tree: pikepdf.Pdf, printed: tuple[Workspace, Pages]) -> None:
    kinds = [str(element.S) for element in elements(tree)]
    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/TD", "/L", "/LI", "/Link", "/Figure"} <= set(kinds)
    shown = sum(page.markdown.count("<img ") for page in printed[1].pages)
    pictures = [element for element in elements(tree) if element.S == "/Figure" and "/Alt" in element]
    assert len(pictures) == shown
    assert all(len(str(element.Alt)) > 20 for element in pictures)


def test_paper_is_a4(tree: pikepdf.Pdf) -> None:
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in tree.pages} == {(595, 842)}


def test_paper_may_be_letter(printed: tuple[Workspace, Pages], tmp_path: Path) -> None:
    pages = replace(printed[1], pages=(Page("index", "Overview", "", "# T {: #top }\n\nOne page.\n"),), data=())
    shutil.copytree(printed[0].out, tmp_path / "out")
    elsewhere = Workspace(printed[0].root, tmp_path / "out")
    assert print_pdf(elsewhere, replace(pages, folder=elsewhere.pages), paper="Letter")
    with pikepdf.open(elsewhere.pages / "report.pdf") as document:
        assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in document.pages} == {(612, 792)}


def test_bookmarks_are_the_chapters_and_their_sections(tree: pikepdf.Pdf) -> None:
    with tree.open_outline() as outline:
        assert [entry.title for entry in outline.root] == ["Contents", *CHAPTERS]
        small = outline.root[3]
        assert [entry.title for entry in small.children][:3] == ["Result", "How its settings were found", "How it learned"]
        assert small.children[3].children[0].title == "Fear is mistaken for sadness"


def test_contents_give_the_right_pages(texts: list[str]) -> None:
    contents = " ".join(text for text in texts[1:3] if "Contents" in text)
    for chapter in CHAPTERS:
        found = re.search(rf"{chapter}[ .]+(\d+)", contents)
        assert found, chapter
        assert texts[int(found[1]) - 1].replace(f"{found[1]} / {len(texts)}", "").strip().startswith(chapter), chapter


def test_pages_have_a_running_head_and_a_number(texts: list[str]) -> None:
    for number, text in enumerate(texts[1:], start=2):
        assert f"{number} / {len(texts)}" in text
    assert "/ " not in texts[0].partition("Build")[0]
    inside = next(i for i, text in enumerate(texts) if "Is its confidence honest?" in text and i > 2)
    assert "Small network" in texts[inside], "the running head names the chapter"


def test_cover_says_what_it_is(texts: list[str]) -> None:
    for words in ("A small study", "Ada Small and Bo Tiny", "2026-11-01", "version 1.0", "quick profile", "Simulated data"):
        assert words in texts[0]


def test_numbers_and_captions_are_those_of_the_site(texts: list[str], printed: tuple[Workspace, Pages]) -> None:
    everything = " ".join(texts)
    markdown = "".join(page.markdown for page in printed[1].pages)
    captions = re.findall(r"<b>((?:Figure|Table) \d+)\.</b> ([^<&\[]{1,40})", markdown)
    assert len(captions) > 20
    for label, start in captions:
        assert f"{label}. {start.split('  ')[0].strip()[:20]}" in everything, label


def test_figures_stay_with_their_captions(texts: list[str], tree: pikepdf.Pdf) -> None:
    """A page that has the caption of a figure draws a picture."""
    for text, page in zip(texts, tree.pages, strict=True):
        if re.search(r"Figure \d+\. ", text):
            assert page.resources.get("/XObject") or b" re\n" in page.Contents.read_bytes(), text[:80]


def test_screen_only_parts_are_left_out(texts: list[str]) -> None:
    everything = " ".join(texts)
    assert "Data (CSV)" not in everything
    assert "How it was made" not in everything
    assert "¶" not in everything
    assert '"scatter"' not in everything


def test_links_lead_to_places_in_the_document(tree: pikepdf.Pdf) -> None:
    names = set()
    inside = outside = 0
    todo = [tree.Root.Names.Dests]
    while todo:
        node = todo.pop()
        todo += list(node.get("/Kids", []))
        names |= {str(name) for name in list(node.get("/Names", []))[::2]}
    for page in tree.pages:
        for note in page.get("/Annots", []):
            if note.get("/Subtype") != "/Link":
                continue
            if "/Dest" in note:
                assert str(note.Dest) in names
                inside += 1
            else:
                assert str(note.A.URI).startswith("https://"), note.A.URI
                outside += 1
    assert inside > 50
    assert outside >= 5


def test_data_are_attached(tree: pikepdf.Pdf, printed: tuple[Workspace, Pages]) -> None:
    assert {"scores-small.json", "forest.csv", "results.csv", "study.toml", "references.bib"} <= set(tree.attachments)
    assert len(tree.attachments) == len(printed[1].data)
    attached = tree.attachments["forest.csv"].get_file().read_bytes()
    assert attached == (printed[0].pages / "figures" / "forest.csv").read_bytes()


def test_fonts_are_embedded_and_not_the_readers_own(tree: pikepdf.Pdf) -> None:
    fonts = {str(font.BaseFont) for page in tree.pages for font in page.resources.get("/Font", {}).values()}
    assert fonts
    for font in fonts:
        assert re.fullmatch(r"/[A-Z]{6}\+Report-(Text|Sans|Mono|Letters)(-\w+)*", font), f"{font} is none of ours"


# words of pictures


def drawn(folder: Path, *lines: str, **how: Any) -> bytes:
    """An SVG of matplotlib with some lines of text."""
    with drawing_style():
        picture = new_figure("narrow", 2)
        for index, line in enumerate(lines):
            picture.text(0.1, 0.1 + 0.1 * index, line, **how)
        picture.savefig(folder / "drawn.svg")
    return (folder / "drawn.svg").read_bytes()


def parts(svg: bytes, tag: str) -> list[Element]:
    return list(fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{tag}"))  # noqa: S314 - drawn above


def words_of(svg: bytes) -> list[str]:
    return [element.text or "" for element in parts(svg, "text")]


def test_words_of_pictures_are_text_again(tmp_path: Path) -> None:
    lines = ["validation", "p < 0.05 & n > 3", "two  spaces", "3\xa0min", "−1 → Δ"]
    assert words_of(lettered(drawn(tmp_path, *lines))) == lines
    assert words_of(lettered(drawn(tmp_path, "turned", rotation=90, weight="bold"))) == ["turned"]
    assert b"rotate(-90)" in lettered(drawn(tmp_path, "turned", rotation=90))
    html = '<h2>a</h2><p><img src="drawn.svg" alt="lines"></p>'
    order = small_order(tmp_path, html)
    drawn(tmp_path, *lines)
    assert print_order(order) == []
    text = pypdf.PdfReader(order.target).pages[0].extract_text()
    assert "validation" in text
    assert "p < 0.05 & n > 3" in text


def test_letters_stay_where_they_were_drawn(tmp_path: Path) -> None:
    svg = drawn(tmp_path, "AVATAR To")
    outlines = [use.get("transform", "translate(0 0)") for use in parts(svg, "use")]
    along = [float(place[len("translate(") :].split()[0]) for place in outlines]  # in hundredths of the letters' size
    (line,) = parts(lettered(svg), "text")
    assert line.get("font-size") == "8"
    assert [float(x) for x in line.get("x", "").split()] == pytest.approx([x * 0.08 for x in along], abs=6e-4)
    assert line.get("transform") in svg.decode()


def test_joined_letters_keep_their_shape(tmp_path: Path) -> None:
    """Matplotlib draws the two letters of fi as one."""
    assert words_of(lettered(drawn(tmp_path, "final flow, off"))) == ["\ufb01nal \ufb02ow, o\ufb00"]


def test_what_is_not_plain_text_stays_drawn(tmp_path: Path) -> None:
    svg = drawn(tmp_path, "abc", "$10^{-2}c$", parse_math=True)
    kept = lettered(svg)
    assert words_of(kept) == ["abc"]
    used = {use.get("{http://www.w3.org/1999/xlink}href", "")[1:] for use in parts(kept, "use")}
    assert used
    assert used <= {path.get("id") for path in parts(kept, "path")}, "an outline that was defined in replaced text is gone"
    assert lettered(b"no picture") == b"no picture"
    assert words_of(lettered(drawn(tmp_path, "a -- b"))) == [], "a comment cannot say it"


# not again


def test_unchanged_pdf_is_not_printed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[Order] = []

    def quick(order: Order) -> None:
        orders.append(order)
        Path(order.target).write_bytes(b"%PDF stands for the real one")

    monkeypatch.setattr(pdfs, "_print", quick)
    workspace, pages = make(tmp_path)
    assert print_pdf(workspace, pages, paper="A4")
    assert not print_pdf(workspace, pages, paper="A4")
    assert print_pdf(workspace, pages, paper="Letter")
    (workspace.pages / "figures" / "forest.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert print_pdf(workspace, pages, paper="Letter"), "a picture changed"
    (workspace.pages / "report.pdf").write_bytes(b"half")
    assert print_pdf(workspace, pages, paper="Letter"), "the PDF was damaged"
    assert not print_pdf(workspace, pages, paper="Letter")
    assert [re.search(r"@page \{ size: (\w+)", order.html)[1] for order in orders] == ["A4", *["Letter"] * 3]  # type: ignore[index]


def small_order(folder: Path, html: str) -> Order:
    (folder / "data.csv").write_text("a\n1\n")
    (folder / "picture.svg").write_bytes(make_small_store.svg("picture"))
    (folder / "picture.png").write_bytes(make_small_store.png())
    document = f'<!doctype html><html lang="en"><head><title>t</title></head><body><h1>t</h1>{html}</body></html>'
    return Order(document, str(folder), str(pdfs._fonts()), str(folder / "out.pdf"), [(str(folder / "data.csv"), "data")])


def test_printing_again_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    printed = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        order = small_order(tmp_path / name, '<p><img src="picture.svg" alt="bars"> <img src="picture.png" alt="a ramp"></p>')
        assert print_order(order) == []
        printed.append(Path(order.target).read_bytes())
    assert printed[0] == printed[1]


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<img src="picture.png">', "no required alt description"),
        ('<p><a href="#nowhere">x</a></p>', "nowhere"),
        ('<img src="gone.png" alt="gone">', "gone.png"),
        ('<img src="../../../../../../../../etc/hostname" alt="a secret">', "No such file"),
        ('<img src="%2e%2e/%2e%2e/secret.png" alt="a secret">', "outside of the report"),
        ('<img src="file:///etc/hostname" alt="a secret">', "outside of the report"),
        ('<img src="https://example.org/x.png" alt="elsewhere">', "outside of the report"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(html: str, fault: str, tmp_path: Path) -> None:
    faults = print_order(small_order(tmp_path, html))
    assert any(fault in line for line in faults), faults
    assert not (tmp_path / "out.pdf").exists()


# what may be missing


def test_without_pango_it_says_how_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")\n")
    monkeypatch.setenv("PYTHONPATH", str(stub))
    workspace, pages = make(tmp_path / "workspace")
    with pytest.raises(MachineError) as caught:
        print_pdf(workspace, pages, paper="A4")
    assert "no Pango" in caught.value.message
    assert "apt install libpango-1.0-0" in caught.value.hint
    assert not (workspace.pages / "report.pdf").exists()


def test_killed_printer_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "weasyprint.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setenv("PYTHONPATH", str(stub))
    workspace, pages = make(tmp_path / "workspace")
    with pytest.raises(MachineError, match="killed"):
        print_pdf(workspace, pages, paper="A4")


def test_fault_of_a_page_fails_the_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, pages = make(tmp_path)
    bad = Page("index", "Overview", "", '# A {: #top }\n\n<img src="figures/forest.svg">\n')
    with pytest.raises(FailedError, match="no required alt description"):
        print_pdf(workspace, Pages(pages.folder, pages.report, (bad,), (), pages.templates, True), paper="A4")


# the book


def test_anchors_of_all_pages_share_one_document() -> None:
    first = Page(
        "index",
        "Overview",
        "",
        "# T {: #top }\n\n[a](second.md#x) [b](#x) <a href='second.html'>c</a> [d](https://x.y)\n\n## X {: #x }\n",
    )
    second = Page("second", "Second", "", "# S {: #top }\n\n## X {: #x }\n\n<p><a href='tables/x.csv'>e</a></p>\n")
    chapters = [
        books._chapter(page, {"attr_list": {}, "toc": {"permalink": True}}, {"index", "second"}) for page in (first, second)
    ]
    links = re.findall(r'href="([^"]+)"', chapters[0].html)
    assert links == ["#second--x", "#index--x", "#second", "https://x.y"]
    assert re.findall(r' id="([^"]+)"', chapters[0].html + chapters[1].html) == ["index", "index--x", "second", "second--x"]
    assert "<span>e</span>" in chapters[1].html, "a file beside the pages is attached, not linked"
    assert [(heading.level, heading.text, heading.target) for heading in chapters[0].headings] == [
        (1, "Overview", "#index"),
        (2, "X", "#index--x"),
    ]


def test_evil_text_stays_text_in_print(tmp_path: Path) -> None:
    attack = "</p><script>alert(1)</script><img src=x> *em* {{ 7*7 }}"
    _, pages = make(tmp_path, text=lambda text: f"{text} {attack}")
    read = html_reading.read(books.book(pages, {"attr_list": {}, "toc": {}}, paper="A4"))
    assert not {tag for tag, _ in read.tags} & {"script", "em"}
    assert all((image["src"] or "").startswith("figures/") for image in read.images)
    assert read.words.count("alert(1)") == read.words.count(attack) > 20
