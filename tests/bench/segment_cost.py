"""Ratio 2: the CPU that HLS segments cost, against the same number of bytes as plain ranges from the same sandbox."""

import os
import pathlib
import subprocess
import tempfile

from meter import Sample, container_cpu_seconds, interleaved, measure, ratios, summary
from reader import Reader

ROUNDS = 25
BYTES_PER_ROUND = 120 << 20
TITLES = {"mp4": "Busy mp4", "mkv": "Busy mkv"}


def listed(client, path):
    answer = client.get(path)
    if answer.status != 200:
        raise RuntimeError(f"GET {path}: {answer.status}")
    return [line for line in answer.body.decode().splitlines() if line and not line.startswith("#")]


def video_segments(client, video):
    """Paths of all segments of its video track. The master playlist names the video's media playlist last."""
    base = f"/stream/{video['id']}/"
    playlist = base + listed(client, base + "master.m3u8")[-1]
    return [playlist.rsplit("/", 1)[0] + "/" + name for name in listed(client, playlist)]


def stream_copy(film):
    """ffmpeg cutting the same film into the same kind of segments: video and audio, written, not sent."""
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        process = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-nostdin", "-i", str(film), "-c", "copy", "-f", "hls", "-hls_time", "6",
             "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", str(pathlib.Path(folder) / "out.m3u8")])
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"ffmpeg -c copy of {film} ended with {process.returncode}")
        written = sum(file.stat().st_size for file in pathlib.Path(folder).glob("*.m4s"))
    return Sample(written, 1.0, used.ru_utime + used.ru_stime)


def run_one(daemon, client, container, title, film):
    video = client.video(title)
    original = f"/stream/{video['id']}/original"
    segments = video_segments(client, video)
    pid = container["State"]["Pid"]
    with Reader(("127.0.0.1", daemon.port), client.cookie) as reader:
        sizes = [reader.read(path) for path in segments]
        passes = max(1, BYTES_PER_ROUND // sum(sizes))

        def as_segments():
            return sum(reader.read(path) for _ in range(passes) for path in segments)

        def as_ranges():
            moved = 0
            for _ in range(passes):
                first = 0
                for size in sizes:
                    moved += reader.read(original, first, size)
                    first += size
            return moved

        samples = interleaved(ROUNDS, {
            "segments": lambda: measure(lambda: container_cpu_seconds(pid), as_segments),
            "ranges": lambda: measure(lambda: container_cpu_seconds(pid), as_ranges),
            "ffmpeg_copy": lambda: stream_copy(film),
        })
    ffmpeg = samples.pop("ffmpeg_copy")
    measured = summary(samples)
    measured["ffmpeg_copy"] = {"bytes_per_cpu_second": summary({"": ffmpeg})[""]["bytes_per_cpu_second"]}
    return {
        "segments": len(segments), "bytes": sum(sizes), "passes": passes, "samples": measured,
        "ratios": {
            "bytes_per_cpu_second_to_range": ratios(
                samples["segments"], samples["ranges"], lambda s: s.per_cpu_second),
            "bytes_per_cpu_second_to_ffmpeg_copy": ratios(
                samples["segments"], ffmpeg, lambda s: s.per_cpu_second),
        },
    }


def run(daemon, client, container, films):
    return {kind: run_one(daemon, client, container, TITLES[kind], film) for kind, film in films.items()}
