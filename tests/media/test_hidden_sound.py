"""Sound of which an edit list hides a part: what is left is what ffmpeg hears of the source, where it hears it."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "conformance"))

import films  # noqa: E402
import hls_reader  # noqa: E402
import mp4_writer  # noqa: E402
import sources  # noqa: E402

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))
RATE, PRIMING = 48000, 1024
FRAME = 1024 / RATE
# Edits as (milliseconds, first sample), and how many seconds are heard.
EDITS = {
    "beginning": ([(6021, 2 * RATE + PRIMING)], 6.0),
    "end": ([(5000, PRIMING)], 5.0),
    "both": ([(3000, 2 * RATE + PRIMING)], 3.0),
    "middle": ([(2000, PRIMING), (2000, 5 * RATE + PRIMING)], 4.0),
    "begins_late": ([(1500, -1), (8021, PRIMING)], 8.0),
}


class Hidden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-hidden-")))
        plain = cls.folder / "plain.m4a"
        films.ffmpeg("-f", "lavfi", "-i", f"aevalsrc=exprs='0.4*sin(2*PI*(150*t+40*t*t))':sample_rate={RATE}:duration=8",
                     "-c:a", "aac", "-use_editlist", 0, plain)
        tracks = mp4_writer.read(plain)
        for name, (edits, _) in EDITS.items():
            mp4_writer.write(cls.folder / f"{name}.m4a", tracks, [edits])
            done = hls_reader.run(BUILD / "tests/media/package_film", cls.folder / f"{name}.m4a", cls.folder / name)
            if done.returncode != 0:
                raise AssertionError(done.stderr)

    def whole(self, directory):
        path = self.folder / f"{'_'.join(directory.relative_to(self.folder).parts)}.mp4"
        uris = [uri for _, uri in hls_reader.media_playlist(directory / "playlist.m3u8")]
        path.write_bytes(b"".join((directory / name).read_bytes() for name in ["init.mp4", *uris]))
        return path

    def test_only_what_is_heard_is_sent(self):
        for name, (edits, heard) in EDITS.items():
            starts = 1.5 if name == "begins_late" else 0  # the film begins with the first that is there
            theirs = sources.samples(self.folder / f"{name}.m4a", 0)[round(starts * sources.HERTZ):]
            delays = []
            for form in ("0", "0/aac2"):
                with self.subTest(film=name, form=form):
                    ours = sources.samples(self.whole(self.folder / name / form), 0)
                    self.assertLess(abs(len(ours) / sources.HERTZ - heard), 4 * FRAME)
                    for at in (0.3, heard - 1.3):
                        delays.append(sources.delay(ours, theirs, FRAME, reach=0.03, at=at))
                    self.assertLess(max(abs(value) for value in ours[:8]), 2000 if form == "0/aac2" else 1 << 15)
            with self.subTest(film=name):
                self.assertNotIn(None, delays)
                # A whole frame is what a decoder needs before the first that is heard a part of.
                self.assertTrue(0 <= min(delays) <= max(delays) <= 2 * FRAME + 0.001, delays)
                self.assertLess(max(delays) - min(delays), 0.001, delays)


if __name__ == "__main__":
    unittest.main()
