"""A machine of its own for tests: a container with systemd as its first process, and an engine of its own inside."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import debian

sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/integration")

from carrel import wait_for  # noqa: E402

# All but one, which not every machine that runs tests has itself; systemd and Docker do without it.
RIGHTS = ["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--security-opt", "seccomp=unconfined",
          "--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined"]
PACKAGES = ["systemd", "systemd-sysv", "dbus", "docker.io", "iptables", "docker-compose", "ca-certificates", "curl", "openssl",
            "logrotate", "procps"]
# The engine gives cgroups of its own to read alone; systemd is to divide them.
BOOT = ("for place in $(findmnt -rno TARGET -t cgroup,cgroup2); do mount -o remount,bind,rw $place || exit 1; done; "
        "exec /lib/systemd/systemd")


class Machine:
    def __init__(self):
        image = debian.image("machine", PACKAGES, "STOPSIGNAL SIGRTMIN+3")
        self.id = debian.run("docker", "run", "--detach", *RIGHTS, "--cgroupns", "private", "--tmpfs", "/run",
                             "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec", "--volume", "/var/lib/docker", image, "sh", "-c", BOOT).strip()
        try:
            wait_for("the machine's start", self.is_up)
        except BaseException:
            print(subprocess.run(["docker", "logs", self.id], capture_output=True, text=True), file=sys.stderr)
            self.close()
            raise

    def is_up(self):
        return self.ask("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def close(self):
        debian.run("docker", "rm", "--force", "--volumes", self.id)

    def _network(self):
        about = json.loads(debian.run("docker", "inspect", self.id))[0]
        return next(iter(about["NetworkSettings"]["Networks"].values()))

    @property
    def address(self):
        return self._network()["IPAddress"]

    @property
    def gateway(self):
        """The address of the machine that this one runs on, as it is seen from in here."""
        return self._network()["Gateway"]

    def command(self, *words, options=()):
        return ["docker", "exec", "--interactive", *options, self.id, *map(str, words)]

    def ask(self, *words, **options):
        """Whatever becomes of it."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=600, **options)

    def run(self, *words, **options):
        done = self.ask(*words, **options)
        if done.returncode != 0:
            raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def shell(self, text, **options):
        return self.run("sh", "-ec", text, **options)

    def write(self, path, text, mode="0644"):
        self.run("sh", "-ec", 'mkdir -p "$(dirname "$1")"; cat >"$1"; chmod "$2" "$1"', "write", path, mode, input=text)

    def put(self, source, target):
        """A file or a folder of this machine's; docker cp does not see what is mounted in there."""
        source = pathlib.Path(source)
        self.run("mkdir", "-p", target)
        with tempfile.TemporaryFile() as packed:
            subprocess.run(["tar", "--create", "--directory", source.parent, source.name], stdout=packed, check=True)
            packed.seek(0)
            subprocess.run(self.command("tar", "--extract", "--no-same-owner", "--directory", target), stdin=packed, check=True,
                           timeout=600)

    def take(self, source, target):
        """A file or a folder from in there."""
        source = pathlib.PurePosixPath(source)
        with tempfile.TemporaryFile() as packed:
            subprocess.run(self.command("tar", "--create", "--directory", source.parent, source.name), stdout=packed, check=True,
                           timeout=600)
            packed.seek(0)
            subprocess.run(["tar", "--extract", "--no-same-owner", "--directory", target], stdin=packed, check=True)

    def load(self, *images):
        """From the engine outside into the one in here."""
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saving:
            subprocess.run(self.command("docker", "load", "--quiet"), stdin=saving.stdout, stdout=subprocess.DEVNULL, check=True,
                           timeout=600)
        if saving.returncode != 0:
            raise AssertionError(f"docker save of {images} ended with {saving.returncode}")
