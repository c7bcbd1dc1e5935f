"""The Debian package on a machine with systemd and an engine: its units at work, from the installation to the purge."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from machine import Machine, wait_for
from test_package import newer
from viewer import Films, Place, SlowDownload, hls, until_indexed

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
UNITS = ("carreld.socket", "carreld.service", "carrel-backup.timer")
MOST_EXPOSED = 2.0
# As carreld.socket tells: for the network, not this machine alone.
EVERYWHERE = "[Socket]\nListenStream=\nListenStream=0.0.0.0:8080\nListenStream=/run/carrel/admin.sock\n"


class Callers:
    """Who connects again and again, and counts what was refused."""

    def __init__(self, place):
        self.place, self.refused, self.made = place, 0, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.call)

    def call(self):
        while not self.over.is_set():
            try:
                socket.create_connection((self.place.host, self.place.port), timeout=10).close()
                self.made += 1
            except OSError:
                self.refused += 1
            self.over.wait(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Systemd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.films = Films(cls.enterClassContext)
        cls.work = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-test-systemd-")))
        made = subprocess.run([SOURCE / "scripts/build-package", cls.work], capture_output=True, text=True)
        assert made.returncode == 0, made.stdout + made.stderr
        cls.package = pathlib.Path(made.stdout.splitlines()[-1])
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.close)
        cls.machine.put(cls.films.folder, "/srv")
        cls.place = Place(cls.machine.address)

    def show(self, unit, name):
        return self.machine.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def pid(self):
        return int(self.show("carreld.service", "MainPID"))

    def install(self, package):
        self.machine.put(package, "/root")
        return self.machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "-o", "Dpkg::Options::=--force-confold",
                                "install", "--no-install-recommends", f"/root/{package.name}")

    def sandboxes(self):
        return set(self.machine.run("docker", "ps", "-q", "--filter", "label=carrel.role=streamer").split())

    def log(self, event):
        lines = self.machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "carreld.service").splitlines()
        return [line for line in map(json.loads, filter(lambda line: line.startswith("{"), lines)) if line["event"] == event]

    def settings(self, text):
        self.machine.run("tee", "-a", "/etc/carrel/carrel.toml", input=text)

    def still_watches(self, download, client, sandboxes):
        self.assertEqual(download.finish(), self.films.big)
        self.assertEqual(client.get("/api/v1/me").status, 200)
        self.assertEqual(self.sandboxes(), sandboxes)

    def test_its_life(self):
        machine, place = self.machine, self.place
        machine.run("apt-get", "-q", "update")
        with self.subTest("installed, and at work"):
            said = self.install(self.package)
            self.assertIn("the password is in /etc/carrel/admin-password", said)
            for unit in UNITS:
                self.assertEqual(machine.ask("systemctl", "is-enabled", unit).stdout.strip(), "enabled", unit)
                self.assertEqual(machine.ask("systemctl", "is-active", unit).stdout.strip(), "active", machine.ask("journalctl", "-u", unit).stdout)
            self.assertEqual(machine.run("systemctl", "--failed", "--plain", "--no-legend"), "")
            images = machine.run("docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
            for name in ("carrel-streamer:latest", "carrel-converter:latest"):
                self.assertIn(name, images)
            machine.run("curl", "-sf", "http://127.0.0.1:8080/livez")
        with self.subTest("at another address, as the unit tells"):
            machine.write("/etc/systemd/system/carreld.socket.d/override.conf", EVERYWHERE)
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "stop", "carreld.service")
            machine.run("systemctl", "restart", "carreld.socket")
        with self.subTest("started by the first who connects"):
            self.assertEqual(machine.ask("systemctl", "is-active", "carreld.service").stdout.strip(), "inactive")
            wait_for("an answer", place.answers)
            self.assertEqual(machine.run("systemctl", "is-active", "carreld.service").strip(), "active")
        password = machine.run("cat", "/etc/carrel/admin-password")
        client = place.viewer("admin", password)
        self.addCleanup(client.close)
        films = until_indexed(client)
        big, short = films["Big"]["id"], films["Short"]["id"]
        with self.subTest("a film"):
            self.assertEqual(client.get(f"/stream/{short}/original").body, self.films.short.read_bytes())
            self.assertGreater(hls(client, short), 100_000)
            self.assertEqual(len(self.sandboxes()), 1)
            self.assertRegex(self.show("carreld.service", "StatusText"), r"sessions, \d+ sandboxes; at 0\.0\.0\.0:8080")
        with self.subTest("as tight as the unit says"):
            status = machine.run("cat", f"/proc/{self.pid()}/status")
            user = machine.run("id", "-u", "carrel").strip()
            for line in (f"Uid:\t{user}\t{user}\t{user}\t{user}", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000",
                         "NoNewPrivs:\t1", "Seccomp:\t2"):
                self.assertIn(line, status)
            for unit in ("carreld.service", "carrel-backup.service"):
                exposure = machine.run("systemd-analyze", "security", "--no-pager", unit)
                level = float(re.search(r"exposure level for \S+: ([0-9.]+)", exposure).group(1))
                print(f"{unit} as it runs: {level}", flush=True)
                self.assertLessEqual(level, MOST_EXPOSED)
        with self.subTest("the doctor finds nothing"):
            said = machine.ask("carrelctl", "doctor")
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        sandboxes = self.sandboxes()
        with self.subTest("killed in the middle of a film"):
            download, before = SlowDownload(client, big), self.pid()
            with Callers(place) as callers:
                machine.run("kill", "-KILL", before)
                wait_for("another carreld", lambda: self.pid() not in (0, before))
                wait_for("an answer", place.answers)
            self.assertEqual(callers.refused, 0)
            self.assertGreater(callers.made, 0)
            self.still_watches(download, client, sandboxes)
        with self.subTest("hangs in the middle of a film"):
            download, before, began = SlowDownload(client, big), self.pid(), time.monotonic()
            machine.run("kill", "-STOP", before)
            wait_for("the watchdog", lambda: self.pid() not in (0, before), 90)
            print(f"the watchdog took {time.monotonic() - began:.0f} s", flush=True)
            self.assertIn("Watchdog timeout", machine.run("journalctl", "--no-pager", "-u", "carreld.service"))
            wait_for("an answer", place.answers)
            self.still_watches(download, client, sandboxes)
        with self.subTest("reads its settings again, in the middle of a film"):
            download, before = SlowDownload(client, big), self.pid()
            machine.shell("mkdir /srv/more && cp /srv/films/Short.mp4 /srv/more/Another.mp4 && "
                          "touch -d 2020-01-01 /srv/more/Another.mp4 && "
                          "sed -i 's|^paths = .*|paths = [\"/srv/films\", \"/srv/more\"]|' /etc/carrel/carrel.toml")
            machine.run("systemctl", "reload", "carreld.service")
            until_indexed(client, ("Another", "Big", "Short"))
            self.assertEqual(self.pid(), before)
            self.still_watches(download, client, sandboxes)
        with self.subTest("refuses what it cannot read, and says so"):
            machine.shell("cp -p /etc/carrel/carrel.toml /root/ && echo nonsense >>/etc/carrel/carrel.toml")
            machine.run("systemctl", "reload", "carreld.service")
            wait_for("its reason", lambda: "refused" in self.show("carreld.service", "StatusText"))
            self.assertTrue(place.answers())
            machine.shell("cp -p /root/carrel.toml /etc/carrel/")
            machine.run("systemctl", "reload", "carreld.service")
            wait_for("that it is over", lambda: "refused" not in self.show("carreld.service", "StatusText"))
        with self.subTest("upgraded in the middle of a film"):
            download, before = SlowDownload(client, big), self.pid()
            with Callers(place) as callers:
                self.install(newer(self.package, self.work))
                wait_for("the new program", lambda: machine.ask(
                    "test", f"/proc/{before}/exe", "-ef", "/usr/bin/carreld").returncode == 0)
                wait_for("an answer", place.answers)
            self.assertEqual((self.pid(), callers.refused), (before, 0))
            self.still_watches(download, client, sandboxes)
        with self.subTest("backed up by the timer"):
            machine.run("systemctl", "list-timers", "--no-pager", "carrel-backup.timer")
            self.assertNotEqual(self.show("carrel-backup.timer", "NextElapseUSecRealtime"), "")
            machine.write("/run/systemd/system/carrel-backup.timer.d/now.conf",
                          "[Timer]\nOnCalendar=\nOnActiveSec=1s\nRandomizedDelaySec=0\nAccuracySec=100ms\n")
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "restart", "carrel-backup.timer")
            wait_for("a backup", lambda: machine.ask("ls", "/var/lib/carrel/backups").stdout.strip())
            wait_for("its end", lambda: self.show("carrel-backup.service", "ActiveState") == "inactive")
            self.assertEqual(self.show("carrel-backup.service", "Result"), "success")
            machine.run("carrelctl", "backup", "verify")
        with self.subTest("nothing went wrong that was not meant to"):
            self.assertEqual(len(self.log("upgrade.refused")), 1)
            self.assertEqual(machine.run("systemctl", "--failed", "--plain", "--no-legend"), "")
            self.assertEqual(machine.run("systemctl", "is-system-running").strip(), "running")
        with self.subTest("removed, with its data kept"):
            machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "remove", "carrel")
            self.assertEqual(machine.run("docker", "ps", "-aq"), "")
            self.assertEqual(machine.run("docker", "images", "-q"), "")
            units = machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "carrel*").splitlines()
            self.assertEqual({tuple(line.split()[1:4]) for line in units}, {("masked", "inactive", "dead")})
            self.assertFalse(place.answers())
            machine.run("test", "-e", "/var/lib/carrel/carrel.db")
        with self.subTest("installed again"):
            self.install(self.package)
            wait_for("an answer", place.answers)
            with contextlib.closing(place.viewer("admin", password)) as again:
                self.assertEqual(again.get(f"/stream/{short}/original", Range="bytes=0-9").status, 206)
        with self.subTest("purged"):
            machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "purge", "carrel")
            self.assertEqual(machine.run("docker", "ps", "-aq") + machine.run("docker", "images", "-q"), "")
            left = machine.shell("ls -d /etc/carrel /var/lib/carrel /run/carrel /usr/share/carrel 2>/dev/null || true")
            self.assertEqual(left, "")
            self.assertNotEqual(machine.ask("id", "carrel").returncode, 0)
            self.assertEqual(machine.ask("systemctl", "list-unit-files", "--no-legend", "carrel*").stdout, "")
            self.assertEqual(machine.run("systemctl", "is-system-running").strip(), "running")


if __name__ == "__main__":
    unittest.main()
