"""Real servers on loopback: 127.0.0.2 stands for the internet, 127.0.0.1 for what is secret."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message

PUBLIC = "127.0.0.2"
SECRET = "127.0.0.1"


@dataclass
class Answer:
    body: bytes = b"<p>page</p>"
    status: int = 200
    headers: dict = field(default_factory=dict)

    def encoded(self):
        headers = {"Content-Length": len(self.body), **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = b"" if self.status == 304 else self.body
        return f"HTTP/1.1 {self.status} Said\r\n{lines}\r\n".encode() + body


@dataclass
class Request:
    command: str
    path: str
    headers: Message
    content: bytes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = Request(self.command, self.path, self.headers, content)
        self.server.requests.append(request)
        answer = self.server.answers.get(self.path, Answer(b"", 404))
        if callable(answer):
            answer = answer(request)
        self.wfile.write(answer.encoded())

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        """Say nothing."""


class Shop(ThreadingHTTPServer):
    """Answers by path from `answers` (an Answer, or a function of the request)."""

    def __init__(self, host, port=0, tls=None):
        super().__init__((host, port), Handler)
        self.tls = tls
        self.forget()

    def forget(self):
        self.answers = {"/": Answer()}
        self.requests = []

    def get_request(self):
        connection, address = super().get_request()
        if self.tls is not None:
            connection = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, *_):
        """A client that hangs up is what half of these tests are about."""

    @property
    def paths(self):
        return [request.path for request in self.requests]

    def url(self, path="/", host=None, scheme="http"):
        return f"{scheme}://{host or self.server_address[0]}:{self.server_port}{path}"


@contextlib.contextmanager
def running(shop):
    thread = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield shop
    finally:
        shop.shutdown()
        thread.join()
        shop.server_close()


class Names(dict):
    """A name table in place of DNS: host -> its answers, one a look-up, the last one for ever."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def getaddrinfo(self, host, port, *_, **__):
        self.asked.append(host)
        if host not in self:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [self.entry(address, port) for address in addresses]

    @staticmethod
    def entry(address, port):
        if ":" in address:
            return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
        return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


def accept(listener, script, stop):
    while True:
        connection, _ = listener.accept()
        with connection:
            if stop.is_set():
                return
            with contextlib.suppress(OSError):
                script(connection, stop)


def unblock(listener):
    with socket.socket() as knock:
        knock.connect_ex(listener.getsockname())
