"""The checkers of this folder: good playlists and boxes pass, and each kind of bad one is caught."""

import pathlib
import struct
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "media"))

import choices  # noqa: E402
import hls_reader  # noqa: E402
import hls_rules  # noqa: E402
import hls_text  # noqa: E402
from boxes import BadBoxes, read_fragment, read_init  # noqa: E402
from codec_strings import codec_string, same_codec  # noqa: E402
from made_boxes import box, fragment, init  # noqa: E402
from truth import frame_rate, peak_rate, target_complaints  # noqa: E402

MASTER = """\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="1/playlist.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Deutsch",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="2/playlist.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",FORCED=NO,URI="3/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,AVERAGE-BANDWIDTH=900,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="audio",SUBTITLES="text"
0/playlist.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=500,CODECS="avc1.64001F",RESOLUTION=640x360,URI="0/iframes.m3u8"
"""
MEDIA = """\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="init.mp4"
#EXTINF:6.499999,
0.m4s
#EXTINF:2,
1.m4s
#EXT-X-ENDLIST
"""
IFRAMES = """\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:6
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="init.mp4"
#EXTINF:6,
#EXT-X-BYTERANGE:500@0
0.m4s
#EXTINF:2,
#EXT-X-BYTERANGE:400@100
1.m4s
#EXT-X-ENDLIST
"""

# What is put in the place of what, and what the complaint has to say.
BAD_MASTERS = [
    ("#EXTM3U\n", "", "first line"),
    ("#EXTM3U\n", "\ufeff#EXTM3U\n", "byte order mark"),
    ("BANDWIDTH=1000,", "", "needs BANDWIDTH"),
    ("BANDWIDTH=1000,", "BANDWIDTH=0,", "BANDWIDTH is 0"),
    ("BANDWIDTH=1000", "BANDWIDTH=1000.5", "not a decimal integer"),
    ("AVERAGE-BANDWIDTH=900", "AVERAGE-BANDWIDTH=1001", "above the peak"),
    ('CODECS="avc1.64001F,mp4a.40.2"', "CODECS=avc1.64001F", "not a quoted string"),
    ('CODECS="avc1.64001F,mp4a.40.2",', "", "CODECS is missing"),
    ('CODECS="avc1.64001F,mp4a.40.2"', 'CODECS="avc1.64001F,H.264 video"', "no codec of RFC 6381"),
    ('CODECS="avc1.64001F,mp4a.40.2"', 'CODECS="avc1.64001F,avc1.64001F"', "there twice"),
    ("RESOLUTION=640x360,FRAME", "RESOLUTION=640*360,FRAME", "not a resolution"),
    ("FRAME-RATE=25.000", 'FRAME-RATE="25.000"', "not a decimal number"),
    ("VIDEO-RANGE=SDR", "VIDEO-RANGE=HDR", "VIDEO-RANGE=HDR"),
    ('AUDIO="audio",SUB', 'AUDIO="sound",SUB', "there is no group sound"),
    (',SUBTITLES="text"', "", "no stream uses the group text"),
    ('NAME="Deutsch"', 'NAME="English"', 'have the NAME "English"'),
    ('NAME="Deutsch"', "NAME=Deutsch", "not a quoted string"),
    ('NAME="Deutsch"', 'NAME="Deut"sch"', "no attribute list"),
    ('NAME="Deutsch",', "", "needs NAME"),
    ("TYPE=SUBTITLES", "TYPE=SUBTITLE", "TYPE=SUBTITLE"),
    ('LANGUAGE="de"', 'LANGUAGE="de_DE"', "RFC 5646"),
    ("DEFAULT=NO,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=YES", "more than one default"),
    ("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO", "AUTOSELECT=YES"),
    ("DEFAULT=NO", "DEFAULT=no", "not YES or NO"),
    ('DEFAULT=NO,', 'DEFAULT=NO,FORCED=NO,', "FORCED is for subtitles"),
    ('CHANNELS="2",URI="2', 'CHANNELS="stereo",URI="2', "CHANNELS"),
    (',FORCED=NO,URI="3/playlist.m3u8"', "", "subtitles need a URI"),
    ("RESOLUTION=640x360,FRAME", "RESOLUTION=640x360,RESOLUTION=640x360,FRAME", "there twice"),
    ("0/playlist.m3u8", "http://elsewhere/0/playlist.m3u8", "leads away"),
    ("0/playlist.m3u8", "/0/playlist.m3u8", "leads away"),
    ("0/playlist.m3u8", "a film/playlist.m3u8", "white space|is no URI"),
    ("0/playlist.m3u8\n#EXT-X-I", "#EXT-X-I", "no URI follows"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:7\n#EXT-X-VERSION:7", "more than once"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:seven", "no number"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:99", "no version 99"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6", "both kinds"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:7\n#EXT-X-SOMETHING", "not known"),
    (',URI="0/iframes.m3u8"', "", "needs URI"),
    ("VIDEO-RANGE=SDR", "VIDEO-RANGES=SDR", "no attribute VIDEO-RANGES"),
    ("SDR,AUDIO", "SDR, AUDIO", "no attribute list"),
]
BAD_MEDIA = [
    ("#EXT-X-TARGETDURATION:6\n", "", "TARGETDURATION is missing"),
    ("#EXT-X-TARGETDURATION:6", "#EXT-X-TARGETDURATION:6.5", "TARGETDURATION is missing or no integer"),
    ("#EXTINF:6.499999", "#EXTINF:6.5", "longer than the target"),
    ("#EXTINF:6.499999", "#EXTINF:-6", "EXTINF:-6"),
    ("#EXTINF:6.499999,", "#EXTINF:6.499999", "EXTINF:6.499999"),
    ("#EXTINF:2,", "#EXTINF:0,", "lasts no time"),
    ("#EXTINF:2,\n", "", "without EXTINF"),
    ("#EXTINF:2,\n", "#EXTINF:2,\n#EXTINF:2,\n", "two EXTINF"),
    ("#EXT-X-ENDLIST\n", "", "ENDLIST is missing"),
    ('#EXT-X-MAP:URI="init.mp4"\n', "", "without EXT-X-MAP"),
    ('#EXT-X-MAP:URI="init.mp4"', "#EXT-X-MAP:URI=init.mp4", "not a quoted string"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:5", "too low for EXT-X-MAP"),
    ("#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-PLAYLIST-TYPE:FILM", "PLAYLIST-TYPE:FILM"),
    ("#EXT-X-MEDIA-SEQUENCE:0\n", "", None),
    ("#EXTINF:2,\n1.m4s\n", "#EXTINF:2,\n1.m4s\n#EXT-X-MEDIA-SEQUENCE:0\n", "more than once|after the first"),
    ("1.m4s", "../../1.m4s\t", "control|white"),
    ("1.m4s\n#EXT-X-ENDLIST", "#EXT-X-ENDLIST", "no URI after"),
]
BAD_IFRAMES = [
    ("500@0", "500@", "no byte range"),
    ("500@0", "0@0", "empty byte range"),
    ("400@100", "400", "without an offset"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:4", "too low"),
]


class Rules(unittest.TestCase):
    def test_good_playlists_pass(self):
        self.assertEqual(hls_rules.check_master(MASTER.encode()), [])
        self.assertEqual(hls_rules.check_media(MEDIA.encode()), [])
        self.assertEqual(hls_rules.check_media(IFRAMES.encode()), [])

    def assert_caught(self, check, text, cases):
        for old, new, said in cases:
            with self.subTest(old=old, new=new):
                self.assertIn(old, text)
                complaints = check(text.replace(old, new, 1).encode())
                if said is None:
                    self.assertEqual(complaints, [])
                else:
                    self.assertRegex("\n".join(complaints), said)

    def test_bad_masters_are_caught(self):
        self.assert_caught(hls_rules.check_master, MASTER, BAD_MASTERS)

    def test_bad_media_playlists_are_caught(self):
        self.assert_caught(hls_rules.check_media, MEDIA, BAD_MEDIA)
        self.assert_caught(hls_rules.check_media, IFRAMES, BAD_IFRAMES)

    def test_groups_of_one_kind_have_the_same_members(self):
        second = MASTER.replace("#EXT-X-STREAM-INF", '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="more",NAME="English",URI="5/p.m3u8"\n'
                                "#EXT-X-STREAM-INF", 1) + '#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="avc1.64001F",AUDIO="more"\n9/p.m3u8\n'
        self.assertRegex("\n".join(hls_rules.check_master(second.encode())), "same members")


class Boxes(unittest.TestCase):
    def test_a_good_one_is_read(self):
        track = read_init(init(timescale=1000))
        self.assertEqual((track.timescale, track.kind, track.codec), (1000, "soun", "mp4a.40.2"))
        part = read_fragment(fragment(5000, [(10, b"abc"), (20, b"de")]), track)
        self.assertEqual((part.start, part.duration, [s.size for s in part.samples]), (5000, 30, [3, 2]))

    def test_bad_ones_are_caught(self):
        track = read_init(init(timescale=1000))
        good = fragment(5000, [(10, b"abc"), (20, b"de")])
        at = good.index(b"mdat") - 4
        bad = {
            "shorter than its boxes": good[:-1],
            "bytes after the last box": good + b"x",
            "no media data": good[:at],
            "data outside of mdat": fragment(5000, [(10, b"abc"), (20, b"de")], offset_by=1),
            "before mdat": fragment(5000, [(10, b"abc")], offset_by=-3),
            "no tfdt": fragment(None, [(10, b"abc")]),
            "a sample of no size": good.replace(b"trun", b"free"),
        }
        for what, body in bad.items():
            with self.subTest(what=what):
                self.assertRaises(BadBoxes, read_fragment, body, track)
        for what, body in {"no moov": box("ftyp", b"iso6"), "cut": init(timescale=1000)[:-4]}.items():
            with self.subTest(what=what):
                self.assertRaises(BadBoxes, read_init, body)


class Rates(unittest.TestCase):
    def test_the_peak_is_that_of_any_run_of_half_to_one_and_a_half_targets(self):
        # (bytes, seconds) with a target of 6 s: a short one of a high rate counts only together with its neighbours.
        self.assertEqual(peak_rate([(600, 6), (1200, 6)], 6), 1600)
        self.assertAlmostEqual(peak_rate([(1000, 1), (600, 6)], 6), 1600 * 8 / 7)
        self.assertEqual(peak_rate([(1000, 1), (600, 1)], 6), 8000)

    def test_the_frame_rate_is_that_of_pictures_at_their_fastest(self):
        def rate(*runs):
            times, at = [], 0
            for count, ticks in runs:
                times += range(at, at + count * ticks, ticks)
                at += count * ticks
            samples = [types.SimpleNamespace(time=time, offset=0) for time in times]
            return frame_rate(types.SimpleNamespace(track=types.SimpleNamespace(timescale=90000),
                                                    fragments=[types.SimpleNamespace(samples=samples)]))
        self.assertEqual(rate((250, 3600)), 25)
        self.assertEqual(rate((180, 1500), (70, 9000)), 60)
        self.assertEqual(rate((100, 1), (125, 3600)), 25)


class Targets(unittest.TestCase):
    @staticmethod
    def rendition(seconds, init=b"moov", tags=""):
        playlist = hls_text.parse(MEDIA.replace("TARGETDURATION:6", f"TARGETDURATION:{seconds}\n{tags}").encode())
        return types.SimpleNamespace(target=seconds, init=init, playlist=playlist)

    def complaints(self, *others):
        return list(target_complaints("film", [self.rendition(6), self.rendition(6), *others]))

    def test_one_for_pictures_and_sounds_and_any_for_the_rest(self):
        self.assertEqual(self.complaints(self.rendition(9, init=None), self.rendition(9, tags="#EXT-X-I-FRAMES-ONLY")), [])
        self.assertEqual(self.complaints(self.rendition(9)), ["film: its playlists have several target durations: [6, 9]"])


class Choices(unittest.TestCase):
    @staticmethod
    def stream(kind, language, default=0, forced=0):
        return {"codec_type": kind, "tags": {"language": language}, "disposition": {"default": default, "forced": forced}}

    def complaints(self, old="", new=""):
        streams = [self.stream("video", "und"), self.stream("audio", "eng"), self.stream("audio", "ger"), self.stream("subtitle", "eng")]
        return "\n".join(choices.complaints(hls_text.parse(MASTER.replace(old, new).encode()), streams))

    def test_what_the_source_says_passes_and_anything_else_is_caught(self):
        self.assertEqual(self.complaints(), "")
        for old, new, complaint in (('LANGUAGE="de"', 'LANGUAGE="fr"', 'LANGUAGE="fr", and the source has de'),
                                    (',LANGUAGE="de"', "", "LANGUAGE=None"),
                                    ("DEFAULT=YES", "DEFAULT=NO", "DEFAULT=NO, and the source's is 1"),
                                    ("DEFAULT=NO", "DEFAULT=YES", "DEFAULT=YES, and the source's is 1"),
                                    ("FORCED=NO", "FORCED=YES,DEFAULT=YES", "DEFAULT=YES, and the source's is None"),
                                    ("FORCED=NO", "FORCED=YES", "FORCED=YES"), ("2/playlist", "3/playlist", "[3] are something else")):
            with self.subTest(new=new):
                self.assertIn(complaint, self.complaints(old, new))


class Codecs(unittest.TestCase):
    def test_strings_tell_of_colours_that_are_not_assumed_and_of_no_others(self):
        def colr(primaries, transfer, matrix, full_range):
            return b"nclx" + struct.pack(">HHHB", primaries, transfer, matrix, full_range << 7)

        av1, hdr10 = b"\x81\x09\x4c\0", colr(9, 16, 9, 0)
        vp9 = bytes(4) + b"\0\x0b\x82"
        for entry, boxes, expected in (
                ("av01", {"av1C": av1}, "av01.0.09M.10"),
                ("av01", {"av1C": av1, "colr": colr(1, 1, 1, 0)}, "av01.0.09M.10"),
                ("av01", {"av1C": av1, "colr": hdr10}, "av01.0.09M.10.0.110.09.16.09.0"),
                ("av01", {"av1C": av1, "colr": colr(1, 1, 1, 1)}, "av01.0.09M.10.0.110.01.01.01.1"),
                ("av01", {"av1C": b"\x81\x29\0\0"}, "av01.1.09M.08.0.000.02.02.02.0"),
                ("vp09", {"vpcC": vp9 + b"\2\2\2"}, "vp09.00.11.08"),
                ("vp09", {"vpcC": vp9 + b"\x09\x10\x09"}, "vp09.00.11.08.01.09.16.09.00"),
                ("vp09", {"vpcC": bytes(4) + b"\1\x0b\x86\2\2\2"}, "vp09.01.11.08.03.02.02.02.00"),
                ("vp08", {"vpcC": bytes(4) + b"\0\x0b\x82\6\6\6"}, "vp08.00.11.08")):
            with self.subTest(expected=expected, boxes=boxes):
                self.assertEqual(codec_string(entry, boxes), expected)

    def test_what_the_string_leaves_out_or_adds_is_caught(self):
        whole = "av01.0.09M.10.0.110.09.16.09.0"
        self.assertTrue(same_codec(whole, whole))
        self.assertFalse(same_codec(whole, "av01.0.09M.10"))
        self.assertFalse(same_codec("av01.0.09M.10", whole))


class Decoding(unittest.TestCase):
    SOURCE = "[h264 @ 0x55d1] non-existing PPS 0 referenced\n[mov @ 0x1] /films/a.mp4: 12 bytes are missing"

    def test_what_the_source_says_as_well_is_forgiven_and_nothing_else(self):
        same = "[h264 @ 0x7f00] non-existing PPS 3 referenced\n[hls @ 0x2] /out/0.m4s: 7 bytes are missing"
        other = "[aac @ 0x7f00] Input buffer exhausted before END element found"
        self.assertEqual(hls_reader.unlike(same, self.SOURCE), "")
        self.assertEqual(hls_reader.unlike(f"{same}\n{other}", self.SOURCE), other)
        self.assertEqual(hls_reader.unlike(same, other), same)


if __name__ == "__main__":
    unittest.main()
