"""The films of the benchmarks, made anew each time."""

import os
import pathlib
import subprocess

from carrel import make_film

LARGE_BYTES = 1 << 30
PAST = (1_700_000_000, 1_700_000_000)


def make_large(folder):
    """A film of 1 GiB: a short one, and after it free space as MP4 allows. That is a hole and takes no disk."""
    film = make_film(pathlib.Path(folder) / "Large.mp4", 5, extra=("-movflags", "+faststart"))
    size = film.stat().st_size
    with open(film, "r+b") as file:
        file.seek(size)
        file.write((LARGE_BYTES - size).to_bytes(4, "big") + b"free")
        file.truncate(LARGE_BYTES)
    os.utime(film, PAST)
    return film


def make_busy(folder, seconds, rate):
    """The same H.264 and AAC at about `rate` bit/s in MP4 and MKV, laid out as ffmpeg does by default."""
    mp4 = pathlib.Path(folder) / "Busy_mp4.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={seconds},noise=alls=24:allf=t",
         "-f", "lavfi", "-i", f"sine=f=440:r=48000:d={seconds}", "-c:v", "libx264", "-preset", "ultrafast",
         "-bf", "2", "-g", "100", "-b:v", str(rate), "-maxrate", str(2 * rate), "-bufsize", str(4 * rate),
         "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", str(mp4)], check=True)
    mkv = mp4.with_name("Busy_mkv.mkv")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(mp4), "-c", "copy", str(mkv)], check=True)
    for film in (mp4, mkv):
        os.utime(film, PAST)
    return mp4, mkv


def fill_cache(film):
    """Reads it once, so that the disk takes no part and the memory of the cache counts to no container."""
    with open(film, "rb", buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass
