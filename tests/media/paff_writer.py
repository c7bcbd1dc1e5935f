"""H.264 whose pictures are stored as two fields each (PAFF), of macroblocks without compression: no encoder here makes it."""


class _Bits:
    def __init__(self):
        self.text = ""

    def u(self, count, value):
        self.text += f"{value:0{count}b}"

    def ue(self, value):
        self.u(2 * (value + 1).bit_length() - 1, value + 1)

    def se(self, value):
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def align(self):
        self.text += "0" * (-len(self.text) % 8)

    def bytes(self):
        return int(self.text, 2).to_bytes(len(self.text) // 8, "big")

    def finished(self):
        self.text += "1"  # rbsp_stop_one_bit
        self.align()
        return self.bytes()


def _unit(head, payload):
    """Behind a start code, with emulation prevention (ITU-T H.264 section 7.4.1)."""
    out, zeros = bytearray(), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return b"\0\0\0\1" + bytes([head]) + bytes(out)


def _sequence(wide, high):
    """`high` in pairs of macroblocks."""
    bits = _Bits()
    bits.u(8, 77)   # main profile
    bits.u(8, 0)
    bits.u(8, 30)   # level 3
    bits.ue(0)      # number
    bits.ue(4)      # frame_num has 8 bits
    bits.ue(2)      # shown in the order of decoding
    bits.ue(1)      # reference frames
    bits.u(1, 0)
    bits.ue(wide - 1)
    bits.ue(high - 1)
    bits.u(1, 0)    # not frames only
    bits.u(1, 0)    # no MBAFF
    bits.u(1, 1)    # direct_8x8_inference
    bits.u(1, 0)    # no cropping
    bits.u(1, 0)    # no VUI
    return _unit(0x67, bits.finished())


def _picture_set():
    bits = _Bits()
    bits.ue(0)
    bits.ue(0)
    bits.u(2, 0)    # CAVLC, no pic_order in the slices
    bits.ue(0)      # slice groups
    bits.ue(0)
    bits.ue(0)
    bits.u(3, 0)    # no weights
    bits.se(0)
    bits.se(0)
    bits.se(0)
    bits.u(3, 0)
    return _unit(0x68, bits.finished())


def _field(idr, frame, bottom, blocks, shade):
    bits = _Bits()
    bits.ue(0)              # first macroblock
    bits.ue(7)              # I
    bits.ue(0)
    bits.u(8, frame)
    bits.u(1, 1)            # a field
    bits.u(1, int(bottom))
    if idr:
        bits.ue(0)
        bits.u(2, 0)
    else:
        bits.u(1, 0)        # marking: sliding window
    bits.se(0)
    for block in range(blocks):
        bits.ue(25)         # I_PCM
        bits.align()
        luma = (shade + 40 * block + 20 * bottom) % 200 + 20
        bits.text += f"{luma:08b}" * 256 + f"{128:08b}" * 128
    return _unit(0x65 if idr else 0x61, bits.finished())


def write(path, frames, every, wide=4, high=2):
    """An elementary stream, an IDR picture at every `every`th frame. The second field of an IDR picture is none."""
    stream = b""
    for number in range(frames):
        place = number % every
        if place == 0:
            stream += _sequence(wide, high) + _picture_set()
        for bottom in (False, True):
            stream += _field(place == 0 and not bottom, place, bottom, wide * high, 3 * number)
    path.write_bytes(stream)
