"""What a search came to: the kinds `trials` and `tuned`.

trials (json):
    objective    "validation_accuracy" | "validation_loss"
    direction    "maximize" | "minimize"
    epochs       most epochs of a trial, Hyperband's largest resource
    least        fewest before a trial may be stopped, its smallest resource
    reduction    Hyperband's η
    sampler      "tpe" | "random"
    processes    that shared the trials
    repeatable   whether the same search ends in the same bytes: only if one process tried one trial after the other
    space        {parameter: {low, high, step, log} | {choices}}, parameters as "model.width" and "train.learning_rate"
    rows         one per trial, in the order of their numbers:
        number   from 0
        state    "complete": trained to the end, or until its own `patience` ended it; "pruned": stopped by Hyperband;
                 "failed": could not be trained, such as when the loss was no number
        value    best of the course; null if it failed
        epochs   that were run to their end
        bracket  from 0: the higher, the later the first rung
        params   {parameter: value}
        course   objective after each epoch
        reason   why it failed, otherwise ""
    best         number of the winner: the best value of the complete trials, the earlier one of equals. Pruned trials never
                 win, not even if their value is higher: they were stopped because others were better after as many epochs
    ranked_on    {part: "validation", n: samples}

tuned (json):
    settings     {model: {setting: value}, train: {setting: value}} of the winner, only what was searched for
    trial        its number
    value        its value
    importance   {parameter: share, summing to 1} | null, see `importance`
"""

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.importance import FanovaImportanceEvaluator
from optuna.pruners import HyperbandPruner
from optuna.trial import FrozenTrial, TrialState

from reportgen.errors import StepError
from reportgen.tuning.journal import finished
from reportgen.tuning.task import Task, own

_FEW = 6  # complete trials: with fewer, shares of importance would be chance
_STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


def told(task: Task, study: optuna.Study, ranked: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """`trials` and `tuned` of a finished search that was ranked on so many samples.

    Raises:
        StepError: no trial was trained to the end.
    """
    rows = [_row(task, study, trial) for trial in study.get_trials(deepcopy=False)]
    best = _best(task, rows)
    trials = {
        **{key: task.tune[key] for key in ("objective", "reduction", "sampler", "processes", "space")},
        "least": min(task.tune["least"], task.epochs),
        "direction": study.direction.name.lower(),
        "epochs": task.epochs,
        "repeatable": task.tune["processes"] == 1,
        "rows": rows,
        "best": best["number"],
        "ranked_on": {"part": "validation", "n": ranked},
    }
    settings = {owner: own(best["params"], owner) for owner in ("model", "train")}
    tuned = {"settings": settings, "trial": best["number"], "value": best["value"], "importance": importance(task, study)}
    return trials, tuned


def _row(task: Task, study: optuna.Study, trial: FrozenTrial) -> dict[str, Any]:
    assert isinstance(study.pruner, HyperbandPruner)
    course = [value for _, value in sorted(trial.intermediate_values.items())]
    return {
        "number": trial.number,
        "state": _STATES[trial.state],
        "value": None if trial.state == TrialState.FAIL else task.best(course),
        "epochs": len(course),
        "bracket": study.pruner._get_bracket_id(study, trial),  # optuna says it nowhere else
        "params": {name: trial.params[name] for name in task.tune["space"]},
        "course": course,
        "reason": trial.user_attrs.get("reason", ""),
    }


def _best(task: Task, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    complete = [row for row in rows if row["state"] == "complete"]
    if complete:
        return min(complete, key=lambda row: (task.sign * row["value"], row["number"]))
    reasons = sorted({row["reason"] for row in rows} - {""})
    failed = sum(row["state"] == "failed" for row in rows)
    said = f"({len(rows) - failed} pruned, {failed} failed): {'; '.join(reasons[:3])}"
    raise StepError(
        f"none of {len(rows)} trials was trained to the end {said}",
        "Narrow the space to settings that can be trained, such as lower learning rates, or try more trials.",
    )


def best_in_words(task: Task, study: optuna.Study) -> str:
    """How many trials are over and the best value so far, for a progress bar."""
    said = f"{finished(study)} of {task.tune['trials']} trials"
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not complete:
        return said
    value, number = min((task.sign * (trial.value or 0), trial.number) for trial in complete)
    return f"{said}, best {task.tune['objective'].replace('_', ' ')} {abs(value):.3f} (trial {number})"


def importance(task: Task, study: optuna.Study) -> dict[str, float] | None:
    """Each parameter's share of the differences between complete trials; None if too few or too equal ones are there.

    fANOVA (Hutter et al. 2014, ICML): the variance of a random forest's prediction along one parameter alone, without
    interactions. Complete are the trials that Hyperband let through: a range whose bad end was pruned looks less important
    than it is.
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    varied = [name for name, distribution in task.distributions().items() if not distribution.single()]
    differ = len({trial.value for trial in complete}) > 1 and len({str(trial.params) for trial in complete}) > 1
    if len(complete) < _FEW or len(varied) < 2 or not differ:
        return None
    shares = FanovaImportanceEvaluator(seed=task.seed).evaluate(study, sorted(task.tune["space"]))
    total = sum(shares.values())
    return {name: float(shares[name] / total) for name in task.tune["space"]} if total else None
