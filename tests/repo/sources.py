"""The files of the repository as the tidy rules see them."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "tests", "bench", "migrations", "docs", ".ci")
TEXTS = frozenset(
    {"", ".py", ".md", ".html", ".mjml", ".txt", ".toml", ".lock", ".css", ".js", ".json", ".svg", ".csv"}
)
NOT_OURS = frozenset({"__pycache__", "generated", "vendor", "node_modules"})


@dataclass(frozen=True)
class Source:
    """One text file, named as in the repository."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def is_python(self) -> bool:
        return self.path.suffix == ".py" or self.path.name == "dev"

    @property
    def floor(self) -> str:
        """The floor of a module of the building, or nothing."""
        return (
            self.path.parts[2]
            if self.path.parts[:2] == ("src", "ambidex") and len(self.path.parts) > 3
            else ""
        )

    @property
    def is_in_domain(self) -> bool:
        return self.floor == "domains" and len(self.path.parts) > 4


def written(path: str, text: str) -> Source:
    """An example, as if it stood in the repository."""
    return Source(PurePosixPath(path), text)


def all_sources(root: Path = ROOT) -> Iterator[Source]:
    """Every text file that people wrote."""
    for file in sorted(root.iterdir()):
        if file.is_file() and file.suffix in TEXTS:
            yield Source(PurePosixPath(file.name), file.read_text())
    for folder in FOLDERS:
        yield from _below(root, root / folder)


def _below(root: Path, folder: Path) -> Iterator[Source]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - NOT_OURS)
        for name in sorted(names):
            file = Path(place) / name
            if file.suffix in TEXTS:
                yield Source(PurePosixPath(file.relative_to(root)), file.read_text(errors="replace"))
