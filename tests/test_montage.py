"""Electrodes are found by any spelling and lie where their names say."""

import numpy as np
import pytest

from reportgen.montage import SEED_62, TEMPORAL, info, positions


def test_every_channel_of_seed_has_a_place_on_the_head():
    found = positions(SEED_62)
    assert len(set(SEED_62)) == 62
    assert tuple(found) == SEED_62
    distance = np.linalg.norm(np.array(list(found.values())) - (0, 0.01, 0.04), axis=1)
    assert np.all((distance > 0.07) & (distance < 0.12))


def test_places_follow_the_names():
    found = positions(SEED_62)
    assert found["FP1"][1] > found["CZ"][1] > found["OZ"][1], "nose ahead"
    assert found["T7"][0] < found["CZ"][0] < found["T8"][0], "right ear to the right"
    assert found["CZ"][2] > max(found[name][2] for name in ("FPZ", "FCZ", "T7", "T8", "OZ")), "vertex on top"
    odd = [name for name in SEED_62 if name[-1] in "13579"]
    assert all(found[name][0] < 0 for name in odd)


def test_cerebellar_electrodes_lie_below_and_between_their_neighbours():
    found = positions(SEED_62)
    assert found["CB1"][2] < min(found["PO7"][2], found["O1"][2])
    assert found["PO7"][0] < found["CB1"][0] < found["O1"][0] < found["O2"][0] < found["CB2"][0] < found["PO8"][0]
    # azimuth of CB1 in the file of electrode places that goes round with SEED: 150 degrees from the nose
    azimuth = np.degrees(np.arctan2(-found["CB1"][0], found["CB1"][1]))
    assert azimuth == pytest.approx(150, abs=5)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Fp1", "FP1"),
        ("Fc5.", "FC5"),
        ("Cz..", "CZ"),
        ("EEG Fz-REF", "FZ"),
        (" pz ", "PZ"),
        ("T3", "T7"),
        ("T6", "P8"),
        ("EEG O1-LE", "O1"),
    ],
)
def test_spellings(spelling, name):
    assert positions([spelling]) == {spelling: positions([name])[name]}


def test_unknown_channels_are_left_out_and_a_majority_of_them_gives_none():
    assert set(positions(["Cz", "VEO"])) == {"Cz"}
    assert positions(["Cz", "VEO", "HEO"]) is None
    assert positions([]) is None


def test_info_keeps_names_order_and_rate():
    made = info(["Fp1", "VEO", "T3"], 200.0)
    assert made["sfreq"] == 200.0
    assert made.ch_names == ["Fp1", "VEO", "T3"]
    assert np.allclose(made["chs"][2]["loc"][:3], positions(["T7"])["T7"], atol=1e-6)
    assert np.isnan(made["chs"][1]["loc"][:3]).all()


def test_info_of_unknown_channels_has_no_places():
    assert info(["E1", "E2", "E3"], 128.0).get_montage() is None


def test_temporal_sites_are_at_the_side():
    found = positions(sorted(TEMPORAL))
    assert set(found) == TEMPORAL
    assert min(abs(x) for x, _, _ in found.values()) > 0.06
