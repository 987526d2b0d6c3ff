"""Mildness towards trainings that only try the code: they are no results, so no fault of theirs is more than a notice."""

from dataclasses import replace

from reportgen.core import Finding

WHY = "; it was smoke-trained, only to try the code: nothing can be concluded from it"


def soften(finding: Finding, smoke: bool) -> Finding:
    """The finding itself, or as a notice with the reason if the training was a smoke one."""
    if not smoke or finding.severity in ("ok", "notice"):
        return finding
    return replace(finding, severity="notice", evidence=finding.evidence + WHY)
