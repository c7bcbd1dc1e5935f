"""MPEG-TS with several programmes, with streams that change and with encrypted ones: what is offered, and what is said of the rest."""

import json
import os
import tempfile
import unittest
from pathlib import Path

import films
import hls_reader
import ts_writer
from film_check import AUDIO, REMUX

BUILD = Path(os.environ.get("CARREL_BUILD_DIR", "build/release"))


class Transport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-transport-")))
        cls.programmes = ts_writer.make_programmes(cls.folder)
        cls.clear = cls.folder / "clear.ts"
        films.ffmpeg(*films.source(seconds=20), *films.X264, "-g", 25, *films.AAC, cls.clear)

    def package(self, film):
        done = hls_reader.run(BUILD / "tests/media/package_film", film, self.folder / "out" / film.name)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def sounds(self, verdict):
        return [number for number, track in enumerate(verdict["tracks"]) if track["kind"] == AUDIO and track["use"] == REMUX]

    def test_sound_of_another_programme_is_left_out(self):
        verdict = self.package(self.programmes["two_programmes"])
        self.assertEqual(self.sounds(verdict), [1])
        self.assertEqual(verdict["findings"], ["The picture (track 2) is left out: it belongs to another programme.",
                                               "The sound (track 3) is left out: it belongs to another programme."])

    def test_of_a_programme_with_two_pictures_every_sound_is_offered(self):
        verdict = self.package(self.programmes["one_programme"])
        self.assertEqual(self.sounds(verdict), [1, 3])
        self.assertEqual(verdict["findings"], ["The picture (track 2) is left out: it is not the one that is shown."])

    def test_sound_of_a_part_with_another_picture_is_left_out(self):
        verdict = self.package(self.programmes["other_pids"])
        self.assertEqual(self.sounds(verdict), [1])
        belongs = "is left out: it belongs to another part of the film, which has another picture."
        self.assertEqual(verdict["findings"], [f"The picture (track 2) {belongs}", f"The sound (track 3) {belongs}"])
        verdict = self.package(self.programmes["other_sound_pid"])
        self.assertEqual((self.sounds(verdict), verdict["findings"]), ([1, 2], []))

    def encrypted(self, name, *arguments):
        film = self.folder / name
        film.write_bytes(ts_writer.encrypt(self.clear.read_bytes(), *arguments))
        return self.package(film)

    def test_an_encrypted_film_is_called_so(self):
        verdict = self.encrypted("whole.ts")
        self.assertEqual((verdict["playable"], verdict["reason"]), (False, "The video is encrypted."))
        verdict = self.encrypted("sound.ts", 0, 1, [257])
        self.assertEqual((verdict["playable"], verdict["findings"]), (True, ["The sound (track 1) is left out: it is encrypted."]))

    def test_from_where_a_film_is_encrypted_is_told(self):
        self.assertEqual(self.package(self.clear)["findings"], [])
        for name, begin, end in (("end.ts", 0.5, 1), ("middle.ts", 0.5, 0.7)):
            with self.subTest(film=name):
                verdict = self.encrypted(name, begin, end)
                self.assertTrue(verdict["playable"], verdict["reason"])
                for track, finding in zip(("picture .track 0.", "sound .track 1."), verdict["findings"]):
                    self.assertRegex(finding, f"The {track} is encrypted in part, from 0:00:(09|10) on; that part is left out.")

    def test_damage_is_not_taken_for_encryption(self):
        film, content = self.folder / "damaged.ts", bytearray(self.clear.read_bytes())
        for at in range(3, len(content), 50 * films.TS_PACKET):
            content[at] |= 0x80
        film.write_bytes(content)
        self.assertNotIn("encrypted", "\n".join(self.package(film)["findings"]))


if __name__ == "__main__":
    unittest.main()
