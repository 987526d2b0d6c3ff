"""emoMusic, “1000 songs”: 744 excerpts of 45 s, valence and arousal rated twice a second from second 15 on, and as a whole.

A segment is one rating, half a second. Ratings of whole songs, 1 to 9, are brought to -1 to 1. Columns are known by their
names: static_annotations.csv has arousal first.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from annotated_doc import Doc

from reportgen.core import Facts, Segments
from reportgen.datasets._rated import read_rows, told_last
from reportgen.datasets._song_affect import EMOTIONS, SCALE, Songs, read_course, read_overall, song_ids
from reportgen.datasets._tally import listed
from reportgen.errors import DataError

FACTS = Facts(
    title="emoMusic",
    modality="vector",
    classes=EMOTIONS,
    simulated=False,
    licence="Songs under Creative Commons licences, from the Free Music Archive; annotations are given on request for research",
    consent="Workers of a crowd gave their ratings for pay; nobody is named.",
    redistribute=False,
    citation="Soleymani, Caro, Schmidt, Sha and Yang (2013)",
    bibtex="""@inproceedings{soleymani2013songs,
  author = {Soleymani, Mohammad and Caro, Micheal N. and Schmidt, Erik M. and Sha, Cheng-Ya and Yang, Yi-Hsuan},
  title = {1000 Songs for Emotional Analysis of Music},
  booktitle = {Proceedings of the 2nd ACM International Workshop on Crowdsourcing for Multimedia},
  pages = {1--6},
  year = {2013},
  doi = {10.1145/2506364.2506365}
}""",
    training_part="development",
    test_part="evaluation",
    limits="Ratings are means over some ten workers and hide how much these differ. The first 15 s of each excerpt are not"
    " rated, and each rating is close to the one before: what is learned is learned from some hundred songs, not from tens of"
    " thousands of segments. Songs of one artist are in both parts.",
    scale=SCALE,
    whole="song",
)
_PARTS = ("development", "evaluation")
_PART = "Mediaeval 2013 set"
_STRAY = " \t\"'"  # what surrounds cells of songs_info.csv


def load(
    *,
    path: Annotated[
        Path,
        Doc("folder of static_annotations.csv, songs_info.csv, valence_cont_average.csv and arousal_cont_average.csv"),
    ],
) -> Iterator[Segments]:
    """Read all tables and give one song after the other; what is to be said about all comes with the last.

    Raises:
        DataError: a file or a column is missing, a cell is wrong, or a song has no part.
    """
    if not path.is_dir():
        raise DataError(f"{path} is no folder", "Give the folder of static_annotations.csv and the three others.")
    courses = {emotion: read_course(path / f"{emotion}_cont_average.csv") for emotion in EMOTIONS}
    overall = read_overall(path / "static_annotations.csv", {emotion: f"mean_{emotion}" for emotion in EMOTIONS})
    songs = Songs(courses, overall, path, long=True)
    parts = _parts(path / "songs_info.csv")
    if missing := [song for song in songs.songs if song not in parts]:
        fault = f"{path / 'songs_info.csv'} lacks {len(missing):,} songs that were rated: {listed(missing)}"
        raise DataError(fault, "Give the four files of the same copy.")
    yield from told_last((song.segments(parts[song.name], f"song {song.name}") for song in songs), songs.notices)


def _parts(path: Path) -> Mapping[str, str]:
    """{song: development or evaluation}; cells are wrapped in tabs and quotes."""
    header, rows = read_rows(path)
    clean = tuple(name.strip(_STRAY) for name in header)
    if missing := [name for name in ("song_id", _PART) if name not in clean]:
        fault = f"{path} has no column {listed(missing)}; its columns are {listed(clean, 20)}"
        raise DataError(fault, "Give the songs_info.csv of emoMusic.")
    place = clean.index(_PART)
    found = [cells[place].strip(_STRAY) for cells in rows.values()]
    for row, part in zip(rows, found, strict=True):
        if part not in _PARTS:
            raise DataError(
                f"{path} row {row:,}: part '{part[:20]}' is neither {_PARTS[0]} nor {_PARTS[1]}", "Correct the row."
            )
    return dict(zip(song_ids(rows, clean, path), found, strict=True))
