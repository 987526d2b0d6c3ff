"""A generated folder: only what changed is written, what is stale goes, and a kill leaves whole files."""

import filecmp
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path


def update(folder: Path, files: Mapping[str, bytes | Path], *, keep: Collection[str] = ()) -> bool:
    """Make a folder hold exactly these files.

    Args:
        folder: made if it is not there.
        files: {path relative to the folder: content, or a file to copy}.
        keep: files in it that are somebody else's.

    Returns:
        Whether anything was written or removed.
    """
    changed = False
    for name, content in files.items():
        path = folder / name
        if not _same(path, content):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
            changed = True
    for path in sorted(folder.rglob("*"), reverse=True):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in files and name not in keep:
            path.unlink()
            changed = True
    return changed


def _same(path: Path, content: bytes | Path) -> bool:
    if not path.is_file():
        return False
    return filecmp.cmp(path, content, shallow=False) if isinstance(content, Path) else path.read_bytes() == content


def _write(path: Path, content: bytes | Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    if isinstance(content, Path):
        shutil.copyfile(content, temporary)
    else:
        temporary.write_bytes(content)
    os.replace(temporary, path)
