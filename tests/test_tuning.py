"""Searches: pruned as published, ranked on validation alone, and a killed one ends in the bytes of an undisturbed one."""

import binascii
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import factories
import numpy as np
import pytest
import torch

from reportgen import checkpoints
from reportgen.core import TEST, VALIDATION, Place, Spec
from reportgen.errors import StepError
from reportgen.outputs import Inputs, Out
from reportgen.search import Tune
from reportgen.steps import tune as step
from reportgen.training import Data, Fitted, fit, stratified
from reportgen.tuning import trial as trials_of
from reportgen.tuning.hyperband import Found, search
from reportgen.tuning.journal import journal_of, opened
from reportgen.tuning.task import Task
from reportgen.work import Work

SIZE = 12
Course = Callable[[Mapping[str, Any]], Sequence[float]]
RATES = {"train.learning_rate": {"low": 1e-4, "high": 1.0, "log": True}}
WIDE = {**RATES, "train.batch": {"low": 8, "high": 32, "step": 8}, "train.optimizer": {"choices": ["adam", "sgd"]}}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def squares(noise: float = 120, samples: int = 150) -> Data:
    """Three classes: a bright square at one of three places in noise; the last half is for validation."""
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 3, samples)
    images = rng.normal(100, noise, (samples, SIZE, SIZE))
    for image, label in zip(images, labels, strict=True):
        image[4 * label : 4 * label + 4, 4:8] += 60
    train = np.arange(samples // 2)
    return Data(images.clip(0, 255).astype(np.uint8), labels, train, np.arange(len(train), samples))


def task(folder: Path, space: Any = None, *, seed: int = 0, model: str = "linear", train: Any = None, **tune: Any) -> Task:
    table = Tune.model_validate({"space": space or WIDE, **tune}).model_dump(mode="json")
    settings = {"width": 2, "dropout": 0.0} if model == "fer_gap_small" else {}
    base = {"batch": 16, **(train or {})}
    return Task(Spec((1, SIZE, SIZE), 3), {"use": model, "settings": settings}, base, table, seed, "cpu", folder)


def bytes_of(found: Found) -> str:
    return json.dumps([found.trials, found.tuned, found.ranked.tolist()])


def pretend(monkeypatch: pytest.MonkeyPatch, course: Course) -> None:
    """Trainings whose course is a formula of their settings: what is searched is known, and takes no time."""

    def formula(model: Any, data: Data, place: Place, *, epochs: int, **settings: Any) -> Fitted:
        rows: list[dict[str, Any]] = []
        for epoch, value in enumerate(course(settings)[:epochs], 1):
            if not math.isfinite(value):
                raise StepError(f"training diverged in epoch {epoch}")
            rows.append({"epoch": epoch, "validation_accuracy": value, "validation_loss": value})
            place.progress(epoch, epochs, f"epoch {epoch}")
            if epoch < epochs and place.stop(rows):
                break
        return Fitted({"epochs": rows}, None)  # type: ignore[arg-type]

    monkeypatch.setattr(trials_of, "fit", formula)


def rising(settings: Mapping[str, Any]) -> list[float]:
    """Best at a learning rate of 0.01; orders change on the way."""
    miss = abs(math.log10(settings["learning_rate"]) + 2) / 4
    return [0.9 - miss + 0.1 * math.sin(50 * miss + epoch) * 0.7**epoch for epoch in range(30)]


class Killed(Exception):
    pass


# Hyperband


def published(
    rows: Sequence[Mapping[str, Any]], epochs: int, reduction: int, *, sign: int, least: int = 1
) -> list[tuple[int, int, str]]:
    """(bracket, epochs, state) of each trial by the papers: what Hyperband does with these courses, one after the other."""
    count = 1
    while least * reduction**count <= epochs:
        count += 1
    budgets = [math.ceil(count * reduction ** (count - 1 - b) / (count - b)) for b in range(count)]
    brackets = [b for b, budget in enumerate(budgets) for _ in range(budget)]
    seen: dict[tuple[int, int], list[float]] = {}
    told = []
    for row in rows:
        bracket = brackets[binascii.crc32(f"tune_{row['number']}".encode()) % len(brackets)]
        end, state = epochs, "complete"
        rung = least * reduction**bracket
        while rung < epochs:
            values = seen.setdefault((bracket, rung), [])
            value = sign * row["full"][rung - 1]
            values.append(value)
            if value > sorted(values)[max(1, len(values) // reduction) - 1]:
                end, state = rung, "pruned"
                break
            rung *= reduction
        told.append((bracket, end, state))
    return told


@pytest.mark.parametrize(("epochs", "reduction", "least"), [(9, 3, 1), (10, 3, 1), (16, 2, 1), (3, 4, 1), (1, 3, 1), (9, 2, 2)])
@pytest.mark.parametrize("objective", ["validation_accuracy", "validation_loss"])
def test_hyperband_stops_whom_the_papers_stop(
    epochs: int, reduction: int, least: int, objective: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, rising)
    hyperband = {"epochs": epochs, "reduction": reduction, "least": least}
    asked = task(tmp_path, RATES, trials=25, objective=objective, sampler="random", **hyperband)
    told = search(asked, squares()).trials
    full = [{**row, "full": rising({"learning_rate": row["params"]["train.learning_rate"]})} for row in told["rows"]]
    expected = published(full, epochs, reduction, sign=asked.sign, least=least)
    assert [(row["bracket"], row["epochs"], row["state"]) for row in told["rows"]] == expected
    assert [row["course"] for row in told["rows"]] == [row["full"][: row["epochs"]] for row in full]
    assert [row["number"] for row in told["rows"]] == list(range(25))
    assert min(row["epochs"] for row in told["rows"]) >= least
    if epochs > 3:
        assert {row["state"] for row in told["rows"]} == {"complete", "pruned"}


@pytest.mark.parametrize(("objective", "pick"), [("validation_accuracy", max), ("validation_loss", min)])
def test_the_winner_is_the_best_complete_trial(
    objective: str, pick: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, rising)
    found = search(task(tmp_path, RATES, trials=15, epochs=9, objective=objective), squares())
    rows = found.trials["rows"]
    assert all(row["value"] == pick(row["course"]) for row in rows)
    best = pick((row for row in rows if row["state"] == "complete"), key=lambda row: row["value"])
    assert found.trials["best"] == found.tuned["trial"] == best["number"]
    assert found.tuned["value"] == best["value"]
    assert found.tuned["settings"] == {"model": {}, "train": {"learning_rate": best["params"]["train.learning_rate"]}}
    assert found.trials["direction"] == ("maximize" if pick is max else "minimize")


def test_of_equals_the_earlier_trial_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, lambda settings: [0.5] * 9)
    found = search(task(tmp_path, RATES, trials=5, epochs=9), squares())
    assert {row["state"] for row in found.trials["rows"]} == {"complete"}
    assert found.tuned["trial"] == 0


def test_a_pruned_trial_never_wins_though_its_value_is_higher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bracket 1 the first rung is at epoch 3: who was brilliant at epoch 2 and fell is stopped there."""
    pretend(monkeypatch, lambda s: [0.1, 0.99, 0.2] + [0.3] * 6 if s["optimizer"] == "sgd" else [0.3, 0.4, 0.5, *[0.6] * 6])
    space = {"train.optimizer": {"choices": ["adam", "sgd"]}}
    rows = (found := search(task(tmp_path, space, trials=20, epochs=9, seed=1), squares())).trials["rows"]
    assert any(row["state"] == "pruned" and row["value"] == 0.99 and row["epochs"] == 3 for row in rows)
    winner = rows[found.tuned["trial"]]
    assert winner["state"] == "complete"
    assert winner["value"] == max(row["value"] for row in rows if row["state"] == "complete")


def test_a_failed_trial_says_why_and_never_wins(tmp_path: Path) -> None:
    space = {"train.learning_rate": {"choices": [0.01, 1e38]}}
    found = search(task(tmp_path, space, trials=6, epochs=2, train={"optimizer": "sgd"}, sampler="random"), squares())
    failed = [row for row in found.trials["rows"] if row["state"] == "failed"]
    assert {row["params"]["train.learning_rate"] for row in failed} == {1e38}
    assert all(row["value"] is None and "diverged in epoch 1" in row["reason"] and row["epochs"] == 0 for row in failed)
    assert found.tuned["settings"]["train"] == {"learning_rate": 0.01}
    assert all(row["reason"] == "" for row in found.trials["rows"] if row not in failed)


def test_a_trial_that_fails_late_keeps_its_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, lambda s: [0.5, 0.9, math.nan] if s["optimizer"] == "sgd" else [0.5] * 3)
    space = {"train.optimizer": {"choices": ["adam", "sgd"]}}
    found = search(task(tmp_path, space, trials=8, epochs=3, reduction=4), squares())
    failed = [row for row in found.trials["rows"] if row["state"] == "failed"]
    assert failed and all((row["course"], row["value"]) == ([0.5, 0.9], None) for row in failed)
    assert found.tuned["settings"]["train"] == {"optimizer": "adam"}


def test_a_search_without_a_complete_trial_fails_with_its_reasons(tmp_path: Path) -> None:
    images_too_small = replace(task(tmp_path, trials=3, epochs=2), model={"use": "fer_vgg", "settings": {}})
    with pytest.raises(StepError) as caught:
        search(images_too_small, squares())
    assert "none of 3 trials was trained to the end (0 pruned, 3 failed): fer_vgg needs images of 31×31" in caught.value.message
    assert "Narrow the space" in caught.value.hint


def test_where_the_best_trials_fail_late_no_pruned_one_takes_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, lambda s: [0.9, 0.9, math.nan] if s["optimizer"] == "sgd" else [0.5] * 3)
    space = {"train.optimizer": {"choices": ["adam", "sgd"]}}
    with pytest.raises(StepError, match=r"none of 8 trials .* pruned, .* failed\): training diverged in epoch 3"):
        search(task(tmp_path, space, trials=8, epochs=3, reduction=4), squares())


def test_a_training_that_stops_by_its_own_patience_is_complete(tmp_path: Path) -> None:
    found = search(task(tmp_path, RATES, trials=3, epochs=30, train={"patience": 1}, reduction=40), squares())
    states = {(row["state"], row["epochs"]) for row in found.trials["rows"]}
    assert any(state == "complete" and 1 < epochs < 30 for state, epochs in states), states


# what is searched with


def test_parzen_estimators_find_better_settings_than_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, lambda s: [1 - abs(math.log10(s["learning_rate"]) + 2.7) / 4 - abs(s["momentum"] - 0.3)])
    space = {**RATES, "train.momentum": {"low": 0.0, "high": 0.9}}

    def mean_best(sampler: str) -> float:
        folders = ((seed, tmp_path / sampler / str(seed)) for seed in range(6))
        asked = (task(folder, space, trials=25, epochs=1, sampler=sampler, seed=seed) for seed, folder in folders)
        return float(np.mean([search(one, squares()).tuned["value"] for one in asked]))

    assert mean_best("tpe") > mean_best("random") + 0.01


def test_draws_follow_from_the_seed_and_not_from_the_order_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, rising)

    def drawn(name: str, space: Any = WIDE, **tune: Any) -> list[dict[str, Any]]:
        found = search(task(tmp_path / name, space, trials=12, epochs=3, **tune), squares())
        return [row["params"] for row in found.trials["rows"]]

    first = drawn("first")
    assert drawn("again") == drawn("turned", dict(reversed(WIDE.items()))) == first
    assert drawn("other", seed=1) != first
    assert len({row["train.learning_rate"] for row in first}) == 12, "each trial has a random state of its own"
    assert all(row["train.batch"] in (8, 16, 24, 32) and 1e-4 <= row["train.learning_rate"] <= 1 for row in first)


def test_numbers_are_drawn_evenly_on_their_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, lambda settings: [0.5])
    space = {**RATES, "train.weight_decay": {"low": 0, "high": 1}, "train.batch": {"low": 1, "high": 2}}
    rows = search(task(tmp_path, space, trials=80, epochs=1, sampler="random"), squares()).trials["rows"]
    columns = {name: np.array([row["params"][name] for row in rows]) for name in space}
    assert np.median(np.log10(columns["train.learning_rate"])) == pytest.approx(-2, abs=0.4)
    assert np.median(columns["train.weight_decay"]) == pytest.approx(0.5, abs=0.12)
    assert set(columns["train.batch"]) == {1, 2}
    assert isinstance(rows[0]["params"]["train.weight_decay"], float) and isinstance(rows[0]["params"]["train.batch"], int)


def test_searched_settings_reach_model_and_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[tuple[int, dict[str, Any]]] = []

    def noting(model: Any, data: Data, place: Place, **settings: Any) -> Fitted:
        trained.append((model.head.in_features // 6, settings))
        return fit(model, data, place, **settings)

    monkeypatch.setattr(trials_of, "fit", noting)
    space = {"model.width": {"low": 1, "high": 3}, "train.batch": {"choices": [8, 16]}}
    asked = task(tmp_path, space, model="fer_gap_small", trials=4, epochs=2, train={"augment": "s2", "epochs": 77})
    rows = search(asked, squares(samples=60)).trials["rows"]
    told = [(row["params"]["model.width"], row["params"]["train.batch"]) for row in rows]
    assert [(width, settings["batch"]) for width, settings in trained] == told and len(set(told)) > 1
    assert all(settings["epochs"] == 2 and settings["augment"] == "s2" for _, settings in trained)


# on what it is ranked


def test_the_course_is_that_of_an_ordinary_training(tmp_path: Path) -> None:
    found = search(task(tmp_path, RATES, trials=1, epochs=4, train={"optimizer": "sgd"}, seed=3), squares())
    (row,) = found.trials["rows"]
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(SIZE * SIZE, 3))
    for values in model.parameters():
        torch.nn.init.zeros_(values)
    rate = row["params"]["train.learning_rate"]
    fitted = fit(model, squares(), Place("cpu", 3), epochs=4, batch=16, optimizer="sgd", learning_rate=rate)
    assert row["course"] == [epoch["validation_accuracy"] for epoch in fitted.history["epochs"]]


def test_a_search_is_ranked_on_the_whole_validation_part(tmp_path: Path) -> None:
    data = squares()
    found = search(task(tmp_path, RATES, trials=2, epochs=1), data)
    assert found.ranked.dtype == np.int32 and np.array_equal(found.ranked, data.validation)
    assert found.trials["ranked_on"] == {"part": "validation", "n": len(data.validation)}
    with pytest.raises(StepError, match="validation part is empty"):
        search(task(tmp_path / "empty", RATES), replace(data, validation=data.validation[:0]))


def test_smoke_trials_are_all_ranked_on_the_same_few_samples(tmp_path: Path) -> None:
    space, data = {"train.batch": {"choices": [4, 2]}}, squares()
    found = search(task(tmp_path, space, trials=4, epochs=9, train={"smoke": True}), data)
    assert np.array_equal(found.ranked, stratified(data.labels, data.validation, 16, 0))
    assert (found.trials["epochs"], found.trials["ranked_on"]["n"]) == (1, 16)
    assert {(row["state"], row["epochs"]) for row in found.trials["rows"]} == {("complete", 1)}
    assert all(round(16 * row["value"], 5) == round(16 * row["value"]) for row in found.trials["rows"])


def run_step(folder: Path, inputs: Sequence[Any], **tune: Any) -> Out:
    out = factories.out_in(folder, "out")
    table = Tune.model_validate({"space": RATES, "trials": 3, "epochs": 3, **tune}).model_dump(mode="json")
    model = {"use": "linear", "settings": {}}
    step.run(Inputs(inputs), out, Work(folder, {}, "cpu", 1), model=model, train={"batch": 8}, tune=table, seed=0)
    return out


def test_the_test_part_changes_nothing_and_is_not_in_what_was_ranked_on(tmp_path: Path) -> None:
    data = factories.data_set(tmp_path, parts={"train": 12, "test": 6})
    inputs = [*data, *factories.divided(tmp_path, data)]
    parts = np.array(Inputs(inputs).one("parts"))
    first = run_step(tmp_path / "first", inputs)
    (samples,) = (output.path for output in data if output.kind == "samples")
    images = np.load(samples)
    images[parts == TEST] = 255 - images[parts == TEST]
    np.save(samples, images)
    second = run_step(tmp_path / "second", inputs)
    assert sorted(first.described) == ["ranked_samples.npy", "trials.json", "tuned.json"]
    for name in first.described:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()
    assert np.array_equal(np.load(first.folder / "ranked_samples.npy"), np.flatnonzero(parts == VALIDATION))


# which settings mattered


def test_importance_is_the_share_of_the_variance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a·x + b·y with x and y even in [0, 0.9], x has a² of a² + b²."""
    pretend(monkeypatch, lambda s: [0.6 * s["momentum"] + 0.3 * s["label_smoothing"]])
    even = {"low": 0, "high": 0.9}
    space = {"train.momentum": even, "train.label_smoothing": even, "train.mixup": even}
    shares = search(task(tmp_path, space, trials=120, epochs=1, sampler="random"), squares()).tuned["importance"]
    assert list(shares) == list(space)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["train.momentum"] == pytest.approx(0.8, abs=0.06)
    assert shares["train.label_smoothing"] == pytest.approx(0.2, abs=0.06)
    assert shares["train.mixup"] < 0.03


@pytest.mark.parametrize(
    ("trials", "space", "course"),
    [
        (5, {**RATES, "train.momentum": {"low": 0, "high": 0.9}}, rising),
        (9, RATES, rising),
        (9, {**RATES, "train.optimizer": {"choices": ["adam"]}}, rising),
        (9, WIDE, lambda settings: [0.5]),
    ],
    ids=["too few trials", "one parameter", "one that varies", "no differences"],
)
def test_importance_is_not_made_up(
    trials: int, space: Any, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, course)
    assert search(task(tmp_path, space, trials=trials, epochs=1), squares()).tuned["importance"] is None


# interrupted


def kill_at(call: int) -> Callable[[int, int, str], None]:
    """A progress that dies when it is called for the n-th time."""
    calls: list[int] = []

    def progress(done: int, total: int, text: str) -> None:
        calls.append(done)
        if len(calls) >= call:
            raise Killed

    return progress


@pytest.fixture
def every_epoch_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint seems to cost no time."""
    monkeypatch.setattr(checkpoints, "time", SimpleNamespace(monotonic=lambda: 0.0))


@pytest.mark.usefixtures("every_epoch_is_kept")
def test_killed_and_continued_equals_undisturbed(tmp_path: Path) -> None:
    options = {"model": "fer_gap_small", "trials": 7, "epochs": 4, "reduction": 2, "train": {"augment": "s2"}}
    space = {"model.width": {"low": 1, "high": 3}, **RATES}
    data, told = squares(samples=60), []
    expected = search(task(tmp_path / "whole", space, **options), data, lambda *said: told.append(said))
    assert {row["state"] for row in expected.trials["rows"]} == {"complete", "pruned"}
    for call in range(2, len(told) + 1, 7):
        asked = task(tmp_path / str(call), space, **options)
        for again in (call, 4):  # twice: also a continued search can be killed
            with pytest.raises(Killed):
                search(asked, data, kill_at(again))
        assert bytes_of(search(asked, data)) == bytes_of(expected), call


@pytest.mark.usefixtures("every_epoch_is_kept")
def test_an_interrupted_trial_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    asked, data, told = task(tmp_path, RATES, trials=3, epochs=9), squares(), []

    def in_the_second_trial(done: int, total: int, text: str) -> None:
        if done > 1500:
            raise Killed

    with pytest.raises(Killed):
        search(asked, data, in_the_second_trial)
    assert (tmp_path / "trial-1.safetensors").exists()
    found = search(asked, data, lambda *said: told.append(said))
    assert told[0][0] == 1000 and told[1][0] > 1400, "started again"
    assert [row["number"] for row in found.trials["rows"]] == [0, 1, 2]
    assert not list(tmp_path.glob("*.safetensors"))


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_journal_cut_anywhere_is_continued_to_the_same_end(
    sampler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a kill leaves of the journal, with and without half a line: also between rung and verdict, and mid-draw."""
    pretend(monkeypatch, lambda s: [math.nan] if s["learning_rate"] > 0.1 else rising(s))
    options, data = {"trials": 9, "epochs": 3, "reduction": 3, "sampler": sampler}, squares()
    expected = search(task(tmp_path / "whole", **options), data)
    assert {row["state"] for row in expected.trials["rows"]} == {"complete", "pruned", "failed"}
    lines = (tmp_path / "whole" / "journal.log").read_bytes().splitlines(keepends=True)
    for count in range(len(lines)):
        asked = task(tmp_path / str(count), **options)
        asked.folder.mkdir()
        torn = lines[count][: len(lines[count]) // 2 if count % 2 else 0]
        (asked.folder / "journal.log").write_bytes(b"".join(lines[:count]) + torn)
        assert bytes_of(search(asked, data)) == bytes_of(expected), lines[count]


def test_locks_of_killed_processes_hold_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, rising)
    for name in ("journal.log.lock", "journal.new.lock"):
        (tmp_path / name).touch()
    began = time.monotonic()
    search(task(tmp_path, trials=2, epochs=1), squares())
    assert time.monotonic() - began < 20, "optuna waits 30 s for a lock that nobody holds"


def test_a_search_begins_again_when_its_journal_is_damaged_or_of_another_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, rising)
    asked, told = task(tmp_path, trials=4, epochs=3), []
    expected = search(asked, squares())
    journal = tmp_path / "journal.log"
    journal.write_bytes(journal.read_bytes().replace(b"op_code", b"op\ncode", 1))
    again = search(asked, squares(), lambda *said: told.append(said))
    assert "journal.log is damaged" in told[0][2] and bytes_of(again) == bytes_of(expected)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    told.clear()
    search(asked, squares(), lambda *said: told.append(said))
    assert told[0][0] == 0 and "['cpu', 1]: it starts again on ['cpu', 3]" in told[0][2]


def test_progress_tells_the_best_value_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, rising)
    told: list[tuple[int, int, str]] = []
    found = search(task(tmp_path, RATES, trials=6, epochs=3), squares(), lambda *said: told.append(said))
    done = [said[0] for said in told]
    assert done == sorted(done) and {said[1] for said in told} == {6000}
    best = f"best validation accuracy {found.tuned['value']:.3f} (trial {found.tuned['trial']})"
    assert told[0][2] == "0 of 6 trials" and told[-1] == (6000, 6000, f"6 of 6 trials, {best}")


# several processes


def test_processes_share_the_trials(tmp_path: Path) -> None:
    space = {"model.width": {"low": 1, "high": 3}, **RATES}
    asked, told = task(tmp_path, space, model="fer_gap_small", trials=6, epochs=3, processes=2), []
    with pytest.raises(Killed):
        search(asked, squares(samples=60), kill_at(2))
    study = opened(asked, journal_of(asked))
    interrupted = [study.ask(asked.distributions()).params for _ in range(2)]
    found = search(asked, squares(samples=60), lambda *said: told.append(said))
    rows = found.trials["rows"]
    assert [row["params"] for row in rows if row["params"] in interrupted] == interrupted
    assert (found.trials["processes"], found.trials["repeatable"]) == (2, False)
    assert [row["number"] for row in rows] == list(range(6))
    assert len({row["params"]["train.learning_rate"] for row in rows}) == 6, "no two processes drew alike"
    complete = [row for row in rows if row["state"] == "complete"]
    assert found.tuned["value"] == max(row["value"] for row in complete)
    assert told[-1][0] == told[-1][1] == 6000


ORPHANS = """
import multiprocessing, sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {root!r}]
from test_tuning import RATES, squares, task
from reportgen.tuning.hyperband import search

def tell(done, total, text):
    children = [str(child.pid) for child in multiprocessing.active_children()]
    if done and len(children) == 2:
        print(*children, flush=True)

if __name__ == "__main__":
    search(task(Path(sys.argv[1]), RATES, trials=2, epochs=10**4, processes=2), squares(), tell)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_processes_die_with_the_one_that_began_them(tmp_path: Path) -> None:
    tests = Path(__file__).parent
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS.format(tests=str(tests), root=str(tests.parent)), encoding="utf-8")
    with subprocess.Popen([sys.executable, script, tmp_path / "search"], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        children = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert len(children) == 2
    deadline = time.monotonic() + 20
    while (alive := [pid for pid in children if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    assert not alive, "they go on without anybody to hear of it"


def is_running(pid: int) -> bool:
    """Also a process that ended and waits to be reaped is gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
