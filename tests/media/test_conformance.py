"""Every segment of every film against ffprobe and `ffmpeg -c copy`: durations, packets, times, decoding."""

import filecmp
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

import films
import hls_reader

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))
SOURCE = Path(os.environ.get("CARREL_SOURCE_DIR", Path(__file__).resolve().parents[2]))
MEDIA = Path(os.environ.get("CARREL_MEDIA_DIR", SOURCE.parent / "shared" / "media"))

# Films with odd structure, where they lie beside the checkout: which play, and why the others do not.
MEDIA_VERDICTS = {
    "bbb_2500ms.ts": "MPEG-TS is not packaged",
    "bbb_642x642_768kbps_30fps_vp9.webm": None,
    "bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4": None,
    "bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4": None,
    "bbb_960x540_60fps_vp8.webm": "The audio is Vorbis",
    "bt601.mov": None,
    "h265_with_metadata_track.mp4": None,
    "long_1080p_av1.mp4": None,
    "portrait_4k60.mp4": None,
    "sample.avi": "AVI is not packaged",
    "sample.flv": "FLV is not packaged",
    "sample.mkv": "The audio is AC-3",
    "sample.mp4": None,
    "sample_ac3.mp4": "The audio is AC-3",
    "sample_ac3_aac.mp4": None,
    "sample_dts_hd_ma.mp4": "The audio is DTS",
    "sample_eac3.mp4": "The audio is E-AC-3",
    "sample_edit_list.mp4": None,
    "sample_fragmented.mp4": None,
    "sample_h264.ts": "MPEG-TS is not packaged",
    "sample_mdat_too_long.mp4": None,
    "sample_missing_stsd.mp4": "the file is damaged",
    "sample_opus.mp4": None,
    "sample_sef_super_slow_motion.mp4": None,
    "sample_with_ass_subtitles.mkv": "The audio is AC-3",
    "sample_with_chapters.mkv": None,
    "sample_with_chapters.mp4": None,
    "sample_with_dts.mkv": "The audio is DTS",
    "sample_with_multiple_key_frames.mkv": "The audio is AC-3",
    "sample_with_srt.mkv": "The audio is AC-3",
    "sample_without_stss.mp4": None,
}


def package(film, directory):
    done = hls_reader.run(BUILD / "tests" / "media" / "package_film", film, directory)
    if done.returncode != 0:
        raise AssertionError(f"{film.name}: exit code {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="carrel-media-")
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = Path(cls.temporary.name)
        cls.table = []
        cls.addClassCleanup(lambda: print("\n" + "\n".join(cls.table)))

    def check_segments(self, directory, tick, independent):
        """Each segment on its own: the playlist's duration, and for a picture that it decodes without the others."""
        init = (directory / "init.mp4").read_bytes()
        single = directory / "single.mp4"
        for extinf, uri in hls_reader.media_playlist(directory / "playlist.m3u8"):
            single.write_bytes(init + (directory / uri).read_bytes())
            found_tick, _, ticks = hls_reader.packets_of(single)
            self.assertEqual(found_tick, tick)
            self.assertGreater(extinf, 0)
            self.assertLessEqual(abs(ticks * tick - extinf), tick, f"{directory}/{uri}")
            if independent:
                self.assertEqual(hls_reader.decode_complaints(single), "", f"{directory}/{uri} alone")
        single.unlink()

    def check_track(self, directory, expected, independent):
        """All segments together: exactly the packets of the source. Returns the shift and the tick."""
        uris = [uri for _, uri in hls_reader.media_playlist(directory / "playlist.m3u8")]
        whole = directory / "whole.mp4"
        whole.write_bytes(b"".join((directory / name).read_bytes() for name in ["init.mp4", *uris]))
        tick, packets, _ = hls_reader.packets_of(whole)
        whole.unlink()
        self.assertEqual([(p.size, p.hash) for p in packets], [(p.size, p.hash) for p in expected], directory)
        shifts = [ours.seconds - theirs.seconds for ours, theirs in zip(packets, expected)]
        self.assertLessEqual(max(shifts) - min(shifts), tick, f"{directory}: the shift is not constant")
        self.check_segments(directory, tick, independent)
        return min(shifts), max(shifts), tick

    def check_playing(self, film):
        directory = self.folder / "out" / film.name
        verdict = package(film, directory)
        self.assertTrue(verdict["playable"], f"{film.name}: {verdict['reason']}")
        self.assertEqual(package(film, self.folder / "again" / film.name), verdict)
        self.assert_same_bytes(directory, self.folder / "again" / film.name)

        streams = [i for i, track in enumerate(verdict["tracks"]) if track["playable"]]
        expected = hls_reader.copied_packets(film, streams)
        master = (directory / "master.m3u8").read_text()
        complaints = hls_reader.decode_complaints(directory / "master.m3u8")
        clean = complaints == ""
        if not clean:  # then the source is to blame, or we are
            self.assertNotEqual(hls_reader.decode_complaints(film), "", f"{film.name}: {complaints}")
        shifts = []
        for stream in streams:
            video = verdict["tracks"][stream]["kind"] == 0
            short = verdict["duration_us"] < 60_000_000
            independent = clean and short and video and "#EXT-X-INDEPENDENT-SEGMENTS" in master
            shifts.append(self.check_track(directory / str(stream), expected[stream], independent))
        least = min(low for low, _, _ in shifts)
        most = max(high for _, high, _ in shifts)
        self.assertLessEqual(most - least, max(2 * tick for _, _, tick in shifts), f"{film.name}: tracks drifted apart")
        codecs = "+".join(verdict["tracks"][i]["codec"] for i in streams)
        count = sum(len(expected[i]) for i in streams)
        note = "" if clean else " (the source itself does not decode cleanly)"
        self.table.append(f"{film.name:55} plays    {codecs:40} {count:6} packets{note}")

    def assert_same_bytes(self, left, right):
        names = sorted(str(p.relative_to(left)) for p in left.rglob("*") if p.is_file())
        self.assertEqual(names, sorted(str(p.relative_to(right)) for p in right.rglob("*") if p.is_file()))
        _, different, failed = filecmp.cmpfiles(left, right, names, shallow=False)
        self.assertEqual((different, failed), ([], []))

    def check_refused(self, film, reason):
        verdict = package(film, self.folder / "out" / film.name)
        self.assertTrue(verdict["readable"])
        self.assertFalse(verdict["playable"])
        self.assertIn(reason, verdict["reason"])
        self.table.append(f"{film.name:55} refused  {verdict['reason']}")

    def test_made_films_play_exactly(self):
        folder = self.folder / "films"
        folder.mkdir()
        for film in films.make_all(folder):
            with self.subTest(film=film.name):
                self.check_playing(film)

    def test_refused_films_say_why(self):
        folder = self.folder / "refused"
        folder.mkdir()
        for film, reason in films.make_refused(folder).items():
            with self.subTest(film=film.name):
                self.check_refused(film, reason)

    def test_damaged_files_end_in_a_verdict(self):
        whole = self.folder / "whole.mp4"
        films.ffmpeg(*films.source(seconds=3), *films.X264, *films.AAC, "-movflags", "+faststart", whole)
        content = whole.read_bytes()
        cut, torn, text = self.folder / "cut.mp4", self.folder / "torn.mp4", self.folder / "text.mkv"
        cut.write_bytes(content[:len(content) * 2 // 3])
        torn.write_bytes(content[:700] + bytes(255 - b for b in content[700:1400]) + content[1400:])
        text.write_bytes(b"This is not a film.\n" * 1000)
        empty = self.folder / "empty.mp4"
        empty.write_bytes(b"")
        for film in (cut, torn, text, empty):
            with self.subTest(film=film.name):
                verdict = package(film, self.folder / "out" / film.name)
                self.assertTrue(verdict["playable"] or verdict["reason"])
                self.assertEqual(bool(verdict["container"]), bool(verdict["readable"]))
        self.assertFalse(package(text, self.folder / "out" / "text")["readable"])
        self.assertFalse(package(empty, self.folder / "out" / "empty")["readable"])

    def test_shared_media(self):
        present = {name: reason for name, reason in MEDIA_VERDICTS.items() if (MEDIA / name).exists()}
        if len(present) < len(MEDIA_VERDICTS):
            print(f"\nNOT TESTED: {len(MEDIA_VERDICTS) - len(present)} of the films in {MEDIA}, which are not there; set "
                  "CARREL_MEDIA_DIR.", file=sys.stderr)
        for name, reason in present.items():
            with self.subTest(film=name):
                if reason is None:
                    self.check_playing(MEDIA / name)
                else:
                    self.check_refused(MEDIA / name, reason)


if __name__ == "__main__":
    unittest.main()
