"""The life of sandboxes on the real engine: hangs, idleness, memory, crashes in a loop, a killed daemon, a crowd."""

import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import unittest

from carrel import Client, Daemon, FilmsTest, docker, make_film, pad_film, wait_for

BIG = 24 << 20
FIRST = 1 << 20
MOVING = "carrel-test-life:moving"
ABSENT = "carrel-test-life:absent"


class Transfer:
    """A download of which only the beginning is read until rest() is called: buffers cannot hold it."""

    def __init__(self, daemon, cookie, path):
        self.raw = socket.socket()
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.raw.settimeout(60)
        self.raw.connect(("127.0.0.1", daemon.port))
        self.raw.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\nCookie: {cookie}\r\n\r\n".encode())
        self.stream = self.raw.makefile("rb")
        status = self.stream.readline().split()[1]
        assert status == b"200", status
        self.left = 0
        while (line := self.stream.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                self.left = int(line.split(b":")[1])
        self.sha = hashlib.sha256()
        self.read(FIRST)

    def read(self, count):
        data = self.stream.read(count)
        assert len(data) == count, f"{len(data)} of {count} bytes came"
        self.sha.update(data)
        self.left -= count

    def rest(self):
        self.read(self.left)
        self.stream.close()
        self.raw.close()
        return self.sha.hexdigest()


class Life(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        big = make_film(cls.films / "Film.mp4", 4)
        cls.sha = pad_film(big, big, BIG)

    def begin(self, **environment):
        self.daemon = self.enterContext(Daemon(self.films, **environment))
        self.client = self.log_in()
        self.daemon.wait_until_indexed(self.client)
        self.path = f"/stream/{self.client.video('Film')['id']}/original"

    def log_in(self):
        client = self.daemon.client()
        self.addCleanup(client.close)
        return client

    def transfer(self, client=None):
        return Transfer(self.daemon, (client or self.client).cookie, self.path)

    def part(self, client=None):
        return (client or self.client).get(self.path, Range="bytes=5-104")

    def assert_plays(self, client=None):
        answer = self.part(client)
        self.assertEqual((answer.status, len(answer.body)), (206, 100), answer.body)

    def container(self):
        return wait_for("one container", lambda: len(found := self.daemon.containers()) == 1 and found)[0]

    def state(self, seconds=30, **fields):
        return wait_for(f"{fields}", lambda: self.daemon.event("sandbox.state", role="streamer", **fields), seconds)

    def test_one_that_hangs_is_found_by_its_ping_and_replaced_in_the_middle_of_a_film(self):
        self.begin(CARREL_SANDBOX_PING_EVERY="1s", CARREL_SANDBOX_HANG_TIMEOUT="2s")
        transfer = self.transfer()
        before = self.container()
        os.kill(before["State"]["Pid"], signal.SIGSTOP)
        lost = self.state(state="failed", reason="unresponsive")
        self.assertIn("ping", lost["detail"])
        self.assertEqual(transfer.rest(), self.sha)
        self.assertNotEqual(self.container()["Id"], before["Id"])

    def test_an_idle_one_is_paused_and_wakes_for_a_request_and_for_a_reader(self):
        self.begin(CARREL_SANDBOX_IDLE_PAUSE="2s")
        self.assert_plays()
        wait_for("a pause", lambda: self.container()["State"]["Paused"])
        before = self.container()["Id"]
        self.assert_plays()
        self.state(**{"from": "paused", "state": "assigned"})
        transfer = self.transfer()
        wait_for("a pause in the middle of an answer", lambda: self.container()["State"]["Paused"])
        self.assertEqual(transfer.rest(), self.sha)
        self.assertEqual(self.container()["Id"], before)

    def test_an_idle_one_is_stopped_after_a_warning_and_the_next_play_brings_another(self):
        self.begin(CARREL_SANDBOX_IDLE_STOP="4s", CARREL_SANDBOX_IDLE_WARNING="2s")
        self.assert_plays()
        self.state(state="stopping", reason="idle")
        self.assertTrue(self.daemon.event("sandbox.warning"))
        wait_for("no container", lambda: not self.daemon.containers())
        self.assert_plays()

    def test_one_that_runs_out_of_memory_is_said_to_have(self):
        self.begin()
        self.assert_plays()
        master = self.path.replace("original", "master.m3u8")

        def squeezed():
            # As little as it has now; what it asks for next is too much.
            for one in self.daemon.containers():
                with contextlib.suppress(OSError):  # it has ended, or has nothing that can be reclaimed
                    self.squeeze(*self.memory_files(one["State"]["Pid"]))
            self.client.get(master)
            self.client.get(self.path, Range="bytes=0-99999")
            return self.daemon.event("sandbox.state", state="failed", reason="oom")

        wait_for("an end for memory", squeezed)
        self.assert_plays()

    @staticmethod
    def squeeze(usage, limit):
        try:
            limit.write_text(str(int(usage.read_text()) // 2))
        except OSError:  # v1 does not go below what cannot be reclaimed
            limit.write_text(usage.read_text())

    @staticmethod
    def memory_files(pid):
        """(what it has, what it may have)"""
        for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "memory":
                folder = pathlib.Path("/sys/fs/cgroup/memory" + path)
                return folder / "memory.usage_in_bytes", folder / "memory.limit_in_bytes"
        folder = pathlib.Path("/sys/fs/cgroup" + path)
        return folder / "memory.current", folder / "memory.max"

    def test_a_user_whose_sandboxes_break_down_again_and_again_is_told_to_wait(self):
        self.begin(CARREL_SANDBOX_CRASHES="2")
        for _ in range(2):
            self.assert_plays()
            sandbox = self.container()
            docker("kill", sandbox["Id"])
            self.state(state="removed", sandbox=sandbox["Config"]["Labels"]["carrel.sandbox"])
        refused = self.part()
        self.assertEqual(refused.status, 503, refused.body)
        self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
        self.assertIn("broke down", refused.json()["detail"])
        self.assertEqual(self.client.get("/api/v1/me").status, 200)
        wait_for("another try", lambda: self.part().status == 206, 60)

    def test_a_moved_tag_replaces_those_that_wait_and_none_in_use(self):
        docker("tag", "carrel-streamer:latest", MOVING)
        self.addCleanup(subprocess.run, ["docker", "rmi", MOVING], capture_output=True)
        self.begin(CARREL_SANDBOX_IMAGE=MOVING, CARREL_POOL_SIZE="2")
        used = self.container_of_images(1)
        blueprint = docker("create", MOVING)
        try:
            docker("commit", "--change", "LABEL carrel.test=moved", blueprint, MOVING)
        finally:
            docker("rm", blueprint)
        new = docker("image", "inspect", "--format", "{{.Id}}", MOVING)
        wait_for("two of the new image and one of the old", lambda: sorted(self.images()) == sorted([new, new, used]), 60)
        self.assert_plays()

    def test_an_image_that_is_missing_is_named_and_used_once_it_is_there(self):
        self.begin()
        self.client.request("POST", "/api/v1/auth/logout")
        self.daemon.stop()
        self.daemon.environment["CARREL_SANDBOX_IMAGE"] = ABSENT
        self.daemon.launch()
        self.client = self.log_in()
        refused = self.part()
        self.assertEqual((refused.status, refused.headers["Content-Type"]), (503, "application/problem+json"))
        self.assertIn(ABSENT, refused.json()["detail"])
        self.assertIn("carrelctl image load", refused.json()["detail"])
        docker("tag", self.daemon.environment.get("CARREL_TEST_IMAGE", "carrel-streamer"), ABSENT)
        self.addCleanup(docker, "rmi", ABSENT)
        wait_for("a play", lambda: self.part().status == 206, 60)

    def images(self):
        return [one["Image"] for one in self.daemon.containers()]

    def container_of_images(self, kinds):
        found = wait_for("three sandboxes", lambda: len(seen := self.images()) == 3 and seen)
        self.assertEqual(len(set(found)), kinds)
        return found[0]

    def test_a_killed_daemon_breaks_none_of_20_transfers_and_the_next_adopts(self):
        self.begin()
        other = self.log_in()
        transfers = [self.transfer(client) for client in (self.client, other) for _ in range(10)]
        before = {one["Id"] for one in self.daemon.containers()}
        self.assertEqual(len(before), 2)
        self.daemon.stop(signal.SIGKILL)
        with concurrent.futures.ThreadPoolExecutor(20) as readers:
            endings = [readers.submit(one.rest) for one in transfers[:10]]
            seen = len(self.daemon.log())
            self.daemon.start()
            admin = self.again(self.client)
            # The second half is not read yet: somebody still waits for it, and the next daemon knows.
            wait_for("the earlier transfers", lambda: self.streams_of_all(admin) >= 10)
            endings += [readers.submit(one.rest) for one in transfers[10:]]
            self.assertEqual([one.result(60) for one in endings], [self.sha] * 20)
        self.assertEqual({one["Id"] for one in self.daemon.containers()}, before)
        for client in (self.client, other):
            self.assert_plays(self.again(client))
        self.assertEqual({one["Id"] for one in self.daemon.containers()}, before)
        adopted = [line["sandbox"] for line in self.daemon.log()[seen:]
                   if line.get("event") == "sandbox.state" and line["state"] == "assigned"]
        self.assertEqual(len(set(adopted)), 2)

    def again(self, client):
        """That user on a connection of its own, as after the end of the daemon that had the last one."""
        again = Client(self.daemon)
        self.addCleanup(again.close)
        again.cookie = client.cookie
        return again

    def streams_of_all(self, client):
        answer = client.get("/api/v1/admin/sandboxes")
        return sum(one["streams"] for one in answer.json()["items"])

    def test_who_finds_no_place_is_told_the_position(self):
        self.begin(CARREL_ADMISSION_LINE_WAIT="2s")
        self.assert_plays()
        # Not before: the film's worker takes a place, too.
        self.daemon.stop()
        self.daemon.environment["CARREL_SANDBOX_MAX_TOTAL"] = "1"
        self.daemon.start()
        self.client = self.again(self.client)
        self.assert_plays()
        people = [self.log_in(), self.log_in()]
        for number, client in enumerate(people, 1):
            refused = self.part(client)
            self.assertEqual(refused.status, 429, refused.body)
            self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
            self.assertIn(f"number {number} in the line", refused.json()["detail"])
        self.client.request("POST", "/api/v1/auth/logout")
        self.assert_plays(people[0])

    def test_a_burst_of_logins_starves_nobody(self):
        pool = 4
        self.begin(CARREL_POOL_SIZE=str(pool), CARREL_SANDBOX_MAX_TOTAL="64", CARREL_LIMITS_ADMIN_SESSIONS="100",
                   CARREL_ADMISSION_MEMORY_RESERVE="0")
        transfers = [self.transfer() for _ in range(4)]
        stop = threading.Event()
        alive = []

        def watch():
            with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=20) as raw, raw.makefile("rb") as stream:
                while not stop.is_set():
                    raw.sendall(b"GET /livez HTTP/1.1\r\nHost: t\r\n\r\n")
                    status = stream.readline()
                    length = 0
                    while (line := stream.readline()) not in (b"\r\n", b""):
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    stream.read(length)
                    alive.append(b" 200 " in status)
                    if not status:
                        return

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            with concurrent.futures.ThreadPoolExecutor(10) as crowd:
                readers = [crowd.submit(one.rest) for one in transfers]
                people = list(crowd.map(lambda _: self.log_in(), range(50)))
                self.assertEqual([one.result(60) for one in readers], [self.sha] * 4)
                self.assertEqual(set(crowd.map(lambda one: self.part(one).status, people)), {206})
                list(crowd.map(lambda one: one.request("POST", "/api/v1/auth/logout"), people))
        finally:
            stop.set()
            watcher.join()
        self.assertGreater(len(alive), 10)
        self.assertTrue(all(alive))
        self.assertFalse(self.daemon.event("bug.exception"))
        wait_for("the end of the crowd's sandboxes", lambda: len(self.daemon.containers()) <= pool + 1, 180)

    def test_the_kernel_paces_a_session_that_has_a_rate(self):
        rate = 4 << 20
        self.begin(CARREL_LIMITS_ADMIN_BANDWIDTH=str(rate))
        transfer = self.transfer()
        units = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}
        said = subprocess.run(["ss", "-tinH", "sport", "=", f":{self.daemon.port}"], check=True, capture_output=True,
                              text=True).stdout
        most = [float(number) * units[unit] / 8
                for number, unit in re.findall(r"pacing_rate [\d.]+[KMG]?bps/([\d.]+)([KMG]?)bps", said)]
        self.assertEqual(len(most), 1, said)
        self.assertAlmostEqual(most[0] / rate, 1, delta=0.05)
        self.assertEqual(transfer.rest(), self.sha)


if __name__ == "__main__":
    unittest.main()
