"""The wheel carries the package and the first workspace and nothing else; the source archive carries everything tracked."""

import subprocess
import tarfile
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from reportgen import __version__

ROOT = Path(__file__).parent.parent
WORKSPACE = ("templates", "mkdocs.yml", "data/studies/demo.toml")


def files_below(place: Path) -> set[str]:
    """Files of a folder, or the file itself, relative to the root."""
    found = place.rglob("*") if place.is_dir() else [place]
    return {str(path.relative_to(ROOT)) for path in found if path.is_file() and "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")))
    return zipfile.ZipFile(path)


def test_wheel_holds_exactly_the_package_and_its_workspace(wheel: zipfile.ZipFile) -> None:
    package = files_below(ROOT / "reportgen")
    workspace = {f"reportgen/_workspace/{name}" for place in WORKSPACE for name in files_below(ROOT / place)}
    about = f"reportgen-{__version__}.dist-info"
    described = {f"{about}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert set(wheel.namelist()) == package | workspace | described
    assert "reportgen/_workspace/data/studies/demo.toml" in workspace
    assert any(name.endswith(".md.j2") for name in workspace)


def test_wheel_holds_what_belongs_there(wheel: zipfile.ZipFile) -> None:
    suffixes = {Path(name).suffix for name in wheel.namelist() if name.startswith("reportgen/") and "/_workspace/" not in name}
    assert suffixes <= {".py", ".typed", ".mplstyle"}, "templates, styles and scripts belong into templates/"
    assert "reportgen/py.typed" in wheel.namelist()


def test_wheel_says_what_it_needs(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(f"reportgen-{__version__}.dist-info/METADATA").decode()
    base = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert not [line for line in base if "torch" in line]
    assert "Requires-Dist: torch>=2.11; extra == 'run'" in metadata
    scripts = wheel.read(f"reportgen-{__version__}.dist-info/entry_points.txt").decode()
    name, _, value = scripts.splitlines()[1].partition(" = ")
    assert callable(EntryPoint(name, value, "console_scripts").load())


def test_source_archive_is_complete(tmp_path: Path) -> None:
    (path,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path))
    with tarfile.open(path) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("no git here to say what is tracked")
    assert {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()} - held == set()
    assert not [name for name in held if name.startswith(("build/", ".venv/", "data/store/")) or name.endswith(".pdf")]
