"""FER2013 as folders of images: train|test/<class>/*.jpg or *.png."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from reportgen.datasets._fer_intake import CLASSES, MERGED_TEST, PARTS, SIDE, BadSample, Intake, Row
from reportgen.errors import DataError
from reportgen.plugins import unknown

_PART_FOLDERS = {"train": PARTS[0], "test": MERGED_TEST}
_SUFFIXES = (".jpg", ".jpeg", ".png")
_LITTER = ("thumbs.db", "desktop.ini")
_OFFICIAL = re.compile(rf"({'|'.join(PARTS)})_", re.IGNORECASE)
_NAMES = {part.casefold(): part for part in PARTS}
_AGAIN = "Replace it by the original file."


def folders(folder: Path) -> list[Path]:
    """Its visible sub-folders, by name."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))


def is_root(folder: Path) -> bool:
    """Whether train or test lie in the folder."""
    return any(path.name.casefold() in _PART_FOLDERS for path in folders(folder))


def read(root: Path, intake: Intake) -> Iterator[Row]:
    """Read part by part and class by class, files by name.

    The part is the official one where the file's name tells it (Kaggle's `PublicTest_123.jpg`), else train is Training
    and test stays "test".

    Raises:
        DataError: a folder has an unknown name or is empty or, unless they are to be skipped, a file is bad.
    """
    seen: Counter[str] = Counter()
    for folder, folder_part, label in _class_folders(root, intake):
        for path in _files(root, folder):
            source, (part, named) = path.relative_to(root).as_posix(), _part(path.name, folder_part)
            if not intake.wants(part, label):
                continue
            try:
                image, mended = _image(path)
            except BadSample as bad:
                intake.refuse(source, bad)
            else:
                seen.update((named, mended))
                yield intake.keep(Row(image, label, part, source))
    intake.notices.extend(f"{what}: {n:,}" for what, n in sorted(seen.items()) if what)


def _class_folders(root: Path, intake: Intake) -> Iterator[tuple[Path, str, int]]:
    """(folder, part, label), matched by name: parts by name, classes in the order of the labels."""
    for part_folder in reversed(folders(root)):  # train before test
        part = _PART_FOLDERS.get(part_folder.name.casefold())
        if part is None:
            intake.notices.append(f"folder {part_folder.name} is not read: it is neither train nor test")
            continue
        found: dict[str, Path] = {}
        for folder in folders(part_folder):
            name, place = folder.name.casefold(), folder.relative_to(root).as_posix()
            if name not in CLASSES:
                raise DataError(f"{place}: {unknown('class folder', folder.name, CLASSES)}", "Rename it, or move it elsewhere.")
            if name in found:
                raise DataError(f"{place}: the class has two folders, {found[name].name} and {folder.name}", "Merge them.")
            found[name] = folder
        yield from ((found[name], part, label) for label, name in enumerate(CLASSES) if name in found)


def _files(root: Path, folder: Path) -> list[Path]:
    files = [path for path in folder.iterdir() if not path.name.startswith(".") and path.name.casefold() not in _LITTER]
    if not files:
        raise DataError(
            f"{folder.relative_to(root).as_posix()}: the class folder is empty",
            "Unpack the download again, or remove the folder if the class is meant to be absent.",
        )
    return sorted(files)


def _part(name: str, folder_part: str) -> tuple[str, str]:
    """The part of a file, and what is odd about it."""
    official = _OFFICIAL.match(name)
    if official is None:
        return folder_part, "files whose names do not tell the official part (train is taken as Training, test stays test)"
    part = _NAMES[official[1].casefold()]
    moved = (part == PARTS[0]) != (folder_part == PARTS[0])
    return part, "files in train or test against the part in their names (the names count)" if moved else ""


def _image(path: Path) -> tuple[np.ndarray, str]:
    """The grey values, (row, column) uint8, and what was mended."""
    if path.suffix.casefold() not in _SUFFIXES:
        raise BadSample(
            f"not an image: the name ends on '{path.suffix}', not on {' or '.join(_SUFFIXES)}", "Move it elsewhere."
        )
    try:
        with Image.open(path) as image:
            if image.size != (SIDE, SIDE):
                raise BadSample(f"{image.width} × {image.height} pixels where {SIDE} × {SIDE} are needed", _AGAIN)
            if image.mode.startswith(("I", "F")):
                raise BadSample(f"pixels of mode {image.mode} where 8 bits are needed", _AGAIN)
            grey = np.asarray(image.convert("L"))
    except UnidentifiedImageError as error:
        raise BadSample("not an image", _AGAIN) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadSample(f"cannot be decoded: {error}", _AGAIN) from error
    return grey, "" if image.mode == "L" else "colour images converted to grey"
