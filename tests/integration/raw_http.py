"""HTTP as bytes on a socket, for what a well-behaved client library would never send."""

from dataclasses import dataclass


@dataclass
class RawAnswer:
    status: int
    headers: dict  # names in lower case
    body: bytes


def read_answer(stream, *, head=False):
    """One answer from a socket's binary file; None when the connection ended before it."""
    line = stream.readline()
    if not line:
        return None
    status = int(line.split()[1])
    headers = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if not line:
        raise AssertionError(f"the connection ended inside a header: {status} {headers}")
    bodyless = head or status in (204, 304) or 100 <= status < 200
    length = 0 if bodyless else int(headers.get("content-length", 0))
    body = stream.read(length)
    if len(body) != length:
        raise AssertionError(f"{len(body)} of {length} bytes of a body arrived")
    return RawAnswer(status, headers, body)


def ask(daemon, request, *, head=False):
    """Sends the bytes on a connection of its own: the answer, and whether the daemon then closed the connection."""
    with daemon.raw() as raw:
        raw.sendall(request)
        with raw.makefile("rb") as stream:
            answer = read_answer(stream, head=head)
            closing = answer is None or answer.headers.get("connection", "").lower() == "close"
            return answer, closing and stream.read(1) == b""


def get(path, *fields, method="GET", host="test"):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")
