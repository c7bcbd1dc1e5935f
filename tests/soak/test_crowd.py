"""Many logins leave nothing behind, and many idle sandboxes fit on the machine.

CARREL_TEST_SOAK_LOGINS (1000) and CARREL_TEST_SOAK_BOOTHS (200) make it shorter or longer."""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/integration")

from carrel import Client, Daemon, FilmsTest, make_film, wait_for  # noqa: E402

LOGINS = int(os.environ.get("CARREL_TEST_SOAK_LOGINS", "1000"))
BOOTHS = int(os.environ.get("CARREL_TEST_SOAK_BOOTHS", "200"))
# Until what is opened once is open, and what is bounded has its size: the feed keeps 1,024 events.
WARM_UP = LOGINS // 2
# What the logins may add to the daemon's memory, beside the audit trail that they wrote, which SQLite keeps in its page
# cache (2 MB at most). A leak of half a kB a login, of a thousand, is as much.
MORE_MEMORY = 512 << 10
MOST_CONNECTIONS = 8  # to the engine, kept for the next call: now more, now less
MOST_MEMORY = 30 << 20  # all that is resident, code included, at 200 sessions


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

    def memory(self, kind):
        return int(re.search(rf"^{kind}:\s+(\d+) kB", (self.process() / "status").read_text(), re.M).group(1)) << 10

    def descriptors(self):
        """How many lead to the engine, and how many elsewhere."""
        engine = self.daemon.environment.get("CARREL_ENGINE_SOCKET", "/var/run/docker.sock")
        shown = subprocess.run(["ss", "-xnH"], check=True, capture_output=True, text=True).stdout
        rows = [row.split() for row in shown.splitlines()]
        ends = {f"socket:[{row[7]}]" for row in rows if os.path.realpath(row[4]) == os.path.realpath(engine)}
        links = self.daemon.descriptors()
        to_engine = sum(link in ends for link in links)
        return to_engine, len(links) - to_engine

    def database(self):
        return contextlib.closing(sqlite3.connect(f"file:{self.daemon.root}/data/carrel.db?mode=ro", uri=True))

    def database_bytes(self):
        with self.database() as database:
            return database.execute("PRAGMA page_count").fetchone()[0] * database.execute("PRAGMA page_size").fetchone()[0]

    def left(self):
        """What a login makes and a logout takes away."""
        with self.database() as rows:
            sessions, = rows.execute("SELECT count(*) FROM sessions").fetchone()
            alive, = rows.execute("SELECT count(*) FROM sandboxes WHERE state <> 'removed' AND role <> 'holder'").fetchone()
        folders = [one for one in (self.daemon.root / "data/run").iterdir() if one.is_dir()]
        return {"descriptors": self.descriptors()[1],
                "threads": len(list((self.process() / "task").iterdir())),
                "containers": len(self.daemon.containers()), "directories": len(folders), "sessions": sessions,
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

    def quiet(self, wanted=None):
        """Nobody is served any more, and what is left does not change, or is what is wanted."""
        def settled():
            seen = self.left()
            still = seen["containers"] == 0 and seen["rows"] == 0 and seen == self.left()
            return still and wanted in (None, seen) and seen
        try:
            return wait_for("quiet", settled, 120)
        except AssertionError:
            self.assertEqual(self.left(), wanted)
            raise

    def test_logins_and_logouts_leave_nothing(self):
        self.begin()
        self.visits(WARM_UP)
        before = self.quiet()
        memory, database = self.memory("RssAnon"), self.database_bytes()
        self.visits(LOGINS)
        self.quiet(before)
        self.assertLessEqual(self.descriptors()[0], MOST_CONNECTIONS)
        grown, written = self.memory("RssAnon") - memory, self.database_bytes() - database
        print(f"{LOGINS} logins: {before}; memory {memory >> 10} kB, {grown >> 10} kB more after, database "
              f"{written >> 10} kB more", flush=True)
        self.assertLess(grown - written, MORE_MEMORY)
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
            memory = self.memory("VmRSS")
            print(f"{BOOTHS} idle sandboxes: the daemon has {memory >> 10} kB", flush=True)
            self.assertLess(memory, MOST_MEMORY)
            self.assertFalse([line for line in self.daemon.log() if line.get("state") == "failed"])
            list(crowd.map(leave, cookies))
        self.quiet()


if __name__ == "__main__":
    unittest.main()
