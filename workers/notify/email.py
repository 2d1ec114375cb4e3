"""Messages by SMTP (RFC 5321), over STARTTLS, TLS or neither."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from workers.notify import DeliveryError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.config import Settings
    from workers.notify import Message

#: What a server answered about one recipient: SMTP code and text.
Refusals = dict[str, tuple[int, bytes]]


def problem(settings: Settings) -> str | None:
    """The setting that e-mail still lacks, if any."""
    if not settings.email_to:
        return "E-mail needs TRACKER_EMAIL_TO: the addresses alerts go to."
    if "@" not in parseaddr(settings.email_from or "")[1]:
        return "E-mail needs TRACKER_EMAIL_FROM: the address alerts come from."
    if settings.smtp_user and not settings.smtp_password:
        return "E-mail needs TRACKER_SMTP_PASSWORD for the user of TRACKER_SMTP_USER."
    if not f"{settings.smtp_user}{settings.smtp_password}".isascii():
        return "TRACKER_SMTP_USER and TRACKER_SMTP_PASSWORD may hold ASCII characters only."
    return None


def send(message: Message, settings: Settings) -> None:
    """Hand the message to the SMTP server.

    An answer of 5xx is permanent (RFC 5321, 4.2.1). One of 4xx, a failing connection and a
    wrong setting, the password among them, are passing: the message waits.
    """
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with _session(settings) as smtp:
            refused = smtp.send_message(_mail(message, settings), to_addrs=settings.email_to)
    except (OSError, smtplib.SMTPException) as error:
        raise _failure(server, error) from error
    if refused:
        raise _refusal(server, refused)


@contextlib.contextmanager
def _session(settings: Settings) -> Iterator[smtplib.SMTP]:
    with contextlib.closing(_connect(settings)) as smtp:
        if settings.smtp_security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            smtp.login(settings.smtp_user, settings.smtp_password or "")
        yield smtp
        # The mail has been taken: a bad good-bye must not have it sent again.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()


def _connect(settings: Settings) -> smtplib.SMTP:
    host, port, seconds = settings.smtp_host, settings.smtp_port, settings.fetch_seconds
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=seconds)


def _mail(message: Message, settings: Settings) -> EmailMessage:
    sender = settings.email_from or ""
    mail = EmailMessage()
    mail["Subject"] = message.headline
    mail["From"] = sender
    mail["To"] = ", ".join(settings.email_to)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail.set_content(printable(message.body))
    return mail


def _failure(server: str, error: OSError | smtplib.SMTPException) -> DeliveryError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refusal(server, error.recipients)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(server, error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        text = f"{server} cannot do what TRACKER_SMTP_SECURITY or TRACKER_SMTP_USER asks: {error}"
        return DeliveryError(text, permanent=False)
    text = f"{server} could not be talked to (TRACKER_SMTP_HOST): {error}"
    return DeliveryError(text, permanent=False)


def _refusal(server: str, refused: Refusals) -> DeliveryError:
    """Of some or all recipients; sent again, the others can tell it by its Message-ID."""
    answers = "; ".join(f"{to}: {code} {_text(text)}" for to, (code, text) in refused.items())
    permanent = all(code >= 500 for code, _ in refused.values())
    return DeliveryError(f"{server} refused {answers}", permanent=permanent)


def _answer(server: str, error: smtplib.SMTPResponseException) -> DeliveryError:
    answer = f"{server} answered {error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        hint = "Check TRACKER_SMTP_USER and TRACKER_SMTP_PASSWORD."
        return DeliveryError(f"{answer}. {hint}", permanent=False)
    return DeliveryError(answer, permanent=500 <= error.smtp_code < 600)


def _text(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(printable(text).split())
