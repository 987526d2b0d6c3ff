"""The pages of rated segments: what they say follows from the numbers, and nothing is claimed without an interval."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import figure_samples_regression as samples
import figure_samples_space as space
import figure_samples_trajectories as ways
import make_small_store
import numpy as np
import pytest
from make_small_store import Maker, figure, keep, plain
from test_pages import EVIL, TEMPLATES, as_html, check_links, differences, evil, page

from reportgen.outputs import Out, Output
from reportgen.report.figures import plan_figures
from reportgen.report.pages import Pages, render_pages
from reportgen.report.ratings import Modality
from reportgen.report.regressions import Regression, regression_of
from reportgen.report.spaces import Space, space_of
from reportgen.store import Build, Store
from reportgen.study import Experiment

Json = dict[str, Any]
Text = Callable[[str], str]
SETS = ("text", "voice", "face", "all")
SPLIT: Json = {"use": "official", "settings": {"test": [], "training": [], "validation_origin": ["dev"], "validation": 0.1}}
EVALUATE: Json = {"resamples": 2000, "views": "one", "unit": "auto", "shuffles": None}
WORDS: Json = {"terms": 2000, "components": 64}
REGRESS: Json = {
    "knn": {"use": "knn", "settings": {"neighbours": [5, 15, 40]}},
    "ridge": {"use": "ridge", "settings": {"penalties": [1.0, 10.0]}},
    "lstm": {"use": "lstm", "settings": {"units": 64, "epochs": 30}},
}
MAP: Json = {"method": "infonce", "perplexity": 30.0, "members": 5}
LAY: Json = {"peers": ["pca", "opentsne"], "neighbours": 15, "videos": 3, "samples": 2000}
FIGURES: Mapping[str, tuple[str, ...]] = {
    "load speakers": ("intensities", "rater_spread", "videos_in_time"),
    "assess feelings": ("what_error_hid", "regression_scores", "emotion_scores", "variance_ratio", "regressor_course"),
    "embed space": ("emotion_map",),
    "measure space": ("map_quality",),
    "lay space feelings": ("map_predictions", "trajectories"),
    "lay space small": ("map_classes",),
}
"""{step: figures that are drawn from what it writes}."""
SLUGS = (
    *("index", "data-faces", "data-speakers", "experiment-small", "intensities-feelings", "space-space"),
    *("trajectories-space", "methods", "limits", "reproduce", "references"),
)


# a store with one data set, models of its intensities, a classifier of faces and a map


def made(folder: Path, **options: Any) -> Pages:
    """The pages of `stored`."""
    asked = {"failed": options.pop("failed", {}), "public": options.pop("public", False)}
    store, build, drawn = stored(folder / "store", **options)
    return render_pages(store, build, drawn, folder / "pages", templates=[TEMPLATES], **asked)


def stored(
    root: Path,
    text: Text = plain,
    *,
    found: Json | None = None,
    mapped: Json | None = None,
    quality: Json | None = None,
    followed: bool = True,
    lost: Iterable[str] = (),
    restricted: bool = False,
) -> tuple[Store, Build, dict[str, str]]:
    """The small study.

    Args:
        root: of the store.
        text: around all that comes from data and studies.
        found: kind `regression`.
        mapped: kind `map`.
        quality: kind `map_quality`; a map of a plane has none.
        followed: there are trajectories.
        lost: steps that did not finish; what needs them is not there either.
        restricted: the data may not be redistributed.
    """
    make = Maker(root, text, study="ratings", restricted=restricted)
    found, mapped = found or predicted(), mapped or space.a_map(space.SIX)
    make_small_store.load(make)
    make_small_store.experiment(make, "small", "fer_gap_small", 0.676, smoke=False)

    def step(name: str, after: str, writes: Callable[[Out], None], **about: str) -> None:
        if name not in lost and after in make.keys:
            make.step(name, {"dataset": "speakers", **about}, (after,), {}, writes)

    if "load speakers" not in lost:
        load = study(text)["dataset"]["speakers"]
        make.step("load speakers", {"dataset": "speakers"}, (), load, lambda out: data(out, make, mapped["emotions"]))
    predicting, mapping = {"experiment": "feelings"}, {"experiment": "space"}
    step("split feelings", "load speakers", divided, **predicting)
    step("prepare feelings", "split feelings", prepared, **predicting)
    for key in REGRESS:
        learned = partial(told, kind="regressor", value=regressor(key), text=text)
        step(f"regress feelings {key} seed 0", "prepare feelings", learned, **predicting, regressor=key, seed="0")
    step("assess feelings", "prepare feelings", partial(told, kind="regression", value=found, text=text), **predicting)
    step("split space", "load speakers", divided, **mapping)
    step("embed space", "split space", partial(a_map, mapped=mapped, text=text), **mapping)
    if mapped["method"] != "plane":
        value = quality or space.a_quality()
        step("measure space", "embed space", partial(told, kind="map_quality", value=value, text=text), **mapping)
    sources = {"space": "split space", "feelings": "assess feelings", "small": "score small"}
    for source, after in sources.items() if "embed space" in make.keys else ():
        if source != "small" or mapped["method"] != "plane":  # in which classes say nothing
            writes = partial(laid, mapped=mapped, source=source, text=text, followed=followed)
            step(f"lay space {source}", after, writes, **mapping, laid=source)
    for name, plugins in FIGURES.items():
        for plugin in plugins if name in make.keys else ():
            figure(make, plugin, {"dataset": "speakers", **about_of(name)}, (name,), f"What {plugin} finds")
    return keep(make, "ratings", study(text), text('title = "A small study of ratings"\n'))


def about_of(step: str) -> Json:
    """The experiment that a figure of a step is about, or nothing."""
    return {} if step.startswith("load") else {"experiment": step.split()[1]}


def study(text: Text) -> Json:
    own = make_small_store.study(text)
    small = {**own["experiment"]["small"], "explain": {}}
    feelings = asked(text, "Models of feelings", "How strong is which emotion?", task="regress", regress=REGRESS, text=WORDS)
    mapping = asked(text, "Map of feelings", "Where do they lie?", task="embed", map=MAP, lay=LAY)
    speakers = {"use": "emotion_sim", "settings": {"videos": 600}}
    return {
        **own,
        "dataset": {**own["dataset"], "speakers": speakers},
        "experiment": {"small": small, "feelings": feelings, "space": mapping},
    }


def asked(text: Text, title: str, about: str, /, **own: Any) -> Json:
    empty: Json = {name: {} for name in ("train", "explain", "judge", "generate", "realism", "regress", "text", "map", "lay")}
    said = {"title": text(title), "about": text(about), "dataset": "speakers", "model": {"use": "", "settings": {}}}
    return {**empty, **said, "split": SPLIT, "evaluate": EVALUATE, "images_per_class": 1, "seeds": [0], "features": [], **own}


NAMES = {*space.SIX, "text", "voice", "face"}
WORDED = ("title", "why", "told", "notes", "note", "video", "speaker")
"""Keys of what is told in words."""


def told(out: Out, kind: str, value: Json, text: Text) -> None:
    """Write something whose names of emotions and modalities, and whose words, come from data."""
    out.json(kind, named(value, text) if text is not plain else value)


def named(value: Any, text: Text, key: str = "") -> Any:
    """The same with `text` around names and words."""
    if isinstance(value, dict):
        return {text(name) if name in NAMES else name: named(inner, text, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [named(inner, text, key) for inner in value]
    return text(value) if isinstance(value, str) and value and (value in NAMES or key in WORDED) else value


def data(out: Out, make: Maker, emotions: list[str]) -> None:
    """What `load` writes."""
    text, restricted = make.text, make.restricted
    n = {"dev": 1860, "test": 1860, "train": 16740}
    present = {part: {text(e): round(samples.PRESENT[i] * size) for i, e in enumerate(emotions)} for part, size in n.items()}
    plane = tuple(emotions) == space.TWO
    out.json(
        "facts",
        {
            **make_small_store.facts(text, restricted=restricted),
            "id": "emotion_sim",
            "title": text("Small speakers"),
            "modality": "vector",
            "bibtex": "",
            "references": [],
            "classes": [text(emotion) for emotion in emotions],
            "counts": present,
            "n_parts": n,
            "parts": sorted(n),
            "test_part": "test",
            "n": sum(n.values()),
            "shape": [len(emotions)],
            "axes": ["segment", "emotion"],
            "unit": "rating",
            "scale": [-1.0, 1.0] if plane else [0.0, 3.0],
            "whole": "song" if plane else "video",
            "videos": 660,
            "speakers": 0 if plane else 220,
            "seconds": 145_000.0,
            "zero": 3069,
            "unrated": 4,
            "distinct": 4021,
            "raters": 3.0,
            "notices": [text("2 segments overlap")],
            "modalities": {
                text("face"): {"shape": [35], "missing": 0},
                text("voice"): {"shape": [20, 74], "missing": 12},
                text("text"): {"shape": [], "missing": 3},
            },
        },
    )
    values = np.zeros((4, len(emotions)), np.float32)
    out.array("intensities", values, ("segment", "emotion"), "rating", restricted=restricted)


def divided(out: Out) -> None:
    counts = {"unused": 0, "train": 16740, "validation": 1860, "test": 1860}
    about = {"name": "official", "settings": SPLIT["settings"], "folds": [""], "test_origin": ["test"]}
    about["counts"] = {part: {"segment": n} for part, n in counts.items()}
    out.json("split", {**about, "n_test": 1860, "n_test_twin_free": None})


def predicted() -> Json:
    """With what pages do not read."""
    found = samples.regression()
    for one in found["candidates"]:
        correlation = one["scores"]["pearson"]
        one["collapse"] = {"told": correlation, "left": correlation, "narrow": None, **one["collapse"]}
    return found


def prepared(out: Out) -> None:
    usual = {"features": 35, "windows": 1, "missing": 0.01, "absent": 0, "constant": 0, "text": None}
    words = {"terms": 2000, "components": 64, "explained": 0.41, "empty": 3}
    own = {"face": usual, "voice": {**usual, "windows": 20}, "text": {**usual, "text": words}}
    out.json("preparation", {"modalities": own, "trained": {"segments": 16740, "videos": 540}, "left_out": 4})


def regressor(key: str) -> Json:
    wanted = {"features": 35, "windows": 1, "emotions": 6, "scale": [0.0, 3.0], "rows": 16740}
    found = samples.regressor(key, SETS, epochs=30 if key == "lstm" else 0)
    return {**found, "sets": {name: {**one, "wanted": wanted} for name, one in found["sets"].items()}}


def a_map(out: Out, mapped: Json, text: Text) -> None:
    told(out, "map", mapped, text)
    points = space.place(mapped, space.ratings(mapped["emotions"], 40, np.random.default_rng(0)))
    np.savez(out.path("density", ".npz"), **space.density(mapped, points, points, cells=4))


def laid(out: Out, mapped: Json, source: str, text: Text, *, followed: bool) -> None:
    """What `lay` writes: of the map's own test part, of predictions, or of a classifier."""
    rng = np.random.default_rng(1)
    if source == "small":
        about, arrays = space.faces(mapped, source, ("angry", "disgust", "happy", "neutral"), rng, each=5)
    else:
        truth = space.place(mapped, space.ratings(mapped["emotions"], 60, rng))
        models = ("knn", "lstm") if source == "feelings" else ()
        kind = "own" if source == "space" else source
        about, arrays = space.predictions(mapped, kind, truth, models, SETS, ("lstm",), rng)
    title = {"space": "Map of feelings", "feelings": "Models of feelings", "small": "Small network"}[source]
    own = {"source": source, "title": title, "dataset": "faces" if source == "small" else "speakers", "simulated": True}
    told(out, "laid_about", {"seen": 0, **about, **own}, text)
    np.savez(out.path("laid", ".npz"), **arrays)
    if followed and source != "small":
        used = SETS if source == "feelings" else ()
        told(out, "trajectories", ways.trajectories(mapped, ["v1", "v2"], (8, 5), used, 0.5, 1.0), text)


def words(pages: Pages, slug: str) -> str:
    return as_html(page(pages, slug).markdown).words.replace("\xa0", " ").replace("\u202f", " ")


def slugs(pages: Pages) -> list[str]:
    return [one.slug for one in pages.pages]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return made(tmp_path_factory.mktemp("usual"))


def hard_ones(folder: Path) -> dict[str, Pages]:
    """Studies in which something is missing or odd."""
    few = samples.regression(videos=4)
    odd = samples.regression(gone=(), constant=(("knn", "text"),), seeds=3)
    return {
        "few videos": made(folder / "few", found=few, quality=space.a_quality(videos=4), followed=False),
        "one modality": made(folder / "one", found=samples.regression(sets=("text",), keys=("knn",))),
        "nothing collapsed": made(folder / "odd", found=odd, mapped=space.a_map(space.SIX, turned=False)),
        "plane": made(folder / "plane", found=of_plane(), mapped=space.a_map(space.TWO)),
        "no scores": lacking(folder / "none", "assess feelings", "measure space"),
        "no map": lacking(folder / "lost", "embed space"),
        "public": made(folder / "public", restricted=True, public=True),
    }


def lacking(folder: Path, *lost: str) -> Pages:
    """Steps did not finish."""
    return made(folder, lost=lost, failed=dict.fromkeys(lost, "out of memory"))


def of_plane() -> Json:
    return {**samples.regression(emotions=space.TWO, whole="song"), "scale": [-1.0, 1.0], "zero": 0.0}


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pages]:
    return hard_ones(tmp_path_factory.mktemp("hard"))


# pages


@pytest.mark.parametrize("slug", ["data-speakers", "intensities-feelings", "space-space", "trajectories-space"])
def test_page_is_as_expected(slug: str, usual: Pages, golden: Callable[[str, str], None]) -> None:
    golden(f"ratings/{slug}.md", page(usual, slug).markdown)


def test_pages_are_these_in_this_order(usual: Pages) -> None:
    assert tuple(slugs(usual)) == SLUGS
    sections = {one.slug: one.section for one in usual.pages}
    assert [sections[slug] for slug in ("data-speakers", "intensities-feelings", "space-space", "trajectories-space")] == [
        *("Data", "Experiments", "Across experiments", "Across experiments")
    ]


def test_links_lead_somewhere(usual: Pages, hard: Mapping[str, Pages]) -> None:
    for pages in (usual, *hard.values()):
        check_links(pages)


def test_sentences_are_whole(usual: Pages, hard: Mapping[str, Pages]) -> None:
    """Set apart from each other, ended once, and without what stands for nothing in Python."""
    for name, pages in {"usual": usual, **hard}.items():
        for one in pages.pages:
            text = re.sub(r"<pre>.*?</pre>", "", one.markdown, flags=re.DOTALL)
            said, where = as_html(text).words, f"{name}: {one.slug}"
            assert not re.findall(r"[a-z)\]][.;:?](?=[A-Z])[A-Z]\w*", said), where
            assert not re.findall(r"\w,(?=[A-Za-z])\w+|\( | \)| [.,;](?= |$)", said), where
            assert not re.findall(r"\S*\.\.(?!\.)|\bNone\b|\bnan\b|\bTrue\b|\bFalse\b", said), where


def test_figures_stand_where_the_front_matter_says(usual: Pages) -> None:
    places = {
        "data-speakers": ["#samples }", "figure-intensities", "figure-rater_spread", "#counts }", "figure-videos_in_time"],
        "intensities-feelings": [
            *("#answer }", "#hidden }", "figure-what_error_hid", "#scores }", "figure-regression_scores"),
            *("figure-emotion_scores", "#spread }", "figure-variance_ratio", "#model }", "figure-regressor_course", "#data }"),
        ],
        "space-space": [
            *("#map }", "figure-emotion_map", "#predictions }", "figure-map_predictions", "#classes }", "figure-map_classes"),
            *("#quality }", "figure-map_quality", "#data }"),
        ],
        "trajectories-space": ["figure-trajectories", "#reading }"],
    }
    for slug, wanted in places.items():
        text = page(usual, slug).markdown
        found = [text.index(f'id="{name}-' if name.startswith("figure") else name) for name in wanted]
        assert found == sorted(found), slug
    shown = [image["src"] for image in as_html(page(usual, "index").markdown).images]
    assert {"figures/what_error_hid-feelings.svg", "figures/emotion_map-space.svg"} <= set(shown)


# data


def test_page_of_data_counts_segments_videos_and_vectors(usual: Pages) -> None:
    text = words(usual, "data-speakers")
    for said in (
        "20 460 rated segments of 660 videos and 220 speakers",
        "from 0 to 3 for happy, sad, anger, surprise, disgust and fear, the mean of 3 raters (median).",
        "a segment has face (35 numbers), voice (20 windows of 74 numbers; 12 segments lack it), text (words; 3 segments",
        "15 % of the segments have no emotion at all",
        "There are 4 021 different vectors of ratings; maps and their scores work on these",
        "A video lies in one part as a whole, and so do all videos of a speaker",
        "Models of feelings divides by official: 16 740 train, 1 860 validation, 1 860 test.",
        "2 segments overlap",
    ):
        assert said in text, said
    with (usual.folder / "tables" / "counts-speakers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"Emotion": "happy", "dev": "967", "test": "967", "train": "8705"}
    assert rows[-1] == {"Emotion": "all segments", "dev": "1860", "test": "1860", "train": "16740"}


def test_a_plane_has_no_segments_without_emotion(hard: Mapping[str, Pages]) -> None:
    text = words(hard["plane"], "data-speakers")
    assert "from −1 to 1 for valence and arousal" in text
    assert "no emotion at all" not in text
    assert "20 460 rated segments of 660 songs, " in text, "nobody speaks"
    assert "all videos of a speaker" not in text


@pytest.mark.parametrize(
    ("shape", "said"),
    [((), "words"), ((12,), "12 numbers"), ((20, 74), "20 windows of 74 numbers"), ((2, 3, 4), "2 × 3 × 4")],
)
def test_modalities_are_told_by_their_shape(shape: tuple[int, ...], said: str) -> None:
    assert Modality(name="face", shape=shape, missing=0).told == said


def test_public_report_shows_no_segment(tmp_path: Path, hard: Mapping[str, Pages]) -> None:
    text = words(hard["public"], "data-speakers")
    assert (
        "What was filmed and said in these segments may not be redistributed. This public report shows ratings alone." in text
    )
    assert "Redistribution" in text
    assert "may be shown in public" not in text
    assert "This public report" not in words(made(tmp_path, restricted=True), "data-speakers")
    store, build, _ = stored(tmp_path / "again", restricted=True)
    shown = [step for step in plan_figures(store, build, public=True) if step.about.get("dataset") == "speakers"]
    assert {"figure regression_scores feelings", "figure emotion_map space"} <= {step.name for step in shown}


# intensities: the finding


def regression(**options: Any) -> Regression:
    return regression_of("feelings", samples.regression(**options))


def skilled(found: Json, skills: Mapping[str, float]) -> Json:
    """With these skills, by id; the others are no better than the median."""
    for one in found["candidates"]:
        if one["sort"] != "baseline":
            one["scores"]["skill"] = samples.estimate(skills.get(one["id"], 0.0), 0.02, found["videos"])
    return found


def test_what_the_error_hid_comes_first() -> None:
    found = regression()
    assert found.finding == "LSTM on text has a lower error than KNN on text, and tells one thing only"
    first = found.hidden[0]
    assert (first.hides.verdict, first.beside.verdict) == ("collapsed", "healthy")
    assert first.hides.scores["mae"].mean < first.beside.scores["mae"].mean  # type: ignore[union-attr, operator]
    assert [one.title for one in found.collapsed] == ["LSTM on text"]


@pytest.mark.parametrize(
    ("gone", "finding"),
    [
        (("text",), "LSTM on text has collapsed"),
        (("face", "text"), "LSTM on text and LSTM on face have collapsed"),
    ],
)
def test_collapsed_models_are_named_where_no_other_has_a_higher_error(gone: tuple[str, ...], finding: str) -> None:
    options = {"keys": ("lstm",), "sets": ("text", "face"), "weak": ()}
    found = samples.regression(**options, gone=[("lstm", name) for name in gone])
    assert not found["hidden"]
    assert regression_of("feelings", found).finding == finding


@pytest.mark.parametrize(
    ("skills", "finding"),
    [
        ({"knn/text": 0.1, "lstm/text": 0.2}, "No model has collapsed, and all are better than always predicting the median"),
        ({"knn/text": 0.1}, "No model has collapsed; KNN is better than the median"),
        ({}, "No model is clearly better than always predicting the median"),
        ({"knn/text": 0.015}, "No model is clearly better than always predicting the median"),
    ],
)
def test_finding_without_collapse_says_what_was_learned(skills: Mapping[str, float], finding: str) -> None:
    found = skilled(samples.regression(keys=("knn", "lstm"), sets=("text",), gone=(), weak=()), skills)
    assert regression_of("feelings", found).finding == finding


def test_several_better_models_are_listed() -> None:
    found = samples.regression(keys=("knn", "ridge", "lstm"), sets=("text",), gone=(), weak=())
    told = regression_of("feelings", skilled(found, {"knn/text": 0.1, "ridge/text": 0.1}))
    better = [one.title for one in told.models if one.beats_median]
    assert told.finding == f"No model has collapsed; {better[0]} and {better[1]} are better than the median"


def test_what_is_clear_has_an_interval_on_one_side_of_zero() -> None:
    found = skilled(samples.regression(), {"knn/text": 0.05, "knn/voice": -0.05, "knn/face": 0.01})
    told = {one.id: one for one in regression_of("feelings", found).models}
    assert [told[f"knn/{one}"].beats_median for one in ("text", "voice", "face")] == [True, False, False]
    assert [told[f"knn/{one}"].loses_to_median for one in ("text", "voice", "face")] == [False, True, False]


def test_one_modality_needs_no_name() -> None:
    assert [one.title for one in regression(sets=("text",), keys=("knn", "ridge")).models] == ["Ridge", "KNN"]
    titles = {one.title for one in regression(keys=("knn",)).models}
    assert titles == {"KNN on text", "KNN on voice", "KNN on face", "KNN on everything"}


def test_validation_and_not_the_test_part_puts_models_in_order() -> None:
    found = samples.regression()
    for one, error in zip(found["candidates"][:3], (0.3, 0.1, 0.2), strict=True):
        one["validation"] = {"mae": error, "pearson": 0.0}
    found["candidates"] = [*found["candidates"][:3], *found["candidates"][-3:]]
    found["hidden"], found["pairs"] = [], []
    told = regression_of("feelings", found)
    assert [one.id for one in told.models] == ["ridge/text", "lstm/text", "knn/text"]
    assert [row[0] for row in told.tables["scores"].rows] == [
        *("Ridge on text", "LSTM on text", "KNN on text"),
        *("Zero", "Median", "Mean"),
    ]


@pytest.mark.parametrize(("error", "wins"), [(0.001, True), (0.164, False), (None, False)])
def test_zero_wins_only_with_the_lowest_error_of_all(error: float | None, wins: bool, tmp_path: Path) -> None:
    found = samples.regression()
    zero = next(one for one in found["candidates"] if one["id"] == "zero")
    zero["scores"]["mae"] = samples.estimate(error, 0.001)
    assert regression_of("feelings", found).zero_wins == wins
    pages = made(tmp_path, found=found)
    for slug in ("index", "intensities-feelings"):
        assert ("Always predicting zero has a lower error than every model." in words(pages, slug)) == wins, slug
    section = words(pages, "intensities-feelings").partition("What the error hides")[2].partition("Table")[0]
    assert ("always predicting zero has a lower error than every model here" in section) == wins


def test_pairs_of_models_are_rows_and_those_with_the_median_are_not() -> None:
    found = samples.regression(sets=("text",), keys=("knn", "lstm"))
    clear = samples.estimate(0.1, 0.02)
    found["pairs"] += [
        {"first": "knn/text", "second": "lstm/text", "score": "pearson", "difference": clear, "better": "knn/text"},
        {"first": "knn/text", "second": "median", "score": "mae", "difference": clear, "better": "knn/text"},
    ]
    table = regression_of("feelings", found).tables["pairs"]
    assert table.head == ("First", "Second", "Mean absolute error", "Correlation")
    ((first, second, error, correlation),) = table.rows
    assert (first, second) == ("KNN", "LSTM")
    assert error.mean == found["pairs"][0]["difference"]["mean"]  # type: ignore[union-attr]
    assert correlation.low == pytest.approx(0.08)  # type: ignore[union-attr]


# intensities: the page


def test_page_says_what_collapsed_what_is_weak_and_what_was_learned(usual: Pages) -> None:
    text = words(usual, "intensities-feelings")
    found = regression()
    first = found.models[0]
    assert first.scores["mae"]
    assert first.scores["pearson"]
    estimates = [first.scores[name].estimate.replace("\xa0", " ") for name in ("mae", "skill", "pearson")]  # type: ignore[union-attr]
    for said in (
        "LSTM on text has a lower error than KNN on text, and tells one thing only",
        f"predicts 6 intensities with a mean absolute error of {estimates[0]}",
        f"on the scale from 0 to 3, a skill of {estimates[1]} against always predicting the median,",
        f"a mean correlation of {estimates[2]} (1 860 test segments of 60 videos).",
        "Collapsed LSTM on text. Its predictions vary along 1.08 directions, where 2.7 are supported.",
        "Weak, which is no collapse KNN on voice. Its predictions",
        "15 % of the test segments have no emotion at all",
        "Models learned from 16 740 segments of 540 videos",
        "the test part has 1 860 segments of 60 videos that they have not seen",
        "Where these predictions lie among all emotions: Map of feelings; how they move over time: trajectories.",
        "Intervals are over videos, for these trained models: another training may come out otherwise.",
    ):
        assert said in text, said
    for one in samples.regression()["hidden"]:
        assert one["why"] in text
    rows = {row[0]: row[1] for row in found.tables["collapse"].rows}
    assert rows["LSTM on text"] == "collapsed"
    assert rows["KNN on voice"] == "weak"


def test_losers_are_named_on_the_page(tmp_path: Path) -> None:
    keys = {"sets": ("text",), "keys": ("knn", "lstm", "ridge"), "gone": (), "weak": ()}
    found = skilled(samples.regression(**keys), {"knn/text": -0.1, "lstm/text": 0.1})
    text = words(made(tmp_path, found=found), "intensities-feelings")
    assert "KNN errs more than always predicting the median; Ridge is not clearly better." in text
    assert "No model has collapsed; LSTM is better than the median" in text


def test_nothing_is_claimed_of_few_videos(hard: Mapping[str, Pages]) -> None:
    text = words(hard["few videos"], "intensities-feelings")
    assert "4 videos are too few for an interval, so nothing is claimed." in text
    assert "No model: it could not be tested." in text
    assert not re.findall(r"\[(?!95 %)[−\d]", text)
    assert not re.findall(r"errs? more than|not clearly better", text)
    assert "not tested" in text
    found = regression(videos=4)
    assert not [one for one in found.models if one.beats_median or one.loses_to_median]
    assert {one.verdict for one in found.models} == {"not tested"}


def test_weak_and_constant_models_are_no_collapse(hard: Mapping[str, Pages]) -> None:
    text = words(hard["nothing collapsed"], "intensities-feelings")
    assert "No model: each of them still tells more than one thing, or is no narrower than its correlations allow." in text
    assert "Weak, which is no collapse KNN on voice. " in text
    assert "Ridge on voice. Its predictions" in text.partition("Weak, which")[2].partition("Constant")[0]
    assert "KNN on text predicts the same for every segment." in text
    assert "scores are means over 3 trainings" in text


def test_one_modality_is_told_without_its_name(hard: Mapping[str, Pages]) -> None:
    text = words(hard["one modality"], "intensities-feelings")
    assert "KNN, of lowest error on the validation part" in text
    assert "KNN on" not in text
    assert "Second" not in text, "no table of pairs"


def test_settings_are_explained(usual: Pages) -> None:
    rows = {}
    for name in ("feelings", "space"):
        with (usual.folder / "tables" / f"settings-{name}.csv").open(newline="") as file:
            rows |= {(name, row["Of"], row["Setting"]): row for row in csv.DictReader(file)}
    assert rows["feelings", "regress knn", "use"]["Value"] == "knn"
    assert rows["feelings", "text", "components"]["Meaning"]
    assert rows["space", "map", "perplexity"]["Value"] == "30"
    assert rows["space", "lay", "videos"]["Meaning"] == "Videos or songs that are followed over time."
    assert not {setting for _, of, setting in rows if of == "evaluate"} & {"views", "unit", "shuffles"}


# the map


def a_space(quality: Json | None = None, laid: Iterable[Json] = (), mapped: Json | None = None) -> Space:
    return space_of("space", mapped or space.a_map(space.SIX), quality, list(laid), followed=True)


def test_clearly_better_is_an_interval_that_lies_apart() -> None:
    found = a_space(space.a_quality())
    assert found.better == {
        "PCA": ("trustworthiness", "neighbours kept", "steps over time"),
        "openTSNE": ("distances", "steps over time"),
    }
    assert found.worse == {"openTSNE": ("neighbours kept",)}


@pytest.mark.parametrize("videos", [60, 4])
def test_maps_that_overlap_or_have_no_interval_are_not_ranked(videos: int, tmp_path: Path) -> None:
    near = {"map": (0.98, 0.98, 0.4, 0.9, 0.9), "pca": (0.97, 0.98, 0.39, 0.91, None)}
    quality = space.a_quality(near, videos=videos)
    found = a_space(quality)
    assert (found.better, found.worse) == ({}, {})
    text = words(made(tmp_path, quality=quality), "space-space")
    assert "in nothing clearly better or worse than the maps it is measured beside." in text
    assert not re.findall(r"clearly (better|worse) than (PCA|openTSNE)", text)


def test_better_and_worse_are_grouped_by_map(usual: Pages) -> None:
    said = (
        "On 4 500 unseen test segments it is clearly better than PCA in trustworthiness, neighbours kept and steps over time;"
        " than openTSNE in distances and steps over time, and clearly worse than openTSNE in neighbours kept."
    )
    assert said in words(usual, "space-space")
    assert "neighbours among unseen ratings are clearly better kept than by PCA." in words(usual, "index"), "not by openTSNE"


def test_overview_praises_a_map_for_what_it_is_better_in(tmp_path: Path) -> None:
    """Distances are not what is near together."""
    quality = space.a_quality({"map": (0.9, 0.9, 0.2, 0.9, 0.9), "pca": (0.97, 0.9, 0.4, 0.7, 0.7)})
    assert a_space(quality).better == {"PCA": ("distances", "steps over time")}
    overview = words(made(tmp_path, quality=quality), "index")
    assert "what is near together" not in overview


def test_a_map_that_is_only_worse_says_so(tmp_path: Path) -> None:
    quality = space.a_quality({"map": (0.9, 0.9, 0.2, 0.5, 0.5), "opentsne": (0.99, 0.9, 0.5, 0.8, 0.5)})
    text = words(made(tmp_path, quality=quality), "space-space")
    assert "it is clearly worse than openTSNE in trustworthiness, neighbours kept and distances." in text
    assert "clearly better" not in text


def test_page_says_what_lies_where(usual: Pages) -> None:
    text = words(usual, "space-space")
    for said in (
        "A parametric t-SNE (infonce; 5 networks of 67 000 parameters) puts 6 intensities into a plane.",
        "It was fitted to 1 500 training segments, 375 different vectors, and to nothing else",
        "How videos move through this space has a page of its own.",
        "their places correlate with valence by 0.93 and with arousal by 0.84",
        "“angry” counts as anger; “neutral” counts as no emotion; that is a convention",
        "Map and classifiers come from different data, some of them simulated.",
        "Their errors, and which of them collapsed: Models of feelings.",
        "How good that classifier is: Small network.",
        "A plane cannot hold 6 dimensions.",
        "how far the 5 networks of the map disagree about a place",
        "16 740 segments train, 1 860 segments validation, 1 860 segments test.",
    ):
        assert said in text, said
    assert "Its axes mean nothing." not in text
    with (usual.folder / "tables" / "laid-space.csv").open(newline="") as file:
        rows = {row["Predictions"]: row for row in csv.DictReader(file)}
    assert rows["LSTM on text"]["Verdict"] == "collapsed"
    assert float(rows["LSTM on text"]["Share of the true area mean"]) == pytest.approx(0.06)
    with (usual.folder / "tables" / "quality-space.csv").open(newline="") as file:
        assert [row["Map"] for row in csv.DictReader(file)] == ["This map", "PCA", "openTSNE"]


def test_narrow_predictions_are_named_on_the_overview(usual: Pages) -> None:
    """Those whose area is clearly less than half of the true one."""
    rng, mapped = np.random.default_rng(0), space.a_map(space.SIX)
    truth = space.place(mapped, space.ratings(space.SIX, 40, rng))
    about, _ = space.predictions(mapped, "feelings", truth, ("knn", "lstm"), SETS, ("lstm",), rng)
    for one, high in zip(about["candidates"], (0.4, 0.5, None, 0.49, 0.6, 0.7, 0.8, 0.9), strict=True):
        one["area"] = {"mean": 0.3, "low": None if high is None else 0.2, "high": high}
    (laid_on,) = a_space(None, [{**about, "simulated": True}]).laid
    assert laid_on.narrow == ("KNN on text", "KNN on everything")
    assert laid_on.several
    lstm = "LSTM on text, LSTM on voice, LSTM on face and LSTM on everything"
    assert f"Of Models of feelings, {lstm} fill less than half of the area that the truth does." in words(usual, "index")


def test_an_unturned_map_claims_no_axes(hard: Mapping[str, Pages]) -> None:
    text = words(hard["nothing collapsed"], "space-space")
    assert "Its axes mean nothing." in text
    assert "valence to the right" not in text


def test_a_plane_is_fitted_to_nothing_and_measured_by_nothing(hard: Mapping[str, Pages]) -> None:
    pages = hard["plane"]
    text = words(pages, "space-space")
    assert "The ratings are valence and arousal, a plane themselves: nothing is fitted, and nothing is lost." in text
    assert "How songs move through this space" in text
    for said in (
        "t-SNE",
        "Neighbours kept",
        "How true is the map",
        "A plane cannot hold",
        "The ellipses",
        "Near each other lie",
    ):
        assert said not in text, said
    assert not (pages.folder / "tables" / "quality-space.csv").exists()
    assert "here the ratings are a plane themselves" in words(pages, "trajectories-space")
    assert "Emotion space" not in as_html(page(pages, "methods").markdown).headings


# trajectories


def test_trajectories_say_how_to_read_them(usual: Pages) -> None:
    text = words(usual, "trajectories-space")
    for said in (
        "How videos of the test part move through the emotion space over time. A segment lasts some seconds;",
        "The strip below says how far the modalities agree about each segment",
        "How good they are: Models of feelings.",
        "Videos were chosen by rule from the test part",
    ):
        assert said in text, said
    assert "figures/trajectories-space.svg" in [i["src"] for i in as_html(page(usual, "trajectories-space").markdown).images]


def test_without_trajectories_there_is_no_page_and_no_link(hard: Mapping[str, Pages]) -> None:
    pages = hard["few videos"]
    assert "trajectories-space" not in slugs(pages)
    for one in pages.pages:
        assert not [link for link in as_html(one.markdown).links if link.startswith("trajectories")], one.slug
    assert "has a page of its own" not in words(pages, "space-space")


# what is missing


def test_lost_scores_leave_pages_that_say_so(hard: Mapping[str, Pages]) -> None:
    pages = hard["no scores"]
    text = words(pages, "intensities-feelings")
    assert "Some steps of this experiment did not finish, so what they make is not on this page:" in text
    assert "assess feelings: out of memory" in text
    assert "lstm (lstm):" in text, "what was trained is known"
    text = words(pages, "space-space")
    assert "measure space: out of memory" in text
    assert "A parametric t-SNE" in text
    assert "unseen test segments" not in text
    assert "How true is the map?" not in text
    assert "How strong is which emotion?" not in words(pages, "index")


def test_a_lost_map_leaves_a_page_that_says_so(hard: Mapping[str, Pages]) -> None:
    pages = hard["no map"]
    assert "trajectories-space" not in slugs(pages)
    text = words(pages, "space-space")
    assert "embed space: out of memory" in text
    assert "A parametric t-SNE" not in text
    assert "Where these predictions lie" not in words(pages, "intensities-feelings")


def test_lost_data_leave_pages_of_experiments(tmp_path: Path) -> None:
    pages = lacking(tmp_path, "load speakers")
    assert "data-speakers" not in slugs(pages)
    for slug in ("intensities-feelings", "space-space"):
        assert "The data could not be read." in words(pages, slug)
    assert "load speakers: out of memory" in words(pages, "index")


# other pages


def test_overview_and_methods_tell_of_ratings(usual: Pages) -> None:
    overview = words(usual, "index")
    assert "Models of feelings: LSTM on text has a lower error than KNN on text, and tells one thing only." in overview
    assert {"intensities-feelings.html", "space-space.html"} <= set(as_html(page(usual, "index").markdown).links)
    assert "No experiment has a result" not in overview
    with (usual.folder / "tables" / "results.csv").open(newline="") as file:
        assert [row["Experiment"] for row in csv.DictReader(file)] == ["Small network (small, fer_gap_small)"]
    headings = as_html(page(usual, "methods").markdown).headings
    assert {"Intensities", "Emotion space"} <= set(headings)
    assert "Map of feelings. infonce, 5 networks of 67 000 parameters" in words(usual, "methods")


def test_simulated_ratings_are_called_so_on_every_page(usual: Pages) -> None:
    for slug in SLUGS[:-2]:
        assert "simulated" in page(usual, slug).markdown.lower(), slug


def test_evil_texts_of_readers_and_studies_are_shown_as_text(tmp_path: Path) -> None:
    """Emotions, modalities, titles, reasons and notices may hold anything."""
    pages = made(tmp_path, text=evil)
    for one in pages.pages:
        read = as_html(one.markdown)
        assert not {tag for tag, _ in read.tags} & {"em", "strong", "del", "iframe"}, one.slug
        assert all(attributes.get("type") == "application/json" for tag, attributes in read.tags if tag == "script")
        assert not [link for link in read.links if link.lower().startswith("javascript")]
        names = " ".join(EVIL.replace("_", " ").split())  # as emotions are written
        assert read.words.count("7*7") == read.words.count(EVIL) + read.words.count(names), one.slug
    for slug, texts in {
        "data-speakers": ("Small speakers", "happy", "voice", "2 segments overlap"),
        "intensities-feelings": ("Models of feelings", "How strong is which emotion?", "Small speakers"),
        "space-space": ("Map of feelings", "anger", "Small network", "PCA", "Trustworthiness"),
        "trajectories-space": ("Map of feelings", "Models of feelings"),
    }.items():
        said = as_html(page(pages, slug).markdown).words
        assert [text for text in texts if evil(text) not in said] == [], slug
    assert EVIL in as_html(page(pages, "intensities-feelings").markdown).headings[0]
    check_links(pages)


# made-up outputs


NAMED_BY_DATA = ("counts", "emotions", "modalities", "sets", "told")
"""Keys of JSON objects whose own keys are names that data or studies give."""
UNLIKE = ("settings", "n_parts")


def keys_of(value: Any) -> Any:
    """Keys of JSON objects all the way down; of lists, and of what data name, those of the first one."""
    if isinstance(value, dict):
        found = {}
        for key, child in value.items():
            first = next(iter(child.values()), None) if key in NAMED_BY_DATA and isinstance(child, dict) else child
            found[key] = None if key in UNLIKE or (key == "counts") else keys_of(first)
        return found
    return keys_of(value[0]) if isinstance(value, list) and value else None


def test_made_up_outputs_have_the_keys_of_real_ones(tmp_path: Path) -> None:
    """All that pages and figures read as JSON, in the form in which the real steps write it."""
    from tests import factories_ratings

    store, build, _ = stored(tmp_path / "store")
    records = [store.record(key) for key in build.records.values()]
    whole = [output for record in records if record for output in store.outputs(record)]
    made_up, real = by_kind(whole), by_kind(factories_ratings.study(tmp_path / "real"))
    shared = {key for key in made_up.keys() & real.keys() if made_up[key].path.suffix == ".json"}
    assert {kind for kind, *_ in shared} == {
        *("facts", "split", "preparation", "regressor", "regression", "map", "map_quality", "laid_about", "trajectories")
    }
    for key in sorted(shared):
        assert differences(*(keys_of(outputs[key].load()) for outputs in (made_up, real))) == [], key
    classes = made_up["laid_about", "space", "", "small"].load()
    assert classes.keys() == real["laid_about", "space", "", "feelings"].load().keys()


def by_kind(outputs: Iterable[Output]) -> dict[tuple[str, ...], Output]:
    """{(kind, experiment, regressor, laid): output} of what is about the data set of ratings."""
    about = ("experiment", "regressor", "laid")
    return {(o.kind, *(o.about.get(key, "") for key in about)): o for o in outputs if o.about["dataset"] == "speakers"}


def test_made_up_study_has_the_tables_of_real_ones() -> None:
    for name, table in study(plain)["experiment"].items():
        assert table.keys() <= Experiment.model_fields.keys(), name
