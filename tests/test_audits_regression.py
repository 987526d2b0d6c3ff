"""Audits of predicted intensities find models that lose to a constant and models that collapsed, and clear the others."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from reportgen import plugins
from reportgen.core import Finding
from reportgen.outputs import Inputs, Output
from reportgen.steps import audit
from tests import factories
from tests.factories import of, out_in

AUDITS = ("loses_to_constant", "collapsed_predictions")
ABOUT = {"dataset": "videos", "experiment": "first"}


def near(mean: float | None, half: float | None = 0.01) -> dict[str, float | None]:
    """A mean and its interval; none where nothing is claimed."""
    claimed = mean is not None and half is not None
    return {"mean": mean, "low": mean - half if claimed else None, "high": mean + half if claimed else None}


def model(name: str = "knn/text", error: float = 0.12, verdict: str = "healthy", **collapse: Any) -> dict[str, Any]:
    """As in the kind, as far as audits read it."""
    key, _, of = name.partition("/")
    told = {"share": 0.8, "loadings": [0.8, -0.6], "told": "happy against sad"}
    numbers = {"rank": near(3.0, 0.2), "calibrated": near(3.4, 0.2), "variance_ratio": near(0.2), "r2": near(0.2)}
    shape = {**numbers, "kept": ["fear"], "dominant": told, "verdict": verdict, "why": "Numbers say so.", **collapse}
    title = {"knn": "KNN", "lstm": "LSTM", "ridge": "Ridge"}.get(key, key)
    sort = "baseline" if not of else "network"
    return {"id": name, "title": title, "set": of, "sort": sort, "scores": {"mae": near(error)}, "collapse": shape}


def collapsed(name: str = "lstm/text", error: float = 0.11) -> dict[str, Any]:
    return model(name, error, "collapsed", rank=near(1.4, 0.2), kept=[])


def regression(
    models: Sequence[dict[str, Any]], *, half: float | None = 0.01, zero: float = 0.155, hidden: Sequence[Any] = ()
) -> dict[str, Any]:
    constants = [model("zero", zero, "constant"), model("median", 0.15, "constant"), model("mean", 0.2, "constant")]
    pairs = [
        {"first": one["id"], "second": "median", "score": score, "difference": near(0.15 - one["scores"]["mae"]["mean"], half)}
        for one in models
        for score in ("concordance", "mae")
    ]
    return {"candidates": [*models, *constants], "pairs": pairs, "hidden": list(hidden), "zero": 0.16}


def stored(folder: Path, found: dict[str, Any]) -> list[Output]:
    out = out_in(folder, "assess")
    out.json("regression", found)
    return of(out, **ABOUT)


def inspected(name: str, folder: Path, *models: dict[str, Any], **given: Any) -> list[Finding]:
    return list(plugins.verb("audit", name)(Inputs(stored(folder, regression(models, **given)))))


@pytest.mark.parametrize("name", AUDITS)
def test_good_models_are_good(name: str, tmp_path: Path) -> None:
    """With what stands in NEEDS and no more, through the step, as JSON."""
    assert plugins.constant(plugins.path_of("audit", name), "NEEDS") == ("regression",)
    found = regression([model(), model("ridge/all", verdict="weak", kept=[])])
    out = out_in(tmp_path, name)
    settings = plugins.settings("audit", name)().model_dump(mode="json")
    audit.run(Inputs(stored(tmp_path, found)), out, None, use=name, settings=settings)
    (finding,) = json.loads((out.folder / "findings.json").read_text())
    assert (finding["severity"], finding["about"], finding["remedy"]) == ("ok", "experiment first", "")
    assert finding["evidence"] and "2 models" in finding["title"]
    assert [row[0] for row in finding["rows"]] == ["model", "KNN on text", "Ridge on all modalities"]


@pytest.mark.parametrize("name", AUDITS)
def test_studies_without_intensities_are_none_of_their_business(name: str, tmp_path: Path) -> None:
    assert not list(plugins.verb("audit", name)(Inputs(factories.study(tmp_path))))


# constants


def test_a_model_that_loses_to_the_median(tmp_path: Path) -> None:
    lost, won = inspected("loses_to_constant", tmp_path, model("lstm/text", 0.2), model())
    assert (lost.severity, lost.title) == ("warning", "A constant errs less than LSTM on text")
    assert lost.evidence.startswith("mean absolute error: always zero 0.155, always median 0.150, LSTM on text 0.200 [0.190")
    assert "16\N{NO-BREAK SPACE}% of the test segments have no emotion" in lost.evidence and lost.remedy
    assert lost.rows[1:] == (("LSTM on text", "0.200 [0.190, 0.210]", "−0.0500 [−0.0600, −0.0400]"),)
    assert (won.severity, won.title) == ("ok", "1 model is better than a constant")


@pytest.mark.parametrize(
    ("error", "half", "zero"),
    [
        (0.145, 0.01, 0.155),  # the interval holds 0
        (0.1, None, 0.155),  # too few videos
        (0.13, 0.01, 0.12),  # always zero errs least
    ],
)
def test_a_model_that_does_not_clearly_win(error: float, half: float | None, zero: float, tmp_path: Path) -> None:
    (finding,) = inspected("loses_to_constant", tmp_path, model(error=error), half=half, zero=zero)
    assert (finding.severity, finding.title) == ("notice", "No clear gain over a constant: KNN on text") and finding.remedy


# collapse


def test_a_collapsed_model_is_named_with_what_it_tells(tmp_path: Path) -> None:
    hidden = [{"hides": "lstm/text", "beside": "knn/text", "set": "text", "mae": [0.11, 0.12], "why": "It errs less."}]
    found, passed = inspected("collapsed_predictions", tmp_path, model(), collapsed(), hidden=hidden)
    assert (found.severity, found.title) == ("warning", "Collapsed to a single factor: LSTM on text")
    assert found.evidence == "LSTM on text only tells happy from sad. Numbers say so. It errs less" and found.remedy
    assert found.rows[1] == (
        *("LSTM on text", "collapsed", "1.4 [1.2, 1.6]", "3.4 [3.2, 3.6]", "nothing more", "happy against sad"),
        *("0.20", "0.20", "0.110"),
    )
    assert (passed.severity, passed.title) == ("ok", "1 model did not collapse")
    assert "KNN on text 3.0 of 3.4" in passed.evidence and passed.rows[1][4] == "fear"


def test_words_of_audits_are_words(tmp_path: Path) -> None:
    """No underscores, no minus before a zero, and no full stop at the end: the page sets its own."""
    alone = {"share": 0.9, "loadings": [1.0, 0.0], "told": "joyful activation"}
    low = model("lstm/text", 0.11, "collapsed", rank=near(-0.001, None), kept=[], dominant=alone)
    found, passed = inspected("collapsed_predictions", tmp_path, model(kept=["joyful_activation"]), low)
    assert found.evidence == "LSTM on text only tells joyful activation from the rest. Numbers say so"
    assert found.rows[1][2] == "0.0" and passed.rows[1][4] == "joyful activation"
    nothing = inspected("collapsed_predictions", tmp_path / "none", model(verdict="collapsed", dominant={**alone, "told": ""}))[
        0
    ]
    assert nothing.evidence.startswith("KNN on text tells one thing only, which is none of the emotions clearly.")
    assert nothing.rows[1][5] == "none"


def test_a_weak_model_is_called_weak_and_not_accused(tmp_path: Path) -> None:
    (finding,) = inspected("collapsed_predictions", tmp_path, model("knn/voice", verdict="weak", kept=[]))
    assert finding.severity == "ok" and finding.evidence.endswith("weak, and no more than that: KNN on voice")


def test_constant_predictions(tmp_path: Path) -> None:
    nothing = {"rank": near(None), "calibrated": near(None), "kept": [], "dominant": None}
    (finding,) = inspected("collapsed_predictions", tmp_path, model("lstm/face", 0.15, "constant", **nothing))
    assert (finding.severity, finding.title) == ("error", "Predictions do not vary: LSTM on face")
    assert finding.remedy and "LSTM on face 0.150" in finding.evidence


def test_too_few_videos_to_tell(tmp_path: Path) -> None:
    (finding,) = inspected("collapsed_predictions", tmp_path, model("lstm/face", verdict="not tested", kept=[]))
    assert (finding.severity, finding.title) == ("notice", "Whether they collapsed cannot be told: LSTM on face")
    assert finding.evidence == "LSTM on face: Numbers say so" and finding.remedy
