"""HE-AAC that only its frames tell of (ISO/IEC 14496-3 section 1.6.6.2, implicit signalling), made of AAC-LC: a fill element with
spectral bands to be replicated goes before the end of each frame. They are as quiet as can be said."""

HEADER = 7     # of ADTS, without a checksum
PAYLOAD = 30   # bytes of the fill element; more than its content needs, which may be
END = "111"    # the element that ends a frame


def fill_element():
    """Extension 13: a header (bands from 5 to 9, no more options), then zeros: one envelope of nothing."""
    content = "1101" + "1" + "0" + f"{5:04b}{9:04b}" + "000" + "00" + "00"
    return "110" + "1111" + f"{PAYLOAD - 14:08b}" + content.ljust(8 * PAYLOAD, "0")


def with_bands(frame):
    bits = f"{int.from_bytes(frame, 'big'):0{8 * len(frame)}b}".rstrip("0")
    assert bits.endswith(END), "a frame ends otherwise"
    bits = bits[:-len(END)] + fill_element() + END
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def convert(core, path):
    """`core`: AAC-LC in two channels behind ADTS headers, made without words of the encoder about itself."""
    data, made, at = core.read_bytes(), bytearray(), 0
    while at < len(data):
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        frame = with_bands(data[at + HEADER:at + length])
        size, header = len(frame) + HEADER, bytearray(data[at:at + HEADER])
        header[3] = header[3] & 0xFC | size >> 11
        header[4] = size >> 3 & 0xFF
        header[5] = header[5] & 0x1F | (size & 7) << 5
        made += header + frame
        at += length
    path.write_bytes(made)
