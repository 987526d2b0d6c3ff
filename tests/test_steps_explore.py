"""Spectra, what separates classes, and planes of features say what was planted, and claim nothing where nothing was."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.errors import StepError
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import projection, spectra
from reportgen.steps._separation import PERMUTATIONS, design, separate
from reportgen.work import Work

RATE, SECONDS = 128.0, 4
CHANNELS = ("Fz", "Cz", "Pz")
CLASSES = ("negative", "positive")


def outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]


def folder(path: Path) -> Out:
    path.mkdir(parents=True, exist_ok=True)
    return Out(path)


def recordings(
    path: Path,
    *,
    subjects: int = 6,
    trials: int = 6,
    alpha: float = 0.0,
    clip_alpha: float = 0.0,
    name: str = "eeg",
    rate: float = RATE,
    channels: Sequence[str] = CHANNELS,
    clips: bool = False,
) -> list[Output]:
    """White noise of 2 µV, as strong as its subject is; `alpha` µV of 10 Hz are added in trials of the last class at Pz."""
    rng = np.random.default_rng(5)
    time = np.arange(round(SECONDS * rate)) / rate
    of_clip = clip_alpha * np.array([0.1, 0.3, 0.6, 0.5, 0.2, 0.8])[np.arange(trials) % 6]  # classes by turns
    rows: list[dict[str, Any]] = []
    signals = []
    for subject in range(subjects):
        for trial in range(trials):
            label = trial % 2
            x = rng.normal(0, 2, (len(time), len(channels)))
            x[:, -1] += (alpha * (label == 1) + of_clip[trial]) * np.sqrt(2) * np.sin(2 * np.pi * 10 * time)
            signals.append((1 + subject) * np.concatenate([np.full((10, len(channels)), 1e3), x]))  # lead: not of the trial
            whose = {"subject": f"s{subject}", "session": "1", "recording": f"r{subject}", "trial": str(trial)}
            clip = f"clip {trial}" if clips else ""
            place = {"offset": len(rows) * (len(time) + 10), "lead": 10, "length": len(time), "tail": 0, "start": 0.0}
            rows.append({**whose, "clip": clip, "label": label, **place})
    out = folder(path / name)
    out.json("stretches", {key: [row[key] for row in rows] for key in rows[0]})
    out.array("signals", np.concatenate(signals).astype(np.float32), ("time", "channel"), "µV")
    out.json("facts", {"classes": CLASSES, "channels": channels, "rate": rate, "bands": None, "unit": "µV"})
    return outputs(out, dataset=name)


def looked_at(path: Path, given: Sequence[Output], **settings: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    out = folder(path / "out")
    work = Work(out.folder, {}, "cpu", 1)
    spectra.run(Inputs(given), out, work, **{"unit": "auto", "resamples": 300, "seed": 0, "window": 1.0} | settings)
    made = Inputs(outputs(out))
    return made.one("spectra"), made.one("separation")


def test_spectrum_of_white_noise_and_a_tone(tmp_path: Path) -> None:
    """Noise of variance σ² has σ² / (rate / 2) µV²/Hz everywhere; a tone of a µV rms adds a² in a bin or three."""
    found, _ = looked_at(tmp_path, recordings(tmp_path, subjects=1, trials=40, alpha=3.0), unit="recording")
    density = 10 ** (found["power"] / 10)  # (class, channel, frequency)
    away = (found["frequency"] > 20) & (found["frequency"] < 60)
    logarithm = 10**-0.03  # the mean of dB is less than the dB of the mean: 0.3 dB with seven segments
    assert density[..., away].mean(axis=-1) == pytest.approx(logarithm * 4 / (RATE / 2), rel=0.06)
    assert density[1, 2, 8:11].sum() == pytest.approx(9, rel=0.05)  # of 9, 10 and 11 Hz: Hann's taper spreads it
    assert found["frequency"][[0, -1]].tolist() == [1, 64]
    assert np.isnan(found["low"]).all()  # one unit: nothing is claimed


def test_planted_class_effect_is_found_where_it_is(tmp_path: Path) -> None:
    found, separation = looked_at(tmp_path, recordings(tmp_path, alpha=0.8))
    p, eta2 = (np.array(separation[name]) for name in ("p", "eta2"))
    assert np.argwhere(p < 0.05).tolist() == [[2, 2]]  # Pz, alpha
    assert eta2[2, 2] > 0.5
    assert separation["largest"][2][2] == 1
    whole = separation["whole"]
    assert np.argmin(whole["p"]) == 2 and whole["p"][2] < 0.05
    assert (whole["largest"][2], whole["smallest"][2]) == (1, 0)
    assert (separation["unit"], separation["units"], separation["exchanged"]) == ("subject", 6, ["trial"])
    ten = found["frequency"] == 10
    assert found["difference_low"][1, ten] > 0 > found["difference_high"][0, ten]
    assert found["band_difference_low"][1, 2] > 0


def test_strength_of_a_person_is_not_that_of_a_class(tmp_path: Path) -> None:
    """Subjects differ by a factor of six: intervals of the level are wide, those of the difference are not."""
    found, separation = looked_at(tmp_path, recordings(tmp_path))
    level, own = (found[f"{name}high"] - found[f"{name}low"] for name in ("", "difference_"))
    assert np.median(level) > 4 * np.median(own)
    assert np.min(separation["p"]) > 0.05
    inside = (found["difference_low"] <= 0) & (found["difference_high"] >= 0)
    assert inside.mean() > 0.8


def test_what_a_clip_does_is_not_what_its_class_does(tmp_path: Path) -> None:
    """All subjects answer alike to eight clips; labels of single trials by lot would call that an effect of the class."""
    given = recordings(tmp_path, subjects=20, trials=8, clip_alpha=3.0, clips=True)
    _, whole = looked_at(tmp_path, given)
    assert (whole["exchanged"], whole["items"]) == (["clip"], 8)
    _, single = looked_at(tmp_path, recordings(tmp_path / "unknown", subjects=20, trials=8, clip_alpha=3.0))
    assert single["exchanged"] == ["trial"]
    assert whole["p"][2][2] > 0.05 > single["p"][2][2]


def test_labels_by_lot_reject_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    columns = {name: np.repeat([f"{i}" for i in range(4)], 9) for name in ("dataset", "subject", "session", "recording")}
    rows = {**columns, "clip": np.full(36, ""), "label": np.tile(np.repeat(np.arange(3), 3), 4)}
    plan = design(rows)
    least = [separate(rng.normal(size=(36, 8)) + 5 * plan.block[:, None], plan, 3, seed)[1].min() for seed in range(60)]
    assert np.mean(np.array(least) < 0.05) < 0.15
    assert np.mean(np.array(least) < 0.5) == pytest.approx(0.5, abs=0.2)


def test_eta_squared_is_the_share_between_classes() -> None:
    rows = {name: np.full(6, "a") for name in ("dataset", "subject", "session", "recording")}
    rows |= {"clip": np.full(6, ""), "label": np.array([0, 0, 0, 1, 1, 1])}
    values = np.array([[1.0, 2, 3, 4, 5, 6], [7] * 6, [1, np.nan, 3, 4, 5, 6]]).T
    eta2, p = separate(values, design(rows), 2, 0)
    between, total = 6 * 1.5**2, np.var([1, 2, 3, 4, 5, 6]) * 6
    assert eta2[0] == pytest.approx(between / total)
    holed = np.array([1, 3, 4, 5, 6]) - 3.8
    assert eta2[2] == pytest.approx((2 * holed[:2].mean() ** 2 + 3 * holed[2:].mean() ** 2) / (holed**2).sum())
    assert np.isnan(eta2[1])
    assert design(rows).least() == 2 / 20 and np.isnan(p).all()  # 20 ways to divide, of which two reach it: no test


def test_lots_keep_strata_and_items() -> None:
    rng = np.random.default_rng(0)
    recording = np.repeat(["a", "b"], [4, 6])
    columns = dict.fromkeys(("dataset", "subject", "session", "recording"), recording)
    plan = design({**columns, "clip": np.full(10, ""), "label": np.array([0, 0, 0, 1, 2, 2, 2, 2, 1, 1])})
    drawn = plan.drawn(PERMUTATIONS, rng)
    assert (np.sort(drawn[:, :4]) == [0, 0, 0, 1]).all()
    assert (np.sort(drawn[:, 4:]) == [1, 1, 2, 2, 2, 2]).all()
    assert (drawn[:, :4] == 1).mean(axis=0) == pytest.approx(0.25, abs=0.05)


def two_states(subjects: int, trials: int = 10) -> dict[str, np.ndarray]:
    """Each subject has a recording of rest and one of a task."""
    count = 2 * subjects * trials
    subject, recording = np.arange(count) // (2 * trials), np.arange(count) // trials
    rows = {"dataset": np.full(count, "eeg"), "session": np.full(count, "1"), "clip": np.full(count, "")}
    return {**rows, "subject": subject.astype(str), "recording": recording.astype(str), "label": recording % 2}


def test_what_a_recording_does_is_not_what_its_class_does() -> None:
    """A cap put on anew moves all trials of a recording: p-values keep what they say, and a true effect is still found."""
    rows = two_states(8)
    plan = design(rows)
    assert (plan.exchanged, plan.blocked_by, len(plan.label)) == (("recording",), "subject", 16)
    least = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(16, 3))[rows["recording"].astype(int)] + rng.normal(size=(160, 3))
        least.append(separate(values, plan, 2, seed)[1].min())
    assert np.mean(np.array(least) < 0.05) < 0.15
    values[:, 1] += 4 * rows["label"]
    p = separate(values, plan, 2, 0)[1]
    assert p[1] < 0.05 < min(p[0], p[2])


def test_too_few_arrangements_are_not_tested() -> None:
    """Swapped names of all classes are the same division: of 2⁵ arrangements two, and of 2⁶ too, reach the largest η²."""
    assert [design(two_states(subjects)).least() for subjects in (1, 5, 6)] == [1, 2 / 32, 2 / 64]
    rows = two_states(5)
    eta2, p = separate(np.random.default_rng(0).normal(size=(100, 3)) + rows["label"][:, None], design(rows), 2, 0)
    assert np.isfinite(eta2).all() and np.isnan(p).all()


def test_untested_separation_says_so(tmp_path: Path) -> None:
    _, separation = looked_at(tmp_path, recordings(tmp_path, subjects=1, trials=4))
    assert not separation["tested"] and separation["exchanged"] == ["trial"]
    assert np.isfinite(separation["eta2"]).all() and separation["whole"]["p"] == [None] * 5


def test_items_are_the_widest_of_one_class() -> None:
    """One recording of both classes, one subject with recordings of one class each, two subjects of one class."""
    recording, label = np.array(list("aaaabbccddee")), np.array([0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1])
    subject = np.array(["x"] * 4 + ["y"] * 4 + ["z"] * 2 + ["w"] * 2)
    rows = {"dataset": np.full(12, "eeg"), "session": np.full(12, "1"), "clip": np.full(12, "")}
    plan = design({**rows, "recording": recording, "subject": subject, "label": label})
    assert plan.exchanged == ("trial", "recording", "subject") and plan.blocked_by == "data set"
    assert np.unique(plan.item, return_counts=True)[1].tolist() == [1] * 4 + [2] * 4
    assert plan.least() == 2 / (6 * 2 * 2)
    drawn = plan.drawn(500, np.random.default_rng(0))
    assert (drawn[:, :4].sum(axis=1) == 2).all() and (drawn[:, 4] == drawn[:, 5]).all() and (drawn[:, 4] != drawn[:, 6]).all()


def test_clips_of_a_recording_of_one_class_are_not_exchanged() -> None:
    rows = two_states(6, trials=2)
    several = {**rows, "clip": np.tile(["a", "b", "c", "d"], 6)}
    assert design(several).exchanged == ("recording",)
    assert design({**rows, "clip": np.tile(["a", "a", "b", "b"], 6)}).exchanged == ("clip",)


def test_mains_are_no_part_of_a_band(tmp_path: Path) -> None:
    """Hum of 20 µV at 49.5 and 50 Hz in one class alone, at a rate at which gamma reaches it."""
    given = recordings(tmp_path)
    path = next(output.path for output in given if output.kind == "signals")
    clean, separation = looked_at(tmp_path, given, window=2.0)
    x, stretches = np.load(path), Inputs(given).one("stretches")
    time = np.arange(round(SECONDS * RATE)) / RATE
    hum = 20 * (np.sin(2 * np.pi * 49.5 * time) + np.sin(2 * np.pi * 50 * time))
    for offset, label in zip(stretches["offset"], stretches["label"], strict=True):
        x[offset + 10 : offset + 10 + len(time)] += label * hum[:, None]
    np.save(path, x)
    found, separation = looked_at(tmp_path / "hum", given, window=2.0)
    assert separation["mains"] == [[48, 52]]
    assert found["band_power"] == pytest.approx(clean["band_power"], abs=0.05)
    assert np.min(separation["p"]) > 0.05
    assert (found["power"] - clean["power"])[1, :, found["frequency"] == 50].min() > 10


def test_flat_channels_are_counted_and_left_out(tmp_path: Path) -> None:
    given = recordings(tmp_path, alpha=0.8)
    path = next(output.path for output in given if output.kind == "signals")
    x = np.load(path)
    x[: 3 * (round(SECONDS * RATE) + 10), 0] = 0  # the first three trials at Fz
    x[:, 1] = 0  # Cz always
    np.save(path, x)
    found, separation = looked_at(tmp_path, given)
    assert separation["silent"] == 36 + 3
    assert separation["eta2"][1] == [None] * 5
    assert np.isfinite(separation["eta2"][0]).all() and np.isfinite(found["power"][:, [0, 2]]).all()
    assert np.isnan(found["power"][:, 1]).all()
    assert separation["whole"]["p"][2] < 0.05


def test_stretches_of_a_trial_are_one_trial(tmp_path: Path) -> None:
    given = recordings(tmp_path, subjects=2, trials=4)
    tables = Inputs(given).one("stretches")
    rows = [dict(zip(tables, values, strict=True)) for values in zip(*tables.values(), strict=True)]
    halves = []
    for row in rows:
        first = {**row, "length": 200}
        second = {**row, "offset": row["offset"] + 210, "lead": 0, "length": row["length"] - 200}
        halves += [first, second, {**second, "length": 0}]
    out = folder(tmp_path / "halves")
    out.json("stretches", {key: [row[key] for row in halves] for key in halves[0]})
    kept = [output for output in given if output.kind != "stretches"]
    found, separation = looked_at(tmp_path, [*kept, *outputs(out, dataset="eeg")])
    whole, _ = looked_at(tmp_path / "whole", given)
    assert separation["trials"] == 8
    assert found["power"] == pytest.approx(whole["power"], abs=4)  # fewer segments: other noise, the same level
    assert found["power"].mean() == pytest.approx(whole["power"].mean(), abs=0.5)


def test_pool_of_two_rates_and_spellings(tmp_path: Path) -> None:
    first = recordings(tmp_path, name="one", alpha=0.8)
    second = recordings(tmp_path, name="two", alpha=0.8, rate=250.0, channels=("EOG", "CZ", "FZ", "PZ"))
    tables = [Inputs([o for o in part if o.kind == "stretches"]).one("stretches") for part in (first, second)]
    rows = [
        {**dict(zip(table, values, strict=True)), "dataset": name}
        for name, table in zip(("one", "two"), tables, strict=True)
        for values in zip(*table.values(), strict=True)
    ]
    rows = [
        {**row, "subject": f"{row['dataset']} {row['subject']}", "recording": f"{row['dataset']} {row['recording']}"}
        for row in rows
    ]
    out = folder(tmp_path / "pool")
    out.json("stretches", {key: [row[key] for row in rows] for key in rows[0]})
    out.json("facts", {"classes": CLASSES, "channels": ["FZ", "CZ", "PZ"], "rate": None, "bands": None, "unit": "µV"})
    found, separation = looked_at(tmp_path, [*first, *second, *outputs(out, dataset="pool")])
    assert separation["units"] == 12
    assert found["frequency"][-1] == 64  # half the lower rate
    assert np.argwhere(np.array(separation["p"]) < 0.05).tolist() == [[2, 2]]


def test_given_features_have_bands_but_no_spectrum(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1], 12)
    x = rng.normal(0, 1, (24, 5, 2, 3))  # (trial, window, channel, band)
    x[labels == 1, :, 1, 2] += 2
    x[3, :, 0, 0] = np.nan
    out = folder(tmp_path / "given")
    out.array("signals", x.reshape(-1, 2, 3).astype(np.float32), ("window", "channel", "band"))
    whose = {name: [f"{name} {i // 4}" for i in range(24)] for name in ("subject", "recording")}
    place = {"offset": list(range(0, 120, 5)), "lead": [0] * 24, "length": [5] * 24, "clip": [""] * 24, "session": ["1"] * 24}
    out.json("stretches", {**whose, **place, "trial": [str(i) for i in range(24)], "label": labels.tolist()})
    bands = {"theta": [4, 8], "alpha": [8, 14], "beta": [14, 31]}
    facts: Mapping[str, Any] = {"classes": CLASSES, "channels": ["Fz", "Cz"], "rate": 1.0, "bands": bands, "unit": "nat"}
    out.json("facts", facts)
    found, separation = looked_at(tmp_path, outputs(out, dataset="de"))
    assert found["frequency"].shape == (0,) and found["power"].shape == (2, 2, 0)
    assert found["bands"].tolist() == list(bands) and separation["measure"] == "nat"
    assert found["band_power"][1, 1, 2] - found["band_power"][0, 1, 2] == pytest.approx(2, abs=0.6)
    assert np.argwhere(np.array(separation["p"], float) < 0.05).tolist() == [[1, 2]]
    assert separation["silent"] == 1 and separation["mains"] == []


def samples(path: Path, *, of_class: float, of_subject: float, subjects: int = 5, holes: int = 0) -> list[Output]:
    """Features (sample, 4, 5) of ten trials of six windows a subject; class and subject move them."""
    rng = np.random.default_rng(2)
    subject = np.repeat(np.arange(subjects), 60)
    trial = np.arange(60 * subjects) // 6
    label = (trial % 2).astype(np.int16)
    x = rng.normal(0, 1, (len(trial), 4, 5))
    x += of_class * label[:, None, None] * rng.normal(size=(4, 5)) + of_subject * rng.normal(size=(subjects, 4, 5))[subject]
    x[:, 0, 0] = 7.0  # does not vary
    x[:holes] = np.nan
    out = folder(path)
    out.array("samples", x.astype(np.float32), ("sample", "channel", "band"))
    out.array("labels", label, ("sample",))
    out.json("facts", {"classes": CLASSES})
    names = {"subject": subject, "recording": subject, "trial": trial}
    np.savez(out.path("rows", ".npz"), **{key: np.array([f"{key} {i}" for i in value]) for key, value in names.items()})
    return outputs(out, dataset="eeg")


def projected(path: Path, given: Sequence[Output], **settings: Any) -> dict[str, np.ndarray]:
    out = folder(path / "out")
    how = {"perplexity": 20.0, "samples": 200, "seed": 0} | settings
    projection.run(Inputs(given), out, Work(out.folder, {}, "cpu", 1), **how)
    found: dict[str, np.ndarray] = Inputs(outputs(out)).one("projection")
    return found


def test_projection_says_whether_class_or_person_orders_the_plane(tmp_path: Path) -> None:
    by_class = projected(tmp_path / "a", samples(tmp_path / "a", of_class=3, of_subject=0))
    by_person = projected(tmp_path / "b", samples(tmp_path / "b", of_class=0, of_subject=3))
    assert (by_class["neighbours"][:, 0] > 0.9).all()
    assert by_class["neighbours"][:, 1] == pytest.approx(by_class["chance"][1], abs=0.1)
    assert (by_person["neighbours"][:, 1] > 0.9).all()
    assert by_person["neighbours"][:, 0] == pytest.approx(by_person["chance"][0], abs=0.1)
    assert by_person["chance"] == pytest.approx([0.5, 0.2], abs=0.05)
    assert str(by_person["unit"]) == "subject"


def test_projection_draws_of_every_trial_and_repeats_itself(tmp_path: Path) -> None:
    given = samples(tmp_path, of_class=1, of_subject=1, holes=2)
    found, again = (projected(tmp_path / name, given, samples=120) for name in "ab")
    assert len(found["index"]) == 120 and (np.diff(found["index"]) > 0).all()
    assert set(np.unique(found["trial"], return_counts=True)[1]) <= {2, 3}  # 50 trials
    assert int(found["left_out"]) == 2 and int(found["of"]) == 300
    assert found["pca"].shape == (120, 3) and found["tsne"].shape == (120, 2) and len(found["explained"]) == 12
    assert all(np.array_equal(found[name], again[name]) for name in found)
    assert projected(tmp_path / "c", given, samples=120, seed=1)["index"].tolist() != found["index"].tolist()


def test_projection_of_one_person_looks_at_trials(tmp_path: Path) -> None:
    found = projected(tmp_path, samples(tmp_path, of_class=3, of_subject=0, subjects=1), perplexity=40)
    assert str(found["unit"]) == "trial"
    assert np.isnan(found["neighbours"][:, 1]).all() and (found["neighbours"][:, 0] > 0.8).all()
    assert float(found["perplexity"]) == pytest.approx(59 / 3)


def test_too_few_samples_are_an_error(tmp_path: Path) -> None:
    given = samples(tmp_path, of_class=1, of_subject=0, subjects=1, holes=55)
    with pytest.raises(StepError, match="5 samples are too few"):
        projected(tmp_path, given)
