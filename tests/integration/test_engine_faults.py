"""A container engine that is missing, refuses or hangs: the daemon says so, stays usable, and recovers by itself."""

import os
import pathlib
import socket
import tempfile
import threading
import time
import unittest

from carrel import Client, Daemon, make_film, wait_for

ENGINE_TIMEOUT, READY_TIMEOUT = 5, 15
# The engine's deadline, or the sandbox's, and what a loaded machine takes besides.
DEADLINE = ENGINE_TIMEOUT + READY_TIMEOUT + 10


def real_socket():
    host = os.environ.get("DOCKER_HOST", "")
    return host.removeprefix("unix://") if host.startswith("unix://") else "/var/run/docker.sock"


class EngineFaults(unittest.TestCase):
    def setUp(self):
        films = tempfile.TemporaryDirectory()
        self.addCleanup(films.cleanup)
        self.film = make_film(pathlib.Path(films.name) / "Film.mp4", 3).read_bytes()
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.socket = pathlib.Path(self.place.name) / "engine.sock"
        self.daemon = Daemon(films.name, CARREL_ENGINE_SOCKET=str(self.socket),
                             CARREL_ENGINE_TIMEOUT=f"{ENGINE_TIMEOUT}s",
                             CARREL_SANDBOX_READY_TIMEOUT=f"{READY_TIMEOUT}s", CARREL_POOL_SIZE="1")
        self.addCleanup(self.end)

    def end(self):
        self.become_real()  # whatever happened, what this daemon made is removed
        self.daemon.environment["CARREL_ENGINE_TIMEOUT"] = "30s"  # nor is that what is tested
        self.daemon.__exit__()

    def become_real(self):
        link = self.socket.with_suffix(".new")
        link.symlink_to(real_socket())
        os.rename(link, self.socket)

    def client(self):
        client = Client(self.daemon)
        self.addCleanup(client.close)
        return client

    def assert_alive(self, client):
        began = time.monotonic()
        self.assertEqual(client.get("/livez").status, 200)
        self.assertEqual(client.get("/healthz").status, 200)
        self.assertLess(time.monotonic() - began, 5)

    def assert_problem(self, answer, statuses, reason):
        self.assertIn(answer.status, statuses, answer.body)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertRegex(answer.json()["detail"], reason)

    def check(self, reason, statuses):
        self.daemon.launch()
        client = self.client()
        self.assert_alive(client)
        wait_for("the reason", lambda: str(self.socket) in client.get("/readyz").body.decode(), DEADLINE)
        told = client.get("/metrics").body.decode()
        self.assertIn('carrel_ready{part="engine"} 0\n', told)
        self.assertIn('carrel_ready{part="database"} 1\n', told)
        ready = client.get("/readyz?verbose")
        self.assertEqual(ready.status, 503)
        self.assertRegex(ready.body.decode(), reason)
        self.assertIn("[+] database ok", ready.body.decode())

        client.log_in()
        self.assertEqual(client.get("/api/v1/me").status, 200)
        film = wait_for("the film's listing", client.videos)[0]
        self.assertEqual((film["title"], film["playable"]), ("Film", False))
        path = f"/stream/{film['id']}/original"
        plays, threads = [], []

        def play():
            own = Client(self.daemon)
            own.cookie = client.cookie
            began = time.monotonic()
            plays.append((own.get(path), time.monotonic() - began))
            own.close()

        for _ in range(3):
            threads.append(threading.Thread(target=play))
            threads[-1].start()
        self.assert_alive(client)  # while they wait
        for thread in threads:
            thread.join()
        self.assertEqual(len(plays), 3)
        for answer, seconds in plays:
            self.assert_problem(answer, statuses, reason)
            self.assertLess(seconds, DEADLINE)
        self.assert_problem(client.get(f"/stream/{film['id']}/master.m3u8"), {503}, "moment")
        self.assertNotEqual(client.videos()[0]["state"], "failed", client.videos()[0])
        return client, path

    def check_recovery(self, client, path):
        self.become_real()
        wait_for("readiness by itself", self.daemon.is_ready, 60)
        part = wait_for("a play", lambda: (seen := client.get(path, Range="bytes=5-99")).status == 206 and seen, 30)
        self.assertEqual(part.body, self.film[5:100])
        film = self.daemon.wait_until_indexed(client)[0]
        self.assertTrue(film["playable"], film)
        self.assertIn(b"#EXTM3U", client.get(f"/stream/{film['id']}/master.m3u8").body)
        # Of all the tries in between nothing is left: one booth for the session, one in the pool.
        wait_for("two containers", lambda: len(self.daemon.containers()) == 2, 60)
        client.request("POST", "/api/v1/auth/logout")
        wait_for("one container", lambda: len(self.daemon.containers()) == 1, 60)

    def test_missing(self):
        self.check_recovery(*self.check(r"no container engine's socket|start Docker", {503}))

    def test_refusing(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.socket))
            listener.listen()
        self.check_recovery(*self.check(r"no container engine listens|start Docker", {503}))

    def test_hanging(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.socket))
            listener.listen(1000)
            found = self.check(r"did not answer within|took more than", {503, 504})
            # What hangs must not hold up the end either.
            self.daemon.stop()
            found = self.check(r"did not answer within|took more than", {503, 504})
        self.check_recovery(*found)

    def test_an_engine_that_talks_nonsense(self):
        stop = threading.Event()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.socket))
            listener.listen(1000)
            answers = (b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[{}}]",
                       b"HTTP/1.1 500 Oh\r\nContent-Length: 999999999999\r\n\r\n", b"")

            def talk():
                number = 0
                while True:
                    peer, _ = listener.accept()
                    with peer:
                        if stop.is_set():
                            return
                        peer.recv(65536)
                        peer.sendall(answers[number % len(answers)])
                        number += 1

            talker = threading.Thread(target=talk)
            talker.start()
            try:
                found = self.check(r"does not work|did not answer|engine", {500, 502, 503, 504})
            finally:
                stop.set()
                with socket.socket(socket.AF_UNIX) as last:
                    last.connect(str(self.socket))
                talker.join()
        self.check_recovery(*found)


if __name__ == "__main__":
    unittest.main()
