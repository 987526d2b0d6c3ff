"""Numbers as the report writes them."""

import pytest

from reportgen import words


@pytest.mark.parametrize(
    ("uncertainty", "places"),
    [(0.015, 3), (0.0354, 3), (0.036, 2), (0.04, 2), (0.12, 2), (0.4, 1), (2.0, 1), (0.0012, 4), (0, 3), (None, 3)],
)
def test_decimals_follow_the_uncertainty(uncertainty: float | None, places: int) -> None:
    assert words.decimals(uncertainty) == places


def test_numbers_have_true_signs_and_blanks_that_do_not_break() -> None:
    assert words.fixed(-0.676, 2) == "−0.68"
    assert words.fixed(None, 2) == "–"
    assert words.count(3332679) == "3\N{NARROW NO-BREAK SPACE}332\N{NARROW NO-BREAK SPACE}679"
    assert words.counted(1, "warning") == "1 warning"
    assert words.counted(0, "warning") == "0 warnings"
    assert words.percent(0.345) == "34\N{NO-BREAK SPACE}%"
    assert words.percent(0.0042) == "0.4\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (12.4, "12 s"), (200, "3 min 20 s"), (3600, "1 h"), (7500, "2 h 5 min"), (59.8, "60 s")],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), (False, "no"), (0.001, "0.001"), (["a", "b"], "a, b"), ([], "none"), ("", "none"), (256, "256")],
)
def test_settings(value: object, text: str) -> None:
    assert words.setting(value) == text


def test_listing() -> None:
    assert [words.listing(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
