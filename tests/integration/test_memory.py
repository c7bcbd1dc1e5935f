"""A sandbox with eight viewers on eight films keeps below 64 MB of its own."""

import contextlib
import sys
import unittest

import eight_viewers
from carrel import Daemon, FilmsTest

MOST = 64_000_000


class Memory(FilmsTest):
    def test_eight_viewers_on_eight_films(self):
        eight_viewers.make_films(self.films)
        daemon = self.enterContext(Daemon(self.films))
        with contextlib.closing(daemon.client()) as client:
            found = eight_viewers.measure(daemon, client)
        print(f"\nat most {found['peak_bytes'] / 1e6:.1f} MB resident for {found['bytes'] / 1e6:.0f} MB sent", file=sys.stderr)
        self.assertGreater(found["bytes"], 50_000_000)
        self.assertLess(found["peak_bytes"], MOST)


if __name__ == "__main__":
    unittest.main()
