"""From a whole response, or a line of somebody's log, to the fields of a `Call`."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from tracker_db.errors import InvalidInputError
from tracker_db.llm.call import Call
from tracker_db.llm.counts import as_mapping
from tracker_db.llm.prompts import without_prompt
from tracker_db.llm.providers import provider_name
from tracker_db.llm.readers import holds_counts, read_usage
from tracker_db.llm.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker_db.llm.usage import Usage

#: Where a response keeps what a Call needs, the usual place first.
_USAGE = ("usage", "usageMetadata", "usage_metadata", "meta")
_MODEL = ("model", "modelVersion", "model_version", "modelId")
_ID = ("request_id", "id", "responseId", "response_id")
#: Where an event of a stream keeps them: OpenAI's Responses, Anthropic, Bedrock, Mistral's SDK.
_WITHIN = ("response", "message", "metadata", "data")
#: Headers of Bedrock's InvokeModel, whose body is a stream that only the caller may read ->
#: what Converse calls the same count.
_BEDROCK_HEADERS = {
    "x-amzn-bedrock-input-token-count": "inputTokens",
    "x-amzn-bedrock-output-token-count": "outputTokens",
    "x-amzn-bedrock-cache-read-input-token-count": "cacheReadInputTokens",
    "x-amzn-bedrock-cache-write-input-token-count": "cacheWriteInputTokens",
}

#: What lines of logs call the fields of a Call.
_SYNONYMS = {
    "host": "provider",
    "ts": "created_at",
    "timestamp": "created_at",
    "time": "created_at",
    "id": "request_id",
    "project": "project_id",
    "user": "user_id",
}


def usage_fields(usage: Usage) -> dict[str, Any]:
    """The fields of a Call that its usage fills."""
    fields = dict(vars(usage))
    fields["usage_details"] = fields.pop("details") or None
    if usage.verified_cost_usd is not None:
        fields["verified_source"] = "response"
    return fields


def read_response(response: Any) -> dict[str, Any]:
    """Usage, model, request id and service tier of a provider's response, as fields of a Call.

    Takes JSON or an SDK's object; raises UsageError when it holds no usage.
    """
    return call_fields(told_by(response))


def told_by(response: Any) -> dict[str, Any]:
    """What a response, or an event of a stream, tells of its call, and nothing of its text.

    Any of usage (as its provider has it), model, request_id and service_tier.
    """
    found = _response_within(as_mapping(response))
    usage = _first(found, _USAGE)
    if usage is None and holds_counts(found):
        usage = found
    metadata = found.get("ResponseMetadata") or {}
    in_headers = _in_headers(metadata.get("HTTPHeaders") or {}) if usage is None else None
    said = {
        "usage": in_headers if usage is None else dict(as_mapping(usage)),
        "model": _first(found, _MODEL),
        # A body read after its headers has an id of its own: with two it would be two calls.
        "request_id": _first(found, _ID) or (not in_headers and metadata.get("RequestId")),
        "service_tier": found.get("service_tier"),
    }
    return {name: value for name, value in said.items() if value}


def _in_headers(headers: Mapping[str, str]) -> dict[str, int] | None:
    """Bedrock's counts as Converse has them; None where there are none."""
    return {
        name: int(headers[header])
        for header, name in _BEDROCK_HEADERS.items()
        if headers.get(header, "").isdecimal()
    } or None


def _response_within(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The response that an event of a stream is about, `found` itself where it is one."""
    if _first(found, _USAGE) is None:
        for name in _WITHIN:
            inner = found.get(name)
            if inner is not None and not isinstance(inner, str | list):
                return as_mapping(inner)
    return found


def with_next(told: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """What a stream has told with its next event; counts grow, and what is not said stays."""
    usage = {name: n for name, n in event.get("usage", {}).items() if n is not None}
    whole = {**told, **event, "usage": {**told.get("usage", {}), **usage}}
    return {name: value for name, value in whole.items() if value}


def call_fields(told: Mapping[str, Any]) -> dict[str, Any]:
    """What `told_by` found as fields of a Call; UsageError without usage that can be read."""
    if "usage" not in told:
        raise UsageError("The response holds no token counts; of a stream, read every event.")
    said = {name: told[name] for name in ("model", "request_id") if name in told}
    tier = tier_fields(told.get("service_tier"))
    return usage_fields(read_usage(told["usage"])) | said | tier


def _first(found: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((found[name] for name in names if found.get(name) is not None), None)


def tier_fields(value: Any) -> dict[str, str]:
    """`batch` is said in the place of a service tier but is a way of processing."""
    if not value:
        return {}
    tier = str(value).lower()
    return {"processing": "batch"} if tier == "batch" else {"service_tier": tier}


class LogReader:
    """Reads lines of a log that may be read again, wholly or grown longer.

    A line without a request id is known by its content and by how many like it came before
    in the same log, so reading the log again adds nothing. Of a request's text only the
    fingerprint becomes metadata, unless `keep_prompts`.
    """

    def __init__(self, *, keep_prompts: bool = False, **defaults: Any) -> None:
        self._keep_prompts = keep_prompts
        self._defaults = defaults
        self._seen: Counter[str] = Counter()

    def read(self, line: str | Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a Call; InvalidInputError when the line is no JSON object.

        With a provider's `usage` in it, what has no place in a Call becomes metadata.
        """
        found = _object(line)
        rest, prompt = without_prompt(found, keep_text=self._keep_prompts)
        fields = _from_usage(rest) if rest.get("usage") is not None else _plain(rest)
        if prompt:
            _add_metadata(fields, prompt.metadata())
        if not fields.get("request_id"):
            fields["request_id"] = self._identity(found)
        return self._defaults | fields

    def _identity(self, found: Mapping[str, Any]) -> str:
        content = json.dumps(found, sort_keys=True, default=str)
        digest = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:32]
        self._seen[digest] += 1
        return f"line:{digest}:{self._seen[digest]}"


def _object(line: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(line, str):
        return as_mapping(line)
    try:
        line.encode()
        found = json.loads(line)
    except UnicodeEncodeError:
        raise InvalidInputError("The line is not UTF-8 text.") from None
    except ValueError as error:
        raise InvalidInputError(f"The line is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise InvalidInputError("The line is not a JSON object.")
    return found


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """The line of a call that counts by itself."""
    return {name: value for name, value in found.items() if name != "usage"}


def _from_usage(found: Mapping[str, Any]) -> dict[str, Any]:
    fields = usage_fields(read_usage(found["usage"]))
    rest: dict[str, Any] = {}
    for name, value in found.items():
        field = _SYNONYMS.get(name, name)
        if value is None or value == "" or name == "usage":
            continue
        if field == "service_tier":
            fields |= tier_fields(value)
        elif field in Call.__dataclass_fields__:
            fields[field] = value
        else:
            rest[name] = value
    if "host" in found:
        fields["provider"] = provider_name(str(fields.get("provider", "")))
    if rest:
        _add_metadata(fields, rest)
    return fields


def _add_metadata(fields: dict[str, Any], more: Mapping[str, Any]) -> None:
    known = fields.get("metadata") or {}
    if not isinstance(known, dict):
        raise InvalidInputError(f"metadata is {known!r:.80}; it must be a JSON object.")
    fields["metadata"] = {**known, **more}
