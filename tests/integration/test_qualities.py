"""Qualities of a film of which a lower one was made: listed, chosen by what is told of the device, or by the viewer."""

import contextlib
import datetime
import json
import subprocess
import sys
import unittest
import urllib.parse

import test_jobs
from carrel import SOURCE, Client, Daemon, settle

sys.path.insert(0, str(SOURCE / "tests" / "media"))

import films  # noqa: E402

HEVC = ("-vf", "scale=854:480,setsar=1", "-c:v", "libx265", "-preset", "ultrafast", "-b:v", "2M", "-pix_fmt", "yuv420p", "-tag:v", "hvc1",
        "-x265-params", "log-level=error:keyint=50:open-gop=0")
USABLE_OF_TEN = 8


class Qualities(test_jobs.JobsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        film = cls.films / "Film.mp4"
        films.ffmpeg(*films.source(seconds=12), *HEVC, *films.AAC, film)
        settle(film)
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.viewer = cls.enterClassContext(contextlib.closing(cls.daemon.client()))
        cls.daemon.wait_until_indexed(cls.viewer)
        cls.id = cls.viewer.video("Film")["id"]
        before = cls.ask("qualities")
        assert cls.ctl(cls.daemon, "jobs", "add", "Film", "--quality", "360p").returncode == 0
        cls().until_state(cls.daemon, "360p", "done")
        cls.possible = before["qualities"]
        cls.qualities = {one["id"]: one for one in cls.ask("qualities")["qualities"]}

    @classmethod
    def ask(cls, what, **hints):
        answer = cls.viewer.get(f"/api/v1/videos/{cls.id}/{what}?{urllib.parse.urlencode(hints)}")
        assert answer.status == 200, (hints, answer.status, answer.body)
        return answer.json()

    def default(self, **hints):
        """The same by both routes."""
        found = {self.ask(what, **hints)["default_quality"] for what in ("qualities", "stream")}
        self.assertEqual(len(found), 1, hints)
        return found.pop()

    def test_it_is_possible_before_and_ready_after(self):
        self.assertEqual([(one["id"], one["state"], one["url"] is None) for one in self.possible],
                         [("original", "ready", False), ("play", "possible", True), ("360p", "possible", True)])
        self.assertEqual(list(self.qualities), ["original", "play", "360p"])
        original, possible, lower = self.qualities.values()
        self.assertEqual((possible["state"], possible["url"]), ("possible", None))
        self.assertEqual((original["label"], original["width"], original["height"]), ("Original (480p)", 854, 480))
        self.assertEqual((lower["label"], lower["width"], lower["height"]), ("360p", 640, 360))
        self.assertRegex(original["codecs"], r"^hvc1\.[\w.]+,mp4a\.40\.2$")
        self.assertRegex(lower["codecs"], r"^avc1\.[0-9A-F]{6},mp4a\.40\.2$")
        self.assertLess(lower["bandwidth"], original["bandwidth"])
        for one in (original, lower):
            self.assertEqual((one["state"], one["progress"]), ("ready", None))

    def test_every_url_plays_what_it_says_with_its_token_alone(self):
        stream = self.ask("stream")
        ready = [one for one in stream["qualities"] if one["url"]]
        self.assertEqual([one["id"] for one in ready], ["original", "360p"])
        sizes = {"original": {(854, 480)}, "360p": {(self.qualities["360p"]["width"], 360)}}
        for one in ready:
            self.assertEqual(self.sizes_at(one["url"]), sizes[one["id"]], one["url"])
        self.assertEqual(self.sizes_at(stream["stream_url"]), sizes["original"] | sizes["360p"])
        with contextlib.closing(Client(self.daemon)) as stranger:
            dash = stranger.get(stream["dash_url"])
            self.assertEqual((dash.status, dash.headers["Content-Type"]), (200, "application/dash+xml"))
            original = stranger.get(stream["original_url"])
            self.assertEqual((original.status, original.headers["Content-Type"]), (200, stream["mime_type"]))
            self.assertTrue(original.body == (self.films / "Film.mp4").read_bytes())
            for name in ("poster_url", "sprites_url"):
                self.assertIn(f"?token={stream['token']}", stream[name])
            self.assertEqual(self.picture(stranger, stream["poster_url"]).status, 200)
            self.assertEqual(stranger.get(stream["original_url"].replace(stream["token"], "x" + stream["token"][1:])).status, 401)

    def sizes_at(self, url):
        """Of the pictures that ffprobe finds there, having no cookie."""
        found = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "json",
                                self.daemon.url(url)], check=True, capture_output=True, text=True, timeout=120)
        return {(one["width"], one["height"]) for one in json.loads(found.stdout)["streams"]}

    def test_tokens_are_told_with_their_end(self):
        ends = set()
        for what in ("qualities", "stream"):
            asked = datetime.datetime.now(datetime.timezone.utc)
            answer = self.ask(what)
            urls = [one["url"] for one in answer["qualities"] if one["url"]]
            self.assertEqual([answer["token"] in url for url in urls], [True, True])
            end = datetime.datetime.strptime(answer["expires_at"], "%Y-%m-%dT%H:%M:%S%z")
            self.assertGreater(end, asked)
            ends.add(end - asked > datetime.timedelta(minutes=1))
        self.assertEqual(ends, {True})

    def test_the_network_picks_the_default(self):
        self.assertEqual(self.default(), "original")
        # Of what is told so much is used, and not a bit more.
        enough = -(-self.qualities["original"]["bandwidth"] // (1000 * USABLE_OF_TEN // 10))
        self.assertEqual(self.default(network_kbps=enough), "original")
        self.assertEqual(self.default(network_kbps=enough - 1), "360p")
        self.assertEqual(self.default(network_kbps=1), "360p")  # the least that there is
        self.assertEqual(self.default(network_kbps=1_000_000_000), "original")

    def test_the_screen_picks_the_default(self):
        self.assertEqual(self.default(screen="640x360"), "360p")
        self.assertEqual(self.default(screen="360x640"), "360p")
        self.assertEqual(self.default(screen="3840x2160"), "original")
        self.assertEqual(self.default(screen="3840x2160", network_kbps=1), "360p")

    def test_the_codecs_pick_the_default_and_stay_with_the_url(self):
        self.assertEqual(self.default(codecs="h264,aac"), "360p")
        self.assertEqual(self.default(caps="h264,aac"), "360p")
        self.assertEqual(self.default(codecs="hevc,h264,aac"), "original")
        stream = self.ask("stream", codecs="h264,aac")
        self.assertTrue(stream["stream_url"].endswith("&caps=h264,aac"), stream["stream_url"])
        self.assertTrue(stream["dash_url"].endswith("/manifest.mpd?caps=h264,aac"), stream["dash_url"])
        for url in (stream["stream_url"], stream["dash_url"]):
            self.assertEqual(self.sizes_at(url), {(self.qualities["360p"]["width"], 360)}, url)

    def test_a_choice_holds_whatever_the_device_is(self):
        self.assertEqual(self.default(quality="original", network_kbps=1), "original")
        self.assertEqual(self.default(quality="360p", network_kbps=1_000_000, screen="3840x2160"), "360p")
        stream = self.ask("stream", quality="360p")
        for url, end in ((stream["stream_url"], "&quality=360p"), (stream["dash_url"], "/manifest.mpd?quality=360p")):
            self.assertTrue(url.endswith(end), url)
            self.assertEqual(self.sizes_at(url), {(self.qualities["360p"]["width"], 360)}, url)
        # One that is not there is none.
        self.assertEqual(self.default(quality="720p", network_kbps=1), "360p")
        self.assertEqual(self.default(quality="720p"), "original")

    def test_what_is_no_hint_is_refused(self):
        wrong = [("network_kbps", value) for value in ("0", "-1", "x", "1.5", "1000000001")]
        wrong += [("screen", value) for value in ("1920", "x", "0x480", "854x", "854x480x2", "-854x480", "99999999999x1")]
        wrong += [(name, value) for name in ("codecs", "caps") for value in ("H264", "h264;aac", "<b>", "h" * 201)]
        for what in ("qualities", "stream"):
            for name, value in wrong:
                with self.subTest(what=what, name=name, value=value):
                    answer = self.viewer.get(f"/api/v1/videos/{self.id}/{what}?{urllib.parse.urlencode({name: value})}")
                    self.assertEqual((answer.status, answer.headers["Content-Type"]), (400, "application/problem+json"))
                    self.assertEqual(answer.json()["status"], 400)
                    self.assertIn(name, answer.json()["detail"])
            answer = self.viewer.get(f"/api/v1/videos/nothing/{what}")
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (404, "application/problem+json"))
            with contextlib.closing(Client(self.daemon)) as stranger:
                self.assertEqual(stranger.get(f"/api/v1/videos/{self.id}/{what}").status, 401)


if __name__ == "__main__":
    unittest.main()
