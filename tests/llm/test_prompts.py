import json

import pytest

from tracker_db.errors import InvalidInputError
from tracker_db.llm.prompts import Fingerprint, fingerprint, read_fingerprint
from tracker_db.llm.responses import LogReader

TALK = [
    {"role": "system", "content": "You are terse. " * 100},
    {"role": "user", "content": "What is a kettle?"},
]
ANSWERED = [*TALK, {"role": "assistant", "content": "A pot."}, {"role": "user", "content": "Why?"}]


def common(one, other):
    pairs = zip(one.blocks, other.blocks, strict=False)
    return sum(a == b for a, b in pairs)


def test_a_conversation_that_goes_on_begins_with_the_same_blocks():
    assert common(fingerprint(TALK), fingerprint(ANSWERED)) == 1
    assert fingerprint(TALK).hash != fingerprint(ANSWERED).hash


def test_a_block_stands_for_everything_before_it():
    one, other = fingerprint("a" * 5000), fingerprint("b" + "a" * 4999)
    assert common(one, other) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("text", "text"),
        ([{"role": "user", "content": "a"}], [{"content": "a", "role": "user"}]),
        ({"messages": TALK, "model": "a"}, {"model": "b", "temperature": 1, "messages": TALK}),
        (
            [{"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {}}]}],
            [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
        ),
    ],
    ids=["text", "order of keys", "what is not read by the model", "cache marks"],
)
def test_the_same_prompt_has_the_same_fingerprint(one, other):
    assert fingerprint(one) == fingerprint(other)


def test_tools_and_the_system_text_come_before_the_messages():
    shared = {"tools": [{"name": "x" * 3000}]}
    one = fingerprint({**shared, "messages": [{"role": "user", "content": "a"}]})
    other = fingerprint({"messages": [{"role": "user", "content": "b"}], **shared})
    assert common(one, other) == 2


def test_a_prompt_that_was_kept_has_the_same_fingerprint_again():
    kept = fingerprint(ANSWERED, keep_text=True)
    assert fingerprint(kept.text, keep_text=True) == kept


def test_the_text_is_kept_only_when_asked():
    secret = "my secret " * 300
    assert "secret" not in json.dumps(fingerprint(secret).metadata())
    assert fingerprint(secret, keep_text=True).text == secret


@pytest.mark.parametrize("text", ["", "short", "x" * 1024, "x" * 1023, "\ud800 lone", "é" * 3000])
def test_a_fingerprint_comes_back_from_the_metadata(text):
    made = fingerprint(text, keep_text="\ud800" not in text)
    assert read_fingerprint(json.loads(json.dumps(made.metadata()))) == made


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"prompt": "somebody's own text"},
        {"prompt": ["a"]},
        {"prompt": {"hash": "x"}},
        {"prompt": {"hash": "x", "size": 10, "block": 0, "blocks": []}},
        {"prompt": {"hash": "x", "size": 10, "block": 5, "blocks": ["a"]}},
        {"prompt": {"hash": "x", "size": "10", "block": 5, "blocks": ["a", "b"]}},
        {"prompt": {"hash": "x", "size": 10, "block": 5, "blocks": 3}},
        {"prompt": {"hash": "x", "size": 10, "block": 5, "blocks": ["a", "b"], "more": 1}},
    ],
)
def test_what_is_no_fingerprint_is_left_alone(metadata):
    assert read_fingerprint(metadata) is None


def test_the_last_block_may_be_short():
    made = Fingerprint("x", 1100, 512, ("a", "b", "c"))
    assert made.sizes() == [512, 512, 76]


LINE = {"provider": "openai", "model": "gpt-x", "usage": {"prompt_tokens": 9, "total_tokens": 9}}
FIELDS = {"provider": "openai", "model": "gpt-x", "input_tokens": 9, "output_tokens": 0}


@pytest.mark.parametrize("line", [LINE, FIELDS], ids=["a provider's usage", "our own fields"])
@pytest.mark.parametrize("request_", [{"messages": ANSWERED}, {"prompt": "kettle?"}])
def test_a_log_s_requests_are_hashed_and_their_text_is_left_out(line, request_):
    read = LogReader().read({**line, **request_, "metadata": {"team": "a"}})
    assert read["metadata"] == {"team": "a", **fingerprint(request_).metadata()}
    assert "kettle" not in json.dumps(read)
    kept = LogReader(keep_prompts=True).read({**line, **request_})
    assert "kettle" in kept["metadata"]["prompt"]["text"]


@pytest.mark.parametrize("more", [{"prompt": "x"}, {"usage": LINE["usage"], "team": "a"}])
def test_metadata_that_is_no_object_is_refused(more):
    with pytest.raises(InvalidInputError, match="metadata is 'text'"):
        LogReader().read({**FIELDS, "metadata": "text", **more})
