"""What the guard costs a page, what a 304 saves, and what memory a decompression bomb takes.

Run: python benchmarks/fetching.py [ROUNDS]
"""

from __future__ import annotations

import gzip
import ipaddress
import multiprocessing
import random
import re
import subprocess
import sys
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

import brotli
import httpx2

from tracker_db.config import Settings
from workers.fetch import Client, FetchError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PAGES_A_ROUND = 200
BOMB_BYTES = 1_000_000_000
CAP = 5_000_000
ETAG = '"v1"'
HEADERS = {"Accept-Encoding": "gzip, deflate, br, zstd"}
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


def page() -> bytes:
    """About 200 kB of markup that compresses about as well as a shop's page."""
    words = [f"word{number:x}" for number in range(3000)]
    chosen = random.Random(7).choices(words, k=12_000)
    return "".join(f'<li class="a">{word}</li>' for word in chosen).encode()[:200_000]


def squeezed(compress, flush) -> bytes:
    zeros = bytes(BOMB_BYTES // 100)
    return b"".join([*(compress(zeros) for _ in range(100)), flush()])


def bombs() -> dict[str, bytes]:
    """A gigabyte of zeros in each encoding."""
    deflate = zlib.compressobj(6, wbits=31)
    br = brotli.Compressor(quality=5)
    z = zstd.ZstdCompressor()
    return {
        "gzip": squeezed(deflate.compress, deflate.flush),
        "br": squeezed(br.process, br.finish),
        "zstd": squeezed(z.compress, z.flush),
    }


def serve(port) -> None:
    """Answer /page, with 304 for its ETag, and /gzip, /br, /zstd; put the port on the queue."""
    bodies = {"/page": ("gzip", gzip.compress(page()))}
    bodies |= {f"/{name}": (name, body) for name, body in bombs().items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self):
            encoding, body = bodies[self.path]
            unchanged = self.headers["If-None-Match"] == ETAG
            self.send_response(304 if unchanged else 200)
            self.send_header("ETag", ETAG)
            if not unchanged:
                self.send_header("Content-Encoding", encoding)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

        def handle(self):
            try:
                super().handle()
            except ConnectionError:
                """The bombs' victims hang up."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.put(server.server_port)
    server.serve_forever()


def cpu_ms(fetch) -> float:
    """CPU milliseconds of this process for one page."""
    start = time.process_time()
    for _ in range(PAGES_A_ROUND):
        fetch()
    return (time.process_time() - start) * 1000 / PAGES_A_ROUND


def cost(url: str, rounds: int) -> None:
    with (
        httpx2.Client(trust_env=False) as plain,
        Client(Settings(allow_nets=LOOPBACK, robots=False)) as guarded,
    ):
        ways = {
            "plain httpx2, 200": lambda: plain.get(url, headers=HEADERS).content,
            "guarded, 200": lambda: guarded.get(url).body,
            "plain httpx2, 304": lambda: plain.get(url, headers=HEADERS | {"If-None-Match": ETAG}),
            "guarded, 304": lambda: guarded.get(url, etag=ETAG),
        }
        taken = {name: [] for name in ways}
        for _ in range(rounds + 1):
            for name, fetch in ways.items():
                taken[name].append(cpu_ms(fetch))
    # The first round warms up.
    medians = {name: median(times[1:]) for name, times in taken.items()}
    for name, milliseconds in medians.items():
        print(f"{name:<20}{milliseconds:8.2f} ms CPU a page")
    print(f"guarded / plain     {medians['guarded, 200'] / medians['plain httpx2, 200']:8.2f}")
    print(f"guarded 304 / 200   {medians['guarded, 304'] / medians['guarded, 200']:8.2f}")


def peak_kb() -> int:
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def victim(base: str, encoding: str) -> None:
    """Fetch a page, then a bomb; a process of its own, so that its peak memory means something."""
    settings = Settings(allow_nets=LOOPBACK, robots=False, fetch_bytes=CAP)
    with Client(settings) as client:
        client.get(f"{base}/page")
        before = peak_kb()
        try:
            client.get(f"{base}/{encoding}")
        except FetchError as error:
            grown = (peak_kb() - before) / 1000
            print(f"{encoding:<8}{error.outcome}, {error.bytes_read / 1e6:.1f} MB, +{grown:.0f} MB")


def main(rounds: int) -> None:
    port = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(port,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get()}"
    cost(f"{base}/page", rounds)
    print(f"\n1 GB bombs, cap {CAP / 1e6:.0f} MB: outcome, decompressed, memory growth", flush=True)
    for encoding in ("gzip", "br", "zstd"):
        subprocess.run([sys.executable, __file__, "victim", base, encoding], check=True)
    server.terminate()
    server.join()


if __name__ == "__main__":
    if sys.argv[1:2] == ["victim"]:
        victim(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 5)
