"""Writes the tables of charset.cpp: python3 make_charset_tables.py FILE. Python's codecs are the source."""

import sys

SINGLE = ["cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp866", "koi8_r",
          "koi8_u", "iso8859_2", "iso8859_4", "iso8859_5", "iso8859_7", "iso8859_10", "iso8859_14", "iso8859_15",
          "iso8859_16", "iso8859_6", "cp720", "cp737", "cp775", "cp850", "cp852", "cp855", "cp857", "cp862", "cp869", "mac_roman"]
# Name, first and last lead byte, first and last trail byte.
DOUBLE = [("cp932", 0x81, 0xFC, 0x40, 0xFC), ("gbk", 0x81, 0xFE, 0x40, 0xFE), ("cp950", 0x81, 0xFE, 0x40, 0xFE),
          ("cp949", 0x81, 0xFE, 0x41, 0xFE), ("euc_jis_2004", 0x8E, 0xFE, 0xA1, 0xFE)]


def decoded(codec, data):
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return 0
    return ord(text) if len(text) == 1 and ord(text) < 0x10000 else 0


def row(numbers):
    return ",".join(f"{number}" if number < 10 else f"0x{number:x}" for number in numbers)


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("// Made by make_charset_tables.py. 0: not assigned.\n")
        for codec in SINGLE:
            numbers = [decoded(codec, bytes([code])) for code in range(0x80, 0x100)]
            out.write(f"constexpr std::array<char16_t, 128> k_{codec}{{{row(numbers)}}};\n")
        for codec, first, last, low, high in DOUBLE:
            count = (last - first + 1) * (high - low + 1)
            out.write(f"constexpr std::array<char16_t, {count}> k_{codec}{{\n")
            for lead in range(first, last + 1):
                out.write(row(decoded(codec, bytes([lead, trail])) for trail in range(low, high + 1)) + ",\n")
            out.write("};\n")


main()
