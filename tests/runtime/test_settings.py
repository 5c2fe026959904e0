"""Settings: typed, explained, refused with their name; one signing key per data folder."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ambidex.runtime.settings import SETTINGS, BadSetting, Settings, secret_key


def test_the_key_is_made_once_even_by_two_starts_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(tmp_path), range(32)))
    assert len(keys) == 1
    place = tmp_path / "keys" / "secret.key"
    assert place.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in place.parent.iterdir()] == ["secret.key"]


def test_defaults_are_enough(tmp_path: Path) -> None:
    settings = Settings.load({"AMBIDEX_DATA": str(tmp_path)})
    assert (settings.folder, settings.database_url, settings.port) == (tmp_path, None, 8000)
    assert len(settings.secret_key) == 32


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("AMBIDEX_PORT", "http"),
        ("AMBIDEX_POOL_SIZE", "0"),
        ("AMBIDEX_SMTP_TLS", "maybe"),
        ("AMBIDEX_SECRET_KEY", "abcd"),
        ("AMBIDEX_SECRET_KEY", "nothex"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, variable: str, text: str) -> None:
    with pytest.raises(BadSetting, match=variable):
        Settings.load({"AMBIDEX_DATA": str(tmp_path), variable: text})


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    told = {
        "DATA": str(tmp_path),
        "SMTP_PASSWORD": "rosebud-1",
        "DATABASE_URL": "postgresql://a:rosebud-2@h/d",
    }
    settings = Settings.load({f"AMBIDEX_{name}": text for name, text in told.items()})
    assert "rosebud" not in repr(settings)
    assert settings.secret_key.hex() not in repr(settings)


def test_every_setting_is_explained() -> None:
    for setting in SETTINGS.values():
        assert setting.says.endswith(".")
        assert setting.variable.startswith("AMBIDEX_")
