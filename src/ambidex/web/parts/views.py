"""What a part needs to know, as small frozen values. Parts know no domain: a page turns its read into these."""

from __future__ import annotations

from ambidex.kernel.values import dataclass
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean

NO_MEAN = Mean.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    text: str
    mean: Mean = NO_MEAN
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button or link. With `post` it is a form of its own (hidden fields in `fields`), else a link to `href`."""

    label: str
    href: str = ""
    post: str = ""
    icon: str = ""
    look: str = ""
    key: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A product drawing: `key` names a symbol of products.svg, `tint` a color of picture.css."""

    label: str
    key: str = "box"
    tint: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person, a duty ("@store-lead, Camden") or a system ("icon" instead of initials)."""

    name: str
    note: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mile:
    """An inner deadline. `state` is done, now or later; `when` is what stands below the name."""

    name: str
    when: str
    state: str = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something physical or about money. `keeps`: "yes", "no", "not-yet", or "" for a step on the way."""

    title: str
    by: str = ""
    evidence: tuple[Evidence, ...] = ()
    keeps: str = ""
    owner: Person | None = None
    cause: str = ""
    link: Action | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One promise or message and the facts that keep it. `state`: open, kept, broken or released."""

    title: str
    via: str
    mean: Mean
    state: str
    chip: Chip
    facts: tuple[Fact, ...] = ()
    via_icon: str = "mail"
    before: str = ""
    wording: str = ""
    clock: Clock | None = None
    joint: str = "timer"
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something a person should do now. `arrived` when the customer stands there."""

    title: str
    href: str
    kind_icon: str
    sub: str = ""
    place: str = ""
    mean: Mean = NO_MEAN
    clock: Clock | None = None
    pictures: tuple[Picture, ...] = ()
    owner: Person | None = None
    action: Action | None = None
    chips: tuple[Chip, ...] = ()
    state: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing to choose, with its consequence."""

    value: str
    title: str
    note: str = ""
    end: str = ""
    price: str = ""
    chosen: str = ""
    picture: Picture | None = None
    sure: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    label: str
    href: str
    count: int | None = None
    here: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a way through the place: ("Aisle", "4")."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    label: str
    value: str
    unit: str = ""
    note: str = ""
    mean: Mean = NO_MEAN
    icon: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    title: str
    note: str = ""
    end: str = ""
    href: str = ""
    icon: str = ""
    picture: Picture | None = None
    sure: int = 0
    chip: Chip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One plain sentence of what will happen; `amount` stands first, in strong type."""

    text: str
    amount: str = ""
    icon: str = "arrow-right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A Problem where the finger is: what it is, and what to do next."""

    title: str
    advice: str
    action: Action | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """One line of a walk. `state`: done, open, next or gone (not found)."""

    title: str
    picture: Picture
    state: str = "next"
    mean: Mean = NO_MEAN
    variant: str = ""
    price: str = ""
    way: tuple[Step, ...] = ()
    sure: int = 0
    sure_text: str = ""
    evidence: Evidence | None = None
    when: str = ""
    counted: str = ""
    barcodes: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One row of a timeline. `side`: said, done or "" for neither."""

    text: str
    when: str
    icon: str = "circle-dot"
    who: str = ""
    mean: Mean = NO_MEAN
    side: str = ""
    evidence: tuple[Evidence, ...] = ()
    full_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of a conversation. `side`: them, us, bot or note."""

    who: str
    text: str
    via: str = ""
    side: str = "them"
    chip: Chip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit of the search box. `mark` is the piece of the title that matched; `exact` opens on Enter."""

    title: str
    href: str
    note: str = ""
    icon: str = "package"
    mark: str = ""
    match: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; `kind` is "n" for figures."""

    title: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A promise on the time axis: `at` is 0 to 100 percent of its length."""

    at: float
    mean: Mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A piece of a stacked bar."""

    mean: Mean
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value somebody else changed while this form was open."""

    field: str
    theirs: str
    yours: str
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a way for the customer or a step of a task. `state`: done, now or later."""

    title: str
    note: str = ""
    state: str = "later"
    mean: Mean = NO_MEAN


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitShare:
    """Units of an item by what they are for: free, claimed, kept, apart (not for sale) or away (does not count)."""

    part: str
    count: int
    label: str = ""
