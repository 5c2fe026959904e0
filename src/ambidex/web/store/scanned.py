"""What the scan box of every store page sends, and the evidence it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form
from pydantic import BaseModel

from ambidex.kernel.evidence import EvidenceKind, Proof


class Scanned(BaseModel):
    """A code, whether a device read it or a hand typed it and why, and the key under which it counts once."""

    code: str = ""
    code_kind: str = "typed"
    typed_reason: str = ""
    key: str = ""

    @property
    def kind(self) -> EvidenceKind:
        return EvidenceKind.SCAN if self.code_kind == "scan" else EvidenceKind.TYPED

    @property
    def proof(self) -> Proof:
        return Proof(self.kind, self.code.strip(), reason=self.typed_reason, key=self.key)


ScanBox = Annotated[Scanned, Form()]


def scanned_in(form: Mapping[str, str]) -> Scanned:
    """The same, of a form that says more."""
    return Scanned(**{name: form[name] for name in Scanned.model_fields if name in form})
