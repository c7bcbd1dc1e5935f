"""Pictures of which an edit list hides a part: what is shown is what ffmpeg shows of the source, when it shows it."""

import os
import tempfile
import unittest
from pathlib import Path

import films
import hls_reader
import mp4_writer

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))
RATE, PRIMING = 48000, 1024
BLINK = 0.001  # what passes only to be decoded is seen for less
# Edits as (milliseconds, seconds of the film), and how many seconds are seen. There is a key each two seconds.
EDITS = {
    "from key to key": ([(2000, 0), (2000, 4)], 4),
    "from the middle": ([(5000, 1.5)], 5),
    "to the middle": ([(3000, 0)], 3),
    "from middle to middle": ([(3000, 0), (3000, 4.5)], 6),
    "twice": ([(3000, 0), (3000, 0)], 6),
    "backwards": ([(3000, 4), (3000, 0)], 6),
}


def shown(path):
    """When each picture is shown, in seconds, and what it is."""
    done = hls_reader.run("ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "-1",
                          "-f", "framehash", "-hash", "md5", "-")
    assert done.returncode == 0 and not done.stderr, done.stderr
    unit, pictures = None, []
    for line in done.stdout.splitlines():
        if line.startswith("#tb 0:"):
            numerator, denominator = line.split(":")[1].split("/")
            unit = int(numerator) / int(denominator)
        elif not line.startswith("#"):
            fields = line.split(",")
            pictures.append((int(fields[2]) * unit, fields[-1].strip()))
    return pictures


class Hidden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-hidden-")))
        plain = cls.folder / "plain.mp4"
        films.ffmpeg(*films.source(8), *films.X264, "-g", "50", "-bf", "2", *films.AAC, "-use_editlist", 0, plain)
        cls.tracks = mp4_writer.read(plain)
        for track in cls.tracks:
            first = track.samples[0].dts
            for sample in track.samples:
                sample.dts -= first
                sample.pts -= first

    def packaged(self, name):
        film = self.folder / f"{name}.mp4"
        picture, sound = self.tracks
        delay = picture.samples[0].pts
        edits = EDITS[name][0]
        mp4_writer.write(film, self.tracks, [[(length, delay + round(at * picture.timescale)) for length, at in edits],
                                             [(length, PRIMING + round(at * sound.timescale)) for length, at in edits]])
        done = hls_reader.run(BUILD / "tests/media/package_film", film, self.folder / name)
        self.assertEqual(done.returncode, 0, done.stderr)
        return film, self.folder / name / "0"

    def test_only_what_is_shown_is_seen(self):
        for name, (_, seconds) in EDITS.items():
            with self.subTest(film=name):
                film, directory = self.packaged(name)
                segments = hls_reader.media_playlist(directory / "playlist.m3u8")
                whole = directory / "whole.mp4"
                whole.write_bytes(b"".join((directory / uri).read_bytes() for uri in ["init.mp4", *(uri for _, uri in segments)]))
                theirs, ours = shown(film), shown(whole)
                length = float(sum(length for length, _ in segments))
                self.assertLess(abs(length - seconds), 40 * BLINK)
                ends = [at for at, _ in ours[1:]] + [ours[0][0] + length]
                seen = [one for one, end in zip(ours, ends) if end - one[0] > BLINK]
                self.assertEqual([picture for _, picture in seen], [picture for _, picture in theirs])
                moved = [at - expected for (at, _), (expected, _) in zip(seen, theirs)]
                self.assertLess(max(moved) - min(moved), BLINK)


if __name__ == "__main__":
    unittest.main()
