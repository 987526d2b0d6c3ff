"""Pages: what a build becomes as Markdown, from a small store that is kept with the tests."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

import html_reading
import jinja2
import make_small_networks
import make_small_recordings
import make_small_store
import markdown
import numpy as np
import pytest
from annotated_doc import Doc
from jinja2 import meta, nodes

from reportgen import plugins
from reportgen.applying import answers
from reportgen.applying import page as applying
from reportgen.errors import UsageError
from reportgen.frequencies.effect import Effect, Grid
from reportgen.frequencies.summary import Study, summary
from reportgen.report import (
    context,
    frequencies,
    ratings,
    regressions,
    results,
    shelf,
    spaces,
    subjects,
    synthetic,
    synthetic_words,
    tables,
)
from reportgen.report.figures import plan_figures
from reportgen.report.numbering import Numbering, Place
from reportgen.report.pages import Page, Pages, render_pages
from reportgen.report.pictures import placed
from reportgen.report.references import Publication, parse
from reportgen.report.results import Score
from reportgen.report.tables import Code, Link, Seconds, Table
from reportgen.report.templates import FILTERS, Sheet, environment, plain, verbatim
from reportgen.store import Build, Store

TEMPLATES = Path(__file__).parent.parent / "templates"
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
RECORDED = (
    "index",
    "data-brains",
    "data-strangers",
    "data-moods",
    "data-both",
    "experiment-look",
    "experiment-bands",
    "experiment-bands-clip",
    "experiment-together",
    "experiment-given",
    "experiment-waves",
    "comparison-brains-loso",
    "contrast-brains-logistic-regression",
    "frequencies-waves",
    "audits",
    "methods",
    "limits",
    "reproduce",
    "references",
)
"""The pages of the study of recordings."""
EVIL = "</title><script>alert(1)</script> *em* __b__ [x](javascript:y) {{ 7*7 }} {% x %} & &lt; | # `c` <!-- \" ' ~~s~~ \\* $m$"


def evil(text: str) -> str:
    return f"{text} {EVIL}"


@pytest.fixture(scope="module")
def small() -> tuple[Store, Build, dict[str, str]]:
    """The kept store, its build and the keys of its figures."""
    return kept("small")


def kept(study: str) -> tuple[Store, Build, dict[str, str]]:
    """A study of the kept store, its build and the keys of its figures."""
    store = Store(make_small_store.HERE)
    _, build = store.last_build(study)
    own = set(build.records.values())
    records = [store.record(path.name) for path in sorted((store.root / "objects").iterdir())]
    return store, build, {r.step: r.key for r in records if r and r.step.startswith("figure ") and own >= {*r.inputs.values()}}


def render(small: tuple[Store, Build, dict[str, str]], folder: Path, **options: Any) -> Pages:
    store, build, drawn = small
    given = {"templates": [TEMPLATES], "failed": {}, "public": False, **options}
    return render_pages(store, given.pop("build", build), given.pop("drawn", drawn), folder, **given)


def page(pages: Pages, slug: str) -> Page:
    return next(page for page in pages.pages if page.slug == slug)


def as_html(markdown_text: str) -> html_reading.Read:
    body = re.sub(r"^---\n.*?\n---\n", "", markdown_text, flags=re.DOTALL)
    return html_reading.read(markdown.markdown(body, extensions=["attr_list", "toc"]))


@pytest.fixture(scope="module")
def rendered(small: tuple[Store, Build, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return render(small, tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """The pages of the study of recordings."""
    return render(kept("recordings"), tmp_path_factory.mktemp("recorded"))


def test_kept_store_is_what_its_script_makes(tmp_path: Path) -> None:
    make_small_store.make_store(tmp_path / "store")
    make_small_recordings.make_store(tmp_path / "store")
    made, kept = (
        {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for root in (tmp_path / "store", make_small_store.HERE)
    )
    assert made == kept, "run `python tests/make_small_store.py`"


@pytest.mark.parametrize("slug", SLUGS)
def test_page_is_as_expected(slug: str, rendered: Pages, golden: Callable[[str, str], None]) -> None:
    golden(f"{slug}.md", page(rendered, slug).markdown)


def test_pages_are_these_in_this_order(rendered: Pages) -> None:
    assert tuple(page.slug for page in rendered.pages) == SLUGS
    assert [page.section for page in rendered.pages] == [
        "",
        "Data",
        *["Experiments"] * 2,
        "Across experiments",
        *["Behind the results"] * 5,
    ]


def test_sentences_are_set_apart(rendered: Pages, recorded: Pages) -> None:
    """A template that ends a line with a block eats the blank before the next sentence."""
    for rendered_page in (*rendered.pages, *recorded.pages):
        text = as_html(rendered_page.markdown).words
        assert not re.findall(r"[a-z)\]][.;:?](?=[A-Z])[A-Z]\w*", text), rendered_page.slug
        assert not re.findall(r"\w,(?=[A-Za-z])\w+|\( | \)| [.,;](?= |$)", text), rendered_page.slug


def test_second_rendering_writes_nothing(small: tuple[Store, Build, dict[str, str]], tmp_path: Path) -> None:
    assert render(small, tmp_path).changed
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert not render(small, tmp_path).changed
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_only_what_changed_is_written_and_what_is_stale_goes(
    small: tuple[Store, Build, dict[str, str]], tmp_path: Path
) -> None:
    render(small, tmp_path)
    (tmp_path / "old").mkdir()
    for stale in (tmp_path / "experiment-old.md", tmp_path / "old" / "picture.svg"):
        stale.write_text("stale")
    (tmp_path / "limits.md").write_text("edited by hand")
    untouched = (tmp_path / "audits.md").stat().st_mtime_ns
    assert render(small, tmp_path).changed
    assert not (tmp_path / "experiment-old.md").exists()
    assert not (tmp_path / "old").exists()
    assert "responsible use" in (tmp_path / "limits.md").read_text()
    assert (tmp_path / "audits.md").stat().st_mtime_ns == untouched


def test_pdf_is_kept_and_linked_only_if_there_is_one(small: tuple[Store, Build, dict[str, str]], tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    assert "report.pdf" in page(render(small, tmp_path), "index").markdown
    assert (tmp_path / "report.pdf").exists()
    assert "report.pdf" not in page(render(small, tmp_path, pdf=False), "index").markdown
    assert not (tmp_path / "report.pdf").exists()


# numbers


def test_numbers_on_the_overview_are_those_of_the_scores(rendered: Pages) -> None:
    text = as_html(page(rendered, "index").markdown).words
    assert (
        "Small network reaches an accuracy of 0.68 ± 0.02 (mean and standard deviation over 2 seeds) on 126 test samples"
        in text
    )
    assert "95 % interval [0.64, 0.72]" in text
    assert "Always answering neutral would reach 0.21, guessing 0.14." in text
    assert "Without the 6 test samples that have an identical twin in training it reaches 0.67" in text


def test_smoke_trained_experiment_is_no_result(rendered: Pages) -> None:
    overview = as_html(page(rendered, "index").markdown).words
    assert "Published network" not in overview.partition("Figure 1")[0], "it must not be named in the answer"
    assert "smoke-trained: not a result" in overview
    assert "These scores are not a result" in as_html(page(rendered, "experiment-large").markdown).words


def test_too_few_groups_claim_nothing(rendered: Pages) -> None:
    text = as_html(page(rendered, "experiment-large").markdown).words
    assert "There are too few independent groups for an interval, so nothing is claimed." in text
    assert "95 % interval [" not in text


def test_simulated_data_is_called_so_on_every_page_about_it(rendered: Pages) -> None:
    for slug in ("index", "data-faces", "experiment-small", "experiment-large", "limits", "methods"):
        assert "simulated" in page(rendered, slug).markdown.lower(), slug


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (Score(mean=0.6758, sd=0.0149, low=0.661, high=0.691, seeds=()), "0.676 ± 0.015 [0.661, 0.691]"),
        (Score(mean=0.6758, sd=0.0149, low=0.63, high=0.72, seeds=()), "0.68 ± 0.01 [0.63, 0.72]"),
        (Score(mean=0.6758, sd=None, low=None, high=None, seeds=()), "0.68"),
        (Score(mean=0.6758, sd=0.08, low=None, high=None, seeds=()), "0.68 ± 0.08"),
        (Score(mean=None, sd=None, low=None, high=None, seeds=()), "–"),
    ],
)
def test_scores_have_the_digits_that_their_interval_supports(score: Score, shown: str) -> None:
    assert score.estimate.replace("\N{NO-BREAK SPACE}", " ") == shown


def test_published_values_stand_beside_the_same_model_on_the_same_part_only(rendered: Pages) -> None:
    large, small_one = (page(rendered, f"experiment-{name}").markdown for name in ("large", "small"))
    row = re.search(r"<tr>\n<th scope=\"row\">Accuracy published by their Table 2</th>.*?</tr>", large, re.DOTALL)
    assert row
    assert re.findall(r">([^<\n]+)</td>", row[0]) == ["0.676", "–"]
    assert "published by" not in small_one


def test_csv_of_a_table_has_all_digits(rendered: Pages) -> None:
    with (rendered.folder / "tables" / "results.csv").open(newline="") as file:
        small_row, large_row = csv.DictReader(file)
    assert small_row["Experiment"] == "Small network (small, fer_gap_small)"
    assert large_row["Experiment"] == "Published network (large, fer_vgg; smoke-trained: not a result)"
    assert float(small_row["Accuracy mean"]) == 0.676
    assert float(small_row["Accuracy low"]) == pytest.approx(0.635)
    assert large_row["Accuracy low"] == ""
    assert int(small_row["Parameters"]) == 3332679


def test_table_cells() -> None:
    cells = (Link("a", "b.html", "note"), Code("k"), Seconds(75.0), 1234, 0.5, None, "text")
    table = Table(id="table-x", caption="", head=tuple("abcdefg"), rows=(cells,))
    assert [table.text(cell) for cell in cells] == ["a", "k", "1\xa0min 15\xa0s", "1\u202f234", "0.500", "–", "text"]
    assert table.numeric == (False, False, True, True, True, False, False)
    assert table.csv() == "a,b,c [s],d,e,f,g\na (note),k,75.0,1234,0.5,,text\n"


# figures


def test_figures_and_tables_are_numbered_in_reading_order(rendered: Pages) -> None:
    text = "".join(page.markdown for page in rendered.pages)
    for word in ("Figure", "Table"):
        numbers = [int(n) for n in re.findall(rf"<b>{word} (\d+)\.</b>", text)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers


def test_references_between_pages_have_the_right_number(rendered: Pages) -> None:
    shown = {}
    for rendered_page in rendered.pages:
        for anchor, number in re.findall(
            r'<figure class="[^"]*" id="([^"]+)">.*?<b>Figure (\d+)', rendered_page.markdown, re.DOTALL
        ):
            shown[f"{rendered_page.slug}.html#{anchor}"] = number
    referred = re.findall(r'<a href="([^"]+)">Figure&nbsp;(\d+)</a>', page(rendered, "index").markdown)
    assert len(referred) == 3
    assert all(shown[target] == number for target, number in referred)


def test_every_figure_comes_with_caption_alt_data_and_origin(rendered: Pages) -> None:
    reproduce = page(rendered, "reproduce").markdown
    figures = [f for p in rendered.pages for f in re.findall(r'<figure class="figure.*?</figure>', p.markdown, re.DOTALL)]
    assert len(figures) == 13
    for figure in figures:
        read = html_reading.read(figure)
        picture = read.images[0]
        assert len(picture["alt"] or "") > 20
        assert picture["alt"] not in read.words
        assert (rendered.folder / (picture["src"] or "")).stat().st_size
        data, record = read.links
        assert (rendered.folder / data).read_text().startswith("class,value")
        assert f'id="{record.partition("#")[2]}"' in reproduce


def test_interactive_figure_brings_its_json_and_plotly(rendered: Pages) -> None:
    assert page(rendered, "experiment-small").markdown.count('<script type="application/json" class="interactive">{"data"') == 1
    assert (rendered.folder / "assets" / "plotly.min.js").stat().st_size > 1e6


def test_no_plotly_without_interactive_figures(small: tuple[Store, Build, dict[str, str]], tmp_path: Path) -> None:
    still = {step: key for step, key in small[2].items() if "reliability" not in step}
    render(small, tmp_path, drawn=still)
    assert not (tmp_path / "assets" / "plotly.min.js").exists()
    assert (tmp_path / "assets" / "reportgen.css").exists()


def picture(plugin: str, *needs: str) -> context.Picture:
    empty: dict[str, Any] = dict.fromkeys((field.name for field in fields(context.Picture)), "")
    return context.Picture(**{**empty, "id": f"figure-{plugin}", "plugin": plugin, "needs": needs})


def test_figures_find_their_place_by_id_then_by_kind_then_at_the_end() -> None:
    first = Sheet(name="10-a", title="", figures={"errors": ("confusion", "scores"), "learning": ("history",)})
    second = Sheet(name="20-b", title="", figures={"sure": ("reliability",)})
    pictures = [
        picture("bars", "scores"),
        picture("reliability", "scores"),
        picture("confusion", "scores"),
        picture("new", "model"),
    ]
    found = {name: [p.plugin for p in there] for name, there in placed(first, [first, second], pictures).items()}
    assert found == {"errors": ["confusion", "bars"], "learning": [], "rest": ["new"]}
    found = {name: [p.plugin for p in there] for name, there in placed(second, [first, second], pictures).items()}
    assert found == {"sure": ["reliability"], "rest": []}


def test_nothing_is_shown_twice() -> None:
    numbering = Numbering({}, page="index")
    assert numbering.number(picture("a")) == 1
    with pytest.raises(UsageError, match="figure-a is already shown on page index"):
        numbering.number(picture("a"))


def test_places_are_known_in_the_second_rendering() -> None:
    numbering = Numbering({}, page="late")
    assert numbering.place(picture("a")) is None
    numbering.number(picture("a"))
    numbering.begin_again()
    assert numbering.place(picture("a")) == Place("Figure", 1, "late", "figure-a")
    assert numbering.number(picture("a")) == 1


# which figures there are


@pytest.fixture
def drawers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Figure plugins of one's own."""
    folder = tmp_path / "plugins" / "figures"
    folder.mkdir(parents=True)
    for name, each, needs, shows in (
        ("whole", "study", ("scores",), ()),
        ("samples_of", "dataset", ("facts",), ("samples",)),
        ("samples_only", "dataset", ("samples",), ()),
        ("curves", "experiment", ("history",), ()),
        ("looks", "experiment", ("lime_quality",), ()),
        ("never", "experiment", ("embedding_of_nobody",), ()),
    ):
        constants = f"EACH = {each!r}\nNEEDS = {needs!r}\nSHOWS = {shows!r}\n"
        (folder / f"{name}.py").write_text(f'"""A figure."""\n{constants}def draw(inputs, *, bins: int = 15): ...\n')
    monkeypatch.setattr(plugins, "_roots", [tmp_path / "plugins"])
    plugins.find.cache_clear()
    yield
    plugins.find.cache_clear()


def test_figures_are_planned_for_every_subject_that_has_what_they_need(
    small: tuple[Store, Build, dict[str, str]], drawers: None
) -> None:
    steps = {step.name: step for step in plan_figures(small[0], small[1], public=False)}
    assert set(steps) == {
        "figure whole",
        "figure samples_of faces",
        "figure samples_only faces",
        "figure curves small",
        "figure curves large",
        "figure looks small",
    }
    curves = steps["figure curves small"]
    assert curves.inputs == ("load faces", "train small seed 0", "train small seed 1")
    assert curves.about == {"figure": "curves", "dataset": "faces", "experiment": "small"}
    assert curves.settings == {"use": "curves", "settings": {"bins": 15}}
    assert curves.reads == ("history", "facts")
    assert curves.plugins == ("figure/curves",)


def test_public_figures_have_keys_of_their_own_only_where_samples_are_hidden(tmp_path: Path, drawers: None) -> None:
    store, build, _ = make_small_store.make_store(tmp_path / "store", restricted=True)
    steps = {step.name: step for step in plan_figures(store, build, public=True)}
    assert "figure samples_only faces" not in steps
    assert steps["figure samples_of faces"].settings["public"] is True
    assert "public" not in steps["figure curves small"].settings


# what is missing


def test_missing_outputs_are_named(small: tuple[Store, Build, dict[str, str]], tmp_path: Path) -> None:
    build = replace(
        small[1], records={s: k for s, k in small[1].records.items() if s not in ("score small", "train small seed 1")}
    )
    failed = {
        "train small seed 1": "training diverged at epoch 3\n  Lower the learning rate.",
        "score small": "needs train small seed 1, which failed",
    }
    drawn = {step: key for step, key in small[2].items() if step != "figure reliability small"}
    pages = render(small, tmp_path, build=build, drawn=drawn, failed={**failed, "PDF": "no Pango"})
    own = as_html(page(pages, "experiment-small").markdown).words
    assert "There are no scores: their step did not finish." in own
    assert "train small seed 1: training diverged at epoch 3. Lower the learning rate" in own
    assert "PDF" not in own
    overview = as_html(page(pages, "index").markdown).words
    assert "No experiment has a result that can be reported yet." in overview
    assert "PDF: no Pango" in overview
    assert "no number to trace" in as_html(page(pages, "reproduce").markdown).words


def test_experiment_without_data_still_has_a_page(small: tuple[Store, Build, dict[str, str]], tmp_path: Path) -> None:
    build = replace(small[1], records={}, failed={"load faces": "no such file"})
    pages = render(small, tmp_path, build=build, drawn={}, failed=build.failed)
    slugs = [page.slug for page in pages.pages]
    assert "experiment-small" in slugs
    assert "data-faces" not in slugs
    assert "audits" not in slugs, "its front matter needs findings"
    assert "load faces: no such file" in as_html(page(pages, "index").markdown).words


# public


def test_public_report_says_what_it_leaves_out(tmp_path: Path) -> None:
    store, build, drawn = make_small_store.make_store(tmp_path / "store", restricted=True)
    small = store, build, {step: key for step, key in drawn.items() if "sample_sheet" not in step}
    local, public = (render(small, tmp_path / str(public), public=public) for public in (False, True))
    assert "build with --public before you publish" in as_html(page(local, "limits").markdown).words
    assert "What this public report leaves out" not in page(local, "limits").markdown
    text = as_html(page(public, "limits").markdown).words
    assert "This report leaves them out." in text
    assert "The figure class_means faces is left out" in text
    assert "This public report shows derived pictures in their place" in as_html(page(public, "data-faces").markdown).words


# recordings


@pytest.mark.parametrize("slug", RECORDED)
def test_page_of_recordings_is_as_expected(slug: str, recorded: Pages, golden: Callable[[str, str], None]) -> None:
    golden(f"recordings/{slug}.md", page(recorded, slug).markdown)


def test_pages_of_recordings_are_these_in_this_order(recorded: Pages) -> None:
    assert tuple(page.slug for page in recorded.pages) == RECORDED
    sections = ["", *["Data"] * 5, *["Experiments"] * 5, *["Across experiments"] * 3, *["Behind the results"] * 5]
    assert [page.section for page in recorded.pages] == sections


def check_links(pages: Pages) -> None:
    """Every link leads to a page, anchor or file that is there; no anchor stands twice on a page, no heading skips a level."""
    read = {page.slug: as_html(page.markdown) for page in pages.pages}
    for slug, own in read.items():
        assert len(own.ids) == len(set(own.ids)), slug
        levels = [int(tag[1]) for tag, _ in own.tags if re.fullmatch(r"h\d", tag)]
        assert (levels[0], levels.count(1)) == (1, 1), slug
        assert all(after - before <= 1 for before, after in pairwise(levels)), slug
        for link in own.links:
            file, _, anchor = link.partition("#")
            other = re.sub(r"\.(html|md)$", "", file) or slug
            if other in read:
                assert not anchor or anchor in read[other].ids, f"{slug}: {link}"
            elif not re.match("https?:|report.pdf", link):  # that is printed later
                assert (pages.folder / file).exists(), f"{slug}: {link}"


def test_every_link_between_pages_of_recordings_leads_somewhere(recorded: Pages) -> None:
    check_links(recorded)


def test_simulated_recordings_are_called_so_on_every_page_about_them(recorded: Pages) -> None:
    for slug in RECORDED[:-5]:
        assert "simulated" in page(recorded, slug).markdown.lower(), slug


def test_scores_of_recordings_stand_beside_people_baseline_chance_and_shuffled_labels(recorded: Pages) -> None:
    text = as_html(page(recorded, "experiment-bands").markdown).words
    for said in (
        "an accuracy of 0.62 on 192 windows of 8 subjects",
        "95 % interval [0.57, 0.67] over subjects",
        "guessing 0.33",
        "Fitted to shuffled labels, it reaches",
        "0.34, where chance gives 0.25 to 0.42",
    ):
        assert said in text
    assert "not clearly better" in as_html(page(recorded, "experiment-bands-clip").markdown).words


def test_three_people_claim_nothing(recorded: Pages) -> None:
    text = as_html(page(recorded, "experiment-given").markdown).words
    assert "3 subjects are too few for an interval, so nothing is claimed." in text
    assert not re.findall(r"\[0", text)


def test_scaling_by_subject_is_called_transductive(recorded: Pages) -> None:
    said = {slug: "transductive" in page(recorded, slug).markdown for slug in ("experiment-given", "experiment-bands")}
    assert said == {"experiment-given": True, "experiment-bands": False}


def test_a_pool_is_scored_for_each_of_its_data_sets(recorded: Pages) -> None:
    with (recorded.folder / "tables" / "sources-together.csv").open(newline="") as file:
        assert [(row["Data set"], row["Samples"]) for row in csv.DictReader(file)] == [("brains", "128"), ("strangers", "128")]


def test_the_gap_between_splits_is_the_answer(recorded: Pages) -> None:
    answer = as_html(page(recorded, "contrast-brains-logistic-regression").markdown).words.partition("Answer")[2]
    assert "0.26 [0.20, 0.31]" in answer.partition("Figure")[0]
    for slug in ("experiment-bands", "experiment-bands-clip"):
        assert "contrast-brains-logistic-regression.html" in as_html(page(recorded, slug).markdown).links


# networks on recordings


def test_network_on_recordings_says_folds_units_and_shuffled_labels(recorded: Pages) -> None:
    text = as_html(page(recorded, "experiment-waves").markdown).words
    for said in (
        "eegnet, trained anew in each of 8 folds, reaches an accuracy of 0.58 on 192 windows of 8 subjects",
        "95 % interval [0.53, 0.63] over subjects",
        "Trained on shuffled labels, it reaches a balanced accuracy of 0.34, where chance gives 0.25 to 0.42",
        "It looks at 96 windows that its networks have not learned from",
        "Each of its 8 networks begins anew",
    ):
        assert said in text
    assert "twin" not in text
    assert "image" not in text.partition("Settings and record")[0]


def test_folds_of_a_seed_are_one_row(recorded: Pages) -> None:
    with (recorded.folder / "tables" / "trainings-waves.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["Folds"], row["Epochs"]) == ("8", "2 to 4")
    assert [float(row[end]) for end in ("Lowest", "Highest")] == pytest.approx([0.46, 0.62])
    with (recorded.folder / "tables" / "layers-waves.csv").open(newline="") as file:
        assert [layer["Layer"] for layer in csv.DictReader(file)] == ["temporal", "output"]


def test_trainings_on_shuffled_labels_are_recorded_but_no_trainings_of_the_experiment(recorded: Pages) -> None:
    steps = as_html(page(recorded, "experiment-waves").markdown).words
    assert "train waves subject 1 shuffle 0 and 7 more folds" in steps
    assert "train waves subject 1 seed 0 and 7 more folds" in steps


def test_networks_are_compared_unit_by_unit(recorded: Pages) -> None:
    text = as_html(page(recorded, "comparison-brains-loso").markdown).words
    assert "192 test samples of 8 subjects, so that they can be compared subject by subject" in text
    assert "flipping the signs of their differences at random, subject by subject" in text
    assert "A look at small brains" not in text, "it has no result, and wants none"
    assert not re.findall("identical|McNemar", text)


def test_answer_names_ranges_views_and_what_was_planted(recorded: Pages) -> None:
    answer = as_html(page(recorded, "frequencies-waves").markdown).words.partition("How much")[0]
    for said in (
        "For positive the networks use 10.5–16.5 Hz (band-stop; peak at 13.5 Hz [12.0, 14.5]; strongest at PZ, FZ and CZ)",
        ", also found by gradient and band-swap.",
        ", also found by gradient, not by band-swap.",
        "For neutral no view finds a range.",
        "Networks trained on shuffled labels show none.",
        "The networks reach an accuracy of",
        "always answering negative",
        "Of 9 comparisons of two views, 6 agree clearly.",
        "Planted for negative were 34–40 Hz at T7: found by gradient and band-stop, not by band-swap.",
        "What speaks for negative lies in part in gamma at T7",
    ):
        assert said in answer
    text = as_html(page(recorded, "frequencies-waves").markdown).words
    assert "Not defined here: feature maps. The network has no convolution" in text
    assert "(0.90 [0.60, 1.20] of the logit) is no longer clear without the ring (0.10 [−0.20, 0.40]): it may be muscle" in text
    assert "band-stop 34.5–40.5 Hz 37.5 Hz [36.0, 38.5] 1.20 logit 0.012 0.120 [0.100, 0.140] T7*, FZ, CZ (gamma)" in text


def test_frequencies_are_answered_on_the_overview_and_the_page_of_their_experiment(recorded: Pages) -> None:
    for slug in ("index", "experiment-waves"):
        read = as_html(page(recorded, slug).markdown)
        assert "For positive the networks use 10.5–16.5 Hz (band-stop, gradient and band-swap)." in read.words
        assert "For neutral there is no range that two views share." in read.words
        assert "But what speaks for negative may be muscle." in read.words
        assert "frequencies-waves.html" in read.links
    assert "figures/band_effect-waves.svg" in [image["src"] for image in as_html(page(recorded, "index").markdown).images]


def changed_views(monkeypatch: pytest.MonkeyPatch, change: Callable[..., dict[str, Any]]) -> None:
    """Make up other views: of what `change` makes of the usual ones, or is given to make them of."""
    usual = make_small_networks.views
    monkeypatch.setattr(make_small_networks, "views", lambda *given: change(usual, *given))


def test_frequencies_of_three_people_are_shown_but_not_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed_views(monkeypatch, lambda usual, text, classes, channels, names: usual(text, classes, channels, names[:3]))
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    assert "3 subjects are too few to test 3 classes: what was measured is shown, and nothing is claimed." in text
    assert "not tested 13.5 Hz" in text
    assert "the networks use" not in text
    assert "show none" not in text
    assert "3 subjects are too few to say whether that is chance" in text


def test_ranges_of_shuffled_labels_cast_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(usual: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
        found = usual(*given)
        for view in found["views"][1:]:
            view["control"] = {"classes": view["classes"], "likeness": {"mean": 0.8, "low": 0.6, "high": 0.9}}
        return found

    changed_views(monkeypatch, change)
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    assert "Networks trained on shuffled labels show ranges too (gradient: negative 34.5–40.5 Hz; " in text
    assert ", also found by gradient, not by band-swap; networks trained on shuffled labels show it too." in text
    assert "The curves of gradient, band-stop and band-swap are like those of networks trained on shuffled labels." in text


def test_other_pages_tell_only_what_two_views_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of frequencies names all: further ranges of a view, views that contradict each other, what one view finds."""

    def change(usual: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
        found = usual(*given)
        gradient, stop, swap = (view["classes"] for view in found["views"][1:])
        far = {**stop[2]["ranges"][0], "low": 20.0, "high": 26.0, "effect": 0.004}
        stop[2]["ranges"].append(far)
        swap[2]["ranges"] = [{**far, "low": 28.0, "high": 30.0}]
        gradient[0]["ranges"] = []
        return found

    changed_views(monkeypatch, change)
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    assert "For positive the networks use 10.5–16.5 Hz (band-stop; peak" in text
    assert "; besides, weaker: 20–26 Hz), also found by gradient; band-swap names another range, 28–30 Hz." in text
    assert "For negative one view alone names 34.5–40.5 Hz" in text
    assert "20–26 Hz 13.5 Hz [12.0, 14.5] < 0.01 logit" in text
    overview = as_html(page(pages, "index").markdown).words
    assert "For positive the networks use 10.5–16.5 Hz (band-stop and gradient)." in overview
    assert "For negative and neutral there is no range that two views share." in overview
    assert "may be muscle" not in overview


def test_tests_over_trials_say_nothing_about_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with two classes, what speaks for one speaks against the other."""

    def change(usual: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
        found = usual(*given)
        best = found["views"][2]["classes"][2]["ranges"][0]
        found["views"][1]["classes"][2]["ranges"] = [{**best, "low": 20.0, "high": 22.0}]
        found["views"][3]["classes"][2]["ranges"] = []
        found["muscles"]["why"]["without_temporal"] = "2 other electrodes with a position are too few"
        found["muscles"]["loss"]["without_temporal"] = None
        pairs = [row for row in found["agreement"] if row["class"] != "negative"]
        return {**found, "unit": "trial", "classes": found["classes"][1:], "fine": False, "agreement": pairs}

    changed_views(monkeypatch, change)
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    for said in (
        "on 48 test trials that they have not learned from",
        "For positive views name different ranges: 10.5–16.5 Hz (band-stop; strongest at PZ, FZ and CZ)",
        " and 20–22 Hz (gradient)",
        "Tests are over trials of these people, and say nothing about others.",
        "so that gradient and band-swap name the same range for both.",
        "usual in the fold",
        "of another class in the fold",
        "The temporal ring could not be computed from others: 2 other electrodes with a position are too few.",
    ):
        assert said in text
    assert "Peak" not in text
    overview = as_html(page(pages, "index").markdown).words
    assert "For neutral and positive there is no range that two views share. Tests are over trials of these people" in overview


@pytest.mark.parametrize(("accuracy", "said"), [(0.3, "not better"), (0.35, "not clearly better")])
def test_networks_that_learned_nothing_are_called_so(
    accuracy: float, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = make_small_recordings.scores

    def change(make: Any, one: make_small_recordings.Baseline) -> dict[str, Any]:
        return usual(make, replace(one, accuracy=accuracy))

    monkeypatch.setattr(make_small_recordings, "scores", change)
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    assert f"That is {said} than always giving one answer: what follows describes networks that have learned nothing" in text
    overview = as_html(page(pages, "index").markdown).words
    assert f"But the networks are {said} than always giving one answer, and what speaks for negative may be muscle." in overview


def test_what_a_class_lacks_is_not_told_as_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(usual: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
        found = usual(*given)
        for view in found["views"]:
            ranges = {row["class"]: row["ranges"] for row in view["classes"]}
            for row in view["classes"]:
                if row["class"] == "neutral":
                    row["ranges"] = [{**one, "effect": one["effect"] / 5} for one in ranges["positive"]]
        return found

    changed_views(monkeypatch, change)
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    assert "it may be the lack of what speaks for positive there" in text
    assert "perhaps for lack of what speaks for positive there" in as_html(page(pages, "index").markdown).words


def test_what_only_feature_maps_show_is_not_called_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(usual: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
        found = usual(*given)
        passes = {**found["views"][2], "view": "passes", "quantity": "AUC − 0.5"}
        others = [{**view, "classes": [{**row, "ranges": []} for row in view["classes"]]} for view in found["views"][1:]]
        return {**found, "views": [passes, *others]}

    changed_views(monkeypatch, change)
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    assert "For positive what layers pass on tells most at 10.5–16.5 Hz (feature maps; " in text
    assert ", not found by band-stop, gradient and band-swap, so that nothing says that it is used." in text
    assert "the networks use" not in text.partition("How much each")[0].replace("Which frequencies do the networks", "")


def test_bands_as_a_whole_have_no_peaks_and_given_features_no_check_of_muscles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(usual: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
        found = usual(*given)
        undefined = {"defined": False, "why": "features were given", "classes": [], "control": None}
        views = [{**view, **undefined} if view["view"] in ("stop", "swap") else view for view in found["views"]]
        return {**found, "fine": False, "views": views, "muscles": None, "truth": None, "agreement": []}

    changed_views(monkeypatch, change)
    pages = render(make_small_recordings.make_store(tmp_path / "store"), tmp_path / "pages")
    text = as_html(page(pages, "frequencies-waves").markdown).words
    assert "For positive the networks use 10.5–16.5 Hz (gradient; strongest at" in text
    assert "frequencies within a band cannot be told apart" in text
    assert "Not defined here: band-stop. Features were given." in text
    assert "could not be tried: that takes the signals" in text
    assert "Planted" not in text
    check_links(pages)


def test_figures_of_frequencies_go_to_the_page_of_the_experiment_if_nobody_asked(tmp_path: Path) -> None:
    """Single bands may be tried without any view."""
    store, build, drawn = kept("recordings")
    lost = "explain waves frequencies"
    records = {step: key for step, key in build.records.items() if step != lost}
    keys = {step: key for step, key in drawn.items() if lost not in (store.record(key) or build).inputs}  # type: ignore[union-attr]
    pages = render((store, replace(build, records=records), keys), tmp_path, failed={lost: "out of memory"})
    assert "frequencies-waves" not in {one.slug for one in pages.pages}
    own = as_html(page(pages, "experiment-waves").markdown)
    assert "figures/band_scores-waves.svg" in [image["src"] for image in own.images]
    assert "explain waves frequencies: out of memory" in own.words
    check_links(pages)


def test_public_report_of_restricted_recordings_shows_no_signal(tmp_path: Path) -> None:
    store, build, drawn = make_small_recordings.make_store(tmp_path / "store", restricted=True)
    shown = {step: key for step, key in drawn.items() if "recorded_signals" not in step}
    public = render((store, build, shown), tmp_path / "public", public=True)
    assert "This public report shows derived pictures in their place" in as_html(page(public, "data-brains").markdown).words
    assert "The figure recorded_signals brains is left out" in as_html(page(public, "limits").markdown).words
    assert not [s.name for s in plan_figures(store, build, public=True) if s.name.startswith("figure recorded_signals")]


def test_missing_folds_are_named(tmp_path: Path) -> None:
    store, build, drawn = kept("recordings")
    lost = ("fit bands subject 3 seed 0", "evaluate bands seed 0", "score bands", f"contrast {make_small_recordings.CONTRAST}")
    failed = {
        lost[0]: "no feature varies in the training part",
        **{step: f"needs {before}, which failed" for before, step in pairwise(lost)},
    }
    records = {step: key for step, key in build.records.items() if step not in lost}
    left = {step: key for step, key in drawn.items() if "contrast" not in step and "unit_scores bands" not in step}
    pages = render((store, replace(build, records=records), left), tmp_path, failed=failed)
    text = as_html(page(pages, "experiment-bands").markdown).words
    assert "There are no scores: their step did not finish." in text
    assert "fit bands subject 3 seed 0: no feature varies in the training part" in text
    assert not [p for p in pages.pages if p.slug.startswith("contrast")]
    assert "did not finish" not in as_html(page(pages, "experiment-bands-clip").markdown).words


def test_recordings_that_could_not_be_read_leave_a_page_that_says_so(tmp_path: Path) -> None:
    store, build, _ = kept("recordings")
    pages = render((store, replace(build, records={}), {}), tmp_path, failed={"load brains": "no such folder"})
    assert {"experiment-look", "experiment-bands"} <= {page.slug for page in pages.pages}
    assert "load brains: no such folder" in as_html(page(pages, "index").markdown).words
    assert "The data could not be read." in as_html(page(pages, "experiment-bands").markdown).words


NAMED_BY_DATA = ("counts", "settings", "positions", "bands", "names")
"""Keys of JSON objects whose own keys are names that data or studies give."""


def keys_of(value: Any) -> Any:
    """Keys of JSON objects all the way down, of lists those of the first one."""
    if isinstance(value, dict):
        return {key: None if key in NAMED_BY_DATA else keys_of(child) for key, child in value.items()}
    return keys_of(value[0]) if isinstance(value, list) and value else None


def test_made_up_outputs_of_recordings_have_the_keys_of_real_ones(tmp_path: Path) -> None:
    """All that pages read of recordings, in the form in which the real steps write it."""
    from tests import factories_recordings

    real = {o.kind: o for o in factories_recordings.study(tmp_path) if o.about.get("experiment") != "bands_clip"}
    store, build, _ = kept("recordings")
    records = [store.record(build.records[step]) for step in build.records if not step.startswith("figure ")]
    shown = [record for record in records if record and record.about.get("features") != "windows"]  # of a network
    made = {o.kind: o for record in shown for o in store.outputs(record) if o.about.get("dataset") == "brains"}
    for kind in sorted(set(shelf._READ) & real.keys()):
        filled = (keys_of(output.load()) for output in (made[kind], real[kind]))
        assert differences(*filled) == [], kind


def test_made_up_views_of_frequencies_have_the_keys_of_real_ones() -> None:
    """But for what muscles may have done, which takes signals."""
    store, build, _ = kept("recordings")
    made = store.inputs([build.records["explain waves frequencies"]], reads=["band_views"]).one("band_views")
    rng, edges = np.random.default_rng(0), np.array(made["windows"])
    curve, channels = rng.normal(1, 0.1, (8, 3, len(edges))), rng.normal(1, 0.1, (8, 3, 3, 4))
    effects = {"gradient": Effect(curve, channels), "stop": Effect(curve, channels, curve)}
    study = Study(
        axes=("channel", "time"),
        unit="subject",
        units=tuple(made["units"]),
        classes=tuple(made["classes"]),
        channels=tuple(made["channels"]),
        folds=8,
        trials=48,
    )
    classes = {row["class"]: {key: row[key] for key in ("band", "peak", "site", "channels")} for row in made["truth"]}
    grid, names = Grid(edges, made["bands"], fine=True), dict.fromkeys(effects, "logit")
    real = summary(study, grid, effects, effects, {"passes": "why"}, names, planted=[{"classes": classes}], seed=0)
    for one, other in zip(made["views"][:3], real["views"], strict=True):
        assert differences(keys_of(one), keys_of(other)) == [], one["view"]
    assert differences(keys_of({**made, "muscles": None}), keys_of(real)) == []


def differences(made: Any, real: Any, place: str = "") -> list[str]:
    """Where the keys of two JSON objects differ; an empty list has none to compare."""
    if not (isinstance(made, dict) and isinstance(real, dict)):
        return []
    found = [f"{place}{key}" for key in made.keys() ^ real.keys()]
    return found + [line for key in made.keys() & real.keys() for line in differences(made[key], real[key], f"{place}{key}.")]


# text that wants to be more than text


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder = tmp_path_factory.mktemp("evil")
    return render(make_small_store.make_store(folder / "store", evil), folder / "pages")


def check_texts_stay_texts(pages: Pages) -> None:
    """Letter for letter in the page, never interpreted."""
    for rendered_page in pages.pages:
        read = as_html(rendered_page.markdown)
        scripts = [attributes for tag, attributes in read.tags if tag == "script"]
        assert all(attributes == {"type": "application/json", "class": "interactive"} for attributes in scripts)
        assert not {tag for tag, _ in read.tags} & {"em", "strong", "del", "iframe"}, rendered_page.slug
        assert not [link for link in read.links if re.match(r"\s*javascript", link, re.IGNORECASE)]
        assert read.words.count("7*7") == read.words.count(EVIL), rendered_page.slug
        assert "49" not in re.findall(r"\{\{ ?(\d+) ?\}\}", read.words)


def test_evil_text_is_shown_as_text(attacked: Pages) -> None:
    """Whatever stands in a study, in data and in figures."""
    check_texts_stay_texts(attacked)
    for text in ("Does a page say what its figures show?", "Two experiments on one data set, made up for the tests."):
        assert evil(text) in as_html(page(attacked, "index").markdown).words
    assert as_html(page(attacked, "experiment-small").markdown).headings[0] == evil("Small network")
    assert evil("train/happy: 40 samples where 41 were published") in as_html(page(attacked, "data-faces").markdown).words
    assert any(image["alt"].endswith(EVIL) for image in as_html(page(attacked, "data-faces").markdown).images if image["alt"])


def test_evil_names_of_people_clips_and_channels_are_shown_as_text(tmp_path: Path) -> None:
    """Recordings bring names of their own: of subjects and so of folds and steps, of classes, channels and bands."""
    pages = render(make_small_recordings.make_store(tmp_path / "store", evil), tmp_path / "pages")
    check_texts_stay_texts(pages)
    for slug, texts in {
        "data-brains": ("Small brains", "negative", "2 channels of a recording are called by an older name (EOG, A1)"),
        "data-both": ("Other small brains", "neutral"),
        "experiment-bands": ("Unseen people", "1", "subject 8", "positive"),
        "contrast-brains-logistic-regression": ("Unseen people", "Unseen people and clips"),
        "experiment-waves": ("Network on signals", "positive"),
        "frequencies-waves": ("Network on signals", "T7", "PZ", "gamma", "negative", "neutral"),
        "audits": ("T7 of brains_3",),
    }.items():
        words = as_html(page(pages, slug).markdown).words
        assert [text for text in texts if evil(text) not in words] == [], slug
    check_links(pages)


@pytest.mark.parametrize(
    "text",
    [
        "# h",
        "- item",
        "+ item",
        "1. item",
        "2024. A year",
        "===",
        "---",
        ": definition",
        "a\n\n    code\n\n# h",
        "> q",
        "| a | b |\n|---|---|",
    ],
)
def test_no_line_of_a_text_begins_a_block(text: str) -> None:
    html = markdown.markdown(f"before\n{plain(text)}\n\n{plain(text)}\n", extensions=["tables", "def_list", "attr_list"])
    assert {tag for tag, _ in html_reading.read(html).tags} == {"p"}
    assert html_reading.read(html).words == " ".join(f"before {text} {text}".split())


def test_plain_text_stays_readable() -> None:
    assert plain("macro-F1 of fer_vgg isn't 0.68 ± 0.02 (n = 126); see https://x.y/z?") == (
        "macro-F1 of fer_vgg isn't 0.68 ± 0.02 (n = 126); see https://x.y/z?"
    )


def test_study_file_is_shown_line_by_line() -> None:
    text = "a = 1\n\n\n[b]\n  <c>\n"
    html = markdown.markdown(f"<pre><code>{verbatim(text)}</code></pre>\n\nafter")
    assert html_reading.read(html).text.startswith(text)


# templates


def described() -> list[type]:
    of_ratings = (ratings, regressions, spaces)
    modules = (context, frequencies, *of_ratings, results, subjects, synthetic, synthetic_words, tables)
    found = [c for module in modules for c in vars(module).values() if is_dataclass(c)]
    return [c for c in found if isinstance(c, type)]


@pytest.mark.parametrize(
    "described_class", [c for c in described() if c.__module__ != tables.__name__], ids=lambda c: c.__name__
)
def test_every_field_that_templates_may_use_is_explained(described_class: type) -> None:
    hints = get_type_hints(described_class, include_extras=True)
    for field in fields(described_class):
        notes = getattr(hints[field.name], "__metadata__", ())
        assert any(isinstance(note, Doc) and note.documentation for note in notes), f"{described_class.__name__}.{field.name}"


def all_templates() -> list[Path]:
    """But for that of `reportgen apply`, which is given something else."""
    return sorted(path for path in TEMPLATES.rglob("*.j2") if path.parent.name != "apply")


PRINT_NAMES = {"report", "chapters", "paper", "fonts"}
"""What print/report.html.j2 is given beside what pages are."""


@pytest.mark.parametrize("path", all_templates(), ids=lambda p: p.name)
def test_templates_use_documented_names_only(path: Path) -> None:
    """Fields of the page's context and the functions of the numbering at the top, documented attributes below."""
    jinja = environment([TEMPLATES], {})
    tree = jinja.parse(path.read_text(encoding="utf-8"))
    functions = set(Numbering({}).functions())
    each = re.search(r"^each: (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    given = {
        "study": context.StudyContext,
        "dataset": context.DatasetContext,
        "experiment": context.ExperimentContext,
        "comparison": context.ComparisonContext,
        "recordings": context.DatasetContext,
        "ratings": context.DatasetContext,
        "network": context.ExperimentContext,
        "baseline": context.ExperimentContext,
        "exploration": context.ExperimentContext,
        "frequencies": context.ExperimentContext,
        "signals": context.ExperimentContext,
        "regression": context.ExperimentContext,
        "space": context.ExperimentContext,
        "trajectories": context.ExperimentContext,
        "contrast": context.ContrastContext,
    }
    allowed = {field.name for field in fields(given[each[1] if each else "study"])} | functions
    if path.parent.name == "print":
        allowed = PRINT_NAMES
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}  # set in a branch, used in it
    assert meta.find_undeclared_variables(tree) - own <= allowed
    known = {name for c in described() for name in dir(c) if not name.startswith("_")}
    known |= {name for c in (Publication, Place) for name in dir(c)} | {
        "index0",
        "first",
        "last",
        "items",
        "slug",
        "level",
        "headings",
        "html",
    }
    mappings = {
        "report.tables",
        "dataset.tables",
        "experiment.tables",
        "asked.tables",
        "first.scores",
        "plugin.settings",
        "space.tables",
        "comparison.tables",
        "tuning.states",
        "experiment.train",
        "experiment.evaluate",
        "dataset.plugin.settings",
        "report.environment",
    }
    for node in tree.find_all(nodes.Getattr):
        assert (
            node.attr in known or _dotted(node.node) in mappings or _dotted(node.node) in ("figures", "found", "train", "judge")
        ), node.attr


def test_template_of_apply_uses_its_own_names_only() -> None:
    """Those of reportgen/applying/page.py and answers.py."""
    tree = environment([TEMPLATES], {}).parse((TEMPLATES / "apply" / "page.html.j2").read_text(encoding="utf-8"))
    assert meta.find_undeclared_variables(tree) == {"uri", "asked", "answers"}
    told = (applying.Asked, answers.Answer, answers.Drawn, answers.Bars, answers.Bar, answers.Grid)
    known = {field.name for c in told for field in fields(c)} | {"first", "index"}
    assert {node.attr for node in tree.find_all(nodes.Getattr)} <= known


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "?"


def test_filters_are_few_and_documented() -> None:
    assert all(function.__doc__ for function in FILTERS.values())


def test_workspace_brings_pages_of_its_own(small: tuple[Store, Build, dict[str, str]], tmp_path: Path) -> None:
    """A file more is a page more; a file of the same name stands instead."""
    own = tmp_path / "templates"
    (own / "pages").mkdir(parents=True)
    (own / "pages" / "60-mine.md.j2").write_text("---\ntitle: Mine\nsection: More\n---\n# {{ report.title }} again {: #top }\n")
    (own / "pages" / "74-limits.md.j2").write_text("---\ntitle: My limits\n---\n# None {: #top }\n")
    pages = render(small, tmp_path / "pages", templates=[own, TEMPLATES])
    assert [(p.slug, p.title, p.section) for p in pages.pages if p.slug in ("mine", "limits")] == [
        ("mine", "Mine", "More"),
        ("limits", "My limits", ""),
    ]
    assert "# A small study again" in page(pages, "mine").markdown
    assert (tmp_path / "pages" / "mine.md").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\ntitle: [\n---\n", "60-mine.md.j2: front matter"),
        ("---\ntitel: Mine\n---\n", "60-mine.md.j2: front matter"),
        ("no front matter", "60-mine.md.j2: front matter"),
        ("---\ntitle: Mine\n---\n\n{{ report.titel }}\n", r"60-mine.md.j2:5: .*titel"),
        ("---\ntitle: Mine\n---\n\n{% if %}\n", r"60-mine.md.j2:5: "),
        (
            "---\ntitle: Mine\n---\n\n{{ cite('ribeiro').label }}\n",
            "page mine: unknown publication 'ribeiro': did you mean 'ribeiro2016lime'",
        ),
    ],
)
def test_wrong_templates_are_named_with_their_line(
    text: str, message: str, small: tuple[Store, Build, dict[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "60-mine.md.j2").write_text(text)
    with pytest.raises(UsageError, match=message):
        render(small, tmp_path / "out", templates=[tmp_path, TEMPLATES])
    assert not (tmp_path / "out").exists(), "nothing half-written"


def test_environment_refuses_unknown_names() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment([TEMPLATES], {}).from_string("{{ nobody }}").render()


# references


def test_bibtex_becomes_text() -> None:
    entry = parse("@article{a, author = {van der Berg, Jan-Piet and Ng, Ann}, title = {The {EEG} \\& more}, year = 2020,\n"
                  'journal = "J. X", volume = {3}, pages = {1--9}, doi = {10.1/x} }', "t.bib")["a"]  # fmt: skip
    assert entry.authors == "J-P. van der Berg and A. Ng"
    assert entry.label == "van der Berg and Ng 2020"
    assert (entry.title, entry.venue, entry.place) == ("The EEG & more", "J. X", "3: 1–9")
    assert entry.address == "https://doi.org/10.1/x"


def test_open_bibtex_entry_is_named() -> None:
    with pytest.raises(UsageError, match=r"t\.bib:2: BibTeX entry b is not closed"):
        parse("@book{a, title = {x}}\n@book{b, title = {y}", "t.bib")


def test_references_are_those_that_are_cited(rendered: Pages) -> None:
    listed = set(re.findall(r'<li id="ref-(\w+)">', page(rendered, "references").markdown))
    cited = {key for p in rendered.pages for key in re.findall(r'references\.html#ref-(\w+)"', p.markdown)}
    assert listed == cited
    assert {"ribeiro2016lime", "small2026", "kingma2015adam"} <= listed
    assert set(parse((rendered.folder / "downloads" / "references.bib").read_text(), "downloads")) == listed


def test_downloads_hold_the_study_and_all_scores(rendered: Pages, small: tuple[Store, Build, dict[str, str]]) -> None:
    folder = rendered.folder / "downloads"
    assert (folder / "study.toml").read_text() == small[1].source
    assert {path.name for path in folder.iterdir()} >= {"build.json", "records.json", "scores-small.json", "scores-large.json"}
    assert {download.file for download in rendered.data} >= {
        "figures/forest.csv",
        "tables/results.csv",
        "downloads/scores-small.json",
    }
    assert all((rendered.folder / download.file).exists() for download in rendered.data)


def test_machine_paths_and_times_of_rendering_stay_out(rendered: Pages, small: tuple[Store, Build, dict[str, str]]) -> None:
    for path in rendered.folder.rglob("*"):
        if path.suffix in (".md", ".csv", ".json"):
            assert str(Path.home()) not in path.read_text()
            assert str(small[0].root) not in path.read_text()
