"""The conductor: what is up to date is left alone, what is not says why, and a failure takes only its own along."""

import json

import pytest

from reportgen.core import Step
from reportgen.pipeline import Conductor, status
from reportgen.store import Store
from reportgen.workers import pools


class Listener:
    def __init__(self):
        self.reasons, self.failures, self.words = {}, {}, []

    def runs(self, step, reason):
        self.reasons[step.name] = reason

    def advances(self, step, done, total, text):
        self.words.append((step.name, done, total, text))

    def done(self, step, record):
        pass

    def fails(self, step, message, trace=""):
        self.failures[step.name] = message

    def remarks(self, text):
        self.words.append(text)


def toy(name, call, inputs=(), **settings):
    return Step(name=name, call=f"toy_steps:{call}", settings=settings, inputs=tuple(inputs), about={"experiment": name})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def conduct(store, steps, *, again=(), count=1, in_process=True):
    listener = Listener()
    with pools(count, in_process=in_process) as workers:
        outcome = Conductor(store, "toy", workers, listener, device="cpu", threads=1).run(steps, again=again)
    return outcome, listener


def chain(value=1, times=2):
    return [toy("one", "number", value=value), toy("two", "double", ["one"], times=times)]


def scores(store, outcome):
    return store.inputs([outcome.records["two"].key]).one("scores")["value"]


def test_first_run_computes_and_second_does_nothing(store):
    first, heard = conduct(store, chain())
    assert (first.ran, scores(store, first)) == (["one", "two"], 2)
    assert heard.reasons == {"one": "for the first time", "two": "for the first time"}
    second, heard = conduct(store, chain())
    assert (second.ran, heard.reasons) == ([], {})
    assert second.records == first.records


def test_changed_setting_is_named_and_runs_only_what_depends_on_it(store):
    conduct(store, chain())
    outcome, heard = conduct(store, chain(times=3))
    assert heard.reasons == {"two": "times 2 → 3"}
    assert scores(store, outcome) == 3


def test_again_begins_anew_and_not_where_it_stopped(store):
    """What a failed attempt left in its work folder may be why it failed."""
    outcome, _ = conduct(store, chain())
    left = store.work(outcome.records["one"].key) / "checkpoint"
    left.parent.mkdir(parents=True)
    left.write_text("of a search whose trials all failed")
    conduct(store, chain(), again=["one"])
    assert not left.exists()


def test_changed_input_is_named(store):
    conduct(store, chain())
    _, heard = conduct(store, chain(value=5))
    assert heard.reasons == {"one": "value 1 → 5", "two": "one is another"}


def test_equal_bytes_stop_the_change(store):
    conduct(store, chain())
    outcome, _ = conduct(store, chain(), again=["one"])
    assert outcome.ran == ["one"]  # its outputs are the same, so that `two` has nothing to do


def test_going_back_to_old_settings_costs_nothing(store):
    conduct(store, chain())
    conduct(store, chain(times=3))
    outcome, _ = conduct(store, chain(times=2))
    assert outcome.ran == []


@pytest.mark.parametrize("damage", ["truncate", "edit", "delete"])
def test_damaged_output_is_recomputed_and_said(store, damage):
    first, _ = conduct(store, chain())
    path = store.object(first.records["one"].key) / "facts.json"
    match damage:
        case "truncate":
            path.write_text(path.read_text()[:4])
        case "edit":
            path.write_text(json.dumps({"value": 100}))
        case "delete":
            path.unlink()
    outcome, heard = conduct(store, chain())
    assert outcome.ran == ["one"]
    assert "output facts.json" in heard.reasons["one"]
    assert store.inputs([outcome.records["one"].key]).one("facts") == {"value": 1}


@pytest.mark.parametrize("change", [lambda text: text[:9], lambda text: text.replace('"device": "cpu"', '"device": "cuda"')])
def test_truncated_or_edited_record_is_recomputed(store, change):
    first, _ = conduct(store, chain())
    path = store.object(first.records["one"].key) / "record.json"
    path.write_text(change(path.read_text()))
    assert conduct(store, chain())[0].ran == ["one"]


def test_failure_takes_only_its_dependants_along(store):
    steps = [toy("bad", "fail"), toy("needs bad", "double", ["bad"]), *chain()]
    outcome, heard = conduct(store, steps)
    assert outcome.ran == ["one", "two"]
    assert "this step always fails" in heard.failures["bad"]
    assert heard.failures["needs bad"] == "needs bad, which failed"
    assert not outcome.wrong_use


def test_wrong_use_is_told_apart_from_a_bug(store):
    outcome, _ = conduct(store, [toy("read", "refuse")])
    assert [error.message for error in outcome.wrong_use] == [
        "read: row 3 of faces.csv has 2,303 pixels where 2,304 are needed"
    ]
    assert not list((store.root / "objects").glob("*"))


def test_status_says_what_would_run_and_runs_nothing(store):
    conduct(store, chain())
    said = {step.name: reason for step, reason in status(chain(value=2), store, "toy")}
    assert said == {"one": "value 1 → 2", "two": "after one"}
    assert all(reason == "" for _, reason in status(chain(), store, "toy"))


def test_killed_worker_is_replaced_and_the_step_continued(store):
    outcome, heard = conduct(store, [toy("dies", "die_once"), *chain()], count=2, in_process=False)
    assert set(outcome.ran) == {"dies", "one", "two"}
    assert any("its worker was killed" in word for word in heard.words)


def test_two_pools_work_at_a_time_in_processes_of_their_own(store):
    steps = [toy(f"slow {i}", "slow", seconds=1.0 + i / 100) for i in range(2)]
    outcome, heard = conduct(store, steps, count=2, in_process=False)
    values = {store.inputs([record.key]).one("facts")["value"] for record in outcome.records.values()}
    assert len(values) == 2
    assert {word[0] for word in heard.words} == {"slow 0", "slow 1"}
