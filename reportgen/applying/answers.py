"""What a page says of one file: made by the modules that read files, shown by `page`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture inside a page."""

    source: str  # data URI
    width: int  # CSS pixels
    alt: str  # what it says, for somebody who cannot see it
    caption: str  # what is seen and what it means; differs from `alt`


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of a prediction."""

    name: str
    share: float  # of the length of a full bar, 0 to 1
    told: str  # the number beside it
    spread: str  # how far networks differ, "" for one network
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A prediction."""

    caption: str
    what: str  # what the lines are: class, emotion
    number: str  # what the numbers are: confidence, intensity from 0 to 3
    spread: str  # what `Bar.spread` is, "" where no bar has one
    rows: tuple[Bar, ...]
    heading: str = "What it says"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1  # leading columns that are words, the others are numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of one file."""

    name: str  # of the file
    said: str  # the prediction in one line
    read: tuple[str, ...]  # what was done to the file before the model got it
    warnings: tuple[str, ...] = ()  # the gravest first
    shown: Drawn | None = None  # the file as the model got it
    bars: Bars | None = None
    score: str = ""  # how good what predicted it was on its test part, where that is not said of the whole experiment
    grid: Grid | None = None
    explanation: Drawn | None = None
    reasons: Grid | None = None  # what the prediction depends on, as a table
    position: Drawn | None = None
    likeness: str = ""  # how like the training data it is, in a sentence
