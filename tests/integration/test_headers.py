"""What a browser is told to keep to: every route, and every way in which a request can fail, with TLS and without."""

import contextlib
import http.client
import re
import tempfile
import unittest
import urllib.parse

from carrel import ADMIN, SOURCE, Certificate, Client, Daemon, FilmsTest, make_film, read_head

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:",
    "media-src 'self' blob: data:", "connect-src 'self'", "worker-src 'self' blob:", "font-src 'self'", "manifest-src 'self'",
    "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
}
# Of an answer that a sandbox gives: it may be shown by a browser's own player, and that is all.
FILM_POLICY = {"default-src 'none'", "media-src 'self'", "style-src 'unsafe-inline'", "base-uri 'none'", "form-action 'none'",
               "frame-ancestors 'none'"}
LAST = ("POST", "/api/v1/auth/logout")


def routes():
    table = (SOURCE / "orchestrator/http/routes.cpp").read_text()
    found = [(method.upper().rstrip("_"), path) for method, path in re.findall(r'Method::(\w+), "([^"]+)"', table)]
    return [route for route in found if route != LAST] + [LAST]


class Headers(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 5)
        cls.certificate = Certificate(cls.enterClassContext(tempfile.TemporaryDirectory()))

    @contextlib.contextmanager
    def daemon(self, certificate):
        with Daemon(self.films, certificate) as daemon, contextlib.closing(daemon.client()) as client:
            daemon.wait_until_indexed(client)
            yield daemon, client

    def check_everywhere(self, where, headers, policy):
        with self.subTest(where):
            self.assertEqual({part.strip() for part in headers["Content-Security-Policy"].split(";")}, policy)
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Cross-Origin-Resource-Policy"], "same-origin")
            self.assertIsNone(headers["Server"])
            self.assertIsNone(headers["Access-Control-Allow-Origin"])

    def check_own(self, where, headers, encrypted):
        """Of an answer that the daemon makes itself."""
        self.check_everywhere(where, headers, POLICY)
        with self.subTest(where):
            self.assertEqual(headers["Cross-Origin-Opener-Policy"], "same-origin")
            if encrypted:
                self.assertRegex(headers["Strict-Transport-Security"], r"^max-age=\d{7,}$")
            else:
                self.assertIsNone(headers["Strict-Transport-Security"])

    def visit_every_route(self, daemon, client, encrypted):
        film = client.video("Film")["id"]
        for method, pattern in routes():
            path = pattern.replace("{id}", film).replace("{name}", "nobody")
            path = path.replace("{sheet}", "0.jpg").replace("{resource…}", "nothing").replace("{file…}", "nothing")
            where = f"{method} {pattern}"
            if pattern.endswith("/events"):
                self.check_own(where, self.head_of_events(daemon, client, path), encrypted)
                continue
            answer = client.request(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
            self.check_own(where, answer.headers, encrypted)
            if path.startswith("/api/"):
                with self.subTest(where):
                    self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def head_of_events(self, daemon, client, path):
        connection = daemon.encrypted() if daemon.certificate else daemon.raw()
        with connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\nCookie: {client.cookie}\r\n\r\n".encode())
            status, headers = read_head(connection.makefile("rb"))
            self.assertEqual((status, headers["cache-control"]), (200, "no-store"))
            message = http.client.HTTPMessage()
            for name, value in headers.items():
                message[name] = value
            return message

    def visit_every_failure(self, daemon, client, encrypted):
        film = client.video("Film")["id"]
        token = client.get(f"/api/v1/videos/{film}/stream").json()["token"]
        stranger = Client(daemon)
        self.addCleanup(stranger.close)
        cases = {
            401: stranger.get("/api/v1/me"),
            403: client.request("POST", "/api/v1/auth/login", {}, {"Origin": "https://elsewhere"}),
            405: client.request("DELETE", "/api/v1/me"),
            413: stranger.request("POST", "/api/v1/auth/login", {"username": "x" * 100_000}),
            431: stranger.get("/", Cookie="x" * 40_000),
            302: client.get(f"/stream/{film}/master.m3u8?token={token}"),
        }
        for status, answer in cases.items():
            self.assertEqual(answer.status, status)
            self.check_own(str(status), answer.headers, encrypted)
            self.assertEqual(answer.headers["Cache-Control"], "no-store", status)
        connection = daemon.encrypted() if daemon.certificate else daemon.raw()
        with connection:
            connection.sendall(b"this is not HTTP\r\n\r\n")
            status, headers = read_head(connection.makefile("rb"))
            self.assertEqual((status, headers["referrer-policy"]), (400, "no-referrer"))

    def visit_every_answer_of_a_sandbox(self, client):
        """It knows no page and sets no cookie; what a browser must not take it for is all it says. Nor does it know whether the
        client speaks TLS: the page, the redirects to playlists and every refusal tell browsers to keep to it."""
        film = client.video("Film")["id"]
        master = client.get(f"/stream/{film}/master.m3u8")
        playlist = re.search(r"^[^#\s].*$", master.body.decode(), re.M)[0]
        whole = client.get(f"/stream/{film}/original")
        answers = {
            200: master, 206: client.get(f"/stream/{film}/original", Range="bytes=0-9"),
            304: client.get(f"/stream/{film}/original", If_None_Match=whole.headers["ETag"]),
            416: client.get(f"/stream/{film}/original", Range="bytes=999999999-"),
        }
        self.assertEqual({status: answer.status for status, answer in answers.items()}, {status: status for status in answers})
        answers["media playlist"] = client.get(f"/stream/{film}/{playlist}")
        init = re.search(r'URI="([^"]+)"', answers["media playlist"].body.decode())[1]
        answers["init segment"] = client.get(urllib.parse.urljoin(f"/stream/{film}/{playlist}", init))
        answers["chapters"] = client.get(f"/stream/{film}/chapters.json")
        answers["DASH manifest"] = client.get(f"/stream/{film}/manifest.mpd")
        for where in ("media playlist", "init segment", "chapters", "DASH manifest"):
            self.assertEqual(answers[where].status, 200, where)
        for where, answer in answers.items():
            self.check_everywhere(f"sandbox: {where}", answer.headers, FILM_POLICY)
            self.assertIsNone(answer.headers["Set-Cookie"])

    def visit_all(self, certificate):
        encrypted = certificate is not None
        with self.daemon(certificate) as (daemon, client):
            self.visit_every_answer_of_a_sandbox(client)
            self.visit_every_failure(daemon, client, encrypted)
            self.visit_every_route(daemon, client, encrypted)

    def test_in_the_clear(self):
        self.visit_all(None)

    def test_over_tls(self):
        self.visit_all(self.certificate)

    def test_the_cookie_is_out_of_reach(self):
        with Daemon(self.films) as daemon, contextlib.closing(Client(daemon)) as client:
            answer = client.request("POST", "/api/v1/auth/login", {"username": ADMIN[0], "password": ADMIN[1]})
            attributes = set(answer.headers["Set-Cookie"].split("; ")[1:])
            self.assertLessEqual({"HttpOnly", "SameSite=Strict", "Path=/"}, attributes)
            self.assertNotIn("Secure", attributes)


if __name__ == "__main__":
    unittest.main()
