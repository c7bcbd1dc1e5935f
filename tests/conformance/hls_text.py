"""The text of a playlist, read as strictly as RFC 8216bis section 4 writes it."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

# Section 4.2. A quoted string has no line break and no quote in it; the others are told apart by their form.
ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^,\s"]*)(,|$)')
DECIMAL = re.compile(r"[0-9]{1,20}")
FLOATING = re.compile(r"[0-9]+(\.[0-9]+)?")
RESOLUTION = re.compile(r"[0-9]+x[0-9]+")


class Malformed(Exception):
    """What no reader of playlists takes."""


@dataclass
class Tag:
    name: str
    value: str | None
    line: int


@dataclass
class Segment:
    uri: str
    duration: Fraction
    line: int
    byterange: tuple[int, int | None] | None = None  # length, offset
    map: dict | None = None
    discontinuity: bool = False


@dataclass
class Playlist:
    text: str
    tags: list[Tag] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    streams: list[tuple[dict, str]] = field(default_factory=list)  # EXT-X-STREAM-INF, URI

    def all(self, name):
        return [tag for tag in self.tags if tag.name == name]

    def first(self, name):
        found = self.all(name)
        return found[0] if found else None

    def attributes(self, name):
        return [attributes(tag.value or "") for tag in self.all(name)]

    def number(self, name):
        tag = self.first(name)
        return int(tag.value) if tag and DECIMAL.fullmatch(tag.value or "") else None


def attributes(text):
    """Name → value as written, quotes included. Malformed: another form, or a name twice."""
    found, at = {}, 0
    while at < len(text):
        match = ATTRIBUTE.match(text, at)
        if not match or (match[3] == "," and match.end() == len(text)):
            raise Malformed(f"no attribute list from {text[at:at + 40]!r} on")
        if match[1] in found:
            raise Malformed(f"the attribute {match[1]} is there twice")
        found[match[1]] = match[2]
        at = match.end()
    return found


def unquoted(value):
    return value[1:-1] if value is not None and value.startswith('"') else value


def _byterange(text):
    match = re.fullmatch(r"([0-9]+)(?:@([0-9]+))?", text or "")
    if not match:
        raise Malformed(f"{text!r} is no byte range")
    return int(match[1]), int(match[2]) if match[2] else None


def parse(body):
    """Malformed: it is no playlist at all."""
    if body.startswith(b"\xef\xbb\xbf"):
        raise Malformed("there is a byte order mark")
    text = body.decode("utf-8")
    if not text.startswith(("#EXTM3U\n", "#EXTM3U\r\n")):
        raise Malformed("#EXTM3U is not its first line")
    if any(ord(c) < 32 and c not in "\r\n" or ord(c) == 127 for c in text):
        raise Malformed("there are control characters")
    playlist = Playlist(text)
    stream, duration, byterange, here, discontinuity = None, None, None, None, False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() != line:
            raise Malformed(f"line {number} has white space around it")
        if not line or (line.startswith("#") and not line.startswith("#EXT")):
            continue
        if line.startswith("#"):
            name, colon, value = line[1:].partition(":")
            playlist.tags.append(Tag(name, value if colon else None, number))
            if name == "EXTINF":
                if duration is not None:
                    raise Malformed(f"line {number}: two EXTINF for one segment")
                length, comma, _ = value.partition(",")
                if not comma or not FLOATING.fullmatch(length):
                    raise Malformed(f"line {number}: {line!r}")
                duration = Fraction(length)
            elif name == "EXT-X-BYTERANGE":
                byterange = _byterange(value)
            elif name == "EXT-X-MAP":
                here = attributes(value)
            elif name == "EXT-X-DISCONTINUITY":
                discontinuity = True
            elif name == "EXT-X-STREAM-INF":
                stream = attributes(value)
                continue
            if stream is not None:
                raise Malformed(f"line {number}: no URI follows EXT-X-STREAM-INF")
        elif stream is not None:
            playlist.streams.append((stream, line))
            stream = None
        else:
            if duration is None:
                raise Malformed(f"line {number}: a segment without EXTINF")
            playlist.segments.append(Segment(line, duration, number, byterange, here, discontinuity))
            duration, byterange, discontinuity = None, None, False
    if stream is not None or duration is not None:
        raise Malformed("the last tag has no URI after it")
    return playlist
