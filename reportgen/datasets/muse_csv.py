"""Three mental states with the Muse headband: four channels at 256 Hz, recordings of about a minute as csv."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_doc import Doc

from reportgen.core import Facts, Recording, Reference, Stretch
from reportgen.datasets import _muse_table
from reportgen.datasets._gaps import gapless, off_line, without
from reportgen.datasets._runs import SHORTEST
from reportgen.datasets._tally import Tally, listed
from reportgen.errors import DataError
from reportgen.plugins import unknown

_STUDY = "Bird et al. (2018)"
FACTS = Facts(
    title="Mental states with the Muse headband",
    modality="eeg",
    classes=("relaxed", "neutral", "concentrating"),
    simulated=False,
    licence="None stated. The author publishes the recordings beside his code and asks to be cited.",
    consent="Not stated beside the recordings; the people are called by letters.",
    redistribute=False,
    citation="Bird, J. J., Manso, L. J., Ribeiro, E. P., Ekárt, A., and Faria, D. R. (2018). A study on mental state"
    " classification using EEG-based brain-machine interface. 2018 International Conference on Intelligent Systems (IS),"
    " 795–800. Recordings: github.com/jordan-bird/eeg-feature-generation.",
    bibtex="""@inproceedings{bird2018study,
  author = {Bird, Jordan J. and Manso, Luis J. and Ribeiro, Eduardo P. and Ek{\\'a}rt, Anik{\\'o} and Faria, Diego R.},
  title = {A study on mental state classification using {EEG}-based brain-machine interface},
  booktitle = {2018 International Conference on Intelligent Systems (IS)},
  pages = {795--800},
  year = {2018},
  publisher = {IEEE},
  doi = {10.1109/IS.2018.8710576}
}""",
    references=(
        Reference(
            name="Classical classifiers on 44 of 2,100 features",
            model="",
            metric="accuracy",
            value=0.87,
            part="10-fold cross-validation over windows of five people",
            source=_STUDY,
        ),
    ),
    limits="The classes are mental states that a task was to bring about, no emotions. Each file is one recording of one class,"
    " so that whatever sets recordings apart sets classes apart too: the day, the hour, how well an electrode sat. Subjects"
    " a and b concentrated two days after their other recordings. In every recording of concentration one frontal electrode"
    " (AF8 of a and b, AF7 of c) moves about four to fifty times as much as in that subject's other recordings and hums"
    " with the mains: plain amplitude tells this class apart, which speaks of contact, eyes and muscles rather than of a"
    " state of mind. Sessions 1 and 2 lie minutes apart, and some recordings of two subjects only ten seconds: one may"
    " doubt that the headband changed heads. Few people took part."
    " Time stamps were smoothed before publishing, so that packets lost on the way cannot be seen.",
)
_RATE = 256.0  # Hz, of the headband
_CHANNELS = ("TP9", "AF7", "AF8", "TP10")
_AUXILIARY = "Right AUX"
_LIMITS = (-1000.0, 999.5)  # µV, where the headband's amplifier ends
_SHORT = 30.0  # s, half of what a recording should have
_RATE_OFF = 0.005  # share by which the rate of the stamps may differ
_COMPUTED = 0.00075  # s: stamps so close to a line are rounded to ms and nothing else
_NAME = re.compile(r"(?:subject)?(?P<subject>[a-z0-9]+)-(?P<label>[a-z]+)-(?P<session>\d+)\.csv", re.IGNORECASE)
_FORM = "subjecta-relaxed-1.csv"


def load(
    *,
    path: Annotated[Path, Doc("folder of subjecta-relaxed-1.csv and so on, or one of them")],
    auxiliary: Annotated[bool, Doc("keep the channel Right AUX, to which no electrode is attached")] = False,
) -> Iterator[Recording]:
    """Read the recordings one by one; what is to be said about them comes with the last.

    Raises:
        DataError: a file is wrong, or there is none.
    """
    tally = Tally()
    files = _files(path, tally)
    columns = (*_CHANNELS, _AUXILIARY) if auxiliary else _CHANNELS
    for i, (name, match) in enumerate(files.items(), 1):
        stamps, x = _muse_table.read(path / name if path.is_dir() else path, name, columns, _RATE)
        stretches = _stretches(stamps, x, FACTS.classes.index(match["label"].casefold()), name, tally)
        _tell(x[: len(_CHANNELS)], name, tally)
        yield Recording(
            subject=match["subject"].casefold(),
            session=str(int(match["session"])),
            source=name,
            channels=tuple(column.upper() for column in columns),
            rate=_RATE,
            stretches=stretches,
            notices=tally.lines() if i == len(files) else (),
        )


def _files(path: Path, tally: Tally) -> dict[str, re.Match[str]]:
    """{name below the folder: what it says} of the recordings."""
    if not path.exists():
        raise DataError(f"{path} does not exist", "`path` is the folder of the csv files; is its variable set?")
    names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*.csv")) if path.is_dir() else [path.name]
    found: dict[str, re.Match[str]] = {}
    for name in names:
        match = _NAME.fullmatch(name.rpartition("/")[2])
        if not match:
            tally.add(f"csv files that are not named like {_FORM} are left out", name)
            continue
        if match["label"].casefold() not in FACTS.classes:
            raise DataError(f"{name}: {unknown('class', match['label'], FACTS.classes)}", f"Name files like {_FORM}.")
        if twins := [other for other, its in found.items() if _said(its) == _said(match)]:
            fault = f"{name} and {twins[0]} are the same subject, class and session"
            raise DataError(fault, "Give the folder of one of them, or number sessions apart.")
        found[name] = match
    if not found:
        raise DataError(f"{path} holds no recording; it holds {listed(names) or 'no csv file'}", f"Name files like {_FORM}.")
    return found


def _said(match: re.Match[str]) -> tuple[str, str, int]:
    return match["subject"].casefold(), match["label"].casefold(), int(match["session"])


def _stretches(stamps: np.ndarray, x: np.ndarray, label: int, name: str, tally: Tally) -> tuple[Stretch, ...]:
    """The recording in pieces without a gap, all of one trial."""
    whole = gapless(stamps, _RATE)
    good = np.isfinite(x).all(0)
    if not good.all():
        tally.add("recordings with samples that are no numbers, which are cut out like gaps", f"{name}: {(~good).sum():,}")
    long = [(begin, end) for begin, end in without(whole, good) if end - begin >= SHORTEST * _RATE]
    if not long:
        raise DataError(f"{name} has no stretch of {SHORTEST} s with numbers in it", "Leave the file out.")
    if lost := int(good.sum()) - sum(end - begin for begin, end in long):
        tally.add(f"recordings with stretches under {SHORTEST} s, which are left out", f"{name}: {lost:,} samples")
    _tell_gaps(stamps, whole, name, tally)
    return tuple(
        Stretch(x=x[:, begin:end].astype(np.float32), label=label, trial="1", start=float(stamps[begin] - stamps[0]))
        for begin, end in long
    )


def _tell_gaps(stamps: np.ndarray, whole: list[tuple[int, int]], name: str, tally: Tally) -> None:
    """What the stamps say about gaps and the rate."""
    if len(whole) > 1:
        gaps = [stamps[end] - stamps[end - 1] - 1 / _RATE for _, end in whole[:-1]]
        place = whole[int(np.argmax(gaps))][1] - 1
        told = f"{name}: {len(gaps)}, the largest of {max(gaps):.3g} s at {stamps[place] - stamps[0]:.1f} s"
        tally.add("recordings with gaps in their time stamps, which no window spans", told)
    long = [stamps[begin:end] for begin, end in whole if end - begin >= _RATE]
    rates = [(len(piece) - 1) / max(piece[-1] - piece[0], 0.001) for piece in long]
    if any(abs(rate / _RATE - 1) > _RATE_OFF for rate in rates):
        told = f"{name}: {min(rates):.1f} to {max(rates):.1f} Hz"
        tally.add(f"recordings whose stamps run at another rate than the headband's {_RATE:g} Hz", told)
    if long and max(map(off_line, long)) < _COMPUTED:
        tally.add("recordings whose stamps lie on a line, so that they were computed and would hide lost packets", name)


def _tell(x: np.ndarray, name: str, tally: Tally) -> None:
    """What the values (channel, time) of a recording say about it."""
    seconds = x.shape[1] / _RATE
    if seconds < _SHORT:
        tally.add(f"recordings shorter than {_SHORT:g} s", f"{name}: {seconds:.1f} s")
    clipped = ((x <= _LIMITS[0]) | (x >= _LIMITS[1])).mean(-1)
    if clipped.any():
        told = f"{_CHANNELS[int(clipped.argmax())]} of {name}: {clipped.max():.2%} of its samples"
        tally.add("recordings that reach the limit of the amplifier", told)
