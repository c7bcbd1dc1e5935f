"""Films that others made."""

import unittest

import shared_films
from film_check import FilmCheck


class SharedFilms(FilmCheck):
    def test_shared_films(self):
        self.check_films(shared_films.present())


if __name__ == "__main__":
    unittest.main()
