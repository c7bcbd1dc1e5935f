"""What a film's source is by ffmpeg's word, in a form that what is packaged from it can be held against."""

import array
import functools
import json
import statistics
import subprocess

import hls_reader

# Containers whose samples go out in another form: Annex B becomes length-prefixed, ADTS loses its headers.
RAW = ("mpegts", "mpeg", "avi", "asf", "aac", "h264", "hevc", "loas")
# Parameter sets, delimiters and fillers may move into the configuration, or stay.
FILTERS = {"h264": "filter_units=remove_types=7-9|12", "hevc": "filter_units=remove_types=32-35|38"}
HERTZ = 8000
BROWSERS_CODECS = {"h264", "vp8", "vp9", "av1", "aac", "mp3", "opus", "vorbis", "flac"}


@functools.lru_cache(maxsize=None)
def probe(path):
    done = hls_reader.run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path)
    return json.loads(done.stdout or "{}")


def seconds(path):
    """0 where the container does not tell."""
    return float(probe(path)["format"].get("duration", 0))


def is_raw(path):
    return any(name in RAW for name in probe(path).get("format", {}).get("format_name", "").split(","))


def browsers_decode(path):
    """Whether all that is seen and heard is of a codec that every browser knows."""
    kinds = [one.get("codec_name") for one in probe(path)["streams"] if one["codec_type"] in ("video", "audio")]
    return set(kinds) <= BROWSERS_CODECS


def plays_as_it_is(path):
    """Whether the file itself is for a browser: its container, and what is in it."""
    known = probe(path)["format"]
    name, brand = known["format_name"], known.get("tags", {}).get("major_brand")
    container = (brand != "qt  " if "mp4" in name.split(",") else
                 b"webm" in path.read_bytes()[:64] if "webm" in name.split(",") else name in ("mp3", "flac", "ogg", "wav"))
    return container and browsers_decode(path)


def packets(path, streams, raw, maps=None):
    """Stream number → packets, as framehash has them: times are None where the film has none."""
    known = probe(path)["streams"] if maps is None else []
    arguments = []
    for position, stream in enumerate(streams):
        arguments += ["-map", f"0:{stream}"]
        codec = known[stream].get("codec_name") if known else maps[position]
        if raw and codec in FILTERS:
            arguments += [f"-bsf:{position}", FILTERS[codec]]
        elif raw and codec == "aac" and maps is None and is_raw(path):
            arguments += [f"-bsf:{position}", "aac_adtstoasc"]
    done = hls_reader.run("ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", path, *arguments, "-c", "copy", "-f", "framehash",
                          "-hash", "md5", "-")
    return hls_reader.read_framehash(done.stdout, streams)


def shift_of(ours, theirs):
    """(median, spread) in seconds of how much later ours are; None where the source has no times."""
    moved = [a.seconds - b.seconds for a, b in zip(ours, theirs) if a.seconds is not None and b.seconds is not None]
    return (statistics.median(moved), max(moved) - min(moved)) if moved else None


def jumps(packets):
    """Whether the film's own clock is set back or far ahead: what is made of it runs on."""
    times = [packet.seconds for packet in packets if packet.seconds is not None]
    return len(set(times)) < len(times) or any(abs(b - a) > 5 for a, b in zip(times, times[1:]))


def first_decoded(path):
    """Seconds at which the film begins to be decoded: where a film's own times are moved to zero from."""
    done = subprocess.run(["ffprobe", "-v", "error", "-read_intervals", "%+#40", "-show_entries", "packet=pts_time,dts_time",
                           "-of", "json", str(path)], capture_output=True, text=True, check=True)
    times = [packet.get("dts_time", packet.get("pts_time")) for packet in json.loads(done.stdout)["packets"]]
    return min((float(time) for time in times if time), default=0.0)


@functools.lru_cache(maxsize=4)
def samples(path, stream):
    """The sound as one channel from the film's own zero on, as signed 16-bit numbers; gaps of 10 ms and more are silent."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", str(path), "-map", f"0:{stream}", "-ac", "1",
         "-af", f"aresample={HERTZ}:async=1:min_hard_comp=0.01:first_pts=0", "-f", "s16le", "-"], capture_output=True, check=False)
    return array.array("h", done.stdout[:len(done.stdout) // 2 * 2])


def pre_skip(path, stream):
    """How many samples of Opus a decoder begins with that nobody is to hear (RFC 7845 section 5.1)."""
    done = hls_reader.run("ffprobe", "-v", "error", "-show_data", "-show_entries", "stream=extradata", "-of", "json", path)
    head = json.loads(done.stdout)["streams"][stream]["extradata"].split()[1:9]
    return int.from_bytes(bytes.fromhex("".join(head))[10:12], "little")


def delay(ours, theirs, expected, reach=0.02, at=None):
    """Seconds by which ours is later than theirs, by the best match of a second of sound (half of all, where there is less)
    within `reach` of what is expected. A parabola through the best three finds what lies between two samples. None: it is
    silent or too short."""
    length, most = min(HERTZ, len(theirs) // 2), int(HERTZ * reach)
    base = round(expected * HERTZ)
    if length == 0 or not any(theirs):
        return None
    if at is None:
        first = max(range(0, len(theirs) - length + 1, max(length // 4, 1)),
                    key=lambda begin: sum(abs(a) for a in theirs[begin:begin + length:16]))
    else:
        first = min(int(HERTZ * at), len(theirs) - length)
    piece = theirs[first:first + length]
    # What lies before and behind ours is silence.
    begin = first + base - most
    around = array.array("h", bytes(2 * max(-begin, 0))) + ours[max(begin, 0):max(begin + length + 2 * most, 0)]
    around += array.array("h", bytes(2 * max(length + 2 * most - len(around), 0)))
    scores = [sum(a * b for a, b in zip(piece, around[lag:lag + length])) for lag in range(2 * most + 1)]
    best = max(range(len(scores)), key=scores.__getitem__)
    if scores[best] <= 0 or not 0 < best < len(scores) - 1:
        return None
    # A tone matches itself a period later as well: where it is expected to be is as good a place then.
    near = max(range(most - HERTZ // 1000, most + HERTZ // 1000 + 1), key=scores.__getitem__)
    if scores[near] >= 0.98 * scores[best]:
        best = near
    left, here, right = scores[best - 1:best + 2]
    bend = left - 2 * here + right
    between = (left - right) / (2 * bend) if bend else 0
    return (base + best - most + between) / HERTZ
