"""Every container that Carrel makes, held against section 5 of the CIS Docker benchmark; each item by its number there."""

import contextlib
import json
import pathlib
import subprocess
import tempfile
import unittest

from carrel import BUILD, Daemon, FilmsTest, docker, make_film, wait_for
from engine_recorder import Recorder

ROLES = {"streamer", "holder", "worker", "converter"}
SENSITIVE = ("/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr", "/var/run", "/run")
MOST_MEMORY = 2 << 30


def check(case, host, config, mounts):
    """`host` and `config` as the engine has them, of one container."""
    with case.subTest("4.1 not root"):
        case.assertRegex(config.get("User") or case.image_user, r"^[1-9]\d*(:[1-9]\d*)?$")
    with case.subTest("5.3 no capability"):
        case.assertEqual(host["CapDrop"], ["ALL"])
        case.assertFalse(host.get("CapAdd"))
    with case.subTest("5.4 not privileged"):
        case.assertFalse(host["Privileged"])
    with case.subTest("5.5, 5.31 nothing of the host's but the control directory, read-only; no socket of the engine's"):
        for mount in mounts:
            case.assertEqual((mount["Type"], mount["Target"], mount["ReadOnly"]), ("bind", "/run/carrel", True))
            case.assertTrue(mount["Source"].startswith(str(case.daemon.root / "data/run") + "/"), mount)
            case.assertNotIn(mount["Source"], SENSITIVE)
        case.assertFalse(host.get("Binds"))
        case.assertFalse(host.get("VolumesFrom"))
    with case.subTest("5.8, 5.9, 5.13, 5.29 no network, no port"):
        case.assertRegex(host["NetworkMode"], r"^(none|container:(carrel-[0-9a-f-]{36}|[0-9a-f]{64}))$")
        case.assertFalse(host.get("PortBindings"))
        case.assertFalse(host.get("PublishAllPorts"))
    with case.subTest("5.10 memory, with no swap beyond it"):
        case.assertTrue(0 < host["Memory"] <= MOST_MEMORY)
        case.assertEqual(host["MemorySwap"], host["Memory"])
    with case.subTest("5.11 CPU"):
        case.assertTrue(0 < host["NanoCpus"] <= 2_000_000_000)
    with case.subTest("5.12 read-only root"):
        case.assertTrue(host["ReadonlyRootfs"])
    with case.subTest("5.14 never started by itself"):
        case.assertIn(host["RestartPolicy"]["Name"], ("no", ""))
    with case.subTest("5.15, 5.16, 5.20, 5.30 no namespace of the host's"):
        for mode in ("PidMode", "IpcMode", "UTSMode", "UsernsMode"):
            case.assertNotIn("host", host.get(mode) or "")
        case.assertEqual(host["IpcMode"], "none")
    with case.subTest("5.17 no device"):
        case.assertFalse(host.get("Devices"))
        case.assertFalse(host.get("DeviceRequests"))
    with case.subTest("5.18 limits of its own"):
        limits = {one["Name"]: one["Hard"] for one in host["Ulimits"]}
        case.assertLessEqual(limits["nofile"], 1024)
        case.assertEqual(limits["core"], 0)
    with case.subTest("5.19 no mount comes back"):
        for mount in mounts:
            case.assertEqual(mount["BindOptions"]["Propagation"], "rprivate")
    with case.subTest("5.21 a seccomp profile that refuses by default"):
        profiles = [one for one in host["SecurityOpt"] if one.startswith("seccomp=")]
        case.assertEqual(len(profiles), 1)
        case.assertNotIn("unconfined", profiles[0])
        case.assertEqual(json.loads(profiles[0].split("=", 1)[1])["defaultAction"], "SCMP_ACT_ERRNO")
    with case.subTest("5.24 the engine's own cgroup"):
        case.assertFalse(host.get("CgroupParent"))
    with case.subTest("5.25 no new privileges"):
        case.assertIn("no-new-privileges", host["SecurityOpt"])
    with case.subTest("5.28 a bound on processes"):
        case.assertTrue(0 < host["PidsLimit"] <= 256)
    with case.subTest("its log is bounded"):
        case.assertEqual(host["LogConfig"]["Config"], {"max-file": "1", "max-size": "1m"})


class Benchmark(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Short.mp4", 6)
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-test-engine-")))
        cls.recorder = Recorder(folder / "docker.sock")
        cls.addClassCleanup(cls.recorder.close)
        cls.daemon = cls.enterClassContext(Daemon(cls.films, CARREL_ENGINE_SOCKET=str(folder / "docker.sock")))
        with contextlib.closing(cls.daemon.client()) as client:
            cls.daemon.wait_until_indexed(client)
            film = client.video("Short")["id"]
            assert client.get(f"/stream/{film}/original", Range="bytes=0-9").status == 206
            # A converter's container.
            wait_for("a poster", lambda: client.get(f"/stream/{film}/poster.jpg").status == 200)
            cls.alive = cls.daemon.containers()
        cls.image_user = docker("image", "inspect", "--format", "{{.Config.User}}", cls.alive[0]["Image"])

    def test_each_kind_that_there_is_was_made(self):
        self.assertEqual({one["Labels"]["carrel.role"] for one in self.recorder.created()}, ROLES)

    def test_what_was_asked_of_the_engine(self):
        for made in self.recorder.created():
            with self.subTest(made["Labels"]["carrel.role"]):
                check(self, made["HostConfig"], made, made["HostConfig"]["Mounts"])

    def test_what_the_engine_made_of_it(self):
        self.assertTrue(self.alive)
        instance = self.alive[0]["Config"]["Labels"]["carrel.instance"]
        running = json.loads(docker("inspect", *docker("ps", "-q", "--filter", f"label=carrel.instance={instance}").split()))
        self.assertEqual({one["Config"]["Labels"]["carrel.role"] for one in running} & {"streamer", "holder"},
                         {"streamer", "holder"})
        for one in running:
            with self.subTest(one["Config"]["Labels"]["carrel.role"]):
                check(self, one["HostConfig"], one["Config"], one["HostConfig"].get("Mounts") or [])
                status = pathlib.Path(f"/proc/{one['State']['Pid']}/status").read_text()
                facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
                self.assertEqual({facts[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}, {"0" * 16})
                self.assertEqual((facts["NoNewPrivs"], facts["Seccomp"]), ("1", "2"))
                self.assertNotIn("0", facts["Uid"].split())

    def test_nothing_is_ever_run_inside(self):
        for method, path, _ in self.recorder.requests():
            self.assertNotRegex(path, r"/(exec|attach|archive|export|commit|build|volumes|networks|plugins|swarm)\b", method)

    def test_an_image_holds_one_program_and_no_right_of_roots(self):
        for image in (self.alive[0]["Config"]["Image"], "carrel-converter"):
            with self.subTest(image):
                made = docker("create", image, "x")
                try:
                    listed = subprocess.run(f"docker export {made} | tar -tv", shell=True, capture_output=True, text=True,
                                            check=True).stdout.splitlines()
                finally:
                    docker("rm", made)
                # What the engine itself puts in is empty.
                programs = [line for line in listed if line.startswith("-") and " 0 " not in line]
                self.assertEqual(len(programs), 1, listed)
                self.assertRegex(programs[0], r"^-rwxr-xr-x .*carrel-(streamer|converter)$")


if __name__ == "__main__":
    unittest.main()
