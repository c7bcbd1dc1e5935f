"""Many logins leave nothing behind, and many idle sandboxes fit on the machine.

CARREL_SOAK_LOGINS (1000) and CARREL_SOAK_BOOTHS (200) make it shorter or longer."""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import sqlite3
import sys
import unittest

sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/integration")

from carrel import Client, Daemon, FilmsTest, make_film, wait_for  # noqa: E402

LOGINS = int(os.environ.get("CARREL_SOAK_LOGINS", "1000"))
BOOTHS = int(os.environ.get("CARREL_SOAK_BOOTHS", "200"))
WARM_UP = 40  # until every pool of memory has its size
# What an allocator keeps that is not free to the last byte; a leak of 1 kB a login would be more than half of it.
MORE_MEMORY = 2 << 20
FEW = 8  # connections to the engine that are kept for the next call: now more, now less
MOST_MEMORY = 60 << 20


class Crowd(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 3)

    def begin(self, **environment):
        self.daemon = self.enterContext(Daemon(self.films, CARREL_LIMITS_ADMIN_SESSIONS="1000",
                                               CARREL_SANDBOX_CPUS="0.1", CARREL_ADMISSION_MEMORY_RESERVE="0",
                                               **environment))
        with contextlib.closing(self.daemon.client()) as client:
            self.daemon.wait_until_indexed(client)
            self.path = f"/stream/{client.video('Film')['id']}/original"
            client.request("POST", "/api/v1/auth/logout")

    def process(self):
        return pathlib.Path(f"/proc/{self.daemon.process.pid}")

    def memory(self):
        return int(re.search(r"^RssAnon:\s+(\d+) kB", (self.process() / "status").read_text(), re.M).group(1)) << 10

    def left(self):
        """What a login makes and a logout takes away."""
        database, = (self.daemon.root / "data").rglob("*.db")
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
            sessions, = rows.execute("SELECT count(*) FROM sessions").fetchone()
            alive, = rows.execute("SELECT count(*) FROM sandboxes WHERE state <> 'removed' AND role <> 'holder'").fetchone()
        sockets = [one for one in (self.daemon.root / "data").rglob("*.sock*") if one.parent.parent.name == "run"]
        return {"descriptors": len(list((self.process() / "fd").iterdir())),
                "threads": len(list((self.process() / "task").iterdir())),
                "containers": len(self.daemon.containers()), "directories": len(sockets), "sessions": sessions,
                "rows": alive}

    def visit(self, _):
        client = self.daemon.client()
        try:
            self.assertEqual(client.get(self.path, Range="bytes=0-99").status, 206)
            self.assertEqual(client.request("POST", "/api/v1/auth/logout").status, 204)
        finally:
            client.close()

    def visits(self, count):
        with concurrent.futures.ThreadPoolExecutor(4) as crowd:
            for _ in crowd.map(self.visit, range(count)):
                pass

    def quiet(self):
        """Nobody is served any more, and what is left does not change."""
        def settled():
            seen = self.left()
            return seen["containers"] == 0 and seen["rows"] == 0 and seen == self.left() and seen
        return wait_for("quiet", settled, 120)

    def test_logins_and_logouts_leave_nothing(self):
        self.begin()
        self.visits(WARM_UP)
        before, memory = self.quiet(), self.memory()
        self.visits(LOGINS)
        after = self.quiet()
        for what, count in after.items():
            self.assertLessEqual(count, before[what] + (FEW if what == "descriptors" else 0), (what, before, after))
        grown = self.memory() - memory
        print(f"{LOGINS} logins: {before}; memory {memory >> 10} kB, {grown >> 10} kB more after", flush=True)
        self.assertLess(grown, MORE_MEMORY)
        self.assertFalse(self.daemon.event("bug.exception"))

    def test_many_idle_sandboxes_at_once(self):
        self.begin(CARREL_SANDBOX_MAX_TOTAL=str(BOOTHS + 10), CARREL_SANDBOX_MEMORY="32m")

        def enter(_):
            client = self.daemon.client()
            with contextlib.closing(client):
                self.assertEqual(client.get(self.path, Range="bytes=0-99").status, 206)
            return client.cookie

        def play(cookie):
            with contextlib.closing(Client(self.daemon)) as client:
                client.cookie = cookie
                return client.get(self.path, Range="bytes=0-99").status

        def leave(cookie):
            with contextlib.closing(Client(self.daemon)) as client:
                client.cookie = cookie
                client.request("POST", "/api/v1/auth/logout")

        with concurrent.futures.ThreadPoolExecutor(4) as crowd:
            cookies = list(crowd.map(enter, range(BOOTHS)))
            self.assertEqual(len(self.daemon.containers()), BOOTHS)
            self.assertEqual(set(crowd.map(play, cookies)), {206})
            memory = self.memory()
            print(f"{BOOTHS} idle sandboxes: the daemon has {memory >> 10} kB", flush=True)
            self.assertLess(memory, MOST_MEMORY)
            self.assertFalse([line for line in self.daemon.log() if line.get("state") == "failed"])
            list(crowd.map(leave, cookies))
        self.quiet()


if __name__ == "__main__":
    unittest.main()
