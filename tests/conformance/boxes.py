"""The boxes of initialisation and media segments (ISO/IEC 14496-12), held against each other."""

import struct
from dataclasses import dataclass, field

from codec_strings import codec_string

CONTAINERS = {"moov", "trak", "mdia", "minf", "stbl", "mvex", "moof", "traf", "dinf", "edts", "udta"}


class BadBoxes(Exception):
    """They contradict each other or are not there."""


@dataclass
class Box:
    kind: str
    start: int   # of the box, in what was read
    body: int    # of what is in it
    end: int
    children: list = field(default_factory=list)


@dataclass
class Track:
    timescale: int
    kind: str           # "vide", "soun", …
    entry: str          # of the sample description
    codec: str          # RFC 6381, from the configuration
    width: int
    height: int
    edits: bool
    channels: int = 0
    defaults: tuple = (0, 0, 0)  # trex: duration, size, flags


@dataclass
class Sample:
    time: int           # decoding time, ticks
    offset: int         # composition offset
    duration: int
    size: int
    flags: int
    place: int          # of its bytes, in the fragment

    @property
    def sync(self):
        return not self.flags & 0x00010000


@dataclass
class Fragment:
    start: int
    samples: list
    sequence: int

    @property
    def duration(self):
        return sum(sample.duration for sample in self.samples)


def read_boxes(data, start=0, end=None):
    end = len(data) if end is None else end
    found = []
    while start < end:
        if end - start < 8:
            raise BadBoxes(f"{end - start} bytes after the last box")
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            size, body = struct.unpack_from(">Q", data, body)[0], body + 8
        if size < body - start or start + size > end:
            raise BadBoxes(f"the box {kind} of {size} bytes does not fit at {start} of {end}")
        box = Box(kind.decode("latin-1"), start, body, start + size)
        if box.kind in CONTAINERS:
            box.children = read_boxes(data, body, box.end)
        found.append(box)
        start = box.end
    return found


def find(boxes, path):
    """The boxes at a path such as "moov/trak"."""
    name, _, rest = path.partition("/")
    here = [box for box in boxes if box.kind == name]
    return here if not rest else [deep for box in here for deep in find(box.children, rest)]


def one(boxes, path):
    found = find(boxes, path)
    if len(found) != 1:
        raise BadBoxes(f"{len(found)} boxes {path}, and not one")
    return found[0]


def _version_flags(data, box):
    word = struct.unpack_from(">I", data, box.body)[0]
    return word >> 24, word & 0xFFFFFF


def read_init(data):
    boxes = read_boxes(data)
    if not boxes or boxes[0].kind != "ftyp":
        raise BadBoxes("ftyp is not the first box")
    if {box.kind for box in boxes} & {"moof", "mdat"}:
        raise BadBoxes("media in the initialisation segment")
    mdhd, tkhd = one(boxes, "moov/trak/mdia/mdhd"), one(boxes, "moov/trak/tkhd")
    version, _ = _version_flags(data, mdhd)
    timescale = struct.unpack_from(">I", data, mdhd.body + (20 if version else 12))[0]
    kind = data[(at := one(boxes, "moov/trak/mdia/hdlr").body + 8):at + 4].decode("latin-1")
    stsd = one(boxes, "moov/trak/mdia/minf/stbl/stsd")
    if struct.unpack_from(">I", data, stsd.body + 4)[0] != 1:
        raise BadBoxes("not one sample description")
    trex = one(boxes, "moov/mvex/trex")
    defaults = struct.unpack_from(">III", data, trex.body + 12)
    size, entry = struct.unpack_from(">I4s", data, stsd.body + 8)
    if stsd.body + 8 + size != stsd.end:
        raise BadBoxes("the sample description does not fill its box")
    entry = entry.decode("latin-1")
    inner = stsd.body + 16
    width, height = struct.unpack_from(">II", data, tkhd.end - 8)
    channels, config = 0, []
    if kind == "vide":
        config = read_boxes(data, inner + 78, stsd.end)
    elif kind == "soun":
        channels = struct.unpack_from(">H", data, inner + 16)[0]
        config = read_boxes(data, inner + 28, stsd.end)
    if not timescale:
        raise BadBoxes("a timescale of 0")
    codec = codec_string(entry, {box.kind: data[box.body:box.end] for box in config})
    return Track(timescale, kind, entry, codec, width >> 16, height >> 16, bool(find(boxes, "moov/trak/edts")), channels, defaults)


def read_run(data, trun, base, at, defaults, time):
    _, flags = _version_flags(data, trun)
    count = struct.unpack_from(">I", data, trun.body + 4)[0]
    cursor = trun.body + 8
    if flags & 1:
        at = base + struct.unpack_from(">i", data, cursor)[0]
        cursor += 4
    first_flags = None
    if flags & 4:
        first_flags, cursor = struct.unpack_from(">I", data, cursor)[0], cursor + 4
    samples = []
    for number in range(count):
        values = list(defaults)
        for position, bit in enumerate((0x100, 0x200, 0x400)):
            if flags & bit:
                values[position], cursor = struct.unpack_from(">I", data, cursor)[0], cursor + 4
        offset = 0
        if flags & 0x800:
            offset, cursor = struct.unpack_from(">i", data, cursor)[0], cursor + 4
        if number == 0 and first_flags is not None:
            values[2] = first_flags
        samples.append(Sample(time, offset, values[0], values[1], values[2], at))
        time, at = time + values[0], at + values[1]
    if cursor != trun.end:
        raise BadBoxes("trun is longer than its samples, or shorter")
    return samples, at, time


def read_fragment(data, track):
    try:
        return _read_fragment(data, read_boxes(data), track)
    except struct.error as error:
        raise BadBoxes(str(error)) from error


def _read_fragment(data, boxes, track):
    moof, traf = one(boxes, "moof"), one(boxes, "moof/traf")
    mdat = one(boxes, "mdat")
    sequence = struct.unpack_from(">I", data, one(boxes, "moof/mfhd").body + 4)[0]
    tfhd, tfdt = one(boxes, "moof/traf/tfhd"), one(boxes, "moof/traf/tfdt")
    _, flags = _version_flags(data, tfhd)
    if not flags & 0x020000:
        raise BadBoxes("tfhd without default-base-is-moof, which CMAF demands")
    defaults, cursor = list(track.defaults), tfhd.body + 8
    for bit, position in ((0x2, None), (0x8, 0), (0x10, 1), (0x20, 2)):
        if flags & bit:
            if position is not None:
                defaults[position] = struct.unpack_from(">I", data, cursor)[0]
            cursor += 4
    version, _ = _version_flags(data, tfdt)
    start = struct.unpack_from(">Q" if version else ">I", data, tfdt.body + 4)[0]
    samples, time, at = [], start, moof.start
    for trun in [box for box in traf.children if box.kind == "trun"]:
        some, at, time = read_run(data, trun, moof.start, at, defaults, time)
        samples += some
    if not samples:
        raise BadBoxes("no sample")
    for sample in samples:
        if sample.size and not mdat.body <= sample.place <= sample.place + sample.size <= mdat.end:
            raise BadBoxes(f"a sample at {sample.place}, {sample.size} bytes, is not in mdat ({mdat.body} to {mdat.end})")
    return Fragment(start, samples, sequence)
