"""Every segment of a film against ffprobe and `ffmpeg -c copy`: durations, packets, times, decoding."""

import filecmp
import hashlib
import json
import os
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

import hls_reader

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))

STREAMED = ("mpegts", "mpegps", "avi", "aac")  # H.264 behind start codes, AAC behind ADTS headers
VIDEO, AUDIO = 0, 1
REMUX, TRANSCODE, CONVERT = 1, 2, 3
SPOKEN = {"plays": "plays", "transcoded": "transcoded audio", "variant": "needs a variant", "refused": "refused"}


def outcome_of(verdict):
    """As the table says it: the film as a whole."""
    if not verdict["playable"]:
        return "variant" if verdict["convertible"] else "refused"
    sounds = {track["use"] for track in verdict["tracks"] if track["kind"] == AUDIO}
    return "transcoded" if TRANSCODE in sounds and REMUX not in sounds else "plays"


def joined(packets, sizes):
    """The first packet and the count of those that make up each of the sizes."""
    packets = iter(packets)
    for size in sizes:
        first, count = next(packets), 1
        size -= first.size
        while size > 0:
            size -= next(packets).size
            count += 1
        assert size == 0, "packets and samples do not end together"
        yield first, count


def package(film, directory):
    done = hls_reader.run(BUILD / "tests" / "media" / "package_film", film, directory)
    if done.returncode != 0:
        raise AssertionError(f"{film.name}: exit code {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class FilmCheck(unittest.TestCase):
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

    def write_whole(self, directory):
        """All segments of a track as one file."""
        uris = [uri for _, uri in hls_reader.media_playlist(directory / "playlist.m3u8")]
        whole = directory / "whole.mp4"
        whole.write_bytes(b"".join((directory / name).read_bytes() for name in ["init.mp4", *uris]))
        return whole

    def check_track(self, directory, expected, independent, in_band=None):
        """All segments together: exactly the packets of the source. Returns the shift and the tick. `in_band`: the film and its
        stream where parameter sets were put before the samples."""
        whole = directory / "whole.mp4"
        tick, packets, _ = hls_reader.packets_of(whole)
        contents = packets
        if in_band:
            contents, expected = hls_reader.packets_without_sets(whole, 0), hls_reader.packets_without_sets(*in_band)
        whole.unlink()
        self.assertEqual([(p.size, p.hash) for p in contents], [(p.size, p.hash) for p in expected], directory)
        shifts = [ours.seconds - theirs.seconds for ours, theirs in zip(packets, expected) if theirs.seconds is not None]
        self.assertLessEqual(max(shifts) - min(shifts), tick, f"{directory}: the shift is not constant")
        self.check_segments(directory, tick, independent)
        return min(shifts), max(shifts), tick

    def check_samples(self, directory, tick, expected):
        """Of a track that is decoded: the same packets in the index."""
        content = (directory / "samples").read_bytes()
        ours, at = [], 0
        for line in (directory / "samples.tsv").read_text().splitlines():
            time, size = map(int, line.split())
            digest = hashlib.md5(content[at:at + size], usedforsecurity=False).hexdigest()
            ours.append(hls_reader.Packet(time * tick, size, digest))
            at += size
        if len(ours) < len(expected):  # several to a sample (TrueHD)
            self.assertEqual(sum(p.size for p in expected), len(content), directory)
            expected = [first for first, _ in joined(expected, [p.size for p in ours])]
        else:
            self.assertEqual([(p.size, p.hash) for p in ours], [(p.size, p.hash) for p in expected], directory)
        shifts = [mine.seconds - theirs.seconds for mine, theirs in zip(ours, expected, strict=True)
                  if theirs.seconds is not None]
        if not shifts:
            return None  # ffmpeg has no presentation times of VC-1
        # What is decoded may be timed more exactly than by a container that counts milliseconds.
        self.assertLessEqual(max(shifts) - min(shifts), max(tick, 0.001), f"{directory}: the shift is not constant")
        return min(shifts), max(shifts), tick

    def check_film(self, film, outcome, reason):
        directory = self.folder / "out" / film.name
        verdict = package(film, directory)
        self.assertTrue(verdict["readable"], verdict["reason"])
        self.assertEqual(outcome_of(verdict), outcome, f"{film.name}: {verdict['reason']}")
        self.assertIn(reason, verdict["reason"])
        self.assertEqual(package(film, self.folder / "again" / film.name), verdict)
        self.assert_same_bytes(directory, self.folder / "again" / film.name)

        streams = [i for i, track in enumerate(verdict["tracks"]) if track["use"] in (REMUX, TRANSCODE, CONVERT)]
        sent = [i for i in streams if verdict["tracks"][i]["use"] == REMUX]
        if verdict["container"] in STREAMED:
            expected = hls_reader.reframed_packets(film, streams, self.folder)
        else:
            expected = hls_reader.copied_packets(film, streams) if streams else {}
        for i in streams:
            if verdict["tracks"][i]["kind"] == VIDEO:
                expected[i] = hls_reader.as_sent(expected[i], verdict["duration_us"] / 1_000_000)
                expected[i] = hls_reader.without_hidden_times(film, i, expected[i])
            elif verdict["tracks"][i]["kind"] == AUDIO:
                expected[i] = hls_reader.without_hidden_beginning(film, i, expected[i])
        clean, notes = True, list(verdict["findings"])
        for stream in sent:
            whole = self.write_whole(directory / str(stream))
            clean = clean and hls_reader.decode_complaints(whole) == ""
            self.assertEqual(hls_reader.new_complaints(whole, film), "", film.name)
        if not clean:
            notes.append("the source itself does not decode cleanly")
        shifts = []
        for stream in streams:
            track = verdict["tracks"][stream]
            if stream not in sent:
                tick = Fraction(1, track["timescale"])
                shifts.append(self.check_samples(directory / str(stream), tick, expected[stream]))
                continue
            short = verdict["duration_us"] < 60_000_000
            independent = (clean and short and track["kind"] == VIDEO and verdict["playable"] and
                           "#EXT-X-INDEPENDENT-SEGMENTS" in (directory / "master.m3u8").read_text())
            in_band = (film, stream) if track["codec"][:4] in ("avc3", "hev1") else None
            shifts.append(self.check_track(directory / str(stream), expected[stream], independent, in_band))
        shifts = [one for one in shifts if one is not None]
        if shifts:
            least = min(low for low, _, _ in shifts)
            most = max(high for _, high, _ in shifts)
            self.assertLessEqual(most - least, max(2 * tick for _, _, tick in shifts), f"{film.name}: tracks drifted apart")
        codecs = "+".join(verdict["tracks"][i]["codec"] for i in streams)
        count = sum(len(expected[i]) for i in streams)
        note = verdict["reason"] + "".join(f" ({text})" for text in notes)
        self.table.append(f"{film.name:55} {SPOKEN[outcome]:16} {codecs:34} {count:6} packets  {note}")

    def assert_same_bytes(self, left, right):
        names = sorted(str(p.relative_to(left)) for p in left.rglob("*") if p.is_file())
        self.assertEqual(names, sorted(str(p.relative_to(right)) for p in right.rglob("*") if p.is_file()))
        _, different, failed = filecmp.cmpfiles(left, right, names, shallow=False)
        self.assertEqual((different, failed), ([], []))

    def check_films(self, expected):
        """Film → what becomes of it, and why."""
        for film, (outcome, reason) in expected.items():
            with self.subTest(film=film.name):
                self.check_film(film, outcome, reason)
