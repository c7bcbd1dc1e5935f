"""Somebody who watches a film from a Carrel elsewhere: on another machine, by its address."""

import contextlib
import hashlib
import os
import pathlib
import socket
import sys
import tempfile

sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/integration")

from carrel import Client, make_film, pad_film, read_head, wait_for  # noqa: E402

BIG = 64 << 20  # more than lies in the sockets on the way


class Films:
    """"Short", which plays, and "Big", which takes its time; in a folder that goes with the test's class."""

    def __init__(self, cleanup):
        self.folder = pathlib.Path(cleanup(tempfile.TemporaryDirectory(prefix="carrel-test-films-"))) / "films"
        self.folder.mkdir()
        self.short = make_film(self.folder / "Short.mp4", 12)
        self.big = pad_film(self.short, self.folder / "Big.mp4", BIG)


class Viewer(Client):
    """Each request over a connection of its own: those kept alive end with the daemon that kept them."""

    def request(self, *arguments, **named):
        self.connection.close()
        return super().request(*arguments, **named)


class Place:
    """Where a Carrel answers."""

    certificate = None

    def __init__(self, host, port=8080):
        self.host, self.port = host, port

    def answers(self, path="/readyz"):
        with contextlib.suppress(OSError), contextlib.closing(Client(self)) as client:
            return client.get(path).status == 200

    def viewer(self, name, password):
        client = Viewer(self)
        client.log_in(name, password)
        return client


def until_indexed(client, titles=("Big", "Short")):
    def ready():
        videos = {one["title"]: one for one in client.videos()}
        return all(videos.get(title, {}).get("state") == "ready" for title in titles) and videos
    return wait_for("indexing", ready, 120)


def hls(client, film):
    """Every playlist and segment of a film; how many bytes of media there were."""
    folder = f"/stream/{film}"
    media = 0
    for playlist in _entries(client, f"{folder}/master.m3u8"):
        below = f"{folder}/{playlist}".split("?")[0].rsplit("/", 1)[0]
        for segment in _entries(client, f"{folder}/{playlist}"):
            answer = client.get(f"{below}/{segment}")
            assert answer.status == 200 and answer.body, (segment, answer.status)
            media += len(answer.body)
    return media


def _entries(client, path):
    answer = client.get(path)
    assert answer.status == 200 and answer.body.startswith(b"#EXTM3U"), (path, answer.status, answer.body[:200])
    found = [line for line in answer.body.decode().splitlines() if line and not line.startswith("#")]
    assert found, answer.body
    return found


class SlowDownload:
    """Of a whole film: begun, and taken no further than its first MiB until it is told to."""

    def __init__(self, client, film):
        place = client.daemon
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        self.socket.settimeout(60)
        self.socket.connect((place.host, place.port))
        self.socket.sendall(f"GET /stream/{film}/original HTTP/1.1\r\nHost: {place.host}\r\nCookie: {client.cookie}\r\n"
                            "Connection: close\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        status, headers = read_head(self.stream)
        assert status == 200, status
        self.left = int(headers["content-length"])
        self.digest = hashlib.sha256()
        self._take(1 << 20)

    def _take(self, size):
        while size > 0 and self.left > 0:
            part = self.stream.read(min(size, self.left, 1 << 20))
            if not part:
                raise AssertionError(f"the film ended {self.left} bytes before its end")
            self.digest.update(part)
            size -= len(part)
            self.left -= len(part)

    def finish(self):
        """The SHA-256 of all that came."""
        with contextlib.closing(self.socket), contextlib.closing(self.stream):
            self._take(self.left)
        return self.digest.hexdigest()
