"""Films through the daemon, their users' sandboxes and HLS: the source's packets, the same bytes for everybody."""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest
import urllib.parse

from carrel import SOURCE, Client, Daemon, settle

sys.path.insert(0, str(SOURCE / "tests" / "media"))

import films  # noqa: E402
import hls_reader  # noqa: E402
import shared_films  # noqa: E402

MEDIA = shared_films.MEDIA
SEGMENT_TYPE = {"m3u8": ("application/vnd.apple.mpegurl",), "mp4": ("video/mp4", "audio/mp4"),
                "m4s": ("video/mp4", "audio/mp4", "video/iso.segment")}


def make_films(folder):
    """Each title's file."""
    plain = folder / "Pyramid_faststart.mp4"
    films.ffmpeg(*films.source(), *films.PYRAMID, *films.AAC, "-movflags", "+faststart", plain)
    films.ffmpeg("-i", plain, "-map", "0", "-c", "copy", folder / "Matroska.mkv")
    films.ffmpeg(*films.source(rate="30000/1001", hertz=44100), *films.X264, "-g", 60, *films.AAC,
                 folder / "Moov_at_end.mp4")
    films.ffmpeg("-i", plain, "-map", "0", "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof",
                 folder / "Fragmented.mp4")
    return {path.stem.replace("_", " "): path for path in folder.iterdir()}


def copy_media(folder):
    """Each title's file and verdict; the titles tell sample.mp4 from sample.mkv."""
    media = {}
    for name, reason in shared_films.MEDIA_VERDICTS.items():
        if (MEDIA / name).exists():
            title = re.sub(r"[._]", " ", name)
            path = folder / (title.replace(" ", "_") + pathlib.Path(name).suffix)
            shutil.copyfile(MEDIA / name, path)
            media[title] = (path, name, reason)
    return media


def uris_of(playlist):
    """Every URI that a playlist names, in order."""
    found = []
    for line in playlist.decode().splitlines():
        if line.startswith("#"):
            found += re.findall(r'URI="([^"]+)"', line)
        elif line:
            found.append(line)
    return list(dict.fromkeys(found))


def remuxed(video):
    """Numbers of the tracks that are offered as they are; sound that is only made into AAC goes by its plain name."""
    return [i for i, track in enumerate(video["tracks"]) if track["playable"] and re.match("[a-zA-Z0-9]{4}[.]|Opus$|fLaC$|ac-3$|"
            "ec-3$|alac$|dts[cehl]$", track["codec"])]


class Hls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="carrel-hls-")
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.scratch = pathlib.Path(cls.temporary.name) / "scratch"
        library = pathlib.Path(cls.temporary.name) / "library"
        cls.scratch.mkdir()
        library.mkdir()
        cls.made = make_films(library)
        cls.media = copy_media(library)
        for path in library.iterdir():
            settle(path)
        cls.table = []
        if not cls.media:
            cls.table.append(f"NOT TESTED: there is no {MEDIA}; set CARREL_MEDIA_DIR. Only generated films were tried.")
        cls.addClassCleanup(lambda: print("\n" + "\n".join(cls.table), file=sys.stderr))
        cls.daemon = cls.enterClassContext(Daemon(library))
        cls.daemon.add_user("other", "another viewer's password")
        cls.first = cls.daemon.client()
        cls.second = cls.daemon.client("other", "another viewer's password")
        for client in (cls.first, cls.second):
            cls.addClassCleanup(client.close)
        cls.videos = {item["title"]: item for item in cls.daemon.wait_until_indexed(cls.first)}
        for client in (cls.first, cls.second):  # each gets its booth
            assert client.get(f"/stream/{cls.videos['Matroska']['id']}/master.m3u8").status == 200
        cls.booths = {one["Id"] for one in cls.daemon.containers()}
        assert len(cls.booths) == 2, cls.booths

    def fetch(self, path):
        """From both users' sandboxes; validators hold for both."""
        answer = self.first.get(path)
        self.assertEqual(answer.status, 200, (path, answer.body[:300]))
        again = self.second.get(path)
        self.assertEqual((again.status, again.body), (200, answer.body), path)
        self.assertEqual(again.headers["ETag"], answer.headers["ETag"], path)
        self.assertIn(answer.headers["Content-Type"], SEGMENT_TYPE[path.rsplit(".", 1)[1]], path)
        unchanged = self.second.get(path, If_None_Match=answer.headers["ETag"])
        self.assertEqual((unchanged.status, unchanged.body), (304, b""), path)
        middle = len(answer.body) // 2
        part = self.first.get(path, Range=f"bytes={middle}-", If_Range=answer.headers["ETag"])
        self.assertEqual((part.status, part.body), (206, answer.body[middle:]), path)
        return answer

    def check_playing(self, title, source):
        video = self.videos[title]
        self.assertTrue(video["playable"], (title, video["reason"]))
        root = f"/stream/{video['id']}/"
        tags, size, count = set(), 0, 0
        # The tracks as the film has them; other forms and I-frame playlists are tests/conformance's.
        playlists = [uri for uri in uris_of(self.fetch(root + "master.m3u8").body) if uri.count("/") == 1
                     and uri.endswith("/playlist.m3u8")]
        playlists = [uri for uri in playlists if video["tracks"][int(uri.split("/")[0])]["kind"] != "subtitle"]
        tracks = [int(uri.split("/")[0]) for uri in playlists]
        self.assertEqual(sorted(tracks), remuxed(video), title)
        if not tracks:
            return  # all of it is made anew: tests/conformance
        expected = hls_reader.copied_packets(source, sorted(tracks))
        shifts = []
        for track, uri in zip(tracks, playlists):
            playlist = urllib.parse.urljoin(root, uri)
            whole = self.scratch / "whole.mp4"
            with open(whole, "wb") as out:
                for part in uris_of(self.fetch(playlist).body):
                    answer = self.fetch(urllib.parse.urljoin(playlist, part))
                    self.assertNotIn(answer.headers["ETag"], tags, part)
                    tags.add(answer.headers["ETag"])
                    out.write(answer.body)
                    size += len(answer.body)
            tick, packets, _ = hls_reader.packets_of(whole)
            wanted = hls_reader.without_hidden_times(source, track, expected[track])
            self.assertEqual([(p.size, p.hash) for p in packets], [(p.size, p.hash) for p in wanted], (title, track))
            moved = [ours.seconds - theirs.seconds for ours, theirs in zip(packets, wanted) if theirs.seconds is not None]
            self.assertLessEqual(max(moved) - min(moved), tick, (title, track))
            shifts += [(min(moved), tick), (max(moved), tick)]
            count += len(packets)
        spread = max(at for at, _ in shifts) - min(at for at, _ in shifts)
        self.assertLessEqual(spread, 2 * max(tick for _, tick in shifts), f"{title}: tracks drifted apart")
        self.table.append(f"{title:52} plays    {len(tracks)} tracks {len(tags):4} parts {count:6} packets {size:10} bytes")

    def check_refused(self, title, reason):
        video = self.videos[title]
        self.assertFalse(video["playable"], title)
        self.assertIn(reason, video["reason"], title)
        answer = self.first.get(f"/stream/{video['id']}/master.m3u8")
        self.assertEqual((answer.status, answer.json()["detail"]), (409, video["reason"]), title)
        link = self.first.get(f"/api/v1/videos/{video['id']}/stream").json()
        self.assertEqual([link["stream_url"], link["chapters_url"], link["subtitles"]], [None, None, []], title)
        self.table.append(f"{title:52} refused  {video['reason']}")

    def assert_nothing_died(self):
        self.assertEqual({one["Id"] for one in self.daemon.containers()}, self.booths)
        for one in self.daemon.containers():
            self.assertEqual((one["State"]["Running"], one["RestartCount"]), (True, 0))
        for line in self.daemon.log():
            self.assertLessEqual(line.get("sandboxes", 0), 1, line)
            self.assertNotIn(line.get("level"), ("error", "critical"), line)

    def test_generated_films(self):
        for title, path in sorted(self.made.items()):
            with self.subTest(film=title):
                self.check_playing(title, path)
        self.assert_nothing_died()

    def test_films_with_odd_structure(self):
        for title, (path, name, (outcome, reason)) in sorted(self.media.items()):
            with self.subTest(film=name):
                if outcome in ("plays", "transcoded"):
                    # Streams are framed anew, which tests/conformance knows how to compare.
                    if path.suffix not in (".ts", ".flv"):
                        self.check_playing(title, path)
                else:
                    self.check_refused(title, reason)
                original = self.first.request("HEAD", f"/stream/{self.videos[title]['id']}/original")
                self.assertEqual(int(original.headers["Content-Length"]), path.stat().st_size)
        self.assert_nothing_died()

    def test_what_is_not_there(self):
        root = f"/stream/{self.videos['Matroska']['id']}/"
        for path in ("0/9999.m4s", "7/playlist.m3u8", "7/init.mp4", "4294967295/4294967295.m4s", "0/nothing", "x/init.mp4"):
            answer = self.first.get(root + path)
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (404, "application/problem+json"), path)
        stranger = Client(self.daemon)
        self.addCleanup(stranger.close)
        for path in ("master.m3u8", "0/playlist.m3u8", "0/init.mp4", "0/0.m4s"):
            self.assertEqual(stranger.get(root + path).status, 401, path)
        self.assert_nothing_died()


if __name__ == "__main__":
    unittest.main()
