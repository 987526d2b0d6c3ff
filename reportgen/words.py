"""How numbers are written in the report: to the digits that their interval supports, with blanks that do not break."""

from collections.abc import Mapping, Sequence
from math import floor, log10

NO_BREAK = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
ABSENT = "–"


def decimals(uncertainty: float | None) -> int:
    """Decimal places that an uncertainty supports: 3 for 0.015, 2 for 0.04, 3 if there is none or it is unknown.

    Rule of the Particle Data Group (Navas et al. 2024, section 5.3): two digits of an uncertainty whose leading digits
    are at most 354, one digit otherwise.
    """
    if not uncertainty or uncertainty <= 0:
        return 3
    exponent = floor(log10(uncertainty))
    kept = 2 if uncertainty / 10**exponent < 3.55 else 1
    return min(max(kept - 1 - exponent, 1), 4)


def fixed(value: float | None, places: int) -> str:
    """A number with that many decimal places and a true minus sign; an absent one is a dash."""
    return ABSENT if value is None else f"{value:.{places}f}".replace("-", MINUS)


def count(n: int) -> str:
    """A whole number in groups of three: 3 332 679."""
    return f"{n:,}".replace(",", THIN).replace("-", MINUS)


def counted(n: int, noun: str) -> str:
    """`1 warning`, `3 589 warnings`."""
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"


def percent(share: float | None) -> str:
    """A share in [0, 1] in percent; below one percent with a decimal."""
    if share is None:
        return ABSENT
    return f"{100 * share:.{1 if 0 < share < 0.01 else 0}f}{NO_BREAK}%"


def p_value(p: float | None) -> str:
    """0.012, or `< 0.001`; an absent one is a dash."""
    return ABSENT if p is None else f"<{NO_BREAK}0.001" if p < 0.001 else fixed(p, 3)


def duration(seconds: float) -> str:
    """Seconds as a reader says them: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f}{NO_BREAK}s"
    if seconds < 60:
        return f"{seconds:.0f}{NO_BREAK}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NO_BREAK}min" + (f" {rest}{NO_BREAK}s" if rest else "")
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{NO_BREAK}h" + (f" {minutes}{NO_BREAK}min" if minutes else "")


def setting(value: object) -> str:
    """The value of a setting as a reader says it: yes, none, 0.001, `test, PublicTest`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(setting, value)) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {setting(inner)}" for name, inner in value.items()) or "none"
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"


def listing(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
