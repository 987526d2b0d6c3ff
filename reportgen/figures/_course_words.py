"""What the picture of trainings says: its title, its caption, and each training in words."""

from collections.abc import Sequence

import numpy as np

from reportgen.figures._candidates import some
from reportgen.figures._courses import Trained
from reportgen.figures._words import counted
from reportgen.words import fixed, listing, percent

MOST = 4  # generators that are drawn
LONGEST = 190  # letters of a title
CERTAIN, GUESSING = 0.9, (0.4, 0.6)  # share right of a discriminator that never guesses, and of one that does
NO_FURTHER = 1.05  # times as far off as real samples, up to which nobody would call it further
WEAK = "The discriminator of {} ends at {} right, but is too weak for this to mean anything"


def title_of(trained: Sequence[Trained]) -> str:
    gone = [one for one in trained if all(course["diverged"] for course in one.courses)]
    parts = [f"The training of {some([one.title for one in gone])} diverged"] if gone else []
    told = [text for one in trained if one not in gone and (text := _finding(one))]
    told = [*parts, *told[:2]]
    while len(told) > 1 and sum(map(len, told)) > LONGEST:
        told.pop()  # the caption and the picture have it too
    joined = "; ".join(text[:1].lower() + text[1:] if i else text for i, text in enumerate(told))
    return joined or f"{some([one.title for one in trained])} trained to their end; no measure says how well"


def _finding(one: Trained) -> str:
    gone = sum(bool(course["diverged"]) for course in one.courses)
    ending = f" ({gone} of {len(one.courses)} trainings diverged)" if gone else ""
    return (_of_critic(one) if one.critic else _of_discriminator(one)) + ending


def _of_discriminator(one: Trained) -> str:
    if one.right is None:
        return ""
    if one.verdict == "weak":
        return WEAK.format(one.title, percent(one.right))
    told = f"The discriminator of {one.title} ends at {percent(one.right)} right"
    if one.right >= CERTAIN:
        return f"{told}: it never has to guess"
    if one.verdict == "memorises":
        return f"{told}, but only on samples that it learned by heart"
    return f"{told}: it has to guess" if GUESSING[0] <= one.right <= GUESSING[1] else f"{told}: it guesses at times"


def _of_critic(one: Trained) -> str:
    ratio = one.chosen("spectrum")
    if ratio is not None:
        return _of_spectrum(one, ratio, one.start("spectrum"))
    gap = one.mean("gap")
    known = gap[np.isfinite(gap)]
    if not len(known):
        return ""
    return f"The critic of {one.title} sees a distance of {known[0]:.2g} at first and {known[-1]:.2g} at the end"


def _of_spectrum(one: Trained, ratio: float, start: float | None) -> str:
    """How far off what was kept is, and whether training has brought it there."""
    real = "that of real samples"
    far = f"no further off than {real}" if ratio <= NO_FURTHER else f"{fixed(ratio, 1)} times as far off as {real}"
    if one.added == "nothing added":
        return f"What {one.title} keeps ({one.epochs}) was there before training: its spectrum is {far}"
    told = f"The kept spectrum of {one.title} ({one.epochs}) is {far}"
    return told if start is None else f"{told}, before training {start:.2g} times"


def caption_of(trained: Sequence[Trained], there: Sequence[Trained]) -> str:
    parts = ["Training of each network that makes samples, epoch by epoch."]
    if any(not one.critic for one in there):
        parts.append(
            "D is the discriminator, G the generator; dotted is guessing. A share near one half says that samples look real "
            "only if D is good at all: right is what it gets right on real samples that it has never seen and on white noise."
        )
    if any(one.critic for one in there):
        parts.append(
            "A Wasserstein critic estimates how far real and synthetic samples lie apart; right it is by a threshold midway "
            "between its means of both. Losses of different generators do not compare."
        )
    if any(one.known("spectrum") and one.courses[0]["floor"] for one in there):
        parts.append(
            "Kept is the epoch whose spectrum and MMD are nearest to the validation part, in units of what the real training "
            "part has there, the floor (dotted)."
        )
    if any(one.start("spectrum") is not None for one in there):
        parts.append("Epoch 0, hollow, is the generator before its first update: only what is lower was learned.")
    parts += [f"{one.title}: {one.gone}." for one in trained if one.gone]
    if len(there) > MOST:
        parts.append(f"Only in the data, for lack of room: {listing([one.title for one in there[MOST:]])}.")
    return " ".join(parts)


def told_of(one: Trained) -> str:
    """One generator in words, for the alt text."""
    n = len(one.courses)
    parts = [f"{one.title}, {counted(n, 'training')} with {one.courses[0]['loss']}"]
    names = {"generator_loss": "generator loss", "discriminator_loss": "discriminator loss", "gap": "distance"}
    for column, name in names.items():
        values = one.mean(column)
        values = values[np.isfinite(values)]
        if len(values) > 1:
            parts.append(f"{name} {'falls' if values[-1] < values[0] else 'rises'}")
    if one.right is not None and not one.critic:
        parts.append("the discriminator " + ("is nearly always right" if one.right >= CERTAIN else "is wrong at times"))
    start, kept = one.start("spectrum"), one.chosen("spectrum")
    if start is not None and kept is not None:
        parts.append(f"its spectrum comes {'nearer' if kept < start else 'no nearer'} to that of real samples")
    return ", ".join([*parts, one.gone] if one.gone else parts)
