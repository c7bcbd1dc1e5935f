"""Part 5, too: what a sandbox with eight viewers on eight films has in memory."""

import contextlib
import pathlib
import tempfile

import eight_viewers
from carrel import Daemon


def run(image):
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        eight_viewers.make_films(pathlib.Path(folder))
        with Daemon(folder, CARREL_SANDBOX_IMAGE=image) as daemon, contextlib.closing(daemon.client()) as client:
            return eight_viewers.measure(daemon, client)
