"""Numbers of samples that differ from the published ones, part by part and class by class."""

from collections.abc import Iterator, Mapping
from typing import Any

from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing

NEEDS = ("facts",)


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding a data set: parts that are missing or unknown, and counts that differ."""
    for about, facts in inputs.all("facts"):
        noun = "segment" if "videos" in facts else "trial" if facts["modality"] == "eeg" else "sample"
        yield _compare(f"data set {about['dataset']}", facts["published_counts"], facts["counts"], facts, noun)


def _compare(
    about: str, published: Mapping[str, Any], found: Mapping[str, Any], facts: Mapping[str, Any], noun: str
) -> Finding:
    expected = sum(sum(part.values()) for part in published.values())
    n, classes = facts["n"], facts["classes"]
    if not published:
        title = "There are no published counts to compare with"
        return Finding(severity="ok", about=about, title=title, evidence=f"{counted(n, noun)} found")
    rows = [
        (part, name, count(wanted), count(got))
        for part in sorted(published.keys() & found.keys())
        for name in classes
        if (wanted := published[part].get(name, 0)) != (got := found[part].get(name, 0))
    ]
    faults = [f"{len(rows)} counts of a class in a part differ"] if rows else []
    for names, what in ((published.keys() - found.keys(), "missing"), (found.keys() - published.keys(), "not published")):
        faults += [f"{listing(sorted(names))} {'is' if len(names) == 1 else 'are'} {what}"] if names else []
    evidence = "; ".join([f"{counted(n, noun)} found, {count(expected)} published", *faults])
    if not faults:
        return Finding(severity="ok", about=about, title="All counts are the published ones", evidence=evidence)
    return Finding(
        severity="warning",
        about=about,
        title="The data differ from the published ones",
        evidence=evidence,
        remedy="Get the whole set, or say what was left out: scores compare with published ones on the same data only.",
        rows=(("part", "class", "published", "found"), *rows) if rows else (),
    )
