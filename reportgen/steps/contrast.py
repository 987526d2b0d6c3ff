"""Step: hold the same model under several splits against each other, unit by unit."""

from typing import Any

from reportgen.contrast import Tested, contrasted
from reportgen.errors import UsageError
from reportgen.outputs import Inputs, Out


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    experiments: list[str],
    splits: dict[str, dict[str, Any]],
    unit: str,
    resamples: int,
    seed: int,
) -> None:
    """Write contrast from facts and the scores of each experiment.

    Args:
        inputs: finished outputs.
        out: to write into.
        experiments: names, in the order of the study.
        splits: {experiment: `use` and `settings`}.
        unit: what is compared: subject, recording or trial; auto: what the first one's scores are over.
        resamples: of the bootstrap.
        seed: of the bootstrap and of the sign flips.

    Raises:
        UsageError: the scores of the experiments are over other units than each other.
    """
    scores = {name: inputs.one("scores", experiment=name) for name in experiments}
    first = scores[experiments[0]]
    wanted = first["unit"] if unit == "auto" else unit
    for name, found in scores.items():
        if found["unit"] != wanted:
            message = f"experiment {name} is scored over each {found['unit']}, {experiments[0]} over each {wanted}"
            raise UsageError(message, "They only differ in their split otherwise: give both the same evaluate.unit.")
    tested = [
        Tested(name=name, split=splits[name], units={row["name"]: row["accuracy"] for row in found["units"]})
        for name, found in scores.items()
    ]
    told = {
        "dataset": inputs.about("facts")[0]["dataset"],
        "unit": wanted,
        "chance": first["views"]["all"]["baseline"]["chance"],
    }
    out.json("contrast", {**told, **contrasted(tested, resamples=resamples, seed=seed)})
