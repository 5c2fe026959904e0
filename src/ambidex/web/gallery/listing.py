"""The list of macros in web/README.md, written from the parts themselves so that it cannot lie.

Run `python -m ambidex.web.gallery.listing` after adding or changing a macro; a test compares.
"""

from __future__ import annotations

import re
from pathlib import Path

WEB = Path(__file__).parent.parent
README = WEB / "README.md"
START, END = "<!-- macros -->", "<!-- /macros -->"
MACRO = re.compile(
    r"(?:{#\s*(?P<says>[^#]*?)\s*#}\n)?{%-?\s*macro\s+(?P<name>[a-z]\w*)\((?P<takes>.*?)\)\s*-?%}", re.DOTALL
)


def listing() -> str:
    """One table row per macro: how it is called, what it is for, where it lives."""
    rows = ["| macro | for | part |", "|---|---|---|"]
    for file in sorted((WEB / "parts").glob("*/part.html")):
        rows += [_row(found, file.parent.name) for found in MACRO.finditer(file.read_text())]
    return "\n".join(rows)


def written() -> str:
    """The list as it stands in the README."""
    return README.read_text().split(START)[1].split(END)[0].strip()


def write() -> None:
    before, rest = README.read_text().split(START)
    README.write_text(f"{before}{START}\n{listing()}\n{END}{rest.split(END)[1]}")


def _row(found: re.Match[str], part: str) -> str:
    says = " ".join((found["says"] or "").split()).replace("|", "\\|")
    return f"| `ui.{found['name']}({found['takes']})` | {says} | {part} |"


if __name__ == "__main__":
    write()
