"""Real players on a film of clock and beep: start, twenty random seeks, to the end; sound and picture stay together."""

import contextlib
import json
import os
import pathlib
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import unittest

import clock_film
from carrel import AS_NOBODY, Daemon, FilmsTest, wait_for
from test_players import HARMLESS, libavformat_seeks, only_late

SECONDS = 30
SEEKS = 20
SEED = int(os.environ.get("CARREL_TEST_SEED", "4"))
HERE = pathlib.Path(__file__).parent
# VLC 3 has no clock for a moment after a seek, and says so: as often in a plain MP4 file and in ffmpeg's own HLS of it.
VLC_AFTER_A_SEEK = re.compile(r"Could not convert timestamp \d+ for (FFmpeg|faad)"
                              r"|Could not get display date for timestamp \d+"
                              r"|Timestamp conversion failed( for \d+: no reference clock| \(delay )")
# FFmpeg's HLS says it of each segment before the furthest one it has opened: after each seek back that mpv does not serve from memory.
MPV_AFTER_A_SEEK = re.compile(r"hls: maybe the m3u8 list sequence have been wraped")
# Of AC-3 in MPEG-TS alone, until its packetizer has found a frame: of ffmpeg's own HLS of it as well.
VLC_OF_AC3_IN_TS = re.compile(r"too low audio sample frequency \(0\)|failed to create audio output")
FILMS = {
    "Clock": ("Clock.mp4", {"extra": ("-movflags", "+faststart")}),
    "Ac3": ("Ac3.ts", {"audio": ("-c:a", "ac3")}),  # rewritten to MP4, its sound made anew where the player wants that
    "Dts": ("Dts.mkv", {"audio": ("-c:a", "dca", "-strict", "-2", "-ac", "2")}),  # MPEG-TS has it as AAC
}
OLD_FORM = "ts.m3u8"
PICTURE = 0.04


class Seeks(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, options in FILMS.values():
            clock_film.make(cls.films / name, SECONDS, **options)
        cls.home = cls.enterClassContext(tempfile.TemporaryDirectory())
        os.chmod(cls.home, 0o777)
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        # All before the first is played: while a player is busy, the connection that is asked over would be idle for too long.
        with contextlib.closing(cls.daemon.client()) as client:
            cls.daemon.wait_until_indexed(client)
            cls.manifests = {title: cls.manifest_of(client, client.video(title)) for title in FILMS}

    @staticmethod
    def manifest_of(client, video):
        assert video["playable"], (video["title"], video["reason"])
        return client.get(f"/api/v1/videos/{video['id']}/stream").json()["dash_url"]

    def links(self, *kinds):
        """(what, address) of each film in each of the forms that there are."""
        for title, manifest in self.manifests.items():
            for kind in kinds:
                if title == "Dts" and kind != OLD_FORM:
                    continue  # what is made of it there is what is made of the others
                # The token in the path: FFmpeg takes an MPD's addresses from before a redirect.
                yield f"{title} {kind}", self.daemon.url(manifest.replace("manifest.mpd", kind))

    def assert_together(self, what, flashes, beeps, seconds=SECONDS):
        offsets = clock_film.offsets(flashes, beeps)
        # Some at the very ends may be cut off.
        self.assertGreaterEqual(len(offsets), seconds - 3, what)
        self.assertLess(max(map(abs, offsets)), clock_film.TOLERANCE, what)
        print(f"{what}: the sound is {statistics.median(offsets) * 1000:+.1f} ms behind the picture", file=sys.stderr)

    def test_gstreamer(self):
        for what, url in self.links("master.m3u8"):
            with self.subTest(what=what):
                seen = subprocess.run(["/usr/bin/python3", "-B", HERE / "gstreamer_player.py", url, str(SECONDS), str(SEED), str(SEEKS)],
                                      capture_output=True, text=True, timeout=240, env={**os.environ, "HOME": self.home})
                said = json.loads(seen.stdout.splitlines()[-1] if seen.stdout else seen.stderr.splitlines()[-1])
                self.assertNotIn("error", said)
                self.assertEqual(said["complaints"], [])
                self.assert_together(f"GStreamer, {what}", clock_film.onsets(said["picture"], 128),
                                     clock_film.onsets(sound_of(said["sound"]), 8000))

    def test_ffmpeg(self):
        for what, url in self.links("master.m3u8", "manifest.mpd", OLD_FORM):
            with self.subTest(what=what):
                self.assert_together(f"ffmpeg, {what}", *clock_film.by_ffmpeg(url))

    def test_ffmpeg_seeks(self):
        """The first picture is that of the place, and the clock that it shows is on time."""
        over_hls = ["master.m3u8"] if libavformat_seeks(self.films / "Clock.mp4") else []
        for what, url in self.links("manifest.mpd", OLD_FORM, *over_hls):
            with self.subTest(what=what):
                begins, zero = start_of(url)
                source = random.Random(SEED)
                for _ in range(SEEKS):
                    wanted = round(source.uniform(0, SECONDS - 6), 2)
                    pictures, beeps = clock_film.decoded_by_ffmpeg(url, "-ss", str(wanted), "-t", "5")
                    at = pictures[0][0] - begins
                    self.assertTrue(wanted - 0.001 < at < wanted + PICTURE, f"{what}: a seek to {wanted} led to {at}")
                    # A beep is one where silence was heard before; the sound ends after the time that was asked for, and the picture later.
                    flashes = [time for time in clock_film.onsets(pictures, 128) if at + 0.5 < time - begins < wanted + 4.5]
                    self.assertTrue(flashes, (what, wanted))
                    for flash in flashes:
                        self.assertAlmostEqual(flash - zero, round(flash - zero), delta=PICTURE / 2, msg=f"{what} at {wanted}")
                    self.assertLess(max(map(abs, clock_film.offsets(flashes, beeps))), clock_film.TOLERANCE, (what, wanted))

    def test_mpv(self):
        kinds = (OLD_FORM, "master.m3u8" if libavformat_seeks(self.films / "Clock.mp4") else "original")
        for what, url in self.links(*kinds):
            with self.subTest(what=what):
                self.drive_mpv(what, url)

    def test_mpv_together(self):
        """As mpv would show it: it writes what it plays, each at its time."""
        for what, url in self.links("master.m3u8"):
            with self.subTest(what=what):
                played = pathlib.Path(self.home, "played.nut")
                subprocess.run(["mpv", "--no-config", "--load-scripts=no", "--really-quiet", "--vf=scale=64:36", f"--o={played}",
                                "--of=nut", "--ovc=rawvideo", "--oac=pcm_s16le", url], check=True, timeout=120,
                               stdin=subprocess.DEVNULL, env={**os.environ, "HOME": self.home})
                self.assert_together(f"mpv, {what}", *clock_film.by_ffmpeg(played))

    def test_vlc_together(self):
        """At the times at which VLC's library shows and sounds it, from the start and after seeks."""
        for what, url in self.links("master.m3u8", OLD_FORM):
            with self.subTest(what=what):
                seen = subprocess.run([sys.executable, "-B", HERE / "vlc_player.py", url, "6", "13", "3"], capture_output=True, text=True,
                                      timeout=120, check=True, env={**os.environ, "HOME": self.home})
                for part in json.loads(seen.stdout):
                    offsets = clock_film.offsets(clock_film.onsets(part["picture"], 128), clock_film.onsets(sound_of(part["sound"]), 8000))
                    self.assertGreaterEqual(len(offsets), 4, what)
                    # A picture is late when the machine is busy, and never early; the sound is neither.
                    median = statistics.median(offsets)
                    self.assertLess(median, clock_film.TOLERANCE, what)
                    # One of the next second's flash, or of the last, tells nothing.
                    paired = [offset for offset in offsets if abs(offset) < 0.5]
                    self.assertTrue(paired, (what, offsets))
                    self.assertGreater(max(paired), -clock_film.TOLERANCE, what)
                    print(f"VLC, {what}: the sound is {median * 1000:+.1f} ms behind the picture", file=sys.stderr)

    def drive_mpv(self, what, url):
        path = os.path.join(self.home, "mpv.sock")
        with subprocess.Popen(["mpv", "--no-config", "--load-scripts=no", "--vo=null", "--ao=null", "--hr-seek=yes", "--pause",
                               "--msg-level=all=warn", "--term-status-msg=", f"--input-ipc-server={path}", "--keep-open=no",
                               "--idle=once"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, "HOME": self.home}) as process:
            try:
                self.talk_to_mpv(what, url, path, process)
                said = process.communicate(timeout=60)[0]
                self.assertEqual(process.returncode, 0, what)
                self.assertEqual([line for line in said.splitlines() if line.strip()
                                  and not HARMLESS.search(line) and not MPV_AFTER_A_SEEK.search(line)], [], what)
            finally:
                process.kill()
                pathlib.Path(path).unlink(missing_ok=True)

    def talk_to_mpv(self, what, url, path, process):
        wait_for("mpv's socket", lambda: pathlib.Path(path).exists() or process.poll() is not None, 30)
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(60)
            link.connect(path)
            lines = link.makefile("rw")

            def until(event):
                while True:
                    line = json.loads(lines.readline() or '{"event": "gone"}')
                    self.assertNotEqual(line.get("event"), "gone", what)
                    if line.get("event") == "end-file":
                        self.assertEqual((event, line.get("reason")), ("end-file", "eof"), what)
                    if line.get("event") == event or event == "data" and "data" in line:
                        return line

            def ask(*command):
                lines.write(json.dumps({"command": command}) + "\n")
                lines.flush()

            # Only now: what happens before somebody listens is told to nobody.
            ask("loadfile", url)
            until("playback-restart")
            source = random.Random(SEED)
            for _ in range(SEEKS):
                wanted = round(source.uniform(0, SECONDS - 4), 2)
                ask("seek", wanted, "absolute")
                until("playback-restart")
                ask("get_property", "time-pos")
                at = until("data")["data"]
                self.assertTrue(wanted - 0.1 < at < wanted + 0.1, f"{what}: a seek to {wanted} led to {at}")
            ask("set_property", "pause", False)
            ask("seek", SECONDS - 2, "absolute")
            until("playback-restart")
            until("end-file")

    def test_vlc(self):
        for what, url in self.links("master.m3u8", OLD_FORM):
            with self.subTest(what=what):
                errors = self.drive_vlc(what, url)
                if only_late(errors):
                    errors = self.drive_vlc(what, url)
                self.assertEqual(errors, [], what)

    def drive_vlc(self, what, url):
        """By its remote control: VLC tells the time in whole seconds. What it complains of."""
        path = os.path.join(self.home, "vlc.sock")
        as_nobody = AS_NOBODY if os.geteuid() == 0 else ()
        with subprocess.Popen([*as_nobody, "cvlc", "-I", "oldrc", "--rc-unix", path, "--rc-fake-tty", "--no-color", "--vout", "dummy",
                               "--aout", "dummy", "--no-lua", "--play-and-exit", url], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "HOME": self.home, "XDG_RUNTIME_DIR": self.home}) as process:
            try:
                self.talk_to_vlc(what, path, process)
                said = process.communicate(timeout=60)[1]
                self.assertEqual(process.returncode, 0, what)
                return [line for line in said.splitlines() if " error: " in line and not HARMLESS.search(line)
                        and not VLC_AFTER_A_SEEK.search(line)
                        and not (what == f"Ac3 {OLD_FORM}" and VLC_OF_AC3_IN_TS.search(line))]
            finally:
                process.kill()
                pathlib.Path(path).unlink(missing_ok=True)

    def talk_to_vlc(self, what, path, process):
        wait_for("VLC's socket", lambda: pathlib.Path(path).exists() or process.poll() is not None, 30)
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(30)
            link.connect(path)
            lines = link.makefile("rw")

            def say(command):
                lines.write(command + "\n")
                lines.flush()

            def number(command):
                say(command)
                while line := lines.readline():
                    if (told := line.strip().lstrip("> ")).isdecimal():
                        return int(told)
                raise AssertionError(f"{what}: VLC ended")

            def at(least, most):
                return lambda: least <= number("get_time") <= most

            wait_for(f"{what}: the start", at(1, 5), 30)
            source = random.Random(SEED)
            for _ in range(SEEKS):
                wanted, before = source.randrange(0, SECONDS - 6), number("get_time")
                say(f"seek {wanted}")

                def goes_on():
                    """It does: the time of the seek itself is told before anything is fetched."""
                    nonlocal before
                    now = number("get_time")
                    looked_too_late = now > wanted + 4 and (now < before or before <= wanted)
                    if looked_too_late:
                        before = now
                        say(f"seek {wanted}")
                    return wanted + 1 <= now <= wanted + 4
                wait_for(f"{what}: going on after a seek to {wanted}", goes_on, 30)
            say(f"seek {SECONDS - 3}")
            wait_for(f"{what}: the end", lambda: process.poll() is not None, 30)


def start_of(url):
    """Where ffmpeg counts its seeks from, and the time of the first picture."""
    seen = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "format=start_time:stream=start_time",
                           "-of", "json", url], check=True, capture_output=True, text=True, timeout=60)
    said = json.loads(seen.stdout)
    return float(said["format"]["start_time"]), float(said["streams"][0]["start_time"])


def sound_of(levels, hold=0.02):
    """A beep swings through silence a thousand times a second: loud for as long as it was loud a moment ago."""
    result, loud = [], float("-inf")
    for time, level in levels:
        loud = time if level > 8000 else loud
        result.append((time, 32767 if time - loud < hold else 0))
    return result


if __name__ == "__main__":
    unittest.main()
