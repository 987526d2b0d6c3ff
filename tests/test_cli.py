"""The command line: help, lists, exit codes and one-line errors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen import plugins

ROOT = Path(__file__).parent.parent


def reportgen(*words, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "reportgen", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_names_every_command_and_loads_nothing_heavy(tmp_path):
    heavy = ("torch", "matplotlib", "numpy", "mkdocs", "pydantic", "mne")
    look = f"print([name for name in {heavy} if name in sys.modules])"
    code = f"import sys; sys.argv = ['reportgen', '--help']\ntry:\n from reportgen.cli import main; main()\nfinally:\n {look}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    for command in ("build", "run", "render", "status", "list", "serve", "check", "init", "apply"):
        assert command in done.stdout
    assert done.stdout.strip().endswith("[]")


def test_options_of_build(tmp_path):
    text = reportgen("build", "--help", cwd=tmp_path, COLUMNS="140").stdout
    options = ("only", "profile", "device", "no-pdf", "public", "strict", "no-strict", "jobs", "again", "out")
    assert all(f"--{option}" in text for option in options)


@pytest.mark.parametrize("kind", list(plugins.VERBS))
def test_lists_have_one_id_a_line_first(kind, tmp_path):
    lines = reportgen("list", f"{kind}s", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(plugins.find(kind))
    assert all(len(line.split()) > 3 for line in lines)  # a description follows


def test_list_of_one_shows_settings_with_ranges_units_and_defaults(tmp_path):
    text = reportgen("list", "explainers", "lime", cwd=tmp_path).stdout
    assert "samples" in text
    assert "≥" in text
    assert "default" in text
    assert reportgen("list", "models", "fer_vgg", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "nowhere.toml"), "no study file nowhere.toml"),
        (("status", "nowhere.toml"), "no study file nowhere.toml"),
        (("list", "modells"), "did you mean 'models'?"),
        (("list", "models", "fer_vg"), "did you mean 'fer_vgg'?"),
        (("render",), "nothing has been built"),
        (("build", "--only", "smal", str(ROOT / "tests/tiny.toml")), "did you mean 'small'?"),
        (("build", "--profile", "smok", str(ROOT / "tests/tiny.toml")), "did you mean 'smoke'?"),
        (("run", "--again", "trian", str(ROOT / "tests/tiny.toml")), "did you mean 'train'?"),
        (("build", "--jobs", "0"), "--jobs"),
        (("biuld",), "biuld"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(words, said, tmp_path):
    done = reportgen(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "site").exists()


def test_device_that_is_not_there(tmp_path):
    done = reportgen("run", str(ROOT / "tests/tiny.toml"), "--only", "linear", "--device", "cuda", cwd=tmp_path)
    assert done.returncode == 2
    assert "device 'cuda' is not available; this machine has: cpu" in done.stderr


def test_a_second_build_on_one_store_waits_for_nobody(tmp_path):
    from filelock import FileLock

    (tmp_path / "data/store").mkdir(parents=True)
    with FileLock(tmp_path / "data/store/lock"):
        done = reportgen("run", str(ROOT / "tests/tiny.toml"), cwd=tmp_path)
    assert done.returncode == 1
    assert "another build is using" in done.stderr


def test_check_reports_data_without_training(tmp_path):
    done = reportgen("check", str(ROOT / "tests/tiny.toml"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "data set faces" in done.stdout
    assert "train" not in [line.split()[0] for line in done.stdout.splitlines() if line.strip()]


def test_init_makes_a_workspace_and_overwrites_nothing(tmp_path):
    assert reportgen("init", "mine", cwd=tmp_path).returncode == 0
    study = tmp_path / "mine/data/studies/demo.toml"
    study.write_text("my own")
    assert reportgen("init", "mine", cwd=tmp_path).returncode == 0
    assert study.read_text() == "my own"


def test_a_data_set_pooled_with_its_copy_is_refused(tmp_path):
    sets = "".join(
        f'[dataset.{name}]\nuse = "eeg_sim"\nsubjects = 2\nsessions = 1\ntrials = 3\nseconds = 2\nchannels = "ten_twenty"\n'
        for name in ("old", "new")
    )
    pool = '[pool.both]\ndatasets = ["old", "new"]\nclasses = ["negative", "neutral", "positive"]\n'
    experiment = '[experiment.e]\ndataset = "both"\nfeatures = "differential_entropy"\nmodel = "svm"\nsplit = "loso"\n'
    (tmp_path / "study.toml").write_text('title = "A copy"\n' + sets + pool + experiment)
    done = reportgen("check", "study.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "1_1 of new is a copy of 1_1 of old" in done.stderr
