"""The workspace: the folder that holds studies, data, templates, and what is made from them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import UsageError
from reportgen.plugins import PACKAGE, add_root

PACKAGED = PACKAGE / "_workspace"
"""Templates, mkdocs.yml and the demo study as the wheel carries them."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything is. `out` holds build/ and site/; it is the root unless --out says otherwise."""

    root: Path
    out: Path

    @classmethod
    def here(cls, out: Path | None = None) -> "Workspace":
        """The current folder as a workspace; its plugins/ folder is looked into from now on."""
        root = Path.cwd()
        add_root(root / "plugins")
        return cls(root, out.absolute() if out else root)

    @property
    def store(self) -> Path:
        """The store's folder."""
        return self.root / "data" / "store"

    @property
    def pages(self) -> Path:
        """Generated Markdown and figures: MkDocs' docs_dir."""
        return self.out / "build" / "pages"

    @property
    def site(self) -> Path:
        """The built website."""
        return self.out / "site"

    @property
    def templates(self) -> tuple[Path, ...]:
        """Folders of templates, the workspace's own first, then the packaged ones."""
        return tuple(p for p in (self.root / "templates", PACKAGED / "templates", PACKAGE.parent / "templates") if p.is_dir())

    def study(self, given: Path | None) -> Path:
        """The study to build: the given one, else demo.toml, the workspace's own or the packaged one."""
        if given is not None:
            return given
        candidates = (self.root / "data/studies/demo.toml", PACKAGED / "data/studies/demo.toml")
        for path in candidates:
            if path.exists():
                return path
        raise UsageError(f"no study: {candidates[0]} does not exist", "Give a study file: `reportgen build PATH`.")


def create(folder: Path) -> list[Path]:
    """Make a new workspace with the demo study and the user's own mkdocs.yml; nothing that exists is overwritten."""
    source = PACKAGED if PACKAGED.is_dir() else PACKAGE.parent
    made = []
    for name in ("mkdocs.yml", "data/studies/demo.toml"):
        target = folder / name
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target)
        made.append(target)
    for name in ("data/raw", "plugins"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return made
