"""Splits of the same model are compared unit by unit, and gaps are named only where they are clean."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.contrast import GAPS, Outcome, contrasted
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import contrast as step


def outcome(use: str, values: np.ndarray, name: str = "", **settings: Any) -> Outcome:
    units = {str(i + 1): float(value) for i, value in enumerate(values) if np.isfinite(value)}
    return Outcome(name=name or use, split={"use": use, "settings": settings}, units=units)


def found_in(*experiments: Outcome) -> dict[str, Any]:
    return contrasted(experiments, resamples=500, seed=0)


def base(n: int = 15) -> np.ndarray:
    return np.random.default_rng(1).uniform(0.4, 0.8, n)


def test_what_every_unit_gains_is_clear_though_units_differ_more() -> None:
    values = base()
    found = found_in(outcome("kfold", values + 0.05), outcome("loso", values))
    (pair,) = found["pairs"]
    assert (pair["first"], pair["second"], pair["units"]) == ("kfold", "loso", 15)
    assert pair["difference"] == pytest.approx(0.05)
    assert pair["p"] == pair["p_holm"] < 0.01
    assert pair["low"] is pair["high"] is None, "a gain that never varies shows nothing of how it would"
    low, high = (found["experiments"][0][end] for end in ("low", "high"))
    assert low < found["experiments"][0]["accuracy"] < high
    assert high - low > 0.08


def test_interval_holds_the_mean_difference_and_noise_is_not_clear() -> None:
    values, rng = base(), np.random.default_rng(2)
    pair = found_in(outcome("loso", values + rng.normal(0, 0.1, 15)), outcome("loso_clip", values))["pairs"][0]
    assert pair["low"] < pair["difference"] < pair["high"]
    assert pair["p"] > 0.05


def test_units_count_alike_and_only_shared_ones_are_paired() -> None:
    first, second = base(), base() - 0.1
    second[[3, 5]] = np.nan
    found = found_in(outcome("loso", first), outcome("loso_clip", second))
    assert found["n_units"] == found["pairs"][0]["units"] == 13
    assert len(found["units"]) == 15
    assert found["experiments"][1]["units"][3] is None
    assert found["experiments"][0]["accuracy"] == pytest.approx(first.mean())
    assert found["pairs"][0]["difference"] == pytest.approx(0.1)


@pytest.mark.parametrize(("n", "claimed"), [(5, False), (6, True)])
def test_below_six_units_nothing_is_claimed(n: int, claimed: bool) -> None:
    values = base(n)
    noise = np.linspace(0, 0.02, n)
    found = found_in(outcome("kfold", values + 0.1 + noise), outcome("loso", values))
    rows = [*found["experiments"], *found["pairs"]]
    assert all((row["low"] is not None) == claimed for row in rows)
    assert (found["pairs"][0]["p"] is not None) == (found["pairs"][0]["p_holm"] is not None) == claimed


def test_splits_without_a_common_unit_have_no_difference() -> None:
    one, other = base(4), base(4)
    one[2:], other[:2] = np.nan, np.nan
    (pair,) = found_in(outcome("loso", one), outcome("mine", other))["pairs"]
    assert (pair["difference"], pair["low"], pair["p"], pair["p_holm"], pair["units"]) == (None, None, None, None, 0)


def test_what_knows_most_comes_first_and_p_values_are_corrected() -> None:
    values, rng = base(), np.random.default_rng(3)
    means = {"mine": 0.0, "loso_clip": -0.1, "loso": 0.0, "cross_session": 0.01, "kfold": 0.1}
    found = found_in(*(outcome(use, values + mean + rng.normal(0, 0.04, 15)) for use, mean in means.items()))
    assert [row["name"] for row in found["experiments"]] == ["kfold", "cross_session", "loso", "loso_clip", "mine"]
    assert len(found["pairs"]) == 10
    assert all(pair["p"] <= pair["p_holm"] <= 1 for pair in found["pairs"])
    assert min(pair["p_holm"] for pair in found["pairs"]) == pytest.approx(10 * min(pair["p"] for pair in found["pairs"]))


@pytest.mark.parametrize(
    ("more", "less", "gap"),
    [
        ({"use": "loso"}, {"use": "loso_clip"}, "stimulus identity"),
        ({"use": "kfold"}, {"use": "loso"}, "subject identity"),
        ({"use": "kfold", "by": "trial"}, {"use": "kfold", "by": "subject"}, "subject identity"),
        ({"use": "kfold"}, {"use": "kfold", "by": "clip"}, "stimulus identity"),
        ({"use": "kfold"}, {"use": "cross_session"}, "session"),
        ({"use": "cross_session"}, {"use": "loso"}, "subject identity"),
        ({"use": "front_back"}, {"use": "loso_clip"}, "subject identity"),
        ({"use": "front_back"}, {"use": "loso"}, ""),  # the one knows the person, the other the clips
        ({"use": "kfold"}, {"use": "loso_clip"}, ""),  # both at once
        ({"use": "kfold"}, {"use": "mine"}, ""),
    ],
)
def test_a_gap_is_named_only_where_one_thing_is_taken_away(more: dict[str, str], less: dict[str, str], gap: str) -> None:
    values = base(8)
    first, second = (
        Outcome(name=name, split={"use": split.pop("use"), "settings": split}, units=outcome("", values).units)
        for name, split in (("more", dict(more)), ("less", dict(less)))
    )
    (pair,) = found_in(second, first)["pairs"]
    assert (pair["first"], pair["second"], pair["names_gap"]) == ("more", "less", gap)
    assert gap in (*GAPS, "")


def test_splits_of_one_name_are_told_apart_by_their_settings() -> None:
    found = found_in(
        outcome("kfold", base(), "a", by="trial", folds=5),
        outcome("kfold", base(), "b", by="clip", folds=5),
        outcome("loso", base()),
    )
    assert [row["split"] for row in found["experiments"]] == ["kfold, by = trial", "kfold, by = clip", "loso"]


def outputs(folder: Path, units: dict[str, str]) -> list[Output]:
    """Facts, and scores of experiments over these units: {experiment: unit}; each loses 0.1, as do its subjects."""
    made = []
    for number, (name, unit) in enumerate(units.items()):
        rows = [{"name": f"s{i}", "n": 100, "accuracy": value - 0.1 * number} for i, value in enumerate(base(7))]
        own = rows if unit == "subject" else [{**row, "name": f"{unit} of {row['name']}"} for row in rows]
        told = {"unit": unit, "units": own, "subjects": rows, "views": {"all": {"baseline": {"chance": 0.25}}}}
        path = folder / name / "scores.json"
        path.parent.mkdir()
        path.write_text(json.dumps(told))
        made.append(Output("scores", path, {"dataset": "d", "experiment": name}))
    (folder / "facts.json").write_text("{}")
    return [Output("facts", folder / "facts.json", {"dataset": "d"}), *made]


@pytest.mark.parametrize(
    ("units", "unit"), [(("subject", "subject"), "subject"), (("subject", "trial"), "subject"), (("trial", "trial"), "trial")]
)
def test_step_compares_what_scores_are_over_or_else_subjects(tmp_path: Path, units: tuple[str, str], unit: str) -> None:
    experiments = dict(zip(("loso", "loso_clip"), units, strict=True))
    splits = {name: {"use": name, "settings": {}} for name in experiments}
    given = Inputs(outputs(tmp_path, experiments))
    step.run(given, Out(tmp_path), None, experiments=list(experiments), splits=splits, resamples=300, seed=0)
    found = json.loads((tmp_path / "contrast.json").read_text())
    assert "contrast" in KINDS
    assert (found["dataset"], found["unit"], found["chance"], found["n_units"]) == ("d", unit, 0.25, 7)
    assert found["units"][0] == ("s0" if unit == "subject" else "trial of s0")
    assert found["pairs"][0]["difference"] == pytest.approx(0.1)
