"""Containers × codecs × structures, each film made once with ffmpeg: those of tests/media/films.py, and these.

The sound sweeps, so that where it lies in time can be told to a fraction of a millisecond after any encoding.
"""

import hashlib
import json
import os
import pathlib
import shutil
import tempfile

import films
import he_aac_writer
import mkv_writer
import mp4_writer
import odd_films
import vc1_writer

SECONDS = 8
OUTCOMES = "outcomes.json"  # name → what is to become of the film, and why; the others play
PICTURE = f"testsrc2=size=192x108:rate=25:duration={SECONDS}"
SWEEP = "aevalsrc=exprs='{exprs}':channel_layout={layout}:sample_rate=48000:duration={seconds}"
ONE = "0.4*sin(2*PI*(150*t+40*t*t))"
# Its fifth channel and others are quiet: a downmix is to be told from the front left.
LAYOUTS = {"stereo": 2, "5.1": 6, "7.1": 8}
X264 = [*films.X264, "-g", "50", "-bf", "2"]
SRT = "1\n00:00:00,500 --> 00:00:02,000\nFirst\n\n2\n00:00:01,800 --> 00:00:05,250\n<i>Über</i> & zwei\n\n" \
      "3\n00:00:06,100 --> 00:00:07,900\nLast\n"

# Name → what ffmpeg is told between its inputs (picture and sound, as named) and the file. The containers are in films.py.
SOUNDS = {
    "sweep_ac3.mkv": ("5.1", [*X264, "-c:a", "ac3", "-b:a", "384k"]),
    "sweep_ac3_paused.mkv": ("5.1", [*X264, "-c:a", "ac3", "-b:a", "384k", "-bsf:a", "noise=drop='between(n,90,130)'"]),
    "sweep_ac3.ts": ("stereo", [*X264, "-c:a", "ac3"]),
    "sweep_eac3.mp4": ("5.1", [*X264, "-c:a", "eac3", "-b:a", "256k"]),
    "sweep_dts.mkv": ("5.1", [*X264, "-c:a", "dca", "-strict", "-2"]),
    "sweep_truehd.mkv": ("5.1", [*X264, "-c:a", "truehd", "-strict", "-2"]),
    "sweep_pcm.mov": ("stereo", [*X264, "-c:a", "pcm_s24le"]),
    "sweep_vorbis.mkv": ("stereo", [*X264, "-c:a", "libvorbis"]),
    # Clocks that count pictures; the sound begins 128 samples, or the encoder's 1,024, before zero.
    "sweep_vorbis.ogg": ("stereo", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libvorbis"]),
    "sweep_coarse.mp4": ("5.1", [*X264, "-c:a", "ac3", "-video_track_timescale", "25"]),
    "sweep_mp2.mpg": ("stereo", [*X264, "-c:a", "mp2", "-f", "vob"]),
    "sweep_aac_5_1.mp4": ("5.1", [*X264, "-c:a", "aac", "-b:a", "192k"]),
    "sweep_opus_5_1.mkv": ("5.1", [*X264, "-c:a", "libopus", "-mapping_family", "1"]),
    "sweep_opus.mp4": ("stereo", [*X264, "-c:a", "libopus"]),
    "sweep_aac.ts": ("stereo", [*X264, *films.AAC]),
}
# Those whose sound is no browser's: it is sent as AAC alone.
TRANSCODED = ("sweep_truehd.mkv", "sweep_pcm.mov", "sweep_vorbis.mkv", "sweep_vorbis.ogg", "sweep_mp2.mpg")
NO_FILM = ("text.mkv", "This is not a film")
SUBTITLES = {
    "srt.mkv": ["-map", "2:s", "-c:s", "srt", "-metadata:s:s:0", "language=ger", "-disposition:s:0", "forced",
                "-metadata:s:s:1", "language=fre", "-disposition:s:1", "default"],
    "ass.mkv": ["-c:s", "ass", "-metadata:s:s:0", "language=eng"],
    "mov_text.mp4": ["-c:s", "mov_text", "-metadata:s:s:0", "language=fre"],
}


def sweep(layout="stereo", seconds=SECONDS):
    exprs = "|".join([ONE] + [f"0.05*sin(2*PI*{200 + 50 * n}*t)" if layout != "stereo" else ONE
                              for n in range(1, LAYOUTS[layout])])
    return ["-f", "lavfi", "-i", SWEEP.format(exprs=exprs, layout=layout, seconds=seconds)]


def picture():
    return ["-f", "lavfi", "-i", PICTURE]


def make(folder):
    """Makes every film of this file."""
    for name, (layout, arguments) in SOUNDS.items():
        films.ffmpeg(*picture(), *sweep(layout), "-map", "0:v", "-map", "1:a", *arguments, folder / name)
    srt = folder / ".text.srt"
    srt.write_text(SRT)
    for name, arguments in SUBTITLES.items():
        films.ffmpeg(*picture(), *sweep(), "-i", srt, "-map", "0:v", "-map", "1:a", "-map", "2:s", *X264, *films.AAC,
                     *arguments, folder / name)
    films.ffmpeg("-i", folder / "srt.mkv", "-map", "0:v", "-map", "0:a", "-c", "copy", folder / "beside.mp4")
    # In Latin-1, as old files are.
    (folder / "beside.de.srt").write_bytes(SRT.encode("latin-1"))
    # Its name lies: content decides.
    shutil.copyfile(folder / "sweep_ac3.mkv", folder / "wrong_name.mp4")
    srt.unlink()
    (folder / NO_FILM[0]).write_text("What its name promises is not in it.\n" * 1000)


def made_once(build):
    """The folder with all films, made when this text, films.py or ffmpeg is another than when they were made."""
    texts = [pathlib.Path(__file__), *(pathlib.Path(one.__file__) for one in (films, odd_films, mkv_writer, mp4_writer, he_aac_writer, vc1_writer))]
    key = hashlib.sha256(b"".join(text.read_bytes() for text in texts) + str(films.major_version()).encode()).hexdigest()[:16]
    folder = build / "tests" / "films" / key
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
            whole = pathlib.Path(draft) / "films"
            whole.mkdir()
            outcomes = {path.name: outcome for path, outcome in (films.make_all(whole) | odd_films.make_all(whole)).items()}
            outcomes |= {name: ("transcoded", "") for name in TRANSCODED} | {NO_FILM[0]: ("refused", NO_FILM[1])}
            make(whole)
            (whole / OUTCOMES).write_text(json.dumps(outcomes))
            try:
                os.rename(whole, folder)
            except OSError:  # somebody else was quicker
                if not folder.exists():
                    raise
    return folder
