"""A streamer that was taken over tries everything: each attempt fails, or reaches no further than its own viewer, and
everybody else's film goes on byte for byte."""

import contextlib
import hashlib
import io
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tarfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "integration"))

from carrel import BUILD, Daemon, FilmsTest, docker, make_film, pad_film, wait_for  # noqa: E402
from raw_http import get, read_answer  # noqa: E402

IMAGE = "carrel-captive-test:hostile"
VICTIM = ("victim", "another horse battery staple")
BIG = 16 << 20
SLOWLY = 64 << 10  # bytes read before the victim looks whether to go on: a buffer's worth, so that it lasts
PIDS = 16
FILES = 64
MEMORY_MB = 96


def build_image():
    """One file and nothing else, as images/streamer/Dockerfile makes it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(BUILD / "tests/captive/hostile-streamer", "carrel-streamer")
    subprocess.run(["docker", "import", "--change", "USER 65532:65532", "--change", 'ENTRYPOINT ["/carrel-streamer"]',
                    "-", IMAGE], input=packed.getvalue(), check=True, capture_output=True)


class Victim(threading.Thread):
    """Somebody else's film, again and again, slower than the machine could."""

    def __init__(self, client, path, size, sha):
        super().__init__()
        self.client, self.path, self.size, self.sha = client, path, size, sha
        self.stop = threading.Event()
        self.films, self.seen, self.error = 0, 0, None

    def run(self):
        try:
            while not self.stop.is_set():
                self.watch()
        except Exception as error:  # told by the test, not lost in a thread
            self.error = error

    def watch(self):
        with self.client.daemon.raw() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOWLY)
            raw.sendall(get(self.path, f"Cookie: {self.client.cookie}"))
            with raw.makefile("rb") as stream:
                while (line := stream.readline()) != b"\r\n":
                    assert line, "the victim's answer broke off in its header"
                digest, left = hashlib.sha256(), self.size
                while left:
                    part = stream.read(min(SLOWLY, left))
                    assert part, f"the victim's film broke off with {left} bytes to go"
                    digest.update(part)
                    left -= len(part)
                    self.seen += len(part)
                    self.stop.wait(0.01)
        assert digest.hexdigest() == self.sha, "the victim's film is not the film"
        self.films += 1


class Captive(FilmsTest):
    table = []

    @classmethod
    def setUpClass(cls):
        build_image()
        cls.addClassCleanup(lambda: subprocess.run(["docker", "rmi", "-f", IMAGE], capture_output=True))
        super().setUpClass()
        film = make_film(cls.films / "Short.mp4", 3)
        big = cls.films / "Big.mp4"
        sha = pad_film(film, big, BIG)

        cls.daemon = cls.enterClassContext(Daemon(
            cls.films, CARREL_SANDBOX_IMAGE=IMAGE, CARREL_SANDBOX_PING_EVERY="1h", CARREL_SANDBOX_CRASHES="10000",
            CARREL_SANDBOX_PIDS=str(PIDS), CARREL_SANDBOX_OPEN_FILES=str(FILES), CARREL_SANDBOX_MEMORY=f"{MEMORY_MB}MB"))
        first = cls.daemon.client()
        cls.daemon.wait_until_indexed(first)
        cls.big = f"/stream/{first.video('Big')['id']}/original"
        cls.small = f"/stream/{first.video('Short')['id']}/original"
        first.request("POST", "/api/v1/auth/logout")
        first.close()
        cls.daemon.add_user(*VICTIM)
        wait_for("no sandbox", lambda: not cls.daemon.containers())
        wait_for("all connections closed", lambda: cls.daemon_sockets() == 0)
        cls.descriptors_before = cls.daemon_descriptors()

        cls.watcher = cls.daemon.client(*VICTIM)
        cls.victim = Victim(cls.watcher, cls.big, big.stat().st_size, sha)
        cls.victim.start()
        cls.attacker = cls.daemon.client()

    @classmethod
    def daemon_descriptors(cls):
        return len(cls.daemon.descriptors())

    @classmethod
    def daemon_sockets(cls):
        """Connections of clients that the daemon has open."""
        shown = subprocess.run(["ss", "-Htn", "state", "all", f"sport = :{cls.daemon.port}"], check=True,
                               capture_output=True, text=True).stdout
        return sum(1 for line in shown.splitlines() if line.split()[0] in ("ESTAB", "CLOSE-WAIT"))

    def note(self, attack, outcome):
        self.table.append((attack, outcome))

    def line(self, name):
        return get(self.small, f"Cookie: {self.attacker.cookie}", f'If-None-Match: "attack-{name}"')

    def attack(self, name):
        """The answer to a request that names an attack; None when there was none."""
        with self.daemon.raw() as raw:
            raw.sendall(self.line(name))
            with raw.makefile("rb") as stream, contextlib.suppress(OSError):
                return read_answer(stream)
        return None

    def requests(self):
        return sum(1 for line in self.daemon.log()
                   if line.get("event") == "http.request" and line["path"] == self.small)

    def states(self, already=0):
        return [line for line in self.daemon.log()[already:]
                if line.get("event") == "sandbox.state" and line["role"] == "streamer"]

    def calm(self):
        """How many lines the log has once no sandbox is coming or going."""
        def settled():
            length = len(self.daemon.log())
            last = {line["sandbox"]: line["state"] for line in self.states()}
            return length if set(last.values()) <= {"ready", "assigned", "removed"} else 0
        return wait_for("calm", settled)

    def ended(self, already, how):
        """The account of the sandbox that was ended with `how` in it since `already` log lines."""
        for line in self.states(already):
            account = f"{line['reason']}: {line['detail']}"
            if line["state"] == "failed" and how in account:
                return account
        return None

    def one_that_ends(self, name, how):
        already = self.calm()
        answered = self.requests()
        self.attack(name)
        account = wait_for(f"the end of the sandbox after {name}: {how}", lambda: self.ended(already, how), 20)
        # It is tried in other sandboxes too, the last ones after a pause.
        wait_for(f"the last try of {name}", lambda: self.requests() > answered)
        self.note(name, f"the sandbox is ended: {account[:80]}")

    def one_that_is_survived(self, name):
        answer = self.attack(name)
        self.assertIsNotNone(answer, name)
        self.assertEqual(answer.status, 200, (name, answer.body))
        return answer.body.decode()

    # The container, alone.

    def test_harmless_ways_out(self):
        lines = [line.split("\t") for line in self.one_that_is_survived("trials").splitlines()]
        self.assertGreater(len(lines), 80)
        for verdict, name, outcome in lines:
            self.note(name, outcome)
        self.assertEqual([line for line in lines if line[0] != "ok"], [])

    def test_memory(self):
        self.one_that_ends("memory", "oom: ")

    def test_descriptors(self):
        outcome = self.one_that_is_survived("descriptors")
        self.note("descriptors", outcome)
        count, why = outcome.split()
        self.assertEqual(why, "EMFILE")
        self.assertLess(int(count), FILES)

    def test_disk(self):
        outcome = self.one_that_is_survived("disk")
        self.note("disk", outcome)
        self.assertEqual(outcome, "0 files")

    def test_log(self):
        self.assertEqual(self.one_that_is_survived("log"), "written")
        session = self.attacker_container()
        log = pathlib.Path(docker("inspect", "--format", "{{.LogPath}}", session))

        def kept():
            # The engine is still turning over what was written: there is a moment without the file.
            with contextlib.suppress(FileNotFoundError):
                return log.exists() and sum(one.stat().st_size for one in log.parent.glob("*.log*"))
            return 0
        size = wait_for("the log", kept)
        self.note("log", f"16 MB written, {size >> 10} kB kept")
        self.assertLess(size, 3 << 20)

    def attacker_container(self):
        sandbox = next(line for line in reversed(self.daemon.log())
                       if line.get("event") == "http.request" and line["path"] == self.small)
        return next(one["Id"] for one in self.daemon.containers()
                    if one["Config"]["Labels"]["carrel.session"] == sandbox["session"])

    def test_control_directory(self):
        outcome = self.one_that_is_survived("control")
        self.note("control directory", outcome)
        self.assertEqual(outcome, "control.sock refused")

    # The daemon, by the control socket.

    def test_lies_and_rubbish(self):
        for name, how in {
                "giant": "more bytes or descriptors than the protocol allows",
                "malformed": "is malformed",
                "version": "of version 65535",
                "more-descriptors-back": "more bytes or descriptors than the protocol allows",
                "hello-twice": "it said hello twice",
                "another-id": "it ended a request that it was not given",
                "another-job": "it indexed a film that it was not given",
                "false-attempt": "it reported attempts that it was not asked for",
                "order": "it sent a message that only the daemon sends",
                "done-twice": "it ended a request that it was not given",
                "nothing-done": "it ended an answer that it did not give"}.items():
            with self.subTest(name):
                self.one_that_ends(name, how)

    def test_what_is_dropped_without_harm(self):
        for name in ("flood", "descriptors-back"):
            with self.subTest(name):
                self.assertEqual(self.one_that_is_survived(name), "said")
                self.note(name, "dropped")

    # The client's socket.

    def exchange(self, name, until):
        """An attack and, when `until` is there, another request on the same connection: all that came back."""
        got = b""
        with self.daemon.raw() as raw, contextlib.suppress(OSError):
            raw.sendall(self.line(name))
            raw.settimeout(20)
            while until not in got and (part := raw.recv(65536)):
                got += part
            raw.sendall(get("/api/v1/me", f"Cookie: {self.attacker.cookie}"))
            while part := raw.recv(65536):
                got += part
        return got

    def test_bytes_beyond_an_answer(self):
        for name, until, how in (("write-more", b"forged", "the kernel has seen"), ("write-less", b"honest", "the kernel has seen"),
                                 ("write-later", b"forged", "unresponsive")):
            with self.subTest(name):
                already = self.calm()
                got = self.exchange(name, until)
                self.assertIn(until, got)
                self.assertNotIn(b"username", got)
                account = wait_for("the sandbox's end", lambda: self.ended(already, how))
                self.note(name, f"the connection is closed, the sandbox ended: {account[:70]}")

    def test_a_lie_that_adds_up_reaches_its_own_viewer_alone(self):
        with self.daemon.raw() as raw, raw.makefile("rb") as stream:
            raw.sendall(self.line("write-more-and-say-so"))
            self.assertEqual(read_answer(stream).body, b"honest")
            self.assertEqual(read_answer(stream).body, b"forged")
        self.note("write-more-and-say-so", "POSSIBLE on its own viewer's connection; see docs/sandboxes.md")

    def test_the_next_request_can_be_read_only_without_the_jail(self):
        with self.daemon.raw() as raw, raw.makefile("rb") as stream:
            raw.sendall(self.line("peek"))
            container = wait_for("the attack", self.attacker_is_busy)
            self.assertTrue(container)
            raw.sendall(get("/api/v1/me", "Cookie: carrel_session=marker"))
            self.assertIn(b"marker", read_answer(stream).body)
        self.note("peek", "POSSIBLE in the container alone; the streamer's jail kills it (jailed-peek)")

    def attacker_is_busy(self):
        """The request is the sandbox's once the daemon has taken it out of the socket's buffer."""
        shown = subprocess.run(["ss", "-Htn", f"sport = :{self.daemon.port}"], check=True, capture_output=True,
                               text=True).stdout
        return shown and all(line.split()[1] == "0" for line in shown.splitlines())

    def test_another_session_does_not_get_a_connection_that_a_booth_has_had(self):
        with self.daemon.raw() as raw, raw.makefile("rb") as stream:
            raw.sendall(self.line("keep"))
            self.assertEqual(read_answer(stream).body, b"kept")
            raw.sendall(get("/api/v1/me", f"Cookie: {self.attacker.cookie}"))
            self.assertEqual(read_answer(stream).status, 200)
            raw.sendall(get("/api/v1/me", f"Cookie: {self.watcher.cookie}"))
            self.assertIsNone(read_answer(stream))
        self.note("shared connection", "closed before another session's answer")

    def test_kept_sockets(self):
        for _ in range(2 * FILES):
            answer = self.attack("keep")
            self.assertIsNotNone(answer)
            self.assertEqual((answer.status, answer.body), (200, b"kept"))
        self.note("keep", f"{2 * FILES} requests answered; a full table costs the sandbox, not the daemon")

    def test_shut_down(self):
        self.one_that_ends("shut-down", "the kernel has seen 1")

    def test_the_socket_is_taken_nowhere(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.setblocking(False)
            already = self.calm()
            self.attack(f"elsewhere-{listener.getsockname()[1]}")
            told = wait_for("the attack's own account", lambda: next(
                (line["note"] for line in self.daemon.log()[already:] if "free it" in line.get("note", "")), None))
            self.note("elsewhere", told)
            self.assertIn("connect: EPERM, connect shorter: EINVAL, fast open: EPERM", told)
            with self.assertRaises(BlockingIOError):
                listener.accept()

    # From inside the streamer's jail.

    def test_the_jail_kills(self):
        for name in ("open", "read-client", "peek", "free-client", "shut-down", "swap-numbers"):
            with self.subTest(name):
                self.one_that_ends(f"jailed-{name}", "exit code 159")

    # And afterwards.

    @classmethod
    def tearDownClass(cls):
        cls.victim.stop.set()
        cls.victim.join(60)
        for attack, outcome in cls.table:
            print(f"{attack:42} {outcome}")
        print(f"{len(cls.table)} attacks; meanwhile the victim watched {cls.victim.films} times, "
              f"{cls.victim.seen >> 20} MB")
        if cls.victim.error:
            raise cls.victim.error
        assert cls.victim.films > 0
        for client in (cls.attacker, cls.watcher):
            client.close()  # idle for so long that the daemon may have closed it, too; the cookie is what counts
            client.request("POST", "/api/v1/auth/logout")
            client.close()
        wait_for("no sandbox", lambda: not cls.daemon.containers())
        wait_for("all connections closed", lambda: cls.daemon_sockets() == 0)
        wait_for("no descriptor more than before", lambda: cls.daemon_descriptors() <= cls.descriptors_before)
        run = next(cls.daemon.root.rglob("run"))
        wait_for("no control directory", lambda: not [one for one in run.iterdir() if one.is_dir()])
        with contextlib.closing(sqlite3.connect(next((cls.daemon.root / "data").glob("*.db")))) as database:
            wait_for("no row in the journal", lambda: database.execute(
                "SELECT count(*) FROM sandboxes WHERE state <> 'removed' AND role <> 'holder'").fetchone()[0] == 0)
        super().tearDownClass()


if __name__ == "__main__":
    unittest.main()
