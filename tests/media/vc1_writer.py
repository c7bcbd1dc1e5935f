"""VC-1 of the simplest kind (SMPTE 421M), which nothing here encodes: every picture by itself, grey blocks, some lighter or darker than
the one before. Advanced profile as an elementary stream, simple profile as the test files of the standard are (RCV)."""

import random
import struct

WIDTH, HEIGHT, RATE = 192, 112, 25
BLOCKS = WIDTH // 16 * (HEIGHT // 16)
# Differences of the average: tables 0 of luma and chroma, behind which comes the sign.
LUMA = {0: "1", 1: "01", 2: "0001"}
CHROMA = {0: "00", 1: "01"}
NOTHING_CODED = "1"  # coded block pattern of a macroblock
QUANTIZER = f"{10:05b}"
TABLES = "0" + "0" + "0"  # of chroma, luma and averages


def packed(bits):
    bits += "1" if len(bits) % 8 else ""
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def difference(table, value):
    return table[abs(value)] + ("" if value == 0 else "1" if value < 0 else "0")


def macroblocks(chance, prediction):
    """`prediction`: the bit that says of each how its coefficients are predicted; empty: the picture's header says so."""
    text = ""
    for _ in range(BLOCKS):
        text += NOTHING_CODED + prediction
        text += "".join(difference(LUMA, chance.choice((-2, -1, 0, 0, 1, 2))) for _ in range(4))
        text += "".join(difference(CHROMA, chance.choice((-1, 0, 0, 1))) for _ in range(2))
    return text


def unit(code, bits):
    """Behind a start code, with bytes that keep others from looking like one."""
    made, zeros = bytearray(b"\0\0\1" + bytes([code])), 0
    for byte in packed(bits + "1"):
        if zeros >= 2 and byte <= 3:
            made.append(3)
            zeros = 0
        made.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(made)


def write_advanced(path, seconds):
    chance = random.Random(1)
    size = f"{WIDTH // 2 - 1:012b}{HEIGHT // 2 - 1:012b}"
    shown = "1" + f"{WIDTH - 1:014b}{HEIGHT - 1:014b}" + "0" + "1" + "0" + f"{2:08b}{1:04b}" + "0"  # 25 pictures a second
    sequence = unit(0x0F, "11" + "001" + "01" + "000" + "00000" + "0" + size + "0" * 4 + "1" + "0" + shown + "0")
    entry = unit(0x0E, "01" + "0" * 3 + "1" + "0" + "00" + "0" + "0" + "00" + "0" + "0" + "0")
    with open(path, "wb") as out:
        for number in range(seconds * RATE):
            if number % RATE == 0:
                out.write(sequence + entry)
            rows = "0" + "010" + "0" * (HEIGHT // 16)  # no macroblock predicts coefficients
            out.write(unit(0x0D, "110" + "0" + QUANTIZER + rows + TABLES + macroblocks(chance, "")))


def write_simple(path, seconds):
    chance = random.Random(2)
    sequence = "00" + "00" + "000" + "00000" + "0" + "0" + "0" + "1" + "1" + "0" + "00" + "0" + "0" + "0" + "0" + "0" + "000" + "00" + "0" + "1"
    frames = []
    for number in range(seconds * RATE):
        data = packed("00" + "0" + "0" * 7 + QUANTIZER + TABLES + macroblocks(chance, "0"))
        frames.append(struct.pack("<II", len(data) | 0x80000000, number * 1000 // RATE) + data)
    head = struct.pack("<I", len(frames) | 0xC5000000) + struct.pack("<I", 4) + packed(sequence)
    path.write_bytes(head + struct.pack("<IIIIII", HEIGHT, WIDTH, 12, 0, 0, RATE) + b"".join(frames))
