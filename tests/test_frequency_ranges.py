"""Ranges are where effects were planted, nothing is found where nothing is, and few units claim nothing."""

import json
from typing import Any

import numpy as np
import pytest
from mne.stats import permutation_cluster_1samp_test
from scipy.stats import t as student

from reportgen.frequencies.agreement import correlation, strongest
from reportgen.frequencies.effect import Effect, Grid
from reportgen.frequencies.ranges import Range, over_units, peak_of, ranges_of
from reportgen.frequencies.ranges import testable as enough_for_a_claim
from reportgen.frequencies.summary import Study, summary
from reportgen.frequencies.truth import shared, truth

STARTS = np.arange(1, 48.01, 0.5)
BANDS = {"delta": (1.0, 4.0), "theta": (4.0, 8.0), "alpha": (8.0, 14.0), "beta": (14.0, 31.0), "gamma": (31.0, 50.0)}
FINE = Grid(np.stack([STARTS, STARTS + 2], axis=1), BANDS, fine=True)
COARSE = Grid(np.array(list(BANDS.values())), BANDS, fine=False)
CLASSES = ("negative", "neutral", "positive")
CHANNELS = ("F3", "F4", "C3", "C4", "P3", "P4", "O1")


def band(low: float, high: float, height: float = 1.0) -> np.ndarray:
    """What windows see of a flat band: the share of each that lies in it."""
    inside = np.minimum(FINE.edges[:, 1], high) - np.maximum(FINE.edges[:, 0], low)
    return height * np.clip(inside, 0, None) / 2


def noise(rng: np.random.Generator, units: int, windows: int = len(STARTS)) -> np.ndarray:
    """(unit, window) that neighbours share, SD 1."""
    kernel = np.ones(4) / 2
    return np.stack([np.convolve(row, kernel, "valid") for row in rng.standard_normal((units, windows + 3))])


def curves(shape: np.ndarray, units: int = 10, level: float = 0.1, seed: int = 0) -> np.ndarray:
    """(unit, window): a shape that is stronger in some than in others, and noise."""
    rng = np.random.default_rng(seed)
    return rng.lognormal(0, 0.3, (units, 1)) * shape + level * noise(rng, units, len(shape))


def found_in(curve: np.ndarray, grid: Grid = FINE) -> list[Range]:
    (ranges,) = ranges_of(curve[:, None], grid, seed=0)
    return ranges


@pytest.mark.parametrize(("low", "high"), [(17, 25), (32, 40), (8, 14)])
def test_a_planted_band_is_the_range(low: float, high: float) -> None:
    (one,) = found_in(curves(band(low, high)))
    assert shared((one.low, one.high), (low, high)) > 0.85
    assert one.peak == pytest.approx((low + high) / 2, abs=0.5)
    assert one.peak_low is not None
    assert one.peak_high is not None
    assert one.low < one.peak_low <= one.peak <= one.peak_high < one.high
    assert one.p < 0.01
    assert 0.8 < one.effect < 1.6


def test_edges_of_a_sharp_band_are_widened_by_a_quarter_of_a_window() -> None:
    (one,) = found_in(curves(band(17, 25), level=1e-4))
    assert (one.low, one.high) == (pytest.approx(16.5, abs=0.02), pytest.approx(25.5, abs=0.02))


def test_a_band_that_lies_elsewhere_in_everybody_is_found_as_all_of_them_share_it_out() -> None:
    shifts = np.linspace(-1.3, 1.3, 8)
    curve = np.stack([curves(band(18.3 + by, 23.7 + by), seed=seed)[0] for seed, by in enumerate(shifts)])
    (one,) = found_in(curve)
    assert (one.low, one.high) == (pytest.approx(17.5, abs=0.6), pytest.approx(24.5, abs=0.6))


def test_a_line_looks_as_wide_as_a_window() -> None:
    line = ((FINE.edges[:, 0] < 10.25) & (FINE.edges[:, 1] > 10.25)).astype(float)
    (one,) = found_in(curves(line, level=0.02))
    assert one.peak == pytest.approx(10.25, abs=0.1)
    assert one.high - one.low == pytest.approx(2.25, abs=0.1)


def test_a_band_that_reaches_the_last_window_ends_where_that_ends() -> None:
    (one,) = found_in(curves(band(40, 60)))
    assert one.high == 50
    assert one.low == pytest.approx(40, abs=0.4)


def test_peak_of_a_plateau_is_its_middle_and_steadier_than_the_largest_window() -> None:
    drawn = [curves(band(17, 25), units=8, level=0.3, seed=seed) for seed in range(40)]
    ours = np.array([peak_of(curve, FINE) for curve in drawn])
    largest = np.array([FINE.centres[curve.mean(axis=0).argmax()] for curve in drawn])
    assert abs(ours.mean() - 21) < 0.3
    assert np.sqrt(np.mean((ours - 21) ** 2)) < 0.5 < 1.2 < np.sqrt(np.mean((largest - 21) ** 2))


def test_two_bumps_of_a_cluster_are_two_ranges_if_the_valley_is_deep() -> None:
    both = found_in(curves(0.2 * band(8, 30) + band(9, 14) + 0.6 * band(20, 26), level=0.02))
    assert [round(one.peak) for one in both] == [12, 23], "the stronger one comes first"
    assert both[0].p == both[1].p
    assert both[0].effect > both[1].effect
    (one,) = found_in(curves(0.7 * band(8, 30) + 0.3 * band(9, 14) + 0.2 * band(20, 26), level=0.02))
    assert (one.low, one.high) == (pytest.approx(8, abs=0.5), pytest.approx(30, abs=0.5))


def test_bumps_nearer_than_a_window_is_wide_are_one() -> None:
    dent = band(10, 20) * np.where(FINE.centres == 15, 0.3, 1.0)
    assert len(found_in(curves(dent, level=0.02))) == 1


def test_effects_against_the_class_are_no_ranges() -> None:
    assert found_in(-curves(band(17, 25))) == []


def test_a_range_ends_with_its_cluster() -> None:
    shape = band(17, 25)
    curve = curves(shape, level=0.02)
    wild = FINE.centres > 21
    curve[:, wild] += 9 * (np.arange(10) - 4.5)[:, None] * shape[wild]  # the same mean, but nobody agrees
    (one,) = found_in(curve)
    assert one.low == pytest.approx(16.5, abs=0.1)
    assert one.high == pytest.approx(21.25)


@pytest.mark.parametrize("units", [6, 8])
def test_false_positives_are_as_rare_as_they_should_be(units: int) -> None:
    rng = np.random.default_rng(units)
    hits = sum(any(ranges_of(noise(rng, units)[:, None], FINE, seed=0)) for _ in range(400))
    assert 10 <= hits <= 31, "5 % of 400 are 20; as few or as many come in less than 1 % of such runs each"


def test_false_positives_of_all_classes_together_are_rare_too() -> None:
    rng = np.random.default_rng(0)
    drawn = [np.stack([noise(rng, 8) for _ in range(3)], axis=1) for _ in range(120)]
    assert sum(any(ranges_of(curve, FINE, seed=0)) for curve in drawn) <= 12


def test_p_counts_classes_after_holm() -> None:
    curve = curves(band(17, 25), units=8)
    alone = found_in(curve)[0].p
    assert alone == 1 / 256, "all sign flips are tried, and none other has so large a cluster"
    nothing = noise(np.random.default_rng(5), 8)
    (first, second, third) = ranges_of(np.stack([curve, nothing, curve], axis=1), FINE, seed=0)
    assert [one.p for one in first] == [one.p for one in third] == [3 * alone]
    assert second == []


def test_a_unit_without_any_effect_has_no_sign() -> None:
    curve = curves(band(17, 25), units=8)
    curve[3] = 0
    assert found_in(curve)[0].p == 2 / 256, "flipping it changes nothing"


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_p_is_that_of_mne_but_for_its_count_of_flips(seed: int) -> None:
    curve = curves(band(17, 25), units=8, level=1.0, seed=seed)
    threshold = float(student.ppf(0.95, 7))
    *_, drawn = permutation_cluster_1samp_test(
        curve, threshold=threshold, n_permutations=1024, tail=1, rng=np.random.default_rng(0), verbose="error"
    )
    assert len(drawn) == 256
    as_large = np.sum(drawn >= drawn[0] * (1 - 1e-9))  # the first is that of the true signs, which comes again
    assert found_in(curve)[0].p == (as_large - 1) / 256


def test_more_units_than_all_flips_can_be_tried_for_draw_some_of_them() -> None:
    curve = curves(band(17, 25), units=24)
    assert found_in(curve) == found_in(curve)
    assert found_in(curve)[0].p == 1 / 8192


@pytest.mark.parametrize(
    ("units", "classes", "enough"), [(5, 1, False), (6, 3, True), (6, 4, False), (7, 4, True), (15, 3, True)]
)
def test_units_must_suffice_for_a_small_p(units: int, classes: int, enough: bool) -> None:
    assert enough_for_a_claim(units, classes) is enough


def test_units_without_the_class_are_left_out() -> None:
    curve = curves(band(17, 25), units=8)
    holes = np.concatenate([curve[:3], np.full((2, curve.shape[1]), np.nan), curve[3:]])
    assert found_in(holes) == found_in(curve)
    assert found_in(holes[:7]) == [], "five are too few"
    mean, low, high = over_units(holes)
    assert low is not None
    assert high is not None
    assert (low < mean).all()
    assert np.allclose(mean, curve.mean(axis=0))
    assert over_units(holes[:7])[1] is None


def test_windows_that_never_vary_are_not_tested() -> None:
    curve = curves(band(17, 25), units=8)
    curve[:, FINE.centres > 30] = 0
    assert len(found_in(curve)) == 1
    assert found_in(np.zeros_like(curve)) == []
    assert found_in(np.ones_like(curve)) == []


def test_bands_as_a_whole_are_found_as_a_whole() -> None:
    curve = curves(np.array([0, 0, 0.3, 1, 0.0]), level=0.05)
    first, second = found_in(curve, COARSE)
    assert (first.low, first.high, first.peak) == (14, 31, 22.5)
    assert (second.low, second.high) == (8, 14)
    assert first.peak_low is first.peak_high is None
    assert peak_of(curve, COARSE) == 22.5


def test_false_positives_of_bands_are_corrected_for_all_of_them() -> None:
    rng = np.random.default_rng(3)
    hits = sum(any(ranges_of(rng.standard_normal((8, 1, 5)), COARSE, seed=0)) for _ in range(200))
    assert hits <= 19


def test_the_interval_of_a_peak_holds_it_as_often_as_it_says() -> None:
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        curve = np.stack([band(17 + shift, 25 + shift) for shift in rng.normal(0, 1, 8)]) + 0.05 * noise(rng, 8)
        one = found_in(curve)[0]
        assert one.peak_low is not None
        assert one.peak_high is not None
        held.append(one.peak_low <= 21 <= one.peak_high)
    assert np.mean(held) >= 0.87


def test_correlations_of_units() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 8, 95))
    same = correlation(first, 3 * first + 1)
    apart = correlation(first, second)
    some = correlation(first, first + second)
    assert same is not None
    assert apart is not None
    assert some is not None
    assert same["mean"] == pytest.approx(1, abs=1e-5)
    assert abs(apart["mean"] or 0) < 0.1
    assert (some["low"] or 0) < 0.5**0.5 < (some["high"] or 0)
    few = correlation(first[:5], second[:5])
    assert few is not None
    assert few["low"] is few["high"] is None


def test_correlations_leave_out_what_is_not_known_or_never_varies() -> None:
    first = np.random.default_rng(0).standard_normal((4, 95))
    second = first.copy()
    second[0], second[1], second[2, 5] = np.nan, 0.1, np.nan
    same = correlation(first, second)
    assert same is not None
    assert same["mean"] == pytest.approx(1, abs=1e-5)
    assert correlation(first[:2], second[:2]) is None


def test_strongest_channels_speak_for_the_class() -> None:
    effects = np.array([[0.1, 3, -9, 2, 5, 4, 0.5], [0.1, 3, -9, 2, 5, 4, 0.5], [np.nan] * 7])
    assert [one["channel"] for one in strongest(effects, CHANNELS)] == ["P3", "P4", "F4", "C4", "O1"]
    assert strongest(-np.abs(effects), CHANNELS) == []


def planted() -> list[dict[str, Any]]:
    """Of two recordings, as simulated data tell it."""
    negative = {"band": [17.0, 25.0], "site": "F3"}
    positive = {"band": [32.0, 40.0], "peak": 36.0, "site": "C4", "channels": ["C4", "P4"]}
    return [
        {
            "recording": "1_1",
            "classes": {"negative": {**negative, "peak": 20.5, "channels": ["F3", "C3", "P3"]}, "positive": positive},
        },
        {
            "recording": "2_1",
            "classes": {"negative": {**negative, "peak": 21.5, "channels": ["C3", "F3", "F4", "O1"]}, "positive": positive},
        },
    ]


def effect(units: int = 8, seed: int = 0, level: float = 0.1) -> Effect:
    """Negative at 17 to 25 Hz over F3 and C3, positive at 32 to 40 Hz over C4, neutral nowhere."""
    rng = np.random.default_rng(seed)
    shapes = (band(17, 25), band(1, 2, 0.0), band(32, 40))
    curve = np.stack([curves(shape, units, level, seed + i) for i, shape in enumerate(shapes)], axis=1)
    channels = 0.01 * rng.standard_normal((units, 3, len(BANDS), len(CHANNELS)))
    channels[:, 0, 3, [0, 2]] += (2, 1)
    channels[:, 2, 4, 3] += 1
    return Effect(curve.astype(np.float32), channels.astype(np.float32))


def of_noise(units: int = 8, seed: int = 9) -> Effect:
    rng = np.random.default_rng(seed)
    return Effect(np.stack([noise(rng, units) for _ in CLASSES], axis=1).astype(np.float32), None)


def study(units: int = 8) -> Study:
    return Study(
        axes=("channel", "time"),
        unit="subject",
        units=tuple(str(i + 1) for i in range(units)),
        classes=CLASSES,
        channels=CHANNELS,
        folds=4,
        trials=120,
    )


def summed(units: int = 8, **how: Any) -> dict[str, Any]:
    effects = {"stop": effect(units), "passes": Effect(effect(units, seed=7).curve, None)}
    given: dict[str, Any] = {
        "controls": {"stop": of_noise(units)},
        "undefined": {"swap": "one class only"},
        "quantities": {"passes": "AUC − 0.5", "stop": "logit"},
        "planted": planted(),
        "seed": 0,
    } | how
    return summary(study(units), FINE, effects, **given)


def test_summary_says_what_was_planted_and_that_it_was_found() -> None:
    found = summed()
    assert found == json.loads(json.dumps(found, allow_nan=False))
    assert found == summed(), "equal inputs give equal answers"
    assert found["tested"] is True
    assert [view["view"] for view in found["views"]] == ["passes", "stop", "swap"]
    passes, stop, swap = found["views"]
    assert (swap["defined"], swap["why"], swap["classes"], swap["control"]) == (False, "one class only", [], None)
    negative, neutral, positive = stop["classes"]
    assert neutral["ranges"] == []
    assert (negative["band"], positive["band"]) == ("beta", "gamma")
    assert [one["channel"] for one in negative["strongest"]][:2] == ["F3", "C3"]
    assert passes["classes"][0]["strongest"] == []
    assert len(found["windows"]) == len(negative["curve"]["mean"]) == len(negative["curve"]["low"])
    assert [row["class"] for row in found["truth"]] == ["negative", "positive"], "neutral clips add nothing"
    for row in found["truth"]:
        for view in row["views"]:
            assert view["found"]
            assert view["overlap"] > 0.85
            assert view["peak_error"] < 0.6
    of_passes, of_stop = found["truth"][0]["views"]
    assert (of_passes["hits"], of_passes["site_in_top"]) == (None, None)
    assert of_stop["hits"] >= 2
    assert of_stop["site_in_top"] is True


def test_summary_of_shuffled_labels_finds_nothing_and_is_unlike() -> None:
    passes, stop, _ = summed()["views"]
    assert passes["control"] is None
    assert all(not row["ranges"] for row in stop["control"]["classes"])
    assert abs(stop["control"]["likeness"]["mean"]) < 0.2
    same = summed(controls={"stop": effect()})["views"][1]["control"]
    assert same["likeness"]["mean"] == pytest.approx(1, abs=1e-5)
    assert same["classes"][0]["ranges"]


def test_views_agree_where_the_same_was_planted() -> None:
    agreement = summed()["agreement"]
    assert [(row["first"], row["second"], row["class"]) for row in agreement] == [("passes", "stop", name) for name in CLASSES]
    negative, neutral, _ = agreement
    assert negative["correlation"]["low"] > 0.7
    assert negative["apart"] < 0.5
    assert abs(neutral["correlation"]["mean"]) < 0.3
    assert negative["shared"] is None, "one of them tells no channels apart"


def test_few_units_claim_nothing_but_are_shown() -> None:
    found = summed(units=5)
    assert found["tested"] is False
    for row in found["views"][1]["classes"]:
        assert row["ranges"] == []
        assert row["curve"]["low"] is row["curve"]["high"] is None
        assert None not in row["curve"]["mean"]
    negative = found["views"][1]["classes"][0]
    assert negative["peak"] == pytest.approx(21, abs=0.5)
    assert negative["band"] == "beta"
    view = found["truth"][0]["views"][1]
    assert (view["found"], view["overlap"]) == (False, None)
    assert view["peak_error"] < 0.5


def test_a_class_that_nobody_has_is_null() -> None:
    one = effect()
    one.curve[:, 1] = np.nan
    assert one.channels is not None
    one.channels[:, 1] = np.nan
    found = summary(study(), FINE, {"stop": one}, {}, {}, {"stop": "logit"}, seed=0)
    assert json.dumps(found, allow_nan=False)
    neutral = found["views"][0]["classes"][1]
    assert (neutral["units"], neutral["peak"], neutral["band"], neutral["strongest"]) == (0, None, None, [])
    assert set(neutral["curve"]["mean"]) == {None}
    assert found["truth"] is found["muscles"] is None


def test_truth_is_what_recordings_share() -> None:
    negative, positive = truth(planted(), CLASSES, [])
    assert negative["channels"] == ["F3", "C3", "P3", "F4", "O1"]
    assert (negative["peak"], negative["band"], negative["site"]) == (21.0, [17.0, 25.0], "F3")
    assert positive["channels"] == ["C4", "P4"]


def test_only_the_strongest_range_can_find_what_was_planted() -> None:
    ranges = [{"low": low, "high": high, "peak": (low + high) / 2} for low, high in ((5.0, 9.0), (17.0, 25.0))]
    own = {"class": "negative", "peak": 7.0, "ranges": ranges, "strongest": [{"channel": "O2"}]}
    ((view,),) = (row["views"] for row in truth(planted(), ("negative",), [{"view": "stop", "classes": [own]}]))
    assert view == {"view": "stop", "found": False, "peak_error": 14.0, "overlap": 0.0, "hits": 0, "site_in_top": False}


def test_overlap_is_intersection_over_union() -> None:
    assert shared((17, 25), (17, 25)) == 1
    assert shared((17, 21), (17, 25)) == 0.5
    assert shared((1, 2), (17, 25)) == 0


def test_windows_that_nobody_has_take_no_unit_away() -> None:
    curve = curves(band(17, 25))
    curve[:, -3:] = np.nan
    (one,) = found_in(curve)
    assert one.peak == pytest.approx(21, abs=0.5)
    assert peak_of(curve, FINE) == pytest.approx(21, abs=0.5)
