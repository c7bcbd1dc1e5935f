"""Containers × codecs × structures, each film made once with ffmpeg: those of tests/media/films.py, and these.

The sound sweeps, so that where it lies in time can be told to a fraction of a millisecond after any encoding.
"""

import hashlib
import os
import pathlib
import shutil
import tempfile

import films

SECONDS = 8
PICTURE = f"testsrc2=size=192x108:rate=25:duration={SECONDS}"
SWEEP = "aevalsrc=exprs='{exprs}':channel_layout={layout}:sample_rate=48000:duration={seconds}"
ONE = "0.4*sin(2*PI*(150*t+40*t*t))"
# Its fifth channel and others are quiet: a downmix is to be told from the front left.
LAYOUTS = {"stereo": 2, "5.1": 6, "7.1": 8}
X264 = [*films.X264, "-g", "50", "-bf", "2"]
SRT = "1\n00:00:00,500 --> 00:00:02,000\nFirst\n\n2\n00:00:01,800 --> 00:00:05,250\n<i>Über</i> &amp; zwei\n\n" \
      "3\n00:00:06,100 --> 00:00:07,900\nLast\n"

# Name → what ffmpeg is told between its inputs (picture and sound, as named) and the file.
SOUNDS = {
    "ac3_5_1.mkv": ("5.1", [*X264, "-c:a", "ac3", "-b:a", "384k"]),
    "ac3.mp4": ("stereo", [*X264, "-c:a", "ac3"]),
    "eac3.mp4": ("5.1", [*X264, "-c:a", "eac3", "-b:a", "256k"]),
    "dts.mkv": ("5.1", [*X264, "-c:a", "dca", "-strict", "-2"]),
    "truehd.mkv": ("5.1", [*X264, "-c:a", "truehd", "-strict", "-2"]),
    "pcm.mov": ("stereo", [*X264, "-c:a", "pcm_s16le"]),
    "pcm24.mkv": ("stereo", [*X264, "-c:a", "pcm_s24le"]),
    "alac.mov": ("stereo", [*X264, "-c:a", "alac"]),
    "vorbis.mkv": ("stereo", [*X264, "-c:a", "libvorbis"]),
    "vp8_vorbis.webm": ("stereo", ["-c:v", "libvpx", "-deadline", "realtime", "-g", "50", "-c:a", "libvorbis"]),
    "aac_5_1.mp4": ("5.1", [*X264, "-c:a", "aac", "-b:a", "192k"]),
    "opus_5_1.mkv": ("5.1", [*X264, "-c:a", "libopus", "-mapping_family", "1"]),
    "h264_aac.ts": ("stereo", [*X264, *films.AAC]),
    "h264_ac3.ts": ("stereo", [*X264, "-c:a", "ac3"]),
    "h264_mp2.ts": ("stereo", [*X264, "-c:a", "mp2"]),
    "hevc_aac.ts": ("stereo", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=50", *films.AAC]),
    "h264_aac.flv": ("stereo", [*X264, *films.AAC]),
    "h264_mp3.avi": ("stereo", [*films.X264, "-g", "50", "-bf", "0", "-c:a", "libmp3lame"]),
    "asp_packed.avi": ("stereo", ["-c:v", "mpeg4", "-bf", "2", "-c:a", "libmp3lame"]),
    "mpeg2_ac3.mpg": ("stereo", ["-c:v", "mpeg2video", "-c:a", "ac3", "-f", "vob"]),
    "wmv2.asf": ("stereo", ["-c:v", "wmv2", "-c:a", "wmav2"]),
    "theora.ogv": ("stereo", ["-c:v", "libtheora", "-c:a", "libvorbis"]),
}
ALONE = {
    "song.mp3": ["-c:a", "libmp3lame"],
    "song.aac": ["-c:a", "aac"],
    "song.flac": ["-c:a", "flac"],
    "song.wav": [],
    "song.ogg": ["-c:a", "libvorbis"],
    "song.opus": ["-c:a", "libopus"],
    "song_alac.m4a": ["-c:a", "alac"],
}
SUBTITLES = {
    "srt.mkv": ["-c:s", "srt", "-metadata:s:s:0", "language=ger", "-disposition:s:0", "forced"],
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
    for name, arguments in ALONE.items():
        films.ffmpeg(*sweep(), *arguments, folder / name)
    srt = folder / ".text.srt"
    srt.write_text(SRT)
    for name, arguments in SUBTITLES.items():
        films.ffmpeg(*picture(), *sweep(), "-i", srt, "-map", "0:v", "-map", "1:a", "-map", "2:s", *X264, *films.AAC,
                     *arguments, folder / name)
    films.ffmpeg("-i", folder / "srt.mkv", "-map", "0:v", "-map", "0:a", "-c", "copy", folder / "beside.mp4")
    # In Latin-1, as old files are.
    (folder / "beside.de.srt").write_bytes(SRT.encode("latin-1"))
    # No Cues, and clusters of unknown size, as a live recording leaves them.
    films.ffmpeg("-i", folder / "srt.mkv", "-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "matroska", "-live", "1",
                 folder / "live.mkv")
    # Its name lies: content decides.
    shutil.copyfile(folder / "ac3_5_1.mkv", folder / "wrong_name.mp4")
    srt.unlink()


def made_once(build):
    """The folder with all films, made when this text, films.py or ffmpeg is another than when they were made."""
    texts = [pathlib.Path(__file__), pathlib.Path(films.__file__)]
    key = hashlib.sha256(b"".join(text.read_bytes() for text in texts) + str(films.major_version()).encode()).hexdigest()[:16]
    folder = build / "tests" / "films" / key
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
            whole = pathlib.Path(draft) / "films"
            whole.mkdir()
            films.make_all(whole)
            make(whole)
            try:
                os.rename(whole, folder)
            except OSError:  # somebody else was quicker
                if not folder.exists():
                    raise
    return folder
