"""Small segments of sound, made by hand: for the tests of what reads boxes."""

import struct

from mp4_writer import box, full


def _descriptor(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def init(timescale):
    config = _descriptor(5, b"\x11\x90")
    esds = full("esds", 0, 0, _descriptor(3, b"\0\1\0", _descriptor(4, b"\x40\x15" + bytes(11), config), _descriptor(6, b"\2")))
    entry = box("mp4a", bytes(6), b"\0\1", bytes(8), struct.pack(">HHIHH", 2, 16, 0, 48000, 0), esds)
    stbl = box("stbl", full("stsd", 0, 0, struct.pack(">I", 1), entry))
    mdia = box("mdia", full("mdhd", 0, 0, struct.pack(">IIIII", 0, 0, timescale, 0, 0)),
               full("hdlr", 0, 0, bytes(4), b"soun", bytes(13)), box("minf", stbl))
    trak = box("trak", full("tkhd", 0, 7, bytes(80)), mdia)
    return box("ftyp", b"iso6\0\0\0\0") + box("moov", trak, box("mvex", full("trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0))))


def fragment(start, samples, offset_by=0):
    """`samples`: (duration, bytes)."""
    time = b"" if start is None else full("tfdt", 1, 0, struct.pack(">Q", start))
    table = b"".join(struct.pack(">II", duration, len(data)) for duration, data in samples)

    def moof(offset):
        trun = full("trun", 0, 0x301, struct.pack(">Ii", len(samples), offset), table)
        return box("moof", full("mfhd", 0, 0, struct.pack(">I", 1)),
                   box("traf", full("tfhd", 0, 0x020000, struct.pack(">I", 1)), time, trun))

    return moof(len(moof(0)) + 8 + offset_by) + box("mdat", *(data for _, data in samples))
