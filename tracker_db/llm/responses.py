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
from tracker_db.llm.readers import read_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker_db.llm.usage import Usage

#: Where a response keeps what a Call needs, the usual place first.
_USAGE = ("usage", "usageMetadata", "usage_metadata", "meta")
_MODEL = ("model", "modelVersion", "model_version", "modelId")
_ID = ("request_id", "id", "responseId", "response_id")

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
    found = as_mapping(response)
    usage = _first(found, _USAGE)
    fields = usage_fields(read_usage(usage if usage is not None else found))
    model, request_id = _first(found, _MODEL), _first(found, _ID)
    metadata = found.get("ResponseMetadata") or {}
    said = {
        "model": model,
        "request_id": request_id or metadata.get("RequestId"),
        **tier_fields(found.get("service_tier")),
    }
    return fields | {name: value for name, value in said.items() if value}


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
        fields = _from_usage(rest) if isinstance(rest.get("usage"), dict) else dict(rest)
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
        found = json.loads(line)
    except ValueError as error:
        raise InvalidInputError(f"The line is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise InvalidInputError("The line is not a JSON object.")
    return found


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
