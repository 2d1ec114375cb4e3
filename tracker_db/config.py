"""Settings from the environment and a `.env` file in the working directory."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from decouple import Config, RepositoryEmpty, RepositoryEnv, UndefinedValueError

from tracker_db.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
#: What stands for the server in a PostgreSQL URL: none, one or several, each with its port.
_HOSTS = re.compile(r"(?:(?:\[[^\]]*\]|[^:,]*)(?::\d*)?(?:,|$))*")


def _setting(name: str, default: Any, read: Callable[[str], T], wants: str, **kwargs: Any) -> T:
    """Declare a field read from variable `name`; `wants` ends the sentence of its error."""
    metadata = {"name": name, "read": read, "wants": wants}
    return field(default=default, metadata=metadata, **kwargs)


def _secret(name: str, default: Any, read: Callable[[str], T], wants: str) -> T:
    """Declare a field whose value is never shown, not even in an error."""
    return _setting(name, default, read, wants, repr=False)


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError(text)
    return text.lower() in _TRUE


def _between(low: float, high: float, number: Callable[[str], T]) -> Callable[[str], T]:
    def read(text: str) -> T:
        value = number(text)
        if not low <= value <= high:  # type: ignore[operator]
            raise ValueError(text)
        return value

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return read


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _many(one: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    def read(text: str) -> tuple[T, ...]:
        if not (words := _words(text)):
            raise ValueError(text)
        return tuple(one(word) for word in words)

    return read


def _postgres_url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    hosts = re.split("[/?]", rest)[0].rpartition("@")[2]
    if scheme not in {"postgres", "postgresql"} or not _HOSTS.fullmatch(hosts):
        raise ValueError(text)
    return text


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:  # ~somebody who is not there
        raise ValueError(text) from None


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@]*[^@\s]@[^@\s]+", text):
        raise ValueError(text)
    return text


def _http_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(text)
    return text


def _header_text(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError(text)
    return text


_CHANNELS = ("console", "email", "webhook", "apprise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `.env.example` says what each one does; secrets stay out of `repr`."""

    database_url: str | None = _secret(
        "DATABASE_URL", None, _postgres_url, "postgresql://user:password@host:5432/database"
    )
    direct_url: str | None = _secret(
        "DIRECT_URL", None, _postgres_url, "postgresql://user:password@host:5432/database"
    )
    data_dir: Path | None = _setting("TRACKER_DATA_DIR", None, _folder, "a folder")

    poll_seconds: float = _setting(
        "TRACKER_POLL_SECONDS", 1.0, _between(0.05, 3600, float), "seconds from 0.05 to 3600"
    )
    threads: int = _setting(
        "TRACKER_THREADS", 16, _between(1, 64, int), "a whole number from 1 to 64"
    )
    lease_seconds: float = _setting(
        "TRACKER_LEASE_SECONDS", 120.0, _between(1, 86400, float), "seconds from 1 to 86400"
    )
    shutdown_seconds: float = _setting(
        "TRACKER_SHUTDOWN_SECONDS", 20.0, _between(0, 600, float), "seconds from 0 to 600"
    )
    max_attempts: int = _setting(
        "TRACKER_MAX_ATTEMPTS", 3, _between(1, 20, int), "a whole number from 1 to 20"
    )
    retry_seconds: float = _setting(
        "TRACKER_RETRY_SECONDS", 60.0, _between(0.1, 86400, float), "seconds from 0.1 to 86400"
    )
    spread_seconds: int = _setting(
        "TRACKER_SPREAD_SECONDS", 0, _between(0, 86400, int), "whole seconds from 0 to 86400"
    )
    catch_up: str = _setting(
        "TRACKER_CATCH_UP", "coalesce", _one_of("coalesce", "all"), "coalesce or all"
    )

    fetch_seconds: float = _setting(
        "TRACKER_FETCH_SECONDS", 30.0, _between(0.1, 600, float), "seconds from 0.1 to 600"
    )
    fetch_bytes: int = _setting(
        "TRACKER_FETCH_BYTES",
        5_000_000,
        _between(1000, 100_000_000, int),
        "1000 to 100000000 bytes",
    )
    host_delay_seconds: float = _setting(
        "TRACKER_HOST_DELAY_SECONDS", 1.0, _between(0, 3600, float), "seconds from 0 to 3600"
    )
    robots: bool = _setting("TRACKER_ROBOTS", True, _boolean, "true or false")
    user_agent: str = _setting(
        "TRACKER_USER_AGENT",
        "Mozilla/5.0 (compatible; tracker-db/0.1; personal price tracker)",
        _header_text,
        "the text of a User-Agent header, in ASCII",
    )
    allow_nets: tuple[Network, ...] = _setting(
        "TRACKER_ALLOW_NETS",
        (),
        _many(ipaddress.ip_network),
        "networks such as 192.168.1.0/24, separated by commas",
    )
    allow_ports: tuple[int, ...] = _setting(
        "TRACKER_ALLOW_PORTS",
        (80, 443),
        _many(_between(1, 65535, int)),
        "port numbers separated by commas",
    )

    channels: tuple[str, ...] = _setting(
        "TRACKER_CHANNELS",
        ("console",),
        _many(_one_of(*_CHANNELS)),
        f"any of {', '.join(_CHANNELS)}, separated by commas",
    )
    email_to: tuple[str, ...] = _setting(
        "TRACKER_EMAIL_TO", (), _many(_address), "addresses such as me@example.com, with commas"
    )
    email_from: str | None = _setting(
        "TRACKER_EMAIL_FROM", None, _address, "an address such as tracker@example.com"
    )
    smtp_host: str = _setting("TRACKER_SMTP_HOST", "localhost", str, "a host name")
    smtp_port: int = _setting("TRACKER_SMTP_PORT", 587, _between(1, 65535, int), "a port number")
    smtp_security: str = _setting(
        "TRACKER_SMTP_SECURITY",
        "starttls",
        _one_of("starttls", "tls", "none"),
        "starttls, tls or none",
    )
    smtp_user: str | None = _setting("TRACKER_SMTP_USER", None, str, "a user name")
    smtp_password: str | None = _secret("TRACKER_SMTP_PASSWORD", None, str, "a password")
    webhook_url: str | None = _secret("TRACKER_WEBHOOK_URL", None, _http_url, "an http(s) URL")
    webhook_secret: str | None = _secret("TRACKER_WEBHOOK_SECRET", None, str, "a secret")
    apprise_urls: tuple[str, ...] = _secret(
        "TRACKER_APPRISE_URLS", (), _words, "Apprise URLs separated by spaces"
    )

    llm_url: str | None = _setting("TRACKER_LLM_URL", None, _http_url, "an http(s) URL")
    llm_model: str | None = _setting("TRACKER_LLM_MODEL", None, str, "the name of a model")
    llm_key: str | None = _secret("TRACKER_LLM_KEY", None, _header_text, "a key in ASCII")
    llm_budget_usd: Decimal = _setting(
        "TRACKER_LLM_BUDGET_USD", Decimal(1), _between(0, 10**6, Decimal), "0 to 1000000 US dollars"
    )
    embedding_model: str | None = _setting(
        "TRACKER_EMBEDDING_MODEL", None, str, "the name of a model"
    )


def load(env_file: Path = Path(".env")) -> Settings:
    """Read all settings afresh; SettingError names the variable, what it got and what it wants."""
    source = Config(_repository(env_file))
    values = {}
    for entry in fields(Settings):
        text = _raw(source, entry.metadata["name"])
        if text is not None:
            values[entry.name] = _read(entry, text)
    return Settings(**values)


@cache
def settings() -> Settings:
    """The settings of this process, read once; `settings.cache_clear()` reads them again."""
    return load()


def _repository(env_file: Path) -> RepositoryEnv | RepositoryEmpty:
    try:
        return RepositoryEnv(env_file) if env_file.is_file() else RepositoryEmpty()
    except OSError as error:
        raise SettingError(f"{env_file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingError(f"{env_file} is not UTF-8 text. Save it as such.") from None


def _raw(source: Config, name: str) -> str | None:
    try:
        text: str = source(name)
    except UndefinedValueError:
        return None
    return text.strip() or None


def _read(entry: Any, text: str) -> Any:
    try:
        return entry.metadata["read"](text)
    except (ValueError, ArithmeticError):
        shown = repr(text) if entry.repr else "a value that is not shown"
        raise SettingError(
            f"{entry.metadata['name']} is {shown}; it must be {entry.metadata['wants']}."
        ) from None


def state_dir() -> Path:
    """The user's data directory for tracker-db (`TRACKER_DATA_DIR` moves it)."""
    chosen = settings().data_dir
    return chosen or _default_state_dir()


def _default_state_dir() -> Path:
    # As root the embedded server runs as another user that must reach its files: /var/lib's
    # parents are open to everyone already, so nothing has to be loosened there.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/tracker-db")
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "tracker-db"
