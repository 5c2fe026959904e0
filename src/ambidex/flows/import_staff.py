"""Importing staff: people, their sign-ins and what they may do where. Passwords and PINs come hashed or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import identity, locations, people
from ambidex.domains.identity import Grant, NewAccount, Role
from ambidex.domains.people import NewStaff
from ambidex.flows import import_fields as read
from ambidex.flows.import_rows import Fields, Kind
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx

ARGON2 = "$argon2id$"


@dataclass(frozen=True)
class Person:
    """One line of a staff file. Without a login nobody signs in."""

    code: str
    name: str
    email: str
    language: str
    location: str
    roles: tuple[Role, ...]
    login: str
    password_hash: str
    pin_hash: str


def _person(fields: Fields) -> Person:
    try:
        roles = tuple(Role(word) for word in read.words(fields, "roles"))
    except ValueError as cause:
        raise read.expected("roles", " | ".join(Role)) from cause
    return Person(
        code=read.text(fields, "code"),
        name=read.text(fields, "name"),
        email=read.text(fields, "email"),
        language=read.text(fields, "language", "en"),
        location=read.text(fields, "location"),
        roles=roles,
        login=read.text(fields, "login").lower(),
        password_hash=_hash(fields, "password_hash"),
        pin_hash=_hash(fields, "pin_hash"),
    )


def _hash(fields: Fields, name: str) -> str:
    given = read.text(fields, name)
    if given and not given.startswith(ARGON2):
        raise read.expected(name, f"a hash that begins with {ARGON2}, never the word itself")
    return given


async def _hire(tx: Tx, persons: Sequence[Person]) -> None:
    codes = {person.location for person in persons if person.location}
    known = {code: place.location_id for code, place in (await locations.by_codes(tx, codes)).items()}
    for person in persons:
        if person.location and person.location not in known:
            raise read.expected("location", f"a place we know, not {person.location!r}")
    staff = await people.put_staff(tx, [_new(person, known) for person in persons])
    accounts = [
        NewAccount(
            login=person.login,
            name=person.name,
            password_hash=person.password_hash,
            pin_hash=person.pin_hash,
            staff_id=who.staff_id,
            grants=tuple(Grant(role, known.get(person.location)) for role in person.roles),
        )
        for person, who in zip(persons, staff, strict=True)
        if person.login
    ]
    if accounts:
        await identity.put_accounts(tx, accounts)


def _new(person: Person, known: dict[str, LocationId]) -> NewStaff:
    return NewStaff(person.code, person.name, person.email, person.language, known.get(person.location))


STAFF = Kind(
    name="staff",
    columns=(
        "code",
        "name",
        "email",
        "language",
        "location",
        "roles",
        "login",
        "password_hash",
        "pin_hash",
    ),
    required=("code", "name"),
    read=_person,
    key=lambda person: person.code,
    apply=_hire,
)
