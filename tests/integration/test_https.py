"""carrelctl and a film over HTTPS, with nginx in front of the daemon as people run it."""

import contextlib
import pathlib
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

import nginx
from carrel import CTL, Daemon, FilmsTest, make_film, wait_for

UNREACHABLE = 5


class Https(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 3)
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.url, certificate = cls.enterClassContext(nginx.running(cls.daemon))
        cls.certificate = certificate.path
        cls.trusting = certificate.trust()
        wait_for("nginx", lambda: cls.answers("/livez"), 20)
        cls.token = cls.folder / "token"
        cls.token.write_text(cls.local("token", "add", "elsewhere").stdout)

    @classmethod
    def answers(cls, path, **headers):
        request = urllib.request.Request(cls.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, context=cls.trusting, timeout=20) as answer:
                return answer.status, answer.read()
        except ConnectionError:
            return None
        except urllib.error.URLError as error:
            if isinstance(error.reason, ConnectionError):
                return None
            raise

    @classmethod
    def local(cls, *words):
        return subprocess.run([CTL, *words], env=cls.daemon.environment, cwd=cls.daemon.root, check=True,
                              capture_output=True, text=True, timeout=60)

    def remote(self, *words):
        return [CTL, "--url", self.url, "--token-file", self.token, *words]

    def run_remote(self, *words):
        return subprocess.run(self.remote(*words), capture_output=True, text=True, timeout=60)

    def test_a_token_opens_and_the_authority_is_checked(self):
        trusted = self.run_remote("--ca-file", self.certificate, "status")
        self.assertEqual(trusted.returncode, 0, trusted.stderr)
        stranger = self.run_remote("status")
        self.assertEqual(stranger.returncode, UNREACHABLE, stranger.stderr)
        self.assertIn("certificate", stranger.stderr)

    def test_events_come_through_at_once(self):
        command = self.remote("--ca-file", self.certificate, "--json", "events", "--follow")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as follower:
            heard = threading.Event()
            reader = threading.Thread(target=lambda: follower.stdout.readline() and heard.set())
            reader.start()
            # It follows once nginx has passed its request on: a login before that is not told.
            try:
                wait_for("an event", lambda: self.log_in_and_out() or heard.is_set(), 30)
            finally:
                follower.terminate()
                reader.join()

    def log_in_and_out(self):
        with contextlib.closing(self.daemon.client()) as client:
            client.request("POST", "/api/v1/auth/logout")

    def test_a_film_plays(self):
        client = self.daemon.client()
        self.addCleanup(client.close)
        self.daemon.wait_until_indexed(client)
        film = client.video("Film")["id"]
        status, body = self.answers(f"/stream/{film}/original", Cookie=client.cookie, Range="bytes=100-199")
        self.assertEqual((status, len(body)), (206, 100))


if __name__ == "__main__":
    unittest.main()
