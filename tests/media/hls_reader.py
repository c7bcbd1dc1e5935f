"""Reads packaged films and their sources through ffprobe and ffmpeg."""

import json
import re
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


NO_TIME = -(1 << 63)


@dataclass(frozen=True)
class Packet:
    seconds: Fraction | None  # presentation time
    size: int
    hash: str


def as_sent(pictures, seconds):
    """The only picture of a film that lasts so many seconds comes again with each."""
    if len(pictures) != 1:
        return pictures
    [only] = pictures
    times = range(max(1, round(seconds)))
    return [Packet(None if only.seconds is None else only.seconds + time, only.size, only.hash) for time in times]


def hidden_packets(film, stream):
    """Of each packet, whether an edit list hides it; nothing where the container has none."""
    if Path(film).suffix not in (".mp4", ".mov", ".m4a"):
        return []
    done = run("ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "packet=flags", "-of", "csv=p=0", film)
    return ["D" in line for line in done.stdout.split()]


def without_hidden_times(film, stream, pictures):
    """What an edit list hides is decoded, but when is not the source's to say."""
    hidden = hidden_packets(film, stream)
    if not any(hidden):
        return pictures
    assert len(hidden) == len(pictures), f"{film}: {len(hidden)} packets, of which {len(pictures)} are copied"
    return [Packet(None if one else picture.seconds, picture.size, picture.hash) for one, picture in zip(hidden, pictures)]


def without_hidden_beginning(film, stream, sounds):
    """AAC whose beginning an edit list hides, but for the frame that a decoder needs. The encoder's priming stays."""
    frames = [*hidden_packets(film, stream), False].index(False)
    if frames <= 4 or probe(film, "stream=codec_name")["streams"][stream]["codec_name"] != "aac":
        return sounds
    return sounds[frames - 1:]


def run(*arguments):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False)


def probe(path, entries):
    done = run("ffprobe", "-v", "error", "-show_data_hash", "md5", "-show_entries", entries, "-of", "json", path)
    if done.returncode != 0:
        raise AssertionError(f"ffprobe {path}: {done.stderr}")
    return json.loads(done.stdout)


def packets_of(path):
    """Of a file with one track: its clock, packets with exact times, and the whole duration in ticks."""
    found = probe(path, "packet=pts,dts,size,data_hash:stream=time_base,duration_ts")
    tick = Fraction(found["streams"][0]["time_base"])
    packets = [Packet(int(p["pts"]) * tick, int(p["size"]), p["data_hash"].removeprefix("MD5:"))
               for p in found["packets"]]
    # ffprobe takes the durations of single packets from a guessed frame rate; the stream's is the sum of `trun`, from
    # zero to the end of the last sample.
    return tick, packets, int(found["streams"][0]["duration_ts"]) - int(found["packets"][0]["dts"])


# A transport stream's parameters may come late.
FAR = ("-probesize", "100M", "-analyzeduration", "60M")


def copied_packets(film, streams):
    """What `ffmpeg -c copy` takes from the film: stream number → packets."""
    maps = [argument for stream in streams for argument in ("-map", f"0:{stream}")]
    done = run("ffmpeg", "-v", "error", "-nostdin", *FAR, "-i", film, *maps, "-c", "copy", "-f", "framehash", "-hash",
               "md5", "-")
    return read_framehash(done.stdout, streams)


def read_framehash(text, streams):
    """Stream number → packets, of what ffmpeg's framehash writes; times are None where the film has none."""
    ticks, packets = {}, {stream: [] for stream in streams}
    for line in text.splitlines():
        if line.startswith("#tb "):
            number, value = line[4:].split(":")
            ticks[int(number)] = Fraction(value.strip())
        if line.startswith("#") or not line.strip():
            continue
        number, _, pts, _, size, digest = [field.strip() for field in line.split(",")[:6]]
        seconds = None if int(pts) == NO_TIME else int(pts) * ticks[int(number)]
        packets[streams[int(number)]].append(Packet(seconds, int(size), digest))
    return packets


# Parameter sets, delimiters and filler, which MP4 has elsewhere or not at all.
STREAM_UNITS = {"h264": "7-12", "hevc": "32-38"}


def reframed_packets(film, streams, folder):
    """copied_packets() where the film has them in the framing of streams: in MP4's, by way of Matroska's muxer."""
    packets = copied_packets(film, streams)
    codecs = [stream["codec_name"] for stream in probe(film, "stream=codec_name")["streams"]]
    arguments, muxed = [], []
    for stream in streams:
        if codecs[stream] not in (*STREAM_UNITS, "aac"):
            continue
        arguments += ["-map", f"0:{stream}"]
        if codecs[stream] in STREAM_UNITS:
            arguments += [f"-bsf:{len(muxed)}", f"filter_units=remove_types={STREAM_UNITS[codecs[stream]]}"]
        muxed.append(stream)
    if not muxed:
        return packets
    path = folder / "reframed.mkv"
    done = run("ffmpeg", "-v", "error", "-nostdin", "-y", *FAR, "-i", film, "-c", "copy", *arguments, path)
    if done.returncode != 0:
        raise AssertionError(f"{film}: {done.stderr}")
    contents = copied_packets(path, range(len(muxed)))
    for number, stream in enumerate(muxed):
        packets[stream] = [Packet(time.seconds, content.size, content.hash)
                           for time, content in zip(packets[stream], contents[number], strict=True)]
    path.unlink()
    return packets


def packets_without_sets(film, stream):
    """copied_packets() of one stream, its parameter sets left out."""
    codec = probe(film, "stream=codec_name")["streams"][stream]["codec_name"]
    done = run("ffmpeg", "-v", "error", "-nostdin", "-i", film, "-map", f"0:{stream}", "-c", "copy", "-bsf",
               f"filter_units=remove_types={STREAM_UNITS[codec]}", "-f", "framehash", "-hash", "md5", "-")
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{film}: {done.stderr}")
    return read_framehash(done.stdout, [stream])[stream]


def media_playlist(path):
    """(EXTINF as an exact fraction, URI) of each segment."""
    segments, duration = [], None
    for line in path.read_text().splitlines():
        if line.startswith("#EXTINF:"):
            duration = Fraction(line.removeprefix("#EXTINF:").rstrip(","))
        elif line and not line.startswith("#"):
            segments.append((duration, line))
    return segments


# What a player's clock or a decoder's guess at its own buffers says about times that are the source's; and that FFmpeg 5.1
# reads no subtitles in HLS.
HARMLESS = ("DTS discontinuity in stream", "Increasing reorder buffer", "Can't support the subtitle")


def decode_complaints(path, *timing):
    """What ffmpeg says while it decodes all pictures and sounds, or while it fails to."""
    done = run("ffmpeg", "-v", "repeat+warning", "-nostdin", "-i", path, "-map", "0:v?", "-map", "0:a?", *timing, "-f", "null", "-")
    lines = [line for line in done.stderr.splitlines() if not any(known in line for known in HARMLESS)]
    return "\n".join(lines) or ("" if done.returncode == 0 else f"exit code {done.returncode}")


def said_of(line):
    """A complaint without what differs from file to file: who says it, where and of which packet."""
    line = re.sub(r"\[[^\]]* @ 0x[0-9a-f]+\] *", "", line)
    line = re.sub(r"(/[\w.+-]+)+", "FILE", line)
    return re.sub(r"(0x[0-9a-fA-F]+|-?\d+(\.\d+)?)", "N", line).strip()


def unlike(ours, theirs):
    """The lines of ours of which theirs has none of the same kind."""
    known = {said_of(line) for line in theirs.splitlines()}
    return "\n".join(line for line in ours.splitlines() if said_of(line) not in known)


def new_complaints(path, source):
    """decode_complaints() that the source does not give as well."""
    ours = decode_complaints(path)
    # Pictures that pass in a tick are too short for ffmpeg's guesses at times: then they are counted. When each is shown is held
    # against the source elsewhere.
    if "dts to muxer" in ours and any(hidden_packets(source, "v")):
        ours = decode_complaints(path, "-vf", "setpts=N", "-fps_mode", "passthrough", "-enc_time_base", "-1")
    return unlike(ours, decode_complaints(source)) if ours else ""
