"""Rare structures: what is said of them, and that damage to them ends in a verdict."""

import json
import os
import random
import sys
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "integration"))

import damage  # noqa: E402
import film_check  # noqa: E402
import films  # noqa: E402
import hls_reader  # noqa: E402
import mp4_writer  # noqa: E402
import odd_films  # noqa: E402
import paff_writer  # noqa: E402

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))
SECONDS = 20  # for one film; each takes a fraction of one


class Odd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-odd-")))
        cls.made = list(odd_films.make_all(cls.folder) | odd_films.make_late_key(cls.folder))

    def package(self, program, name):
        done = hls_reader.run("timeout", SECONDS, BUILD / "tests/media" / program, self.folder / name, self.folder / "out" / name)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if program == "package_film" else None

    def findings(self, name):
        return "\n".join(self.package("package_film", name)["findings"])

    def test_cues_that_are_missing_or_wrong_are_told(self):
        self.assertIn("no index for seeking", self.findings("no_cues.mkv"))
        self.assertIn("index for seeking (Cues) is wrong", self.findings("wrong_cues.mkv"))
        self.assertEqual(self.findings("stripped_headers.mkv"), "")

    def test_cuts_at_which_decoding_is_not_clean_are_told(self):
        """Where the clean ones are too far apart: the only one is the first picture."""
        for seconds, told in ((30, True), (20, False)):
            with self.subTest(seconds=seconds):
                film = self.folder / f"open_{seconds}.mp4"
                films.ffmpeg(*films.source(seconds=seconds), *films.OPEN_GOPS, *films.AAC, film)
                self.assertEqual("has few pictures at which a player can begin without errors" in self.findings(film.name), told)
                out = self.folder / "out" / film.name
                self.assertEqual("#EXT-X-INDEPENDENT-SEGMENTS" in (out / "master.m3u8").read_text(), not told)
                self.assertEqual(len(hls_reader.media_playlist(out / "0/playlist.m3u8")) > 1, told)

    def test_sounds_that_begin_late_are_whole(self):
        made, sounds = odd_films.make_late_sound(self.folder)
        for name, film in made.items():
            with self.subTest(film=name):
                verdict = self.package("package_film", film.name)
                self.assertEqual(len(verdict["tracks"]), 3)
                self.assertFalse([text for text in verdict["findings"] if "mended" in text or "left out" in text])
                for track, sound in enumerate(sounds, 1):
                    directory = self.folder / "out" / film.name / str(track)
                    whole = self.folder / f"{name}_{track}.mp4"
                    segments = hls_reader.media_playlist(directory / "playlist.m3u8")
                    whole.write_bytes(b"".join((directory / uri).read_bytes() for uri in ["init.mp4", *(uri for _, uri in segments)]))
                    ours, theirs = (hls_reader.copied_packets(path, [0])[0] for path in (whole, sound))
                    self.assertEqual([one.hash for one in ours], [one.hash for one in theirs])
                    begins = hls_reader.probe(whole, "stream=start_time")["streams"][0]["start_time"]
                    self.assertEqual(round(float(begins)), odd_films.LATE)
                    shifts = [mine.seconds - source.seconds for mine, source in zip(ours, theirs)]
                    self.assertLess(max(shifts) - min(shifts), Fraction(1, 1000))

    def test_pictures_before_the_first_that_can_be_shown_are_told(self):
        for codec in ("h264", "hevc"):
            with self.subTest(codec=codec):
                verdict = self.package("package_film", f"late_key_{codec}.ts")
                self.assertTrue(verdict["playable"], verdict["reason"])
                self.assertEqual((verdict["tracks"][0]["width"], verdict["tracks"][0]["height"]), (192, 108))
                self.assertEqual(verdict["findings"], ["The picture (track 0) begins in the middle of a group of pictures; its first "
                                                       "8 s, which cannot be shown, are left out."])

    def test_a_picture_whose_parameters_never_come_is_told(self):
        film = self.folder / "no_parameters.ts"
        content = (self.folder / "late_key_h264.ts").read_bytes()
        film.write_bytes(content[:len(content) // 3 // films.TS_PACKET * films.TS_PACKET])
        self.assertEqual(self.package("package_film", film.name)["reason"],
                         "The video cannot be described: its parameters are nowhere in the film.")

    def written(self, name, track):
        """The packets of a track in what was packaged."""
        directory, whole = self.folder / "out" / name / str(track), self.folder / f"{name}.{track}.mp4"
        segments = hls_reader.media_playlist(directory / "playlist.m3u8")
        whole.write_bytes(b"".join((directory / uri).read_bytes() for uri in ["init.mp4", *(uri for _, uri in segments)]))
        return hls_reader.packets_of(whole)[1]

    def test_recordings_joined_end_to_end_follow_each_other(self):
        flv = (*films.X264, "-bf", 3, "-g", 50, *films.AAC)
        vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", 8, "-g", 40, "-c:a", "libopus")
        for name, *arguments in (("part.mkv", *flv), ("part.flv", *flv), ("part.webm", *vp9), ("live.webm", *vp9, "-live", 1)):
            with self.subTest(film=name):
                part, film = self.folder / name, self.folder / f"joined_{name}"
                films.ffmpeg(*films.source(seconds=5), *arguments, part)
                film.write_bytes(3 * part.read_bytes())
                self.assertTrue(self.package("package_film", name)["playable"])
                self.assertIn("The file is 3 recordings joined end to end", self.findings(film.name))
                for track in (0, 1):
                    once, thrice = self.written(name, track), self.written(film.name, track)
                    self.assertEqual([one.hash for one in thrice], 3 * [one.hash for one in once])
                    for number in range(3):
                        own = thrice[number * len(once):(number + 1) * len(once)]
                        shifts = [mine.seconds - theirs.seconds for mine, theirs in zip(own, once)]
                        self.assertLess(max(shifts) - min(shifts), Fraction(1, 500))
                        self.assertLess(abs(shifts[0] - 5 * number), Fraction(1, 5))

    def test_he_aac_that_only_its_frames_tell_of_is_told(self):
        for name in ("implicit_he.aac", "implicit_he.mp4", "implicit_he.mkv", "implicit_he.ts"):
            with self.subTest(film=name):
                self.assertEqual(self.package("package_film", name)["tracks"][-1]["codec"], "mp4a.40.5")

    def test_a_sound_that_no_decoder_takes_is_left_out_and_the_picture_plays(self):
        whole, film = self.folder / "vorbis.mkv", self.folder / "damaged_vorbis.mkv"
        films.ffmpeg(*films.source(seconds=4), *films.X264, "-g", 25, "-c:a", "libvorbis", whole)
        self.assertEqual(self.findings(whole.name), "")
        content = whole.read_bytes()
        begin = content.index(b"\x05vorbis") + len(b"\x05vorbis")
        film.write_bytes(content[:begin] + bytes(200) + content[begin + 200:])
        self.assertIn("The sound (track 1) is left out: it is Vorbis, and its parameters are damaged.", self.findings(film.name))
        folder = self.folder / "out" / film.name / "0/ts"
        segments = hls_reader.media_playlist(folder / "playlist.m3u8")
        self.assertGreater(len(segments), 1)
        (self.folder / "damaged_vorbis.ts").write_bytes(b"".join((folder / uri).read_bytes() for _, uri in segments))
        self.assertEqual(len(self.decoded(self.folder / "damaged_vorbis.ts")), 100)

    def test_sound_whose_second_description_is_another_is_told(self):
        parts = []
        for hertz, channels in ((48000, 2), (24000, 1)):
            part = self.folder / f"sound_{hertz}.mp4"
            films.ffmpeg(*films.source(seconds=2, hertz=hertz), "-ac", channels, *films.X264, *films.AAC, part)
            parts.append(mp4_writer.read(part))
        for sample in parts[1][1].samples:
            sample.dts, sample.pts, sample.duration = 2 * sample.dts, 2 * sample.pts, 2 * sample.duration
        told = "changes its channels or its rate in the middle"
        for name, sounds in (("changed.mp4", [parts[0][1], parts[1][1]]), ("same.mp4", [parts[0][1], parts[0][1]])):
            with self.subTest(film=name):
                mp4_writer.write(self.folder / name, [parts[0][0], mp4_writer.join(sounds)])
                self.assertEqual(told in self.findings(name), name == "changed.mp4")

    def test_a_codec_that_is_not_known_is_not_called_damage_alone(self):
        known, film = self.folder / "h264.flv", self.folder / "unknown.flv"
        films.ffmpeg(*films.source(seconds=2), *films.X264, *films.AAC, "-ar", 44100, known)
        content, at = bytearray(known.read_bytes()), 13
        while at < len(content):
            if content[at] == 9:  # a picture: its first byte ends with the codec
                content[at + 11] = content[at + 11] & 0xf0 | 0x0d
            at += 11 + int.from_bytes(content[at + 1:at + 4], "big") + 4
        film.write_bytes(content)
        self.assertEqual(self.package("package_film", film.name)["reason"],
                         "The video is of a codec that is not known here, or its description is damaged.")

    def test_sound_framed_as_latm_plays_by_itself(self):
        film = self.folder / "sound.latm"
        films.ffmpeg(*films.sound(seconds=4), *films.AAC, "-f", "latm", film)
        verdict = self.package("package_film", film.name)
        self.assertTrue(verdict["playable"], verdict["reason"])
        self.assertEqual((verdict["findings"], [track["use"] for track in verdict["tracks"]]), ([], [film_check.TRANSCODE]))

    def test_tracks_that_lie_far_apart_are_told(self):
        film = self.folder / "apart.mkv"
        source = self.folder / "no_cues.mkv"
        films.ffmpeg("-i", source, "-itsoffset", 12.5, "-i", source, "-map", "0:v", "-map", "1:a", "-c", "copy", film)
        said = self.findings(film.name)
        self.assertIn("The sound (track 1) begins 12 s after the picture.", said)
        self.assertIn("The sound (track 1) ends 12 s after the picture.", said)

    def test_a_picture_that_is_decoded_long_before_it_is_shown_is_not_apart(self):
        film = self.folder / "slow.mp4"
        films.ffmpeg(*films.source(seconds=200, rate="1/10"), *films.X264, "-bf", 3, "-x264-params", "b-adapt=0:scenecut=0", *films.AAC, film)
        self.assertEqual(self.findings(film.name), "")
        self.assertTrue(any(float(packet["pts_time"]) - float(packet["dts_time"]) > 10
                            for packet in hls_reader.probe(film, "packet=pts_time,dts_time")["packets"]))

    def test_hidden_chapters_are_not_shown(self):
        self.package("package_subtitles", "stripped_headers.mkv")
        chapters = json.loads((self.folder / "out/stripped_headers.mkv/chapters.json").read_text())["chapters"]
        self.assertEqual([chapter["title"] for chapter in chapters],
                         [title for title, _, hidden in odd_films.CHAPTERS if not hidden])

    def decoded(self, path):
        """The content of each picture."""
        done = hls_reader.run("ffmpeg", "-v", "warning", "-nostdin", "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f",
                              "framehash", "-hash", "md5", "-")
        self.assertEqual(done.stderr, "")
        return [packet.hash for packet in hls_reader.read_framehash(done.stdout, [0])[0]]

    def test_two_fields_are_one_sample(self):
        stream, film = self.folder / "paff.h264", self.folder / "paff.ts"
        paff_writer.write(stream, frames=100, every=25)
        films.ffmpeg("-v", "fatal", "-r", 50, "-i", stream, *films.sound(seconds=2), "-c:v", "copy", *films.AAC, film)
        self.assertEqual(self.package("package_film", film.name)["findings"], [])
        directory = self.folder / "out/paff.ts/0"
        segments = hls_reader.media_playlist(directory / "playlist.m3u8")
        whole = self.folder / "paff.mp4"
        whole.write_bytes(b"".join((directory / name).read_bytes() for name in ["init.mp4", *(uri for _, uri in segments)]))
        _, packets, _ = hls_reader.packets_of(whole)
        self.assertEqual(len(packets), 100)  # and the stream has 200 units
        self.assertGreater(len(segments), 1)
        self.assertEqual(self.decoded(whole), self.decoded(stream))

    def test_of_packed_pictures_each_chunk_is_shown_in_its_turn(self):
        film, chunks = odd_films.make_packed(self.folder)
        self.assertEqual(len(self.decoded(film)), len(chunks))
        verdict = self.package("package_film", film.name)
        self.assertTrue(verdict["convertible"])
        directory = self.folder / "out" / film.name / "0"
        rows = [tuple(map(int, line.split())) for line in (directory / "samples.tsv").read_text().splitlines()]
        tick = verdict["tracks"][0]["timescale"] // 25
        self.assertEqual(rows, [(number * tick, len(chunk)) for number, chunk in enumerate(chunks)])
        self.assertEqual((directory / "samples").read_bytes(), b"".join(chunks))

    def test_damage_ends_in_a_verdict(self):
        source = random.Random(7)
        for film in self.made:
            content = film.read_bytes()
            damaged = [content[:len(content) * part // 7] for part in (1, 3, 6)]
            damaged += [damage.flips(content, source, where) for where in ("head", "all", "tail", "head")]
            for number, some in enumerate(damaged):
                with self.subTest(film=film.name, number=number):
                    place = self.folder / f"damaged{film.suffix}"
                    place.write_bytes(some)
                    verdict = self.package("package_film", place.name)
                    self.assertTrue(verdict["playable"] or verdict["reason"])


if __name__ == "__main__":
    unittest.main()
