"""AVI as DivX wrote it: a picture together with the one that is shown before it, and an empty chunk in the place of that."""

import json
import struct
import subprocess

USER_DATA = b"\0\0\1\xb2DivX503b1393p"  # the p says that they are packed


def _chunk(kind, body):
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _list(kind, *parts):
    return _chunk(b"LIST", kind + b"".join(parts))


def _empty(number, rate):
    """A picture of type P that is not coded (ISO/IEC 14496-2 section 6.2.5)."""
    bits = "01" + "0" + "1" + f"{number % rate:0{(rate - 1).bit_length()}b}" + "1" + "0" + "0"
    bits += "1" * (-len(bits) % 8)
    return b"\0\0\1\xb6" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def pictures(path):
    """(type, bytes) of each picture of an MPEG-4 AVI, in the order of decoding."""
    data = path.read_bytes()
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pos,size", "-of", "json",
                           str(path)], capture_output=True, text=True, check=True)
    for packet in json.loads(done.stdout)["packets"]:
        at, size = int(packet["pos"]), int(packet["size"])
        content = data[at:at + size]
        kind = content[content.index(b"\0\0\1\xb6") + 4] >> 6
        yield "IPB"[kind], content


def pack(pictures_in_order, rate):
    """The chunks: each B picture goes into that of the picture before it."""
    chunks = []
    for kind, content in pictures_in_order:
        if not chunks:
            at = content.index(b"\0\0\1\xb6")
            content = content[:at] + USER_DATA + content[at:]
        if kind == "B":
            chunks[-1] += content
            chunks.append(_empty(len(chunks), rate))
        else:
            chunks.append(content)
    return chunks


def write(path, chunks, keys, size, rate):
    width, height = size
    largest = max(map(len, chunks))
    avih = struct.pack("<14I", 1_000_000 // rate, 0, 0, 0x10, len(chunks), 0, 1, largest, width, height, 0, 0, 0, 0)
    strh = b"vidsDX50" + struct.pack("<10I4H", 0, 0, 0, 1, rate, 0, len(chunks), largest, 0xFFFFFFFF, 0, 0, 0, width, height)
    strf = struct.pack("<IIIHH4sIIIII", 40, width, height, 1, 24, b"DX50", width * height * 3, 0, 0, 0, 0)
    index, at = b"", 4
    for number, chunk in enumerate(chunks):
        index += struct.pack("<4sIII", b"00dc", 0x10 if number in keys else 0, at, len(chunk))
        at += 8 + len(chunk) + len(chunk) % 2
    riff = b"AVI " + _list(b"hdrl", _chunk(b"avih", avih), _list(b"strl", _chunk(b"strh", strh), _chunk(b"strf", strf)))
    riff += _list(b"movi", *(_chunk(b"00dc", chunk) for chunk in chunks)) + _chunk(b"idx1", index)
    path.write_bytes(_chunk(b"RIFF", riff))
