"""A video in two parts of a fold, and people who speak in two of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.audits._divided import told_once
from reportgen.core import PARTS, UNUSED, Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing, percent

NEEDS = ("facts", "segments", "parts", "split")
_SHOWN = 10  # rows of the table


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment on rated segments: on its videos or songs, or, if these are apart, on its speakers.

    Segments of one video share a face, a voice, a room and a mood that lasts: who has learned from some knows the others.
    """
    yield from told_once(_findings(inputs))


def _findings(inputs: Inputs) -> Iterator[Finding]:
    for about, parts in inputs.all("parts"):
        for _, table in inputs.all("segments", dataset=about["dataset"]):
            whole = inputs.one("facts", dataset=about["dataset"])["whole"]
            used = inputs.one("split", **about)["name"]
            yield _judge(f"experiment {about['experiment']}", np.atleast_2d(parts), table, whole, used)


def _judge(about: str, parts: np.ndarray, table: Mapping[str, Any], whole: str, used: str) -> Finding:
    if torn := _torn(parts, table["video"]):
        return _leaked(about, "error", whole, torn, parts, table["video"], used)
    known = np.unique(table["speaker"][table["speaker"] != ""])
    if len(known) and (torn := _torn(parts, table["speaker"])):
        return _leaked(about, "warning", "speaker", torn, parts, table["speaker"], used)
    videos = counted(len(np.unique(table["video"])), whole)
    who = f"; neither is any of {counted(len(known), 'speaker')}" if len(known) else "; who speaks is not known"
    return Finding(
        severity="ok",
        about=about,
        title=f"No {whole} is in two parts",
        evidence=f"none of {videos} is in two parts{_of_folds(parts)}" + (who if whole == "video" else ""),
    )


def _torn(parts: np.ndarray, names: np.ndarray) -> Mapping[str, list[str]]:
    """{name: parts that it is in} of those that are in several of one fold; "" is unknown."""
    found, group = np.unique(names, return_inverse=True)
    there = np.zeros((len(parts), len(found), len(PARTS)), bool)
    for fold, own in enumerate(parts):
        there[fold, group, own] = True
    there[:, :, UNUSED] = False
    several = there.sum(axis=2) > 1  # (fold, name)
    several[:, found == ""] = False
    return {
        str(found[one]): [PARTS[part] for part in np.flatnonzero(there[several[:, one], one].any(axis=0))]
        for one in np.flatnonzero(several.any(axis=0))
    }


def _leaked(
    about: str,
    severity: Any,
    what: str,
    torn: Mapping[str, Sequence[str]],
    parts: np.ndarray,
    names: np.ndarray,
    used: str,
) -> Finding:
    of = len(np.unique(names[names != ""]))
    segments = int((np.isin(names, list(torn)) & (parts != UNUSED).any(axis=0)).sum())
    share = percent(segments / len(names))
    rows = [(name, listing(where)) for name, where in list(torn.items())[:_SHOWN]]
    wish = "person" if what == "speaker" else what
    return Finding(
        severity=severity,
        about=about,
        title=f"{'People speak' if what == 'speaker' else f'{what.capitalize()}s are'} in two parts at once",
        evidence=f"{count(len(torn))} of {counted(of, what)} with {counted(segments, 'segment')} ({share})"
        f" {'is' if len(torn) == 1 else 'are'} in two parts{_of_folds(parts)}, by the split {used}",
        remedy=f"Divide by {what}, so that all segments of a {wish} are in one part; scores hold for known {what}s until then.",
        rows=((what, "parts"), *rows),
    )


def _of_folds(parts: np.ndarray) -> str:
    return f" of one of {count(len(parts))} folds" if len(parts) > 1 else ""
