"""What every channel has in common, and the console."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from tracker_db.config import Settings
from tracker_db.errors import SettingError
from workers import notify
from workers.notify import DeliveryError, Message

MESSAGE = Message(UUID(int=7), "Price alert: Tea pot", "14.99 EUR is at or below your target.")
SECRET = "tr0ub4dor-and-3"

# channel, its settings, what the message must name
UNUSABLE = [
    ("email", {}, "TRACKER_EMAIL_TO"),
    ("email", {"email_to": ("a@example.com",)}, "TRACKER_EMAIL_FROM"),
    ("email", {"email_to": ("a@example.com",), "email_from": "nobody"}, "TRACKER_EMAIL_FROM"),
    ("email", {"email_to": ("a@example.com",), "email_from": "b@example.com", "smtp_user": "b"}, "TRACKER_SMTP_PASSWORD"),
    ("email", {"email_to": ("a@example.com",), "email_from": "b@example.com", "smtp_user": "b", "smtp_password": SECRET + "é"}, "ASCII"),
    ("webhook", {}, "TRACKER_WEBHOOK_URL"),
    ("webhook", {"webhook_url": "https://example.com/", "webhook_secret": f"whsec_{SECRET}"}, "TRACKER_WEBHOOK_SECRET"),
    ("webhook", {"webhook_url": "https://example.com/", "webhook_secret": "whsec_ключ"}, "TRACKER_WEBHOOK_SECRET"),
    ("apprise", {}, "TRACKER_APPRISE_URLS"),
    ("apprise", {"apprise_urls": ("json://example.com", f"nope://{SECRET}")}, "URL 2 of TRACKER_APPRISE_URLS"),
    ("fax", {}, "TRACKER_CHANNELS"),
]  # fmt: skip

USABLE = [
    ("console", {}),
    ("email", {"email_to": ("a@example.com",), "email_from": "Tracker <b@example.com>"}),
    ("webhook", {"webhook_url": "https://example.com/"}),
    ("webhook", {"webhook_url": "https://example.com/", "webhook_secret": "plain text"}),
    ("webhook", {"webhook_url": "https://example.com/", "webhook_secret": "whsec_c2VjcmV0"}),
    ("apprise", {"apprise_urls": ("json://example.com",)}),
]


@pytest.mark.parametrize(("channel", "values", "named"), UNUSABLE)
def test_a_channel_that_is_not_set_up_names_the_setting_and_no_secret(
    channel, values, named, caplog
):
    fault = notify.problem(channel, Settings(**values))
    assert named in fault
    assert SECRET not in fault + caplog.text


@pytest.mark.parametrize(("channel", "values"), USABLE)
def test_a_channel_that_is_set_up_has_no_problem(channel, values):
    assert notify.problem(channel, Settings(**values)) is None


def test_a_worker_is_told_at_once_of_every_channel_that_is_not_set_up():
    with pytest.raises(SettingError, match=r"TRACKER_EMAIL_TO.* TRACKER_WEBHOOK_URL"):
        notify.require_configured(Settings(channels=("email", "console", "webhook")))


def test_a_worker_whose_channels_are_set_up_starts():
    notify.require_configured(Settings(channels=("console",)))


def test_a_message_for_a_channel_not_set_up_waits_for_the_setting():
    with pytest.raises(DeliveryError, match="TRACKER_WEBHOOK_URL") as raised:
        notify.send("webhook", MESSAGE, Settings())
    assert not raised.value.permanent


def test_the_console_prints_title_and_body(capsys):
    notify.send("console", MESSAGE, Settings())
    assert capsys.readouterr().out == f"{MESSAGE.title}\n{MESSAGE.body}\n"


def test_the_console_prints_no_terminal_codes_of_a_page(capsys):
    hostile = Message(UUID(int=8), "Tea\x1b[2J\npot", "one\x1b]0;x\x07\ntwo")
    notify.send("console", hostile, Settings())
    assert capsys.readouterr().out == "Tea [2J pot\none ]0;x \ntwo\n"


def test_a_console_nobody_reads_is_a_passing_error():
    code = (
        "from uuid import UUID; from tracker_db.config import Settings\n"
        "from workers import notify\n"
        "try: notify.send('console', notify.Message(UUID(int=1), 'a', 'b'), Settings())\n"
        "except notify.DeliveryError as error: raise SystemExit(9 if not error.permanent else 1)\n"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, check=False)
    assert done.returncode == 9


def test_no_optional_package_is_imported_before_a_channel_is_used():
    code = "import sys, workers.notify; raise SystemExit('apprise' in sys.modules or 'httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("channel", "package", "values", "extra"),
    [
        ("webhook", "httpx2", {"webhook_url": "https://example.com/"}, "worker"),
        ("apprise", "apprise", {"apprise_urls": ("json://example.com",)}, "notify"),
    ],
)
def test_a_channel_without_its_packages_tells_the_line_that_installs_them(
    channel, package, values, extra
):
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from tracker_db.config import Settings\n"
        "from workers import notify\n"
        f"print(notify.problem({channel!r}, Settings(**{values!r})))"
    )
    told = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert f"pip install 'tracker-db[{extra}]'" in told
