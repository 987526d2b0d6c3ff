"""From scores to what they say: intervals, places between floor and ceiling, pairs, ranks, and words."""

import numpy as np
import pytest

from reportgen.realism import verdicts
from reportgen.realism.use import Answers, Truth, balanced, rivals, useful
from reportgen.realism.weighing import blind, interval_of, pairs, ranks, value_of, verdict, worse

RNG = np.random.default_rng(9)


def drawn(score: float, spread: float = 0.05) -> np.ndarray:
    """A score and 400 resamples of it."""
    return np.concatenate([[score], score + spread * np.random.default_rng(1).standard_normal(400)])


def said(labels: np.ndarray, right: float, seed: int) -> np.ndarray:
    """Logits (training, sample, class) of which a share is right."""
    rng = np.random.default_rng(seed)
    named = np.where(rng.random(len(labels)) < right, labels, (labels + 1) % 3)
    return np.eye(3)[named][None]


def test_an_interval_reflects_what_resampling_adds() -> None:
    values = np.concatenate([[1.0], np.random.default_rng(0).normal(1.3, 0.1, 4000)])
    found = interval_of(values)
    assert found["low"] == pytest.approx(2 - 1.3 - 0.196, abs=0.02)
    assert found["high"] == 1.0, "it holds the score, however biased its resamples are"
    assert interval_of(np.concatenate([[0.1], drawn(0.5)]), least=0.0)["low"] == 0.0
    assert interval_of(np.array([0.3])) == {"mean": 0.3, "low": None, "high": None}


def test_worse_looks_at_what_is_better() -> None:
    assert worse("psd_distance", np.array([3.0]), np.array([1.0])) == 2.0
    assert worse("coverage", np.array([0.2]), np.array([0.9])) == pytest.approx(0.7)
    assert worse("two_sample_auc", np.array([0.3]), np.array([0.5])) == 0.0, "below one half is no better than one half"


def test_positions_lie_between_the_floor_and_the_ceiling() -> None:
    draws = {
        "real": {"psd_distance": drawn(1.0)},
        "noise": {"psd_distance": drawn(11.0)},
        "good": {"psd_distance": drawn(1.01)},
        "near": {"psd_distance": drawn(2.0)},
        "half": {"psd_distance": drawn(6.0)},
        "bad": {"psd_distance": drawn(12.0)},
    }
    found = {key: value_of("psd_distance", key, draws, [], []) for key in draws}
    assert {key: value["verdict"] for key, value in found.items()} == {
        "real": "",
        "noise": "far",
        "good": "real",
        "near": "near",
        "half": "between",
        "bad": "far",
    }
    assert found["half"]["position"] == pytest.approx(0.5)
    assert not value_of("psd_distance", "good", draws, [], ["psd_distance"])["ranked"], (
        "what is kept by construction is no merit"
    )
    assert value_of("psd_distance", "bad", draws, ["psd_distance"], [])["verdict"] == "", "a blind score says nothing"


def test_a_score_is_blind_where_its_ceiling_is_not_clearly_worse() -> None:
    independent = np.concatenate([[1.02], 1.02 + 0.05 * np.random.default_rng(2).standard_normal(400)])
    draws = {
        "real": {"psd_distance": drawn(1.0), "coverage": drawn(0.9)},
        "noise": {"psd_distance": independent, "coverage": drawn(0.0)},
    }
    assert blind(draws) == ["psd_distance"]


def test_pairs_are_paired_and_leave_out_what_one_keeps() -> None:
    shift = np.random.default_rng(3).standard_normal(401)
    draws = {
        "net": {"psd_distance": 2.0 + shift, "coverage": drawn(0.9)},
        "plain": {"psd_distance": 2.5 + shift, "coverage": drawn(0.9)},
    }
    found = pairs(draws, ["net"], ["plain"], {"net": [], "plain": ["coverage"]})
    assert [(row["score"], row["better"]) for row in found] == [("psd_distance", "net")], "the common scatter cancels"
    assert found[0]["difference"]["mean"] == pytest.approx(0.5)


def test_ranks_are_means_of_places_over_what_is_ranked() -> None:
    def value(mean: float, *, ranked: bool = True) -> dict[str, object]:
        return {"mean": mean, "over_floor": {"mean": mean}, "ranked": ranked}

    values = {
        "a": {"psd_distance": value(1.0), "mmd": value(1.0)},
        "b": {"psd_distance": value(2.0), "mmd": value(3.0)},
        "c": {"psd_distance": value(0.1, ranked=False), "mmd": value(2.0)},
    }
    found = ranks(values)
    assert found["a"] == {"mean": 1.0, "of": 2}
    assert found["b"]["mean"] == 3.0
    assert found["c"] == {"mean": 2.0, "of": 1}


def test_augmentation_is_paired_over_people() -> None:
    labels, unit = np.tile([0, 1, 2], 200), np.repeat([f"s{i}" for i in range(10)], 60)
    truth = Truth(labels=labels, unit=unit, classes=3)
    real = said(labels, 0.6, 0)
    better = np.where(RNG.random(len(labels))[:, None] < 0.5, np.eye(3)[labels], real[0])[None]

    def answers(both: np.ndarray, tstr: np.ndarray) -> Answers:
        return Answers(tstr=tstr, both=both, trts=[real[0]], named=[labels])

    candidates = {"real": answers(real, real), "good": answers(better, better), "poor": answers(real, said(labels, 0.34, 1))}
    found = useful(candidates, truth, resamples=500, seed=0)
    assert found["real"]["tstr"]["mean"] == pytest.approx(balanced(_confusion(real[0], labels)[None]))
    assert found["good"]["change"]["low"] > 0 and found["good"]["p"] < 0.01
    assert verdicts.of_use(found["good"]["change"], found["good"]["gain"], found["good"]["p"]) == "helped"
    assert found["poor"]["change"]["low"] is None, "the same answers leave nothing to resample"
    assert found["poor"]["lost"]["low"] > 0
    assert rivals(candidates, truth, "good", ["poor"], resamples=500, seed=0)["poor"]["low"] > 0


def _confusion(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    table = np.zeros((3, 3))
    np.add.at(table, (labels, logits.argmax(1)), 1)
    return table


def test_an_interval_alone_is_no_help_where_the_test_is_not_sure() -> None:
    up = {"mean": 0.05, "low": 0.02, "high": 0.08}
    assert verdicts.of_use(up, up, 0.1) == "no clear difference"


def test_more_density_than_real_samples_have_is_no_better() -> None:
    draws = {"real": {"density": drawn(1.0)}, "noise": {"density": drawn(0.0)}, "timid": {"density": drawn(3.0)}}
    found = value_of("density", "timid", draws, [], [])
    assert found["position"] == 0.0 and found["over_floor"]["mean"] == 0.0
    draws["good"] = {"density": drawn(1.0)}
    row = next(iter(pairs(draws, ["good"], ["timid"], {"good": [], "timid": []})))
    assert row["difference"]["mean"] == 0.0 and row["better"] == ""


@pytest.mark.parametrize(("kept", "verdict"), [(1.98, "nothing added"), (1.2, "better than its start")])
def test_what_was_near_before_training_is_no_merit_of_it(kept: float, verdict: str) -> None:
    floor, start = {"spectrum": 1.0, "mmd": 0.01}, {"spectrum": 2.0, "mmd": 0.02}
    course = {"start": start, "floor": floor, "chosen": 1, "epochs": [{"spectrum": kept, "mmd": kept / 100}]}
    found = verdicts.of_training([course, course])
    assert (found["verdict"], found["share"]) == (verdict, pytest.approx(kept / 2))
    assert verdicts.of_training([{**course, "start": None}])["verdict"] == "", "what has no start to tell of"


def test_with_few_people_nothing_is_claimed() -> None:
    labels, unit = np.tile([0, 1, 2], 20), np.repeat(["a", "b", "c"], 20)
    one = Answers(tstr=said(labels, 0.8, 0), both=said(labels, 0.9, 1), trts=[said(labels, 0.5, 2)[0]], named=[labels])
    found = useful({"real": one}, Truth(labels=labels, unit=unit, classes=3), resamples=200, seed=0)["real"]
    assert found["change"]["low"] is None and found["p"] is None
    assert verdicts.of_use(found["change"], found["gain"], found["p"]) == "not tested"


def test_what_seeing_real_samples_twice_brings_is_no_merit_of_synthetic_ones() -> None:
    up, level = {"mean": 0.05, "low": 0.02, "high": 0.08}, {"mean": 0.0, "low": -0.02, "high": 0.02}
    down = {"mean": -0.05, "low": -0.08, "high": -0.02}
    assert verdicts.of_use(up, up, 0.01) == "helped"
    assert verdicts.of_use(up, level, 0.01) == "no more than real samples twice"
    assert verdicts.of_use(level, down, 0.01) == "no clear difference"
    assert verdicts.of_use(down, down, 0.01) == "hurt"
    assert verdicts.of_use(down, level, 0.01) == "no worse than real samples twice"


@pytest.mark.parametrize(
    ("ratio", "copies", "identical", "word"),
    [
        (0.0, 1.0, 1.0, "copies"),
        (0.95, 0.06, 0.0, "no sign"),
        (0.9, 0.3, 0.3, "copies"),  # most are new, and the others are copies
        (0.5, 0.7, 0.02, "near copies"),  # such as means of two training samples
        (None, None, None, "not measured"),
    ],
)
def test_memory_in_a_word(ratio: float | None, copies: float | None, identical: float | None, word: str) -> None:
    own = {"mean": ratio, "low": ratio, "high": ratio}
    assert verdicts.of_memory(own, {"mean": 1.0, "low": 0.9, "high": 1.1}, copies, identical) == word


def test_a_balance_of_a_discriminator_that_knows_nothing_is_weak() -> None:
    even = {"accuracy_real": 0.52, "accuracy_made": 0.5, "judged": {"train": 0.5, "validation": 0.5, "made": 0.5, "noise": 0.6}}
    auc = {"mean": 0.99, "low": 0.98, "high": 1.0}
    assert verdicts.of_discriminator(even, auc) == "weak"
    knows = {**even, "judged": {**even["judged"], "noise": 1.0}}
    assert verdicts.of_discriminator(knows, auc) == "weak", "another classifier tells what it cannot"
    assert verdicts.of_discriminator(knows, {"mean": 0.52, "low": 0.45, "high": 0.6}) == "fair"
    heart = {
        "accuracy_real": 0.99,
        "accuracy_made": 0.99,
        "judged": {"train": 0.99, "validation": 0.4, "made": 0.99, "noise": 1.0},
    }
    assert verdicts.of_discriminator(heart, auc) == "memorises"


def test_modes_in_a_word() -> None:
    floor = {"mean": 0.9, "low": 0.85, "high": 0.95}
    assert verdicts.of_modes(0.02, {"mean": 0.01, "low": 0.0, "high": 0.02}, floor) == "single mode"
    assert verdicts.of_modes(0.3, {"mean": 0.2, "low": 0.1, "high": 0.3}, floor) == "few modes"
    assert verdicts.of_modes(1.0, {"mean": 0.8, "low": 0.7, "high": 0.9}, floor) == "spread"
    assert verdicts.of_modes(1.0, {"mean": 0.0, "low": 0.0, "high": 0.0}, floor) == "elsewhere"
    assert verdicts.of_modes(0.24, {"mean": 0.9, "low": 0.8, "high": 1.0}, floor) == "few modes", "a mode in the middle of all"
    nothing = {"mean": None, "low": None, "high": None}
    assert verdicts.of_modes(0.9, nothing, nothing) == "not measured"


@pytest.mark.parametrize(
    ("mean", "low", "high", "word"),
    [
        (0.02, 0.01, 0.03, "real"),  # clearly off, and next to nothing
        (0.2, -0.1, 0.24, "real"),
        (0.2, -0.1, 0.6, "near"),  # it may be farther away
        (0.2, 0.1, 0.3, "near"),
        (0.2, -0.5, 2.0, ""),  # too few trials to say anything
        (0.5, -0.1, 1.0, "between"),
        (0.9, 0.8, 1.0, "far"),
    ],
)
def test_too_little_data_makes_nothing_real(mean: float, low: float, high: float, word: str) -> None:
    assert verdict({"mean": mean * 10, "low": low * 10, "high": high * 10}, 10.0) == word


def test_a_discriminator_that_knows_nothing_has_nothing_by_heart() -> None:
    sides = {"train": 0.5, "validation": 0.08, "made": 0.9, "noise": 1.0}
    auc = {"mean": 0.55, "low": 0.5, "high": 0.6}
    assert verdicts.of_discriminator({"accuracy_real": None, "accuracy_made": None, "judged": sides}, auc) == "fair"
