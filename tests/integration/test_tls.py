"""TLS that ends in the daemon: everything as in the clear, and nobody between client and daemon reads it."""

import contextlib
import hashlib
import http.client
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import warnings

from carrel import (ADMIN, Certificate, Client, Daemon, FilmsTest, docker, make_film, pad_film, read_head, wait_for)

BIG = 48 << 20
SLOW = 16384  # receive buffer of a client that takes little at once


def memory_of(process):
    """Bytes that it has in memory as its own, shared libraries aside."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no RssAnon")


def told_end(client):
    """When the certificate ends, by /metrics."""
    said = re.search(r"^carrel_certificate_expiry_timestamp_seconds (\S+)$", client.get("/metrics").body.decode(), re.M)
    return float(said[1])


class Tls(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        film = make_film(cls.films / "Short.mp4", 10)
        big = cls.films / "Big.mp4"
        cls.big_sha = pad_film(film, big, BIG)
        cls.big_size = big.stat().st_size
        cls.short = film.read_bytes()
        cls.certificate = Certificate(cls.enterClassContext(tempfile.TemporaryDirectory()))
        # What AddressSanitizer, where it is built in, keeps of freed memory is none of what a slow client costs.
        cls.daemon = cls.enterClassContext(Daemon(cls.films, cls.certificate, ASAN_OPTIONS="quarantine_size_mb=1"))
        cls.client = cls.daemon.client()
        cls.daemon.wait_until_indexed(cls.client)
        cls.big = f"/stream/{cls.client.video('Big')['id']}/original"
        cls.small = f"/stream/{cls.client.video('Short')['id']}/original"

    def ask(self, path, extra="", cookie=None):
        return f"GET {path} HTTP/1.1\r\nHost: test\r\nCookie: {cookie or self.client.cookie}\r\n{extra}\r\n".encode()

    @contextlib.contextmanager
    def download(self, daemon=None, cookie=None):
        """A film on its way to a client that has read a megabyte of it, and whose socket holds little: (stream, hash)."""
        with (daemon or self.daemon).encrypted(SLOW) as connection:
            connection.sendall(self.ask(self.big, cookie=cookie))
            stream = connection.makefile("rb")
            status, headers = read_head(stream)
            self.assertEqual((status, int(headers["content-length"])), (200, self.big_size))
            yield stream, hashlib.sha256(stream.read(1 << 20))

    def check_rest(self, stream, seen):
        seen.update(stream.read(self.big_size - (1 << 20)))
        self.assertEqual(seen.hexdigest(), self.big_sha)

    def one_container(self):
        return wait_for("one container", lambda: len(found := self.daemon.containers()) == 1 and found)[0]["Id"]

    def test_a_login_is_kept_to_encrypted_connections(self):
        with contextlib.closing(Client(self.daemon)) as client:
            answer = client.request("POST", "/api/v1/auth/login", {"username": ADMIN[0], "password": ADMIN[1]})
            self.assertEqual(answer.status, 200)
            self.assertIn("Secure", answer.headers["Set-Cookie"].split("; "))
            self.assertRegex(answer.headers["Strict-Transport-Security"], r"^max-age=\d{7,}$")
            self.assertEqual(client.request("POST", "/api/v1/auth/logout").status, 204)

    def test_hls_plays_to_its_end(self):
        answer = self.client.get(f"/api/v1/videos/{self.client.video('Short')['id']}/stream").json()
        url = self.daemon.url(answer["stream_url"])
        self.assertTrue(url.startswith("https://"))
        played = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-ca_file", self.certificate.path, "-tls_verify", "1",
                                 "-i", url, "-map", "0:v:0", "-map", "0:a:0", "-f", "framecrc", "-"],
                                capture_output=True, text=True, timeout=120)
        self.assertEqual((played.returncode, played.stderr), (0, ""))
        pictures = [line for line in played.stdout.splitlines() if line.startswith("0,")]
        self.assertEqual(len(pictures), 250)

    def test_ranges_are_those_of_the_file(self):
        for first, last in ((0, 0), (1, 16384), (16384, 16385), (100_000, 299_999), (len(self.short) - 5, len(self.short) - 1)):
            part = self.client.get(self.small, Range=f"bytes={first}-{last}")
            self.assertEqual((part.status, part.body), (206, self.short[first:last + 1]))
        self.assertEqual(self.client.get(self.small).body, self.short)

    def test_curl_with_the_strictest_of_clients(self):
        for version in ("1.2", "1.3"):
            got = subprocess.run(["curl", "-sS", "--fail", "--cacert", self.certificate.path, f"--tlsv{version}", "--tls-max",
                                  version, "--cookie", self.client.cookie, "-w", "%{http_version}", "-o", "/dev/null",
                                  self.daemon.url(self.big)], capture_output=True, text=True, timeout=60)
            self.assertEqual((got.returncode, got.stdout), (0, "1.1"), got.stderr)

    def test_100_requests_alternate_on_one_connection(self):
        for number in range(50):
            self.assertEqual(self.client.get("/api/v1/me").status, 200)
            first = number * 1000
            part = self.client.get(self.small, Range=f"bytes={first}-{first + 99}")
            self.assertEqual((part.status, part.body), (206, self.short[first:first + 100]))

    def test_a_sandbox_that_dies_in_the_middle_is_not_noticed(self):
        with self.download() as (stream, seen):
            before = self.one_container()
            docker("kill", before)
            self.check_rest(stream, seen)
        self.assertNotEqual(self.one_container(), before)
        line = wait_for("the log line", lambda: next(
            (one for one in self.daemon.log() if one.get("event") == "http.request" and one.get("sandboxes", 0) > 1), None))
        self.assertEqual((line["status"], line["sandboxes"]), (200, 2))

    def test_slow_clients_cost_a_bounded_number_of_bytes_and_block_nobody(self):
        before = memory_of(self.daemon.process)
        with contextlib.ExitStack() as slow:
            for _ in range(8):
                slow.enter_context(self.download())
            self.assertEqual(hashlib.sha256(self.client.get(self.big).body).hexdigest(), self.big_sha)
            # What a film would take is 48 MB, eight times.
            self.assertLess(memory_of(self.daemon.process) - before, 8 << 20)
        wait_for("the end of all answers", lambda: self.client.get(self.small, Range="bytes=0-0").status == 206)

    def test_a_client_that_goes_away_costs_nothing(self):
        before = len(self.daemon.descriptors())
        for _ in range(5):
            with self.download():
                pass
        wait_for("their end", lambda: len(self.daemon.descriptors()) <= before)

    def test_a_new_certificate_is_taken_and_a_bad_one_is_not_while_a_film_is_on_its_way(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate = Certificate(folder)
            with Daemon(self.films, certificate) as other:
                client = other.client()
                other.wait_until_indexed(client)
                first = certificate.trust()
                self.assertEqual(told_end(client), certificate.ends())
                with self.download_of(other, client) as (stream, seen):
                    certificate.make()
                    other.process.send_signal(signal.SIGHUP)
                    wait_for("the new certificate", lambda: other.event("reload.done"))
                    self.assertEqual(client.get("/api/v1/me").status, 200)  # on the connection that it had
                    with contextlib.closing(Client(other)) as fresh:
                        self.assertEqual(fresh.get("/livez").status, 200)
                        self.assertEqual(told_end(fresh), certificate.ends())
                    stale = http.client.HTTPSConnection("127.0.0.1", other.port, timeout=20, context=first)
                    self.addCleanup(stale.close)
                    with self.assertRaises(ssl.SSLCertVerificationError):
                        stale.request("GET", "/livez")
                    good = certificate.path.read_bytes()
                    certificate.path.write_text("nothing of the kind")
                    other.process.send_signal(signal.SIGHUP)
                    refused = wait_for("the refusal", lambda: other.event("reload.refused"))
                    self.assertIn("http.tls_certificate", refused["reason"])
                    certificate.path.write_bytes(good)
                    with contextlib.closing(Client(other)) as fresh:
                        self.assertEqual(fresh.get("/livez").status, 200)
                    self.check_rest(stream, seen)
                client.close()

    def test_tls_that_is_configured_later_needs_a_restart_and_it_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate = Certificate(folder)
            other = Daemon(self.films)
            config = other.root / "carrel.toml"  # read at the start and at each reload
            config.write_text("")
            with other:
                config.write_text(f'[http]\ntls_certificate = "{certificate.path}"\ntls_key = "{certificate.key}"\n')
                other.process.send_signal(signal.SIGHUP)
                done = wait_for("the reload", lambda: other.event("reload.done"))
                self.assertEqual(done["certificate"], "")
                self.assertIn("needs a restart", other.event("reload.not_taken")["reason"])
                with contextlib.closing(Client(other)) as plain:
                    self.assertEqual(plain.get("/livez").status, 200)

    def test_the_clients_own_socket_is_paced_and_a_client_that_takes_nothing_is_cut(self):
        rate = 4 << 20
        with Daemon(self.films, self.certificate, CARREL_LIMITS_ADMIN_BANDWIDTH=str(rate),
                    CARREL_HTTP_STALL_TIMEOUT="10s") as other:
            client = other.client()
            other.wait_until_indexed(client)
            with self.download_of(other, client) as (stream, _):
                said = subprocess.run(["ss", "-tniH", "state", "established", f"( sport = :{other.port} )"], check=True,
                                      capture_output=True, text=True).stdout
                factor = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}
                rates = [float(number) * factor[unit] / 8 for number, unit in
                         re.findall(r"pacing_rate [\d.]+[KMG]?bps/([\d.]+)([KMG]?)bps", said)]
                self.assertTrue(any(abs(one - rate) < 0.02 * rate for one in rates), said)
                # It takes no more: what it was owed is dropped, and its sandbox is free.
                line = wait_for("the end of the answer", lambda: other.event("http.request", route="stream"), 60)
                self.assertLess(line["bytes"], self.big_size)
                self.assertLess(1 << 20, line["bytes"])
                with contextlib.suppress(OSError):
                    self.assertLess(len(self.read_what_comes(stream)), self.big_size - (1 << 20))
            client.close()

    @contextlib.contextmanager
    def download_of(self, daemon, client):
        path, self.big = self.big, f"/stream/{client.video('Big')['id']}/original"
        try:
            with self.download(daemon, client.cookie) as both:
                yield both
        finally:
            self.big = path

    def test_an_upgrade_answers_whoever_asks_again(self):
        with Daemon(self.films, self.certificate) as other:
            client = other.client()
            other.wait_until_indexed(client)
            path = f"/stream/{client.video('Big')['id']}/original"
            with self.download_of(other, client) as (stream, seen):
                already = len(other.log())
                other.process.send_signal(signal.SIGUSR2)
                wait_for("the next program", lambda: other.event("daemon.ready", already), 30)
                had = (1 << 20) + len(rest := self.read_what_comes(stream))
                seen.update(rest)
            # The connection ended, unless all was on its way already; a player asks for what it lacks.
            again = Client(other)
            again.cookie = client.cookie
            if had < self.big_size:
                part = again.get(path, Range=f"bytes={had}-")
                self.assertEqual(part.status, 206)
                seen.update(part.body)
            self.assertEqual(seen.hexdigest(), self.big_sha)
            again.close()
            client.close()

    @staticmethod
    def read_what_comes(stream):
        rest = b""
        with contextlib.suppress(OSError):
            while some := stream.read1(65536):
                rest += some
        return rest

    def test_a_certificate_that_ends_soon_is_told(self):
        told = wait_for("the warning", lambda: self.daemon.event("tls.certificate_expires"), 30)
        self.assertEqual((told["level"], told["subject"]), ("warn", "CN = 127.0.0.1"))

    def test_old_versions_are_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.daemon.raw() as raw, self.assertRaises(ssl.SSLError) as refused:
            context.wrap_socket(raw)
        self.assertIn("PROTOCOL_VERSION", str(refused.exception).upper())

    def test_http_in_the_clear_gets_a_clear_answer(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        connection.request("GET", "/")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 400)
        self.assertIn(b"https://", answer.read())
        connection.close()

    def test_garbage_ends_the_connection_and_nothing_else(self):
        for garbage in (b"\x16\x03\x01" + b"\xff" * 600, b"\x00" * 100, b"\x16\x03\x03\x00\x05hello"):
            with self.daemon.raw() as raw:
                raw.sendall(garbage)
                with contextlib.suppress(OSError):  # it may have been ended already
                    raw.shutdown(socket.SHUT_WR)
                    while raw.recv(4096):
                        pass
        self.assertEqual(self.client.get("/livez").status, 200)

    def test_a_wrong_setting_is_told_at_the_start(self):
        environment = {**self.daemon.environment, "CARREL_HTTP_TLS_KEY": str(self.films / "no.key")}
        # A service manager would start it again and again for any other code.
        for words in ((), ("--check-config",)):
            with self.subTest(words):
                done = subprocess.run([self.daemon.program, *words], env=environment, cwd=self.daemon.root,
                                      capture_output=True, text=True, timeout=30)
                self.assertEqual(done.returncode, 78)
                self.assertIn("http.tls_key", done.stderr)


if __name__ == "__main__":
    unittest.main()
