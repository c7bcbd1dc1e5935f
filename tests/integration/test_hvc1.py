"""HEVC that an MP4 marks hev1 is served as hvc1, on /stream/{id}/original: the rest of the file as it lies there."""

import contextlib
import json
import subprocess
import sys
import unittest

from carrel import SOURCE, Daemon, FilmsTest, settle
from test_ranges import parts_of

sys.path.insert(0, str(SOURCE / "tests" / "media"))

import films  # noqa: E402

HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p")


class Hvc1(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, tag in (("Marked hev1.mp4", "hev1"), ("Marked hvc1.mov", "hvc1")):
            films.ffmpeg(*films.source(seconds=3), *HEVC, *films.AAC, "-tag:v", tag, cls.films / name)
            settle(cls.films / name)
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.client = cls.enterClassContext(contextlib.closing(cls.daemon.client()))
        cls.daemon.wait_until_indexed(cls.client)
        cls.path = cls.original("Marked hev1")
        cls.film = (cls.films / "Marked hev1.mp4").read_bytes()
        cls.mark = cls.film.index(b"hev1", cls.film.index(b"stsd"))
        cls.expected = cls.film[:cls.mark] + b"hvc1" + cls.film[cls.mark + 4:]

    @classmethod
    def original(cls, title):
        return f"/stream/{cls.client.video(title)['id']}/original"

    def test_the_mark_alone_is_another(self):
        answer = self.client.get(self.path)
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "video/mp4"))
        self.assertEqual(int(answer.headers["Content-Length"]), len(self.film))
        self.assertTrue(answer.body == self.expected)
        head = self.client.request("HEAD", self.path)
        self.assertEqual((head.headers["Content-Length"], head.headers["ETag"]), (str(len(self.film)), answer.headers["ETag"]))

    def test_every_range_is_cut_from_what_is_served_whole(self):
        end = len(self.film) - 1
        for first, last in ((self.mark - 6, self.mark + 9), (self.mark, self.mark + 3), (self.mark - 2, self.mark + 1),
                            (self.mark + 1, self.mark + 1), (self.mark + 2, self.mark + 60), (0, self.mark), (self.mark + 3, end),
                            (self.mark - 9, self.mark - 1), (self.mark + 4, self.mark + 9)):
            with self.subTest(first=first - self.mark, last=last - self.mark):
                answer = self.client.get(self.path, Range=f"bytes={first}-{last}")
                self.assertEqual((answer.status, answer.headers["Content-Range"]), (206, f"bytes {first}-{last}/{end + 1}"))
                self.assertTrue(answer.body == self.expected[first:last + 1])
        wanted = [(self.mark - 1, self.mark), (self.mark + 2, self.mark + 8), (0, 3)]
        answer = self.client.get(self.path, Range="bytes=" + ",".join(f"{first}-{last}" for first, last in wanted))
        self.assertEqual(answer.status, 206)
        self.assertEqual([content for _, _, content in parts_of(answer)], [self.expected[first:last + 1] for first, last in wanted])

    def test_exact_is_the_file_and_another_entity(self):
        plain = self.client.get(self.path).headers["ETag"]
        exact = self.client.get(f"{self.path}?exact=1")
        self.assertTrue(exact.body == self.film)
        self.assertNotEqual(exact.headers["ETag"], plain)
        first, last = self.mark - 2, self.mark + 5
        part = self.client.get(f"{self.path}?exact=1", Range=f"bytes={first}-{last}")
        self.assertEqual((part.status, part.body), (206, self.film[first:last + 1]))
        # A part of one must never be put to a part of the other.
        for path, etag, whole in ((self.path, exact.headers["ETag"], self.expected), (f"{self.path}?exact=1", plain, self.film)):
            answer = self.client.get(path, Range=f"bytes={first}-{last}", If_Range=etag)
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.body == whole)
        self.assertEqual(self.client.get(self.path, If_None_Match=plain).status, 304)
        self.assertEqual(self.client.get(self.path, If_None_Match=exact.headers["ETag"]).status, 200)

    def test_one_that_is_marked_so_already_is_the_file(self):
        film = (self.films / "Marked hvc1.mov").read_bytes()
        for query in ("", "?exact=1"):
            self.assertTrue(self.client.get(self.original("Marked hvc1") + query).body == film)

    def test_a_player_takes_it_for_hvc1_and_plays_all_of_it(self):
        link = self.client.get(f"/api/v1/videos/{self.client.video('Marked hev1')['id']}/stream").json()
        url = self.daemon.url(link["original_url"])
        found = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=codec_tag_string", "-of",
                                "json", url], check=True, capture_output=True, text=True, timeout=60)
        self.assertEqual(json.loads(found.stdout)["streams"], [{"codec_tag_string": "hvc1"}])
        played = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", url, "-f", "null", "-"], capture_output=True, text=True,
                                timeout=120)
        self.assertEqual((played.returncode, played.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
