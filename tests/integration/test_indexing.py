"""Indexes on the real engine: made side by side within bounds, and made again when they are damaged."""

import contextlib
import shutil
import unittest

from carrel import Daemon, FilmsTest, make_film, settle, wait_for
from engine_events import EngineEvents

FILMS = 6
STEPS = ("creating", "stopping", "failed")  # where a sandbox begins and ends
VERSION_AT = 8  # after the magic bytes, little endian


class SideBySide(FilmsTest):
    def test_no_more_films_are_indexed_at_once_than_there_are_workers(self):
        film = make_film(self.films / "Film 0.mkv", 20)
        for number in range(1, FILMS):
            settle(shutil.copyfile(film, self.films / f"Film {number}.mkv"))
        events = self.enterContext(EngineEvents("start", "die"))
        daemon = self.enterContext(Daemon(self.films, CARREL_LIBRARY_INDEX_WORKERS="2"))
        client = self.enterContext(contextlib.closing(daemon.client()))
        videos = daemon.wait_until_indexed(client)
        self.assertEqual([video["state"] for video in videos], ["ready"] * FILMS)
        told = wait_for("the end of every worker", lambda: self.all_told(events.of(daemon, "worker")))
        self.assertLessEqual(most_at_once((what == "start", container["name"]) for what, container in told), 2)
        # From the first step to make one: on a slow machine the first may have ended when the second has been started.
        self.assertEqual(most_at_once(self.worker_steps(daemon)), 2)

    @staticmethod
    def all_told(events):
        """A start that came to nothing is tried again."""
        ends = [what for what, _ in events].count("die")
        return events if ends >= FILMS and ends == len(events) - ends else None

    @staticmethod
    def worker_steps(daemon):
        for line in daemon.log():
            if line.get("event") == "sandbox.state" and line["role"] == "worker" and line["state"] in STEPS:
                yield line["state"] == "creating", line["sandbox"]


def most_at_once(steps):
    """Of those that begin and end, each step being whether it begins, and its name."""
    at_once, most = set(), 0
    for begins, name in steps:
        (at_once.add if begins else at_once.discard)(name)
        most = max(most, len(at_once))
    return most


def turned(path, content):
    damaged = bytearray(content)
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)


def cut_short(path, content):
    path.write_bytes(content[:len(content) // 2])


def of_another_version(path, content):
    foreign = bytearray(content)
    foreign[VERSION_AT] += 1
    new = path.with_suffix(".tmp")
    new.write_bytes(foreign)
    new.rename(path)


class Remade(FilmsTest):
    def setUp(self):
        make_film(self.films / "Film.mp4", 6)
        self.daemon = self.enterContext(Daemon(self.films))
        self.log_in()
        self.daemon.wait_until_indexed(self.client)
        video = self.client.video("Film")["id"]
        self.paths = [f"/stream/{video}/{name}" for name in ("master.m3u8", "0/playlist.m3u8", "0/init.mp4", "0/1.m4s", "1/0.m4s")]
        self.index = next((self.daemon.root / "data/index").glob("*.cidx"))
        self.good = [self.whole(path) for path in self.paths]

    def log_in(self):
        self.client = self.enterContext(contextlib.closing(self.daemon.client()))

    def whole(self, path):
        answer = self.client.get(path)
        self.assertEqual(answer.status, 200, answer.body[:300])
        return answer.body

    def indexed(self):
        return [line for line in self.daemon.log() if line.get("event") == "video.indexed"]

    def damage(self, how):
        before, content = self.index.stat().st_ctime_ns, self.index.read_bytes()

        def changed():
            if self.index.stat().st_ctime_ns == before:
                how(self.index, content)
            return self.index.stat().st_ctime_ns != before
        wait_for("a change that the kernel dates later", changed)
        return self.index.read_bytes()

    def assert_remade(self, damaged, problem, said):
        already, skip = len(self.indexed()), len(self.daemon.log())
        refused = self.client.get(self.paths[0])
        self.assertEqual((refused.status, refused.json()["type"]), (503, f"urn:carrel:problem:{problem}"), refused.body)
        self.assertGreater(int(refused.headers["Retry-After"]), 0)
        wait_for("an answer", lambda: self.client.get(self.paths[0]).status == 200)
        self.assertEqual([self.whole(path) for path in self.paths], self.good)
        self.assertNotEqual(self.index.read_bytes(), damaged)
        wait_for("its line in the log", lambda: len(self.indexed()) > already)
        self.assertEqual(self.indexed()[-1]["state"], "ready")
        if said:
            notes = wait_for("the refusals in the log", lambda: self.notes_of_refusals(skip))
            self.assertTrue(all(said in note for note in notes), notes)

    def notes_of_refusals(self, skip):
        return [line["note"] for line in self.daemon.log()[skip:]
                if line.get("event") == "http.request" and line["status"] == 503]

    def test_one_that_is_damaged_beneath_the_daemon_is_made_again(self):
        for how, said in ((turned, "its checksum"), (cut_short, "its length")):
            with self.subTest(how=how.__name__):
                self.assert_remade(self.damage(how), "index-damaged", said)
        # The daemon sees that by itself.
        self.assert_remade(self.damage(of_another_version), "being-indexed", "")

    def test_one_that_another_version_left_is_made_again(self):
        self.daemon.stop()
        damaged = self.damage(of_another_version)
        self.daemon.start()
        self.log_in()
        self.assert_remade(damaged, "being-indexed", "")


if __name__ == "__main__":
    unittest.main()
