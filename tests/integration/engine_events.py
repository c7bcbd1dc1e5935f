"""What the engine tells of Carrel's containers, while it happens."""

import contextlib
import json
import sqlite3
import subprocess
import tempfile
import time


class EngineEvents:
    """Of the given kinds, from now on."""

    def __init__(self, *kinds):
        self.out = tempfile.NamedTemporaryFile(prefix="carrel-test-events-")
        filters = [word for kind in kinds for word in ("--filter", f"event={kind}")]
        # What happens until it listens comes, too.
        self.process = subprocess.Popen(
            ["docker", "events", "--since", str(time.time()), "--filter", "label=carrel.role", *filters, "--format", "{{json .}}"],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.out.close()

    def of(self, daemon, role=None):
        """(what, the container's attributes), in the engine's order: of this daemon's containers."""
        with contextlib.closing(sqlite3.connect(daemon.root / "data/carrel.db")) as database:
            instance = database.execute("SELECT value FROM settings WHERE key = 'instance'").fetchone()[0]
        with open(self.out.name) as file:
            told = [json.loads(line) for line in file if line.endswith("\n")]
        told.sort(key=lambda event: event["timeNano"])
        found = [(event["Action"], event["Actor"]["Attributes"]) for event in told]
        return [(what, container) for what, container in found
                if container["carrel.instance"] == instance and role in (None, container["carrel.role"])]
