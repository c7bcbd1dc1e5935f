"""A Docker daemon that ends and comes back in the middle of films: a second one of the test's own, with its own socket,
root and pid file; the machine's is not touched."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/integration")

import test_life as life  # noqa: E402
from carrel import wait_for  # noqa: E402


class Engine:
    """One dockerd without networks, all of it below one folder."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="carrel-engine-"))
        self.socket = self.root / "docker.sock"
        self.environment = {**os.environ, "DOCKER_HOST": f"unix://{self.socket}"}
        self.process = None

    def start(self):
        with open(self.root / "dockerd.log", "ab") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--host", f"unix://{self.socket}", "--data-root", self.root / "data", "--exec-root",
                 self.root / "exec", "--pidfile", self.root / "docker.pid", "--bridge=none", "--iptables=false",
                 "--live-restore"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for("the second engine", self.answers, 60)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("dockerd ended:\n" + (self.root / "dockerd.log").read_text()[-3000:])
        return subprocess.run(["docker", "version"], env=self.environment, capture_output=True, timeout=30).returncode == 0

    def end(self, how):
        runtime = int((self.root / "exec/containerd/containerd.pid").read_text())
        self.process.send_signal(how)
        self.process.wait(60)
        # It goes with a killed engine, but a moment later; the next engine would take it for its own until then.
        wait_for("the end of the engine's containerd", lambda: not pathlib.Path(f"/proc/{runtime}").exists(), 30)

    def docker(self, *arguments):
        return subprocess.run(["docker", *arguments], env=self.environment, check=True, capture_output=True,
                              text=True).stdout.split()

    def remove(self):
        if self.process.poll() is not None:
            self.start()
        for one in self.docker("ps", "-aq"):
            self.docker("rm", "-f", one)
        self.end(signal.SIGTERM)
        for line in reversed(pathlib.Path("/proc/self/mounts").read_text().splitlines()):
            if line.split()[1].startswith(str(self.root) + "/"):
                subprocess.run(["umount", line.split()[1]], check=True)
        shutil.rmtree(self.root)


class EngineRestart(life.Life):
    def setUp(self):
        self.engine = Engine()
        self.engine.start()
        self.addCleanup(self.engine.remove)
        with subprocess.Popen(["docker", "save", "carrel-streamer:latest"], stdout=subprocess.PIPE) as image:
            subprocess.run(["docker", "load"], env=self.engine.environment, stdin=image.stdout, check=True,
                           capture_output=True)

    def check(self, how):
        self.begin(CARREL_ENGINE_SOCKET=str(self.engine.socket))
        other = self.log_in()
        transfers = [self.transfer(client) for client in (self.client, other) for _ in range(2)]
        self.engine.end(how)
        # The engine is not needed for a film that plays.
        self.assertEqual([one.rest() for one in transfers[:2]], [self.sha] * 2)
        self.engine.start()
        self.assertEqual([one.rest() for one in transfers[2:]], [self.sha] * 2)
        wait_for("readiness", self.daemon.is_ready, 60)
        for client in (self.client, other):
            wait_for("a play", lambda: self.part(client).status == 206, 60)
            client.request("POST", "/api/v1/auth/logout")
        of_role = ("ps", "-aq", "--filter", "label=carrel.role=streamer")
        wait_for("no streamer left", lambda: not self.engine.docker(*of_role), 90)
        self.assertFalse(self.daemon.event("bug.exception"))

    def test_an_orderly_restart(self):
        self.check(signal.SIGTERM)

    def test_a_killed_engine(self):
        self.check(signal.SIGKILL)


def load_tests(loader, _tests, _pattern):
    # Not those that come along with the base.
    names = [name for name in vars(EngineRestart) if name.startswith("test_")]
    return unittest.TestSuite(EngineRestart(name) for name in names)


if __name__ == "__main__":
    unittest.main()
