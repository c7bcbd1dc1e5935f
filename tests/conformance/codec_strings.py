"""RFC 6381 codec strings from the configuration boxes of a sample description, by another hand than the packager's."""

import struct

AC3_NAMES = {"ac-3": "ac-3", "ec-3": "ec-3", "ac-4": "ac-4"}


def _avc(entry, config):
    return f"{entry}.{config[1]:02X}{config[2]:02X}{config[3]:02X}"


def _hevc(entry, config):
    space = ["", "A", "B", "C"][config[1] >> 6]
    profile, tier = config[1] & 31, "H" if config[1] & 32 else "L"
    compatibility = int(f"{struct.unpack_from('>I', config, 2)[0]:032b}"[::-1], 2)
    constraints = config[6:12].rstrip(b"\0")
    tail = "".join(f".{byte:X}" for byte in constraints)
    return f"{entry}.{space}{profile}.{compatibility:X}.{tier}{config[12]}{tail}"


def _is_told(primaries, transfer, matrix, full_range):
    """Something that is not assumed (BT.709, limited range) where nothing is said; 2 is unspecified."""
    return bool({primaries, transfer, matrix} - {1, 2}) or bool(full_range)


def _vp8(entry, config):
    profile, level, bits = config[4:7]
    return f"{entry}.{profile:02d}.{level:02d}.{bits >> 4:02d}"


def _vp9(entry, config):
    chroma, colours = config[6] >> 1 & 7, (*config[7:10], config[6] & 1)
    told = chroma != 1 or _is_told(*colours)
    return _vp8(entry, config) + ("".join(f".{value:02d}" for value in (chroma, *colours)) if told else "")


def _av1(entry, config, colr):
    profile, level = config[1] >> 5, config[1] & 31
    tier, high, twelve = config[2] >> 7, config[2] >> 6 & 1, config[2] >> 5 & 1
    depth = 12 if twelve else 10 if high else 8
    said = f"{entry}.{profile}.{level:02d}{'H' if tier else 'M'}.{depth:02d}"
    monochrome, chroma, position = config[2] >> 4 & 1, config[2] >> 2 & 3, config[2] & 3
    colours = (*struct.unpack_from(">HHH", colr, 4), colr[10] >> 7) if colr else (2, 2, 2, 0)
    if not monochrome and chroma == 3 and not _is_told(*colours):
        return said
    chroma = {0: "000", 2: "100", 3: f"11{position}"}[chroma]
    return said + f".{monochrome}.{chroma}.{colours[0]:02d}.{colours[1]:02d}.{colours[2]:02d}.{colours[3]}"


def _descriptors(data, at, end):
    while at < end:
        tag, at = data[at], at + 1
        length = 0
        while True:
            byte, at = data[at], at + 1
            length = length << 7 | byte & 127
            if not byte & 128:
                break
        yield tag, data[at:at + length]
        at += length


def _mp4a(esds):
    (_, es), = [d for d in _descriptors(esds, 4, len(esds)) if d[0] == 3]
    flags, at = es[2], 3
    at += 2 if flags & 128 else 0
    at += es[at] + 1 if flags & 64 else 0
    at += 2 if flags & 32 else 0
    inner = dict(_descriptors(es, at, len(es)))
    decoder = inner[4]
    kind = decoder[0]
    if kind != 0x40:
        return f"mp4a.{kind:02X}"
    config = dict(_descriptors(decoder, 13, len(decoder)))[5]
    profile = config[0] >> 3
    if profile == 31:
        profile = 32 + (struct.unpack_from(">H", config)[0] >> 5 & 63)
    return f"mp4a.40.{profile}"


def codec_string(entry, boxes):
    """`boxes`: those in the sample description, by their kind."""
    if "avcC" in boxes:
        return _avc(entry, boxes["avcC"])
    if "hvcC" in boxes:
        return _hevc(entry, boxes["hvcC"])
    if "vpcC" in boxes:
        return (_vp9 if entry == "vp09" else _vp8)(entry, boxes["vpcC"])
    if "av1C" in boxes:
        return _av1(entry, boxes["av1C"], boxes.get("colr"))
    if "esds" in boxes:
        return _mp4a(boxes["esds"])
    return {"Opus": "opus", "fLaC": "flac"}.get(entry, AC3_NAMES.get(entry, entry))


def same_codec(ours, said):
    """The names of Opus and FLAC are found in both cases. An `mp4a.40.2` whose stream has an extension that is told only
    implicitly may be called .5 or .29."""
    ours, said = ours.lower(), said.lower()
    implicit = {"mp4a.40.2": {"mp4a.40.5", "mp4a.40.29"}}
    mp3 = {"mp4a.6b": {"mp4a.40.34", "mp4a.69"}, "mp4a.69": {"mp4a.40.34", "mp4a.6b"}}
    return said == ours or said in implicit.get(ours, ()) or said in mp3.get(ours, ())
