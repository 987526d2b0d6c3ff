"""Models that may know the film clip and not the emotion: everybody saw the same few clips of a class."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.audits._clear import chance, is_clear
from reportgen.audits._divided import divided, measures_clips
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, fixed, listing

NEEDS = ("facts", "stretches", "split", "parts", "rows", "contrast")
_KNOWLEDGE = "stimulus identity"  # as contrasts name it


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding for each contrast of known and unknown clips, and one a data set that has none."""
    for about, table in inputs.all("stretches"):
        dataset = about["dataset"]
        experiments = [*divided(inputs, dataset=dataset)]
        contrasts = [found for _, found in inputs.all("contrast", dataset=dataset)]
        pairs = [(found, pair) for found in contrasts for pair in found["pairs"] if pair["names_gap"] == _KNOWLEDGE]
        if pairs:
            yield from (_contrasted(found, pair) for found, pair in pairs if pair["difference"] is not None)
        elif experiments:
            exposed = [one for one in experiments if one.shared(one.rows["clip"]).samples]
            pair = next(((a.name, b.name) for a in exposed for b in experiments if measures_clips(a, b)), ())
            classes, names = inputs.one("facts", dataset=dataset)["classes"], [one.name for one in exposed]
            yield _untold(f"data set {dataset}", classes, table, names, pair)


def _contrasted(found: Mapping[str, Any], pair: Mapping[str, Any]) -> Finding:
    about, low = f"experiment {pair['first']}", pair["low"]
    accuracy = {one["name"]: fixed(one["accuracy"], 3) for one in found["experiments"]}
    limits = f" [{fixed(low, 3)}, {fixed(pair['high'], 3)}]" if low is not None else ""
    evidence = (
        f"accuracy {accuracy[pair['first']]} on known clips, {accuracy[pair['second']]} of {pair['second']} on unknown ones;"
        f" difference {fixed(pair['difference'], 3)}{limits} over {counted(pair['units'], found['unit'])},"
        f" {chance(pair['p_holm'])}"
    )
    if pair["difference"] <= 0:
        return Finding(severity="ok", about=about, title="Knowing the clips does not help", evidence=evidence)
    if not is_clear(pair["p_holm"]):
        return Finding(
            severity="notice",
            about=about,
            title="Knowing the clips does not clearly help",
            evidence=evidence,
            remedy=f"Report {pair['second']} beside {pair['first']}, and claim neither that clips matter nor that they do not.",
        )
    return Finding(
        severity="warning",
        about=about,
        title="A part of the score is the identity of the clips, not emotion",
        evidence=evidence,
        remedy=f"Report the score of {pair['second']} as that of emotion; that of {pair['first']} holds only for people who see"
        " these very clips.",
    )


def _untold(
    about: str, classes: Sequence[str], table: Mapping[str, Sequence[Any]], exposed: Sequence[str], pair: Sequence[str]
) -> Finding:
    """No contrast says what knowing the clips is worth: whether it matters."""
    clip, subject, label = (np.array(table[name]) for name in ("clip", "subject", "label"))
    known = clip != ""
    if not known.all():
        return Finding(
            severity="notice",
            about=about,
            title="Nobody knows what the trials showed",
            evidence=f"{count(int(known.sum()))} of {count(len(known))} stretches of trials name their clip",
            remedy="Let the reader name what each trial showed, if two of them ever showed the same clip or picture: a model"
            " may know that one, and not its class.",
        )
    fewest = min(len(np.unique(clip[label == index])) for index in range(len(classes)))
    names, watched = np.unique(np.unique(np.stack([clip, subject]), axis=1)[0], return_counts=True)
    several = int((watched > 1).sum())
    evidence = (
        f"{count(len(names))} clips, {count(fewest)} of the class with the fewest; {count(several)} were seen by several people"
    )
    if not exposed:
        title = "No model is tested on clips that it learned from"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    evidence += f"; {listing(exposed)} {'is' if len(exposed) == 1 else 'are'} tested on clips learned from"
    if pair:
        title = "Nothing says what knowing the clips is worth"
        remedy = f"Give {pair[0]} and {pair[1]}, on unknown clips, the same features, model and train table."
        return Finding(severity="notice", about=about, title=title, evidence=evidence, remedy=remedy)
    return Finding(
        severity="warning",
        about=about,
        title="Nothing tells emotions from the clips that showed them",
        evidence=evidence,
        remedy=_remedy(exposed[0], fewest, people=len(np.unique(subject))),
    )


def _remedy(experiment: str, fewest: int, people: int) -> str:
    """What can be done depends on how many clips of a class there are."""
    if fewest < 2:
        return "Show several clips of each class: with one, the clip and the class are the same thing."
    folds = min(3, fewest)
    split = f'{{use = "loso_clip", clip_folds = {folds}}}' if people > 1 else f'{{use = "kfold", by = "clip", folds = {folds}}}'
    return f"Copy [experiment.{experiment}] under another name with split = {split}: the difference is the worth of the clips."
