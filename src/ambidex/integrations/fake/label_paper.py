"""A label as a picture (SVG, 4 x 6 inches): addresses in any script, the number as a QR code that scanners read."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import segno

from ambidex.kernel.address import address_lines

WIDTH, HEIGHT = 400, 600


def label_paper(shipment: Mapping[str, Any]) -> bytes:
    """The label of a shipment that was bought."""
    rate, number = shipment["selected_rate"], shipment["tracking_code"]
    drawn = [
        *_words(24, 44, 22, [f"{rate['carrier']} {rate['service']}"]),
        *_words(24, 78, 13, _lines(shipment["from_address"])),
        *_words(24, 190, 18, _lines(shipment["to_address"])),
        _code(number),
        *_words(24, 556, 20, [number]),
        *_words(24, 582, 12, [f"{shipment['print']}  {shipment['parcel']['weight']} oz"]),
    ]
    inside = "\n".join(drawn)
    frame = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white" stroke="black"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return f"{head}\n{frame}\n{inside}\n</svg>\n".encode()


def _lines(address: Mapping[str, Any]) -> list[str]:
    lines = (address.get("name"), *address_lines(address), address.get("country"))
    return [str(line) for line in lines if line]


def _words(x: int, y: int, size: int, lines: Sequence[str]) -> list[str]:
    style = f'font-family="sans-serif" font-weight="bold" font-size="{size}"'
    return [
        f'<text x="{x}" y="{y + n * (size + 4)}" {style}>{escape(line)}</text>'
        for n, line in enumerate(lines)
    ]


def _code(number: str) -> str:
    drawn = io.BytesIO()
    segno.make(number, error="m", micro=False).save(drawn, kind="svg", scale=8, xmldecl=False, svgns=False)
    return f'<g transform="translate(16 320)">{drawn.getvalue().decode()}</g>'
