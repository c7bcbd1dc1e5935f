"""HDR's static metadata: what the source's bitstream or container tells of its light, the init segment tells as well."""

import json
import os
import struct
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

import films
import hls_reader
import mp4_writer

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))
MASTERING, CONTENT = "Mastering display metadata", "Content light level metadata"
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=5")
DEEP = ("-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
DISPLAY = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
TOLD = {"red_x": 0.68, "red_y": 0.32, "green_x": 0.265, "green_y": 0.69, "blue_x": 0.15, "blue_y": 0.06,
        "white_point_x": 0.3127, "white_point_y": 0.329, "min_luminance": 0.005, "max_luminance": 1000,
        "max_content": 1000, "max_average": 400}
HEVC = ("-c:v", "libx265", *DEEP, "-x265-params",
        f"keyint=50:log-level=none:hdr10=1:repeat-headers=1:master-display={DISPLAY}:max-cll=1000,400")
FILMS = {
    "hevc.mp4": (*HEVC, "-tag:v", "hvc1"),
    "hevc.mkv": HEVC,
    "hevc.ts": HEVC,
    "h264.mp4": ("-c:v", "libx264", *DEEP, "-g", "50", "-x264-params", f"mastering-display={DISPLAY}:cll=1000,400"),
    "av1.mkv": ("-c:v", "libsvtav1", "-preset", "12", *DEEP, "-svtav1-params",
                "mastering-display=G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000.0,0.005):content-light=1000,400"),
}
# AV1 counts in 1/65,536 and 1/16,384, the box in 1/50,000 and 1/10,000.
TOLERANCE = 1 / 16_384 + 1 / 10_000


def light(entries):
    """Name → value of the first of each that ffprobe tells of."""
    found = {}
    for one in entries:
        if one["side_data_type"] in (MASTERING, CONTENT):
            for name, value in one.items():
                if name != "side_data_type":
                    found.setdefault(name, float(Fraction(value)))
    return found


def probe(path, *what):
    done = hls_reader.run("ffprobe", "-v", "error", *what, "-of", "json", path)
    return json.loads(done.stdout)


def of_container(path):
    return light(probe(path, "-show_streams")["streams"][0].get("side_data_list", []))


def of_picture(path):
    frames = probe(path, "-show_frames", "-read_intervals", "%+#1")["frames"]
    return light(frames[0].get("side_data_list", []))


class Light(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-light-")))

    def package(self, film, video_range="PQ"):
        """The picture as one file."""
        out = self.folder / "out" / film.name
        done = hls_reader.run(BUILD / "tests/media/package_film", film, out)
        self.assertEqual(done.returncode, 0, done.stderr)
        whole = out / "whole.mp4"
        names = ["init.mp4", *(uri for _, uri in hls_reader.media_playlist(out / "0/playlist.m3u8"))]
        whole.write_bytes(b"".join((out / "0" / name).read_bytes() for name in names))
        self.assertIn(f"VIDEO-RANGE={video_range},", (out / "master.m3u8").read_text())
        return whole

    def assert_same(self, found, expected):
        self.assertEqual(found.keys(), expected.keys())
        for name, value in expected.items():
            self.assertAlmostEqual(found[name], value, delta=TOLERANCE, msg=name)

    def test_what_the_bitstream_tells_stands_in_the_init_segment(self):
        for name, arguments in FILMS.items():
            with self.subTest(film=name):
                film = self.folder / name
                films.ffmpeg(*PICTURE, *arguments, film)
                self.assertEqual(of_container(film), {})
                source = of_picture(film) or TOLD  # FFmpeg 5.1 does not read it of H.264
                self.assert_same(source, TOLD)
                whole = self.package(film)
                self.assert_same(of_container(whole), source)
                self.assertEqual(hls_reader.decode_complaints(whole), "")

    def test_what_the_container_alone_tells_stands_in_the_init_segment(self):
        film = self.folder / "told.mp4"
        films.ffmpeg(*PICTURE, *FILMS["hevc.mp4"], film)
        told = self.package(film)
        for name in ("container.mkv", "container.mp4"):
            with self.subTest(film=name):
                copy = self.folder / name
                films.ffmpeg("-i", told, "-c", "copy", "-bsf:v", "filter_units=remove_types=39", copy)
                source = of_container(copy)
                self.assert_same(source, TOLD)
                self.assertEqual(of_container(self.package(copy)), source)

    def test_hybrid_log_gamma_is_told(self):
        film = self.folder / "hlg.mp4"
        films.ffmpeg(*PICTURE, "-c:v", "libx265", *DEEP, "-color_trc", "arib-std-b67", "-x265-params", "keyint=50:log-level=none", film)
        whole = self.package(film, "HLG")
        self.assertEqual(probe(whole, "-show_streams")["streams"][0]["color_transfer"], "arib-std-b67")
        self.assertEqual(hls_reader.decode_complaints(whole), "")

    def test_hybrid_log_gamma_that_a_broadcast_names_beside_its_other_transfer_is_told(self):
        film = self.folder / "broadcast.ts"
        films.ffmpeg(*PICTURE, "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params",
                     "keyint=50:log-level=none:colorprim=bt2020:transfer=bt2020-10:colormatrix=bt2020nc:atc-sei=18", film)
        whole = self.package(film, "HLG")
        self.assertIn("VIDEO-RANGE=HLG\n", (self.folder / "out" / film.name / "ts.m3u8").read_text())
        frames = probe(whole, "-show_frames", "-read_intervals", "%+#1")["frames"]
        self.assertEqual(frames[0]["color_transfer"], "arib-std-b67")
        self.assertEqual(hls_reader.decode_complaints(whole), "")

    def test_a_film_that_tells_nothing_has_no_such_boxes(self):
        film = self.folder / "plain.mp4"
        films.ffmpeg(*PICTURE, "-c:v", "libx265", *DEEP, "-x265-params", "keyint=50:log-level=none", film)
        self.assertEqual(of_container(self.package(film)), {})
        for box in (b"mdcv", b"clli"):
            self.assertNotIn(box, (self.folder / "out" / film.name / "0/init.mp4").read_bytes())

    def test_dolby_vision_that_others_show_in_wrong_colours_is_told(self):
        base = self.folder / "base.mp4"
        films.ffmpeg(*PICTURE, "-c:v", "libx265", *DEEP, "-tag:v", "hvc1", "-x265-params", "keyint=50:log-level=none", base)
        for profile, compatible, told in ((5, 0, True), (8, 1, False)):
            with self.subTest(profile=profile):
                film, tracks = self.folder / f"dolby_{profile}.mp4", mp4_writer.read(base)
                # Version 1.0, level 3; with RPU and a base layer.
                content = struct.pack(">BBHB19x", 1, 0, profile << 9 | 3 << 3 | 0b101, compatible << 4)
                entry = tracks[0].entries[0] + mp4_writer.box("dvvC" if profile > 7 else "dvcC", content)
                tracks[0].entries[0] = struct.pack(">I", len(entry)) + entry[4:]
                mp4_writer.write(film, tracks)
                self.assertEqual(self.dolby_profile(film), profile)
                done = hls_reader.run(BUILD / "tests/media/package_film", film, self.folder / "out" / film.name)
                self.assertEqual([one.partition(":")[0] for one in json.loads(done.stdout)["findings"]],
                                 ["The picture (track 0) is Dolby Vision of profile 5"] * told)

    def dolby_profile(self, film):
        return next(one["dv_profile"] for one in probe(film, "-show_streams")["streams"][0]["side_data_list"] if "dv_profile" in one)


if __name__ == "__main__":
    unittest.main()
