"""Frozen values that are cheap to make: the standard library's `dataclasses`, but for how a frozen one is filled.

There each field is written through `object.__setattr__`, which costs more than all the rest of making a value. Here a
field is written straight into its slot, or into the value's own dictionary. Fields, replace, hash, comparison and the
refusal to be changed are the standard library's.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, asdict, field, fields, is_dataclass, replace
from inspect import Parameter, getattr_static, signature
from types import MemberDescriptorType
from typing import Any, TypeVar, dataclass_transform, overload

__all__ = ["asdict", "dataclass", "field", "fields", "is_dataclass", "replace"]

T = TypeVar("T")


@overload
def dataclass(cls: type[T], /) -> type[T]: ...


@overload
def dataclass(
    *, frozen: bool = ..., slots: bool = ..., order: bool = ..., eq: bool = ..., kw_only: bool = ...
) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(field_specifiers=(field,))
def dataclass(cls: type[T] | None = None, /, **asked: bool) -> type[T] | Callable[[type[T]], type[T]]:
    """`dataclasses.dataclass`; making a frozen one of ten fields takes half the time."""

    def made(bare: type[T]) -> type[T]:
        whole = dataclasses.dataclass(**asked)(bare)
        if asked.get("frozen"):
            whole.__init__ = _filling(whole)  # type: ignore[method-assign]  # the same parameters
        return whole

    return made if cls is None else made(cls)


def _filling(cls: type[Any]) -> Callable[..., None]:
    """An `__init__` with the parameters of the standard one that writes the fields without asking the guard."""
    _, *given = signature(cls.__init__).parameters.values()
    known: dict[str, Any] = {f"default_{p.name}": p.default for p in given}
    lines = [_writing(one, cls, known) for one in fields(cls)]
    if any(line.startswith("own_[") for line in lines):
        lines.insert(0, "own_ = self_.__dict__")
    if hasattr(cls, "__post_init__"):
        lines.append("self_.__post_init__()")
    init = _compiled(", ".join(["self_", *_parameters(given)]), lines or ["pass"], cls, known)
    init.__qualname__, init.__annotations__ = f"{cls.__qualname__}.__init__", cls.__init__.__annotations__
    return init


def _compiled(head: str, lines: list[str], cls: type[Any], known: dict[str, Any]) -> Callable[..., None]:
    """It sees the names of the class's module, as the standard one does: whoever reads its annotations asks there."""
    text = (
        f"def makes_({', '.join(known)}):\n def __init__({head}):\n  "
        + "\n  ".join(lines)
        + "\n return __init__"
    )
    made: dict[str, Any] = {}
    exec(text, vars(sys.modules[cls.__module__]), made)  # noqa: S102  # names of our own fields, while a module is read
    init: Callable[..., None] = made["makes_"](**known)
    return init


def _writing(one: Field[Any], cls: type[Any], known: dict[str, Any]) -> str:
    """The line that writes this field; what it calls becomes known."""
    slot = getattr_static(cls, one.name, None)
    known[f"make_{one.name}"] = one.default_factory
    value = _value(one)
    if isinstance(slot, MemberDescriptorType):
        known[f"set_{one.name}"] = slot.__set__
        return f"set_{one.name}(self_, {value})"
    return f"own_[{one.name!r}] = {value}"


def _value(one: Field[Any]) -> str:
    made = f"make_{one.name}()"
    if not one.init:
        assert one.default_factory is not MISSING, "what is not told is made"
        return made
    if one.default_factory is MISSING:
        return one.name
    return f"{made} if {one.name} is default_{one.name} else {one.name}"


def _parameters(given: list[Parameter]) -> list[str]:
    told = [p.name if p.default is Parameter.empty else f"{p.name}=default_{p.name}" for p in given]
    first_named = next((n for n, p in enumerate(given) if p.kind is Parameter.KEYWORD_ONLY), None)
    return told if first_named is None else [*told[:first_named], "*", *told[first_named:]]
