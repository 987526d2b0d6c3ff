"""What the documents say is so: commands, examples, paths, settings, pins."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reportgen import plugins
from reportgen.cli import app
from reportgen.kinds import KINDS
from reportgen.study_file import read_study
from reportgen.workspace import Workspace

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
FILES = {f"{kind}s/{name}": (path, plugins.VERBS[kind]) for kind in plugins.VERBS for name, path in plugins.find(kind).items()}


def example(language: str) -> str:
    """The one block of a language in README."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_in_the_readme_and_explains_itself(command: str) -> None:
    assert re.search(rf"`reportgen {command}\b", README), f"README does not say what `reportgen {command}` does"
    assert COMMANDS[command].help
    unexplained = [parameter.name for parameter in COMMANDS[command].params if not getattr(parameter, "help", "")]
    assert not unexplained


@pytest.mark.parametrize("plugin", FILES)
def test_plugin_describes_itself_and_its_settings(plugin: str) -> None:
    path, verb = FILES[plugin]
    assert plugins.summary(path).endswith("."), "the first line of the docstring is a sentence"
    check_settings(path, verb)


def test_training_describes_its_settings() -> None:
    check_settings(plugins.PACKAGE / "training.py", "fit")


def check_settings(path: Path, verb: str) -> None:
    """Every setting says what it is, and its default passes its own range."""
    settings = plugins.settings_of(path, verb)
    undescribed = [
        name
        for name, field in settings.model_fields.items()
        if not any(isinstance(m, plugins.annotated_doc.Doc) for m in field.metadata)
    ]
    assert not undescribed, f"write Doc(...) for {undescribed}"
    defaults = {name: field.default for name, field in settings.model_fields.items() if not field.is_required()}
    examples = {"classes": ["calm", "glad"], "rate": 128}
    required = {name: examples.get(name, "somewhere") for name, field in settings.model_fields.items() if field.is_required()}
    settings.model_validate(defaults | required)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_says_how_it_is_written(kind: str) -> None:
    assert re.match(r"(json: |npz: |safetensors: |\()\S", KINDS[kind])


def test_readme_study_is_one(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(example("toml"), encoding="utf-8")
    assert read_study(path)[0].experiment["small"].seeds == [0, 1, 2]
    assert read_study(path, "quick")[0].experiment["small"].seeds == [0]


def test_readme_data_set_is_one(workspace: Path) -> None:
    plugin = workspace / "plugins" / "datasets" / "our_faces.py"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(example("python"), encoding="utf-8")
    images = np.arange(2 * 48 * 48, dtype=np.uint8).reshape(2, 48, 48)
    np.savez(workspace / "faces.npz", images=images, emotion=np.array([1, 0]), part=np.array(["train", "test"]))
    Workspace.here()
    assert plugins.summary(plugins.path_of("dataset", "our_faces")).startswith("Faces of our own study")
    settings = plugins.settings("dataset", "our_faces").model_validate({"path": "faces.npz"})
    (samples,) = plugins.verb("dataset", "our_faces")(**settings.model_dump())
    assert np.array_equal(samples.x, images)
    assert samples.sources.tolist() == ["0", "1"]


def test_readme_is_short() -> None:
    assert README.count("\n") < 150


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_targets_and_paths_exist(text: str) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)\b", text, re.MULTILINE))
    assert named
    assert named <= targets
    paths = re.findall(r"`((?:reportgen|tests|templates|benchmarks|data/studies|\.ci)/[a-z_][\w./-]*)`", text)
    assert not [path for path in paths if "test_x" not in path and not (ROOT / path).exists()]


def test_contributing_names_every_folder_and_its_verb() -> None:
    for kind, verb in plugins.VERBS.items():
        assert re.search(rf"\| `{kind}s/` \| `{verb}\b", CONTRIBUTING)


def requirements() -> Iterator[Requirement]:
    """Everything that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lines in (project["dependencies"], *project["optional-dependencies"].values()):
        yield from map(Requirement, lines)


def pins() -> dict[str, str]:
    """{distribution: version} of constraints.txt, whose lines are plain pins."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines if line and not line.startswith("#")]
    assert all(found), "a line of constraints.txt is no plain NAME==VERSION"
    return {canonicalize_name(match[1]): match[2] for match in found if match}


@pytest.mark.parametrize("requirement", list(requirements()), ids=str)
def test_pin_is_what_is_asked_for(requirement: Requirement) -> None:
    pinned = pins().get(canonicalize_name(requirement.name))
    assert pinned, f"constraints.txt does not pin {requirement.name}"
    assert requirement.specifier.contains(pinned)
