"""Pictures of faces: read as the data sets' readers do, recognised, explained, and compared with the training part."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from reportgen import plugins
from reportgen.applying.answers import Answer, Drawn
from reportgen.applying.drawing import embedded
from reportgen.applying.finding import Found
from reportgen.applying.networks import Networks, agreement, answer_of, bars, networks_of
from reportgen.applying.unlikeness import Unlikeness, odd
from reportgen.core import TRAIN, VALIDATION
from reportgen.errors import DataError, ReportgenError
from reportgen.figures._attribution import METHODS, limit_of, overlay, strongest
from reportgen.figures._canvas import canvas, place
from reportgen.figures._style import QUIET, SMALL, drawing_style
from reportgen.words import percent

_AGAIN = "Copy it again if it was cut off, or save it as PNG in a picture editor."
_GRADIENT = "size of the gradient"
_QUICK = ("cam", "grad_cam")  # of the experiment's own explainers
_SIDE, _EDGE = 1.48, 0.06  # inches: side of a drawn picture, and between two


def answers(found: Found, files: Sequence[Path]) -> tuple[list[Answer], np.ndarray, tuple[str, ...]]:
    """What the experiment's networks say of pictures.

    Returns:
        An answer a file, probabilities (file, network, class), and the classes.

    Raises:
        DataError: a file is no picture.
    """
    networks = networks_of(found)
    shape: Sequence[int] = networks.inputs.one("facts")["shape"]
    read = [_read(file, (shape[0], shape[1])) for file in files]
    samples = np.stack([grey for grey, _ in read])
    probabilities = networks.probabilities(samples).swapaxes(0, 1)  # (file, network, class)
    maps, method = _explained(found, networks, samples, probabilities.mean(axis=1).argmax(axis=1))
    alike = _alike(networks, samples)
    made = []
    for i, file in enumerate(files):
        likeness = alike[i]
        explanation = _drawn(samples[i], maps[i], networks.classes, probabilities[i].mean(axis=0), method)
        made.append(
            Answer(
                name=file.name,
                said=answer_of(networks.classes, probabilities[i]),
                read=read[i][1],
                warnings=(
                    *filter(None, [likeness.warning]),
                    *agreement(networks.classes, probabilities[i]),
                    *_known(networks, samples[i]),
                ),
                bars=bars(networks.classes, probabilities[i], len(networks.each), ""),
                explanation=explanation,
                likeness=likeness.sentence,
            )
        )
    return made, probabilities, networks.classes


def _read(file: Path, shape: tuple[int, int]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The grey values (row, column) uint8 in the size of the model, and what was done to get there."""
    try:
        with Image.open(file) as opened:
            if opened.mode.startswith(("I", "F")):
                raise DataError(f"{file} has pixels of mode {opened.mode} where 8 bits are needed", _AGAIN)
            picture = ImageOps.exif_transpose(opened)
            told = [f"{picture.width} × {picture.height} pixels"]
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
                told.append("its transparent parts made white")
            if picture.mode != "L":
                told.append("turned to grey")
            grey = picture.convert("L")
    except UnidentifiedImageError as error:
        raise DataError(f"{file} is no picture that can be read", "Give a PNG or JPEG.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{file} cannot be decoded: {str(error).rstrip('.')}", _AGAIN) from error
    return _fitted(grey, shape, told)


def _fitted(grey: Image.Image, shape: tuple[int, int], told: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Cut to the shape (rows, columns) around its middle, and brought to its size."""
    rows, columns = shape
    scale = min(grey.width / columns, grey.height / rows)
    if grey.size == (columns, rows):
        return np.asarray(grey), (", ".join(told),)
    kept = round(columns * scale), round(rows * scale)
    if kept != grey.size:
        told.append(f"cut to the {kept[0]} × {kept[1]} in its middle")
    told.append(f"made {columns} × {rows}" + (", which is larger than it was" if scale < 1 else ""))
    return np.asarray(ImageOps.fit(grey, (columns, rows), Image.Resampling.LANCZOS)), (", ".join(told),)


def _explained(found: Found, networks: Networks, samples: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, str]:
    """Maps (sample, class, row, column) of the first network, and how they were made.

    By the first quick explainer of the experiment, otherwise by the size of the gradient, which takes any network.
    """
    own: Mapping[str, Any] = found.table["explain"]
    chosen = next(({"use": e["use"], "settings": e["settings"]} for e in own.values() if e["use"] in _QUICK), None)
    for choice in filter(None, [chosen, {"use": "saliency", "settings": {}}]):
        try:
            explain = plugins.verb("explainer", choice["use"])
            handed = networks.explained(samples, labels)
            made = explain(networks.each[0].model, handed, lambda *_: None, **choice["settings"])
        except ReportgenError:  # its head is not one that this explainer takes
            continue
        about = made["attribution_about"]
        name = METHODS.get(about["method"], about["method"])
        return made["attribution"].values, name + (f", from what the network calls {about['layer']}" if about["layer"] else "")
    raise AssertionError("the gradient explains any network")


def _alike(networks: Networks, samples: np.ndarray) -> list[Unlikeness]:
    """How unlike the training part each picture is."""
    measures = networks.measures(samples)
    train = np.asarray(networks.inputs.one("samples")[networks.part(TRAIN)], np.float64)
    levels, contrasts = train.mean(axis=(1, 2)), train.std(axis=(1, 2))
    found = []
    for i, x in enumerate(samples.astype(np.float64)):
        facts = (
            *odd("mean grey value", float(x.mean()), levels, " of 255"),
            *odd("contrast", float(x.std()), contrasts, " grey levels"),
        )
        own = tuple(type(one)(what=one.what, far=one.far[i : i + 1], ratio=one.ratio[i : i + 1]) for one in measures)
        found.append(Unlikeness(measures=own, odd=facts))
    return found


def _known(networks: Networks, sample: np.ndarray) -> tuple[str, ...]:
    """A warning where the very picture was learned from."""
    parts = np.atleast_2d(networks.inputs.one("parts"))[networks.each[0].fold]
    stored = networks.inputs.one("samples")
    learned = np.flatnonzero(np.isin(parts, (TRAIN, VALIDATION)))
    chunks = np.array_split(learned, 1 + len(learned) // 4096)
    if any((stored[chunk] == sample).all(axis=(1, 2)).any() for chunk in chunks):
        return ("This very picture is one of those that the model learned from: its answer says nothing about new ones.",)
    return ()


def _drawn(grey: np.ndarray, maps: np.ndarray, classes: Sequence[str], mean: np.ndarray, method: str) -> Drawn:
    """The picture as the model saw it, and what speaks for its two likeliest classes."""
    first, second = np.argsort(-mean, kind="stable")[:2].tolist() if len(mean) > 1 else (0, 0)
    shown = list(dict.fromkeys((first, second)))
    limit = limit_of(maps[shown])
    with drawing_style():
        picture, ax = canvas("narrow", _SIDE + 0.24)
        place(ax, grey, 0, 0.2, _SIDE)
        ax.text(0, 0.09, "as the model saw it", va="center", fontsize=SMALL, color=QUIET)
        for column, label in enumerate(shown, 1):
            x = column * (_SIDE + _EDGE)
            overlay(ax, maps[label], grey, x, 0.2, _SIDE, limit)
            ax.text(x, 0.09, f"for {classes[label]}, {percent(float(mean[label]))}", va="center", fontsize=SMALL)
        signed = bool((maps[shown] < 0).any())
        hues = "Orange speaks for the class" + (", blue against it" if signed else "")
        means = "what the network uses"
        if method == _GRADIENT:
            hues, means = "Orange is where a small change moves the answer", "what a small change does"
        at = strongest(maps[first])
        return embedded(
            picture,
            dense=True,
            alt=f"For {classes[first]} the strongest place of the picture lies {at if at == 'nowhere' else f'in the {at}'}.",
            caption=f"Where one of the networks looks. {hues}: the stronger, the more; the line runs at half of"
            f" the scale, which all maps share. It shows {means}, not what makes a face express an emotion."
            f" Method: {method}.",
        )
