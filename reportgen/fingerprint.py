"""What files and code amount to, as short digests that change when, and only when, the meaning does.

File digests are remembered by size and modification time, as git does, so that asking again is instant.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.atomic import write_atomically

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def digest(value: Any) -> str:
    """Digest of a JSON value, independent of the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:20]


class Files:
    """Content digests of files, remembered in `memory` under (size, modification time)."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        try:
            self._known: dict[str, list[Any]] = json.loads(memory.read_text())
        except (OSError, ValueError):
            self._known = {}
        self._dirty = False

    def _remembered(self, path: Path, make: Any, kind: str) -> Any:
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns]
        name = f"{kind}:{path.resolve()}"
        entry = self._known.get(name)
        if entry is None or entry[0] != stamp:
            entry = [stamp, make(path)]
            self._known[name] = entry
            self._dirty = True
        return entry[1]

    def sha256(self, path: Path) -> str:
        """Digest of a file's bytes."""
        return str(self._remembered(path, _sha256, "bytes"))

    def learn(self, path: Path, sha256: str) -> None:
        """Take over what another process has just found a file's digest to be."""
        status = path.stat()
        self._known[f"bytes:{path.resolve()}"] = [[status.st_size, status.st_mtime_ns], sha256]
        self._dirty = True

    def content(self, path: Path) -> str:
        """Digest of a file's bytes, or of a folder's relative names and bytes. The place does not count."""
        if not path.is_dir():
            return self.sha256(path)
        names = sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
        return digest([[os.path.relpath(name, path), self.sha256(Path(name))] for name in names])

    def code(self, path: Path) -> tuple[str, list[str]]:
        """Digest of a Python file without comments and docstrings, and the modules that it imports."""
        meaning, imports = self._remembered(path, _meaning, "code")
        return meaning, imports

    def save(self) -> None:
        """Remember for the next time."""
        if self._dirty:
            write_atomically(self._memory, json.dumps(self._known))
            self._dirty = False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _meaning(path: Path) -> list[Any]:
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return [hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:12], sorted(_imports(tree))]


def _imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:  # from . import _shared: a file beside it
            names |= {node.module} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


NUMERIC = ("numpy", "scipy", "sklearn", "skimage", "torch", "mne", "lime", "optuna", "matplotlib")
"""Libraries whose version can change numbers or pictures; their major.minor is part of a key."""

PLUMBING = frozenset(f"reportgen/{name}.py" for name in ("errors", "plugins", "atomic", "work", "orphans"))
"""Ours, but they only pass on what others computed: a change there makes nothing out of date."""

_DISTRIBUTIONS = {"sklearn": "scikit-learn", "skimage": "scikit-image"}


def code_of(files: Files, call: str, plugin_names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The code that a step runs: its module, its plugins and whatever of ours they import.

    Returns:
        {file: digest} by readable name, and {numeric library: major.minor} of those that this code imports.
    """
    todo = [_file_of(call.partition(":")[0])]
    todo += [plugins.path_of(*name.split("/", 1)) for name in plugin_names]
    seen: dict[str, str] = {}
    libraries: set[str] = set()
    while todo:
        path = todo.pop()
        if path is None or (name := _readable(path)) in seen or name in PLUMBING:
            continue
        seen[name], imports = files.code(path)
        libraries |= {i.partition(".")[0] for i in imports} & set(NUMERIC)
        todo += [_file_of(i) for i in imports if i.startswith("reportgen.")]
        todo += [beside for i in imports if (beside := path.with_name(f"{i}.py")).exists()]
    return seen, {library: _version(library) for library in sorted(libraries)}


def _file_of(module: str) -> Path | None:
    path = plugins.PACKAGE.parent / (module.replace(".", "/") + ".py")
    return path if path.exists() else None


def _readable(path: Path) -> str:
    if path.is_relative_to(plugins.PACKAGE):
        return str(path.relative_to(plugins.PACKAGE.parent))
    return f"plugins/{path.parent.name}/{path.name}"


@cache
def _version(library: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return ".".join(version(_DISTRIBUTIONS.get(library, library)).split(".")[:2])
    except PackageNotFoundError:
        return "absent"


def changes(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs between two settings tables, one line each: `samples 256 → 512`."""
    lines: list[str] = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            lines += changes(old, new, f"{prefix}{key}.")
        elif old != new:
            lines.append(f"{prefix}{key} {'(none)' if old is None else old} → {'(none)' if new is None else new}")
    return lines
