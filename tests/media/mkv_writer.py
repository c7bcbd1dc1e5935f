"""Matroska files of a structure that ffmpeg does not write."""

import struct

CHAPTER_SECONDS = 1


def element(kind, *parts):
    body = b"".join(parts)
    return bytes.fromhex(kind) + (1 << 56 | len(body)).to_bytes(8, "big") + body


def number(kind, value):
    return element(kind, value.to_bytes(8, "big"))


def text(kind, value):
    return element(kind, value.encode())


def _chapter(uid, title, start, hidden):
    return element("B6", number("73C4", uid), number("91", start), number("98", int(hidden)),
                   element("80", text("85", title), text("437C", "eng")))


def _track(place, track, private, strip):
    video = track.kind == "vide"
    encodings = element("6D80", element("6240", element("5034", number("4254", 3), element("4255", strip)))) if strip else b""
    detail = (element("E0", number("B0", track.size[0]), number("BA", track.size[1])) if video else
              element("E1", element("B5", struct.pack(">d", track.timescale)), number("9F", 1)))
    return element("AE", number("D7", place), number("73C5", place), number("83", 1 if video else 2), number("9C", 0),
                   text("86", "V_MPEG4/ISO/AVC" if video else "A_AAC"), element("63A2", private), detail, encodings)


def write(path, tracks, privates, strip=b"", cues="right", chapters=()):
    """`tracks`: H.264, then AAC, as mp4_writer reads them. `strip`: what every picture begins with and the file then lacks.
    `cues`: "right", "wrong" (they point into nowhere) or "none". `chapters`: (title, start in seconds, hidden)."""
    stripped = [strip, b""]
    samples = sorted(((sample.pts * 1000 // track.timescale, sample.dts / track.timescale, place, sample)
                      for place, track in enumerate(tracks, 1) for sample in track.samples), key=lambda one: one[1])
    first = min(time for time, *_ in samples)
    clusters, points = [], []
    for time, _, place, sample in samples:
        if not clusters or (place == 1 and sample.sync):
            clusters.append((time - first, []))
            points.append(time - first)
        begin, blocks = clusters[-1]
        head = stripped[place - 1]
        assert sample.data.startswith(head)
        blocks.append(element("A3", bytes([0x80 | place]), struct.pack(">hB", time - first - begin, 0x80 if sample.sync else 0),
                              sample.data[len(head):]))
    info = element("1549A966", number("2AD7B1", 1_000_000), text("4D80", "test"), text("5741", "test"))
    lines = element("1654AE6B", *(_track(place, track, private, strip if place == 1 else b"")
                                  for place, (track, private) in enumerate(zip(tracks, privates), 1)))
    marks = element("1043A770", element("45B9", *(_chapter(uid, title, int(start * 1e9), hidden)
                                                  for uid, (title, start, hidden) in enumerate(chapters, 1)))) if chapters else b""

    def index(offset, where):
        if cues == "none":
            return b""
        return element("1C53BB6B", *(element("BB", number("B3", time), element("B7", number("F7", 1), number("F1", place + offset)))
                                     for time, place in zip(points, where)))

    packed = [element("1F43B675", number("E7", begin), *blocks) for begin, blocks in clusters]
    lengths = len(info) + len(lines) + len(marks) + len(index(0, [0] * len(points)))
    where = [lengths + sum(map(len, packed[:i])) for i in range(len(packed))]
    body = info + lines + marks + index(5 if cues == "wrong" else 0, where) + b"".join(packed)
    path.write_bytes(element("1A45DFA3", text("4282", "matroska"), number("4287", 4), number("4285", 2)) + element("18538067", body))
