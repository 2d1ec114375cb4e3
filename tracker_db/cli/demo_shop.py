"""A small shop on loopback: a page for each way shops write prices, and prices that move."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Article:
    """Something on sale: its price in EUR on each day, None while it is sold out."""

    slug: str
    name: str
    prices: tuple[str | None, ...]
    page: Callable[[str, str | None], str]


def _json_ld(name: str, price: str | None) -> str:
    offer = {
        "@type": "Offer",
        "price": price or "59.00",
        "priceCurrency": "EUR",
        "availability": f"https://schema.org/{'InStock' if price else 'OutOfStock'}",
    }
    product = {"@context": "https://schema.org", "@type": "Product", "name": name, "offers": offer}
    script = f'<script type="application/ld+json">{json.dumps(product)}</script>'
    return _page(name, f'<p class="price">€{price}</p>' if price else "<p>Sold out</p>", script)


def _microdata(name: str, price: str | None) -> str:
    body = f"""<div itemscope itemtype="https://schema.org/Product">
        <h1 itemprop="name">{escape(name)}</h1>
        <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
          <meta itemprop="priceCurrency" content="EUR">
          <span itemprop="price" content="{price}">{price} €</span>
          <link itemprop="availability" href="https://schema.org/InStock">
        </div></div>"""
    return _page(name, body, heading="")


def _open_graph(name: str, price: str | None) -> str:
    head = f"""<meta property="og:type" content="product">
        <meta property="og:title" content="{escape(name)}">
        <meta property="product:price:amount" content="{price}">
        <meta property="product:price:currency" content="EUR">"""
    return _page(name, f'<p class="price">{price} EUR</p>', head)


def _embedded_json(name: str, price: str | None) -> str:
    product = {"name": name, "price": price, "currency": "EUR"}
    state = json.dumps({"props": {"pageProps": {"product": product}}})
    script = f'<script id="__NEXT_DATA__" type="application/json">{state}</script>'
    return _page(name, f'<span class="product-price">{price}</span>', script)


def _visible(name: str, price: str | None) -> str:
    body = f"""<p class="old-price"><s>€24.00</s></p>
        <p class="price">€{price}</p><button>Add to basket</button>
        <p>Free delivery from €50</p>"""
    return _page(name, body)


def _page(name: str, body: str, head: str = "", heading: str | None = None) -> str:
    title = f"<h1>{escape(name)}</h1>" if heading is None else heading
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{escape(name)} | "
        f"Demo shop</title>{head}</head><body><main>{title}{body}</main></body></html>"
    )


ARTICLES = (
    Article(
        "kettle", "Copper kettle",
        ("44.90", "44.90", "46.50", "42.00", "42.00", "39.90", "34.90", "41.00", "41.00"),
        _json_ld,
    ),
    Article(
        "headphones", "Headphones",
        ("129.00", "129.00", "125.00", "119.00", "112.00", "112.00", "118.00", "118.00", "109.00"),
        _microdata,
    ),
    Article(
        "backpack", "Hiking backpack",
        ("79.95", "79.95", "79.95", "74.95", "74.95", "74.95", "79.95", "79.95", "79.95"),
        _open_graph,
    ),
    Article(
        "lamp", "Desk lamp",
        ("38.00", "36.00", "36.00", "36.00", "33.00", "33.00", "33.00", "35.00", "35.00"),
        _embedded_json,
    ),
    Article(
        "mug", "Enamel mug",
        ("12.50", "12.50", "12.50", "11.90", "11.90", "12.50", "12.50", "12.50", "9.90"),
        _visible,
    ),
    Article(
        "grinder", "Coffee grinder",
        (None, None, None, None, None, "59.00", "59.00", "55.00", "55.00"),
        _json_ld,
    ),
)  # fmt: skip
DAYS = len(ARTICLES[0].prices)


class Shop:
    """Serves the articles at 127.0.0.1 while the context lasts; `day` says what they cost."""

    def __init__(self) -> None:
        self.day = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, article: Article) -> str:
        """The address of an article's page."""
        return f"http://127.0.0.1:{self._server.server_port}/{article.slug}"

    def page(self, path: str) -> str | None:
        """The page at a path, as it is today."""
        for article in ARTICLES:
            if path == f"/{article.slug}":
                return article.page(article.name, article.prices[self.day])
        return None


class _Pages(BaseHTTPRequestHandler):
    def __init__(self, shop: Shop, *args: object) -> None:
        self._shop = shop
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        page = self._shop.page(self.path)
        body = (page or "There is no such page.").encode()
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the demo tells what happens."""
