"""The parts that CMU-MOSEI's videos belong to: its publisher keeps them apart from the data."""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reportgen.errors import DataError

PARTS = ("train", "dev", "test")
_NAMES: Mapping[str, str] = {
    **{name: name for name in PARTS},
    "valid": "dev",
    "validation": "dev",
    **{f"standard_{ours}_fold": part for ours, part in (("train", "train"), ("valid", "dev"), ("test", "test"))},
}
_FORM = 'Give cmu_mosei_std_folds.py of the CMU-MultimodalSDK, or JSON {"train": ["id", …], "dev": […], "test": […]}.'


def read(path: Path) -> dict[str, str]:
    """Which part each video belongs to: {video: train, dev or test}.

    The file is JSON, or Python that is read as text and never run.

    Raises:
        DataError: the file is neither, lacks a part, or puts a video in two.
    """
    try:
        told = dict(_lists(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise DataError(f"{path} does not exist", _FORM) from None
    except (OSError, ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        why = (str(error).splitlines() or ["it nests too deep"])[0]
        raise DataError(f"{path} holds no folds: {why}", _FORM) from error
    if missing := [part for part in PARTS if part not in told]:
        raise DataError(f"{path} has no list of the part {' and none of '.join(missing)}", _FORM)
    return _parts(told, path)


def _lists(text: str) -> Iterator[tuple[str, Any]]:
    """(part, its videos) of JSON, of one dictionary in Python, or of assignments in Python."""
    if text.lstrip().startswith("{"):
        table = json.loads(text) if '"' in text else ast.literal_eval(text.strip())
        yield from ((_NAMES[name], videos) for name, videos in table.items() if name in _NAMES)
        return
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _NAMES:
            yield _NAMES[node.targets[0].id], ast.literal_eval(node.value)


def _parts(told: Mapping[str, Any], path: Path) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in PARTS:
        if not isinstance(told[part], list) or not all(isinstance(video, str) for video in told[part]):
            raise DataError(f"{path}: the part {part} is no list of video ids", _FORM)
        for video in told[part]:
            if parts.setdefault(video, part) != part:
                raise DataError(f"{path}: the video {video} is in {parts[video]} and in {part}", "Take it out of one of them.")
    return parts
