"""More people than booths: everybody may log in, and who finds none free is told so until one is."""

import socket
import struct
import unittest

from carrel import Daemon, FilmsTest, docker, make_film, wait_for

BOOTHS = 2


class Admission(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 3)
        cls.daemon = cls.enterClassContext(Daemon(cls.films, CARREL_SANDBOX_MAX_TOTAL=str(BOOTHS)))

    def setUp(self):
        wait_for("no booth", lambda: not self.daemon.containers())
        self.people = []

    def tearDown(self):
        for client in self.people:
            client.request("POST", "/api/v1/auth/logout")
            client.close()

    def log_in(self):
        self.people.append(self.daemon.client())
        return self.people[-1]

    def test_a_booth_more_than_there_are(self):
        first = self.log_in()
        self.daemon.wait_until_indexed(first)
        path = f"/stream/{first.video('Film')['id']}/original"
        others = [self.log_in() for _ in range(4)]
        self.assertEqual([first.get(path).status, others[0].get(path).status], [200, 200])
        for client in others[1:]:
            refused = client.get(path)
            self.assertEqual((refused.status, client.get("/api/v1/me").status), (429, 200))
            self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
        self.assertEqual(len(self.daemon.containers()), BOOTHS)
        first.request("POST", "/api/v1/auth/logout")
        wait_for("a free booth", lambda: others[1].get(path).status == 200)
        self.assertEqual(others[2].get(path).status, 429)

    def test_a_lost_booth_is_replaced_even_when_all_are_taken(self):
        first, second = self.log_in(), self.log_in()
        self.daemon.wait_until_indexed(first)
        path = f"/stream/{first.video('Film')['id']}/original"
        self.assertEqual([first.get(path).status, second.get(path).status], [200, 200])
        for container in self.daemon.containers():
            docker("kill", container["Id"])
        self.assertEqual([first.get(path).status, second.get(path).status], [200, 200])

    def test_who_leaves_the_line_is_handed_to_no_booth(self):
        with Daemon(self.films, CARREL_SANDBOX_MAX_TOTAL="1", CARREL_ADMISSION_LINE_WAIT="60s") as daemon:
            first, second = daemon.client(), daemon.client()
            self.addCleanup(first.close)
            self.addCleanup(second.close)
            daemon.wait_until_indexed(first)
            path = f"/stream/{first.video('Film')['id']}/original"
            self.assertEqual(first.get(path).status, 200)
            with daemon.raw() as waiting:
                waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {second.cookie}\r\n\r\n".encode())
                wait_for("the line", lambda: b"\ncarrel_waiting_sessions 1\n" in first.get("/metrics").body)
                reset = struct.pack("ii", 1, 0)
                waiting.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            first.request("POST", "/api/v1/auth/logout")
            left = wait_for("the end of the request", lambda: daemon.event("http.request", path=path, bytes=0), 30)
            self.assertEqual((left["sandboxes"], left["note"]), (0, "the client left while it waited for a booth"))


if __name__ == "__main__":
    unittest.main()
