"""The proxies of compose/proxy, run for real in front of the daemon: TLS and HTTP/2, films intact, the client told, no byte copied."""

import contextlib
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from carrel import ADMIN, SOURCE, Certificate, Daemon, FilmsTest, free_port, make_film, pad_film, wait_for

FOLDER = SOURCE / "compose/proxy"
CLIENT = "127.0.0.3"
BIG = 24 << 20


class Browser:
    """curl, with HTTP/2 as a browser speaks it, from an address of its own."""

    def __init__(self, url, authority, folder):
        self.url, self.folder = url, folder
        self.always = ["curl", "--silent", "--show-error", "--http2", "--interface", CLIENT, "--max-time", "60", "--noproxy", "*",
                       "--cacert", str(authority), "--cookie", str(folder / "jar"), "--cookie-jar", str(folder / "jar")]

    def ask(self, path, *options):
        """(status, HTTP version, headers, body)"""
        done = subprocess.run([*self.always, "--dump-header", self.folder / "head", "--output", self.folder / "body",
                               "--write-out", "%{http_code} %{http_version}", *options, self.url + path],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise ConnectionError(done.stderr)
        status, version = done.stdout.split()
        head = dict(re.findall(r"^([\w-]+): (.*?)\r?$", (self.folder / "head").read_text(), flags=re.M))
        return int(status), version, {name.lower(): value for name, value in head.items()}, (self.folder / "body").read_bytes()

    def is_up(self):
        with contextlib.suppress(ConnectionError):
            return self.ask("/livez")[0] == 200


@contextlib.contextmanager
def ended(process):
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


class Proxies(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        short = make_film(cls.films / "Short.mp4", 12)
        pad_film(short, cls.films / "Big.mp4", BIG)
        cls.daemon = cls.enterClassContext(Daemon(cls.films, CARREL_HTTP_TRUSTED_PROXIES="127.0.0.1"))
        cls.direct = cls.daemon.client()
        cls.addClassCleanup(cls.direct.close)
        cls.daemon.wait_until_indexed(cls.direct)

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_nginx(self):
        port = free_port()
        certificate = Certificate(self.folder)
        text = (FOLDER / "nginx.conf").read_text()
        text, plain = re.subn(r"  server \{\n    listen 80;.*?\n  \}\n", "", text, flags=re.S)
        self.assertEqual(plain, 1)
        for old, new in (("server carrel:8080;", f"server 127.0.0.1:{self.daemon.port};"),
                         ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
                         ("/etc/carrel/films.crt", str(certificate.path)), ("/etc/carrel/films.key", str(certificate.key)),
                         ("http {\n", "http {\n  access_log off;\n" + "".join(
                             f"  {kind}_temp_path {self.folder}/{kind};\n"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")))):
            self.assertIn(old, text)
            text = text.replace(old, new)
        config = self.folder / "nginx.conf"
        config.write_text(f"daemon off; pid {self.folder}/pid; error_log stderr warn;\n" + text)
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        with ended(subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-p", self.folder, *user])):
            self.check(Browser(f"https://127.0.0.1:{port}", certificate.path, self.folder))

    def test_caddy(self):
        port = free_port()
        config = self.folder / "Caddyfile"
        # Certificates of an authority of its own, which nobody else is to trust.
        config.write_text("{\n\tskip_install_trust\n\tadmin off\n\tauto_https disable_redirects\n}\n" + (FOLDER / "Caddyfile").read_text())
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder),
                       "XDG_CONFIG_HOME": str(self.folder), "CARREL_HOST": f"localhost:{port}",
                       "CARREL_UPSTREAM": f"127.0.0.1:{self.daemon.port}"}
        with ended(subprocess.Popen(["caddy", "run", "--config", config, "--adapter", "caddyfile"], env=environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)):
            authority = self.folder / "caddy/pki/authorities/local/root.crt"
            wait_for("Caddy's authority", authority.exists, 30)
            browser = Browser(f"https://localhost:{port}", authority, self.folder)
            browser.always += ["--resolve", f"localhost:{port}:127.0.0.1"]
            self.check(browser)

    def check(self, browser):
        wait_for("the proxy", browser.is_up, 30)
        with self.subTest("HTTP/2 to the browser, and the page"):
            status, version, head, _ = browser.ask("/")
            self.assertEqual((status, version), (200, "2"))
            self.assertIn("default-src", head["content-security-policy"])
        with self.subTest("a login, with a cookie for TLS alone"):
            credentials = f'{{"username": "{ADMIN[0]}", "password": "{ADMIN[1]}"}}'
            status, _, head, _ = browser.ask("/api/v1/auth/login", "--data", credentials, "--header", "Content-Type: application/json",
                                             "--header", "X-Forwarded-For: 9.9.9.9")
            self.assertEqual(status, 200)
            self.assertIn("secure", head["set-cookie"].lower())
            # What the client claims to be is of no account.
            line = wait_for("its line", lambda: self.daemon.event("http.request", request=head["x-request-id"]), 30)
            self.assertIn(CLIENT, line.values(), line)
            self.assertNotIn("9.9.9.9", line.values())
        film = self.direct.video("Short")["id"]
        with self.subTest("ranges"):
            whole = self.direct.get(f"/stream/{film}/original").body
            status, _, head, body = browser.ask(f"/stream/{film}/original", "--range", "1000-1999")
            self.assertEqual((status, body), (206, whole[1000:2000]))
            self.assertEqual(head["content-range"], f"bytes 1000-1999/{len(whole)}")
            status, _, _, body = browser.ask(f"/stream/{film}/original", "--range", "0-9", "--header", 'If-Range: "another"')
            self.assertEqual((status, len(body)), (200, len(whole)))
            self.assertEqual(browser.ask(f"/stream/{film}/original", "--header", f"If-None-Match: {head['etag']}")[0], 304)
        with self.subTest("HLS: every playlist and segment, byte for byte"):
            self.follow(browser, f"/stream/{film}/master.m3u8")
        with self.subTest("no byte of a film goes through carreld"):
            big = self.direct.video("Big")["id"]
            before = self.written()
            status, _, _, body = browser.ask(f"/stream/{big}/original")
            self.assertEqual(status, 200)
            self.assertGreater(len(body), BIG)
            self.assertLess(self.written() - before, 1 << 20)

    def written(self):
        text = pathlib.Path(f"/proc/{self.daemon.process.pid}/io").read_text()
        return int(re.search(r"^wchar: (\d+)", text, flags=re.M).group(1))

    def follow(self, browser, master):
        status, _, _, text = browser.ask(master)
        self.assertEqual(status, 200)
        self.assertTrue(text.startswith(b"#EXTM3U"))
        seen = 0
        playlists = [line for line in text.decode().splitlines() if line and not line.startswith("#")]
        self.assertTrue(playlists)
        folder = master.rsplit("/", 1)[0]
        for playlist in playlists:
            path = f"{folder}/{playlist}"
            below = path.split("?")[0].rsplit("/", 1)[0]
            listed = browser.ask(path)[3].decode()
            for segment in [line for line in listed.splitlines() if line and not line.startswith("#")]:
                direct = self.direct.get(f"{below}/{segment}")
                status, _, _, body = browser.ask(f"{below}/{segment}")
                self.assertEqual((status, body), (200, direct.body))
                seen += 1
        self.assertGreater(seen, 1)


if __name__ == "__main__":
    unittest.main()
