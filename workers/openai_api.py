"""An OpenAI-compatible API through the guarded client: chat completions and embeddings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker_db.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workers.fetch import Client


class AnswerError(TrackerError):
    """The language model's API answered with something else than it should."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API at `url` (up to and with its `/v1`), called with `key` where it wants one."""

    client: Client
    url: str
    key: str | None = None

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object it answers with, fractions as Decimal.

        FetchError for what stood in the way, AnswerError for an answer that is no JSON object.
        """
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        content = json.dumps(body).encode()
        page = self.client.post(f"{self.url.rstrip('/')}/{path}", content=content, headers=headers)
        try:
            answer = json.loads(page.body, parse_float=Decimal)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise AnswerError("The language model's API answered with something that is no JSON.")
        return answer


@dataclass(frozen=True, slots=True)
class Embedder:
    """Has texts embedded by `model`; what `services.similarity.embed_prompts` takes."""

    api: Api
    model: str

    def __call__(self, texts: list[str]) -> list[list[float]]:
        """One embedding for each text; FetchError or AnswerError when there are none."""
        answer = self.api.post("embeddings", {"model": self.model, "input": texts})
        try:
            ordered = sorted(answer["data"], key=lambda one: int(one["index"]))
            return [[float(number) for number in one["embedding"]] for one in ordered]
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise AnswerError(f"{self.model} answered without embeddings.") from None
