"""Events: what happened, in the past tense. One row each, in the same transaction as the change."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from ambidex.kernel import values
from ambidex.kernel.money import Money


@values.dataclass(frozen=True)
class Event:
    """Base of all events. `name` is "domain.past-tense"; the fields are the payload (JSON)."""

    name: ClassVar[str]


def json_value(value: object) -> Any:
    """A JSON form of the values that events and problems carry."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Money):
        return {"amount": value.decimal, "currency": value.currency}
    if isinstance(value, dict):
        return {str(k): json_value(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(v) for v in value]
    if values.is_dataclass(value) and not isinstance(value, type):
        return {f.name: json_value(getattr(value, f.name)) for f in values.fields(value)}
    return value
