"""Steps that do next to nothing, for tests of the conductor."""

import os
import time

from reportgen.errors import DataError


def number(inputs, out, work, *, value):
    out.json("facts", {"value": value})


def double(inputs, out, work, *, times=2):
    work.progress(1, 2, "half way")
    out.json("scores", {"value": inputs.one("facts")["value"] * times})


def fail(inputs, out, work):
    raise ValueError("this step always fails")


def refuse(inputs, out, work):
    raise DataError("row 3 of faces.csv has 2,303 pixels where 2,304 are needed", "Mend the row.")


def die_once(inputs, out, work):
    mark = work.folder / "died"
    if not mark.exists():
        mark.write_text("once")
        os._exit(9)
    out.json("facts", {"value": 1})


def slow(inputs, out, work, *, seconds):
    for part in range(10):
        work.progress(part, 10)
        time.sleep(seconds / 10)
    out.json("facts", {"value": os.getpid()})
