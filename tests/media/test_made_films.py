"""Films made here, of every container, codec and structure, and damaged ones."""

import unittest

import films
import odd_films
from film_check import FilmCheck, package


class MadeFilms(FilmCheck):
    def test_made_films(self):
        folder = self.folder / "films"
        folder.mkdir()
        self.check_films(films.make_all(folder) | odd_films.make_all(folder) | odd_films.make_late_key(folder))

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


if __name__ == "__main__":
    unittest.main()
