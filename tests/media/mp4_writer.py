"""Boxes, and MP4 files of a structure that ffmpeg does not write."""

import json
import struct
import subprocess
from dataclasses import dataclass, field

UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind.encode() + body


def full(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


@dataclass
class Sample:
    data: bytes
    dts: int
    pts: int
    sync: bool
    duration: int
    entry: int = 1  # which of the track's descriptions


@dataclass
class Track:
    kind: str        # "vide", "soun" or "text"
    timescale: int
    size: tuple      # of the picture
    entries: list    # sample entries, as they stand in stsd
    samples: list = field(default_factory=list)


def _bodies(data, start, end, path):
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if kind == path[0]:
            if len(path) == 1:
                yield data[start + 8:start + size]
            else:
                yield from _bodies(data, start + 8, start + size, path[1:])
        start += size


def read(path):
    """The tracks of a progressive MP4 that ffmpeg wrote."""
    data = path.read_bytes()
    descriptions = list(_bodies(data, 0, len(data), [*CONTAINERS, b"stsd"]))
    done = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-show_packets", "-of", "json", str(path)],
                          capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    tracks = [Track("vide" if stream["codec_type"] == "video" else "soun", int(stream["time_base"].split("/")[1]),
                    (stream.get("width", 0), stream.get("height", 0)), [description[8:]])
              for stream, description in zip(found["streams"], descriptions)]
    for packet in found["packets"]:
        at, size = int(packet["pos"]), int(packet["size"])
        tracks[packet["stream_index"]].samples.append(
            Sample(data[at:at + size], int(packet["dts"]), int(packet["pts"]), "K" in packet["flags"], int(packet["duration"])))
    return tracks


def configuration(path, kind):
    """What an avcC has, or the AudioSpecificConfig of an esds."""
    data = path.read_bytes()
    at = data.index(kind)
    body = data[at + 4:at - 4 + struct.unpack_from(">I", data, at - 4)[0]]
    if kind != b"esds":
        return body
    specific = body.rindex(b"\x05\x80\x80\x80") + 4  # ffmpeg writes lengths in four bytes
    return body[specific + 1:specific + 1 + body[specific]]


def sets_in_samples(track):
    """Makes HEVC whose parameter sets stand in the samples alone of HEVC that has them in its description."""
    entry, = track.entries
    at = entry.index(b"hvcC") - 4
    end = at + struct.unpack_from(">I", entry, at)[0]
    config, units, place = entry[at + 8:end], [], 23
    for _ in range(config[22]):
        place += 3
        for _ in range(*struct.unpack_from(">H", config, place - 2)):
            size, = struct.unpack_from(">H", config, place)
            units.append(struct.pack(">I", size) + config[place + 2:place + 2 + size])
            place += 2 + size
    track.entries = [box("hev1", entry[8:at], box("hvcC", config[:22], b"\0"), entry[end:])]
    for sample in track.samples:
        if sample.sync:
            sample.data = b"".join(units) + sample.data


def join(parts):
    """One track after the other, each part with its own description."""
    whole = Track(parts[0].kind, parts[0].timescale, parts[0].size, [])
    end = 0
    for part in parts:
        whole.entries += part.entries
        start = part.samples[0].dts
        for sample in part.samples:
            whole.samples.append(Sample(sample.data, end + sample.dts - start, end + sample.pts - start, sample.sync,
                                        sample.duration, len(whole.entries)))
        end += part.samples[-1].dts - start + part.samples[-1].duration
    return whole


def _table(kind, rows, pack, version=0):
    return full(kind, version, 0, struct.pack(">I", len(rows)), *(struct.pack(pack, *row) for row in rows))


def _chunks(track):
    """Runs of samples with one description, at most a second each."""
    runs = []
    for sample in track.samples:
        same = runs and runs[-1][-1].entry == sample.entry
        if not same or sample.dts - runs[-1][0].dts >= track.timescale:
            runs.append([])
        runs[-1].append(sample)
    return runs


def _track(number, track, places, edits):
    samples, chunks = track.samples, _chunks(track)
    ends = [*(sample.dts for sample in samples[1:]), samples[-1].dts + samples[-1].duration]
    length = ends[-1] - samples[0].dts
    # With it libavformat tells no durations.
    reordered = [] if track.kind == "text" else [_table("ctts", [(1, sample.pts - sample.dts) for sample in samples], ">Ii", 1)]
    stbl = box("stbl", full("stsd", 0, 0, struct.pack(">I", len(track.entries)), *track.entries),
               _table("stts", [(1, end - sample.dts) for sample, end in zip(samples, ends)], ">II"),
               *reordered,
               _table("stss", [(number,) for number, sample in enumerate(samples, 1) if sample.sync], ">I"),
               _table("stsc", [(place, len(chunk), chunk[0].entry) for place, chunk in enumerate(chunks, 1)], ">III"),
               full("stsz", 0, 0, struct.pack(">II", 0, len(samples)), *(struct.pack(">I", len(s.data)) for s in samples)),
               _table("co64", [(place,) for place in places], ">Q"))
    head = {"vide": full("vmhd", 0, 1, bytes(8)), "soun": full("smhd", 0, 0, bytes(4)), "text": full("nmhd", 0, 0)}[track.kind]
    dinf = box("dinf", full("dref", 0, 0, struct.pack(">I", 1), full("url ", 0, 1)))
    mdia = box("mdia", full("mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, track.timescale, length, 0x55c4, 0)),
               full("hdlr", 0, 0, bytes(4), track.kind.encode(), bytes(13)), box("minf", head, dinf, stbl))
    tkhd = full("tkhd", 0, 7, struct.pack(">IIIII", 0, 0, number, 0, length), bytes(8),
                struct.pack(">HHHH", 0, 0, 0 if track.kind == "vide" else 0x100, 0), UNITY,
                struct.pack(">II", track.size[0] << 16, track.size[1] << 16))
    elst = box("edts", full("elst", 0, 0, struct.pack(">I", len(edits)),
                            *(struct.pack(">IiI", *edit, 0x10000) for edit in edits))) if edits else b""
    return box("trak", tkhd, elst, mdia)


def write(path, tracks, edits=()):
    """`edits`: of each track a list of (duration in milliseconds, media time)."""
    head = box("ftyp", b"isom\0\0\2\0isomiso2mp41")
    media, places = b"", {id(track): [] for track in tracks}
    chunks = sorted(((chunk[0].dts / track.timescale, number, track, chunk) for number, track in enumerate(tracks)
                     for chunk in _chunks(track)), key=lambda one: one[:2])
    for _, _, track, chunk in chunks:
        places[id(track)].append(len(head) + 8 + len(media))
        media += b"".join(sample.data for sample in chunk)
    edits = list(edits) or [()] * len(tracks)
    mvhd = full("mvhd", 0, 0, struct.pack(">IIIIIH", 0, 0, 1000, 0, 0x10000, 0x100), bytes(10), UNITY, bytes(24),
                struct.pack(">I", len(tracks) + 1))
    moov = box("moov", mvhd, *(_track(number, track, places[id(track)], edit)
                               for number, (track, edit) in enumerate(zip(tracks, edits), 1)))
    path.write_bytes(head + box("mdat", media) + moov)
