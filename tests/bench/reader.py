"""A client that costs little itself: one connection kept alive, bodies read into one buffer and dropped."""

import socket
import time

CHUNK = 1 << 20


class Reader:
    def __init__(self, address, cookie=None):
        self.host = f"{address[0]}:{address[1]}"
        self.cookie = f"Cookie: {cookie}\r\n" if cookie else ""
        self.socket = socket.create_connection(address, timeout=60)
        self.buffer = memoryview(bytearray(CHUNK))
        self.first_byte_at = None  # monotonic time at which the latest answer began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self, path, first=None, count=None):
        """Length of the body; of `count` bytes from `first` on, where those are given."""
        span = "" if first is None else f"Range: bytes={first}-{first + count - 1}\r\n"
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{self.cookie}{span}\r\n".encode())
        filled, end, self.first_byte_at = 0, -1, None
        while end < 0:
            filled += self._receive(filled)
            self.first_byte_at = self.first_byte_at or time.monotonic()
            end = bytes(self.buffer[:filled]).find(b"\r\n\r\n")
        lines = bytes(self.buffer[:end]).decode().split("\r\n")
        status = int(lines[0].split()[1])
        if status != (200 if first is None else 206):
            raise RuntimeError(f"GET {path}: {lines[0]}")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        length = int(headers["content-length"])
        left = length - (filled - end - 4)
        while left > 0:
            left -= self._receive(0)
        if left < 0:
            raise RuntimeError(f"GET {path}: more bytes than its head announced")
        return length

    def _receive(self, at):
        got = self.socket.recv_into(self.buffer[at:])
        if got == 0:
            raise RuntimeError("the connection ended inside an answer")
        return got
