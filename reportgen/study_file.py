"""Reading a study file: TOML, every fault reported at once with its line and the nearest known name."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reportgen import plugins
from reportgen.crossing import crossing_faults
from reportgen.errors import StudyError, UsageError
from reportgen.study import FULL, Study
from reportgen.toml_lines import line_of


def read_study(path: Path, profile: str = "", root: Path | None = None) -> tuple[Study, str]:
    """Read a study with one profile applied.

    Args:
        path: the TOML file.
        profile: name of its `[profile.NAME]`; "" for the one that the study names itself.
        root: folder that relative data paths start at; the files must exist. None: they are not looked for.

    Returns:
        The study and the text of its file.

    Raises:
        StudyError: with one line per fault.
        UsageError: no such file.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise UsageError(
            f"no study file {path}", "`reportgen build PATH` takes a TOML file; data/studies/demo.toml is one."
        ) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder, not a study file", "Give the TOML file in it.") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: not valid TOML: {error}", "Two tables of one name are one too many.") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: not UTF-8 text: {error}", "Save it as UTF-8.") from None
    profiles = raw.pop("profile", {})
    default = profiles.pop("default", "") if isinstance(profiles, dict) else ""
    name = profile or default or FULL
    overrides = _profile(path, profiles, name)
    try:
        study = Study.model_validate({**_merged(raw, overrides), "profile": name})
    except ValidationError as error:
        raise StudyError(_report(path, text, error.errors(include_url=False), overrides, name)) from None
    faults = crossing_faults(study, root)
    if faults:
        raise StudyError(_report(path, text, faults, overrides, name))
    return study, text


def _profile(path: Path, profiles: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(profiles, dict):
        raise StudyError(
            f"{path}: profile: must be a table", 'Write `[profile.quick]`, and `[profile]` with `default = "quick"`.'
        )
    if name != FULL and name not in profiles:
        raise UsageError(f"{path}: {plugins.unknown('profile', name, [FULL, *profiles])}", f"`{FULL}` is the study as written.")
    return dict(profiles.get(name, {}))


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key; anything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _report(path: Path, text: str, faults: Any, overrides: Mapping[str, Any], profile: str) -> str:
    return "\n".join(_fault_line(path, text, f["loc"], f["msg"], overrides, profile) for f in faults)


def _fault_line(path: Path, text: str, loc: tuple[Any, ...], message: str, overrides: Mapping[str, Any], profile: str) -> str:
    keys = [str(part) for part in loc if part not in ("[key]", "function-before")]
    inside: Any = overrides
    for key in keys:
        inside = inside.get(key) if isinstance(inside, Mapping) else None
    place = ["profile", profile, *keys] if inside is not None else keys
    return f"{path}:{line_of(text, place)}: {'.'.join(place)}: {message}"
