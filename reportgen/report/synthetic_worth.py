"""The tables of what synthetic samples are worth, and of whether they are copies: of the kind `signal_scores`."""

from collections.abc import Mapping

from reportgen.report.synthetic_numbers import Found, Shown, certain, score
from reportgen.report.synthetic_words import generators_of
from reportgen.report.tables import Cell, Table
from reportgen.words import ABSENT, NO_BREAK, p_value, percent

_SAID: Mapping[str, str] = dict.fromkeys(
    ("no more than real samples twice", "no worse than real samples twice"), "as real twice"
)
_BLIND = " Cannot tell: real samples of swapped classes, added, do not clearly harm either."


def utility(experiment: str, found: Found) -> Table:
    """One row a generator, between the floor and guessing."""
    worth, values = found["utility"], {one["key"]: one for one in found["candidates"]}
    made = [one["key"] for one in generators_of(found)]
    own = {row["key"]: row for row in worth["rows"]}
    blind = "augmentation" in found["blind"]
    rows = [_learned(values[key]["title"], own[key], blind) for key in made if key in own]
    floor = [("Real samples alone", score(worth["real"]), _of(values.get("real"), "trts"), *_EMPTY)]
    if twice := own.get("real"):
        if twice["tstr"] != worth["real"]:
            floor.append(("As many real as synthetic samples", score(twice["tstr"]), None, *_EMPTY))
        floor.append(("Real samples twice", None, None, score(twice["both"]), score(twice["change"]), None, ABSENT, ABSENT))
    if classes := values.get("classes"):
        rows.append((f"{classes['title']} (ceiling)", _of(classes, "tstr"), _of(classes, "trts"), *_EMPTY))
    chance = ("Guessing", *([score({"mean": found["chance"]})] * 2), *_EMPTY)
    return Table(
        id=f"table-utility-{experiment}",
        caption="What synthetic samples are worth to a model: its balanced accuracy on real test samples when it learns from"
        " synthetic ones alone (TSTR), that of the model that learned from real ones on synthetic samples (TRTS), and on real"
        f" test samples when it learns from both (Both), less real samples alone (Change) and less real samples seen twice,"
        f" with as many updates and nothing new (Gain), paired over {found['unit_of_test']}s [95{NO_BREAK}% interval]; p by"
        " flipping signs of the change. A change is clear where its interval leaves out 0 and p is below 0.05. As real twice:"
        f" the change is clear, the gain is not.{_BLIND if blind else ''}",
        head=("Learns from, or is tested on", "TSTR", "TRTS", "Both", "Change", "Gain", "p", "Verdict"),
        rows=(*floor, *rows, chance),
    )


_EMPTY: tuple[Cell, ...] = (None, None, None, ABSENT, ABSENT)


def _learned(title: str, row: Found, blind: bool) -> tuple[Cell, ...]:
    accuracies = (score(row[name]) for name in ("tstr", "trts", "both", "change", "gain"))
    said = _SAID.get(row["verdict"], row["verdict"]) if certain(row["change"]) else "not tested"
    verdict = "cannot tell" if blind else said
    return title, *accuracies, p_value(row["p"]), verdict


def _of(one: Found | None, name: str) -> Shown | None:
    return score(one["values"].get(name)) if one else None


def memory(experiment: str, found: Found) -> Table:
    """Of copies and of lost modes, one row a generator."""
    names = {one["key"]: one["title"] for one in found["candidates"]}
    copied, modes = ({row["key"]: row for row in found[kind]} for kind in ("memory", "modes"))
    real = next((one for one in found["candidates"] if one["key"] == "real"), None)
    floor = (_of(real, "memory_ratio"), ABSENT, ABSENT, ABSENT, _of(real, "coverage"), None, ABSENT)
    rows: list[tuple[Cell, ...]] = [(f"{real['title']} (floor)", *floor)] if real else []
    for key in (one["key"] for one in generators_of(found) if one["key"] in {*copied, *modes}):
        near, spread = copied.get(key, {}), modes.get(key, {})
        distinct = spread.get("distinct")
        rows.append(
            (
                names[key],
                score(near.get("ratio")),
                percent(near.get("copies")),
                percent(near.get("identical")),
                near.get("verdict", ABSENT),
                score(spread.get("coverage")),
                score({"mean": distinct}),
                spread.get("verdict", ABSENT),
            )
        )
    return Table(
        id=f"table-memory-{experiment}",
        caption="Copies: the median distance to the nearest training sample, divided by that to the nearest unseen real one (1:"
        " no nearer, 0: copies) [95 % interval], and the share of samples that are nearer to a training sample than 95"
        f"{NO_BREAK}% of real test samples are (5{NO_BREAK}% is expected), or ten times nearer than to any held-out one (same)."
        " Modes: the share of real test samples that have a synthetic neighbour, and how far samples of a class lie apart,"
        " divided by how far real ones do. Elsewhere: varied, but covering less than half of what the training part covers.",
        head=("Generator", "Ratio of distances", "Too near", "Same", "Copies?", "Coverage", "Apart", "Modes?"),
        rows=tuple(rows),
    )
