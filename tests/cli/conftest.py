"""The command as a person runs it, and a shop on loopback whose prices can be set."""

import json

import pytest
from click.testing import CliRunner
from werkzeug import Response

from tracker_db import config
from tracker_db.cli import tracker


@pytest.fixture
def run_tracker(database, monkeypatch):
    """`run_tracker(*arguments)` runs the command and gives its exit_code, stdout and stderr."""
    monkeypatch.setenv("TRACKER_ALLOW_NETS", "127.0.0.0/8")
    monkeypatch.setenv("TRACKER_HOST_DELAY_SECONDS", "0")
    config.settings.cache_clear()

    def run(*arguments, exit_code=0, **options):
        result = CliRunner().invoke(tracker, [str(one) for one in arguments], **options)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == exit_code, result.output
        return result

    return run


class Shop:
    """Serves the pages in `pages` (path -> HTML); anything else is 404."""

    def __init__(self, server):
        self.pages = {}
        self.asked = []
        self._server = server
        server.expect_request("", method="GET").respond_with_handler(self._answer)

    def put(self, path, price="19.99", **values):
        """Put a product on a page, and return the page's URL."""
        self.pages[path] = product_page(price, **values)
        return self.url(path)

    def url(self, path):
        return self._server.url_for(path)

    def _answer(self, request):
        self.asked.append(request.path)
        page = self.pages.get(request.path)
        return Response(page or "", 200 if page else 404, content_type="text/html; charset=utf-8")


@pytest.fixture
def shop(httpserver):
    return Shop(httpserver)


def product_page(price, name="Kettle", currency="EUR", availability="InStock"):
    """A product in JSON-LD, as most shops write it."""
    offer = {"@type": "Offer", "availability": f"https://schema.org/{availability}"}
    offer |= {"price": price} if price else {}
    offer |= {"priceCurrency": currency} if currency else {}
    product = {"@context": "https://schema.org", "@type": "Product", "name": name, "offers": offer}
    return (
        f"<!doctype html><title>{name}</title>"
        f'<script type="application/ld+json">{json.dumps(product)}</script><h1>{name}</h1>'
    )
