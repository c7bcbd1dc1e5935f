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


@functools.lru_cache(maxsize=None)
def probe(path):
    done = hls_reader.run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path)
    return json.loads(done.stdout or "{}")


def is_raw(path):
    return any(name in RAW for name in probe(path).get("format", {}).get("format_name", "").split(","))


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


def samples(path, stream):
    """The sound as one channel from the film's own zero on, as signed 16-bit numbers."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", str(path), "-map", f"0:{stream}", "-ac", "1",
         "-af", f"aresample={HERTZ}:async=1:first_pts=0", "-f", "s16le", "-"], capture_output=True, check=False)
    return array.array("h", done.stdout[:len(done.stdout) // 2 * 2])


def delay(ours, theirs, expected, reach=0.02, at=None):
    """Seconds by which ours is later than theirs, by the best match of a second of sound within `reach` of what is expected.
    A parabola through the best three finds what lies between two samples. None: it is silent or too short."""
    middle = int(HERTZ * at) if at is not None else len(theirs) // 2
    length, most = HERTZ, int(HERTZ * reach)
    base = round(expected * HERTZ)
    first = min(middle, len(theirs) - length)
    if first < 0 or not any(theirs[first:first + length]):
        return None
    piece = theirs[first:first + length]
    scores = []
    for lag in range(-most, most + 1):
        begin = first + base + lag
        part = ours[begin:begin + length] if begin >= 0 else []
        scores.append(sum(a * b for a, b in zip(piece, part)) if len(part) == length else float("-inf"))
    best = max(range(len(scores)), key=scores.__getitem__)
    if scores[best] <= 0 or not 0 < best < len(scores) - 1:
        return None
    left, here, right = scores[best - 1:best + 2]
    bend = left - 2 * here + right
    between = (left - right) / (2 * bend) if bend else 0
    return (base + best - most + between) / HERTZ
