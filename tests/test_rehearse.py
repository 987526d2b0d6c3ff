"""What does not fit together is said on an untrained network, and what fits costs next to nothing."""

from pathlib import Path
from typing import Any

import pytest
from torch import nn

from reportgen import plugins
from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.outputs import Inputs
from reportgen.steps import rehearse
from tests import factories


def rehearsed(folder: Path, model: str, *, loss: str = "cross_entropy", settings: Any = None, **explainers: Any) -> Any:
    def chosen(kind: str, use: str, given: Any) -> dict[str, Any]:
        return {"use": use, "settings": plugins.settings(kind, use).model_validate(given or {}).model_dump(mode="json")}

    facts = {"classes": ["happy", "sad", "angry"], "shape": [48, 48]}
    earlier = factories.out_in(folder, "load")
    earlier.json("facts", facts)
    out = factories.out_in(folder, "rehearse")
    tried = {name: chosen("explainer", name, given) for name, given in explainers.items()}
    inputs = Inputs(factories.of(earlier, dataset="faces"))
    rehearse.run(inputs, out, None, model=chosen("model", model, settings), loss=loss, explainers=tried)
    return Inputs(factories.of(out, experiment="a")).one("rehearsal")


def test_what_fits_is_written_down(tmp_path: Path) -> None:
    told = rehearsed(tmp_path, "fer_gap_small", cam={}, grad_cam={}, lime={}, feature_maps={})
    assert told == {
        "model": "fer_gap_small",
        "loss": "cross_entropy",
        "explainers": ["cam", "grad_cam", "lime", "feature_maps"],
    }


@pytest.mark.parametrize("model", ["linear", "fer_vgg"])
def test_cam_where_it_is_not_exact_names_its_table_and_the_remedy(model: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^explain\.cam: ") as caught:
        rehearsed(tmp_path, model, cam={})
    assert "grad_cam" in caught.value.hint


def test_unknown_layer_lists_the_layers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^explain\.grad_cam: .*no layer 'stage9'") as caught:
        rehearsed(tmp_path, "fer_gap_small", grad_cam={"layer": "stage9"})
    assert "maps.stage4.relu2" in caught.value.hint


def test_binary_loss_needs_sigmoids(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^train: .*sigmoids"):
        rehearsed(tmp_path, "fer_gap_small", loss="binary_cross_entropy")
    told = rehearsed(
        tmp_path / "b", "fer_conv3", loss="binary_cross_entropy", settings={"head": "gap", "activation": "sigmoid"}
    )
    assert told["loss"] == "binary_cross_entropy"


def test_model_that_cannot_be_built(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^model: .*22×22"):
        rehearsed(tmp_path, "fer_conv3", settings={"side": 10})


def test_long_explanations_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    build = plugins.verb("model", "fer_gap_small")

    def counted(spec: Spec, **settings: Any) -> nn.Module:
        network: nn.Module = build(spec, **settings)
        network.register_forward_pre_hook(lambda *_: asked.append(1))
        return network

    monkeypatch.setattr(plugins.module("model", "fer_gap_small"), "build", counted)
    rehearsed(tmp_path, "fer_gap_small", lime={"samples": 10_000})
    assert len(asked) <= rehearse._PASSES + 1
