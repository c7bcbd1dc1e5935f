"""What the converter makes, by the rules of everything else that is sent; and from the original to it without a jump."""

import os
import pathlib
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests" / "media"), str(SOURCE / "tests" / "integration")]

import dash  # noqa: E402
import films  # noqa: E402
import hls_reader  # noqa: E402
import matrix  # noqa: E402
import sources  # noqa: E402
import truth  # noqa: E402
from carrel import Daemon, settle  # noqa: E402
from crawl import Film  # noqa: E402
from test_jobs import JobsTest  # noqa: E402

RATE = 25
MILLISECOND = 0.001


def shown(path):
    """The times of all pictures, decoded."""
    frames = hls_reader.probe(path, "frame=pts_time:stream=codec_type")["frames"]
    return sorted(float(frame["pts_time"]) for frame in frames)


class Variants(JobsTest):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="carrel-variants-")))
        (self.folder / "library").mkdir()

    def crawled(self, name, quality, *arguments):
        """The film, of which the quality was made, with all that can be fetched of it; and where it is."""
        path = self.folder / "library" / name
        films.ffmpeg(*matrix.picture(), *matrix.sweep(), *arguments, path)
        settle(path)
        daemon = self.daemon_on(path.parent)
        daemon.add_user("other", "another viewer's password")
        clients = [daemon.client(), daemon.client("other", "another viewer's password")]
        for client in clients:
            self.addCleanup(client.close)
        daemon.wait_until_indexed(clients[0])
        added = self.ctl(daemon, "jobs", "add", path.stem, "--quality", quality)
        self.assertEqual(added.returncode, 0, added.stderr)
        self.until_state(daemon, quality, "done")
        film = Film(clients, clients[0].video(path.stem), self.folder / "out")
        master = film.fetch_master()
        self.assertIsNotNone(master, film.complaints)
        film.read_renditions(master)
        film.complain(*truth.master_complaints(master, film.renditions, film.probe))
        film.complain(*dash.complaints(film))
        self.assertEqual(film.complaints, [])
        self.assertEqual(hls_reader.decode_complaints(film.folder / "master.m3u8"), "")
        return film, path

    def part(self, film, rendition, number):
        place = film.folder / "part.mp4"
        place.write_bytes(rendition.init + rendition.segments[number])
        self.assertEqual(hls_reader.decode_complaints(place), "", f"{rendition.uri}: segment {number} alone")
        return place

    def test_from_the_original_to_a_lower_rung_and_back_nothing_is_missing_or_twice(self):
        film, _ = self.crawled("Film.mp4", "360p", "-vf", "scale=854:480", *matrix.X264, "-force_key_frames", "0,0.4,3.3,5.1", *films.AAC)
        original, lower = (film.renditions[uri] for uri in ("0/playlist.m3u8", "v/360p/0/playlist.m3u8"))
        self.assertEqual(film.probe(lower)["height"], 360)
        self.assertGreater(len(original.segments), 2)
        self.assertEqual([segment.duration for segment in original.playlist.segments],
                         [segment.duration for segment in lower.playlist.segments])
        times = [[shown(self.part(film, one, number)) for number in range(len(one.segments))] for one in (original, lower)]
        for number in range(1, len(original.segments)):
            for first, then in (times, reversed(times)):
                joined = first[number - 1] + then[number]
                steps = [after - before for before, after in zip(joined, joined[1:])]
                self.assertTrue(all(abs(step - 1 / RATE) < MILLISECOND for step in steps), f"segment {number}: {steps}")

    def test_what_is_made_of_an_old_film_is_shown_when_its_pictures_were(self):
        film, path = self.crawled("Old.ts", "play", "-c:v", "mpeg2video", "-bf", "2", "-g", "40", "-c:a", "mp2")
        picture = next(one for uri, one in film.renditions.items() if uri.startswith("v/play/") and one.track.kind == "vide")
        ours, theirs = shown(film.whole(picture)), sorted(float(one.seconds) for one in sources.packets(path, [0], False)[0])
        self.assertEqual(len(ours), len(theirs))
        moved = [a - b for a, b in zip(ours, theirs)]
        self.assertLess(max(moved) - min(moved), MILLISECOND)
        sound = next(one for uri, one in film.renditions.items() if uri.endswith("/aac2/playlist.m3u8"))
        late = sources.delay(sources.samples(film.whole(sound), 0), sources.samples(path, 1), moved[0])
        self.assertAlmostEqual(late, moved[0], delta=MILLISECOND)


if __name__ == "__main__":
    unittest.main()
