"""MPEG-TS and DASH of a film against its source: the same packets at the same times, nothing to complain of."""

import os
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

import films
import hls_reader

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))
CLOCK = Fraction(1, 90_000)
GUESSED = 8  # frames of sound in the first PES packet, of which FFmpeg guesses all times but the first

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=13")
SOUND = ("-f", "lavfi", "-i", "sine=r=48000:d=13")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-bf", "3")
FILMS = {
    "h264_aac.mp4": (*PICTURE, *SOUND, *H264, "-c:a", "aac"),
    "late_sound.mkv": (*PICTURE, "-itsoffset", "0.7", *SOUND, *H264, "-c:a", "ac3"),
    "hevc_eac3.mp4": (*PICTURE, *SOUND, "-c:v", "libx265", "-x265-params", "keyint=50:log-level=none", "-tag:v", "hvc1",
                      "-c:a", "eac3"),
    "h264_mp3.mkv": (*PICTURE, *SOUND, *H264, "-c:a", "libmp3lame", "-ac", "2"),
    "sound_alone.m4a": (*SOUND, "-c:a", "aac"),
    "silent.mp4": (*PICTURE, *H264),
}


# Sound that MPEG-TS does not know is made into AAC.
MADE = {
    "h264_dts.mkv": (*PICTURE, *SOUND, *H264, "-c:a", "dca", "-strict", "-2", "-ac", "2"),
    "h264_truehd.mkv": (*PICTURE, *SOUND, *H264, "-c:a", "truehd", "-strict", "-2"),
    "late_pcm.mov": (*PICTURE, "-itsoffset", "0.7", *SOUND, *H264, "-c:a", "pcm_s16le"),
    "hevc_opus.mkv": (*PICTURE, *SOUND, "-c:v", "libx265", "-x265-params", "keyint=400:log-level=none", "-c:a", "libopus"),
    "alac_alone.m4a": (*SOUND, "-c:a", "alac"),
    "pcm_alone.wav": ("-f", "lavfi", "-i", "sine=r=44100:d=13"),
}
FRAME = 1024


def plain(packets):
    return [(packet.size, packet.hash) for packet in packets]


class Forms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="carrel-forms-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        for name, arguments in (FILMS | MADE).items():
            films.ffmpeg(*arguments, "-shortest", cls.folder / name)
            done = hls_reader.run(BUILD / "tests/media/package_film", cls.folder / name, cls.out(name))
            if done.returncode != 0:
                raise AssertionError(done.stderr)

    @classmethod
    def out(cls, name):
        return cls.folder / "out" / name

    def streams(self, name):
        return range(len(hls_reader.probe(self.folder / name, "stream=codec_name")["streams"]))

    def test_ts_has_the_packets_of_the_source_at_its_times(self):
        for name in FILMS:
            with self.subTest(film=name):
                streams = self.streams(name)
                expected = hls_reader.reframed_packets(self.folder / name, streams, self.folder)
                found = hls_reader.reframed_packets(self.out(name) / "ts.m3u8", streams, self.folder)
                shifts = []
                for stream in streams:
                    self.assertEqual(plain(found[stream]), plain(expected[stream]), f"stream {stream}")
                    shifts += [ours.seconds - theirs.seconds for ours, theirs in
                               list(zip(found[stream], expected[stream]))[GUESSED:]]
                self.assertLess(max(shifts) - min(shifts), Fraction(1, 1000) + CLOCK)

    def test_sound_that_ts_does_not_know_is_aac_without_a_gap(self):
        for name in MADE:
            with self.subTest(film=name):
                found = hls_reader.probe(self.out(name) / "ts.m3u8", "stream=codec_name,profile,sample_rate,channels")["streams"]
                sound = [one for one in found if one["codec_name"] == "aac"]
                self.assertEqual([one["profile"] for one in sound], ["LC"], found)
                frame = Fraction(FRAME, int(sound[0]["sample_rate"]))
                times = [packet.seconds for packet in hls_reader.copied_packets(self.out(name) / "ts.m3u8", [found.index(sound[0])])
                         [found.index(sound[0])]]
                steps = [after - before for before, after in zip(times, times[1:])]
                # FFmpeg adds up the times of frames that begin no PES packet.
                self.assertLess(max(abs(step - frame) for step in steps[GUESSED:]), 2 * CLOCK, name)
                self.assertLess(abs(len(times) * frame - 13), 2 * frame)

    def test_made_sound_is_what_the_fragmented_form_has(self):
        """Each frame that was not encoded behind a cut of either form is the same."""
        for name in MADE:
            with self.subTest(film=name):
                number = len(self.streams(name)) - 1
                ours = hls_reader.reframed_packets(self.out(name) / "ts.m3u8", self.streams(name), self.folder)[number]
                theirs = hls_reader.copied_packets(self.out(name) / f"{number}/aac2/playlist.m3u8", [0])[0]
                self.assertEqual(len(ours), len(theirs))
                self.assertGreater(len({one.hash for one in ours} & {one.hash for one in theirs}), len(theirs) / 3)

    def test_ts_decodes_from_end_to_end_and_its_counters_go_on(self):
        for name in FILMS | MADE:
            with self.subTest(film=name):
                self.assertEqual(hls_reader.decode_complaints(self.out(name) / "ts.m3u8"), "")
                said = hls_reader.run("ffmpeg", "-nostdin", "-v", "debug", "-i", self.out(name) / "ts.m3u8", "-c", "copy",
                                      "-f", "null", "-").stderr
                self.assertIn(".ts' for reading", said)
                self.assertNotIn("Continuity check failed", said)

    def test_each_ts_segment_is_as_long_as_its_playlist_says(self):
        playlists = [path for name in FILMS | MADE for path in self.out(name).glob("*/ts/playlist.m3u8")]
        self.assertGreater(len(playlists), len(FILMS))
        for playlist in playlists:
            segments = hls_reader.media_playlist(playlist)
            starts = []
            for _, uri in segments:
                packets = hls_reader.probe(playlist.parent / uri, "packet=pts,stream_index")["packets"]
                starts.append(min(int(p["pts"]) for p in packets if p["stream_index"] == 0) * CLOCK)
            for (extinf, uri), start, following in zip(segments, starts, starts[1:]):
                self.assertLess(abs(following - start - Fraction(extinf)), Fraction(1, 20), f"{playlist} {uri}")

    def test_dash_has_the_packets_of_the_source(self):
        for name in ("h264_aac.mp4", "sound_alone.m4a", "silent.mp4"):
            with self.subTest(film=name):
                streams = self.streams(name)
                expected = hls_reader.copied_packets(self.folder / name, streams)
                found = hls_reader.copied_packets(self.out(name) / "manifest.mpd", streams)
                for stream in streams:
                    # FFmpeg ends where the first of the manifest's streams does.
                    self.assertGreaterEqual(len(found[stream]), len(expected[stream]) - 2)
                    self.assertEqual(plain(found[stream]), plain(expected[stream])[:len(found[stream])], f"stream {stream}")
                self.assertEqual(hls_reader.decode_complaints(self.out(name) / "manifest.mpd"), "")


if __name__ == "__main__":
    unittest.main()
