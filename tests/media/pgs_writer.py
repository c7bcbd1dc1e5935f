"""Presentation graphics, as Blu-ray has them for subtitles."""

import struct
from fractions import Fraction


def segment(kind, data):
    return bytes([kind]) + struct.pack(">H", len(data)) + data


def display_sets():
    """Two display sets, one that shows a picture and one that takes it away: (seconds, segments)."""
    window = segment(0x17, struct.pack(">BBHHHH", 1, 0, 10, 10, 8, 2))
    palette = segment(0x14, bytes([0, 0, 1, 235, 128, 128, 255]))
    line = b"\x00\x88\x01\x00\x00"  # eight pixels of colour 1, end of line
    picture = segment(0x15, struct.pack(">HBB", 0, 0, 0xC0) + (4 + 2 * len(line)).to_bytes(3, "big") +
                          struct.pack(">HH", 8, 2) + line * 2)
    end = segment(0x80, b"")

    def composition(number, objects):
        return segment(0x16, struct.pack(">HHBHBBBB", 192, 108, 0x10, number, 0x80, 0, 0, objects) +
                           (struct.pack(">HBBHH", 0, 0, 0, 10, 10) if objects else b""))

    return [(Fraction(1), composition(0, 1) + window + palette + picture + end),
            (Fraction(5, 2), composition(1, 0) + window + end)]


def sup_file(sets):
    data = b""
    for time, segments in sets:
        while segments:
            size = 3 + int.from_bytes(segments[1:3], "big")
            data += b"PG" + struct.pack(">II", int(time * 90000), 0) + segments[:size]
            segments = segments[size:]
    return data
