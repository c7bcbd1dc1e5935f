"""Viewers who watch, seek, pause and break off for a long time make neither the daemon nor their sandboxes grow.

CARREL_TEST_SOAK_VIEWERS (12) and CARREL_TEST_SOAK_SECONDS (600) make it shorter or longer."""

import os
import pathlib
import statistics
import sys
import tempfile
import unittest

sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/load")

import load  # noqa: E402

VIEWERS = int(os.environ.get("CARREL_TEST_SOAK_VIEWERS", "12"))
SECONDS = int(os.environ.get("CARREL_TEST_SOAK_SECONDS", "600"))
# Of one third of the time to the next: pages that the allocator has or has not given back, and SQLite's cache.
MORE_IN_DAEMON = 1 << 20
MORE_IN_SANDBOX = 128 << 10


class Growth(unittest.TestCase):
    def thirds(self, samples, value):
        """The median of each third of the time in which all were there."""
        share = len(samples) // 3
        return [statistics.median(value(sample) for sample in samples[i * share:(i + 1) * share]) for i in range(3)]

    def test_nothing_grows_while_films_are_watched(self):
        with tempfile.TemporaryDirectory(prefix="carrel-soak-") as folder, load.watched(pathlib.Path(folder)) as watched:
            step = load.run_step(*watched, VIEWERS, SECONDS)
        result = step["result"]
        self.assertEqual(result["broken"], [], result["error_texts"])
        samples = [sample for sample in step["samples"] if sample["sandboxes"] == VIEWERS]
        self.assertGreater(len(samples), SECONDS * 0.8)
        daemon = self.thirds(samples, lambda sample: sample["daemon_memory"])
        sandbox = self.thirds(samples, lambda sample: sample["sandbox_memory"] / VIEWERS)
        descriptors = self.thirds(samples, lambda sample: sample["daemon_descriptors"])
        print(f"{VIEWERS} viewers, {SECONDS} s, {result['segments']} segments; median of each third: daemon "
              f"{[int(value) >> 10 for value in daemon]} kB with {[int(value) for value in descriptors]} descriptors, a sandbox "
              f"{[int(value) >> 10 for value in sandbox]} kB", flush=True)
        self.assertLess(daemon[2] - daemon[1], MORE_IN_DAEMON)
        self.assertLess(sandbox[2] - sandbox[1], MORE_IN_SANDBOX)
        # Viewers come and go with what they break off: now one more, now one less.
        self.assertLess(descriptors[2] - descriptors[1], VIEWERS)


if __name__ == "__main__":
    unittest.main()
