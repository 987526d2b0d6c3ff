"""One tiny build of everything, and many small looks at it; then what a second build, a change and a kill do."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reportgen import building, rendering
from reportgen.console import QUIET, Talk
from reportgen.options import Options
from reportgen.store import Store
from reportgen.workspace import Workspace

ROOT = Path(__file__).parent.parent
STUDY = Path(__file__).parent / "tiny.toml"


def tree(folder):
    """{file: bytes} of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def without_times(pages):
    """The pages without how long their steps took: what a build that was disturbed must equal."""
    texts = {name: content.decode() for name, content in pages.items() if name.endswith(".md")}
    return {name: re.sub(r"(?:[\d.]+\xa0(?:s|min|h)\b ?)+", "TIME", text) for name, text in texts.items()}


def make_workspace(folder):
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    shutil.copyfile(STUDY, folder / "tiny.toml")
    return Workspace(folder, folder)


def build(workspace, **options):
    return rendering.build(workspace, workspace.root / "tiny.toml", Options(**options), Talk(QUIET))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A workspace with one finished build, and what was reported of it."""
    workspace = make_workspace(tmp_path_factory.mktemp("whole") / "workspace")
    return workspace, build(workspace)


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of the built workspace, to be disturbed."""
    shutil.copytree(whole[0].root, tmp_path / "copy", copy_function=shutil.copy2)
    return Workspace(tmp_path / "copy", tmp_path / "copy")


def reportgen(*words, cwd, code="from reportgen.cli import main; main()", **environment):
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv = ['reportgen', *{list(words)!r}]; {code}"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_everything_succeeds_and_is_there(whole):
    workspace, report = whole
    assert report.failed == {}
    for name in ("index", "experiment-small", "experiment-linear", "data-faces", "audits", "methods", "limits", "reproduce"):
        assert (workspace.site / f"{name}.html").stat().st_size > 1000, name
    assert (workspace.site / "report.pdf").read_bytes().startswith(b"%PDF")


def test_every_score_stands_beside_its_baseline_and_interval(whole):
    workspace, _ = whole
    _, made = Store(workspace.store).last_build("tiny")
    scores = Store(workspace.store).inputs([made.records["score small"]]).one("scores")
    accuracy = scores["views"]["all"]["metrics"]["accuracy"]
    assert len(accuracy["seeds"]) == 2
    assert accuracy["low"] <= accuracy["mean"] <= accuracy["high"]
    assert scores["views"]["all"]["baseline"]["chance"] == pytest.approx(1 / 7)
    text = (workspace.pages / "experiment-small.md").read_text()
    assert "95&nbsp;% interval" in text
    assert "guessing 0.14" in text
    assert "always answering" in text


def test_simulated_data_is_called_simulated_on_every_page_that_shows_it(whole):
    workspace, _ = whole
    for name in ("index.md", "data-faces.md", "experiment-small.md", "experiment-linear.md"):
        assert "simulated" in (workspace.pages / name).read_text().lower(), name


def test_searched_settings_are_those_that_were_trained(whole):
    workspace, _ = whole
    store = Store(workspace.store)
    records = store.last_build("tiny")[1].records
    winner = store.inputs([records["tune search"]]).one("tuned")["settings"]
    trained = store.inputs([records["train search seed 0"]]).one("model")["settings"]
    assert trained["conv3"] == winner["model"]["conv3"]
    assert trained["conv1"] == 2, "what was not searched for is the study's"
    assert "How its settings were found" in (workspace.pages / "experiment-search.md").read_text()


def test_experiments_on_the_same_samples_are_compared(whole):
    workspace, _ = whole
    text = (workspace.pages / "comparison-faces-official.md").read_text()
    assert all(f"experiment-{name}.html" in text for name in ("small", "linear", "search"))
    assert "McNemar" in text


def test_mistakes_of_a_published_recipe_are_named(whole):
    """Sigmoids with a binary loss for classes that exclude each other, and one class after the other."""
    workspace, _ = whole
    store = Store(workspace.store)
    found = store.inputs(store.last_build("tiny")[1].records.values())
    for audit in ("training_order", "loss_fits_labels"):
        severity = {finding["about"]: finding["severity"] for finding in found.one("findings", audit=audit)}
        assert severity["experiment search"] in ("warning", "error"), audit
        assert severity["experiment small"] == "ok", audit


def test_text_of_the_study_is_shown_and_never_interpreted(whole):
    workspace, _ = whole
    html = "".join(path.read_text() for path in workspace.site.glob("*.html"))
    assert "<script>alert(1)</script>" not in html
    assert "<b>simulated</b>" not in html
    assert "{{ 7*7 }}" in html.replace("&#123;", "{").replace("&#125;", "}").replace("&#42;", "*")
    assert 'href="javascript:' not in html


def test_second_build_runs_and_writes_nothing(whole):
    workspace, _ = whole
    before = {path: path.stat().st_mtime_ns for path in workspace.site.rglob("*")}
    again = build(workspace)
    assert (again.ran, again.changed) == ([], [])
    assert {path: path.stat().st_mtime_ns for path in workspace.site.rglob("*")} == before


def test_more_lime_samples_run_lime_its_figures_and_pages_only(copy):
    study = copy.root / "tiny.toml"
    study.write_text(study.read_text().replace("samples = 64", "samples = 96"))
    report = build(copy)
    lime = [name for name in report.ran if not name.startswith("figure ")]
    assert "explain small lime" in lime
    assert not [name for name in lime if name.startswith(("load", "split", "train", "evaluate", "score"))]
    figures = {name.split()[1] for name in report.ran if name.startswith("figure ")}
    judged = {"faithfulness", "localisation", "randomisation"}
    assert {"lime_panels", "faithfulness"} <= figures <= {"lime_panels", "lime_quality", "lime_on_truth", *judged}
    assert "judge small lime" in lime
    assert "judge small cam" not in lime
    assert "site" in report.changed
    record = Store(copy.store).record(Store(copy.store).latest_keys("tiny")["explain small lime"])
    assert record.reason == "settings.samples 64 → 96"


def test_maps_are_scaled_one_by_one_on_request_only(copy):
    study = copy.root / "tiny.toml"
    study.write_text(study.read_text() + '\n[figure.attribution_classes]\nscale = "image"\n')
    report = build(copy)
    assert {name.split()[1] for name in report.ran} == {"attribution_classes"}
    captions = re.findall(r"<figcaption>.*?</figcaption>", (copy.pages / "experiment-small.md").read_text())
    assert sum("scale of its own" in caption for caption in captions) == 1


def test_render_works_from_the_store_alone_without_torch(copy):
    before = tree(copy.pages)
    shutil.rmtree(copy.root / "build")
    shutil.rmtree(copy.site)
    (copy.root / "tiny.toml").unlink()
    forbid = "sys.modules.update({name: None for name in ('torch', 'mne', 'sklearn', 'skimage', 'lime', 'scipy')}); "
    done = reportgen("render", cwd=copy.root, code=forbid + "from reportgen.cli import main; main()")
    assert done.returncode == 0, done.stderr
    assert tree(copy.pages) == before
    assert (copy.site / "index.html").exists()


def test_render_shows_nothing_that_was_edited_and_build_makes_it_anew(copy):
    store = Store(copy.store)
    path = store.object(store.latest_keys("tiny")["score small"]) / "scores.json"
    path.write_text(path.read_text().replace('"mean": 0.', '"mean": 0.9'))
    done = reportgen("render", cwd=copy.root)
    assert done.returncode == 2
    assert "step 'score small'" in done.stderr
    assert "output scores.json was changed" in done.stderr
    assert "score small" in build(copy).ran
    assert reportgen("render", cwd=copy.root).returncode == 0


def test_settings_tried_on_the_test_part_are_counted_and_said(copy):
    study = copy.root / "tiny.toml"
    study.write_text(study.read_text().replace("train = { epochs = 2 }", "train = { epochs = 2, learning_rate = 0.01 }"))
    build(copy, pdf=False)
    text = (copy.pages / "audits.md").read_text()
    assert "Other settings of this experiment were tried on the same test part before" in text
    assert "2 trained models were evaluated since this store began, 1 of them are shown" in text


def test_another_winner_of_a_search_is_another_look_at_the_test_part(copy):
    study = copy.root / "tiny.toml"
    study.write_text(
        study.read_text().replace('"model.conv3" = { low = 4, high = 6 }', '"model.conv3" = { low = 8, high = 9 }')
    )
    build(copy)
    assert len(Store(copy.store).evaluations("tiny")["search"]) == 2
    assert "Other settings of this experiment were tried" in (copy.pages / "audits.md").read_text()


def test_a_damaged_build_file_is_said_and_mended(copy):
    folder = copy.store / "builds" / "tiny"
    path = folder / f"{(folder / 'last').read_text()}.json"
    path.write_text(path.read_text()[:50])
    done = reportgen("render", "tiny", cwd=copy.root)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "the last build is damaged" in done.stderr
    assert build(copy).failed == {}


def test_status_needs_no_torch_and_says_why(copy):
    study = copy.root / "tiny.toml"
    study.write_text(study.read_text().replace("epochs = 2, batch = 16", "epochs = 3, batch = 16"))
    forbid = "sys.modules.update({name: None for name in ('torch', 'mne', 'matplotlib', 'mkdocs', 'weasyprint')}); "
    done = reportgen("status", "tiny.toml", cwd=copy.root, code=forbid + "from reportgen.cli import main; main()")
    assert done.returncode == 0, done.stderr
    assert "train small seed 0: train.epochs 2 → 3" in done.stdout
    assert "score small: after train small seed 0" in done.stdout
    assert "train linear seed 0: up to date" in done.stdout


def test_a_failing_step_leaves_the_rest_standing_and_is_named_in_the_report(copy):
    (copy.root / "plugins" / "models").mkdir(parents=True)
    (copy.root / "plugins" / "models" / "broken.py").write_text(
        '"""A model that cannot be built."""\n\n\ndef build(spec, *, width: int = 3):\n    raise RuntimeError("out of ideas")\n'
    )
    study = copy.root / "tiny.toml"
    study.write_text(study.read_text().replace('model = "linear"', 'model = "broken"'))
    done = reportgen("build", "tiny.toml", cwd=copy.root)
    assert done.returncode == 1
    assert "out of ideas" in done.stderr
    assert "small" in (copy.pages / "index.md").read_text()
    assert "train linear seed 0" in "".join(path.read_text() for path in copy.pages.glob("*.md"))
    assert (copy.site / "report.pdf").exists()


def wait_for(what, seconds=120):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def outputs(workspace):
    """{step: {output: sha256}} of the last build: all numbers and pictures, without times and ids."""
    store = Store(workspace.store)
    _, made = store.last_build("tiny")
    records = {step: store.record(key) for step, key in made.records.items()}
    return {step: {name: o["sha256"] for name, o in record.outputs.items()} for step, record in records.items()}


def test_a_build_killed_while_training_ends_in_the_same_numbers(tmp_path):
    text = STUDY.read_text().replace("epochs = 2, batch = 16", "epochs = 6, batch = 16")
    text = text[: text.index("[experiment.small.explain.lime]")]
    kept = []
    for name in ("undisturbed", "killed"):
        workspace = make_workspace(tmp_path / name)
        (workspace.root / "tiny.toml").write_text(text)
        if name == "killed":
            command = [sys.executable, "-m", "reportgen", "run", "tiny.toml", "-q"]
            child = subprocess.Popen(command, cwd=workspace.root, env={**os.environ, "PYTHONPATH": str(ROOT)})
            wait_for(lambda: list(workspace.store.glob("work/*/checkpoint.safetensors")))  # noqa: B023
            child.send_signal(signal.SIGKILL)
            child.wait()
            assert list(workspace.store.glob("work/*/checkpoint.safetensors"))
        building.run(workspace, workspace.root / "tiny.toml", Options(), Talk(QUIET))
        kept.append(outputs(workspace))
        assert not list(workspace.store.glob("work/*"))
    assert kept[0] == kept[1]


def test_a_build_killed_while_rendering_ends_in_the_same_pages(copy):
    before = tree(copy.pages)
    shutil.rmtree(copy.root / "build")
    shutil.rmtree(copy.site)
    for folder in (copy.store / "objects").iterdir():
        if json.loads((folder / "record.json").read_text())["step"].startswith("figure "):
            shutil.rmtree(folder)
    command = [sys.executable, "-m", "reportgen", "build", "tiny.toml", "-q"]
    child = subprocess.Popen(command, cwd=copy.root, env={**os.environ, "PYTHONPATH": str(ROOT)})
    wait_for(lambda: list(copy.store.glob("objects/*/figure.csv")))
    child.send_signal(signal.SIGKILL)
    child.wait()
    report = build(copy)
    assert report.failed == {}
    after = tree(copy.pages)
    assert without_times(after) == without_times(before)
    pictures = {name for name in before if name.startswith("figures/")}
    assert {name: after[name] for name in pictures} == {name: before[name] for name in pictures}
    assert after.keys() == before.keys()
