"""Settings: everything an operator may turn, each an AMBIDEX_* variable with a type, a default and a sentence.

The documentation of settings is generated from `SETTINGS`; the signing key is made once in the data folder.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ambidex.kernel.values import dataclass, field, fields

KEY_BYTES = 32


class BadSetting(ValueError):
    """A variable has a value that cannot be used; the message names it and what was expected."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: its name, what it is for, and how its text is read."""

    variable: str
    says: str
    read: Callable[[str], Any]
    default: str


def _setting(variable: str, default: str, read: Callable[[str], Any], says: str) -> dict[str, Setting]:
    return {"setting": Setting(f"AMBIDEX_{variable}", says, read, default)}


def _switch(text: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in words:
        raise ValueError("on or off")
    return words[text.lower()]


def _text_or_none(text: str) -> str | None:
    return text or None


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _path_or_none(text: str) -> Path | None:
    return Path(text) if text else None


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError("a whole number above zero")
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one installation is told from outside. `secret_key` signs customer links, codes and cookies."""

    folder: Path = field(
        metadata=_setting("DATA", "./var", Path, "The data folder: embedded database, files, keys.")
    )
    database_url: str | None = field(
        repr=False,
        metadata=_setting(
            "DATABASE_URL",
            "",
            _text_or_none,
            "Address of a PostgreSQL 15 or newer; empty: the embedded server.",
        ),
    )
    database_owner_url: str | None = field(
        repr=False,
        metadata=_setting(
            "DATABASE_OWNER_URL",
            "",
            _text_or_none,
            "The same server as the role that owns the tables, to migrate.",
        ),
    )
    pool_size: int = field(
        metadata=_setting("POOL_SIZE", "10", _positive, "Database connections of one server or worker.")
    )
    host: str = field(metadata=_setting("HOST", "127.0.0.1", str, "The address the server listens on."))
    port: int = field(
        metadata=_setting("PORT", "8000", int, "The port the server listens on; 0 takes a free one.")
    )
    servers: int = field(
        metadata=_setting("SERVERS", "1", _positive, "How many server programs share the port.")
    )
    base_url: str = field(
        metadata=_setting(
            "BASE_URL",
            "http://127.0.0.1:8000",
            str,
            "What customers' links begin with; https makes cookies Secure.",
        )
    )
    smtp_host: str = field(
        metadata=_setting("SMTP_HOST", "127.0.0.1", str, "The mail server customer messages are handed to.")
    )
    smtp_port: int = field(metadata=_setting("SMTP_PORT", "1025", int, "The port of the mail server."))
    smtp_user: str = field(
        metadata=_setting("SMTP_USER", "", str, "The account at the mail server; empty: none is needed.")
    )
    smtp_password: str = field(
        repr=False, metadata=_setting("SMTP_PASSWORD", "", str, "The password of that account.")
    )
    smtp_tls: bool = field(
        metadata=_setting("SMTP_TLS", "off", _switch, "Whether the mail server is spoken to over STARTTLS.")
    )
    mail_from: str = field(
        metadata=_setting(
            "MAIL_FROM", "Ambidex <orders@ambidex.example>", str, "The sender customers see on messages."
        )
    )
    mail_folder: Path | None = field(
        metadata=_setting(
            "MAIL_FOLDER",
            "",
            _path_or_none,
            "Where a local mailbox keeps mails, to ask it what arrived; empty: none.",
        )
    )
    brand: str = field(
        metadata=_setting("BRAND", "Marrow & Finch", str, "The shop's name, as customers know it.")
    )
    body_bytes_max: int = field(
        metadata=_setting("BODY_BYTES_MAX", "8388608", _positive, "The largest request body taken, in bytes.")
    )
    webhook_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = field(
        metadata=_setting(
            "WEBHOOK_NETWORKS",
            "",
            _networks,
            "Private networks that webhooks may go to, such as 10.20.0.0/16; empty: public addresses only.",
        )
    )
    carrier_url: str = field(
        metadata=_setting(
            "CARRIER_URL",
            "",
            str,
            "The API that labels are bought from (EasyPost's, or who speaks it); empty: none.",
        )
    )
    carrier_token: str = field(
        repr=False, metadata=_setting("CARRIER_TOKEN", "", str, "The key of the account there.")
    )
    quote_minutes: int = field(
        metadata=_setting(
            "QUOTE_MINUTES",
            "15",
            _positive,
            "How long a held quote keeps its units, if nobody says otherwise.",
        )
    )
    receipt_days: int = field(
        metadata=_setting(
            "RECEIPT_DAYS",
            "400",
            _positive,
            "How long receipts of routing are kept, in days; those of open orders and of yesterday stay.",
        )
    )
    quote_days: int = field(
        metadata=_setting(
            "QUOTE_DAYS",
            "90",
            _positive,
            "How long quotes that are over stay known, in days; then they are purged.",
        )
    )
    token_seconds: float = field(
        metadata=_setting(
            "TOKEN_SECONDS", "1", float, "How long a token's permissions are remembered, in seconds."
        )
    )
    log_level: str = field(metadata=_setting("LOG_LEVEL", "info", str, "debug, info, warning or error."))
    log_json: bool = field(
        metadata=_setting("LOG_JSON", "on", _switch, "One JSON object a line, or words for a person.")
    )
    secret_key: bytes = field(
        repr=False,
        metadata=_setting(
            "SECRET_KEY",
            "",
            bytes.fromhex,
            "64 hexadecimal digits; empty: made once in keys/ of the data folder.",
        ),
    )

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; BadSetting names the variable that cannot be used."""
        given = os.environ if environment is None else environment
        found = {name: _read(setting, given) for name, setting in SETTINGS.items()}
        found["secret_key"] = found["secret_key"] or secret_key(found["folder"])
        if len(found["secret_key"]) < KEY_BYTES:
            raise BadSetting("AMBIDEX_SECRET_KEY: 64 hexadecimal digits were expected")
        return cls(**found)

    @property
    def is_https(self) -> bool:
        """Whether customers and staff come over https, which makes cookies Secure."""
        return self.base_url.startswith("https://")


SETTINGS: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(Settings)}


def secret_key(folder: Path) -> bytes:
    """The installation's signing key, made once and readable by its owner only."""
    place = folder / "keys" / "secret.key"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_key(place)
    return bytes.fromhex(place.read_text().strip())


def _make_key(place: Path) -> None:
    """Two starts at once agree on one key: it is written aside and linked into place, which only one can."""
    fresh = place.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(fresh, place)
    fresh.unlink()


def _read(setting: Setting, given: Mapping[str, str]) -> Any:
    text = given.get(setting.variable, "").strip() or setting.default
    try:
        return setting.read(text)
    except ValueError as cause:
        raise BadSetting(f"{setting.variable}={text!r} cannot be used: {cause}") from cause
