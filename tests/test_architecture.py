"""Who may import whom, one verb a plugin, and no file that grows without end."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reportgen.plugins import PACKAGE, VERBS

ROOT = PACKAGE.parent
OWNERS = packages_distributions()  # {"sklearn": ["scikit-learn"], …}
MODULES = sorted(PACKAGE.rglob("*.py"))
PLUGINS = [(path, verb) for kind, verb in VERBS.items() for path in sorted((PACKAGE / f"{kind}s").glob("[a-z]*.py"))]

LAYERS = {  # a module imports its own layer and lower ones; see "Design" in CONTRIBUTING.md
    **dict.fromkeys(("__init__", "errors", "plugins", "atomic", "orphans"), 0),
    **dict.fromkeys(("core", "kinds", "outputs"), 1),
    **dict.fromkeys(("study", "study_file", "crossing", "toml_lines", "store", "fingerprint", "workspace"), 2),
    **dict.fromkeys(("words", "metrics", "bootstrap", "superpixels", "array_file"), 2),
    **dict.fromkeys(("search", "comparison", "contrast", "trust", "checkpoints"), 2),
    **dict.fromkeys(
        (
            *("bands", "units", "montage", "quality", "spectra", "unpickling", "frequencies", "synthetic", "realism"),
            *("emotions", "embedding", "regression"),
        ),
        2,
    ),
    **dict.fromkeys(
        ("datasets", "features", "splits", "models", "generators", "regressors", "explainers", "audits", "figures"), 3
    ),
    **dict.fromkeys(
        (
            "steps",
            "estimating",
            "training",
            "epochs",
            "optimisers",
            "losses",
            "augment",
            "networks",
            "device",
            "work",
            "workers",
        ),
        4,
    ),
    **dict.fromkeys(("judging", "tuning", "mapping"), 4),
    **dict.fromkeys(
        (
            "tasks",
            "planning",
            "finished",
            "pipeline",
            "report",
            "building",
            "rendering",
            "options",
            "listing",
            "console",
            "serving",
            "applying",
        ),
        5,
    ),
    **dict.fromkeys(("cli", "__main__"), 6),
}
PLUGIN_LAYER = 3  # these never import each other
TORCH = {
    *("models", "explainers", "steps.train", "steps.evaluate", "steps.explain", "steps.judge", "steps.tune", "steps.rehearse"),
    *("frequencies", "steps._decoders", "steps.answer", "steps.listen", "steps.retrain"),
    *("training", "epochs", "optimisers", "losses", "augment", "checkpoints", "networks", "device"),
    *("judging", "tuning", "generators", "steps.generate", "steps.teach", "steps.liken"),
    *("steps._pupil", "steps._frozen", "steps.rehearse_generators"),
    *("regressors", "mapping", "applying", "steps.embed", "steps.measure", "steps.lay", "steps.regress"),
}
COMPUTE = TORCH | {
    "audits",
    "datasets",
    "features",
    "splits",
    "steps",
    "superpixels",
    "comparison",
    "contrast",
    "estimating",
    "realism",
    "embedding",
    "regression",
}  # may import what `reportgen[run]` adds
VAGUE = {"base", "common", "handler", "helper", "helpers", "manager", "misc", "tools", "util", "utils"}


def name_of(path: Path) -> str:
    """`models.fer_vgg`, `store`, `__init__`."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def inside(name: str, places: set[str]) -> bool:
    """Is a module one of these, or in one of these folders?"""
    return any(name == place or name.startswith(f"{place}.") for place in places)


def imports(path: Path) -> Iterator[str]:
    """Full names of whatever a module imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(imported: str) -> str:
    """`models` of `reportgen.models.fer_vgg`, `__init__` of `reportgen.__version__`, nothing of foreign names."""
    package, _, rest = imported.partition(".")
    first = rest.partition(".")[0]
    is_module = first and ((PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").exists())
    return "" if package != "reportgen" else first if is_module else "__init__"


def distributions(*extras: str) -> set[str]:
    """What pyproject.toml asks for: the base install, or the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["optional-dependencies"][extra] for extra in extras] or [project["dependencies"]]
    return {canonicalize_name(Requirement(line).name) for lines in lists for line in lines}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_downwards(path: Path) -> None:
    place = name_of(path).partition(".")[0]
    assert place in LAYERS, f"give reportgen/{place} a layer in {Path(__file__).name}"
    for imported in imports(path):
        other = part_of(imported)
        if other in ("", place):
            continue
        assert LAYERS[other] <= LAYERS[place], f"{place} (layer {LAYERS[place]}) imports {imported} (layer {LAYERS[other]})"
        assert LAYERS[other] != PLUGIN_LAYER or LAYERS[place] != PLUGIN_LAYER, f"{place} imports {imported}: plugins are apart"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_libraries_are_declared_and_in_their_half(path: Path) -> None:
    name = name_of(path)
    allowed = distributions() | (distributions("run", "ant") if inside(name, COMPUTE) else set())
    for library in {imported.partition(".")[0] for imported in imports(path)} - set(sys.stdlib_module_names) - {"reportgen"}:
        found = {canonicalize_name(owner) for owner in OWNERS.get(library, [])}
        assert found & allowed, f"{name} imports {library}, which its half of pyproject.toml does not ask for"
        assert library != "torch" or inside(name, TORCH), f"{name} imports torch"


def test_tests_and_benchmarks_import_what_is_declared() -> None:
    own = {"reportgen", "tests", "benchmarks", *(path.stem for path in (ROOT / "tests").glob("*.py"))}
    declared = distributions() | distributions("run", "dev")
    for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py"), *(ROOT / ".ci").glob("*.py")]:
        for library in {imported.partition(".")[0] for imported in imports(path)} - set(sys.stdlib_module_names) - own:
            assert {canonicalize_name(o) for o in OWNERS.get(library, [])} & declared, f"{path.name} imports {library}"


def run_blocked(blocked: set[str], code: str) -> str:
    """Run Python in a fresh process where some packages cannot be imported; returns what it printed."""
    block = f"import sys\nfor name in {sorted(blocked)}: sys.modules[name] = None\n"
    done = subprocess.run([sys.executable, "-c", block + code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_report_half_needs_only_the_base_install() -> None:
    heavy = {top for top, owners in OWNERS.items() if {canonicalize_name(o) for o in owners} & distributions("run")}
    light = [
        f"reportgen.{name_of(p)}" for p in MODULES if not inside(name_of(p), COMPUTE) and p.stem not in ("__main__", "__init__")
    ]
    assert {"torch", "lime", "sklearn"} <= heavy
    run_blocked(
        heavy - {"PIL"}, f"import importlib\nfor name in {light}: importlib.import_module(name)"
    )  # matplotlib brings PIL


def test_command_line_starts_light() -> None:
    code = "import reportgen.cli, sys\nprint(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run_blocked(set(), code).split()}
    assert not loaded & {"torch", "numpy", "matplotlib", "mkdocs", "weasyprint", "jinja2", "mne", "sklearn"}


@pytest.mark.parametrize(("path", "verb"), PLUGINS, ids=[name_of(path) for path, _ in PLUGINS])
def test_plugin_is_one_verb(path: Path, verb: str) -> None:
    defined = [n.name for n in ast.parse(path.read_bytes()).body if isinstance(n, ast.FunctionDef)]
    assert [name for name in defined if not name.startswith("_")] == [verb]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_small_and_named_for_what_it_holds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert path.stem.strip("_") not in VAGUE
    assert text.count("\n") <= 330, "a module of 300 lines is two modules"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = node.end_lineno - body[0].lineno + 1 if body and node.end_lineno else 0
            assert lines <= 60, f"{node.name} has {lines} lines"
