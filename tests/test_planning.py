"""What a study amounts to in steps: who is compared with whom, who is judged, and what a search hands on."""

from pathlib import Path

from reportgen.core import Step
from reportgen.planning import plan_comparisons, plan_study
from reportgen.study import Study
from reportgen.study_file import read_study

HEAD = 'title = "A study"\n[dataset.faces]\nuse = "faces_sim"\n'


def read(folder: Path, text: str) -> Study:
    path = folder / "study.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return read_study(path)[0]


def planned(folder: Path, text: str) -> dict[str, Step]:
    return {step.name: step for step in plan_study(read(folder, text), folder)}


def compared(folder: Path, text: str, *missing: str) -> dict[str, list[str]]:
    """{comparison: its experiments}, once all steps but the missing ones are finished."""
    study = read(folder, text)
    finished = {step.name for step in plan_study(study, folder)} - set(missing)
    return {step.name: step.settings["experiments"] for step in plan_comparisons(study, finished, {})}


def experiment(name: str, *lines: str, model: str = "linear") -> str:
    return "\n".join([f"[experiment.{name}]", 'dataset = "faces"', f'model = "{model}"', *lines, ""])


def test_every_step_comes_after_its_inputs(tmp_path: Path) -> None:
    seen: set[str] = set()
    text = experiment("a", "explain = {lime = {}}", model="fer_gap_small") + experiment("b")
    for name, step in planned(tmp_path, text).items():
        assert set(step.inputs) <= seen, name
        seen.add(name)


def test_only_experiments_on_one_data_set_and_split_are_compared(tmp_path: Path) -> None:
    held_out = 'split = {use = "holdout", test = 0.2}'
    other = 'split = {use = "holdout", test = 0.3}'
    text = "".join(
        [
            *(experiment(name) for name in ("a", "b")),
            *(experiment(name, held_out) for name in ("c", "d")),
            *(experiment(name, other) for name in ("e", "f")),
            experiment("alone", 'split = {use = "holdout", test = 0.4}'),
        ]
    )
    assert compared(tmp_path, text) == {
        "compare faces-official": ["a", "b"],
        "compare faces-holdout": ["c", "d"],
        "compare faces-holdout-2": ["e", "f"],
    }


def test_smoke_trained_experiments_are_not_compared(tmp_path: Path) -> None:
    text = experiment("a") + experiment("b", "train = {smoke = true}")
    assert not compared(tmp_path, text)
    assert compared(tmp_path, text + experiment("c")) == {"compare faces-official": ["a", "c"]}


def test_a_failed_experiment_does_not_take_the_comparison_along(tmp_path: Path) -> None:
    text = "".join(experiment(name) for name in "abc")
    assert compared(tmp_path, text, "score b") == {"compare faces-official": ["a", "c"]}


def test_explainers_that_make_maps_are_judged(tmp_path: Path) -> None:
    explain = "explain = {lime = {}, feature_maps = {}}"
    text = experiment("a", explain, model="fer_gap_small") + experiment("b", explain, "train = {smoke = true}")
    steps = planned(tmp_path, text)
    judged = steps["judge a lime"]
    assert "judge a feature_maps" not in steps
    assert "judge b lime" not in steps, "a smoke-trained network has no result to explain"
    assert judged.plugins == ("explainer/lime", "model/fer_gap_small"), "it explains randomised networks anew"
    assert judged.settings["explainer"]["settings"] == steps["explain a lime"].settings["settings"]


def test_an_explainer_may_have_more_images_than_the_others(tmp_path: Path) -> None:
    lines = ("images_per_class = 2", "explain = {lime = {}, feature_maps = {images_per_class = 9}}")
    steps = planned(tmp_path, experiment("a", *lines, model="fer_gap_small"))
    assert [steps[f"explain a {name}"].settings["images_per_class"] for name in ("lime", "feature_maps")] == [2, 9]
    assert "images_per_class" not in steps["explain a feature_maps"].settings["settings"]


def test_the_winner_of_a_search_is_an_input_of_its_trainings_only(tmp_path: Path) -> None:
    space = '[experiment.a.tune.space]\n"train.learning_rate" = {low = 0.001, high = 0.01}\n'
    steps = planned(tmp_path, experiment("a", 'task = "tune"', "seeds = [0, 1]") + space + experiment("b"))
    for seed in (0, 1):
        assert steps[f"train a seed {seed}"].inputs[-1] == "tune a"
        assert "tuned" in steps[f"train a seed {seed}"].reads
    assert "tune b" not in steps
    assert "tune a" not in steps["evaluate a seed 0"].inputs
    assert "test_samples" not in steps["tune a"].reads, "the test part is not even handed in"
