"""The Debian package on a machine with systemd and an engine: its units at work, from the installation to the purge."""

import contextlib
import json
import os
import pathlib
import re
import socket
import tempfile
import threading
import time
import unittest

import debian
from machine import Machine, wait_for
from test_package import build_package, newer
from viewer import Client, Films, Place, SlowDownload, hls, until_indexed

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
UNITS = ("carreld.socket", "carreld.service", "carrel-backup.timer")
MOST_EXPOSED = 2.0
# As carreld.socket tells: for the network, not this machine alone.
EVERYWHERE = "[Socket]\nListenStream=\nListenStream=0.0.0.0:8080\nListenStream=/run/carrel/admin.sock\n"
# As docs/install.md has it for a carreld by hand.
BY_HAND = "umask 027; CARREL_HTTP_LISTEN=0.0.0.0:8080 exec carreld 2>>/var/log/carrel/carreld.log"
LOG = "/var/log/carrel/carreld.log"
VERA = ("vera", "correct horse battery staple")
SEALED = ("--passphrase-file", "/etc/carrel/backup-passphrase")


class Often:
    """Does something again and again, until it ends."""

    def __init__(self, pause):
        self.pause = pause
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.call)

    def call(self):
        while not self.over.is_set():
            self.once()
            self.over.wait(self.pause)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Callers(Often):
    """Who connects again and again, and counts what was refused."""

    def __init__(self, place):
        super().__init__(0.02)
        self.place, self.refused, self.made = place, 0, 0

    def once(self):
        try:
            socket.create_connection((self.place.host, self.place.port), timeout=10).close()
            self.made += 1
        except OSError:
            self.refused += 1


class Askers(Often):
    """Who asks again and again, and notes the ids by which carreld logs what it answered."""

    def __init__(self, place):
        super().__init__(0.002)
        self.client, self.asked = Client(place), []

    def once(self):
        self.asked.append(self.client.get("/livez").headers["X-Request-Id"])

    def __exit__(self, *_):
        super().__exit__()
        self.client.close()


class Systemd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.films = Films(cls.enterClassContext)
        cls.work = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-test-systemd-")))
        cls.package = build_package(cls.work)
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.close)
        cls.machine.put(cls.films.folder, "/srv")
        cls.place = Place(cls.machine.address)

    def in_order(self, machine):
        for unit in UNITS:
            self.assertEqual(machine.ask("systemctl", "is-enabled", unit).stdout.strip(), "enabled", unit)
            self.assertEqual(machine.ask("systemctl", "is-active", unit).stdout.strip(), "active", machine.ask("journalctl", "-u", unit).stdout)
        self.assertEqual(machine.run("systemctl", "--failed", "--plain", "--no-legend"), "")

    def show(self, unit, name):
        return self.machine.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def pid(self):
        return int(self.show("carreld.service", "MainPID"))

    def install(self, package, machine=None):
        machine = machine or self.machine
        machine.put(package, "/root")
        return machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "-o", "Dpkg::Options::=--force-confold",
                                "install", "--no-install-recommends", f"/root/{package.name}")

    def sandboxes(self):
        return set(self.machine.run("docker", "ps", "-q", "--filter", "label=carrel.role=streamer").split())

    def log(self, event):
        lines = self.machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "carreld.service").splitlines()
        return [line for line in map(json.loads, filter(lambda line: line.startswith("{"), lines)) if line["event"] == event]

    def still_watches(self, download, client, sandboxes):
        self.assertEqual(download.finish(), self.films.big)
        self.assertEqual(client.get("/api/v1/me").status, 200)
        self.assertEqual(self.sandboxes(), sandboxes)

    def log_rotates(self):
        machine, place = self.machine, self.place
        machine.run("systemctl", "stop", "carreld.socket", "carreld.service")
        # As its timer starts it, but that everything is due.
        machine.write("/run/systemd/system/logrotate.service.d/now.conf",
                      "[Service]\nExecStart=\nExecStart=/usr/sbin/logrotate --force /etc/logrotate.conf\n")
        machine.run("systemctl", "daemon-reload")
        debian.run(*machine.command("runuser", "-u", "carrel", "--", "sh", "-c", BY_HAND, options=("--detach",)))
        wait_for("carreld by hand", place.answers)
        with Askers(place) as askers:
            for _ in range(3):
                already = len(askers.asked)
                wait_for("answers", lambda: len(askers.asked) > already + 20)
                machine.run("systemctl", "start", "logrotate.service")
                wait_for("lines in the new file", lambda: machine.ask("grep", "-q", "http.request", LOG).returncode == 0)
        pid = machine.run("pgrep", "-x", "carreld").strip()
        machine.run("kill", pid)
        wait_for("its end", lambda: machine.ask("test", "-e", f"/proc/{pid}").returncode != 0)
        there = machine.shell('stat -c "%n %U:%G %a" /var/log/carrel/*').splitlines()
        self.assertEqual(there, [f"{LOG}{end} carrel:carrel 640" for end in ("", ".1", ".2.gz", ".3.gz")])
        noted = set(re.findall(r'^\{.*"request":"([^"]+)".*\}$', machine.shell("zcat -f /var/log/carrel/*"), flags=re.M))
        self.assertEqual([one for one in askers.asked if one not in noted], [])
        print(f"The log was rotated three times in {len(askers.asked)} answers, and no line is missing", flush=True)
        machine.run("systemctl", "start", "carreld.socket", "carreld.service")
        wait_for("an answer", place.answers)

    def tuned_at_the_next_start(self):
        """By the programs that do so, in the versions of here; udev is not everywhere where tests run."""
        machine, top = self.machine, "/root/carrel"
        machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "install", "--no-install-recommends", "udev")
        for name in ("integration/carrel.py", "integration/test_hwtune_reboot.py", "unit/hwtune/machines"):
            machine.put(SOURCE / "tests" / name, f"{top}/tests/{os.path.dirname(name)}")
        machine.shell(f"mkdir -p {top}/build/hwtune; ln -s /usr/bin/carrel-hwtune {top}/build/hwtune/")
        done = machine.ask("env", f"CARREL_SOURCE_DIR={top}", f"CARREL_BUILD_DIR={top}/build", "python3", "-B",
                           f"{top}/tests/integration/test_hwtune_reboot.py", "-v")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("skipped", done.stderr)

    def make_backup(self, film):
        """Of a machine on which Vera stopped in the middle of a film; what it is about to lose."""
        machine, away = self.machine, self.work / "away"
        machine.shell("(umask 027; echo 'under the bed' >/etc/carrel/backup-passphrase); chgrp carrel /etc/carrel/backup-passphrase")
        machine.run("carrelctl", "user", "add", VERA[0], "--password-stdin", input=VERA[1] + "\n")
        with contextlib.closing(self.place.viewer(*VERA)) as client:
            self.assertEqual(client.request("PUT", f"/api/v1/videos/{film}/position", {"seconds": 5}).status, 204)
        open_one = json.loads(machine.run("carrelctl", "--json", "backup", "create", "--folder", "/root/open"))
        self.assertEqual(open_one["left_out"], ["/etc/carrel/backup-passphrase"])
        machine.run("carrelctl", "backup", "create", "--folder", "/root/away", *SEALED)
        # Its owner's, which a purge would leave.
        machine.run("mv", "/etc/carrel/backup-passphrase", "/root/away/passphrase")
        machine.take("/root/away", self.work)
        return next(away.glob("*.backup")).name, machine.run("cat", "/etc/carrel/carrel.toml"), machine.run("id", "-u", "carrel")

    def drill(self, film, backup, settings, user):
        """As docs/backup.md has it."""
        machine = Machine()
        self.addCleanup(machine.close)
        machine.put(self.films.folder, "/srv")
        machine.put(self.films.folder, "/srv/more")
        machine.put(self.work / "away", "/mnt")
        machine.write("/etc/systemd/system/carreld.socket.d/override.conf", EVERYWHERE)
        # Another number for the user carrel than on the machine that is gone.
        machine.run("useradd", "--uid", user.strip(), "somebody")
        machine.run("apt-get", "-q", "update")
        began = time.monotonic()
        self.install(self.package, machine)
        installed = time.monotonic()
        machine.run("systemctl", "stop", "carreld.socket", "carreld")
        opened = ("--passphrase-file", "/mnt/away/passphrase")
        machine.run("carrelctl", "backup", "verify", f"/mnt/away/{backup}", *opened)
        said = machine.run("carrelctl", "backup", "restore", f"/mnt/away/{backup}", "--settings", *opened)
        self.assertIn("put back: /etc/carrel/carrel.toml", said)
        restored = time.monotonic()
        machine.run("systemctl", "start", "carreld.socket", "carreld")
        place = Place(machine.address)
        with contextlib.closing(wait_for("an answer", place.answers) and place.viewer(*VERA)) as client:
            print(f"The drill, from the package: installed in {installed - began:.0f} s, restored in {restored - installed:.0f} s, a viewer "
                  f"logged in {time.monotonic() - restored:.0f} s later", flush=True)
            self.in_order(machine)
            self.assertEqual(machine.run("cat", "/etc/carrel/carrel.toml"), settings)
            self.assertNotEqual(machine.run("id", "-u", "carrel"), user)
            owners = set(machine.shell('stat -c "%U:%G %a" /etc/carrel/*').splitlines())
            self.assertEqual(owners, {"root:carrel 640"})
            self.assertEqual(machine.run("stat", "-c", "%U:%G %a", "/etc/carrel", "/var/lib/carrel", "/var/lib/carrel/carrel.db").splitlines(),
                             ["root:carrel 750", "carrel:carrel 700", "carrel:carrel 600"])
            self.assertEqual(machine.shell("find /var/lib/carrel ! -user carrel -o ! -group carrel"), "")
            until_indexed(client)
            self.assertEqual(client.get(f"/api/v1/videos/{film}").json()["position_seconds"], 5)
            self.assertGreater(hls(client, film), 100_000)
            said = machine.ask("carrelctl", "doctor")
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_its_life(self):
        machine, place = self.machine, self.place
        machine.run("apt-get", "-q", "update")
        with self.subTest("installed, and at work"):
            said = self.install(self.package)
            self.assertIn("the password is in /etc/carrel/admin-password", said)
            self.in_order(machine)
            images = machine.run("docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
            for name in ("carrel-streamer:latest", "carrel-converter:latest"):
                self.assertIn(name, images)
            machine.run("curl", "-sf", "http://127.0.0.1:8080/livez")
        with self.subTest("at another address, as the unit tells"):
            machine.write("/etc/systemd/system/carreld.socket.d/override.conf", EVERYWHERE)
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "stop", "carreld.service")
            machine.run("systemctl", "restart", "carreld.socket")
        with self.subTest("with films at home, let in as the unit's own words have it"):
            unit = (SOURCE / "packaging/systemd/carreld.service").read_text()
            let_in = re.search(r"BindReadOnlyPaths=(/home/(\w+)/films)", unit)
            machine.shell(f"""
                useradd --create-home {let_in[2]}; chmod 0700 /home/{let_in[2]}; cp -r /srv/{self.films.folder.name} {let_in[1]}
                mkdir -p /etc/systemd/system/carreld.service.d
                printf '[Service]\n{let_in[0]}\nEnvironment=CARREL_LIBRARY_PATHS={let_in[1]}\n' >/etc/systemd/system/carreld.service.d/home.conf
                systemctl daemon-reload; systemctl start carreld.service""")
            with contextlib.closing(place.viewer("admin", machine.run("cat", "/etc/carrel/admin-password"))) as client:
                self.assertIn("Short", until_indexed(client))
                client.request("POST", "/api/v1/auth/logout")
            wait_for("that the sandbox goes", lambda: not self.sandboxes())
            said = machine.ask("env", f"CARREL_LIBRARY_PATHS={let_in[1]}", "carrelctl", "doctor")
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
            self.assertIn(f"films in {let_in[1]}", said.stdout)
            machine.shell("rm /etc/systemd/system/carreld.service.d/home.conf; systemctl daemon-reload; systemctl stop carreld.service")
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
        with self.subTest("its log rotates, and no line is lost"):
            self.log_rotates()
        with self.subTest("what hwtune apply leaves for the next start is understood"):
            self.tuned_at_the_next_start()
        with self.subTest("watched, from each start on, once somebody wants it"):
            self.assertEqual(machine.ask("systemctl", "is-enabled", "carrel-watch").stdout.strip(), "disabled")
            machine.run("mkdir", "-p", "/var/lib/prometheus/node-exporter")
            machine.run("systemctl", "enable", "--now", "carrel-watch")
            figures = "/var/lib/prometheus/node-exporter/carrel.prom"
            wait_for("its figures", lambda: machine.ask("test", "-s", figures).returncode == 0)
            told = machine.run("cat", figures)
            for name in ("memory_available_bytes", "link_errors_total", "watched_timestamp_seconds"):
                self.assertIn(f"\ncarrel_machine_{name}", told)
            self.assertEqual(machine.run("systemctl", "is-active", "carrel-watch").strip(), "active")
            self.assertLessEqual(float(re.search(r"exposure level for \S+: ([0-9.]+)", machine.run(
                "systemd-analyze", "security", "--no-pager", "carrel-watch.service")).group(1)), MOST_EXPOSED)
        with self.subTest("backed up, to be taken away"):
            lost = self.make_backup(short)
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
        with self.subTest("the machine is gone, and another takes its place"):
            self.drill(short, *lost)


if __name__ == "__main__":
    unittest.main()
