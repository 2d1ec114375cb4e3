import asyncio
import io
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


def test_a_call_that_was_paid_for_is_recorded_though_its_answer_could_not_be_used(database):
    with pytest.raises(ZeroDivisionError), meter(provider="openai", feature="chat") as call:
        len(call.read(RESPONSE)) / 0
    assert stored() == [ROW]
    with transaction():
        assert db.execute_sql("SELECT status FROM events").fetchall() == [("error",)]


def test_one_meter_used_twice_forgets_the_first_response(database, caplog):
    again = meter(provider="openai", feature="chat")
    with again as call:
        call.read(RESPONSE)
    with again:
        pass
    assert stored() == [ROW]
    assert "holds no token counts" in caplog.text


def test_two_responses_in_one_block_are_two_calls(database):
    with meter(provider="openai", feature="chat") as call:
        call.read(RESPONSE)
        call.read(RESPONSE | {"id": "resp_2"})
    assert [row[3:7] for row in stored()] == [
        ("resp_1", "flex", 83, 9),
        ("resp_2", "flex", 83, 9),
    ]


#: As the events of each provider's stream are.
STREAMS = {
    "OpenAI chat: the last chunk": [
        {"id": "s", "model": "m", "usage": None, "choices": [{"delta": {"content": "a secret"}}]},
        {"id": "s", "model": "m", "usage": {"prompt_tokens": 83, "completion_tokens": 9}},
    ],
    "OpenAI responses: the event that it is completed": [
        {"type": "response.created", "response": {"id": "s", "model": "m", "usage": None}},
        {"type": "response.output_text.delta", "delta": "a secret"},
        {
            "type": "response.completed",
            "response": {
                "id": "s",
                "model": "m",
                "usage": {"input_tokens": 83, "output_tokens": 9, "total_tokens": 92},
            },
        },
    ],
    "Anthropic: input at the start, output at the end": [
        {
            "type": "message_start",
            "message": {
                "id": "s",
                "model": "m",
                "usage": {"input_tokens": 3, "cache_read_input_tokens": 80, "output_tokens": 1},
            },
        },
        {"type": "content_block_delta", "delta": {"text": "a secret"}},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 9, "cache_read_input_tokens": None},
        },
        {"type": "message_stop"},
    ],
    "Gemini: counts that grow": [
        {"responseId": "s", "modelVersion": "m", "usageMetadata": {"promptTokenCount": 83}},
        {
            "responseId": "s",
            "modelVersion": "m",
            "usageMetadata": {"promptTokenCount": 83, "candidatesTokenCount": 9},
        },
    ],
    "Mistral's SDK: events with data": [
        SimpleNamespace(data=SimpleNamespace(id="s", model="m", usage=None)),
        SimpleNamespace(
            data=SimpleNamespace(
                id="s", model="m", usage={"prompt_tokens": 83, "completion_tokens": 9}
            )
        ),
    ],
}
STREAMED = [("x", "m", "chat", "s", None, 83, 9, True)]


@pytest.mark.parametrize("events", STREAMS.values(), ids=STREAMS)
def test_a_stream_is_metered_by_its_events(database, events):
    with meter(provider="x", feature="chat") as call:
        assert [call.read(event) for event in events] == events
    assert stored() == STREAMED


def test_bedrocks_stream_tells_its_usage_at_its_end(database):
    with meter(provider="aws", model="m") as call:
        call.read({"contentBlockDelta": {"delta": {"text": "a secret"}}})
        call.read({"metadata": {"usage": {"inputTokens": 83, "outputTokens": 9}}})
    assert [row[5:7] for row in stored()] == [(83, 9)]


#: As boto3 gives it: the counts stand in the headers, and the body can be read only once.
INVOKED = {
    "ResponseMetadata": {
        "RequestId": "0a1b",
        "HTTPHeaders": {
            "x-amzn-requestid": "0a1b",
            "x-amzn-bedrock-input-token-count": "3",
            "x-amzn-bedrock-output-token-count": "9",
            "x-amzn-bedrock-cache-read-input-token-count": "80",
            "x-amzn-bedrock-cache-write-input-token-count": "0",
        },
    },
    "contentType": "application/json",
    "body": io.BytesIO(b"{}"),
}
#: What stands in that body.
CLAUDE = {
    "id": "msg_bdrk_1",
    "model": "claude",
    "usage": {"input_tokens": 3, "cache_read_input_tokens": 80, "output_tokens": 9},
}


@pytest.mark.parametrize("read", [[INVOKED], [INVOKED, CLAUDE], [CLAUDE]], ids=len)
def test_bedrocks_invoke_model_tells_its_usage_in_headers_or_body_and_once(database, read):
    with meter(provider="aws", model="claude") as call:
        for part in read:
            call.read(part)
    assert [row[5:7] for row in stored()] == [(83, 9)]


def test_a_decorated_generator_is_metered_when_it_ends(database):
    events = STREAMS["OpenAI chat: the last chunk"]

    @meter(provider="x", feature="chat")
    def ask():
        yield from events

    assert list(ask()) == events
    assert stored() == STREAMED


def test_a_decorated_async_generator_is_metered_when_it_ends(database):
    events = STREAMS["OpenAI chat: the last chunk"]

    @meter(provider="x", feature="chat")
    async def ask():
        for event in events:
            yield event

    async def take():
        return [event async for event in ask()]

    assert asyncio.run(take()) == events
    assert stored() == STREAMED


@pytest.mark.parametrize(("taken", "recorded", "logged"), [(1, 0, True), (2, 1, False)])
def test_a_stream_that_is_left_early_is_recorded_if_it_told_its_usage(
    database, caplog, taken, recorded, logged
):
    @meter(provider="x", feature="chat")
    def ask():
        yield from STREAMS["OpenAI chat: the last chunk"]

    stream = ask()
    for _ in range(taken):
        next(stream)
    stream.close()
    assert len(stored()) == recorded
    assert ("was not recorded" in caplog.text) == logged
    assert "a secret" not in caplog.text


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


@pytest.mark.parametrize("response", [None, "a secret", {"choices": ["a secret"]}, iter(["a"])])
def test_a_response_without_usage_is_logged_without_its_text_and_not_stored_as_zero(
    database, caplog, response
):
    with meter(provider="openai") as call:
        call.read(response)
    assert stored() == []
    assert "was not recorded" in caplog.text
    assert "a secret" not in caplog.text
