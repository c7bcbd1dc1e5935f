"""Subtitles and chapters, of films and of files beside them, against what ffprobe reads of the source."""

import json
import os
import re
import tempfile
import unittest
import zlib
from fractions import Fraction
from pathlib import Path

import films
import hls_reader
import mkv_writer
import mp4_writer
import pgs_writer

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))
SOURCE = Path(os.environ.get("CARREL_SOURCE_DIR", Path(__file__).resolve().parents[2]))
MEDIA = Path(os.environ.get("CARREL_MEDIA_DIR", SOURCE.parent / "shared" / "media"))
CUES, PICTURES = 4, 5
MILLISECOND = Fraction(1, 1000)

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Hello</i>

2
00:00:29,000 --> 00:00:31,000
over a cut & more

3
00:00:40,040 --> 00:00:41,960
last
"""
ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, \
ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\i1}Hello{\\i0}, you
Dialogue: 1,0:00:29.00,0:00:31.00,Default,Bob,0,0,0,,{\\an8}top\\Ntwo
"""


def package(film, directory, *sidecars):
    done = hls_reader.run(BUILD / "tests" / "media" / "package_subtitles", film, directory, *sidecars)
    if done.returncode != 0:
        raise AssertionError(f"{film}: exit code {done.returncode}: {done.stderr}")
    found = json.loads(done.stdout)
    found["origin"] = Fraction(found["origin_ticks"], found["origin_timescale"])
    return found


def source_packets(path, stream):
    """(start, end or None) of each packet that is not empty, in seconds of the source."""
    done = hls_reader.run("ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
                          "packet=pts,duration,size:stream=time_base", "-of", "json", path)
    found = json.loads(done.stdout)
    tick = Fraction(found["streams"][0]["time_base"])
    return [(int(p["pts"]) * tick, (int(p["pts"]) + int(p["duration"])) * tick if "duration" in p else None, int(p["size"]))
            for p in found["packets"]]


def seconds(text):
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(rest)


def cues(path):
    """(start, end, text) of each cue of a WebVTT file."""
    text = path.read_text()
    if not text.startswith("WEBVTT\n"):
        raise AssertionError(f"{path} is no WebVTT")
    found = []
    for block in text.split("\n\n")[1:]:
        times, _, payload = block.partition("\n")
        start, _, end = times.split(" ")[:3]
        found.append((seconds(start), seconds(end), payload.rstrip("\n")))
    return found


class Subtitles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="carrel-subtitles-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        cls.plain = cls.folder / "plain.mp4"
        films.ffmpeg(*films.source(seconds=45), *films.PYRAMID, *films.AAC, cls.plain)
        for name, text in (("a.srt", SRT), ("a.ass", ASS)):
            (cls.folder / name).write_text(text)
        films.ffmpeg("-i", cls.folder / "a.srt", cls.folder / "a.vtt")
        (cls.folder / "a.sup").write_bytes(pgs_writer.sup_file(pgs_writer.display_sets()))

    def film(self, name, *arguments):
        path = self.folder / name
        films.ffmpeg(*arguments, path)
        return path

    def check_cues(self, film, stream=2):
        """Times within a millisecond of the source's packets, and each segment has what plays in it."""
        directory = self.folder / "out" / film.name
        found = package(film, directory)
        track = found["tracks"][stream]
        self.assertEqual((track["kind"], track["use"]), (2, CUES), film.name)
        expected = [(max(start - found["origin"], 0), end - found["origin"]) for start, end, size in source_packets(film, stream)
                    if size > 2 and end is not None]
        whole = cues(directory / str(stream) / "subtitles.vtt")
        self.assertEqual(len(whole), len(expected), film.name)
        for (start, end, text), (source_start, source_end) in zip(whole, expected):
            self.assertLessEqual(abs(start - source_start), MILLISECOND, f"{film.name}: {text}")
            self.assertLessEqual(abs(end - source_end), MILLISECOND, f"{film.name}: {text}")
        self.check_segments(directory / str(stream), whole, Fraction(found["duration_us"], 1_000_000))
        read = hls_reader.run("ffmpeg", "-v", "warning", "-nostdin", "-i", directory / str(stream) / "subtitles.vtt", "-f",
                              "webvtt", "-")
        self.assertEqual((read.returncode, read.stderr), (0, ""))
        self.assertEqual(read.stdout.count("-->"), len(whole))
        return found, directory / str(stream), whole

    def check_segments(self, directory, whole, duration):
        playlist = hls_reader.media_playlist(directory / "playlist.m3u8")
        # The playlist begins with the picture, which may be a little later than the sound.
        start, seen = duration - sum(extinf for extinf, _ in playlist), set()
        self.assertGreaterEqual(start, -MILLISECOND)
        self.assertLess(start, Fraction(1, 4))
        for number, (extinf, uri) in enumerate(playlist):
            self.assertIn("X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n", (directory / uri).read_text())
            last = number + 1 == len(playlist)
            end = start + extinf
            inside = [cue for cue in whole if (number == 0 or cue[1] > start) and (last or cue[0] < end)]
            self.assertEqual(cues(directory / uri), inside, f"{directory}/{uri}")
            seen.update(inside)
            start = end
        self.assertEqual(seen, set(whole))

    def test_text_inside_of_films(self):
        srt, ass, vtt = self.folder / "a.srt", self.folder / "a.ass", self.folder / "a.vtt"
        both = ["-map", "0", "-map", "1", "-c", "copy"]
        language = ["-metadata:s:s:0", "language=ger", "-disposition:s:0", "forced+hearing_impaired"]
        made = [self.film("srt.mkv", "-i", self.plain, "-i", srt, *both, *language),
                self.film("ass.mkv", "-i", self.plain, "-i", ass, *both),
                self.film("vtt.mkv", "-i", self.plain, "-i", vtt, *both),
                self.film("mov_text.mp4", "-i", self.plain, "-i", srt, *both, "-c:s", "mov_text"),
                self.film("mov_text.mov", "-i", self.plain, "-i", srt, *both, "-c:s", "mov_text"),
                self.film("shifted.mkv", "-itsoffset", 3.3, "-i", self.plain, "-itsoffset", 3.3, "-i", srt, *both, "-copyts"),
                self.film("cut.mp4", "-ss", 1.3, "-i", self.folder / "mov_text.mp4", "-map", "0", "-c", "copy")]
        webm = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", 8, "-c:a", "libopus", "-c:s", "webvtt"]
        made.append(self.film("vtt.webm", "-i", self.plain, "-i", vtt, "-map", "0", "-map", "1", *webm))
        for film in made:
            with self.subTest(film=film.name):
                found, _, whole = self.check_cues(film)
                self.assertTrue(whole)
                text = " ".join(cue[2] for cue in whole)
                self.assertIn("two" if film.name == "ass.mkv" else "over a cut &amp; more", text)
                self.assertIn("<i>Hello</i>", text) if film.name != "cut.mp4" else None
                if film.name == "srt.mkv":
                    track = found["tracks"][2]
                    self.assertEqual((track["language"], track["forced"], track["hearing_impaired"], track["external"]),
                                     ("ger", 1, 1, 0))

    def test_ass_document_is_the_script_again(self):
        film = self.film("document.mkv", "-i", self.plain, "-i", self.folder / "a.ass", "-map", "0", "-map", "1", "-c", "copy")
        found, directory, _ = self.check_cues(film)
        self.assertEqual(found["tracks"][2]["document"], "ass")
        script = directory / "subtitles.ass"
        (directory / "document").rename(script)
        self.assertEqual(self.texts(script), self.texts(film, 2))
        for (start, end, _), (source_start, source_end, _) in zip(source_packets(script, 0), source_packets(film, 2)):
            # ASS counts in hundredths.
            self.assertLessEqual(abs(start - (source_start - found["origin"])), Fraction(1, 200))
            self.assertLessEqual(abs(end - (source_end - found["origin"])), Fraction(1, 200))

    def texts(self, path, stream=0):
        return [(p.size, p.hash) for p in hls_reader.copied_packets(path, [stream])[stream]]

    def test_pgs_is_a_sup_file_again(self):
        sup = self.folder / "a.sup"
        for name, extra in (("pgs.mkv", []), ("pgs.m2ts", ["-mpegts_m2ts_mode", 1])):
            with self.subTest(film=name):
                film = self.film(name, "-i", self.plain, "-i", sup, "-map", "0", "-map", "1", "-c", "copy", *extra)
                directory = self.folder / "out" / name
                found = package(film, directory)
                self.assertEqual((found["tracks"][2]["use"], found["tracks"][2]["document"]), (PICTURES, "sup"))
                again = directory / "2" / "subtitles.sup"
                (directory / "2" / "document").rename(again)
                self.assertEqual(self.texts(again), self.texts(sup))
                times = [start for start, _, _ in source_packets(again, 0)]
                expected = [start - found["origin"] for start, _, _ in source_packets(film, 2)]
                for ours, theirs in zip(sorted(set(times)), sorted(set(expected)), strict=True):
                    self.assertLessEqual(abs(ours - theirs), MILLISECOND)

    def test_compressed_subtitles_are_unpacked(self):
        """As mkvmerge stores them; what cannot be unpacked is left out, and that is said."""
        texts = [(1000, 1500, b"<i>Hello</i>"), (29000, 2000, b"over a cut & more")]
        pictures = [(int(time * 1000), 1000, segments) for time, segments in pgs_writer.display_sets()]
        film = self.folder / "compressed.mkv"
        mkv_writer.write(film, mp4_writer.read(self.plain),
                         [mp4_writer.configuration(self.plain, kind) for kind in (b"avcC", b"esds")],
                         subtitles=[mkv_writer.Subtitles("S_TEXT/UTF8", texts, "zlib"),
                                    mkv_writer.Subtitles("S_HDMV/PGS", pictures, "zlib"),
                                    mkv_writer.Subtitles("S_TEXT/UTF8", texts, "bzlib")])
        found, directory, whole = self.check_cues(film)
        self.assertEqual([text for _, _, text in whole], ["<i>Hello</i>", "over a cut &amp; more"])
        self.assertEqual((found["tracks"][3]["use"], found["tracks"][3]["document"]), (PICTURES, "sup"))
        again = directory.parent / "3" / "subtitles.sup"
        (directory.parent / "3" / "document").rename(again)
        self.assertEqual(self.texts(again), self.texts(self.folder / "a.sup"))
        self.assertEqual((found["tracks"][4]["use"], found["findings"]), (0, 1))

    def test_webvtt_in_mp4(self):
        """ISO/IEC 14496-30, which ffmpeg does not write; other text tracks are left out, and that is said."""
        def cue(text, settings=""):
            parts = [mp4_writer.box("sttg", settings.encode())] if settings else []
            return mp4_writer.box("vttc", *parts, mp4_writer.box("payl", text.encode()))

        nothing, long = mp4_writer.box("vtte"), cue("<i>Grüße</i> & more", "line:0")
        contents = [(0, nothing), (1000, long), (2500, long + cue("over it")), (4000, long), (29000, nothing), (44000, cue("last")),
                    (44500, nothing)]
        ends = [*(time for time, _ in contents[1:]), 45000]
        entry = bytes(6) + b"\0\1"

        def track(kind):
            samples = [mp4_writer.Sample(data, time, time, True, end - time) for (time, data), end in zip(contents, ends)]
            return mp4_writer.Track("text", 1000, (0, 0), [mp4_writer.box(kind, entry, mp4_writer.box("vttC", b"WEBVTT"))], samples)

        film, directory = self.folder / "boxed.mp4", self.folder / "out" / "boxed.mp4" / "2"
        mp4_writer.write(film, [*mp4_writer.read(self.plain), track("wvtt"), track("stpp")])
        found = package(film, directory.parent)
        zero = found["origin"]
        self.assertEqual(cues(directory / "subtitles.vtt"),
                         [(1 - zero, 29 - zero, "<i>Grüße</i> &amp; more"), (Fraction(5, 2) - zero, 4 - zero, "over it"),
                          (44 - zero, Fraction(89, 2) - zero, "last")])
        self.assertIn("line:0", (directory / "subtitles.vtt").read_text())
        self.assertEqual([(t["kind"], t["use"], t["codec"]) for t in found["tracks"][2:]], [(2, CUES, "WebVTT"), (2, 0, "TTML")])
        self.assertEqual(found["findings"], 1)

    def test_vobsub_is_read_back(self):
        dvd = self.film("dvd.mkv", "-i", self.plain, "-i", self.folder / "a.sup", "-map", "0", "-map", "1", "-c", "copy",
                        "-c:s", "dvdsub")
        directory = self.folder / "out" / "dvd.mkv"
        found = package(dvd, directory)
        self.assertEqual((found["tracks"][2]["use"], found["tracks"][2]["document"]), (PICTURES, "vobsub"))
        (directory / "2" / "document").rename(directory / "2" / "subtitles.sub")
        idx = directory / "2" / "subtitles.idx"
        self.assertEqual(self.texts(idx), self.texts(dvd, 2))
        for (start, _, _), (source, _, _) in zip(source_packets(idx, 0), source_packets(dvd, 2), strict=True):
            self.assertLessEqual(abs(start - (source - found["origin"])), MILLISECOND)
        # The same pair as files beside another film.
        beside = package(self.plain, self.folder / "out" / "beside_vobsub", idx, "en", directory / "2" / "subtitles.sub", "en")
        track = beside["tracks"][2]
        self.assertEqual((track["document"], track["language"], track["external"]), ("vobsub", "en", 1))
        again = self.folder / "out" / "beside_vobsub" / "2"
        (again / "document").rename(again / "subtitles.sub")
        self.assertEqual(self.texts(again / "subtitles.idx"), self.texts(dvd, 2))

    def test_files_beside_the_film(self):
        latin = self.folder / "latin.srt"
        latin.write_bytes(SRT.replace("Hello", "Grüße, Öffentlichkeit").encode("cp1252"))
        directory = self.folder / "out" / "beside"
        found = package(self.plain, directory, latin, "de", self.folder / "a.ass", "", self.folder / "a.vtt", "en",
                        self.folder / "a.sup", "fr")
        self.assertEqual([(t["codec"], t["external"], t["language"]) for t in found["tracks"][2:]],
                         [("SubRip", 1, "de"), ("ASS", 1, ""), ("WebVTT", 1, "en"), ("PGS", 1, "fr")])
        first = cues(directory / "2" / "subtitles.vtt")
        self.assertEqual(first[0][2], "<i>Grüße, Öffentlichkeit</i>")
        # The film's own zero, which the picture's reordering has moved.
        self.assertEqual(first[0][0], 1 - found["origin"])
        for number in (2, 3, 4):
            self.check_segments(directory / str(number), cues(directory / str(number) / "subtitles.vtt"),
                                Fraction(found["duration_us"], 1_000_000))
        self.assertEqual(found["findings"], 0)

    def test_files_that_are_no_subtitles_are_found_out(self):
        noise = self.folder / "noise.srt"
        noise.write_bytes(zlib.compress(os.urandom(3000)))
        found = package(self.plain, self.folder / "out" / "noise", noise, "en")
        self.assertEqual((len(found["tracks"]), found["findings"]), (2, 1))

    def test_files_beside_a_transport_stream_count_from_its_beginning(self):
        film = self.film("offset.ts", "-i", self.plain, "-c", "copy")
        start = Fraction(json.loads(hls_reader.run("ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "json",
                                                   film).stdout)["format"]["start_time"])
        self.assertGreater(start, 1)
        directory = self.folder / "out" / "offset"
        found = package(film, directory, self.folder / "a.srt", "en")
        first = cues(directory / "2" / "subtitles.vtt")[0]
        self.assertLessEqual(abs(first[0] - (1 + start - found["origin"])), MILLISECOND)

    def check_chapters(self, film):
        directory = self.folder / "out" / ("chapters_" + film.name)
        found = package(film, directory)
        expected = json.loads(hls_reader.run("ffprobe", "-v", "error", "-show_chapters", "-of", "json", film).stdout)["chapters"]
        ours = json.loads((directory / "chapters.json").read_text())["chapters"]
        self.assertEqual(len(ours), len(expected))
        self.assertEqual(found["chapters"], len(expected))
        self.assertTrue(ours)
        for mine, theirs in zip(ours, expected):
            self.assertEqual(mine["title"], theirs.get("tags", {}).get("title", ""))
            source = max(Fraction(theirs["start_time"]) - found["origin"], 0)
            self.assertLessEqual(abs(Fraction(mine["start"]) - source), MILLISECOND)
            self.assertGreater(mine["end"], mine["start"])
        self.assertEqual(len(cues(directory / "chapters.vtt")), len(ours))
        # A track of chapters is no subtitle.
        self.assertFalse([t for t in found["tracks"] if t["use"] == CUES])

    def test_chapters(self):
        text = ";FFMETADATA1\n" + "".join(
            f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={n * 10000}\nEND={(n + 1) * 10000}\ntitle=Part {n} \"ü\"\n" for n in range(4))
        metadata = self.folder / "chapters.txt"
        metadata.write_text(text)
        made = [self.film(f"chapters.{ending}", "-i", self.plain, "-i", metadata, "-map", "0", "-map_chapters", "1", "-c",
                          "copy") for ending in ("mp4", "mov", "mkv")]
        made += [MEDIA / name for name in ("sample_with_chapters.mp4", "sample_with_chapters.mkv") if (MEDIA / name).exists()]
        for film in made:
            with self.subTest(film=film.name):
                self.check_chapters(film)

    def test_shared_media(self):
        present = [MEDIA / name for name in ("sample_with_srt.mkv", "sample_with_ass_subtitles.mkv") if (MEDIA / name).exists()]
        if len(present) < 2:
            print(f"\nNOT TESTED: the films of {MEDIA}, which are not there; set CARREL_MEDIA_DIR.")
        for film in present:
            with self.subTest(film=film.name):
                streams = json.loads(hls_reader.run("ffprobe", "-v", "error", "-show_streams", "-of", "json", film).stdout)
                for stream in streams["streams"]:
                    if stream["codec_type"] == "subtitle":
                        self.check_cues(film, stream["index"])

    def test_the_same_bytes_each_time(self):
        film = self.film("again.mkv", "-i", self.plain, "-i", self.folder / "a.srt", "-i", self.folder / "a.sup", "-map", "0",
                         "-map", "1", "-map", "2", "-c", "copy")
        trees = []
        for turn in ("first", "second"):
            directory = self.folder / "out" / turn
            package(film, directory)
            trees.append({str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()})
        self.assertEqual(trees[0], trees[1])
        self.assertTrue(any(re.search(r"3/document$", name) for name in trees[0]))


if __name__ == "__main__":
    unittest.main()
