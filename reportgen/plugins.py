"""One file is one thing: its name is its id, the keyword-only parameters of its one verb are its settings.

Plugin files are read as text here and imported only to be run, so that `list`, `status` and `check` never load torch.
A setting is written as `epochs: Annotated[int, Ge(1), Unit("epochs"), Doc("passes over the data")] = 30`;
pydantic makes a model of it. Shared code of plugins lies beside them in `_name.py`. A workspace adds its own in
`plugins/<folder>/`; two files with one id are an error.
"""

import ast
import difflib
import importlib
import importlib.util
import sys
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import annotated_doc
import annotated_types
from pydantic import BaseModel, ConfigDict, ValidationError, create_model, model_validator
from pydantic_core import PydanticCustomError

from reportgen.errors import UsageError

PACKAGE = Path(__file__).parent
VERBS: Mapping[str, str] = {
    "dataset": "load",
    "feature": "extract",
    "split": "divide",
    "model": "build",
    "explainer": "explain",
    "generator": "generate",
    "regressor": "build",
    "task": "plan",
    "audit": "inspect",
    "figure": "draw",
}
_WORDS = vars(typing) | vars(annotated_types) | vars(annotated_doc) | {"Path": Path}  # what an annotation may use
_roots: list[Path] = [PACKAGE]


def add_root(folder: Path) -> None:
    """Let a workspace bring plugins of its own: `folder/datasets/mine.py` and so on."""
    if folder.is_dir() and folder not in _roots:
        _roots.append(folder)
        find.cache_clear()


def roots() -> tuple[Path, ...]:
    """The folders that plugins are looked for in; a worker process is given the same ones."""
    return tuple(_roots)


class Settings(BaseModel):
    """Base of every typed table of a study: frozen, and an unknown key is answered with the nearest known one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    @model_validator(mode="wrap")
    @classmethod
    def _say_plainly(cls, value: Any, handler: Any) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            faults = [
                {"type": fault(cls._text(e)), "loc": e["loc"], "input": e["input"]} for e in error.errors(include_url=False)
            ]
            raise ValidationError.from_exception_data(cls.__name__, faults) from None  # type: ignore[arg-type]

    @classmethod
    def _text(cls, error: Any) -> str:
        if error["type"] == "extra_forbidden":
            return unknown("key", str(error["loc"][-1]), cls.model_fields)
        if error["type"] == "missing":
            return "this key is required"
        given = "" if error["type"] == "fault" else f", not {error['input']!r}"
        return str(error["msg"]).replace("Input should be", "must be") + given


def fault(text: str) -> PydanticCustomError:
    """A fault for pydantic to collect; every fault of a study is reported at once."""
    return PydanticCustomError("fault", "{text}", {"text": text})


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """`unknown model 'fer_vg': did you mean 'fer_vgg'?`, or the known ones when none is near."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, 1)
    told = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(names)}" if names else "there is none to set"
    return f"unknown {what} '{word}': {told}"


@cache
def find(kind: str) -> dict[str, Path]:
    """Every plugin of a kind: {id: file}.

    Raises:
        UsageError: two files have one id.
    """
    found: dict[str, Path] = {}
    for root in _roots:
        for path in sorted((root / f"{kind}s").glob("[a-z]*.py")):
            if path.stem in found:
                raise UsageError(f"two files for {kind} '{path.stem}': {found[path.stem]} and {path}", "Rename one of them.")
            found[path.stem] = path
    return found


def path_of(kind: str, name: str) -> Path:
    """The file of a plugin.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in find(kind):
        raise UsageError(unknown(kind, name, find(kind)), f"`reportgen list {kind}s` shows them all.")
    return find(kind)[name]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


def summary(path: Path) -> str:
    """First line of the file's docstring: the plugin's description."""
    return (ast.get_docstring(_tree(path)) or "").partition("\n")[0]


def constant(path: Path, name: str, default: Any = None) -> Any:
    """A literal at the top of a plugin (`NEEDS = (...)`), read without importing the file."""
    for node in _tree(path).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return ast.literal_eval(node.value)
    return default


def returns(kind: str, name: str) -> str:
    """What a plugin's verb says that it returns, as written: "Iterator[Recording]"; "" if it says nothing."""
    path, verb = path_of(kind, name), VERBS[kind]
    functions = (node for node in _tree(path).body if isinstance(node, ast.FunctionDef) and node.name == verb)
    return next((ast.unparse(node.returns) for node in functions if node.returns), "")


@cache
def settings_of(path: Path, verb: str) -> type[Settings]:
    """The settings of a verb, from its keyword-only parameters: names, types, ranges, units and defaults."""
    functions = [n for n in _tree(path).body if isinstance(n, ast.FunctionDef) and n.name == verb]
    if not functions:
        raise UsageError(f"{path} has no function `{verb}`", f"A plugin of this folder is one function `{verb}`.")
    arguments = functions[0].args
    fields = {
        a.arg: (_annotation(a, path), ... if default is None else ast.literal_eval(default))
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }
    return create_model(path.stem, __base__=Settings, **fields)  # type: ignore[call-overload, no-any-return]


def _annotation(argument: ast.arg, path: Path) -> Any:
    if argument.annotation is None:
        raise UsageError(f"{path}:{argument.lineno}: setting `{argument.arg}` has no type", "Annotate it.")
    return eval(ast.unparse(argument.annotation), dict(_WORDS))  # our own and the user's plugins: code that is run anyway


def settings(kind: str, name: str) -> type[Settings]:
    """The settings model of a plugin, without importing it."""
    return settings_of(path_of(kind, name), VERBS[kind])


@cache
def module(kind: str, name: str) -> ModuleType:
    """Import a plugin."""
    path = path_of(kind, name)
    if path.is_relative_to(PACKAGE):
        return importlib.import_module(".".join(("reportgen", *path.relative_to(PACKAGE).with_suffix("").parts)))
    spec = importlib.util.spec_from_file_location(f"reportgen_plugins.{kind}s.{name}", path)
    assert spec and spec.loader
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def verb(kind: str, name: str) -> Any:
    """Import a plugin and return its one verb."""
    return getattr(module(kind, name), VERBS[kind])
