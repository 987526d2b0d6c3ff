"""Step: hold the same model under several splits against each other, unit by unit."""

from typing import Any

from reportgen.contrast import Outcome, contrasted
from reportgen.outputs import Inputs, Out


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    experiments: list[str],
    splits: dict[str, dict[str, Any]],
    resamples: int,
    seed: int,
) -> None:
    """Write contrast from facts and the scores of each experiment: over their units, or subjects where these differ.

    Args:
        inputs: finished outputs.
        out: to write into.
        experiments: names, in the order of the study.
        splits: {experiment: `use` and `settings`}.
        resamples: of the bootstrap.
        seed: of the bootstrap and of the sign flips.
    """
    scores = {name: inputs.one("scores", experiment=name) for name in experiments}
    first = scores[experiments[0]]
    same = len({found["unit"] for found in scores.values()}) == 1
    outcomes = [
        Outcome(
            name=name,
            split=splits[name],
            units={row["name"]: row["accuracy"] for row in found["units" if same else "subjects"]},
        )
        for name, found in scores.items()
    ]
    told = {
        "dataset": inputs.about("facts")[0]["dataset"],
        "unit": first["unit"] if same else "subject",
        "chance": first["views"]["all"]["baseline"]["chance"],
    }
    out.json("contrast", {**told, **contrasted(outcomes, resamples=resamples, seed=seed)})
