"""Part 5: a film of two hours, cold and warm, against `ffmpeg -ss … -c copy` and plain ranges; indexing against ffprobe and cat."""

import contextlib
import os
import pathlib
import re
import subprocess
import tempfile
import time
from urllib.parse import urljoin

from carrel import Client, Daemon, make_film, settle, wait_for
from first_byte import log_time
from meter import interleaved, ratios, spread
from reader import Reader
from segment_cost import listed

ROUNDS = 9
HOURS = 2
SEEK = 4321  # seconds
TITLES = {"mp4": "Long mp4", "mkv": "Long mkv"}


def make_long(folder, hours=HOURS):
    """Two minutes, said again and again: as many samples, cuts and chunks as two hours have, in no time."""
    short = make_film(folder / ".short.mp4", 120, rate="1500k")
    made = {}
    for kind in TITLES:
        path = folder / f"Long_{kind}.{kind}"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-stream_loop", str(hours * 30 - 1), "-i", short, "-map", "0",
                        "-c", "copy", path], check=True)
        settle(path)
        made[kind] = path
    short.unlink()
    return made


def segment_at(client, playlist, seconds):
    """The path of the segment that has this time, of a media playlist."""
    text, at = client.get(playlist).body.decode(), 0.0
    for length, name in re.findall(r"#EXTINF:([\d.]+),.*\n([^#\n]+)", text):
        at += float(length)
        if at > seconds:
            return urljoin(playlist, name), float(length)
    raise RuntimeError(f"{playlist} does not last {seconds} s")


def timed(work):
    began = time.monotonic()
    size = work()
    return {"seconds": time.monotonic() - began, "bytes": size}


def cold(daemon, root):
    """What a player does first, on connections of its own: master, media playlist, init, first segment. The sandbox is there."""
    with contextlib.closing(Client(daemon)) as client:
        client.log_in()
        wait_for("the sandbox", lambda: client.get(root + "chapters.json").status != 503)

        def play():
            media = root + listed(client, root + "master.m3u8")[-1]
            first = listed(client, media)[0]
            return sum(len(client.get(path).body) for path in (urljoin(media, "init.mp4"), urljoin(media, first)))

        sample = timed(play)
        client.request("POST", "/api/v1/auth/logout")
        return sample


def copied(film, start, length):
    """ffmpeg from nothing to the same seconds of the same film, as fragmented MP4."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as out:
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-ss", str(start), "-i", film, "-t", str(length), "-map", "0:v",
                        "-c", "copy", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", out.name], check=True)
        return os.stat(out.name).st_size


def playing(daemon, client, title, film):
    root = f"/stream/{client.video(title)['id']}/"
    media = root + listed(client, root + "master.m3u8")[-1]
    (first, first_length), (far, far_length) = (segment_at(client, media, at) for at in (0, SEEK))
    with Reader(("127.0.0.1", daemon.port), client.cookie) as reader:
        first_bytes, far_bytes = reader.read(first), reader.read(far)
        samples = interleaved(ROUNDS, {
            "cold_start": lambda: cold(daemon, root),
            "warm_segment": lambda: timed(lambda: reader.read(first)),
            "seek": lambda: timed(lambda: reader.read(far)),
            "range": lambda: timed(lambda: reader.read(root + "original", film.stat().st_size // 2, far_bytes)),
            "first_range": lambda: timed(lambda: reader.read(root + "original", 0, first_bytes)),
            "ffmpeg_start": lambda: timed(lambda: copied(film, 0, first_length)),
            "ffmpeg_seek": lambda: timed(lambda: copied(film, SEEK, far_length)),
        })
    seconds = lambda one: one["seconds"]  # noqa: E731
    return {
        "seconds": {name: spread(map(seconds, some)) for name, some in samples.items()},
        "ratios": {
            "cold_start_to_ffmpeg": ratios(samples["cold_start"], samples["ffmpeg_start"], seconds),
            "cold_start_to_range": ratios(samples["cold_start"], samples["first_range"], seconds),
            "warm_segment_to_ffmpeg": ratios(samples["warm_segment"], samples["ffmpeg_start"], seconds),
            "warm_segment_to_range": ratios(samples["warm_segment"], samples["first_range"], seconds),
            "seek_to_ffmpeg": ratios(samples["seek"], samples["ffmpeg_seek"], seconds),
            "seek_to_range": ratios(samples["seek"], samples["range"], seconds),
        },
    }


def index_speed(folder, image, kinds):
    """Each film alone: what a daemon takes from knowing it to knowing all of it, against ffprobe's reading of its packets, and
    against reading it once."""
    result = {}
    for kind, film in kinds.items():
        library = folder / f"library_{kind}"
        library.mkdir()
        os.link(film, library / film.name)

        def index():
            with Daemon(library, CARREL_SANDBOX_IMAGE=image) as daemon, contextlib.closing(daemon.client()) as client:
                began = wait_for("the worker", lambda: daemon.event("sandbox.state", role="worker", state="ready"), 60)
                daemon.wait_until_indexed(client)
                ended = wait_for("its end", lambda: daemon.event("sandbox.state", role="worker", state="stopping"), 60)
                return {"seconds": (log_time(ended) - log_time(began)).total_seconds()}

        samples = interleaved(3, {"index": index, "ffprobe": lambda: timed(lambda: probed(film)), "cat": lambda: timed(lambda: read(film))})
        seconds = lambda one: one["seconds"]  # noqa: E731
        result[kind] = {"seconds": {name: spread(one["seconds"] for one in some) for name, some in samples.items()},
                        "ratios": {f"index_to_{other}": ratios(samples["index"], samples[other], seconds) for other in ("ffprobe", "cat")}}
    return result


def read(film):
    done = subprocess.run(["cat", film], check=True, stdout=subprocess.PIPE)
    return len(done.stdout)


def probed(film):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_packets", film], check=True, stdout=subprocess.PIPE)
    return len(done.stdout)


def run(folder, image):
    films = make_long(pathlib.Path(folder))
    with Daemon(folder, CARREL_SANDBOX_IMAGE=image) as daemon, contextlib.closing(daemon.client()) as client:
        daemon.wait_until_indexed(client)
        result = {kind: playing(daemon, client, TITLES[kind], film) for kind, film in films.items()}
    return {"playing": result, "index": index_speed(pathlib.Path(folder), image, films)}
