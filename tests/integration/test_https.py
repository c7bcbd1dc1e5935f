"""carrelctl and a film over HTTPS, with nginx in front of the daemon as people run it."""

import contextlib
import os
import pathlib
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

from carrel import BUILD, Daemon, FilmsTest, free_port, make_film, wait_for

CTL = BUILD / "orchestrator/carrelctl"
UNREACHABLE = 5

CONFIG = """
daemon off; pid {folder}/pid; error_log stderr warn;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
    }}
  }}
}}
"""


class Https(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 3)
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.certificate = cls.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", cls.folder / "key.pem", "-out", cls.certificate],
                       check=True, capture_output=True, timeout=60)
        port = free_port()
        cls.url = f"https://127.0.0.1:{port}"
        config = cls.folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=cls.folder, port=port, upstream=cls.daemon.port))
        # Started by root it would give up its rights, and the folder is root's alone.
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-p", cls.folder, *user])
        cls.addClassCleanup(nginx.wait, 20)
        cls.addClassCleanup(nginx.terminate)
        cls.trusting = ssl.create_default_context(cafile=cls.certificate)
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
