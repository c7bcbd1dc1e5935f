"""RFC 9110 sections 13 and 14 over the wire, on /stream/{id}/original; types by content and by extension."""

import email.utils
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from carrel import LONG_AGO, Daemon, FilmsTest, make_film, settle
from raw_http import ask, get, read_answer

GIB = 1 << 30
LARGE = 5 * GIB + 12_345

# name: what ffmpeg makes it from, the type by content, the type by extension
VIDEO = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
TYPES = {
    "mp4": (VIDEO, "video/mp4", "video/mp4"),
    "m4v": ((*VIDEO, "-f", "mp4"), "video/mp4", "video/mp4"),
    "mkv": (VIDEO, "video/x-matroska", "video/x-matroska"),
    "webm": (("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"), "video/webm", "video/webm"),
    "mov": (VIDEO, "video/quicktime", "video/quicktime"),
    "avi": (("-c:v", "mpeg4", "-c:a", "libmp3lame"), "video/x-msvideo", "video/x-msvideo"),
    "ts": (VIDEO, "video/mp2t", "video/mp2t"),
    "flv": (VIDEO, "video/x-flv", "video/x-flv"),
    "mp3": (("-vn", "-c:a", "libmp3lame"), "audio/mpeg", "audio/mpeg"),
    "m4a": (("-vn", "-c:a", "aac"), "audio/mp4", "audio/mp4"),
    "flac": (("-vn", "-c:a", "flac"), "audio/flac", "audio/flac"),
    "ogg": (("-vn", "-c:a", "libopus"), "audio/ogg", "audio/ogg"),
}


def make_types(folder):
    for extension, (arguments, _, _) in TYPES.items():
        film = folder / f"Kind_{extension}.{extension}"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=128x96:r=25:d=1",
                        "-f", "lavfi", "-i", "sine=r=48000:d=1", *arguments, film], check=True)
        settle(film)
        junk = folder / f"Junk_{extension}.{extension}"
        junk.write_bytes(b"Nothing that anybody could play.\n" * 50)
        settle(junk)
    shutil.copyfile(folder / "Kind_mkv.mkv", folder / "Liar.mp4")
    settle(folder / "Liar.mp4")


def make_large(film, path):
    """The film, then free space as ISO/IEC 14496-12 allows, most of it a hole; landmarks on both sides of 4 GiB."""
    with open(path, "wb") as out:
        out.write(film)
        out.write((1).to_bytes(4, "big") + b"free" + (LARGE - len(film)).to_bytes(8, "big"))
        for at in (4 * GIB - 8, LARGE - 16):
            out.seek(at)
            out.write(b"landmark" + b"kramdnal")
    assert path.stat().st_size == LARGE
    settle(path)


def parts_of(answer):
    """Of a multipart/byteranges body (RFC 9110 section 14.6): (Content-Range, Content-Type, bytes) of each part."""
    boundary = re.fullmatch(r'multipart/byteranges; ?boundary="?([^"]+)"?', answer.headers["Content-Type"])[1].encode()
    rest = b"\r\n" + answer.body
    pieces = rest.split(b"\r\n--" + boundary)
    assert pieces[0] == b"" and pieces[-1].strip() == b"--", answer.body[-80:]
    parts = []
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        parts.append((fields["Content-Range"], fields["Content-Type"], content))
    return parts


class Ranges(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = folder = cls.films
        film = make_film(folder / "Film.mp4", 4, extra=("-movflags", "+faststart"))
        cls.film = film.read_bytes()
        make_large(cls.film, folder / "Large.mp4")
        (folder / "Empty.mp4").touch()
        settle(folder / "Empty.mp4")
        cls.odd = {
            'Quote " and \' <b>': folder / 'Quote " and \' <b>.mp4',
            "New\ufffd\ufffdline": folder / "New\r\nline.mp4",
            "Bytes \ufffd\ufffd end": pathlib.Path(os.fsdecode(os.fsencode(folder) + b"/Bytes \xff\xfe end.mp4")),
            "Percent %2e%2e%2f %s %n": folder / "Percent %2e%2e%2f %s %n.mp4",
        }
        for path in cls.odd.values():
            shutil.copyfile(film, path)
            settle(path)
        make_types(folder)
        cls.daemon = cls.enterClassContext(Daemon(folder))
        cls.client = cls.daemon.client()
        cls.addClassCleanup(cls.client.close)
        cls.videos = {item["title"]: item for item in cls.daemon.wait_until_indexed(cls.client)}
        cls.path = cls.original("Film")
        head = cls.client.request("HEAD", cls.path)
        cls.etag, cls.date = head.headers["ETag"], head.headers["Last-Modified"]

    @classmethod
    def original(cls, title):
        return f"/stream/{cls.videos[title]['id']}/original"

    def ask(self, *, path=None, method="GET", **fields):
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        return self.client.request(method, path or self.path, headers=headers)

    def assert_whole(self, answer, note=None):
        self.assertEqual(answer.status, 200, note)
        self.assertEqual(answer.body, self.film, note)
        self.assertIsNone(answer.headers["Content-Range"], note)
        self.assertEqual(answer.headers["Accept-Ranges"], "bytes", note)

    def assert_part(self, answer, first, last, note=None):
        self.assertEqual(answer.status, 206, note)
        self.assertEqual(answer.headers["Content-Range"], f"bytes {first}-{last}/{len(self.film)}", note)
        self.assertEqual(answer.body, self.film[first:last + 1], note)
        self.assertEqual(answer.headers["ETag"], self.etag, note)
        self.assertEqual(answer.headers["Content-Type"], "video/mp4", note)

    def test_one_range(self):
        end = len(self.film) - 1
        for given, first, last in (
                ("bytes=0-0", 0, 0), ("bytes=0-99", 0, 99), ("bytes=100-", 100, end), ("bytes=-1", end, end),
                ("bytes=-500", end - 499, end), (f"bytes=-{end * 9}", 0, end), (f"bytes={end}-", end, end),
                (f"bytes=7-{end * 9}", 7, end), ("bytes=0-" + "9" * 40, 0, end), ("BYTES = 3-4".replace(" ", ""), 3, 4),
                ("bytes= 3-4 ,", 3, 4), (f"bytes=3-4,{end + 1}-", 3, 4)):
            self.assert_part(self.ask(Range=given), first, last, given)

    def test_what_is_no_range_is_as_if_it_were_not_there(self):
        for given in ("bytes=5-2", "items=0-1", "bytes", "bytes=", "bytes=a-b", "bytes=--1", "bytes=1-2-3", "bytes=+1-2",
                      "bytes=0x1-2", "bytes=1-2;3-4", "0-1", "bytes=,".ljust(200, ","), "bytes=0-1,5-2"):
            self.assert_whole(self.ask(Range=given), given)

    def test_unsatisfiable_ranges(self):
        size = len(self.film)
        for given in (f"bytes={size}-", f"bytes={size}-{size + 5}", "bytes=-0", "bytes=" + "9" * 40 + "-",
                      f"bytes={size}-,-0"):
            answer = self.ask(Range=given)
            self.assertEqual((answer.status, answer.headers["Content-Range"]), (416, f"bytes */{size}"), given)
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            self.assertEqual(answer.json()["status"], 416)
        self.assert_part(self.ask(Range="bytes=0-1"), 0, 1)

    def assert_parts(self, given, spans):
        answer = self.ask(Range=given)
        self.assertEqual(answer.status, 206, given)
        self.assertIsNone(answer.headers["Content-Range"])
        self.assertEqual(len(answer.body), int(answer.headers["Content-Length"]))
        wanted = [(f"bytes {a}-{b}/{len(self.film)}", "video/mp4", self.film[a:b + 1]) for a, b in spans]
        self.assertEqual(parts_of(answer), wanted, given)

    def test_several_ranges(self):
        size = len(self.film)
        self.assert_parts("bytes=0-9,100-199", [(0, 9), (100, 199)])
        self.assert_parts("bytes=0-0,-1", [(0, 0), (size - 1, size - 1)])
        # As asked for, out of order and overlapping, as long as it costs no more than the film.
        self.assert_parts("bytes=100-199,0-9", [(100, 199), (0, 9)])
        self.assert_parts("bytes=0-99,50-149", [(0, 99), (50, 149)])
        self.assert_parts(f"bytes=0-9,{size}-,20-29", [(0, 9), (20, 29)])
        sixteen = [(n * 10, n * 10 + 4) for n in range(16)]
        self.assert_parts("bytes=" + ",".join(f"{a}-{b}" for a, b in sixteen), sixteen)

    def test_ranges_never_cost_more_than_the_film(self):
        size = len(self.film)
        self.assert_part(self.ask(Range="bytes=0-,0-,0-"), 0, size - 1)
        self.assert_parts(f"bytes={size // 2}-,0-99,{size // 2 - 1}-,50-149", [(0, 149), (size // 2 - 1, size - 1)])
        self.assert_whole(self.ask(Range="bytes=" + ",".join(f"{n}-{n}" for n in range(0, 34, 2))))
        self.assert_whole(self.ask(Range="bytes=" + ",".join(["0-0"] * 2000)))

    def test_if_range(self):
        earlier, later = (email.utils.formatdate(LONG_AGO + by, usegmt=True) for by in (-60, 60))
        self.assertEqual(self.date, email.utils.formatdate(LONG_AGO, usegmt=True))
        self.assertRegex(self.etag, r'^"[^"]+"$')
        for unchanged in (self.etag, self.date):
            self.assert_part(self.ask(Range="bytes=5-9", If_Range=unchanged), 5, 9, unchanged)
        for changed in ('"other"', "W/" + self.etag, earlier, later, "nonsense", self.etag.strip('"')):
            self.assert_whole(self.ask(Range="bytes=5-9", If_Range=changed), changed)
        self.assert_whole(self.ask(If_Range=self.etag))
        # What cannot be satisfied does not matter when the film has changed.
        self.assert_whole(self.ask(Range=f"bytes={len(self.film)}-", If_Range='"other"'))

    def assert_not_modified(self, answer, note=None):
        self.assertEqual((answer.status, answer.body), (304, b""), note)
        self.assertEqual((answer.headers["ETag"], answer.headers["Cache-Control"]), (self.etag, "private, no-cache"), note)
        self.assertIsNone(answer.headers["Content-Type"], note)
        self.assertIsNone(answer.headers["Content-Range"], note)

    def test_if_none_match(self):
        for same in (self.etag, "W/" + self.etag, "*", f'"other", {self.etag}', f',, {self.etag} ,'):
            self.assert_not_modified(self.ask(If_None_Match=same), same)
            self.assert_not_modified(self.ask(If_None_Match=same, Range="bytes=0-0"), same)
            self.assert_not_modified(self.ask(If_None_Match=same, method="HEAD"), same)
        for other in ('"other"', '"other", W/"another"', "nonsense", self.etag.strip('"')):
            self.assert_whole(self.ask(If_None_Match=other), other)
        # The tag decides, and the date is not looked at (RFC 9110 section 13.1.3).
        self.assert_whole(self.ask(If_None_Match='"other"', If_Modified_Since=self.date))

    def test_if_modified_since(self):
        form = "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"
        then = email.utils.parsedate_to_datetime(self.date)
        later = email.utils.formatdate(LONG_AGO + 60, usegmt=True)
        for date in (self.date, later, *(then.strftime(one) for one in form)):
            self.assert_not_modified(self.ask(If_Modified_Since=date), date)
        for date in (email.utils.formatdate(LONG_AGO - 1, usegmt=True), "yesterday", "Tue, 99 Foo 2023 00:00:00 GMT"):
            self.assert_whole(self.ask(If_Modified_Since=date), date)

    def test_if_match_and_if_unmodified_since(self):
        earlier = email.utils.formatdate(LONG_AGO - 1, usegmt=True)
        for fields in ({"If_Match": self.etag}, {"If_Match": "*"}, {"If_Match": f'"other", {self.etag}'},
                       {"If_Unmodified_Since": self.date}, {"If_Unmodified_Since": "nonsense"},
                       {"If_Match": self.etag, "If_Unmodified_Since": earlier}):
            self.assert_whole(self.ask(**fields), fields)
            self.assert_part(self.ask(Range="bytes=1-2", **fields), 1, 2, fields)
        for fields in ({"If_Match": '"other"'}, {"If_Match": "W/" + self.etag}, {"If_Unmodified_Since": earlier},
                       {"If_Match": '"other"', "If_None_Match": "*"}):
            answer = self.ask(**fields)
            self.assertEqual((answer.status, answer.json()["status"]), (412, 412), fields)
            self.assertEqual(self.ask(method="HEAD", **fields).status, 412, fields)

    def test_head(self):
        for fields in ({}, {"Range": "bytes=0-9"}, {"Range": f"bytes={len(self.film)}-"}):
            answer = self.ask(method="HEAD", **fields)  # Range is for GET alone (RFC 9110 section 14.2)
            self.assertEqual((answer.status, answer.body), (200, b""), fields)
            self.assertEqual(int(answer.headers["Content-Length"]), len(self.film))
            self.assertEqual((answer.headers["ETag"], answer.headers["Accept-Ranges"]), (self.etag, "bytes"))
        with self.daemon.raw() as raw, raw.makefile("rb") as stream:  # not a byte between the answers
            cookie = f"Cookie: {self.client.cookie}"
            raw.sendall(get(self.path, cookie, method="HEAD") + get(self.path, cookie, "If-None-Match: *") +
                        get(self.path, cookie, "If-Match: \"x\"", method="HEAD") +
                        get(self.path, cookie, "Range: bytes=0-3"))
            seen = [read_answer(stream, head=head) for head in (True, False, True, False)]
        self.assertEqual([one.status for one in seen], [200, 304, 412, 206])
        self.assertEqual(seen[-1].body, self.film[:4])

    def test_methods_that_do_not_fit(self):
        answer = self.ask(method="POST")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "GET, HEAD"))

    def test_beyond_four_gib(self):
        path = self.original("Large")
        head = self.ask(path=path, method="HEAD")
        self.assertEqual(int(head.headers["Content-Length"]), LARGE)
        self.assertEqual(self.videos["Large"]["size_bytes"], LARGE)
        self.assertTrue(self.videos["Large"]["playable"], self.videos["Large"]["reason"])
        for given, first, body in (
                (f"bytes={4 * GIB - 8}-{4 * GIB + 7}", 4 * GIB - 8, b"landmarkkramdnal"),
                (f"bytes={4 * GIB - 1}-{4 * GIB}", 4 * GIB - 1, b"kk"), ("bytes=-16", LARGE - 16, b"landmarkkramdnal"),
                (f"bytes={LARGE - 8}-", LARGE - 8, b"kramdnal")):
            answer = self.ask(path=path, Range=given)
            self.assertEqual((answer.status, answer.body), (206, body), given)
            self.assertEqual(answer.headers["Content-Range"], f"bytes {first}-{first + len(body) - 1}/{LARGE}")
        both = self.ask(path=path, Range=f"bytes=4-7,{4 * GIB}-{4 * GIB + 3},-8")
        self.assertEqual([content for _, _, content in parts_of(both)], [b"ftyp", b"kram", b"kramdnal"])
        beyond = self.ask(path=path, Range=f"bytes={LARGE}-")
        self.assertEqual((beyond.status, beyond.headers["Content-Range"]), (416, f"bytes */{LARGE}"))
        # More than 4 GiB in one answer, of which the client takes the beginning.
        with self.daemon.raw() as raw, raw.makefile("rb") as stream:
            raw.sendall(get(path, f"Cookie: {self.client.cookie}", "Range: bytes=4-"))
            head = b"".join(iter(stream.readline, b"\r\n"))
            self.assertIn(f"Content-Length: {LARGE - 4}\r\n".encode(), head)
            self.assertEqual(stream.read(4), b"ftyp")

    def test_an_empty_file(self):
        path = self.original("Empty")
        self.assertFalse(self.videos["Empty"]["playable"])
        self.assertTrue(self.videos["Empty"]["reason"])
        for fields in ({}, {"Range": "bytes=-5"}):
            answer = self.ask(path=path, **fields)
            self.assertEqual((answer.status, answer.body, answer.headers["Content-Length"]), (200, b"", "0"), fields)
        for given in ("bytes=0-", "bytes=0-0", "bytes=-0"):
            answer = self.ask(path=path, Range=given)
            self.assertEqual((answer.status, answer.headers["Content-Range"]), (416, "bytes */0"), given)

    def test_types_by_content_and_by_extension(self):
        for extension, (_, by_content, by_extension) in TYPES.items():
            kind = self.ask(path=self.original(f"Kind {extension}"), method="HEAD")
            self.assertEqual((kind.status, kind.headers["Content-Type"]), (200, by_content), extension)
            junk = self.ask(path=self.original(f"Junk {extension}"), method="HEAD")
            self.assertEqual((junk.status, junk.headers["Content-Type"]), (200, by_extension), extension)
            self.assertEqual(junk.headers["X-Content-Type-Options"], "nosniff")
            self.assertFalse(self.videos[f"Junk {extension}"]["playable"])
        liar = self.ask(path=self.original("Liar"), method="HEAD")
        self.assertEqual(liar.headers["Content-Type"], "video/x-matroska")

    def test_file_names_of_any_bytes(self):
        for title, path in self.odd.items():
            self.assertIn(title, self.videos, sorted(self.videos))
            video = self.videos[title]
            self.assertTrue(video["playable"], video["reason"])
            answer = self.ask(path=self.original(title))
            self.assertEqual((answer.status, answer.body), (200, path.read_bytes()))
            self.assertEqual(self.ask(path=f"/stream/{video['id']}/master.m3u8").status, 200)
        # Whatever a name holds, a line of the log stays one line.
        whole, _, _ = self.daemon.log_path.read_bytes().decode().rpartition("\n")
        for line in whole.splitlines():
            json.loads(line)

    def curl(self, *arguments):
        seen = subprocess.run(["curl", "-sS", "--fail", *arguments], capture_output=True, timeout=60)
        self.assertEqual((seen.returncode, seen.stderr), (0, b""), arguments)
        return seen.stdout

    def test_curl(self):
        link = self.client.get(f"/api/v1/videos/{self.videos['Film']['id']}/stream").json()
        by_token = self.daemon.url(link["original_url"])
        by_cookie = ("-b", self.client.cookie, self.daemon.url(self.path))
        for where in ((by_token,), by_cookie):
            self.assertEqual(self.curl("-r", "100-199", *where), self.film[100:200])
            self.assertEqual(self.curl("-r", "-77", *where), self.film[-77:])
            self.assertIn(self.film[5:10], self.curl("-r", "0-0,5-9", *where))
            self.assertEqual(self.curl(*where), self.film)
        half = self.folder / "half.part"
        self.addCleanup(half.unlink)
        half.write_bytes(self.film[:1000])
        self.curl("-C", "-", "-o", half, by_token)
        self.assertEqual(half.read_bytes(), self.film)
        self.assertEqual(self.curl("-z", self.date, by_token), b"")
        self.assertEqual(self.curl("-H", f"If-None-Match: {self.etag}", "-w", "%{http_code}", by_token), b"304")

    def test_only_who_may(self):
        answer, _ = ask(self.daemon, get(self.path, "Range: bytes=0-0"))
        self.assertEqual(answer.status, 401)


if __name__ == "__main__":
    unittest.main()
