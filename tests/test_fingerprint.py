"""Digests change when, and only when, the meaning does."""

import os

import pytest

from reportgen import plugins
from reportgen.fingerprint import Files, changes, code_of, digest


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "memory" / "files.json")


def code(files, path, text):
    path.write_text(text)
    os.utime(path, ns=(1, hash(text) % 10**12))  # another time, as an editor would leave it
    return files.code(path)[0]


def test_comments_docstrings_and_layout_do_not_count(files, tmp_path):
    path = tmp_path / "step.py"
    first = code(files, path, "def f(a):\n    return a + 1\n")
    assert code(files, path, '"""Doc."""\n\n\ndef f(a):  # why\n    """More."""\n    return (a + 1)\n') == first
    assert code(files, path, "def f(a):\n    return a + 2\n") != first


def test_content_of_a_folder_knows_names_and_bytes_but_not_its_place(files, tmp_path):
    for name in ("here", "there"):
        (tmp_path / name / "happy").mkdir(parents=True)
        (tmp_path / name / "happy" / "1.png").write_bytes(b"pixels")
    assert files.content(tmp_path / "here") == files.content(tmp_path / "there")
    (tmp_path / "there" / "happy" / "1.png").rename(tmp_path / "there" / "happy" / "2.png")
    assert files.content(tmp_path / "here") != files.content(tmp_path / "there")


def test_memory_is_used_until_size_or_time_differ(tmp_path):
    path, memory = tmp_path / "data.csv", tmp_path / "files.json"
    path.write_text("aaaa")
    files = Files(memory)
    first = files.sha256(path)
    files.save()
    stamp = path.stat().st_mtime_ns
    path.write_text("bbbb")
    os.utime(path, ns=(stamp, stamp))
    assert Files(memory).sha256(path) == first  # same size and time: as git, we take it for the same
    os.utime(path, ns=(stamp, stamp + 1))
    assert Files(memory).sha256(path) != first


def test_a_spoilt_memory_is_only_forgotten(tmp_path):
    (tmp_path / "files.json").write_text("{half")
    path = tmp_path / "a"
    path.write_text("a")
    assert len(Files(tmp_path / "files.json").sha256(path)) == 64


def test_code_of_a_training_follows_imports_to_the_loop_but_not_to_figures(files):
    seen, libraries = code_of(files, "reportgen.steps.train:run", ["model/fer_gap"])
    assert {"reportgen/steps/train.py", "reportgen/training.py", "reportgen/models/_gap.py"} <= seen.keys()
    assert not any(name.startswith(("reportgen/figures/", "reportgen/report/", "reportgen/store")) for name in seen)
    assert "torch" in libraries


def test_code_of_an_explanation_does_not_hold_the_training_loop(files):
    seen, _ = code_of(files, "reportgen.steps.explain:run", ["explainer/lime", "model/fer_vgg"])
    assert "reportgen/explainers/lime.py" in seen
    assert "reportgen/training.py" not in seen


def test_code_of_figures_holds_no_torch(files):
    for figure in plugins.find("figure"):
        seen, libraries = code_of(files, "reportgen.steps.figure:run", [f"figure/{figure}"])
        assert "torch" not in libraries, seen


def test_digest_does_not_know_the_order_of_keys():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})


def test_changes_name_the_setting_and_both_values():
    before, after = {"a": {"samples": 256}, "b": 1}, {"a": {"samples": 512}, "c": 2}
    assert changes(before, after) == ["a.samples 256 → 512", "b 1 → (none)", "c (none) → 2"]
