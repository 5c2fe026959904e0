"""Values: the standard library's dataclass in everything but the cost of making one."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field

import pytest

from ambidex.kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Shelf:
    code: str
    units: int = 0
    spots: list[str] = field(default_factory=list, compare=False)


@dataclass(frozen=True)
class Crate(Shelf):
    lid: str = field(default="closed", kw_only=True)
    marks: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        if self.units < 0:
            raise ValueError("units")


@dataclasses.dataclass(frozen=True)
class Standard:
    code: str
    units: int = 0


@dataclass
class Open:
    units: int = 0


def test_a_value_is_made_as_the_standard_one_is() -> None:
    assert Shelf("A-1") == Shelf(code="A-1", units=0)
    assert Shelf("A-1", 2) != Shelf("A-1", 3)
    assert repr(Shelf("A-1", 2)) == "Shelf(code='A-1', units=2, spots=[])"
    assert type(Shelf("A-1")) is Shelf
    assert Shelf.__init__.__qualname__ == "Shelf.__init__"


def test_each_value_has_a_default_of_its_own() -> None:
    first, second = Shelf("A-1"), Shelf("A-2")
    first.spots.append("top")
    assert second.spots == []


@pytest.mark.parametrize("value", [Shelf("A-1"), Crate("B-1", lid="open")])
def test_nobody_changes_a_value(value: Shelf) -> None:
    with pytest.raises(FrozenInstanceError):
        value.units = 5  # type: ignore[misc]  # that is what is tested
    with pytest.raises(FrozenInstanceError):
        del value.units
    assert value.units == 0


def test_a_value_with_more_fields_than_its_parent() -> None:
    crate = Crate("B-1", 3, lid="open")
    assert (crate.code, crate.units, crate.lid, crate.marks) == ("B-1", 3, "open", [])
    assert dataclasses.replace(crate, units=4) == Crate("B-1", 4, lid="open")
    with pytest.raises(ValueError, match="units"):
        Crate("B-1", -1)


@pytest.mark.parametrize("wrong", [(), ("A-1", 2, [], "more")])
def test_wrong_parameters_are_refused(wrong: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        Shelf(*wrong)  # type: ignore[arg-type]  # that is what is tested


def test_values_are_hashed_copied_and_stored_as_ever() -> None:
    value = Shelf("A-1", 2)
    assert {value: 1}[Shelf("A-1", 2)] == 1
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value  # noqa: S301  # our own
    assert hash(Standard("A-1", 2)) == hash(("A-1", 2))


def test_one_that_is_not_frozen_is_the_standard_one() -> None:
    counted = Open()
    counted.units += 1
    assert counted == Open(1)
