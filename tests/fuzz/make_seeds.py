"""Makes the seeds that need the real programs anew: small films, their indexes as a worker writes them, and messages.

To be run when the index's or the protocol's version has changed (unit_fuzz_seeds tells):
CARREL_BUILD_DIR=build/release CARREL_SOURCE_DIR=. tests/fuzz/make_seeds.py"""

import os
import pathlib
import shutil
import subprocess
import tempfile

TESTS = pathlib.Path(os.environ["CARREL_BUILD_DIR"]) / "tests"
PROGRAM = TESTS / "media/package_film"
CORPUS = pathlib.Path(os.environ["CARREL_SOURCE_DIR"]) / "tests/fuzz/corpus"
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=32x32:r=5:d=2")
SOUND = ("-f", "lavfi", "-i", "sine=r=8000:d=2")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "5", "-crf", "51")
AAC = ("-c:a", "aac", "-b:a", "8k")
FILMS = {
    "h264_aac.mp4": (*PICTURE, *SOUND, *X264, "-bf", "2", *AAC),
    "fragmented.mp4": (*PICTURE, *SOUND, *X264, *AAC, "-movflags", "frag_keyframe+empty_moov"),
    "two_sounds.mkv": (*PICTURE, *SOUND, *X264, *AAC, "-map", "0:v", "-map", "1:a", "-map", "1:a",
                       "-metadata:s:a:1", "language=ger"),
    "hevc.mp4": (*PICTURE, "-c:v", "libx265", "-preset", "ultrafast", "-crf", "51", "-x265-params", "log-level=none"),
    "vp9_opus.webm": (*PICTURE, "-f", "lavfi", "-i", "sine=r=48000:d=2", "-c:v", "libvpx-vp9", "-deadline", "realtime",
                      "-crf", "63", "-c:a", "libopus", "-b:a", "6k"),
    "h264_aac.ts": (*PICTURE, *SOUND, *X264, "-bf", "2", *AAC),
    "mpeg2_mp2.vob": (*PICTURE, "-f", "lavfi", "-i", "sine=r=32000:d=2", "-r", "25", "-c:v", "mpeg2video", "-q:v", "31", "-c:a", "mp2",
                      "-b:a", "32k"),
    "h264_mp3.avi": (*PICTURE, *SOUND, *X264, "-c:a", "libmp3lame", "-b:a", "8k"),
    "h264_aac.flv": (*PICTURE, "-f", "lavfi", "-i", "sine=r=44100:d=1", *X264, "-bf", "2", *AAC),
    "vorbis.ogg": (*SOUND, "-c:a", "libvorbis"),
    "windows.asf": (*PICTURE, *SOUND, "-c:v", "wmv2", "-c:a", "wmav2"),
    "mpeg4.avi": (*PICTURE, "-c:v", "mpeg4", "-q:v", "31"),  # readable, and does not play
}


def main():
    for corpus in (CORPUS / "film", CORPUS / "index", CORPUS / "protocol"):
        shutil.rmtree(corpus, ignore_errors=True)
        corpus.mkdir()
    subprocess.run([TESTS / "unit/fuzz_seeds/protocol_seeds", CORPUS / "protocol"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in FILMS.items():
            film = CORPUS / "film" / name
            subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, "-fflags", "+bitexact", film], check=True)
            os.utime(film, (1_700_000_000, 1_700_000_000))  # it is in the index
            packaged = pathlib.Path(folder) / name
            subprocess.run([PROGRAM, film, packaged], check=True, stdout=subprocess.DEVNULL)
            shutil.copyfile(packaged / "index", CORPUS / "index" / film.name.replace(".", "_"))


if __name__ == "__main__":
    main()
