import asyncio
import json
import logging
from types import SimpleNamespace

import pytest

from tracker_db.db import db, transaction
from tracker_db.services.costs import record_log
from tracker_db.services.meter import meter

RESPONSE = {
    "id": "resp_1",
    "model": "gpt-x-2026-01-01",
    "service_tier": "flex",
    "usage": {"prompt_tokens": 83, "completion_tokens": 9},
    "choices": [{"text": "a secret"}],
}


def stored():
    with transaction():
        return db.execute_sql(
            "SELECT provider, model, feature, request_id, service_tier, input_tokens,"
            " output_tokens, latency_ms >= 0 FROM events"
        ).fetchall()


ROW = ("openai", "gpt-x-2026-01-01", "chat", "resp_1", "flex", 83, 9, True)


def test_a_call_inside_the_block_is_recorded_with_its_time(database):
    with meter(provider="openai", feature="chat") as call:
        assert call.read(RESPONSE) is RESPONSE
    assert stored() == [ROW]


def test_a_decorated_function_is_metered_each_time_it_returns(database):
    @meter(provider="openai", feature="chat")
    def ask(number):
        return RESPONSE | {"id": f"resp_{number}"}

    assert ask(1)["id"] == "resp_1"
    ask(number=2)
    assert [row[3] for row in stored()] == ["resp_1", "resp_2"]


def test_a_coroutine_is_metered_too(database):
    @meter(provider="openai", feature="chat")
    async def ask():
        await asyncio.sleep(0)
        return RESPONSE

    assert asyncio.run(ask()) is RESPONSE
    assert stored() == [ROW]


def test_the_response_of_an_sdk_is_read_and_what_the_caller_says_wins(database):
    usage = SimpleNamespace(input_tokens=3, output_tokens=4, total_tokens=7)
    with meter(provider="openai", model="my-name") as call:
        call.read(SimpleNamespace(model="theirs", id="r", usage=usage))
    assert stored()[0][:3] == ("openai", "my-name", "default")


def test_a_gemini_response_names_its_version(database):
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 4}
    with meter(provider="google") as call:
        call.read({"modelVersion": "gemini-x", "responseId": "g1", "usageMetadata": usage})
    assert stored()[0][1] == "gemini-x"


def test_a_call_that_raises_is_not_recorded(database):
    with pytest.raises(ZeroDivisionError), meter(provider="openai") as call:
        call.read(1 / 0)
    assert stored() == []


def test_metering_never_breaks_the_call_and_its_log_line_can_be_recorded_later(
    empty_database, caplog
):
    with meter(provider="openai", feature="chat") as call:
        call.read(RESPONSE)
    (entry,) = caplog.records
    assert entry.levelno == logging.ERROR
    assert "a secret" not in entry.message
    line = entry.message.partition(" The call: ")[2]
    assert json.loads(line)["input_tokens"] == 83


def test_a_line_from_the_error_log_is_a_call(database):
    fields = {"provider": "openai", "model": "m", "input_tokens": 1, "output_tokens": 2}
    assert record_log([json.dumps(fields)]).added == 1


@pytest.mark.parametrize("response", [None, "text", {"choices": []}])
def test_a_response_without_usage_is_logged_not_stored_as_zero(database, caplog, response):
    with meter(provider="openai") as call:
        call.read(response)
    assert stored() == []
    assert "was not recorded" in caplog.text
