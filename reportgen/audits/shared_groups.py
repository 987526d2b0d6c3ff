"""Trials, recordings, people or clips that lie in training and in test."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from reportgen.audits._divided import Divided, Shared, divided
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import listing

NEEDS = ("facts", "split", "parts", "rows")
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
    """Two or three findings an experiment on recordings: on its trials, on its people and, where they are known, on clips."""
    experiments = [*divided(inputs)]
    known = {one.name: one.shared(one.rows["clip"]) for one in experiments}
    for one in experiments:
        found = {group: one.shared(names) for group, names in _groups(one.rows).items()}
        yield _trials(one, found["trial"])
        broken = [group for group in _apart(one) if group in found and found[group].samples]
        if broken:
            yield _broken(one, {group: found[group] for group in broken})
        people = {group: found[group] for group in _HOLDS if group in found}
        if people and not broken:
            yield _people(one, people)
        if "clip" in found and "clip" not in broken and one is (alike := _divided_alike(one, experiments))[0]:
            others = [other.name for other in experiments if other.about["dataset"] == one.about["dataset"]]
            apart = [name for name in others if not known[name].samples]
            yield _clips(one, found["clip"], apart, [other.name for other in alike[1:]])


def _divided_alike(one: Divided, experiments: Sequence[Divided]) -> list[Divided]:
    """The experiments on the same data that are divided in the same way: what is shared is the same for all of them."""
    mine = (one.about["dataset"], one.split["name"], one.split["settings"])
    return [other for other in experiments if (other.about["dataset"], other.split["name"], other.split["settings"]) == mine]


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
    evidence = f"models learned from {listing([f'the {group} of {found}' for group, found in shared.items()])}"
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


def _clips(one: Divided, shared: Shared, apart: Sequence[str], alike: Sequence[str]) -> Finding:
    """`apart`: experiments on the same data that are tested on unknown clips; `alike`: those that are divided as this one."""
    about, evidence = f"experiment {one.name}", f"{shared} were recorded with clips that their model learned from"
    if not shared.samples:
        return Finding(severity="ok", about=about, title="No clip lies in training and in test", evidence=evidence)
    return Finding(
        severity="warning",
        about=about,
        title="Clips lie in training and in test: the score may be of stimulus identity",
        evidence=f"{evidence}: it may know the clip, and not the emotion"
        + (f"; divided in the same way: {listing(alike)}" if alike else ""),
        remedy=f"Hold it against {listing(apart)}, on unknown clips." if apart else _NEW_CLIPS,
    )
