"""LIME on too few superpixels or copies, or whose linear model fits badly or changes between repeats."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Le, Unit

from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, fixed, listing

NEEDS = ("facts", "lime_quality", "explained", "history")


def inspect(
    inputs: Inputs,
    *,
    superpixels: Annotated[int, Ge(2), Unit("superpixels"), Doc("with fewer, an explanation says nothing")] = 8,
    copies: Annotated[float, Gt(0), Unit("copies a superpixel"), Doc("with fewer, a linear model is hardly determined")] = 10,
    fit: Annotated[float, Gt(0), Le(1), Doc("smallest median R² of the linear models")] = 0.3,
    stability: Annotated[float, Gt(0), Le(1), Doc("smallest median Jaccard index of the top five between repeats")] = 0.6,
) -> Iterator[Finding]:
    """Two findings an explainer: on what each explanation rests, and how well it fits and repeats for the images' own classes.

    Ten copies a superpixel are the rule of thumb of the lime package's author (github.com/marcotcr/lime, issue 524). The limits
    of R² and of the Jaccard index are ours: below them, 70 % of the variance of the model's answers around an image is not
    explained, and of two repeats' five strongest superpixels fewer than four are the same.
    """
    for about, quality in inputs.all("lime_quality"):
        which = {key: about[key] for key in ("experiment", "seed", "explainer")}
        labels = {row["sample"]: row["label"] for row in inputs.one("explained", **which)}
        subject, name = f"experiment {about['experiment']}", about["explainer"]
        smoke = any(history["smoke"] for _, history in inputs.all("history", experiment=about["experiment"]))
        yield soften(_basis(subject, name, quality, superpixels, copies), smoke)
        yield soften(_agreement(subject, name, quality, labels, fit, stability), smoke)


def _basis(about: str, name: str, quality: Sequence[Mapping[str, Any]], superpixels: int, copies: float) -> Finding:
    segments = np.array([row["segments"] for row in quality])
    each = np.array([row["samples"] for row in quality]) / segments
    coarse, thin = int((segments < superpixels).sum()), int((each < copies).sum())
    evidence = (
        f"{name}: {count(int(segments.min()))} to {count(int(segments.max()))} superpixels in {counted(len(quality), 'image')},"
        f" {fixed(float(each.min()), 1)} or more copies a superpixel; {counted(coarse, 'image')} with fewer than"
        f" {superpixels} superpixels, {count(thin)} with fewer than {copies:g} copies for each"
    )
    if coarse:
        return Finding(
            severity="error",
            about=about,
            title="LIME was given too few superpixels to say anything",
            evidence=evidence,
            remedy="Raise segments, or explain larger images: with one superpixel LIME draws a picture and explains nothing.",
        )
    if thin:
        return Finding(
            severity="notice",
            about=about,
            title="LIME was given few copies for its superpixels",
            evidence=evidence,
            remedy="Raise samples, or lower segments.",
        )
    return Finding(severity="ok", about=about, title="LIME has enough superpixels and copies", evidence=evidence)


def _agreement(
    about: str, name: str, quality: Sequence[Mapping[str, Any]], labels: Mapping[int, int], fit: float, stability: float
) -> Finding:
    r2, jaccard = (float(np.median([row[key][labels[row["sample"]]] for row in quality])) for key in ("r2", "jaccard"))
    evidence = (
        f"{name}: median R² {fixed(r2, 2)}, median Jaccard index of the five strongest superpixels between repeats"
        f" {fixed(jaccard, 2)}, over {counted(len(quality), 'image')}"
    )
    if r2 >= fit and jaccard >= stability:
        return Finding(severity="ok", about=about, title="LIME's linear models fit and repeat", evidence=evidence)
    bad = ["fit badly"] * (r2 < fit) + ["change between repeats"] * (jaccard < stability)
    return Finding(
        severity="warning",
        about=about,
        title=f"LIME should not be relied on: its linear models {listing(bad)}",
        evidence=f"{evidence}; at least {fit:g} and {stability:g} are asked for",
        remedy="Raise samples; if that does not help, explain this network in another way.",
    )
