"""The converter on films that ffmpeg made: what it shows is what ffmpeg shows, and what it makes anew begins its segments
where the film does, decodes whole, and has the same bytes when it was killed half-way."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "media"))

import avi_writer  # noqa: E402
import vc1_writer  # noqa: E402

BUILD = pathlib.Path(os.environ["CARREL_BUILD_DIR"])
PROGRAM = BUILD / "converter/carrel-converter"
JOB = BUILD / "tests/converter/convert_job"
DESCRIBE = BUILD / "tests/converter/describe_index"
PACKAGE = BUILD / "tests/media/package_film"
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
RATE = 2_000_000
DTS, PTS, SIZE, SYNC = range(4)


def run(*command):
    return subprocess.run([str(one) for one in command], check=True, capture_output=True, text=True)


def ffmpeg(*arguments):
    return run("ffmpeg", "-v", "error", "-nostdin", "-y", *arguments)


def psnr(one, other):
    """Of two pictures: their average, dB."""
    done = run("ffmpeg", "-nostdin", "-i", one, "-i", other, "-lavfi", "psnr", "-f", "null", "-")
    value = re.search(r"average:(\S+)", done.stderr).group(1)
    return float("inf") if value == "inf" else float(value)


class Film:
    """A generated film with its index, and what is made of it."""

    def __init__(self, folder, name, *arguments):
        self.folder = pathlib.Path(folder) / name.replace(".", "_")
        self.folder.mkdir()
        self.path = self.folder / name
        ffmpeg(*arguments, self.path)
        self.reindex()

    def reindex(self):
        packaged = self.folder / "packaged"
        subprocess.run([PACKAGE, self.path, packaged], capture_output=True)
        self.index = packaged / "index"

    def describe(self):
        return json.loads(run(DESCRIBE, self.index).stdout)

    def time(self, number):
        """When the index shows a frame, seconds, and a little later."""
        told = self.describe()
        return sorted(sample[PTS] for sample in told["samples"])[number] / told["timescale"] + 0.001

    def pictures(self, *times, columns=1, width=0, height=0, quality=100, sync_only=False):
        out = self.folder / "pictures.jpg"
        done = run(JOB, PROGRAM, "pictures", self.path, self.index, out, columns, width, height, quality,
                   int(sync_only), *(int(time * 1_000_000) for time in times))
        return json.loads(done.stdout), out

    def made(self, name):
        return [self.folder / f"{name}.{kind}" for kind in ("media", "cidx", "checkpoint")]

    def convert(self, name, height=0, rate=RATE, *kill_at):
        done = run(JOB, PROGRAM, "convert", self.path, self.index, *self.made(name), height, rate, *kill_at)
        return json.loads(done.stdout)

    def variant(self, name):
        media, index, _ = self.made(name)
        folder = self.folder / f"{name}.packaged"
        told = json.loads(run(DESCRIBE, index, media, folder).stdout)
        whole = self.folder / f"{name}.joined.mp4"
        segments = sorted(folder.glob("*.m4s"), key=lambda path: int(path.stem))
        whole.write_bytes(b"".join(path.read_bytes() for path in (folder / "init.mp4", *segments)))
        return told, whole, len(segments)

    def frame(self, number):
        """As ffmpeg shows it."""
        out = self.folder / f"frame{number}.png"
        ffmpeg("-i", self.path, "-vf", f"select=eq(n\\,{number})", "-frames:v", "1", out)
        return out


class ConverterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)

    def film(self, name, *arguments):
        return Film(self.directory.name, name, *arguments)

    def numbered(self, name, *codec, size="320x240", rate=25, seconds=12):
        """testsrc2 has the time in it, so each frame differs from its neighbours."""
        return self.film(name, "-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}", *codec)

    def assert_alike(self, one, other, least=30):
        self.assertGreater(psnr(one, other), least)

    def assert_variant(self, film, name, constant=True):
        """Valid, decodable without a warning, cut where the film is, each frame at its time."""
        original, (told, whole, segments) = film.describe(), film.variant(name)
        self.assertEqual(told["film_bytes"], film.made(name)[0].stat().st_size)
        self.assertEqual(told["timescale"], original["timescale"])
        self.assertEqual(told["origin"], original["origin"])
        self.assertEqual(segments, len(original["segments"]))
        cuts = [[index["samples"][one[0]][PTS] for one in index["segments"]] for index in (original, told)]
        self.assertEqual(cuts[0], cuts[1])
        if constant:  # else the film's sync samples are shown with different delays
            self.assertEqual([one[2] for one in told["segments"]], [one[2] for one in original["segments"]])
        self.assertEqual({one[0] for one in told["segments"]},
                         {number for number, sample in enumerate(told["samples"]) if sample[SYNC]})
        first = cuts[0][0]
        self.assertEqual(sorted(sample[PTS] for sample in told["samples"]),
                         sorted({sample[PTS] for sample in original["samples"] if sample[PTS] >= first and sample[SIZE]}))
        self.assertTrue(all(sample[PTS] >= sample[DTS] >= 0 for sample in told["samples"]))
        decoded = run("ffmpeg", "-v", "warning", "-nostdin", "-i", whole, "-f", "null", "-")
        self.assertEqual(decoded.stderr, "")
        frames = run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "frame=key_frame",
                     "-of", "csv=p=0", whole).stdout.split()
        self.assertEqual(len(frames), len(told["samples"]))
        self.assertEqual(sum(one.startswith("1") for one in frames), segments)
        return told, whole

    def test_pictures_at_exact_times(self):
        film = self.numbered("exact.mp4", *X264, "-g", "100", "-bf", "2", "-crf", "12")
        for number in (0, 1, 77, 150, 299):
            made, out = film.pictures(film.time(number))
            self.assertEqual((made["made"], made["width"], made["height"]), (True, 320, 240))
            self.assert_alike(out, film.frame(number))
            # The neighbours differ, or nothing would be proven.
            self.assertGreater(psnr(out, film.frame(number)), psnr(out, film.frame(number + 1 if number < 299 else 298)) + 3)

    def test_sprites_are_of_sync_samples(self):
        film = self.numbered("sprites.mp4", *X264, "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-crf", "12")
        made, out = film.pictures(0, 2.5, 5.9, 6.1, 11.9, columns=2, width=160, height=120, sync_only=True)
        self.assertEqual((made["made"], made["width"], made["height"]), (True, 160, 120))
        size = run("ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", out).stdout
        self.assertEqual(size.strip(), "320,360")
        for place, number in enumerate((0, 50, 100, 150, 250)):
            tile = film.folder / "tile.png"
            ffmpeg("-i", out, "-vf", f"crop=160:120:{place % 2 * 160}:{place // 2 * 120}", tile)
            alike = []
            for other in (number, number + 25):
                expected = film.folder / "expected.png"
                ffmpeg("-i", film.frame(other), "-vf", "scale=160:120", expected)
                alike.append(psnr(tile, expected))
            self.assertGreater(alike[0], 20)
            self.assertGreater(alike[0], alike[1] + 2)

    def test_a_turned_film_is_shown_turned(self):
        straight = self.numbered("straight.mp4", *X264, "-crf", "12", seconds=2)
        film = self.film("turned.mp4", "-i", straight.path, "-c", "copy", "-metadata:s:v", "rotate=90")
        made, out = film.pictures(0)
        self.assertEqual((made["width"], made["height"]), (240, 320))
        self.assert_alike(out, film.frame(0))  # ffmpeg turns it too

    def test_pixels_become_square(self):
        film = self.numbered("wide.mp4", *X264, "-vf", "setsar=4/3", seconds=2)
        made, _ = film.pictures(0)
        self.assertEqual((made["width"], made["height"]), (426, 240))
        converted = film.convert("play")
        self.assertEqual((converted["width"], converted["height"]), (426, 240))

    def test_high_dynamic_range_is_not_grey(self):
        film = self.film("hdr.mp4", "-f", "lavfi", "-i", "color=red:s=320x240:r=25:d=1,format=yuv420p10le",
                         "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                         "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", "-tag:v", "hvc1")
        made, out = film.pictures(0)
        self.assertTrue(made["made"])
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", out, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                             check=True, capture_output=True).stdout
        self.assertGreater(raw[0], raw[1] + 60)
        self.assertTrue(film.convert("play")["made"])
        self.assertEqual(film.variant("play")[0]["transfer"], 1)

    def test_every_codec_is_shown(self):
        for name, *codec in (("vp8.webm", "-c:v", "libvpx", "-deadline", "realtime"),
                             ("vp9.webm", "-c:v", "libvpx-vp9", "-deadline", "realtime"),
                             ("av1.mp4", "-c:v", "libsvtav1", "-preset", "12"),
                             ("hevc.mp4", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
                             ("mpeg2.mpg", "-c:v", "mpeg2video", "-q:v", "2"),
                             ("asp.avi", "-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-vtag", "xvid"),
                             ("wmv2.wmv", "-c:v", "wmv2", "-q:v", "2"),
                             ("flv1.flv", "-c:v", "flv1", "-q:v", "2"),
                             ("prores.mov", "-c:v", "prores"),
                             ("mjpeg.avi", "-c:v", "mjpeg", "-q:v", "2"),
                             ("theora.ogg", "-c:v", "libtheora", "-q:v", "10")):
            with self.subTest(name):
                film = self.numbered(name, *codec, seconds=3)
                made, out = film.pictures(film.time(25))
                self.assertTrue(made["made"], made)
                self.assert_alike(out, film.frame(25), 26)

    def test_a_rung_of_the_ladder(self):
        film = self.numbered("ladder.mp4", *X264, "-g", "60", "-bf", "2", size="1920x1080", rate=30, seconds=10)
        converted = film.convert("480p", 480)
        self.assertEqual((converted["made"], converted["width"], converted["height"]), (True, 854, 480))
        self.assertEqual(converted["codec"][:7], "avc1.64")
        self.assertGreater(converted["reports"], 0)
        told, whole = self.assert_variant(film, "480p")
        scaled = film.folder / "scaled.png"
        ffmpeg("-i", film.frame(100), "-vf", "scale=854:480", scaled)
        own = film.folder / "own.png"
        ffmpeg("-i", whole, "-vf", "select=eq(n\\,100)", "-frames:v", "1", own)
        self.assert_alike(own, scaled, 25)

    def test_playable_versions_of_old_codecs(self):
        for name, *codec in (("old.mpg", "-c:v", "mpeg2video", "-bf", "0", "-q:v", "3"),
                             ("old.avi", "-c:v", "mpeg4", "-bf", "2", "-q:v", "3", "-vtag", "xvid"),
                             ("old.wmv", "-c:v", "wmv2", "-q:v", "3"),
                             ("old.mkv", "-c:v", "mpeg2video", "-bf", "2", "-flags", "+ildct+ilme", "-q:v", "3")):
            with self.subTest(name):
                film = self.numbered(name, *codec)
                self.assertTrue(film.convert("play")["made"])
                _, whole = self.assert_variant(film, "play")
                own = film.folder / "own.png"
                ffmpeg("-i", whole, "-vf", "select=eq(n\\,60)", "-frames:v", "1", own)
                self.assert_alike(own, film.frame(60), 25)

    def test_of_packed_pictures_each_is_made_once_and_in_its_turn(self):
        """DivX and Xvid put a B picture into the chunk of the picture before it, and an empty one into its place."""
        plain = self.numbered("plain.avi", "-c:v", "mpeg4", "-bf", "1", "-g", "24", "-q:v", "2", seconds=8)
        found = list(avi_writer.pictures(plain.path))
        self.assertGreater(sum(kind == "B" for kind, _ in found), len(found) // 3)
        film = self.film("packed.avi", "-i", plain.path, "-c", "copy")
        keys = {number for number, (kind, _) in enumerate(found) if kind == "I"}
        avi_writer.write(film.path, avi_writer.pack(found, 25), keys, (320, 240), 25)
        film.reindex()
        self.assertTrue(film.convert("play")["made"])
        told, whole, _ = film.variant("play")
        times = sorted(sample[PTS] / told["timescale"] for sample in told["samples"])
        self.assertEqual(len(times), len(found))
        for number, time in enumerate(times):
            self.assertAlmostEqual(time - times[0], number / 25, delta=0.001)
        stats = film.folder / "psnr"
        run("ffmpeg", "-nostdin", "-i", whole, "-i", plain.path, "-lavfi",
            f"[0:v]settb=1/25,setpts=N[made];[1:v]settb=1/25,setpts=N[shown];[made][shown]psnr=stats_file={stats}", "-f", "null", "-")
        likeness = [float(value) for value in re.findall(r"psnr_avg:(\S+)", stats.read_text())]
        self.assertEqual(len(likeness), len(found))
        self.assertGreater(min(likeness), 35)  # a neighbour is like it to 25 dB

    def test_vc1(self):
        """Of both profiles; ffmpeg has no encoder for it."""
        for name, write in (("vc1.mkv", vc1_writer.write_advanced), ("wmv3.wmv", vc1_writer.write_simple)):
            with self.subTest(name):
                raw = pathlib.Path(self.directory.name) / f"raw.{'vc1' if 'vc1' in name else 'rcv'}"
                write(raw, 8)
                film = self.film(name, "-i", raw, "-c", "copy")
                made, out = film.pictures(film.time(25))
                self.assertTrue(made["made"], made)
                self.assert_alike(out, film.frame(25), 26)
                self.assertTrue(film.convert("play")["made"])
                _, whole = self.assert_variant(film, "play")
                own = film.folder / "own.png"
                ffmpeg("-i", whole, "-vf", "select=eq(n\\,60)", "-frames:v", "1", own)
                self.assert_alike(own, film.frame(60), 25)

    def test_frames_of_changing_length_keep_theirs(self):
        film = self.numbered("vfr.mp4", "-vf", "select=not(eq(mod(n\\,7)\\,3))*not(between(n\\,60\\,90))", "-vsync",
                             "vfr", *X264, "-g", "40", "-bf", "2")
        self.assertTrue(film.convert("play", 120)["made"])
        self.assert_variant(film, "play", constant=False)

    def test_a_killed_conversion_is_gone_on_with_and_comes_to_the_same_bytes(self):
        film = self.numbered("killed.mp4", *X264, "-g", "50", "-bf", "2", size="1280x720", rate=50, seconds=20)
        self.assertTrue(film.convert("whole", 480)["made"])
        told = film.convert("killed", 480, RATE, 7_000_000)
        self.assertIn("killed_at", told)
        media, index, checkpoint = film.made("killed")
        self.assertEqual(index.stat().st_size, 0)
        with checkpoint.open("ab") as torn:  # as if it had died while it wrote a record
            torn.write(b"\\x00" * 30)
        resumed = film.convert("killed", 480)
        self.assertTrue(resumed["made"])
        self.assertEqual(media.read_bytes(), film.made("whole")[0].read_bytes())
        self.assert_variant(film, "killed")
        self.assertGreater(resumed["first_report"], 1_000_000)  # it did not begin anew

        # Done already: nothing is encoded again.
        self.assertEqual(film.convert("killed", 480)["reports"], 0)
        # Another work begins anew.
        self.assertEqual(film.convert("killed", 240)["height"], 240)
        self.assert_variant(film, "killed")

    def test_a_damaged_film_is_made_as_far_as_it_decodes(self):
        film = self.numbered("damaged.mp4", *X264, "-g", "50", seconds=12)
        told = film.describe()
        whole = bytearray(film.path.read_bytes())
        start = whole.index(b"mdat")
        for at in range(start + 4 + len(whole) // 4, start + 4 + len(whole) // 2, 97):
            whole[at] ^= 0xFF
        status = film.path.stat()
        film.path.write_bytes(whole)
        os.utime(film.path, ns=(status.st_atime_ns, status.st_mtime_ns))
        converted = film.convert("play")
        self.assertTrue(converted["made"], converted)
        variant, _, _ = film.variant("play")
        self.assertEqual(len(variant["samples"]), len(told["samples"]))
        self.assertTrue(film.pictures(0, 3, 6, 9, columns=2)[0]["made"])

    def test_a_film_that_was_changed_is_refused(self):
        film = self.numbered("changed.mp4", *X264, seconds=2)
        with film.path.open("ab") as end:
            end.write(b"x")
        told = film.pictures(0)[0]
        self.assertEqual((told["made"], told["may_work_later"]), (False, True))
        self.assertIn("changed", told["reason"])
        # A verdict would stand; what the film has become may be converted.
        told = film.convert("play")
        self.assertEqual((told["made"], told["may_work_later"]), (False, True))
        self.assertEqual(told["reason"], "The film was changed since it was indexed.")

    def test_a_result_that_cannot_be_written_says_so_and_may_be_tried_again(self):
        film = self.numbered("unwritable.mp4", *X264, seconds=2)
        (film.folder / "play.media").symlink_to("/dev/full")
        told = film.convert("play")
        self.assertEqual((told["made"], told["may_work_later"]), (False, True))
        self.assertRegex(told["reason"], r"\w")


if __name__ == "__main__":
    unittest.main()
