"""The client's socket between daemon and sandbox: nothing lost, nothing mixed up, whatever either side does."""

import hashlib
import socket
import threading
import unittest

from carrel import Client, Daemon, FilmsTest, docker, make_film, pad_film, read_head, wait_for

BIG = 48 << 20


class HandOver(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        film = make_film(cls.films / "Short.mp4", 10)
        big = cls.films / "Big.mp4"
        cls.big_sha = pad_film(film, big, BIG)
        cls.big_size = big.stat().st_size
        cls.short = film.read_bytes()
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.client = cls.daemon.client()
        cls.daemon.wait_until_indexed(cls.client)
        cls.big = f"/stream/{cls.client.video('Big')['id']}/original"
        cls.small = f"/stream/{cls.client.video('Short')['id']}/original"

    def head_lines(self, path, extra=""):
        return f"GET {path} HTTP/1.1\r\nHost: test\r\nCookie: {self.client.cookie}\r\n{extra}\r\n".encode()

    def one_container(self):
        return wait_for("one container", lambda: len(found := self.daemon.containers()) == 1 and found)[0]["Id"]

    def test_200_requests_alternate_on_one_connection(self):
        for number in range(100):
            self.assertEqual(self.client.get("/api/v1/me").status, 200)
            first = number * 1000
            part = self.client.get(self.small, Range=f"bytes={first}-{first + 99}")
            self.assertEqual((part.status, part.body), (206, self.short[first:first + 100]))

    def test_pipelined_requests_are_answered_in_order(self):
        with self.daemon.raw() as raw:
            wanted = [(0, 9), (100, 5099), (7, 7)]
            requests = [self.head_lines(self.small, f"Range: bytes={a}-{b}\r\n") for a, b in wanted]
            requests.insert(1, self.head_lines("/api/v1/me"))
            raw.sendall(b"".join(requests))
            stream = raw.makefile("rb")
            for a, b in (wanted[0], (None, None), wanted[1], wanted[2]):
                status, headers = read_head(stream)
                body = stream.read(int(headers["content-length"]))
                if a is None:
                    self.assertEqual(status, 200)
                    self.assertIn(b"admin", body)
                else:
                    self.assertEqual((status, body), (206, self.short[a:b + 1]))

    def test_head_has_the_header_of_get_and_no_body(self):
        with self.daemon.raw() as raw:
            head = self.head_lines(self.small).replace(b"GET", b"HEAD", 1)
            raw.sendall(head + self.head_lines(self.small, "Range: bytes=0-3\r\n"))
            stream = raw.makefile("rb")
            status, headers = read_head(stream)
            self.assertEqual((status, int(headers["content-length"])), (200, len(self.short)))
            status, headers = read_head(stream)
            self.assertEqual((status, stream.read(4)), (206, self.short[:4]))

    def test_a_client_that_goes_away_costs_nothing(self):
        container = self.one_container()
        for _ in range(20):
            with self.daemon.raw() as raw:
                raw.sendall(self.head_lines(self.big))
                raw.recv(1000)
        wait_for("the end of all answers", lambda: len(
            [line for line in self.daemon.log() if line.get("note") and line.get("status") == 200]) >= 20)
        self.assertEqual(self.one_container(), container)
        self.assertEqual(self.client.get(self.small, Range="bytes=0-0").status, 206)

    def test_a_client_that_reads_a_byte_a_second_blocks_nobody(self):
        with self.daemon.raw() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(self.head_lines(self.big))
            stop = threading.Event()

            def sip():
                while not stop.wait(1.0):
                    slow.recv(1)

            reader = threading.Thread(target=sip)
            reader.start()
            try:
                for _ in range(3):
                    whole = self.client.get(self.big)
                    self.assertEqual(hashlib.sha256(whole.body).hexdigest(), self.big_sha)
            finally:
                stop.set()
                reader.join()
            self.assertEqual(len(slow.recv(1)), 1)

    def test_a_sandbox_that_dies_in_the_middle_is_not_noticed(self):
        with self.daemon.raw() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            raw.sendall(self.head_lines(self.big))
            stream = raw.makefile("rb")
            status, headers = read_head(stream)
            self.assertEqual((status, int(headers["content-length"])), (200, self.big_size))
            seen = hashlib.sha256(stream.read(1 << 20))
            before = self.one_container()
            docker("kill", before)
            seen.update(stream.read(self.big_size - (1 << 20)))
            self.assertEqual(seen.hexdigest(), self.big_sha)
        self.assertNotEqual(self.one_container(), before)
        line = wait_for("the log line", lambda: next(
            (one for one in self.daemon.log() if one.get("event") == "http.request" and one.get("sandboxes", 0) > 1), None))
        self.assertEqual((line["status"], line["sandboxes"]), (200, 2))

    def test_a_removed_sandbox_is_replaced_for_the_next_request(self):
        before = self.one_container()
        docker("rm", "-f", before)
        part = self.client.get(self.small, Range="bytes=5-8")
        self.assertEqual((part.status, part.body), (206, self.short[5:9]))
        self.assertNotEqual(self.one_container(), before)

    def test_many_clients_at_once_get_the_whole_film(self):
        results = []

        def fetch():
            client = Client(self.daemon)
            client.cookie = self.client.cookie
            results.append(hashlib.sha256(client.get(self.big).body).hexdigest())
            client.close()

        threads = [threading.Thread(target=fetch) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [self.big_sha] * 12)

    def test_beyond_the_bound_of_streams_a_clear_answer(self):
        held = []
        try:
            for _ in range(16):
                raw = self.daemon.raw()
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                raw.sendall(self.head_lines(self.big))
                raw.recv(16)
                held.append(raw)
            refused = self.client.get(self.small, Range="bytes=0-0")
            self.assertEqual(refused.status, 429)
            self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
        finally:
            for raw in held:
                raw.close()
        wait_for("room again", lambda: self.client.get(self.small, Range="bytes=0-0").status == 206)

    def test_killing_the_daemon_does_not_break_a_transfer(self):
        with Daemon(self.films) as other:
            client = other.client()
            other.wait_until_indexed(client)
            path = f"/stream/{client.video('Big')['id']}/original"
            with other.raw() as raw:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
                raw.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\nCookie: {client.cookie}\r\n\r\n".encode())
                stream = raw.makefile("rb")
                _, headers = read_head(stream)
                seen = hashlib.sha256(stream.read(1 << 20))
                container = other.containers()[0]["Id"]
                other.process.kill()
                other.process.wait(10)
                seen.update(stream.read(int(headers["content-length"]) - (1 << 20)))
                self.assertEqual(seen.hexdigest(), self.big_sha)
            other.start()
            client.close()
            again = Client(other)
            again.cookie = client.cookie
            part = again.get(path, Range="bytes=0-99")
            self.assertEqual((part.status, len(part.body)), (206, 100))
            self.assertEqual([one["Id"] for one in other.containers()], [container])
            again.close()


if __name__ == "__main__":
    unittest.main()
