"""A label as a page of PDF (ISO 32000-1, one page of 4 x 6 inches): addresses in words, the number as a QR code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import segno

WIDTH, HEIGHT = 288, 432
MODULE = 4.5


def label_paper(shipment: Mapping[str, Any]) -> bytes:
    """The label of a shipment that was bought."""
    rate, number = shipment["selected_rate"], shipment["tracking_code"]
    drawn = [
        *_words(20, 404, 15, [f"{rate['carrier']} {rate['service']}"]),
        *_words(20, 384, 8, _lines(shipment["from_address"])),
        *_words(20, 310, 12, _lines(shipment["to_address"])),
        *_code(number, 20, 60),
        *_words(20, 42, 13, [number]),
        *_words(20, 22, 8, [f"{shipment['print']}  {shipment['parcel']['weight']} oz"]),
    ]
    return _page("\n".join(drawn).encode("latin-1"))


def _lines(address: Mapping[str, Any]) -> list[str]:
    names = ("name", "street1", "street2", "city", "zip", "country")
    return [str(address[name]) for name in names if address.get(name)]


def _words(x: int, y: int, size: int, lines: Sequence[str]) -> list[str]:
    placed = enumerate(lines)
    return [f"BT /F1 {size} Tf {x} {y - n * (size + 3)} Td ({_plain(line)}) Tj ET" for n, line in placed]


def _plain(line: str) -> str:
    """The letters of the standard fonts; others are shown as question marks."""
    safe = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return safe.encode("latin-1", "replace").decode("latin-1")


def _code(number: str, x: int, y: int) -> list[str]:
    matrix = segno.make(number, error="m", micro=False).matrix
    top = y + len(matrix) * MODULE
    return [
        f"{x + column * MODULE:.1f} {top - (row + 1) * MODULE:.1f} {MODULE} {MODULE} re f"
        for row, modules in enumerate(matrix)
        for column, dark in enumerate(modules)
        if dark
    ]


def _page(content: bytes) -> bytes:
    box = f"/MediaBox [0 0 {WIDTH} {HEIGHT}]"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {box} /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)
