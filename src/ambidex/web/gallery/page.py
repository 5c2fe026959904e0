"""The gallery at /parts: every part in every state, light and dark, wide and as a phone; and the frames around pages."""

from __future__ import annotations

import importlib
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from ambidex.kernel.values import dataclass
from ambidex.web.edge import open_page
from ambidex.web.gallery.scenes import SCENES
from ambidex.web.parts.story import NOON, State, Story
from ambidex.web.rendering import environment, render
from ambidex.web.shell.nav import nav_for
from ambidex.web.shell.view import Shell, theme_of

router = APIRouter(include_in_schema=False, dependencies=[open_page("parts are shown with made-up people")])
FOLDER = Path(__file__).parent.parent / "parts"


@dataclass(frozen=True, slots=True)
class Told:
    """A story with its part's name, so that a template can show it."""

    part: str
    story: Story


def stories() -> list[Told]:
    """Every part has a story; a part without one stops here."""
    names = sorted(file.parent.name for file in FOLDER.glob("*/part.html"))
    return [Told(name, importlib.import_module(f"ambidex.web.parts.{name}.story").STORY) for name in names]


def shown(state: State) -> Markup:
    """The state as it looks."""
    return Markup(environment.from_string(state.markup).render(state.given))  # noqa: S704  # our own template, autoescaped


@router.get("/parts")
async def gallery(request: Request) -> HTMLResponse:
    return render(
        request, "gallery/gallery.html", shell=_shell(request), told=stories(), shown=shown, scenes=SCENES
    )


@router.get("/parts/phone")
async def phone(request: Request, of: str = "/parts") -> HTMLResponse:
    address = of if of.startswith("/parts") else "/parts"
    return render(request, "gallery/phone.html", shell=_shell(request), address=address, scenes=SCENES)


@router.get("/parts/scene/{name}")
async def scene(request: Request, name: str) -> HTMLResponse:
    found = SCENES.get(name)
    if found is None:
        raise HTTPException(404)
    request.state.language = found.language
    return render(request, f"gallery/scene_{found.template}.html", **found.context(theme_of(request)))


@router.get("/parts/{name}")
async def one(request: Request, name: str) -> HTMLResponse:
    told = [each for each in stories() if each.part == name]
    if not told:
        raise HTTPException(404)
    return render(
        request, "gallery/gallery.html", shell=_shell(request), told=told, shown=shown, scenes=SCENES
    )


def _shell(request: Request) -> Shell:
    return Shell(
        person="Noor Haddad",
        role_label="Experience",
        place="Parts",
        place_icon="boxes",
        place_href="/parts",
        local_time="Every component, every state",
        nav=nav_for("admin"),
        path="/parts",
        csrf="gallery",
        live_position=0,
        now=NOON,
        theme=theme_of(request),
        lock_after_seconds=0,
    )
