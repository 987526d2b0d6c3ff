"""Simulated EEG holds what was planted, where it was planted, and looks like EEG otherwise."""

import json
from itertools import islice

import numpy as np
import pytest

from reportgen.datasets.eeg_sim import FACTS, load
from reportgen.errors import UsageError
from reportgen.montage import SEED_62, TEMPORAL
from reportgen.plugins import settings

CLEAN = {"blinks": 0.0, "muscle": 0.0, "bad_channels": 0.0, "outliers": 0.0, "clip_effect": 0.0}
ONE = {"subjects": 1, "sessions": 1, "trials": 3, "seconds": 20.0}


def one(**given):
    (recording,) = load(**CLEAN | ONE | given)
    return recording


def planted_alone(**given):
    """What a setting adds: the difference between two recordings whose chances are equal."""
    without, with_it = one(class_effect=0.0), one(**{"class_effect": 0.0} | given)
    return [b.x - a.x for a, b in zip(without.stretches, with_it.stretches, strict=True)], with_it


def power(x, rate, low, high):
    """(channel,) mean power in a band."""
    spectrum = np.abs(np.fft.rfft(x * np.hanning(x.shape[1]))) ** 2
    frequency = np.fft.rfftfreq(x.shape[1], 1 / rate)
    return spectrum[:, (frequency >= low) & (frequency < high)].mean(axis=1)


def equal(one, other):
    return all(np.array_equal(a.x, b.x) for a, b in zip(one.stretches, other.stretches, strict=True))


def test_equal_settings_give_equal_recordings_and_another_seed_others():
    assert equal(one(), one())
    assert not equal(one(), one(seed=1))


def test_a_recording_does_not_depend_on_which_others_are_made():
    few = list(load(**CLEAN | ONE | {"subjects": 2, "sessions": 1}))
    many = list(load(**CLEAN | ONE | {"subjects": 2, "sessions": 2}))
    assert equal(few[1], many[2])
    longer = one(trials=6)
    assert np.array_equal(longer.stretches[1].x, one().stretches[1].x)


def test_form_is_that_of_seed():
    (recording,) = load(**CLEAN | {"subjects": 1, "sessions": 1, "trials": 15, "seconds": 2.0, "rate": 200.0})
    assert recording.channels == SEED_62
    assert [s.label for s in recording.stretches] == [2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1, 0, 1, 2, 0]
    assert [s.clip for s in recording.stretches] == [str(k) for k in range(1, 16)]
    assert all(s.x.shape == (62, 400) and s.x.dtype == np.float32 for s in recording.stretches)
    assert recording.unit == "µV"
    starts = [s.start for s in recording.stretches]
    assert np.all(np.diff(starts) > 2.0)


def test_seconds_0_are_those_of_seed():
    (recording,) = load(subjects=1, sessions=1, trials=3, seconds=0, rate=100.0, channels="ten_twenty")
    assert [s.x.shape[1] for s in recording.stretches] == [23500, 23300, 20600]


def test_every_subject_sees_the_same_clips_in_the_same_classes():
    recordings = list(load(**ONE | {"subjects": 2, "sessions": 2}))
    assert [(r.subject, r.session) for r in recordings] == [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")]
    assert len({r.source for r in recordings}) == 4
    assert len({tuple((s.clip, s.label) for s in r.stretches) for r in recordings}) == 1


def test_truth_is_json_and_names_no_class_that_adds_nothing():
    truth = json.loads(json.dumps(one().planted))
    assert set(truth["classes"]) == {"negative", "positive"}
    assert set(truth["classes"]) < set(FACTS.classes)
    assert one(class_effect=0.0).planted["classes"] == {}


def test_background_is_of_realistic_size_and_falls_with_frequency():
    x = one(class_effect=0.0).stretches[0].x
    assert 8 < np.median(x.std(axis=1)) < 25
    steps = [np.median(power(x, 128, low, low + 4)) for low in (2, 14, 26, 38, 50)]
    assert steps == sorted(steps, reverse=True)
    assert 50 < steps[0] / steps[3] < 2000, "1/f^1.8 falls by 200 from 4 to 40 Hz"


def test_alpha_is_strongest_at_the_back():
    recordings = load(**CLEAN | ONE | {"subjects": 4, "class_effect": 0.0})
    ratio = np.mean([np.log(power(s.x, 128, 8, 13) / power(s.x, 128, 14, 17)) for r in recordings for s in r.stretches], axis=0)
    back, front = [SEED_62.index(c) for c in ("O1", "OZ", "O2", "POZ")], [SEED_62.index(c) for c in ("AF3", "AF4", "F1", "F2")]
    assert ratio[back].mean() > ratio[front].mean() + 0.5


def test_an_emotion_adds_to_its_own_class_only_in_its_band_and_place():
    added, recording = planted_alone(class_effect=3.0)
    classes = recording.planted["classes"]
    for stretch, x in zip(recording.stretches, added, strict=True):
        name = FACTS.classes[stretch.label]
        if name not in classes:
            assert not x.any(), "neutral is left alone"
            continue
        low, high = classes[name]["band"]
        strongest = [recording.channels[i] for i in np.argsort(-x.std(axis=1))]
        named = classes[name]["channels"]
        assert set(strongest[: len(named) // 2 + 1]) <= set(named)
        inside, everywhere = power(x, 128, low, high) * (high - low), power(x, 128, 0, 64) * 64
        assert np.all(inside / everywhere > 0.85)


def test_band_power_of_the_class_rises_at_its_channels_over_people():
    recordings = list(load(**CLEAN | ONE | {"subjects": 6, "seconds": 10.0}))
    for name in ("negative", "positive"):
        label, truth = FACTS.classes.index(name), recordings[0].planted["classes"][name]
        level = {k: [] for k in range(3)}
        for stretch in (s for r in recordings for s in r.stretches):
            level[stretch.label].append(np.log(power(stretch.x, 128, *truth["band"])))
        own = np.mean(level[label], axis=0)
        rise = np.min([own - np.mean(level[other], axis=0) for other in range(3) if other != label], axis=0)
        at = [SEED_62.index(c) for c in truth["channels"][:2]]
        assert np.all(rise[at] > 0.7)
        assert abs(np.median(rise)) < 0.4


def test_strength_is_the_ratio_to_the_background_in_the_band():
    weak, strong = (planted_alone(class_effect=e)[0][0].std() for e in (1.0, 2.0))
    assert strong == pytest.approx(2 * weak, rel=1e-3)


def test_oscillations_come_in_bursts_and_are_no_sines():
    (positive, *_), recording = planted_alone(class_effect=3.0, positive_hz=12.0)
    wave = positive[SEED_62.index(recording.planted["classes"]["positive"]["channels"][0])]
    second = wave[: len(wave) // 128 * 128].reshape(-1, 128).std(axis=1)
    assert second.min() < 0.3 * second.max()
    assert abs(np.mean(wave**3)) / np.mean(wave**2) ** 1.5 > 0.1, "crests and troughs differ"


def test_people_respond_at_slightly_other_frequencies_within_the_band():
    peaks = [r.planted["classes"]["negative"]["peak"] for r in load(**CLEAN | ONE | {"subjects": 6, "channels": "ten_twenty"})]
    assert len(set(peaks)) == 6
    assert all(17 < peak < 25 for peak in peaks)
    same = [r.planted for r in load(**CLEAN | ONE | {"subjects": 2, "channels": "ten_twenty", "subject_effect": 0.0})]
    assert same[0]["classes"] == same[1]["classes"]


def clip_levels(**given):
    """(recording, trial, feature) log power of four bands."""
    recordings = load(**CLEAN | {"subjects": 4, "sessions": 1, "trials": 9, "seconds": 8.0, "class_effect": 0.0} | given)
    bands = ((4, 8), (8, 14), (14, 31), (31, 50))
    return np.array([[np.log([power(s.x, 128, *band) for band in bands]).ravel() for s in r.stretches] for r in recordings])


def likeness(levels):
    """Mean correlation of the same clip between people, and of different clips, after removing each person's mean."""
    levels = levels - levels.mean(axis=1, keepdims=True)
    people, clips, _ = levels.shape
    table = np.corrcoef(levels.reshape(people * clips, -1)).reshape(people, clips, people, clips)
    pairs = [table[a, :, b] for a in range(people) for b in range(people) if a != b]
    same = np.mean([np.diag(pair).mean() for pair in pairs])
    return same, np.mean([pair[~np.eye(clips, dtype=bool)].mean() for pair in pairs])


def test_a_clip_has_a_pattern_of_its_own_that_people_share():
    same, different = likeness(clip_levels(clip_effect=2.0))
    assert same > 0.4
    assert different < 0.1
    same, _ = likeness(clip_levels(clip_effect=0.0))
    assert abs(same) < 0.1


def test_blinks_are_frontal_large_and_counted():
    added, recording = planted_alone(blinks=20.0)
    assert recording.planted["blinks"] > 0
    height = np.max([x.max(axis=1) for x in added], axis=0)
    front, back = SEED_62.index("FP1"), SEED_62.index("OZ")
    assert 40 < height[front] < 400
    assert height[back] < 0.15 * height[front]


def test_muscles_are_temporal_and_fast():
    added, _ = planted_alone(muscle=10.0)
    strongest = {SEED_62[i] for i in np.argsort(-added[0].std(axis=1))[:10]}
    assert len(strongest & TEMPORAL) >= 4
    assert power(added[0], 128, 30, 60).sum() > 20 * power(added[0], 128, 1, 15).sum()


def test_muscles_follow_the_class_only_if_told_to():
    even, _ = planted_alone(muscle=10.0)
    smiling, _ = planted_alone(muscle=10.0, muscle_effect=1.0)
    gain = [b.std() / a.std() for a, b in zip(even, smiling, strict=True)]
    assert gain == pytest.approx([2, 1, 1], rel=1e-3), "trials are positive, neutral, negative"


def test_bad_channels_are_bad_as_told():
    kinds = {}
    for recording in load(**CLEAN | ONE | {"subjects": 3, "bad_channels": 0.3, "channels": "ten_twenty"}):
        for channel, kind in recording.planted["bad_channels"].items():
            kinds.setdefault(kind, []).append(recording.stretches[0].x[recording.channels.index(channel)])
    assert np.all(np.std(kinds["flat"], axis=1) == 0)
    assert np.all(power(np.array(kinds["noisy"]), 128, 50, 60) > 100 * power(one().stretches[0].x, 128, 50, 60).max())
    assert np.all(np.std(kinds["drifting"], axis=1) > 50)


def test_outlier_trials_are_huge_and_the_others_are_not():
    (recording,) = load(**CLEAN | {"subjects": 1, "sessions": 1, "trials": 30, "seconds": 4.0, "outliers": 0.2})
    spoilt = recording.planted["outlier_trials"]
    assert 1 <= len(spoilt) <= 15
    size = {s.trial: np.median(s.x.std(axis=1)) for s in recording.stretches}
    assert min(size[trial] for trial in spoilt) > 2 * max(size[trial] for trial in size if trial not in spoilt)


def test_fewer_electrodes_are_part_of_the_62():
    recording = one(channels="ten_twenty")
    assert len(recording.channels) == 19
    assert set(recording.channels) < set(SEED_62)
    assert recording.stretches[0].x.shape == (19, 2560)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"positive_hz": 62.0}, "band of positive clips, 58-66 Hz"),
        ({"negative_hz": 4.0, "bandwidth": 8.0}, "band of negative clips"),
        ({"rate": 72.0}, "half the rate, 36 Hz"),
        ({"negative_site": "XX9"}, "negative_site = 'XX9'"),
        ({"seconds": 0.5}, "too short"),
    ],
)
def test_bad_settings_are_said(given, words):
    with pytest.raises(UsageError, match=words) as caught:
        next(load(**CLEAN | ONE | given))
    assert caught.value.hint


def test_settings_are_read_without_importing():
    known = settings("dataset", "eeg_sim")
    assert known().trials == 15
    with pytest.raises(ValueError, match="multiple of 3"):
        known(trials=10)


def test_recordings_are_made_one_at_a_time():
    assert [r.subject for r in islice(load(**ONE | {"subjects": 10**6}), 2)] == ["1", "2"]
