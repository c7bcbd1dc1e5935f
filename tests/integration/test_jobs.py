"""Films that no browser plays, made playable in the background; and pictures of films. On the real engine."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.parse

from carrel import BUILD, Daemon, FilmsTest, make_film, settle, wait_for

CTL = BUILD / "orchestrator/carrelctl"
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=50", "-tag:v", "hvc1")
OLD = {"video": ("-c:v", "mpeg4", "-bf", "0", "-g", "50"), "audio": ("-c:a", "libmp3lame")}


def jpeg_size(data):
    """As ffprobe reads it: a picture that can be decoded."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(data)
        file.flush()
        done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "json",
                               file.name], check=True, capture_output=True, text=True)
        assert done.stderr == "", done.stderr
        subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", file.name, "-f", "null", "-"], check=True)
    stream = json.loads(done.stdout)["streams"][0]
    assert stream["codec_name"] == "mjpeg", stream
    return stream["width"], stream["height"]


class JobsTest(FilmsTest):
    environment = {}

    def daemon_on(self, films, **environment):
        return self.enterContext(Daemon(films, **{**self.environment, **environment}))

    @staticmethod
    def jobs(daemon):
        done = subprocess.run([CTL, "--json", "jobs", "list"], check=True, capture_output=True, text=True, timeout=60,
                              env=daemon.environment, cwd=daemon.root)
        return json.loads(done.stdout)["items"]

    @staticmethod
    def ctl(daemon, *words):
        return subprocess.run([CTL, *map(str, words)], capture_output=True, text=True, timeout=60,
                              env=daemon.environment, cwd=daemon.root)

    def job(self, daemon, quality):
        return next((one for one in self.jobs(daemon) if one["quality"] == quality), None)

    def until_state(self, daemon, quality, state, seconds=180):
        def reached():
            job = self.job(daemon, quality)
            if job and job["state"] == "failed" != state:
                raise AssertionError(job)
            return job if job and job["state"] == state else None
        return wait_for(f"{quality} {state}", reached, seconds)

    @staticmethod
    def converters(daemon):
        return {one["Id"] for one in daemon.containers("converter")}

    @staticmethod
    def files(daemon):
        while True:
            with contextlib.suppress(FileNotFoundError):  # a folder went while it was looked into
                return sorted(path.name for path in (daemon.root / "data/variants").glob("*/*"))

    @staticmethod
    def picture(client, path):
        """Who is told to come back comes back."""
        def made():
            answer = client.get(path)
            return answer if answer.status != 503 else None
        return wait_for(path, made, 60)


class Conversion(JobsTest):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_an_old_film_becomes_playable_by_itself(self):
        make_film(self.folder / "Old.avi", 20, **OLD)
        daemon = self.daemon_on(self.folder, CARREL_JOBS_AUTO="true")
        viewer = daemon.client()
        daemon.wait_until_indexed(viewer)
        self.until_state(daemon, "play", "done")
        video = viewer.video("Old")
        self.assertTrue(video["playable"], video)
        self.assertIsNone(video["reason"])
        self.assertEqual(self.files(daemon), ["play.cidx", "play.media"])
        stream = viewer.get(f"/api/v1/videos/{video['id']}/stream").json()
        self.assertEqual(stream["default_quality"], "play")
        quality = stream["qualities"][0]
        self.assertEqual((quality["id"], quality["state"], quality["width"], quality["height"]), ("play", "ready", 640, 360))
        metrics = viewer.get("/metrics").body.decode()
        self.assertIn('carrel_jobs{state="done"} 1', metrics)
        self.assertIn('carrel_job_duration_seconds_count{state="done"} 1', metrics)
        played = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", daemon.url(stream["stream_url"]), "-f", "null", "-"],
                                capture_output=True, text=True, timeout=120)
        self.assertEqual((played.returncode, played.stderr), (0, ""))

    def test_a_picture_that_some_browsers_lack_is_made_anew_for_these_when_one_asks(self):
        make_film(self.folder / "New.mp4", 20, video=HEVC)
        make_film(self.folder / "Plain.mp4", 20)
        daemon = self.daemon_on(self.folder, CARREL_JOBS_AUTO="true")
        viewer = daemon.client()
        daemon.wait_until_indexed(viewer)
        answer = viewer.request("POST", f"/api/v1/videos/{viewer.video('Plain')['id']}/convert", {})
        self.assertEqual((answer.status, answer.json()["title"]), (409, "The film plays already"))
        path = f"/api/v1/videos/{viewer.video('New')['id']}"
        possible = viewer.get(path + "/stream?codecs=h264,aac").json()
        self.assertEqual([(one["id"], one["state"]) for one in possible["qualities"]][:2], [("original", "ready"), ("play", "possible")])
        self.assertEqual(self.jobs(daemon), [])
        self.assertEqual(viewer.request("POST", path + "/convert", {}).status, 202)
        self.until_state(daemon, "play", "done")
        self.assertEqual(viewer.request("POST", path + "/convert", {}).status, 409)
        for codecs, best, codec in (("h264,aac", "play", "avc1."), ("h264,hevc,aac", "original", "hvc1.")):
            stream = viewer.get(f"{path}/stream?codecs={codecs}").json()
            self.assertEqual(stream["default_quality"], best)
            # As the page asks for it: by its cookie, and with what its browser plays.
            where = urllib.parse.urlsplit(stream["stream_url"]).path
            master = viewer.get(f"{where}?caps={codecs}").body.decode()
            self.assertIn(codec, master)
            self.assertEqual("hvc1." in master, best == "original", master)

    def test_a_daemon_that_is_killed_goes_on_with_it(self):
        make_film(self.folder / "Old.avi", 240, **OLD)
        daemon = self.daemon_on(self.folder)
        viewer = daemon.client()
        daemon.wait_until_indexed(viewer)
        added = self.ctl(daemon, "jobs", "add", "Old")
        self.assertEqual(added.returncode, 0, added.stderr)
        wait_for("some progress", lambda: self.job(daemon, "play")["progress"] > 0.05, 120)
        checkpoint = wait_for("a checkpoint", lambda: next((daemon.root / "data/variants").glob("*/play.checkpoint"), None), 120)
        begun = checkpoint.read_bytes
        head = wait_for("its head", begun)
        made = wait_for("a segment in it", lambda: begun() if len(begun()) > len(head) else None, 120)
        wait_for("another", lambda: len(begun()) > len(made), 120)
        job, before = self.job(daemon, "play"), self.converters(daemon)
        daemon.stop(signal.SIGKILL)
        daemon.start()
        after = self.job(daemon, "play")
        self.assertEqual((after["id"], after["tries"]), (job["id"], 0))
        wait_for("the next converter", lambda: self.converters(daemon) - before)
        self.assertFalse(self.converters(daemon) & before, "two write to the same file")
        left = len(begun())

        def goes_on():
            now = begun()
            self.assertTrue(now.startswith(made), "what was made is made again")
            return len(now) > left
        wait_for("another segment", goes_on, 120)

        def told():
            progress = self.job(daemon, "play")["progress"]
            return progress if progress != after["progress"] else None
        self.assertGreater(wait_for("the next converter's word", told, 120), job["progress"] / 2)
        self.until_state(daemon, "play", "done", 300)
        self.assertEqual(self.files(daemon), ["play.cidx", "play.media"])
        self.assertEqual(daemon.containers("converter"), [])

    def test_a_daemon_that_is_killed_before_it_notes_what_is_made_keeps_it(self):
        make_film(self.folder / "Old.avi", 20, **OLD)
        daemon = self.daemon_on(self.folder)
        viewer = daemon.client()
        daemon.wait_until_indexed(viewer)
        added = self.ctl(daemon, "jobs", "add", "Old")
        self.assertEqual(added.returncode, 0, added.stderr)
        wait_for("some progress", lambda: self.job(daemon, "play")["progress"] > 0, 120)
        with contextlib.closing(sqlite3.connect(daemon.root / "data/carrel.db", isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")  # its row waits, when the files are in place
            media = wait_for("its media", lambda: next((daemon.root / "data/variants").glob("*/play.media"), None), 120)
            daemon.stop(signal.SIGKILL)
            database.execute("ROLLBACK")
        with media.open("rb") as made:
            daemon.start()
            self.until_state(daemon, "play", "done")
            self.assertTrue(os.path.samestat(os.fstat(made.fileno()), media.stat()), "what was made is made again")
        self.assertEqual(self.files(daemon), ["play.cidx", "play.media"])
        self.assertTrue(daemon.client().video("Old")["playable"])

    def test_cancelled_ends_the_converter_and_leaves_nothing(self):
        make_film(self.folder / "Old.avi", 240, **OLD)
        daemon = self.daemon_on(self.folder)
        viewer = daemon.client()
        daemon.wait_until_indexed(viewer)
        video = viewer.video("Old")
        asked = viewer.request("POST", f"/api/v1/videos/{video['id']}/convert", {})
        self.assertEqual(asked.status, 202, asked.body)
        wait_for("some progress", lambda: self.job(daemon, "play")["progress"] > 0, 120)
        self.assertRegex(viewer.video("Old")["reason"], r"^This film is being converted: \d+ %\.$")
        self.assertEqual(len(daemon.containers("converter")), 1)
        job = self.job(daemon, "play")
        self.assertEqual((job["asked_by"], job["priority"]), ("admin", 10))
        done = self.ctl(daemon, "jobs", "cancel", job["id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_for("its end", lambda: daemon.containers("converter") == [])
        wait_for("its files gone", lambda: self.files(daemon) == [])
        self.assertEqual(self.job(daemon, "play")["state"], "cancelled")
        self.assertEqual(self.ctl(daemon, "jobs", "cancel", job["id"]).returncode, 1)
        self.assertEqual(self.ctl(daemon, "jobs", "retry", job["id"]).returncode, 0)
        self.assertEqual(self.ctl(daemon, "jobs", "priority", job["id"], "7").returncode, 0)
        self.assertEqual(self.job(daemon, "play")["priority"], 7)
        self.assertEqual(self.ctl(daemon, "jobs", "cancel", job["id"]).returncode, 0)

    def test_the_disk_is_bounded(self):
        make_film(self.folder / "Film.mp4", 20, rate="3M")
        make_film(self.folder / "Old.avi", 20, **OLD)
        # Room for one of them: 20 s at 1.8 Mbit/s at most.
        daemon = self.daemon_on(self.folder, CARREL_VARIANTS_MAX_BYTES="5m")
        viewer = daemon.client()
        daemon.wait_until_indexed(viewer)
        self.assertEqual(self.ctl(daemon, "jobs", "add", "Old").returncode, 0)
        self.until_state(daemon, "play", "done")
        self.assertEqual(self.files(daemon), ["play.cidx", "play.media"])
        taken = sum(path.stat().st_size for path in (daemon.root / "data/variants").glob("*/*"))
        self.assertLess(taken, 5 << 20)
        daemon.stop()
        daemon.environment["CARREL_VARIANTS_MAX_BYTES"] = str(taken // 2)
        # One that was made, or watched, a moment ago is in use.
        with contextlib.closing(sqlite3.connect(daemon.root / "data/carrel.db")) as database, database:
            self.assertEqual(database.execute("UPDATE variants SET last_used_at = last_used_at - 3600").rowcount, 1)
        daemon.start()
        wait_for("room", lambda: self.files(daemon) == [])
        self.assertFalse(daemon.client().video("Old")["playable"])

    def test_a_damaged_variant_is_made_again_while_the_film_plays_on(self):
        make_film(self.folder / "Film.mp4", 12, extra=("-vf", "scale=854:480"))
        daemon = self.daemon_on(self.folder)
        viewer = daemon.client()
        daemon.wait_until_indexed(viewer)
        self.assertEqual(self.ctl(daemon, "jobs", "add", "Film", "--quality", "360p").returncode, 0)
        self.until_state(daemon, "360p", "done")
        master = f"/stream/{viewer.video('Film')['id']}/master.m3u8"
        self.assertIn("v/360p/", viewer.get(master).body.decode())
        index = next((daemon.root / "data/variants").glob("*/360p.cidx"))
        made = index.stat().st_ctime
        damaged = bytearray(index.read_bytes())
        damaged[len(damaged) // 2] ^= 1

        def changed_later():
            index.write_bytes(damaged)
            return index.stat().st_ctime > made + 3
        wait_for("a change that the kernel dates later", changed_later)
        answer = viewer.get(master)
        self.assertEqual(answer.status, 200)
        self.assertNotIn("v/360p/", answer.body.decode())
        self.assertIn("EXT-X-STREAM-INF", answer.body.decode())
        wait_for("it is noticed", lambda: self.job(daemon, "360p")["state"] != "done")
        removed = wait_for("its line in the log", lambda: [line for line in daemon.log() if line["event"] == "variant.removed"])
        self.assertEqual([line["reason"] for line in removed], ["its files were changed and are damaged"])
        self.until_state(daemon, "360p", "done")
        self.assertIn("v/360p/", viewer.get(master).body.decode())


class Pictures(JobsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 125)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "sine=d=5", "-c:a", "aac",
                        str(cls.films / "Song.m4a")], check=True)
        settle(cls.films / "Song.m4a")
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.viewer = cls.daemon.client()
        cls.daemon.wait_until_indexed(cls.viewer)
        cls.root = f"/stream/{cls.viewer.video('Film')['id']}"

    def test_a_poster_is_a_picture_and_is_kept(self):
        answer = self.picture(self.viewer, f"{self.root}/poster.jpg")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "image/jpeg"))
        self.assertEqual(jpeg_size(answer.body), (640, 360))
        self.assertIn("private", answer.headers["Cache-Control"])
        again = self.viewer.get(f"{self.root}/poster.jpg", If_None_Match=answer.headers["ETag"])
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(self.viewer.video("Film")["poster_url"], f"{self.root}/poster.jpg")

    def test_thumbnails_are_of_their_time(self):
        first = self.picture(self.viewer, f"{self.root}/thumbnail?t=10&w=160")
        later = self.picture(self.viewer, f"{self.root}/thumbnail?t=100.5&w=160")
        self.assertEqual(jpeg_size(first.body), (160, 90))
        self.assertNotEqual(first.body, later.body)
        self.assertEqual(self.picture(self.viewer, f"{self.root}/thumbnail?t=10.9&w=150").body, first.body)
        self.assertNotEqual(self.picture(self.viewer, f"{self.root}/thumbnail?t=12&w=150").body, first.body)
        self.assertEqual(self.viewer.get(f"{self.root}/thumbnail?t=126").status, 404)
        for wrong in ("", "t=x", "t=5.junk", "t=-1", "t=1&w=0", "t=1e9"):
            self.assertEqual(self.viewer.get(f"{self.root}/thumbnail?{wrong}").status, 400, wrong)

    def test_sprites_are_as_their_map_says(self):
        answer = self.picture(self.viewer, f"{self.root}/sprites.vtt")
        lines = answer.body.decode().split("\n")
        self.assertEqual(lines[0], "WEBVTT")
        tiles = [line for line in lines if "#xywh=" in line]
        self.assertEqual(len(tiles), 13)
        sheet, _, last = tiles[-1].partition("#xywh=")
        x, y, width, height = map(int, last.split(","))
        drawn = jpeg_size(self.picture(self.viewer, f"{self.root}/{sheet}").body)
        self.assertEqual(drawn, (10 * width, 2 * height))
        self.assertEqual((x, y), (2 * width, height))
        self.assertEqual(self.viewer.get(f"{self.root}/sprites/1.jpg").status, 404)

    def test_a_film_of_sound_has_none_and_a_stranger_gets_none(self):
        song = f"/stream/{self.viewer.video('Song')['id']}"
        answer = self.viewer.get(f"{song}/poster.jpg")
        self.assertEqual((answer.status, answer.json()["type"]), (404, "urn:carrel:problem:no-picture"))
        with contextlib.closing(type(self.viewer)(self.daemon)) as stranger:
            self.assertEqual(stranger.get(f"{self.root}/poster.jpg").status, 401)
            token = self.viewer.get(f"/api/v1/videos/{self.root.split('/')[-1]}/stream").json()["token"]
            self.assertEqual(self.picture(stranger, f"{self.root}/poster.jpg?token={token}").status, 200)
            moved = stranger.get(f"{self.root}/sprites.vtt?token={token}")
            self.assertEqual((moved.status, moved.headers["Location"]), (302, f"{self.root}/t/{token}/sprites.vtt"))
            self.assertEqual(self.picture(stranger, moved.headers["Location"]).status, 200)


if __name__ == "__main__":
    unittest.main()
