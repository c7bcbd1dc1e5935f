"""Matroska files of a structure that ffmpeg does not write."""

import bz2
import struct
import zlib
from dataclasses import dataclass

CHAPTER_SECONDS = 1
LACED = 4  # frames of sound to a block
PACKERS = {"zlib": (0, zlib.compress), "bzlib": (1, bz2.compress)}


@dataclass
class Subtitles:
    codec: str
    packets: list  # (start, duration in milliseconds, data)
    packer: str    # one of PACKERS


def element(kind, *parts):
    body = b"".join(parts)
    return bytes.fromhex(kind) + (1 << 56 | len(body)).to_bytes(8, "big") + body


def endless(kind, *parts):
    """One of unknown size, as a live recording has them: what cannot lie in it ends it."""
    return bytes.fromhex(kind) + b"\x01" + b"\xff" * 7 + b"".join(parts)


def number(kind, value):
    return element(kind, value.to_bytes(8, "big"))


def text(kind, value):
    return element(kind, value.encode())


def _chapter(uid, title, start, hidden):
    return element("B6", number("73C4", uid), number("91", start), number("98", int(hidden)),
                   element("80", text("85", title), text("437C", "eng")))


def _editions(editions):
    """Each with the next numbers of chapters."""
    uid, made = 1, []
    for hidden, default, chapters in editions:
        made.append(element("45B9", number("45BD", int(hidden)), number("45DB", int(default)),
                            *(_chapter(uid + place, title, int(start * 1e9), unseen) for place, (title, start, unseen) in enumerate(chapters))))
        uid += len(chapters)
    return element("1043A770", *made) if made else b""


def _xiph(sizes):
    """RFC 9559 section 10.3: the size of each frame but the last, in bytes of which the last is not 255."""
    return b"".join(b"\xff" * (size // 255) + bytes([size % 255]) for size in sizes[:-1])


def _ebml(sizes):
    """The first size, then by how much each differs from the one before it, in two bytes each; but for the last."""
    steps = [second - first for first, second in zip(sizes, sizes[1:-1])]
    return b"".join((0x4000 | value).to_bytes(2, "big") for value in [sizes[0], *(step + 0x1fff for step in steps)])


def _fixed(sizes):
    assert len(set(sizes)) == 1, "frames of one size are laced so"
    return b""


LACINGS = {"xiph": (0x02, _xiph), "ebml": (0x06, _ebml), "fixed": (0x04, _fixed)}


def _laced(frames, lacing):
    """The bits of a block's flags, and what follows them."""
    if len(frames) == 1:
        return 0, frames[0]
    flags, sizes_of = LACINGS[lacing]
    return flags, bytes([len(frames) - 1]) + sizes_of([len(frame) for frame in frames]) + b"".join(frames)


def _blocks(tracks, lacing):
    """(time in milliseconds, when it is decoded in seconds, place of its track, samples), as they are to be decoded."""
    blocks = []
    for place, track in enumerate(tracks, 1):
        count = LACED if lacing and track.kind == "soun" else 1
        for first in range(0, len(track.samples), count):
            samples = track.samples[first:first + count]
            blocks.append((samples[0].pts * 1000 // track.timescale, samples[0].dts / track.timescale, place, samples))
    return sorted(blocks, key=lambda one: one[1])


def _track(place, track, codec, private, strip, laced):
    video = track.kind == "vide"
    encodings = element("6D80", element("6240", element("5034", number("4254", 3), element("4255", strip)))) if strip else b""
    detail = (element("E0", number("B0", track.size[0]), number("BA", track.size[1])) if video else
              element("E1", element("B5", struct.pack(">d", track.timescale)), number("9F", 1)))
    return element("AE", number("D7", place), number("73C5", place), number("83", 1 if video else 2), number("9C", int(laced)),
                   text("86", codec), element("63A2", private) if private else b"", detail, encodings)


def _subtitle_track(place, track):
    encodings = element("6D80", element("6240", element("5034", number("4254", PACKERS[track.packer][0]))))
    return element("AE", number("D7", place), number("73C5", place), number("83", 17), text("86", track.codec), encodings)


def _add_subtitles(clusters, place, track):
    for start, duration, data in track.packets:
        begin, blocks = [cluster for cluster in clusters if cluster[0] <= start][-1]
        block = element("A1", bytes([0x80 | place]), struct.pack(">hB", start - begin, 0), PACKERS[track.packer][1](data))
        blocks.append(element("A0", block, number("9B", duration)))


def write(path, tracks, privates, strip=b"", cues="right", editions=(), lacing=None, live=False,
          subtitles=(), sound="A_AAC"):
    """`tracks`: H.264, then `sound`, as mp4_writer reads them. `strip`: what every picture begins with and the file then lacks.
    `cues`: "right", "wrong" (they point into nowhere) or "none". `editions`: (hidden, default, chapters), of which each is (title,
    start in seconds, hidden). `lacing`: of the sound, one of LACINGS. `live`: segment and clusters are of unknown size. `subtitles`: tracks behind the others."""
    stripped = [strip, b""]
    samples = _blocks(tracks, lacing)
    first = min(time for time, *_ in samples)
    clusters, points = [], []
    for time, _, place, together in samples:
        sync = together[0].sync
        if not clusters or (place == 1 and sync):
            clusters.append((time - first, []))
            points.append(time - first)
        begin, blocks = clusters[-1]
        head = stripped[place - 1]
        assert all(sample.data.startswith(head) for sample in together)
        flags, body = _laced([sample.data[len(head):] for sample in together], lacing)
        blocks.append(element("A3", bytes([0x80 | place]), struct.pack(">hB", time - first - begin, flags | 0x80 * sync), body))
    behind = list(enumerate(subtitles, len(tracks) + 1))
    for place, track in behind:
        _add_subtitles(clusters, place, track)
    info = element("1549A966", number("2AD7B1", 1_000_000), text("4D80", "test"), text("5741", "test"))
    lines = element("1654AE6B", *(_track(place, track, codec, private, strip if place == 1 else b"", bool(lacing) and place == 2)
                                  for place, (track, codec, private) in enumerate(zip(tracks, ("V_MPEG4/ISO/AVC", sound), privates), 1)),
                    *(_subtitle_track(place, track) for place, track in behind))
    marks = _editions(editions)

    def index(offset, where):
        if cues == "none":
            return b""
        return element("1C53BB6B", *(element("BB", number("B3", time), element("B7", number("F7", 1), number("F1", place + offset)))
                                     for time, place in zip(points, where)))

    whole = endless if live else element
    packed = [whole("1F43B675", number("E7", begin), *blocks) for begin, blocks in clusters]
    lengths = len(info) + len(lines) + len(marks) + len(index(0, [0] * len(points)))
    where = [lengths + sum(map(len, packed[:i])) for i in range(len(packed))]
    body = info + lines + marks + index(5 if cues == "wrong" else 0, where) + b"".join(packed)
    path.write_bytes(element("1A45DFA3", text("4282", "matroska"), number("4287", 4), number("4285", 2)) + whole("18538067", body))
