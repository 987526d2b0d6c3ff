"""The page of synthetic signals: what it says follows from the numbers, and nothing is claimed without an interval."""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

import figure_samples_realism as samples
import html_reading
import make_small_networks
import make_small_recordings
import markdown
import pytest
from annotated_doc import Doc
from jinja2 import meta, nodes
from make_small_store import Maker, figure, keep, plain
from test_pages import EVIL, TEMPLATES, evil

from reportgen.outputs import Out
from reportgen.report import (
    context,
    results,
    subjects,
    synthetic,
    synthetic_numbers,
    synthetic_trained,
    synthetic_words,
    tables,
)
from reportgen.report.numbering import Numbering
from reportgen.report.pages import Page, Pages, render_pages
from reportgen.report.synthetic import Synthetic, synthetic_of
from reportgen.report.synthetic_trained import Learned
from reportgen.report.templates import environment

Json = dict[str, Any]
SIGNALS = ({"use": "windows", "settings": {"window": 1.0, "step": 0.0}},)
MODEL = {"use": "eegnet", "settings": {}}
NETWORKS = ("gan_dense", "wgan_raw", "wgan_de")
GENERATORS = ("gan_dense", "wgan_raw", "phases", "gaussian")
LARGE = {"trial": [62, 10000], "from": 1024, "weights": 634_880_000, "here": 8_126_464}
BEGUN = {
    "key": "wgan_raw", "unit": "dB", "start": {"spectrum": 8.551, "mmd": 0.674}, "kept": {"spectrum": 8.548, "mmd": 0.677},
    "floor": {"spectrum": 1.24, "mmd": 0.0213}, "share": 1.002, "verdict": "nothing added",
}  # fmt: skip
FIGURES = ("signal_pair", "signal_realism", "signal_utility", "gan_course")


def told(found: Json, learned: tuple[Learned, ...] = ()) -> Synthetic:
    return synthetic_of("gan", found, learned)


def won(found: Json, first: str, second: str, *, by: str) -> tuple[str, ...]:
    """Scores of a pair by which one of both is clearly better."""
    rows = (row for row in found["pairs"] if {row["first"], row["second"]} == {first, second})
    names = [row["score"] for row in rows if row["better"] == by]
    return tuple(synthetic_numbers.SHORT[name] for name in names if name not in synthetic_numbers.UNCOUNTED)


def generator(found: Json, key: str) -> synthetic_words.Likeness:
    return next(one for one in told(found).generators if one.key == key)


def changed(value: Any, key: str, to: Callable[[Any], Any]) -> Any:
    """The same JSON with every value of one key replaced."""
    if isinstance(value, dict):
        return {name: to(inner) if name == key else changed(inner, key, to) for name, inner in value.items()}
    return [changed(inner, key, to) for inner in value] if isinstance(value, list) else value


def nothing(_value: Any) -> None:
    """Stands for a number that is missing."""


# a store with one experiment


def made(
    folder: Path, scores: Json | None, text: Callable[[str], str] = plain, failed: Mapping[str, str] | None = None
) -> Pages:
    """The pages of the small study of recordings with an experiment that makes synthetic signals."""
    make = Maker(folder / "store", text, study="synthetic")
    make_small_recordings.load(
        make, "brains", {**make_small_recordings.facts(make, "Small brains"), "positions": None}, use="eeg_sim"
    )
    one = replace(make_small_recordings.network(text), name="gan_one", title="Made signals")
    features = make_small_recordings.featured(make, one.dataset, one.chain)
    make_small_recordings.divided(make, one, features)
    given, study = (f"load {one.dataset}", features, f"split {one.name}"), studied(text, one)
    for key in study["experiment"][one.name]["generate"]:
        for fold in (0, 1):
            about = {**one.about, "generator": key, "fold": str(fold), "seed": "0"}
            make.step(
                f"generate gan_one {key} fold {fold} seed 0", about, given, {}, lambda out, k=key, f=fold: generated(out, k, f)
            )
    if scores:
        made_before = tuple(step for step in make.keys if step.startswith("generate "))
        make.step("weigh gan_one", one.about, (*given, *made_before), {}, lambda out: out.json("signal_scores", scores))
        about = {"dataset": one.dataset, "experiment": one.name}
        for name in FIGURES:
            figure(make, name, about, ("weigh gan_one",), f"What {name} finds")
    store, build, drawn = keep(make, "synthetic", study, text('title = "A small study"\n'))
    options = {"templates": [TEMPLATES], "failed": failed or {}, "public": False}
    return render_pages(store, build, drawn, folder / "pages", **options)


def generated(out: Out, key: str, fold: int) -> None:
    """What a generator leaves in a fold."""
    network = key in NETWORKS
    parts = {"generator": {"trainable": 807_936, "layers": []}, "discriminator": {"trainable": 9_001, "layers": []}}
    about = {"use": key, "settings": {}, "keeps": [], "diverged": "", "notes": [], "model": parts if network else None}
    out.json(
        "generator", {**about, "weights": [], "trained": {"samples": 960, "trials": 48, "seen": ["train"]}, "synthetic": 960}
    )
    if network:
        out.json("course", samples.course(epochs=20 + fold, wasserstein=key != "gan_dense"))


def studied(text: Callable[[str], str], one: make_small_recordings.Baseline) -> Json:
    study = make_small_recordings.study(text)
    own = study["experiment"]["waves"]
    asked = {
        "title": text(one.title),
        "about": text("Are signals that networks make real?"),
        "task": "generate",
        "explain": {},
        "generate": {key: {"use": key, "settings": {"epochs": 30}} for key in GENERATORS},
        "realism": {"most": 4000, "compared": 1000},
        "train": make_small_networks.TRAIN,
    }
    return {**study, "pool": {}, "dataset": {"brains": study["dataset"]["brains"]}, "experiment": {one.name: {**own, **asked}}}


def words(pages: Pages, slug: str) -> str:
    return as_html(page(pages, slug).markdown).words


def page(pages: Pages, slug: str) -> Page:
    return next(page for page in pages.pages if page.slug == slug)


def as_html(text: str) -> html_reading.Read:
    body = re.sub(r"^---\n.*?\n---\n", "", text, flags=re.DOTALL)
    return html_reading.read(markdown.markdown(body, extensions=["attr_list", "toc"]))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return made(tmp_path_factory.mktemp("usual"), samples.signal_scores() | {"large": LARGE, "trained": [BEGUN]})


@pytest.mark.parametrize("slug", ["signals-gan-one", "methods", "limits"])
def test_page_is_as_expected(slug: str, usual: Pages, golden: Callable[[str, str], None]) -> None:
    golden(f"synthetic/{slug}.md", page(usual, slug).markdown)


# what follows from the numbers


def test_verdicts_are_those_of_the_scores() -> None:
    found = samples.signal_scores()
    dense = generator(found, "gan_dense")
    values = next(one for one in found["candidates"] if one["key"] == "gan_dense")["values"]
    shown = {"real": dense.alike + dense.slight, "near": dense.near, "between": dense.between, "far": dense.far}
    for verdict, names in shown.items():
        wanted = {synthetic_numbers.SHORT[n] for n, v in values.items() if v["verdict"] == verdict and v["ranked"]}
        assert set(names) == wanted - {"memorisation ratio", "augmentation", "TRTS"}, verdict
    assert dense.beyond == ("sliced Wasserstein distance",)
    assert dense.counted == 9, "density and coverage are no merit of a single mode"


def test_small_but_clear_differences_are_not_called_none_and_unclear_ones_not_clear() -> None:
    found = samples.signal_scores()
    own = next(one for one in found["candidates"] if one["key"] == "wgan_raw")["values"]
    for name, (verdict, low) in {
        "psd_distance": ("real", 0.01), "mmd": ("real", -0.01), "coverage": ("between", -0.1), "density": ("", -0.1),
    }.items():  # fmt: skip
        own[name] |= {"verdict": verdict, "over_floor": {"mean": 0.05, "low": low, "high": 0.2}}
    raw = generator(found, "wgan_raw")
    assert (raw.slight, raw.alike) == (("spectrum",), ("MMD²",))
    assert "coverage" in raw.between
    assert raw.unclear == ("coverage",)
    assert raw.open == ("density",)
    assert raw.counted == raw.told + 1
    shown = {row[0]: row[1] for row in told(found).tables["verdicts"].rows}
    assert str(shown["Coverage"]).startswith("between, not clearly (")
    assert str(shown["Density"]).startswith("open (")


def test_scores_that_count_are_the_same_everywhere() -> None:
    """In the finding, the table of verdicts and the pairs."""
    found = samples.signal_scores(candidates=8, blind=("mmd",), left_out={("mixup", "coverage"): samples.TOO_FEW})
    report = told(found)
    column = {one.title: i + 1 for i, one in enumerate(report.generators)}
    for one in report.generators:
        cells = [str(row[column[one.title]]) for row in report.tables["verdicts"].rows[:-1]]
        assert sum(cell.endswith(")") and "not ranked" not in cell for cell in cells) == one.counted, one.key
        assert all(other.n <= one.counted for other in one.beside)
    assert "MMD²" not in {name for one in report.generators for other in one.beside for name in other.better + other.worse}


def test_what_is_kept_by_construction_and_what_cannot_tell_are_no_verdicts() -> None:
    found = samples.signal_scores(blind=("mmd",))
    phases = generator(found, "phases")
    assert phases.kept == ("spectrum", "band power", "autocorrelation", "covariance")
    assert not {*phases.kept, "MMD²"} & {*phases.alike, *phases.slight, *phases.near, *phases.between, *phases.far}
    assert told(found).blind == ("MMD²",)


def test_nothing_is_claimed_without_intervals() -> None:
    found = told(samples.signal_scores(units=4))
    assert not found.claimed
    assert found.finding == "How real the synthetic signals are cannot be said"
    assert all(not one.told and not one.beside for one in found.generators)
    assert {one.verdict for one in found.changes} == {"not tested"}
    assert not found.teaches


def test_pairs_are_counted_from_the_side_of_the_network() -> None:
    """Also where the network stands second; and a pair of networks is told once."""
    found = samples.signal_scores()
    straight = {one.other: one for one in generator(found, "wgan_raw").beside}
    assert set(straight) == {"gan dense", "phases", "phases apart"}
    assert straight["phases"].worse == won(found, "wgan_raw", "phases", by="phases")
    assert straight["phases"].better == won(found, "wgan_raw", "phases", by="wgan_raw")
    assert straight["phases"].worse
    assert straight["phases"].better
    turned = [
        {**row, "first": row["second"], "second": row["first"], "difference": {
            "mean": -row["difference"]["mean"], "low": -row["difference"]["high"], "high": -row["difference"]["low"]}}
        for row in found["pairs"] if "wgan_raw" in (row["first"], row["second"])
    ]  # fmt: skip
    assert {one.other: one for one in generator({**found, "pairs": turned}, "wgan_raw").beside} == straight
    tables_of = [told({**found, "pairs": rows}).pairs[0].rows for rows in (turned, found["pairs"])]
    assert tables_of[0] == tables_of[1]
    assert "wgan raw" not in {one.other for one in generator(found, "gan_dense").beside}


def test_pairs_are_counted_in_a_table_and_copies_are_marked_wherever_generators_are_ranked() -> None:
    found = samples.signal_scores(candidates=8)
    tables_of = told(found).tables
    rows = {row[:2]: row[2:] for row in tables_of["rivals"].rows}
    better, worse = (len(won(found, "wgan_raw", "mixup", by=key)) for key in ("wgan_raw", "mixup"))
    assert rows["wgan raw", "mixup"][:3] == ("plain rule, near copies", better, worse)
    assert rows["wgan raw", "copies"][0] == "plain rule, copies"
    assert dict(row[:2] for row in tables_of["ranks"].rows)["copies"] == "plain rule, copies"
    made = [one.title for one in told(found).generators]
    last = dict(zip(("", *made), tables_of["verdicts"].rows[-1], strict=True))
    assert (last[""], last["copies"], last["mixup"], last["wgan raw"]) == ("Copies?", "copies", "near copies", "no sign")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ((0.0, 0.0, 0.0), "0 [0, 0]"),
        ((1.0, 1.0, 1.0), "1 [1, 1]"),
        ((-0.09, -0.21, -0.004), "−0.090 [−0.210, −0.004]"),
        ((-0.001, -0.2, 0.2), "0.00 [−0.20, 0.20]"),
        ((1.00671, 1.0063, 1.0072), "1.007 [1.006, 1.007]"),
        ((0.71, None, None), "0.71"),
    ],
)
def test_numbers_read_as_what_they_are(value: tuple[float, float | None, float | None], shown: str) -> None:
    found = synthetic_numbers.score(dict(zip(("mean", "low", "high"), value, strict=True)))
    assert found
    assert found.estimate.replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("verdict", "judged", "said"),
    [
        ("weak", {"train": 1.0, "validation": 0.94, "noise": 0.28}, "it takes only 28 % of white noise for synthetic, and 100"),
        (
            "weak",
            {"train": 0.1, "validation": 0.1, "noise": 1.0},
            "it takes only 10 % of its training samples for real, and",
        ),
        ("weak", {"train": 0.9, "validation": 0.9, "noise": 1.0}, "that is near one half, but another classifier does tell"),
        ("memorises", {"train": 0.9, "validation": 0.4, "noise": 1.0}, "it takes 90 % of them for real, but only 40 % of real"),
        ("fair", {"train": 0.9, "validation": 0.9, "noise": 1.0}, ""),
    ],
)
def test_discriminators_are_blamed_for_what_they_did(verdict: str, judged: Json, said: str) -> None:
    found = samples.signal_scores()
    found["discriminators"][0] |= {"verdict": verdict, "judged": {**judged, "made": 0.9}}
    why = told(found).discriminators[0].why.replace("\xa0", " ")
    assert why.startswith(said)
    assert bool(why) == bool(said)


def test_what_was_there_before_training_is_no_merit_of_it() -> None:
    (begun,) = told(samples.signal_scores() | {"trained": [BEGUN, {**BEGUN, "key": "gan_dense", "verdict": ""}]}).begun
    assert (begun.title, begun.better) == ("wgan raw", False)
    assert begun.begins == "clusters, spectra and correlations of the training part"
    assert begun.spectrum == ("8.6\xa0dB", "8.5\xa0dB", "1.2\xa0dB")
    assert begun.mmd == ("0.67", "0.68", "0.021")


def test_networks_come_first_and_the_best_of_them_is_the_finding() -> None:
    found = told(samples.signal_scores(candidates=8))
    assert [one.network for one in found.generators] == [True] * 2 + [False] * 6
    assert found.finding.startswith("Synthetic signals of “wgan raw” are near real ones by spectrum, band power and 8 more")


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (
            {"mmd": "near", "coverage": "real", "two_sample_auc": "far"},
            "Synthetic maps of “gaussian” are near real ones by coverage and",
        ),
        ({"mmd": "far", "two_sample_auc": "near"}, "A classifier tells the synthetic maps of “gaussian” from real ones in 68"),
        ({"two_sample_auc": "near"}, "A classifier tells the synthetic maps of “gaussian” from real ones in 68"),
    ],
)
@pytest.mark.parametrize("clear", [True, False])
def test_finding_does_not_praise_what_a_classifier_tells_apart(scores: dict[str, str], said: str, clear: bool) -> None:
    found = samples.signal_scores(domain="maps", candidates=2, diverged=("wgan_de",))
    own = next(one for one in found["candidates"] if one["key"] == "gaussian")["values"]
    for name, value in own.items():
        value |= {"verdict": scores.get(name, ""), "ranked": name in scores}
    own["two_sample_auc"] |= {"mean": 0.68}
    own["two_sample_auc"]["over_floor"] |= {"low": 0.1 if clear else -0.1}
    finding = told(found).finding
    assert finding.startswith(said) == clear
    assert ("classifier" in finding and "guessing: 50" in finding) == clear
    assert finding.startswith("By ") == (not clear)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (
            ("near", "far"),
            "By 1 of 2 scores the synthetic maps of “gaussian” are real or near it, by 1 they are",
        ),
        (("between", "far"), "By none of 2 scores the synthetic maps of “gaussian” are real or near it, by 1"),
        (("far", "far"), "By all 2 scores the synthetic maps of “gaussian” are far from real"),
        (("real", ""), "By the one score that can tell the synthetic maps of “gaussian” are real or near it"),
    ],
)
def test_finding_counts_good_and_bad_scores(verdicts: tuple[str, ...], said: str) -> None:
    found = samples.signal_scores(domain="maps", candidates=2, diverged=("wgan_de",))
    own = next(one for one in found["candidates"] if one["key"] == "gaussian")["values"]
    for name, value in own.items():
        said_of = dict(zip(("mmd", "coverage"), verdicts, strict=True))
        value |= {"verdict": said_of.get(name, ""), "ranked": bool(said_of.get(name))}
    assert told(found).finding.startswith(said)


def test_diverged_generators_are_named_and_their_lack_of_scores_is_explained_once() -> None:
    found = told(samples.signal_scores(diverged=("gan_dense",), left_out={("phases", "coverage"): samples.TOO_FEW}))
    assert generator(samples.signal_scores(diverged=("gan_dense",)), "gan_dense").diverged == samples.NAN
    (only,) = found.missing
    assert (only.name, only.of) == ("coverage", ("phases",))
    assert only.why == "4 real test trials, of which 6 are needed."
    everything = told(samples.signal_scores(candidates=1, diverged=("gan_dense",)))
    assert everything.finding == "No generator finished, so that there are no synthetic signals"


def test_controls_that_a_model_learned_from_are_no_generators() -> None:
    found = samples.signal_scores()
    extra = [{**found["utility"]["rows"][0], "key": key} for key in ("real", "classes")]
    found["utility"]["rows"] += extra
    assert [one.title for one in told(found).changes] == [one["title"] for one in found["candidates"][:4]]
    rows = [row[0] for row in told(found).tables["utility"].rows]
    assert len(rows) == len(set(rows)) == 4 + 5


@pytest.mark.parametrize("domain", ["signals", "maps"])
@pytest.mark.parametrize("candidates", [1, 8])
@pytest.mark.parametrize("units", [12, 3])
def test_no_missing_number_stops_the_page(domain: str, candidates: int, units: int) -> None:
    found = samples.signal_scores(domain=domain, candidates=candidates, units=units, diverged=("gan_dense",))
    for key in ("mean", "over_floor", "position", "rank", "distinct", "copies", "judged", "auc", "ratio", "large", "p", "rate"):
        assert told(changed(found, key, nothing)).generators, key
    for key in ("pairs", "memory", "modes", "discriminators", "blind"):
        assert told({**found, key: []}).tables["sees"].rows, key
    assert told({**found, "utility": {**found["utility"], "rows": []}}).changes == ()


@pytest.mark.parametrize("flat", [True, False])
def test_large_layer(flat: bool) -> None:
    found = samples.signal_scores() | {"large": LARGE if flat else {"numbers": 7936, "weights": LARGE}}
    large = told(found).large
    assert large
    assert (large.trial, large.width, large.weights, large.here) == ("62 × 10\u202f000", 1024, 634_880_000, 8_126_464)


# tables


def test_table_of_scores_has_floor_ceilings_and_marks() -> None:
    found = told(samples.signal_scores())
    table = found.tables["signals"]
    assert [row[0] for row in table.rows][:2] == ["Real training part (floor)", "wgan raw"]
    shown = {row[0]: [table.text(cell) for cell in row[1:]] for row in table.rows}
    assert shown["White noise"][0].startswith("13.4† [")
    assert "†" not in shown["White noise"][2]
    assert shown["Shuffled channels"][2].startswith("0.84† [")
    assert shown["phases"][0].startswith("0.62* [")
    assert "*" not in "".join(shown["gan dense"])
    head, *_, dense, _, _, _, _, _ = csv.reader(table.csv().splitlines())
    assert len(head) == 1 + 4 * 4
    assert float(dense[1]) > 5, "all digits, no mark"
    assert len(found.tables["verdicts"].rows) == 11 + 1
    assert found.tables["verdicts"].rows[0][0] == "Distance of the spectra"


def test_networks_are_told_over_folds() -> None:
    parts = {"generator": {"trainable": 807_936}, "discriminator": {"trainable": 9_001}}
    learned = tuple(
        Learned("wgan_raw", {"use": "wgan_raw", "model": parts}, samples.course(epochs=20 + fold, wasserstein=True))
        for fold in (0, 5)
    )
    broken = Learned("gan_dense", {"use": "gan_dense", "model": None}, samples.course(diverged=samples.NAN))
    rows = {row[0]: row for row in told(samples.signal_scores(), (*learned, broken)).tables["networks"].rows}
    assert rows["wgan raw"][1:3] == (807_936, 9_001)
    assert rows["wgan raw"][3] == "20 to 25"
    assert rows["wgan raw"][-1] == "0 of 2"
    assert rows["gan dense"][1] is None
    assert rows["gan dense"][-1] == "1 of 1"
    assert "phases" not in rows


# pages


def test_page_says_what_is_real_what_helps_and_what_was_lost(usual: Pages) -> None:
    text = words(usual, "signals-gan-one").partition("Real and synthetic, side by side")[0]
    for said in (
        "wgan raw (network): Conditional WGAN-GP on raw signals", "phases (plain rule): phases",
        "Synthetic signals of “wgan raw” are near real ones by spectrum, band power and 8 more of 11 scores, but a classifier",
        "tells them apart in 60 % of pairs (guessing: 50 %)",
        "4 generators learned from 960 real samples of 62 × 128 (channel, time) in µV at 64 Hz in each of 2 folds",
        "the 1 200 real samples of 120 test trials, which no generator has seen",
        "wgan raw (network): its synthetic signals are near real ones by spectrum, band power",
        "What is near real was there before training: against the validation part the spectrum was 8.6 dB off before the first",
        "and is 8.5 dB off in the kept epoch, MMD² was 0.67 and is 0.68 (real training samples: 1.2 dB and 0.021).",
        "It starts from clusters, spectra and correlations of the training part.",
        "far from real ones by covariance, sliced Wasserstein distance",
        "By sliced Wasserstein distance they are no better than the worst control.",
        "raw_conv reaches a balanced accuracy of 0.710 [0.682, 0.738] on the test part, guessing 0.33.",
        "Each accuracy is of one training a fold: another may differ.",
        "Adding synthetic samples helped with wgan raw (0.031 [0.012, 0.050], p = 0.011; 0.027 [0.003, 0.051] more than seeing",
        "Adding synthetic samples hurt with gan dense (−0.052 [−0.071, −0.033], p = 0.011).",
        "Adding synthetic samples made no clear difference with phases and phases apart: that is a result, too.",
        "These are 4 tests, none corrected for the others.",
        "There is no clear sign of memory in gan dense, wgan raw, phases and phases apart, though 22 % of the samples",
        "Nearly the same over and over (a single mode) is made by gan dense: 11 %",
        "Varied, but elsewhere, are the samples of phases apart (19 %)",
        "the share of real test samples that have a synthetic neighbour, where 93 %",
        "No mode is clearly lost by wgan raw and phases.",
        "The discriminator of gan dense, right about 100 % of training and synthetic samples in its last epoch, knows its",
        "it takes 97 % of them for real, but only 61 % of real ones that it has not seen",
    ):  # fmt: skip
        assert said in text.replace("\xa0", " ").replace("\u202f", " "), said
    whole = words(usual, "signals-gan-one").replace("\u202f", " ")
    assert "from 1 024 units that one layer has 634 880 000 weights, which take about 10 GB with a gradient" in whole
    assert "the same layer has 8 126 464" in whole
    assert "keeps neither people nor clips apart" not in whole, "it leaves one subject out"


def test_figures_stand_where_the_front_matter_says(usual: Pages) -> None:
    text = page(usual, "signals-gan-one").markdown
    places = [
        text.index(f'id="{anchor}-gan_one"') for anchor in ("figure-signal_pair", "figure-signal_realism", "table-signals")
    ]
    assert places == sorted(places)
    assert (
        text.index("#course }") < text.index("figure-gan_course") < text.index("#use }") < text.index("figure-signal_utility")
    )
    assert "figures/signal_pair-gan_one.svg" in [image["src"] for image in as_html(page(usual, "index").markdown).images]


def test_page_tells_of_trainings_in_folds(usual: Pages) -> None:
    with (usual.folder / "tables" / "networks-gan_one.csv").open(newline="") as file:
        rows = {row["Generator"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["gan dense", "wgan raw"]
    assert rows["gan dense"]["Weights"] == "807936"
    assert rows["wgan raw"]["Chosen by"] == "spectrum and MMD of the validation part"
    assert rows["gan dense"]["Epochs"] == "20 to 21"


def test_other_pages_lead_there_and_rank_it_nowhere(usual: Pages) -> None:
    assert [p.slug for p in usual.pages] == [
        *("index", "data-brains", "signals-gan-one", "methods", "limits", "reproduce", "references")
    ]
    overview = words(usual, "index")
    assert "Are synthetic signals of Made signals real? Synthetic signals of “wgan raw” are near" in overview
    assert "synthetic samples help with wgan raw, hurt with gan dense and make no clear difference" in overview
    assert "What is near real was there before training: the spectrum was 8.6" in overview
    score = [len(won(samples.signal_scores(), "wgan_raw", "phases", by=key)) for key in ("wgan_raw", "phases")]
    assert f"Beside plain rules “wgan raw” is clearly better by {score[0]} and worse by {score[1]} of" in overview
    assert "No experiment has a result" not in overview
    assert "Largest class" not in overview, "no empty table of results"
    assert "must never be passed off as such" in words(usual, "limits")
    assert "each tested with generators of its own" in words(usual, "data-brains")
    methods = words(usual, "methods")
    assert "up to 600 of them are compared with as many of the test part" in methods
    assert "gulrajani2017improved" in page(usual, "references").markdown


def test_links_lead_somewhere(usual: Pages) -> None:
    anchors = {p.slug: as_html(p.markdown).ids for p in usual.pages}
    for one in usual.pages:
        for target in as_html(one.markdown).links:
            slug, _, anchor = target.partition("#")
            if slug.endswith(".html") and "/" not in slug:
                assert slug.removesuffix(".html") in anchors, f"{one.slug}: {target}"
                assert not anchor or anchor in anchors[slug.removesuffix(".html")], f"{one.slug}: {target}"


def test_synthetic_is_called_synthetic_and_simulated_simulated(usual: Pages) -> None:
    text = words(usual, "signals-gan-one")
    assert "It is no recording: no person is behind it, and it must never be passed off as one." in text
    assert "Simulated data" in text


def test_sentences_are_set_apart(usual: Pages, tmp_path: Path) -> None:
    """A template that ends a line with a block eats the blank before the next sentence."""
    found = samples.signal_scores(
        candidates=8, diverged=("gan_dense",), blind=("density",), left_out={("mixup", "mmd"): samples.TOO_FEW},
        absent={"frechet": "the model is no network"},
    )  # fmt: skip
    for one in (*usual.pages, *made(tmp_path, found).pages):
        text = as_html(one.markdown).words
        assert not re.findall(r"[a-z)\]][.;:?](?=[A-Z])[A-Z]\w*", text), one.slug
        assert not re.findall(r"\w,(?=[A-Za-z])\w+|\( | \)| [.,;](?= |$)", text), one.slug


def test_page_of_a_hard_case(tmp_path: Path) -> None:
    """Diverged, blind, left out, copied: each is said."""
    found = samples.signal_scores(
        candidates=8, diverged=("gan_dense",), blind=("density",), left_out={("mixup", "mmd"): samples.TOO_FEW},
        absent={"frechet": "the model is no network"},
    )  # fmt: skip
    text = words(made(tmp_path, found), "signals-gan-one").replace("\xa0", " ")
    for said in (
        "gan dense (network): its training diverged (epoch 7: the loss of the discriminator is not a number), so that there",
        "Nothing can be told on these data by density: even its worst control is not clearly worse than real samples",
        "Left outFréchet distance. The model is no network.",
        "Not measured of mixup: MMD². 4 real test trials, of which 6 are needed.",
        "Copies of what it learned from are given back by copies (ratio of distances 0.01, 100 % all but the same as a",
        "raised the accuracy with interpolation (0.026 [0.007, 0.045], p = 0.011), but not clearly more than seeing each real",
        "sample twice does (0.022 [−0.002, 0.046]): what was added need not be new.",
        "Close to what it learned from comes mixup (32 % of its samples too near, where 5 % is expected), interpolation (36",
        "Whether gan dense memorised anything is not known.",
    ):
        assert said in text, said


def test_nothing_helps_where_wrong_classes_would_do_as_well(tmp_path: Path) -> None:
    pages = made(tmp_path, samples.signal_scores(blind=("augmentation",)))
    text = words(pages, "signals-gan-one")
    assert "Whether adding synthetic samples helps cannot be told on these data" in text
    assert "wgan raw 0.031 [0.012, 0.050], p = 0.011" in text.replace("\xa0", " ")
    assert "Whether synthetic samples help, added to the training, cannot be told on these data." in words(pages, "index")
    for slug in ("signals-gan-one", "index"):
        assert not re.findall(r"\b(helped|hurt|help|hurts) with", words(pages, slug)), slug
    with (pages.folder / "tables" / "utility-gan_one.csv").open(newline="") as file:
        verdicts = {row["Verdict"] for row in csv.DictReader(file)}
    assert not verdicts & {"helped", "hurt"}


def test_few_people_claim_nothing(tmp_path: Path) -> None:
    pages = made(tmp_path, samples.signal_scores(units=3))
    text = words(pages, "signals-gan-one").partition("Real and synthetic, side by side")[0]
    assert "How real the synthetic signals are cannot be said" in text
    assert "how real its synthetic signals are is not claimed: no score has an interval that tells." in text
    assert "Whether adding synthetic samples helps is not tested: 3 subjects are too few." in text
    assert not re.findall(r"(?<!not )clearly (better|worse|lost)|no sign", text)
    assert not re.findall(r"\b(helped|hurt) with", text)
    assert "cannot tell" in words(pages, "signals-gan-one").partition("Score by score")[2]


def test_a_lost_step_leaves_a_page_that_says_so(tmp_path: Path) -> None:
    pages = made(tmp_path, None, failed={"weigh gan_one": "out of memory"})
    text = words(pages, "signals-gan-one")
    assert "There are no scores of synthetic signals: their step did not finish." in text
    assert "weigh gan_one: out of memory" in text
    assert "No experiment has a result that can be reported yet." in words(pages, "index")


def test_settings_of_generators_and_of_realism_are_explained(usual: Pages) -> None:
    with (usual.folder / "tables" / "settings-gan_one.csv").open(newline="") as file:
        rows = {(row["Of"], row["Setting"]): row for row in csv.DictReader(file)}
    assert rows["generate gan_dense", "use"]["Value"] == "gan_dense"
    assert rows["generate gan_dense", "epochs"]["Value"] == "30"
    assert rows["realism", "compared"]["Meaning"].startswith("Samples of each side")


def test_evil_names_are_shown_as_text(tmp_path: Path) -> None:
    found = changed(samples.signal_scores(classes=[evil("positive"), "b"]), "title", evil)
    pages = made(tmp_path, changed(found, "why", lambda value: evil(value) if value else value), evil)
    read = as_html(page(pages, "signals-gan-one").markdown)
    assert not {tag for tag, _ in read.tags} & {"em", "strong", "del", "iframe"}
    assert [attributes for tag, attributes in read.tags if tag == "script"] == []
    assert read.words.count("7*7") == read.words.count(EVIL)
    assert f"{evil('gan dense')} (network)" in read.words


# templates and context


def described() -> list[type]:
    modules = (context, results, subjects, synthetic, synthetic_trained, synthetic_words, tables)
    found = [c for module in modules for c in vars(module).values() if is_dataclass(c)]
    return [c for c in found if isinstance(c, type)]


@pytest.mark.parametrize("of", [c for c in described() if c.__module__.startswith("reportgen.report.synthetic")])
def test_every_field_that_templates_may_use_is_explained(of: type) -> None:
    hints = get_type_hints(of, include_extras=True)
    for field in fields(of):
        notes = getattr(hints[field.name], "__metadata__", ())
        assert any(isinstance(note, Doc) and note.documentation for note in notes), f"{of.__name__}.{field.name}"


@pytest.mark.parametrize("name", ["pages/46-signals.md.j2", "partials/signals.md.j2"])
def test_templates_use_documented_names_only(name: str) -> None:
    jinja = environment([TEMPLATES], {})
    tree = jinja.parse((TEMPLATES / name).read_text(encoding="utf-8"))
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    given = {field.name for field in fields(context.ExperimentContext)} | set(Numbering({}).functions())
    assert meta.find_undeclared_variables(tree) - own <= given
    known = {name for c in described() for name in dir(c) if not name.startswith("_")} | {"first", "last", "items"}
    for node in tree.find_all(nodes.Getattr):
        whose = getattr(node.node, "attr", getattr(node.node, "name", ""))
        assert node.attr in known or whose in ("figures", "tables"), node.attr
