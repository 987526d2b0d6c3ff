"""What every test gets: no screen, no network, one thread, and on request a workspace and the kept pages."""

import difflib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
SHOWN = 40  # lines of a difference
LOCAL = {None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1"}

# Read when matplotlib, torch and rich are first imported, here and in worker processes; so this needs to import none of them.
os.environ |= {
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",  # the same sums everywhere; pytest-xdist uses the other cores
    "MKL_NUM_THREADS": "1",
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "_TYPER_FORCE_DISABLE_TERMINAL": "1",  # typer colours its help on GitHub's machines in spite of NO_COLOR
}


def _no_network(event: str, args: tuple[Any, ...]) -> None:
    """Refuse to look up or connect to any machine but this one."""
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if host not in LOCAL:
        raise RuntimeError(f"tests use no network, but this one asked for {host!r}")


sys.addaudithook(_no_network)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --golden` accepts what is rendered now."""
    parser.addoption("--golden", action="store_true", help="write tests/golden/ anew instead of comparing with it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --golden, only the tests that compare; with several workers, whole builds first, the rest beside them."""
    if config.getoption("--golden"):
        items[:] = [item for item in items if "golden" in getattr(item, "fixturenames", ())]
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.stem != "test_whole")


@pytest.fixture
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], None]:
    """Compare a text with the one kept as tests/golden/NAME: `golden("overview.md", text)`."""

    def compare(name: str, text: str) -> None:
        kept = GOLDEN / name
        if request.config.getoption("--golden"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8")
        expected = kept.read_text(encoding="utf-8") if kept.exists() else ""
        if text == expected:
            return
        actual = tmp_path / Path(name).name
        actual.write_text(text, encoding="utf-8")
        lines = list(difflib.unified_diff(expected.splitlines(), text.splitlines(), str(kept), str(actual), lineterm=""))
        shown = [*lines[:SHOWN], *([f"… and {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else [])]
        pytest.fail("\n".join([*shown, "", "If this is right: `make golden`, and look at the diff."]), pytrace=False)

    return compare


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of one's own, which is the current folder; plugins that it brings are forgotten afterwards."""
    from reportgen import plugins

    folder = tmp_path / "workspace"
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    monkeypatch.chdir(folder)
    roots = list(plugins._roots)
    yield folder
    plugins._roots[:] = roots
    plugins.find.cache_clear()
