"""Learning curves of networks that are trained in folds: every training is drawn, named and in the data."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from reportgen.core import Figure
from reportgen.figures import learning_curves
from reportgen.figures._style import drawing_style
from reportgen.outputs import Inputs, Output
from tests.figure_samples import history


def drawn(folder: Path, folds: Sequence[str], seeds: int) -> Figure:
    """The figure of trainings that stop one epoch later in each fold."""
    (folder / "split.json").write_text(json.dumps({"folds": folds}))
    outputs = [Output("split", folder / "split.json", {"experiment": "net"})]
    for seed in range(seeds):
        for fold in range(len(folds)):
            path = folder / f"history {seed} {fold}.json"
            path.write_text(json.dumps(history(10 * seed + fold, 0.6, epochs=9 + fold)))
            outputs.append(Output("history", path, {"experiment": "net", "seed": str(seed), "fold": str(fold)}))
    with drawing_style(salt="folds"):
        return learning_curves.draw(Inputs(outputs))


def test_every_fold_and_seed_is_drawn_named_and_in_the_data(tmp_path: Path) -> None:
    folds = [f"subject {name}" for name in ("<b>1</b>", "2", "3")]
    figure = drawn(tmp_path, folds, 2)
    header, *rows = figure.data
    assert header[:3] == ["seed", "fold", "epoch"]
    assert {(row[0], row[1]) for row in rows} == {(seed, fold) for seed in ("0", "1") for fold in folds}
    dots = [line for line in figure.picture.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == 6
    assert "Thin lines are 6 trainings, of 3 folds with 2 seeds" in figure.caption
    assert "Seed 1, subject 3, 11 epochs" in figure.alt
    names = {trace["name"] for trace in figure.interactive["data"]}
    assert "validation, seed 0, subject &lt;b&gt;1&lt;/b&gt;" in names


def test_mean_goes_as_far_as_all_trainings_ran(tmp_path: Path) -> None:
    figure = drawn(tmp_path, ["a", "b", "c"], 1)
    thick = [line for line in figure.picture.axes[0].lines if line.get_linewidth() == pytest.approx(1.8)]
    assert [len(line.get_xdata()) for line in thick] == [9, 9]


def test_many_trainings_are_told_together(tmp_path: Path) -> None:
    figure = drawn(tmp_path, [f"subject {i}" for i in range(15)], 1)
    assert figure.interactive is None
    assert "Of 15 trainings epochs" in figure.alt
    assert "subject" not in figure.alt
    assert len({row[1] for row in figure.data[1:]}) == 15


def test_a_split_without_folds_has_seeds_alone(tmp_path: Path) -> None:
    figure = drawn(tmp_path, [""], 2)
    assert figure.data[0][:2] == ["seed", "epoch"]
    assert "Thin lines are 2 seeds" in figure.caption
