"""ffmpeg, mpv, VLC and curl on the links that people give to them: from the start and after a seek, without a complaint."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from carrel import AS_NOBODY, Client, Daemon, FilmsTest, make_film, wait_for

SECONDS = 40
SEEK = 25
# VLC without enough of a busy machine's time. The stream's times could be at fault, too; then it says so each time.
VLC_LATE = re.compile(r"ES_OUT_SET_\(GROUP_\)PCR +is called too late|more than \d+ seconds of late video -> dropping frame"
                      r"|buffer deadlock prevented")
# VLC and mpv without a screen or a sound card, or on a busy machine, say so; that is no fault of the stream's.
HARMLESS = re.compile(r"dbus|D-Bus|xdg|vdpau|vaapi|libva|pulse|ALSA|interface|lua|underrun", re.IGNORECASE)


def only_late(complaints):
    return bool(complaints) and all(VLC_LATE.search(line) for line in complaints)


def libavformat_seeks(film):
    """Whether the FFmpeg here can seek in its own fragmented MP4 over HLS.

    Before FFmpeg's commit 380a518c of 2024 its reader kept the fragment from before a seek, and took the new bytes
    for that fragment's samples (mpv issue 13211).
    """
    with tempfile.TemporaryDirectory() as folder:
        playlist = pathlib.Path(folder) / "own.m3u8"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", film, "-map", "0:v", "-c", "copy", "-f", "hls",
                        "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod", playlist], check=True, timeout=60)
        seen = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-ss", str(SEEK), "-i", playlist, "-t", "1", "-f",
                               "null", "-"], capture_output=True, timeout=60)
        return seen.returncode == 0 and b"NAL" not in seen.stderr


class Players(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, extra in (("Mp4.mp4", ("-movflags", "+faststart")), ("Matroska.mkv", ())):
            make_film(cls.films / name, SECONDS, rate="400k", extra=extra)
        cls.seeks = libavformat_seeks(cls.films / "Mp4.mp4")
        if not cls.seeks:
            print("\nNOT TESTED: ffmpeg and mpv after a seek over HLS. The FFmpeg here cannot seek even in the fragmented "
                  "MP4 over HLS that it makes itself; later versions can.", file=sys.stderr)
        cls.sizes = {path.stem: path.stat().st_size for path in cls.films.iterdir()}
        cls.home = cls.enterClassContext(tempfile.TemporaryDirectory())
        os.chmod(cls.home, 0o777)
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.client = cls.daemon.client()
        cls.addClassCleanup(cls.client.close)
        cls.daemon.wait_until_indexed(cls.client)

    def links(self):
        """(what, address of the stream) for each film, over HLS with its redirect and as the plain file."""
        for title in self.sizes:
            link = self.client.get(f"/api/v1/videos/{self.client.video(title)['id']}/stream").json()
            yield f"{title} over HLS", self.daemon.url(link["stream_url"])
            yield f"{title} as a file", self.daemon.url(link["original_url"])

    def starts(self, what, seek):
        """From the beginning, and after a seek where the player knows how."""
        return ((), seek) if self.seeks or "HLS" not in what else ((),)

    def run_player(self, *command, env=None):
        """What it wrote, and what it asked the daemon for."""
        already = len(self.daemon.log())
        seen = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                              env={**os.environ, "HOME": self.home, **(env or {})}, cwd=self.home)
        self.assertEqual(seen.returncode, 0, (command, seen.stdout[-2000:], seen.stderr[-2000:]))
        # A line is written once an answer has ended, by a thread of its own; a request after them marks the place.
        wait_for("the end of every answer", lambda: b"\ncarrel_streams 0\n" in self.client.get("/metrics").body)
        mark = f"/mark/{already}"
        self.client.get(mark)
        wait_for("the mark in the log", lambda: self.daemon.event("http.request", already, path=mark))
        asked = [line for line in self.daemon.log()[already:] if line.get("route") == "stream"]
        for line in asked:
            # VLC asks for what comes after a file's last byte.
            at_end = line["status"] == 416 and line["path"].endswith("/original")
            self.assertTrue(at_end or line["status"] in (0, 200, 206, 302), line)
        return seen, asked

    def segments(self, asked):
        """The numbers of the picture's segments that were asked for."""
        return {int(found[1]) for line in asked if (found := re.search(r"/0/(\d+)\.m4s$", line["path"]))}

    def first_segment_after_the_seek(self, title):
        """By the playlist."""
        video = self.client.video(title)
        playlist = self.client.get(f"/stream/{video['id']}/0/playlist.m3u8").body.decode()
        at = 0.0
        for number, length in enumerate(map(float, re.findall(r"#EXTINF:([\d.]+)", playlist))):
            at += length
            if at > SEEK:
                return number
        raise AssertionError(playlist)

    def check(self, what, asked, sought):
        self.assertTrue(asked, what)
        if "HLS" not in what:
            return
        numbers = self.segments(asked)
        if sought:
            self.assertIn(self.first_segment_after_the_seek(what.split()[0]), numbers, (what, numbers))
            self.assertLess(len(numbers), 8, (what, numbers))  # a seek, and not all that lies before it
        else:
            self.assertIn(0, numbers, what)

    @staticmethod
    def complaints(text):
        return [line for line in text.splitlines() if line.strip() and not HARMLESS.search(line)]

    def assert_quiet(self, what, text):
        self.assertEqual(self.complaints(text), [], what)

    def test_ffmpeg(self):
        for what, url in self.links():
            for start in self.starts(what, ("-ss", str(SEEK))):
                with self.subTest(what=what, start=start):
                    seen, asked = self.run_player("ffmpeg", "-v", "warning", "-nostdin", *start, "-i", url, "-t", "5",
                                                  "-f", "null", "-")
                    self.assert_quiet(what, seen.stderr)
                    self.check(what, asked, start)

    def test_mpv(self):
        # Each by itself, as fast as it comes: together, not held by a clock, one would be too far ahead of the other for
        # mpv. How they lie in time is held by tests/media/film_check.py.
        for what, url in self.links():
            for start in self.starts(what, (f"--start={SEEK}",)):
                for alone in ("--no-audio", "--no-video"):
                    with self.subTest(what=what, start=start, alone=alone):
                        seen, asked = self.run_player(
                            "mpv", "--no-config", "--load-scripts=no", "--vo=null", "--ao=null", "--ao-null-untimed",
                            "--untimed", "--length=5", alone, "--msg-level=all=warn", "--term-status-msg=at ${time-pos}\\n",
                            *start, url)
                        warnings = [line for line in seen.stderr.splitlines() + seen.stdout.splitlines()
                                    if not line.startswith("at ")]
                        self.assert_quiet(what, "\n".join(warnings))
                        self.check(what, asked, start)

    def vlc(self, url, *options):
        """Its errors, and what it asked for. VLC refuses to run as root."""
        as_nobody = AS_NOBODY if os.geteuid() == 0 else ()
        seen, asked = self.run_player(*as_nobody, "cvlc", "-I", "dummy", "--no-color", "--verbose=1", "--vout", "dummy", "--aout",
                                      "dummy", "--no-lua", "--run-time=3", *options, url, "vlc://quit",
                                      env={"XDG_RUNTIME_DIR": self.home})
        return "\n".join(line for line in seen.stderr.splitlines() if " error: " in line), asked

    def test_vlc(self):
        for what, url in self.links():
            for start in ((), (f"--start-time={SEEK}",)):
                with self.subTest(what=what, start=start):
                    errors, asked = self.vlc(url, *start)
                    if only_late(self.complaints(errors)):
                        errors, asked = self.vlc(url, *start)
                    self.assert_quiet(what, errors)
                    self.check(what, asked, start)

    def test_curl(self):
        for what, url in self.links():
            with self.subTest(what=what):
                seen = subprocess.run(["curl", "-sS", "--fail", "-L", url], capture_output=True, timeout=60)
                self.assertEqual((seen.returncode, seen.stderr), (0, b""))
                if "HLS" in what:
                    self.assertTrue(seen.stdout.startswith(b"#EXTM3U"))
                else:
                    self.assertEqual(len(seen.stdout), self.sizes[what.split()[0]])

    def test_the_link_alone_is_enough(self):
        """No cookie, and the token stays good for everything that the playlist names."""
        stranger = Client(self.daemon)
        self.addCleanup(stranger.close)
        film = self.client.video("Mp4")
        link = self.client.get(f"/api/v1/videos/{film['id']}/stream").json()
        moved = stranger.get(link["stream_url"])
        self.assertEqual(moved.status, 302)
        self.assertEqual(moved.headers["Cache-Control"], "no-store")
        seen = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration:stream=codec_name", "-of", "json",
                               self.daemon.url(moved.headers["Location"])], capture_output=True, text=True, timeout=60)
        self.assertEqual((seen.returncode, seen.stderr), (0, ""))
        found = json.loads(seen.stdout)
        self.assertAlmostEqual(float(found["format"]["duration"]), SECONDS, delta=0.2)
        self.assertEqual({one["codec_name"] for one in found["streams"]}, {"h264", "aac"})


if __name__ == "__main__":
    unittest.main()
