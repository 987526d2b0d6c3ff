"""Step: write down how many trainings of an experiment were ever tried on the test part, beside those that are shown."""

from reportgen.outputs import Inputs, Out


def run(_inputs: Inputs, out: Out, _work: object, *, ever: int, shown: int) -> None:
    """Write evaluations. The conductor counts, because only the store knows of earlier settings."""
    out.json("evaluations", {"ever": ever, "shown": shown})
