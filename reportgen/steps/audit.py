"""Step: one audit of the study."""

from dataclasses import asdict
from typing import Any

from reportgen import plugins
from reportgen.outputs import Inputs, Out


def run(inputs: Inputs, out: Out, _work: object, *, use: str, settings: dict[str, Any]) -> None:
    """Write findings: what the audit says of whatever the study has finished."""
    out.json("findings", [asdict(finding) for finding in plugins.verb("audit", use)(inputs, **settings)])
