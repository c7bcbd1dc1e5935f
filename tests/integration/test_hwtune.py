"""carrel-hwtune on the machine that this runs on: it looks, measures within its bounds, plans, and carreld takes
the plan. Nothing of the machine is changed: apply and revert run on trees, and in a network namespace."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from carrel import BUILD, SOURCE, Daemon, wait_for

HWTUNE = BUILD / "hwtune/carrel-hwtune"
OK, FAILED, USAGE, REFUSED = 0, 1, 2, 4
WRONG_CONFIGURATION = 78
# As smartctl 7.3 tells of an SSD in SATA, shortened; a tenth of it is worn.
SMART = {
    "json_format_version": [1, 0],
    "smartctl": {"version": [7, 3], "argv": ["smartctl", "--json", "--health", "--attributes", "/dev/sda"], "exit_status": 4,
                 "messages": [{"string": "Warning: This result is based on an Attribute check.", "severity": "warning"}]},
    "device": {"name": "/dev/sda", "info_name": "/dev/sda [SAT]", "type": "sat", "protocol": "ATA"},
    "smart_status": {"passed": True},
    "ata_smart_attributes": {"revision": 1, "table": [
        {"id": 5, "name": "Reallocated_Sector_Ct", "value": 100, "worst": 100, "thresh": 10, "when_failed": "",
         "flags": {"value": 51, "string": "PO--CK "}, "raw": {"value": 2, "string": "2"}},
        {"id": 177, "name": "Wear_Leveling_Count", "value": 90, "worst": 90, "thresh": 0, "when_failed": "",
         "flags": {"value": 19, "string": "PO--C- "}, "raw": {"value": 171, "string": "171"}}]},
    "power_on_time": {"hours": 8761}, "power_cycle_count": 431, "temperature": {"current": 34}}
SYSCTLS = {"net/core/somaxconn": "100", "net/ipv4/tcp_slow_start_after_idle": "1", "net/ipv4/tcp_max_syn_backlog": "128"}


def said_by(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def kindness(pid):
    """(nice, class in the disk's queue) of a process."""
    nice = int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[16])
    return nice, said_by("ionice", "-p", str(pid)).split(":")[0]


def child_of(pid):
    for one in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(one.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                return int(one.parent.name)
    return None


def kindness_of_child(pid):
    """None when there is none, or it ended while it was looked at."""
    child = child_of(pid)
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        return child and kindness(child)
    return None


class Hwtune(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="carrel-hwtune-")))
        for folder in ("films", "data"):
            (self.root / folder).mkdir()
        with open(self.root / "films/film.mp4", "wb") as film:
            film.write(os.urandom(1 << 20) * 32)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("CARREL_")}
        self.environment |= {"CARREL_LIBRARY_PATHS": str(self.root / "films"),
                             "CARREL_DATA_DIR": str(self.root / "data")}

    def hwtune(self, *words, code=OK):
        done = subprocess.run([HWTUNE, *map(str, words)], capture_output=True, text=True, timeout=120, cwd=self.root,
                              env=self.environment, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def data(self, *words, **options):
        return json.loads(self.hwtune("--json", *words, **options).stdout)

    def tree(self):
        """A machine with some of the kernel's settings and nothing else."""
        tree = self.root / "tree"
        for name, value in (SYSCTLS | {"vm/swappiness": "60"}).items():
            (tree / "proc/sys" / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / "proc/sys" / name).write_text(value + "\n")
        (tree / "etc/sysctl.d").mkdir(parents=True)
        (tree / "var/lib").mkdir(parents=True)
        return tree

    def test_detect_tells_what_the_kernel_tells(self):
        found = self.data("detect")
        cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
        self.assertEqual(found["cpu"]["threads"], sum(line.startswith("processor") for line in cpuinfo.splitlines()))
        self.assertEqual(found["kernel"], os.uname().release)
        held = [path for disk in found["disks"] for path in disk["paths"]]
        self.assertIn(str(self.root / "films"), held)
        swaps = pathlib.Path("/proc/swaps").read_text().splitlines()[1:]
        self.assertEqual(found["memory"]["swap_total"], sum(int(line.split()[2]) for line in swaps) << 10)
        text = self.hwtune("detect").stdout
        self.assertIn(found["cpu"]["model"], text)
        self.assertRegex(text, r"\nswap +.*in use\n" if swaps else r"\nswap +none\n")
        self.assertIn("Next: carrel-hwtune measure", text)

    def test_detect_tells_what_the_file_system_tells(self):
        def space():
            told = os.statvfs(self.root / "films")
            return told.f_bavail * told.f_frsize, told.f_blocks * told.f_frsize

        before, total = space()
        disk = next(disk for disk in self.data("detect")["disks"] if str(self.root / "films") in disk["paths"])
        after, _ = space()
        self.assertEqual(disk["total"], total)
        slack = 64 << 20  # others write meanwhile
        self.assertTrue(min(before, after) - slack <= disk["free"] <= max(before, after) + slack, (before, disk["free"], after))
        kind, point, options = said_by("findmnt", "-n", "-r", "-o", "FSTYPE,TARGET,OPTIONS", "-T", self.root / "films").split(" ")
        self.assertEqual((disk["file_system"], disk["mount_point"]), (kind, point))
        self.assertEqual(set(disk["options"].split(",")), set(options.split(",")))
        text = self.hwtune("detect").stdout
        self.assertIn(f"{kind} on {point} ({disk['options']})", text)
        self.assertRegex(text, r"\nfree +\d.* of \d")

    def test_detect_tells_what_queues_and_who_controls_congestion(self):
        found = self.data("detect")
        control = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
        self.assertEqual(found["sysctl"]["net.ipv4.tcp_congestion_control"], control)
        text = self.hwtune("detect").stdout
        told = {one["dev"]: one["kind"] for one in json.loads(said_by("tc", "-json", "qdisc", "show")) if one.get("root")}
        self.assertTrue(found["links"])
        for link in found["links"]:
            self.assertEqual(link["qdisc"], told[link["name"]])
            self.assertRegex(text, rf"\nqueueing +{link['qdisc']}, congestion control {control}\n")

    def test_detect_tells_what_the_engine_tells(self):
        engine = self.data("detect")["engine"]
        self.assertTrue(engine["answers"], engine)
        version = json.loads(said_by("docker", "version", "--format", "{{json .Server}}"))
        info = json.loads(said_by("docker", "info", "--format", "{{json .}}"))
        self.assertEqual((engine["version"], engine["api"]), (version["Version"], version["ApiVersion"]))
        self.assertEqual((engine["storage"], engine["runtime"]), (info["Driver"], info["DefaultRuntime"]))
        self.assertIn(engine["runtime"], info["Runtimes"])
        self.assertEqual((engine["cgroup_driver"], engine["cgroup_version"]), (info["CgroupDriver"], info["CgroupVersion"]))
        self.assertIn(f"{engine['version']}, API {engine['api']}, storage {engine['storage']}, runtime {engine['runtime']}\n",
                      self.hwtune("detect").stdout)

    def test_what_is_measured_becomes_a_plan_that_carreld_takes(self):
        began = time.monotonic()
        measured = self.data("measure", "--seconds", 5, "--megabytes", 32)
        self.assertLess(time.monotonic() - began, 90)
        self.assertEqual(measured["not_measured"], [])
        self.assertEqual({read["pattern"] for read in measured["reads"]}, {"sequential", "random"})
        self.assertEqual({read["path"] for read in measured["reads"]}, {str(self.root / "films"), str(self.root / "data")})
        self.assertGreater(measured["sendfile"]["cpu_ms_per_mb"], 0)
        accuracy = measured["pacing"]["got_mb_per_s"] / measured["pacing"]["asked_mb_per_s"]
        self.assertTrue(0.5 < accuracy < 1.5, measured["pacing"])
        self.assertGreater(measured["spawn"]["count"], 0)
        self.assertGreater(measured["spawn"]["start_ms"], 0)
        self.assertEqual([rung["rung"] for rung in measured["rungs"]], ["720p", "480p", "360p"])
        for rung in measured["rungs"]:
            self.assertGreater(rung["times_real"], 0)
        self.assertEqual([stream["mbit"] for stream in measured["streams_reckoned"]], [2, 5, 8, 20])
        self.assertTrue(all(stream["cpu_percent"] > 0 and stream["kernel_bytes"] > 0 for stream in measured["streams_reckoned"]))
        self.assertEqual(list((self.root / "data").iterdir()), [], "the scratch file has no name")
        made = self.data("plan", "--output", "plan.toml")
        self.assertTrue(made["measured"])
        self.assertIn(made["limited_by"], ("processors", "memory", "network", "disk"))
        plan = self.root / "plan.toml"
        with Daemon(self.root / "films", CARREL_ADMISSION_PLAN=str(plan)) as daemon:
            taken = daemon.event("plan.taken")
            self.assertEqual(taken["sessions"], made["sessions"])
            self.assertEqual(taken["limited_by"], made["limited_by"])

    def test_measuring_is_kind_to_what_else_runs_and_an_interrupt_ends_it(self):
        words = [HWTUNE, "measure", "--seconds", "1", "--megabytes", "16"]
        with subprocess.Popen(words, cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as measuring:
            try:
                wait_for("the last place in both queues", lambda: kindness(measuring.pid) == (19, "idle"))
                self.assertEqual(wait_for("a conversion", lambda: kindness_of_child(measuring.pid)), (19, "idle"))
            finally:
                measuring.send_signal(signal.SIGINT)
        self.assertEqual(measuring.returncode, OK)
        kept = json.loads((self.root / "carrel-measured.json").read_text())
        self.assertIn("sendfile", kept)
        self.assertIn("stopped", [each["why"] for each in kept["not_measured"]])

    def test_other_signals_end_measuring_as_an_interrupt_does(self):
        words = [HWTUNE, "measure", "--seconds", "1", "--megabytes", "16", "--output"]
        for ending in (signal.SIGTERM, signal.SIGHUP):
            kept = self.root / f"{ending.name}.json"
            with self.subTest(ending.name), subprocess.Popen([*words, kept], cwd=self.root, env=self.environment,
                                                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                                             stderr=subprocess.DEVNULL) as measuring:
                try:
                    wait_for("the last place in both queues", lambda: kindness(measuring.pid) == (19, "idle"))
                finally:
                    measuring.send_signal(ending)
                self.assertEqual(measuring.wait(60), OK)
                self.assertIn("stopped", [each["why"] for each in json.loads(kept.read_text())["not_measured"]])

    def test_a_plan_where_the_packaged_service_does_not_look_is_warned_of(self):
        unit = (SOURCE / "packaging/systemd/carreld.service").read_text()
        self.assertIn("ProtectHome=tmpfs", unit)
        self.assertIn("PrivateTmp=yes", unit)
        for folder, hidden in (("/tmp", True), ("/var/tmp", True), ("/dev/shm", False)):
            with tempfile.TemporaryDirectory(prefix="carrel-test-", dir=folder) as away:
                link = pathlib.Path(away) / "link"
                link.symlink_to(away)
                said = self.hwtune("plan", "--output", link / "plan.toml").stderr
            self.assertEqual("write the plan to /etc/carrel/carrel-plan.toml" in said, hidden, said)

    def test_a_bad_plan_is_a_clear_error(self):
        self.hwtune("plan", "--output", "plan.toml")
        plan = self.root / "plan.toml"

        def check():
            return subprocess.run([BUILD / "orchestrator/carreld", "--check-config"], capture_output=True, text=True,
                                  env=self.environment | {"CARREL_ADMISSION_PLAN": str(plan),
                                                          "CARREL_HTTP_WEB_DIR": str(SOURCE / "orchestrator/web/dist")},
                                  cwd=self.root)

        self.assertEqual(check().returncode, 0, check().stderr)
        text = plan.read_text()
        plan.write_text(text + '\n[admin]\npassword = "not a plan\'s"\n')
        refused = check()
        self.assertEqual(refused.returncode, WRONG_CONFIGURATION)
        self.assertIn("admin.password is not a plan's to set", refused.stderr)
        plan.write_text("".join("processors = 4000\n" if line.startswith("processors") else line
                                for line in text.splitlines(keepends=True)))
        refused = check()
        self.assertEqual(refused.returncode, WRONG_CONFIGURATION)
        self.assertIn("made for 4000 processors", refused.stderr)
        self.assertIn("carrel-hwtune plan", refused.stderr)

    def test_carreld_takes_on_nothing_new_when_memory_is_short_and_says_why(self):
        with Daemon(self.root / "films", CARREL_ADMISSION_MEMORY_RESERVE="1t") as daemon:
            told = wait_for("the shedding", lambda: daemon.event("machine.shedding"))
            self.assertIn("short of memory", told["reason"])
            self.assertIn("new sandboxes", told["refused"])
            client = self.enterContext(contextlib.closing(daemon.client()))
            self.assertIn("\ncarrel_shedding 2\n", client.get("/metrics").body.decode())
            self.assertEqual(client.get("/api/v1/admin/status").json()["shedding"],
                             {"level": 2, "reason": told["reason"]})
            film = wait_for("the film", client.videos)[0]["id"]
            refused = client.get(f"/stream/{film}/original")
            self.assertEqual(refused.status, 429, refused.body)
            self.assertIn(told["reason"], refused.json()["detail"])
            self.assertGreater(int(refused.headers["Retry-After"]), 0)
            self.assertEqual(daemon.containers(), [])

    def test_nothing_is_changed_without_a_yes(self):
        tree = self.tree()
        refused = self.hwtune("apply", "--root", tree, code=REFUSED)
        self.assertIn("say --yes", refused.stderr)
        self.assertIn("+ vm.swappiness = 10", refused.stdout)
        self.hwtune("apply", "--dry-run", "--root", tree)
        self.assertEqual((tree / "proc/sys/vm/swappiness").read_text(), "60\n")
        self.assertFalse((tree / "var/lib/carrel-hwtune").exists())
        self.hwtune("apply", "--yes", "--root", tree)
        self.assertIn("nothing to do", self.hwtune("apply", "--yes", "--root", tree).stdout)
        self.hwtune("revert", "--yes", "--root", tree)
        self.assertEqual((tree / "proc/sys/vm/swappiness").read_text(), "60\n")
        self.assertEqual(list((tree / "etc/sysctl.d").iterdir()), [])
        self.assertIn("nothing to undo", self.hwtune("revert", "--root", tree).stdout)

    def test_the_kernels_own_values_are_changed_and_come_back(self):
        tree = self.tree()
        show = "".join(f"cat /proc/sys/{name}; " for name in SYSCTLS)
        forget = "".join(f"echo {value} > /proc/sys/{name}; " for name, value in SYSCTLS.items())
        # What is not the namespace's own is the tree's.
        reboot = f"mount --bind '{tree}/proc/sys/vm' /proc/sys/vm; sysctl --load '{tree}/etc/sysctl.d/60-carrel-hwtune.conf' >&2"
        script = (f"{forget} mount --bind /proc/sys/net '{tree}/proc/sys/net' && {show} echo --; "
                  f"'{HWTUNE}' apply --yes --root '{tree}' >&2 && {show} echo --; "
                  f"{forget} {show} echo --; {reboot} && {show} echo --; "
                  f"'{HWTUNE}' revert --yes --root '{tree}' >&2 && {show}")
        done = subprocess.run(["unshare", "--map-root-user", "--net", "--mount", "sh", "-ec", script],
                              capture_output=True, text=True, cwd=self.root, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        before, applied, forgotten, booted, after = (part.split() for part in done.stdout.split("--"))
        self.assertEqual(before, list(SYSCTLS.values()))
        self.assertEqual(applied, ["4096", "0", "2048"])
        self.assertEqual(forgotten, before)
        self.assertEqual(booted, applied)
        self.assertEqual(after, before)

    def test_watch_writes_what_prometheus_reads(self):
        self.hwtune("watch", "--no-disks", "--prometheus", "machine.prom")
        text = (self.root / "machine.prom").read_text()
        self.assertIn("\ncarrel_machine_memory_available_bytes ", text)
        self.assertEqual(list(self.root.glob("machine.prom.*")), [])
        self.assertIn("memory to be had", self.hwtune("watch").stdout)
        self.assertIn("memory_available", self.data("watch"))

    def test_what_is_written_to_its_own_output_arrives_there(self):
        link = self.root / "out"  # such as /dev/stdout
        link.symlink_to("/proc/self/fd/1")
        words = ("watch", "--no-disks", "--prometheus", link)
        self.assertIn("\ncarrel_machine_memory_available_bytes ", self.hwtune(*words).stdout)
        with (self.root / "kept").open("w") as kept:
            subprocess.run([HWTUNE, *words], stdout=kept, check=True, timeout=60, cwd=self.root, env=self.environment)
            self.assertEqual(os.fstat(kept.fileno()).st_nlink, 1)
        self.assertIn("\ncarrel_machine_memory_available_bytes ", (self.root / "kept").read_text())
        self.assertTrue(link.is_symlink())

    def test_nothing_is_measured_for_a_file_that_cannot_be_written(self):
        began = time.monotonic()
        said = self.hwtune("measure", "--seconds", 600, "--output", "/nonexistent/x", code=FAILED).stderr
        self.assertLess(time.monotonic() - began, 60)
        self.assertIn("nothing was measured: make a file beside /nonexistent/x: No such file or directory; "
                      "name another with --output", said)

    def test_watch_goes_on_and_asks_disks_now_and_then(self):
        (self.root / "said.json").write_text(json.dumps(SMART))
        smartctl = self.root / "bin/smartctl"
        smartctl.parent.mkdir()
        # Its exit status is a set of bits about the disk.
        smartctl.write_text(f"#!/bin/sh\necho \"$*\" >> '{self.root}/asked'; cat '{self.root}/said.json'; exit 4\n")
        smartctl.chmod(0o755)
        device = next(disk["device"] for disk in self.data("detect")["disks"])
        if not device:
            print("\nNOT TESTED: carrel-hwtune watch with smartctl; the folder for temporary files is on no disk.", flush=True)
            self.skipTest("no disk below the folder for temporary files")
        with subprocess.Popen([HWTUNE, "--json", "watch", "--every", "0.2"], cwd=self.root, stdin=subprocess.DEVNULL, text=True,
                              env=self.environment | {"PATH": f"{smartctl.parent}:{os.environ['PATH']}"},
                              stdout=subprocess.PIPE) as watching:
            try:
                rounds = [json.loads(watching.stdout.readline()) for _ in range(3)]
            finally:
                watching.terminate()
        self.assertEqual(watching.returncode, OK)
        told = {"device": device, "passed": True, "worn": 0.1, "bad_sectors": 2, "celsius": 34, "hours": 8761}
        self.assertEqual([looked["disks"] for looked in rounds], [[told]] * 3)
        self.assertGreaterEqual(rounds[2]["at"], rounds[0]["at"])
        self.assertEqual((self.root / "asked").read_text(), f"--json --nocheck=standby --health --attributes /dev/{device}\n")

    def test_wrong_command_lines_are_told_what_is_wrong(self):
        for words in (("plan", "--mbit"), ("watch", "--every"), ("measure", "--seconds")):
            for number in ("nan", "-nan", "inf", "1e999", "0", "-1", "8x"):
                said = self.hwtune(words[0], f"{words[1]}={number}", code=USAGE).stderr
                self.assertIn(f'{words[1]}: "{number}" is no number from 0.1 to ', said)
        self.assertIn("did you mean plan?", self.hwtune("pln", code=USAGE).stderr)
        self.assertIn("a tree cannot be measured", self.hwtune("measure", "--root", self.root, code=USAGE).stderr)
        self.assertIn("another machine", self.another_machines_figures().stderr)

    def test_the_manual_page_is_clean_and_has_every_command_and_option(self):
        page = SOURCE / "docs/man/carrel-hwtune.8"
        checked = subprocess.run(["groff", "-ww", "-man", "-Kutf8", "-Tutf8", page], capture_output=True, text=True, check=True)
        self.assertEqual(checked.stderr, "")
        text = page.read_text().replace("\\-", "-")
        described = set(re.findall(r"^\\fB(\w+)\\fR(?: |$)", text, flags=re.M))
        commands = set(re.findall(r"^  (\w+) ", self.hwtune("--help").stdout.split("Subcommands:")[1], flags=re.M))
        self.assertEqual(described, commands)
        help_of_all = "".join(self.hwtune(*command, "--help").stdout for command in [(), *((one,) for one in commands)])
        options = set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", help_of_all, flags=re.M))
        self.assertIn("--dry-run", options)
        self.assertEqual(set(re.findall(r"(?<=B)--[a-z-]+", text)), options)

    def another_machines_figures(self):
        figures = {"version": 1, "at": 0, "machine": "a toaster", "reads": [], "rungs": [], "not_measured": []}
        (self.root / "carrel-measured.json").write_text(json.dumps(figures))
        return self.hwtune("plan", code=FAILED)


if __name__ == "__main__":
    unittest.main()
