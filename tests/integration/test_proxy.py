"""Behind nginx, below a path of its host: who the client is, and that everything finds everything."""

import contextlib
import http.client
import json
import re
import subprocess
import unittest

import nginx
from carrel import ADMIN, CTL, Daemon, FilmsTest, make_film, wait_for

BASE = "/carrel"
PROXY, STRANGER, CLIENT = "127.0.0.1", "127.0.0.2", "127.0.0.3"
MORE = """
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
"""


class Proxy(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.film = make_film(cls.films / "Film.mp4", 5)
        cls.daemon = cls.enterClassContext(Daemon(cls.films, CARREL_HTTP_BASE_PATH=BASE, CARREL_HTTP_TRUSTED_PROXIES=PROXY))
        cls.url, cls.certificate = cls.enterClassContext(nginx.running(cls.daemon, BASE, MORE))
        cls.port = int(cls.url.rsplit(":", 1)[1])
        wait_for("nginx", cls.is_up, 20)
        answer, _ = cls.ask("POST", "/api/v1/auth/login", {"username": ADMIN[0], "password": ADMIN[1]})
        cls.set_cookie = answer.headers["Set-Cookie"]
        cls.cookie = cls.set_cookie.split(";")[0]
        wait_for("indexing", lambda: (items := cls.json("/api/v1/videos")["items"]) and items[0]["state"] == "ready", 60)

    @classmethod
    def is_up(cls):
        with contextlib.suppress(ConnectionError):
            return cls.ask("GET", "/livez")[0].status == 200

    @classmethod
    def ask(cls, method, path, body=None, base=BASE, **headers):
        """From an address of its own, which nginx tells."""
        connection = http.client.HTTPSConnection("127.0.0.1", cls.port, timeout=60, context=cls.certificate.trust(),
                                                 source_address=(CLIENT, 0))
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        with contextlib.closing(connection):
            connection.request(method, base + path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()

    @classmethod
    def json(cls, path):
        return json.loads(cls.ask("GET", path, Cookie=cls.cookie)[1])

    def logged(self, request_id):
        return wait_for("the log line", lambda: self.daemon.event("http.request", request=request_id), 30)

    def test_the_log_has_the_client_and_not_the_proxy_nor_what_the_client_made_up(self):
        for made_up in ({}, {"X-Forwarded-For": "203.0.113.9"}):
            answer, _ = self.ask("GET", "/livez", **made_up)
            self.assertEqual(self.logged(answer.headers["X-Request-Id"])["peer"], CLIENT)

    def test_a_stranger_is_not_believed(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20, source_address=(STRANGER, 0))
        connection.request("GET", "/livez", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        connection.close()
        self.assertEqual(self.logged(answer.headers["X-Request-Id"])["peer"], STRANGER)
        self.assertNotIn("Strict-Transport-Security", answer.headers)

    def test_a_login_that_is_slowed_down_slows_down_its_own_address(self):
        wrong = {"username": "nobody", "password": "not the password at all"}
        wait_for("a refusal", lambda: self.ask("POST", "/api/v1/auth/login", wrong)[0].status == 429, 60)
        with contextlib.closing(self.daemon.client()) as other:
            self.assertEqual(other.get("/api/v1/me").status, 200)

    def test_the_cookie_goes_to_the_base_path_over_tls_alone(self):
        self.assertIn(f"Path={BASE}/", self.set_cookie.split("; "))
        self.assertIn("Secure", self.set_cookie.split("; "))
        self.assertIn("Strict-Transport-Security", self.ask("GET", "/livez")[0].headers)

    def test_the_page_finds_its_parts(self):
        with contextlib.closing(self.daemon.client()) as direct:
            answer = direct.get(BASE)
            self.assertEqual((answer.status, answer.headers["Location"]), (308, BASE + "/"))
        for path in ("/", "/login", "/watch/0190b2c4-0000-7000-8000-000000000000"):
            answer, page = self.ask("GET", path, Accept_Encoding="br, gzip")
            self.assertEqual(answer.status, 200)
            self.assertIn(f'content="{BASE}"', page.decode())
            links = re.findall(r'(?:src|href)="([^"]+)"', page.decode())
            self.assertGreaterEqual(len(links), 3)
            for link in links:
                self.assertEqual(self.ask("GET", link, base="")[0].status, 200, link)

    def test_pages_of_the_same_host_may_change_something_and_others_may_not(self):
        body = {"username": "nobody", "password": "not the password at all"}
        own, _ = self.ask("POST", "/api/v1/auth/login", body, Origin=self.url)
        self.assertIn(own.status, (401, 429))
        self.assertEqual(self.ask("POST", "/api/v1/auth/login", body, Origin="https://elsewhere")[0].status, 403)

    def test_a_film_plays_from_the_addresses_that_the_api_gives(self):
        film = self.json("/api/v1/videos")["items"][0]["id"]
        stream = self.json(f"/api/v1/videos/{film}/stream")
        for name in ("stream_url", "dash_url", "original_url"):
            self.assertTrue(stream[name].startswith(f"{BASE}/stream/"), stream[name])
        played = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-ca_file", self.certificate.path, "-tls_verify", "1", "-i",
                                 self.url + stream["stream_url"], "-map", "0:v:0", "-f", "framecrc", "-"],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual((played.returncode, played.stderr), (0, ""))
        self.assertEqual(len([line for line in played.stdout.splitlines() if line.startswith("0,")]), 125)
        answer, part = self.ask("GET", stream["original_url"], base="", Range="bytes=100-1099")
        self.assertEqual((answer.status, part), (206, self.film.read_bytes()[100:1100]))

    def test_a_booth_never_keeps_a_connection_that_others_requests_may_follow_on(self):
        film = self.json("/api/v1/videos")["items"][0]["id"]

        def closes(path, source):
            connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=60, source_address=(source, 0))
            with contextlib.closing(connection):
                connection.request("GET", BASE + path, headers={"Cookie": self.cookie, "Range": "bytes=0-9"})
                answer = connection.getresponse()
                answer.read()
                return answer.will_close

        self.assertTrue(closes(f"/stream/{film}/original", PROXY))
        self.assertFalse(closes(f"/stream/{film}/original", STRANGER))
        self.assertFalse(closes("/api/v1/videos", PROXY))

    def test_carrelctl_reaches_it_there(self):
        token = self.films / "token"
        made = subprocess.run([CTL, "token", "add", "elsewhere"], env=self.daemon.environment, cwd=self.daemon.root,
                              check=True, capture_output=True, text=True, timeout=60)
        token.write_text(made.stdout)
        shown = subprocess.run([CTL, "--url", self.url + BASE, "--token-file", token, "--ca-file", self.certificate.path,
                                "status"], capture_output=True, text=True, timeout=60)
        self.assertEqual(shown.returncode, 0, shown.stderr)


if __name__ == "__main__":
    unittest.main()
