"""Damaged films through indexing and playing: a clear verdict each, nothing hangs, and all that was well stays so.

CARREL_TEST_DAMAGED_FILMS says how many; tests/soak runs this with hundreds.
"""

import contextlib
import json
import os
import re
import sys
import unittest
from urllib.parse import urljoin

import damage
from carrel import Daemon, FilmsTest, cgroup_value, make_film, settle, wait_for
from engine_events import EngineEvents

COUNT = int(os.environ.get("CARREL_TEST_DAMAGED_FILMS", "40"))
SECONDS_EACH = 15  # an upper bound for one film, indexing in turn with all others
MEMORY = 512 << 20
KILLED = "137"


def uris_of(playlist):
    text = playlist.decode()
    found = re.findall(r'URI="([^"]+)"', text) + [line for line in text.splitlines() if line and not line.startswith("#")]
    return list(dict.fromkeys(found))


class Damaged(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = damage.make_damaged(cls.films, COUNT)
        for path in cls.made:
            settle(path)
        for name in damage.FILMS:
            (cls.films / name).unlink()
        (cls.films / "text.srt").unlink()
        make_film(cls.films / "Whole.mp4", 3)
        cls.events = cls.enterClassContext(EngineEvents("die", "oom"))
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.client = cls.enterClassContext(contextlib.closing(cls.daemon.client()))

    def settled(self):
        page, items = self.client.get("/api/v1/videos").json(), []
        while True:
            items += page["items"]
            if not page["next"]:
                break
            page = self.client.get(f"/api/v1/videos?after={page['next']}").json()
        return items if len(items) == COUNT + 1 and all(one["state"] in ("ready", "failed") for one in items) else None

    def test_every_film_ends_in_a_verdict(self):
        videos = wait_for("a verdict on every film", self.settled, COUNT * SECONDS_EACH)
        self.assertEqual(len(self.made), COUNT)
        plays = refused = 0
        for video in videos:
            with self.subTest(film=video["title"]):
                if video["playable"]:
                    self.play(video)
                    plays += 1
                else:
                    self.assertRegex(video["reason"] or "", r"\w{3}.* .*\.$")
                    self.refuse(video)
                    refused += 1
        print(f"\n{plays} play, {refused} are refused with a reason", file=sys.stderr)
        # Both kinds are among them, or the damage was none, or too much.
        self.assertGreater(plays, 1)
        self.assertGreater(refused, 1)
        self.assertTrue(any(video["findings"] for video in videos))
        self.assertEqual(next(video["findings"] for video in videos if video["title"] == "Whole"), [])
        self.assert_all_is_well()

    def play(self, video):
        """Whatever its playlists name is there, whole."""
        root = f"/stream/{video['id']}/"
        master = self.fetch(root + "master.m3u8")
        for uri in uris_of(master):
            playlist = urljoin(root, uri)
            for part in uris_of(self.fetch(playlist)):
                self.fetch(urljoin(playlist, part))

    def fetch(self, path):
        answer = self.client.get(path)
        self.assertEqual(answer.status, 200, (path, answer.body[:300]))
        self.assertEqual(len(answer.body), int(answer.headers["Content-Length"]), path)
        return answer.body

    def refuse(self, video):
        answer = self.client.get(f"/stream/{video['id']}/master.m3u8")
        self.assertEqual(answer.status, 409, answer.body[:300])
        self.assertEqual(json.loads(answer.body)["detail"], video["reason"])
        link = self.client.get(f"/api/v1/videos/{video['id']}/stream").json()
        self.assertEqual((link["stream_url"], link["chapters_url"], link["subtitles"]), (None, None, []))

    def assert_all_is_well(self):
        self.assertEqual(self.client.get("/readyz").status, 200)
        self.play(self.client.video("Whole") if COUNT < 200 else next(v for v in self.settled() if v["title"] == "Whole"))
        for line in self.daemon.log():
            self.assertNotIn(line.get("level"), ("error", "critical"), line)
            if line.get("event") == "sandbox.state":
                # Not even a worker dies of a film, nor is one ended because it hung.
                self.assertNotEqual(line["state"], "failed", line)
        for one in self.daemon.containers():
            peak = int(cgroup_value(one, "memory", "memory.max_usage_in_bytes", "memory.peak"))
            self.assertLess(peak, MEMORY)
            self.assertEqual(one["RestartCount"], 0)
        self.assert_no_worker_was_killed()

    def assert_no_worker_was_killed(self):
        """Nor any other: those that are gone have no cgroup to ask, but the engine told of their end."""
        def every_end():
            found = self.events.of(self.daemon, "worker")
            return found if [what for what, _ in found].count("die") > COUNT else None
        ends = wait_for("the end of every worker", every_end)
        self.assertEqual({what for what, _ in ends}, {"die"})
        self.assertLessEqual({container.get("exitCode") for _, container in ends}, {"0", KILLED})
        # One that has told all it found is removed without a wait for its exit.
        removed = {container["carrel.sandbox"] for _, container in ends if container["exitCode"] == KILLED}
        wait_for("that each that was removed had done its work", lambda: removed <= self.done())
        self.assertNotIn("oom", [what for what, _ in self.events.of(self.daemon)])

    def done(self):
        return {line["sandbox"] for line in self.daemon.log()
                if line.get("event") == "sandbox.state" and (line["state"], line["reason"]) == ("stopping", "done")}


if __name__ == "__main__":
    unittest.main()
