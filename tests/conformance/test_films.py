"""Every film through the daemon: all that a player could fetch, twice, against the rules and against its source.

Prints a table of what became of each. CARREL_TEST_FILMS (a regular expression) picks some of them.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests" / "media"), str(SOURCE / "tests" / "integration")]

import choices  # noqa: E402
import dash  # noqa: E402
import hls_reader  # noqa: E402
import matrix  # noqa: E402
import shared_films  # noqa: E402
import sources  # noqa: E402
import subtitles  # noqa: E402
import transport  # noqa: E402
import truth  # noqa: E402
from carrel import BUILD, Daemon, settle  # noqa: E402
from crawl import Film  # noqa: E402

MILLISECOND = 0.001
# More would be heard as an echo of the picture; what the encoder blurs lies far below.
SOUND_TOLERANCE = 0.001


def place_films(library):
    """Title → file in the library."""
    wanted = re.compile(os.environ.get("CARREL_TEST_FILMS", ""))
    folder = matrix.made_once(BUILD)
    made = sorted(path for path in folder.iterdir() if path.name != matrix.OUTCOMES)
    shared = shared_films.present()
    placed = {}
    for path in [*made, *shared]:
        if not wanted.search(path.name):
            continue
        stem = re.sub(r"[._]", " ", path.name)
        if path.suffix == ".srt":
            stem = re.sub(r"[._]", " ", path.name.split(".")[0] + ".mp4") + ".de"
        place = library / (stem.replace(" ", "_") + path.suffix)
        shutil.copyfile(path, place)
        settle(place)
        if path.suffix != ".srt":
            placed[stem] = (place, path.name)
    outcomes = json.loads((folder / matrix.OUTCOMES).read_text())
    outcomes.update((path.name, verdict) for path, verdict in shared.items())
    return placed, outcomes


class Films(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-conformance-")))
        library = cls.folder / "library"
        library.mkdir()
        cls.films, cls.outcomes = place_films(library)
        cls.daemon = cls.enterClassContext(Daemon(library, CARREL_SANDBOX_CPUS="1"))
        cls.daemon.add_user("other", "another viewer's password")
        cls.clients = [cls.daemon.client(), cls.daemon.client("other", "another viewer's password")]
        for client in cls.clients:
            cls.addClassCleanup(client.close)
        cls.videos = {item["title"]: item for item in cls.daemon.wait_until_indexed(cls.clients[0])}

    def test_every_film(self):
        for title, (path, name) in self.films.items():
            with self.subTest(film=name):
                self.assertIn(title, self.videos)
                self.check_film(self.videos[title], path, name)
        with self.subTest("what other readers of playlists say"):
            self.assertEqual(parsers_complaints(self.folder / "out"), "")
        self.assertTrue(all(one["State"]["Running"] and not one["RestartCount"] for one in self.daemon.containers()))

    # --- one film

    def check_film(self, video, path, name):
        client = self.clients[0]
        original = client.request("HEAD", f"/stream/{video['id']}/original")
        self.assertEqual(int(original.headers["Content-Length"]), path.stat().st_size)
        outcome, reason = self.outcomes.get(name, ("plays", ""))
        self.assertEqual(video["playable"], outcome in ("plays", "transcoded"), (outcome, video["reason"]))
        if not video["playable"]:
            self.check_refused(video, name, outcome, reason)
            return
        film = Film(self.clients, video, self.folder / "out" / name)
        master = film.fetch_master()
        if master is None:
            self.fail(film.complaints)
        film.read_renditions(master)
        if not film.complaints:
            film.complain(*truth.master_complaints(master, film.renditions, film.probe))
            self.check_samples(film, path)
            self.check_decoding(film, path)
            film.complain(*choices.complaints(master, sources.probe(path)["streams"]))
            film.complain(*subtitles.complaints(film, master, path))
            film.complain(*dash.complaints(film))
            film.complain(*transport.complaints(film, path))
        self.assertEqual(film.complaints, [], name)
        verdict = self.verdict_of(film, video, path)
        expected = "transcoded audio" if outcome == "transcoded" else "plays directly" if sources.plays_as_it_is(path) else "remuxed"
        self.assertEqual(verdict, expected, name)
        size = sum(map(len, film.answers.values()))
        codecs = "+".join(dict.fromkeys(one.track.codec for one in film.renditions.values() if one.track))
        self.row(name, verdict, f"{codecs}; {len(film.renditions)} playlists, {len(film.answers)} answers, {size} bytes")

    def verdict_of(self, film, video, path):
        if any("/aac" in uri for uri in film.renditions) and not self.source_sounds(film):
            return "transcoded audio"
        link = self.clients[0].get(f"/api/v1/videos/{video['id']}/stream").json()
        return "plays directly" if link["original_playable"] and sources.browsers_decode(path) else "remuxed"

    def source_sounds(self, film):
        return [one for uri, one in film.renditions.items()
                if uri.count("/") == 1 and one.track is not None and one.track.kind == "soun"]

    def row(self, name, verdict, detail):
        print(f"{name:55} {verdict:17} {detail}", file=sys.stderr, flush=True)

    def check_refused(self, video, name, outcome, reason):
        self.assertTrue(video["reason"], name)
        self.assertIn(reason, video["reason"])
        answer = self.clients[0].get(f"/stream/{video['id']}/master.m3u8")
        self.assertEqual((answer.status, answer.json()["detail"]), (409, video["reason"]), name)
        self.row(name, "needs a variant" if outcome == "variant" else "refused", video["reason"])

    # --- against the source

    def check_samples(self, film, path):
        """Packet for packet what `-c copy` takes from the source, all moved by the same time; sound that is made anew is in
        the same place as the source's, too."""
        own = {int(uri.split("/")[0]): one for uri, one in film.renditions.items()
               if uri.endswith("/playlist.m3u8") and uri.count("/") == 1 and one.track is not None}
        # Parameter sets that change were put before the samples, or are there already.
        raw = sources.is_raw(path) or any(one.track.entry in ("avc3", "hev1") for one in own.values())
        shifts = {}
        expected = sources.packets(path, sorted(own), raw) if own else {}
        for number, rendition in own.items():
            known = sources.probe(path)["streams"][number]["codec_name"]
            ours = sources.packets(film.whole(rendition), [0], raw, [known])[0]
            theirs = expected[number]
            if rendition.track.kind == "vide":
                theirs = hls_reader.as_sent(theirs, sources.seconds(path))
                theirs = hls_reader.without_hidden_times(path, number, theirs)
            else:
                theirs = hls_reader.without_hidden_beginning(path, number, theirs)
            if [(p.size, p.hash) for p in ours] != [(p.size, p.hash) for p in theirs]:
                different = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a.hash != b.hash), min(len(ours), len(theirs)))
                film.complain(f"{rendition.uri}: {len(ours)} packets, the source has {len(theirs)}; the first that differs is "
                              f"{different}")
                continue
            moved = sources.shift_of(ours, theirs)
            if moved is None or sources.jumps(theirs):
                continue
            tick = max(1 / rendition.track.timescale, MILLISECOND if "matroska" in sources.probe(path)["format"]["format_name"] else 0)
            if moved[1] > tick:
                film.complain(f"{rendition.uri}: its times are moved by more here and less there, by {float(moved[1])} s")
            shifts[number] = float(moved[0])
        if shifts and max(shifts.values()) - min(shifts.values()) > MILLISECOND:
            film.complain(f"the tracks are moved by different times: {shifts}")
        self.check_sound(film, path, shifts)

    def check_sound(self, film, path, shifts):
        for uri, rendition in film.renditions.items():
            match = re.fullmatch(r"(\d+)(/aac[0-9]+)?/playlist\.m3u8", uri)
            if not match or rendition.track is None or rendition.track.kind != "soun":
                continue
            if not match[2] and sources.jumps(sources.packets(path, [int(match[1])], False)[int(match[1])]):
                continue
            theirs = sources.samples(path, int(match[1]))
            ours = sources.samples(film.whole(rendition), 0)
            pictures = [shift for number, shift in shifts.items() if number != int(match[1])]
            sound = sources.probe(path)["streams"][int(match[1])]
            if sound["codec_name"] == "opus" and not match[2]:
                skips = [sources.pre_skip(*one) for one in ((film.whole(rendition), 0), (path, int(match[1])))]
                if skips[0] != skips[1]:
                    film.complain(f"{uri}: {skips[0]} samples are to be skipped, of the source {skips[1]}")
            # Without a picture to go by: the film begins with its first packet, whatever an edit list leaves out of it.
            base = pictures[0] if pictures else -sources.first_decoded(path)
            lasts = len(theirs) / sources.HERTZ + base
            shown = picture_end(film)
            if match[2] and shown - lasts > 0.5:  # what is made is silent then
                lasts = shown
            # 1,024 samples to a frame: two of them are what filling up the last one takes, longer where they are few a second.
            apart = max(0.05, 2 * 1024 / rendition.track.timescale) if match[2] else 0.05
            if abs(len(ours) / sources.HERTZ - lasts) > apart:
                film.complain(f"{uri}: lasts to {len(ours) / sources.HERTZ:.3f} s, the source to {lasts:.3f}")
            late = sources.delay(ours, theirs, base)
            if late is not None and pictures and abs(late - base) > SOUND_TOLERANCE:
                film.complain(f"{uri} ({sound['codec_name']}): {(late - base) * 1000:+.2f} ms against the picture")
            if late is None and max(theirs, default=0) > 1000:
                film.complain(f"{uri}: what it sounds like is not found in the source")

    def check_decoding(self, film, path):
        complaints = hls_reader.new_complaints(film.folder / "master.m3u8", path)
        if complaints:
            film.complain(f"decoding: {complaints[:500]}")


def picture_end(film):
    """Seconds; 0 without a picture."""
    shown = [truth.presented(one)[-1] for uri, one in film.renditions.items()
             if uri.endswith("/playlist.m3u8") and one.track is not None and one.track.kind == "vide"]
    return max((begin + lasts for begin, lasts in shown), default=0)


def parsers_complaints(folder):
    """Of the playlists and manifests in a folder, by readers that others wrote."""
    node = os.environ.get("CARREL_NODE") or "node"
    done = subprocess.run([node, str(SOURCE / "tests/e2e/parse.mjs"), str(folder)], capture_output=True, text=True, timeout=300)
    return done.stdout + done.stderr if done.returncode != 0 else ""


if __name__ == "__main__":
    unittest.main()
