"""Trials, recordings, people or clips that lie in training and in test."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from reportgen.audits._divided import Divided, Shared, divided, measures_clips, samples_about, told_once
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing

NEEDS = ("facts", "labels", "split", "parts", "rows")
_APART: Mapping[str, tuple[str, ...]] = {  # what a split says that it keeps apart, trials aside
    "loso": ("subject",),
    "loso_clip": ("subject", "clip"),
    "cross_session": ("session",),
    "cross_dataset": ("subject",),
}
_HOLDS: Mapping[str, str] = {  # finest first: what a score holds for, of models that know so much
    "recording": "other trials of the same recordings, not for another day and not for other people",
    "session": "other recordings of the same days, not for another day and not for other people",
    "subject": "other recordings of these people, not for other people",
}


_NEW_CLIPS = (
    'Repeat the experiment with split = "loso_clip", or with split = {use = "kfold", by = "clip"} for known people:'
    " the difference is what knowing the clip is worth."
)


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """Two or three findings an experiment on recordings: on its trials, on its people and, where they are known, on clips.

    What is a notice or a warning is said once of all experiments that are divided in the same way.
    """
    yield from told_once(_findings(inputs))


def _findings(inputs: Inputs) -> Iterator[Finding]:
    experiments = [*divided(inputs)]
    for one in experiments:
        found = {group: one.shared(names) for group, names in _groups(one.rows).items()}
        yield _trials(one, found["trial"])
        broken = [group for group in _apart(one) if group in found and found[group].samples]
        if broken:
            yield _broken(one, {group: found[group] for group in broken})
        people = {group: found[group] for group in _HOLDS if group in found}
        confounded = _confounded(one, np.asarray(inputs.one("labels", **samples_about(one.about))))
        if confounded:
            yield confounded
        elif people and not broken:
            yield _people(one, people)
        if "clip" in found and "clip" not in broken:
            apart = [other.name for other in experiments if measures_clips(one, other)]
            yield _clips(one, found["clip"], apart)


def _confounded(one: Divided, labels: np.ndarray) -> Finding | None:
    """Recordings, days or people of one class each, learned from and tested: whoever knows them knows the class."""
    groups = _groups(one.rows)
    alone = {group: np.where(_single(groups[group], labels), groups[group], "") for group in _HOLDS if group in groups}
    found = {group: one.shared(names) for group, names in alone.items()}
    # Of groups that tell as much the widest one: to keep recordings apart is not enough where people differ in class.
    group = max(found, key=lambda name: (found[name].samples, -len(np.unique(alone[name]))), default="")
    if not group or not found[group].samples:
        return None
    known = alone[group] != ""
    n, of = (len(np.unique(names[known])) for names, known in ((alone[group], known), (groups[group], groups[group] != "")))
    several = all(len(np.unique(alone[group][known & (labels == label)])) > 1 for label in np.unique(labels[known]))
    return Finding(
        severity="warning",
        about=f"experiment {one.name}",
        title=f"{group.capitalize()}s hold one class each, and are in training and in test",
        evidence=f"{count(n)} of {counted(of, group)} hold a single class; {found[group]} belong to such a {group} that their"
        f" model learned from: it may know the {group}, and not the class",
        remedy=f'Repeat the experiment with split = {{use = "kfold", by = "{group}"}}: the difference is what knowing the'
        f" {group} is worth."
        if several
        else f"Record several {group}s of each class: with one, the class and the {group} are the same thing.",
    )


def _single(names: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which samples (sample,) bool belong to a group whose samples all have one label."""
    found, group = np.unique(names, return_inverse=True)
    pairs = np.unique(np.stack([group, labels]), axis=1)
    return np.asarray((np.bincount(pairs[0], minlength=len(found)) == 1)[group] & (names != ""))


def _groups(rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The group that each sample (sample,) belongs to, as far as the data know; a session is that of a person."""
    groups = {name: rows[name] for name in ("trial", "recording", "subject", "clip")}
    whose = np.char.add(np.char.add(rows["subject"].astype(str), ", session "), rows["session"].astype(str))
    groups["session"] = np.where((rows["subject"] != "") & (rows["session"] != ""), whose, "")
    return {name: names for name, names in groups.items() if (names != "").any()}


def _apart(one: Divided) -> tuple[str, ...]:
    use, settings = one.split["name"], one.split["settings"]
    if use == "kfold" and settings["by"] != "trial":
        return (settings["by"],)
    return _APART.get(use, ())


def _trials(one: Divided, shared: Shared) -> Finding:
    about, evidence = f"experiment {one.name}", f"{shared} belong to trials that their model learned from"
    if not shared.samples:
        return Finding(severity="ok", about=about, title="No trial lies in training and in test", evidence=evidence)
    return Finding(
        severity="error",
        about=about,
        title="Trials lie in training and in test",
        evidence=evidence,
        remedy="Divide whole trials, as the splits kfold, front_back and loso do: windows of one trial are nearly the same"
        " sample, and a model that remembers it needs to know nothing else.",
    )


def _broken(one: Divided, shared: Mapping[str, Shared]) -> Finding:
    said = "; ".join(f"{found} belong to a {group} that their model learned from" for group, found in shared.items())
    return Finding(
        severity="error",
        about=f"experiment {one.name}",
        title=f"The split {one.split['name']} does not keep apart what it says",
        evidence=said,
        remedy=f"Do not believe this score; the {listing(list(shared))} of a test sample must be unknown to its model.",
    )


def _people(one: Divided, shared: Mapping[str, Shared]) -> Finding:
    about = f"experiment {one.name}"
    alike: dict[str, list[str]] = {}
    for group, found in shared.items():
        alike.setdefault(str(found), []).append(group)
    evidence = f"models learned from {listing([f'the {listing(groups)} of {found}' for found, groups in alike.items()])}"
    known = next((group for group, found in shared.items() if found.samples), "")
    if not known:
        what = "person" if "subject" in shared else "recording"
        return Finding(severity="ok", about=about, title=f"No {what} lies in training and in test", evidence=evidence)
    return Finding(
        severity="notice",
        about=about,
        title=f"The score is within {known}s: models are tested on {known}s that they learned from",
        evidence=evidence,
        remedy=f"Say that it holds for {_HOLDS[known]}, whom the split loso tests on.",
    )


def _clips(one: Divided, shared: Shared, apart: Sequence[str]) -> Finding:
    """`apart`: experiments on the same data that differ in that they are tested on unknown clips."""
    about, evidence = f"experiment {one.name}", f"{shared} were recorded with clips that their model learned from"
    if not shared.samples:
        return Finding(severity="ok", about=about, title="No clip lies in training and in test", evidence=evidence)
    return Finding(
        severity="warning",
        about=about,
        title="Clips lie in training and in test: the score may be of stimulus identity",
        evidence=f"{evidence}: it may know the clip, and not the emotion",
        remedy=f"Hold it against {listing(apart)}, on unknown clips." if apart else _NEW_CLIPS,
    )
