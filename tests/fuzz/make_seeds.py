"""Makes the seeds that need the real programs anew: small films, their indexes as a worker writes them, and messages.

To be run when the index's or the protocol's version has changed (unit_fuzz_seeds tells):
CARREL_BUILD_DIR=build/release CARREL_SOURCE_DIR=. tests/fuzz/make_seeds.py"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "media"))

import pgs_writer  # noqa: E402

TESTS = pathlib.Path(os.environ["CARREL_BUILD_DIR"]) / "tests"
PROGRAM = TESTS / "media/package_film"
CORPUS = pathlib.Path(os.environ["CARREL_SOURCE_DIR"]) / "tests/fuzz/corpus"
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=32x32:r=5:d=2")
SOUND = ("-f", "lavfi", "-i", "sine=r=8000:d=2")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "5", "-crf", "51")
AAC = ("-c:a", "aac", "-b:a", "8k")
# Beside them while the films are made.
TEXTS = {
    "text.srt": "1\n00:00:00,200 --> 00:00:01,000\n{\\an8}<i>Hello</i> & <b>you</b>\n\n2\n00:00:00,800 --> 00:00:01,900\ntwo\nlines\n",
    "text.ass": "[Script Info]\nPlayResX: 32\nPlayResY: 32\n\n[V4+ Styles]\nFormat: Name, PrimaryColour, Italic, Alignment\n"
                "Style: Default,&H0000ffff,-1,8\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
                "Dialogue: 0,0:00:00.20,0:00:01.50,Default,,0,0,0,,{\\pos(9,9)\\c&HFF00&}Hello\\Nyou\n",
    "chapters.txt": ";FFMETADATA1\n" + "".join(f"[CHAPTER]\nTIMEBASE=1/10\nSTART={n * 10}\nEND={n * 10 + 10}\ntitle=Part \"{n}\"\n"
                                              for n in range(2)),
}
FILMS = {
    "h264_aac.mp4": (*PICTURE, *SOUND, *X264, "-bf", "2", *AAC),
    "fragmented.mp4": (*PICTURE, *SOUND, *X264, *AAC, "-movflags", "frag_keyframe+empty_moov"),
    "two_sounds.mkv": (*PICTURE, *SOUND, *X264, *AAC, "-map", "0:v", "-map", "1:a", "-map", "1:a",
                       "-metadata:s:a:1", "language=ger"),
    "hevc.mp4": (*PICTURE, "-c:v", "libx265", "-preset", "ultrafast", "-crf", "51", "-x265-params",
                 "log-level=none:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"),
    "vp9_opus.webm": (*PICTURE, "-f", "lavfi", "-i", "sine=r=48000:d=2", "-c:v", "libvpx-vp9", "-deadline", "realtime",
                      "-crf", "63", "-c:a", "libopus", "-b:a", "6k"),
    "h264_aac.ts": (*PICTURE, *SOUND, *X264, "-bf", "2", *AAC),
    "mpeg2_mp2.vob": (*PICTURE, "-f", "lavfi", "-i", "sine=r=32000:d=2", "-r", "25", "-c:v", "mpeg2video", "-q:v", "31", "-c:a", "mp2",
                      "-b:a", "32k"),
    "h264_mp3.avi": (*PICTURE, *SOUND, *X264, "-c:a", "libmp3lame", "-b:a", "8k"),
    "h264_aac.flv": (*PICTURE, "-f", "lavfi", "-i", "sine=r=44100:d=1", *X264, "-bf", "2", *AAC),
    "vorbis.ogg": (*SOUND, "-c:a", "libvorbis"),
    "subtitles.mkv": (*PICTURE, "-i", "text.srt", "-i", "text.ass", "-i", "pictures.sup", "-i", "chapters.txt", "-map", "0", "-map", "1",
                      "-map", "2", "-map", "3", "-map_chapters", "4", *X264, "-c:s", "copy", "-metadata:s:s:0", "language=ger"),
    "timed_text.mp4": (*PICTURE, "-i", "text.srt", "-i", "chapters.txt", "-map", "0", "-map", "1", "-map_chapters", "2", *X264, "-c:s",
                       "mov_text"),
    "windows.asf": (*PICTURE, *SOUND, "-c:v", "wmv2", "-c:a", "wmav2"),
    "mpeg4.avi": (*PICTURE, "-c:v", "mpeg4", "-q:v", "31"),  # readable, and does not play
}

# Of libavcodec/codec_id.h: what FFmpeg both encodes and decodes here, with the container that keeps its packets.
SOUNDS = {
    "mp2": (0x15000, "mka"), "libmp3lame": (0x15001, "mka"), "aac": (0x15002, "mp4"), "ac3": (0x15003, "mka"),
    "dca": (0x15004, "mka"), "libvorbis": (0x15005, "mka"), "wmav1": (0x15007, "mka"), "wmav2": (0x15008, "mka"),
    "flac": (0x1500c, "mka"), "alac": (0x15010, "mov"), "eac3": (0x15028, "mka"), "truehd": (0x1502c, "mka"),
    "libopus": (0x1503c, "mka"), "pcm_s24le": (0x1000c, "mka"), "adpcm_ms": (0x11006, "mka"),
    "adpcm_ima_wav": (0x11001, "mka"), "adpcm_yamaha": (0x1100e, "mka"), "s302m": (0x1001a, "ts"), "g722": (0x1101c, "mka"),
    "g726": (0x1100b, "wav"), "g723_1": (0x15034, "wav"), "libgsm": (0x15012, "mov"),
}
SPEECH = {"g722": 16000, "g726": 8000, "g723_1": 8000, "libgsm": 8000}  # their rates; in one channel
BITRATES = {"dca": "1411k", "g726": "32k", "g723_1": "6300", "libgsm": "13k"}


def bytes_of(dump):
    return b"".join(bytes.fromhex(line[10:50].replace(" ", "")) for line in dump.strip().splitlines())


def write_sound_seeds(folder):
    """As tests/fuzz/fuzz_transcode.cpp reads them."""
    for encoder, (number, container) in SOUNDS.items():
        film = folder / f"{encoder}.{container}"
        rate, channels = (48000, 6) if encoder in ("ac3", "eac3", "dca", "truehd", "libopus") else (44100, 2)
        if encoder in SPEECH:
            rate, channels = SPEECH[encoder], 1
        if encoder == "s302m":
            rate = 48000
        layout = "5.1(side)" if encoder == "dca" else {6: "5.1", 2: "stereo", 1: "mono"}[channels]
        sound = f"sine=r={rate}:d=0.3,aformat=channel_layouts={layout}"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", sound, "-c:a", encoder, "-b:a",
                        BITRATES.get(encoder, "192k"), "-strict", "-2", "-fflags", "+bitexact", film], check=True)
        probed = json.loads(subprocess.run(
            ["ffprobe", "-v", "error", "-show_streams", "-show_packets", "-show_data", "-of", "json", film], check=True,
            capture_output=True).stdout)
        stream = probed["streams"][0]
        config = bytes_of(stream.get("extradata", ""))
        blocks = {"wmav1": 2973, "wmav2": 2230, "adpcm_ms": 1024, "adpcm_ima_wav": 1024, "adpcm_yamaha": 1024}
        seed = struct.pack("<IIIBBHIHH", number, rate, rate, channels, int(stream.get("bits_per_sample", 0)) & 0xff,
                           blocks.get(encoder, 0), 0, 0, len(config)) + config
        for packet in probed["packets"][:16]:
            data = bytes_of(packet["data"])
            duration = round(float(packet.get("duration_time", 0.02)) * rate)
            seed += struct.pack("<HH", len(data), min(duration, 0xffff)) + data
        (CORPUS / "transcode" / encoder).write_bytes(seed[:60000])


def main():
    for corpus in (CORPUS / "film", CORPUS / "index", CORPUS / "protocol", CORPUS / "transcode"):
        shutil.rmtree(corpus, ignore_errors=True)
        corpus.mkdir()
    subprocess.run([TESTS / "unit/fuzz_seeds/protocol_seeds", CORPUS / "protocol"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        write_sound_seeds(pathlib.Path(folder))
        for name, text in TEXTS.items():
            (pathlib.Path(folder) / name).write_text(text)
        (pathlib.Path(folder) / "pictures.sup").write_bytes(pgs_writer.sup_file(pgs_writer.display_sets()))
        for name, arguments in FILMS.items():
            film = CORPUS.resolve() / "film" / name
            subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, "-fflags", "+bitexact", film], check=True, cwd=folder)
            os.utime(film, (1_700_000_000, 1_700_000_000))  # it is in the index
            packaged = pathlib.Path(folder) / name
            subprocess.run([PROGRAM, film, packaged], check=True, stdout=subprocess.DEVNULL)
            shutil.copyfile(packaged / "index", CORPUS / "index" / film.name.replace(".", "_"))


if __name__ == "__main__":
    main()
