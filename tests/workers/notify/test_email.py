"""E-mail against real SMTP servers on loopback."""

import email
import socket
import ssl
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tracker_db.config import Settings
from workers import notify
from workers.notify import DeliveryError, Message

MESSAGE = Message(UUID(int=7), "Price alert: Tea pot", "14.99 € is at or below your target.")
PASSWORD = "tr0ub4dor-and-3"
AUTH = {
    "auth_required": True,
    "authenticator": lambda *given: AuthResult(
        success=given[4].password == PASSWORD.encode(), handled=False
    ),
}


class Inbox:
    """Keeps what arrives; `answers` stands in for 250, one for each DATA."""

    def __init__(self, *answers, refused=None, goodbye="221 Bye"):
        self.mails = []
        self.answers = list(answers)
        self.refused = refused or {}
        self.goodbye = goodbye

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd calls it so
        answer = self.refused.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the same
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.mails.append(envelope)
        return answer

    async def handle_QUIT(self, _server, _session, _envelope):  # noqa: N802 - the same
        return self.goodbye


class Server(Controller):
    """On a port of the system's choice."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(inbox, **options):
    server = Server(inbox, hostname="127.0.0.1", port=0, **options)
    server.start()
    try:
        yield Settings(
            email_to=("anna@example.com", "ben@example.com"),
            email_from="Tracker <tracker@shop.example>",
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_security="none",
        )
    finally:
        server.stop()


@pytest.fixture
def authority(monkeypatch, tmp_path):
    """A certificate authority that this machine trusts for the length of a test."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def tls(authority, name="127.0.0.1"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def failure(settings, message=MESSAGE):
    with pytest.raises(DeliveryError) as raised:
        notify.send("email", message, settings)
    return raised.value


def test_a_mail_arrives_at_every_address_as_it_was_written():
    inbox = Inbox()
    with serving(inbox) as settings:
        notify.send("email", MESSAGE, settings)
    (envelope,) = inbox.mails
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert envelope.rcpt_tos == ["anna@example.com", "ben@example.com"]
    assert envelope.mail_from == "tracker@shop.example"
    assert mail["Subject"] == MESSAGE.title
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_content().strip() == MESSAGE.body


def test_a_message_sent_twice_has_the_same_message_id():
    inbox = Inbox()
    with serving(inbox) as settings:
        notify.send("email", MESSAGE, settings)
        notify.send("email", MESSAGE, settings)
    ids = {email.message_from_bytes(mail.content)["Message-ID"] for mail in inbox.mails}
    assert ids == {f"<{MESSAGE.id}@shop.example>"}


def test_a_title_from_a_hostile_page_adds_no_header():
    inbox = Inbox()
    hostile = replace(MESSAGE, title="Tea\r\nBcc: eve@example.com\r\n\r\npot\x00")
    with serving(inbox) as settings:
        notify.send("email", hostile, settings)
    mail = email.message_from_bytes(inbox.mails[0].content)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Tea Bcc: eve@example.com pot"


def test_starttls_and_a_password(authority):
    inbox = Inbox()
    with serving(inbox, tls_context=tls(authority), require_starttls=True, **AUTH) as plain:
        settings = replace(
            plain, smtp_security="starttls", smtp_user="tracker", smtp_password=PASSWORD
        )
        notify.send("email", MESSAGE, settings)
    assert len(inbox.mails) == 1


def test_tls_from_the_first_byte(authority):
    inbox = Inbox()
    with serving(inbox, ssl_context=tls(authority)) as plain:
        notify.send("email", MESSAGE, replace(plain, smtp_security="tls"))
    assert len(inbox.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_not_trusted(authority, security):
    inbox = Inbox()
    kind = {"starttls": "tls_context", "tls": "ssl_context"}[security]
    with serving(inbox, **{kind: tls(authority, "other.example")}) as plain:
        error = failure(replace(plain, smtp_security=security))
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert inbox.mails == []


def test_a_server_without_starttls_gets_no_mail_in_the_clear():
    inbox = Inbox()
    with serving(inbox) as plain:
        error = failure(replace(plain, smtp_security="starttls"))
    assert not error.permanent
    assert "TRACKER_SMTP_SECURITY" in str(error)
    assert inbox.mails == []


def test_a_wrong_password_waits_for_the_right_one_and_is_not_told(authority):
    with serving(Inbox(), tls_context=tls(authority), require_starttls=True, **AUTH) as plain:
        settings = replace(
            plain, smtp_security="starttls", smtp_user="tracker", smtp_password="wr0ng-horse"
        )
        error = failure(settings)
    assert not error.permanent
    assert "535" in str(error)
    assert "TRACKER_SMTP_PASSWORD" in str(error)
    assert "wr0ng-horse" not in str(error)


@pytest.mark.parametrize(("answer", "permanent"), [("552 Mailbox full", True), ("451 Busy", False)])
def test_an_answer_of_5xx_is_permanent_and_one_of_4xx_is_not(answer, permanent):
    with serving(Inbox(answer)) as settings:
        error = failure(settings)
    assert error.permanent is permanent
    assert answer in str(error)


def test_a_server_that_recovers_gets_the_mail():
    inbox = Inbox("451 Busy")
    with serving(inbox) as settings:
        assert not failure(settings).permanent
        notify.send("email", MESSAGE, settings)
    assert len(inbox.mails) == 1


@pytest.mark.parametrize(("answer", "permanent"), [("550 Unknown", True), ("450 Later", False)])
@pytest.mark.parametrize("refused", [["ben@example.com"], ["anna@example.com", "ben@example.com"]])
def test_a_refused_address_is_named(refused, answer, permanent):
    with serving(Inbox(refused=dict.fromkeys(refused, answer))) as settings:
        error = failure(settings)
    assert error.permanent is permanent
    assert all(f"{address}: {answer}" in str(error) for address in refused)


def test_a_bad_goodbye_does_not_send_the_mail_again():
    inbox = Inbox(goodbye="421 Leave me alone")
    with serving(inbox) as settings:
        notify.send("email", MESSAGE, settings)
    assert len(inbox.mails) == 1


def test_a_server_that_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(
            email_to=("anna@example.com",),
            email_from="tracker@shop.example",
            smtp_host="127.0.0.1",
            smtp_port=silent.getsockname()[1],
            fetch_seconds=0.2,
        )
        error = failure(settings)
    assert not error.permanent
    assert "TRACKER_SMTP_HOST" in str(error)


def test_a_server_that_is_not_there_is_a_passing_error():
    with serving(Inbox()) as settings:
        pass
    assert not failure(settings).permanent
