"""The Debian package in a root of its own: installed, started by hand, upgraded with its data, removed, purged. And what
cmake installs by components, of which the package is the sum.

That root is the machine's own, of which nothing is changed (an overlay); with CARREL_TEST_FRESH_ROOT=1, Debian's minimum.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/integration")

from carrel import BUILD, SOURCE, wait_for  # noqa: E402

FRESH = os.environ.get("CARREL_TEST_FRESH_ROOT") == "1"
AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")
ARCHIVE = "deb http://deb.debian.org/debian"
SYSCTLS = "/etc/sysctl.d/60-carrel-hwtune.conf"
PASSWORD = "correct horse battery staple"
# Nothing of the caller's settings must leak into the root.
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}


def run(*words, **options):
    done = subprocess.run([*AS_ROOT, *map(str, words)], capture_output=True, text=True, timeout=600, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Root:
    """Where the package is tried."""

    def __init__(self, cleanup, work):
        self.path = work / "root"
        self.path.mkdir()
        if FRESH:
            release = re.search(r"VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text()).group(1)
            run("mmdebstrap", "--variant=minbase", release, self.path, f"{ARCHIVE} {release} main")
            cleanup(run, "find", self.path, "-mindepth", "1", "-delete")
            # Such a root knows neither what can be had nor whom to ask.
            run("cp", "--dereference", "/etc/resolv.conf", self.path / "etc/resolv.conf")
            run("chroot", self.path, "apt-get", "-q", "update", env=CLEAN)
        else:
            run("mount", "-t", "tmpfs", "carrel-test", work)
            cleanup(run, "umount", work)
            self.path.mkdir()
            (work / "upper").mkdir()
            (work / "work").mkdir()
            run("mount", "-t", "overlay", "carrel-test", "-o",
                f"lowerdir=/,upperdir={work}/upper,workdir={work}/work", self.path)
            cleanup(run, "umount", self.path)
        for name in ("proc", "dev"):
            run("mount", "--rbind", f"/{name}", self.path / name)
            run("mount", "--make-rslave", self.path / name)
            cleanup(run, "umount", "--recursive", self.path / name)

    def command(self, *words):
        return [*AS_ROOT, "chroot", str(self.path), *map(str, words)]

    def run(self, *words, **options):
        return run("chroot", self.path, *words, env=CLEAN, **options)

    def fails(self, *words):
        return subprocess.run(self.command(*words), env=CLEAN, capture_output=True).returncode != 0

    def file(self, path):
        return self.path / path.lstrip("/")

    def install(self, package):
        shutil.copy(package, self.file("/var/cache/carrel.deb"))
        if FRESH:
            return self.run("apt-get", "-y", "-q", "-o", "Dpkg::Options::=--force-confold", "install",
                            "--no-install-recommends", "/var/cache/carrel.deb")
        return self.run("dpkg", "--force-confold", "-i", "/var/cache/carrel.deb")


def newer(package, work):
    """The same package under the next version, with another carreld in it."""
    run("dpkg-deb", "--raw-extract", package, work / "newer")
    control = work / "newer/DEBIAN/control"
    control.write_text(re.sub(r"^Version: (.+)$", r"Version: \1+next", control.read_text(), flags=re.M))
    with (work / "newer/usr/bin/carreld").open("ab") as program:
        program.write(b"\0")  # after what the loader looks at
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", work / "newer", work / "next.deb")
    return work / "next.deb"


def build_package(folder):
    made = subprocess.run([SOURCE / "scripts/build-package", folder], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return pathlib.Path(made.stdout.splitlines()[-1])


def files_below(folder):
    """Name from there, and the mode."""
    return {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in folder.rglob("*") if not path.is_dir()}


@unittest.skipIf(FRESH, "they do not depend on the root")
class Components(unittest.TestCase):
    """Each holds what docs/install.md says of it, and nothing else."""

    def expected(self):
        images = (BUILD / "packaging/images").glob("*.tar")
        pages = [*(SOURCE / "docs").glob("*.md"), SOURCE / "CHANGELOG.md", SOURCE / "packaging/debian/copyright"]
        web = SOURCE / "orchestrator/web/dist"
        return {
            "daemon": {"usr/local/bin/carreld"},
            "tools": {"usr/local/bin/carrelctl", "usr/local/bin/carrel-hwtune"},
            "web": {f"usr/local/share/carrel/web/{name}" for name in files_below(web)},
            "images": {f"usr/local/share/carrel/images/{path.name}" for path in images},
            "manual": {f"usr/local/share/doc/carrel/{page.name}" for page in pages} |
                      {"usr/local/share/man/man1/carrelctl.1", "usr/local/share/man/man8/carreld.8", "usr/local/share/man/man8/carrel-hwtune.8"},
            "completions": {"usr/local/share/bash-completion/completions/carrelctl", "usr/local/share/zsh/vendor-completions/_carrelctl",
                            "usr/local/share/fish/vendor_completions.d/carrelctl.fish"},
            "units": {f"usr/local/lib/systemd/system/{path.name}" for path in (SOURCE / "packaging/systemd").iterdir()} |
                     {"etc/carrel/carrel.toml", "etc/logrotate.d/carrel"},
        }

    def test_each_holds_its_part_and_the_package_their_sum(self):
        work = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="carrel-test-components-")))
        package = build_package(work)
        expected = self.expected()
        told = re.search(r"--component NAME` lays out parts alone:\n([^(]*)\(", (SOURCE / "docs/install.md").read_text()).group(1)
        self.assertEqual(set(re.findall(r"`(\w+)`", told)), set(expected))
        for name, files in expected.items():
            with self.subTest(name):
                there = work / name
                done = subprocess.run(["cmake", "--install", BUILD, "--component", name], env={**os.environ, "DESTDIR": str(there)},
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                laid = files_below(there)
                self.assertEqual(set(laid), files)
                self.assertEqual({path: mode for path, mode in laid.items() if mode != (0o755 if "/bin/" in path else 0o644)}, {})
        self.assertEqual(len(expected["images"]), 2)
        service = (work / "units/usr/local/lib/systemd/system/carreld.service").read_text()
        self.assertIn("ExecStart=/usr/local/bin/carreld ", service)
        self.assertEqual((work / "daemon/usr/local/bin/carreld").read_bytes()[:4], b"\x7fELF")
        run("dpkg-deb", "--extract", package, work / "whole")
        whole = {name.replace("usr/", "usr/local/", 1) if name.startswith("usr/") else name for name in files_below(work / "whole")}
        self.assertEqual(whole, set().union(*expected.values()))


class Package(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="carrel-test-package-"))
        self.addCleanup(shutil.rmtree, self.work)
        (self.work / "place").mkdir()
        self.package = build_package(self.work)
        self.root = Root(self.addCleanup, self.work / "place")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.log = self.enterContext((self.work / "log").open("ab"))
        self.process = None
        self.addCleanup(self.stop)

    def start(self):
        """As the unit would, where there is no systemd."""
        self.root.run("install", "-d", "-o", "carrel", "/run/carrel")
        self.process = subprocess.Popen(
            self.root.command("setpriv", "--reuid=carrel", "--regid=carrel", "--init-groups", "--no-new-privs",
                              "carreld", "--config", "/etc/carrel/carrel.toml"),
            env={**CLEAN, "CARREL_HTTP_LISTEN": f"127.0.0.1:{self.port}",
                 "CARREL_ADMIN_PASSWORD_FILE": "/etc/carrel/admin-password"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        self.wait_until_it_serves()

    def wait_until_it_serves(self):
        def serves():
            self.assertIsNone(self.process.poll(), (self.work / "log").read_text())
            with contextlib.suppress(OSError):
                return self.ask("GET", "/livez")[0] == 200
        wait_for("carreld's start", serves)

    def stop(self):
        if self.process is not None:
            process, self.process = self.process, None
            process.terminate()
            self.assertEqual(process.wait(30), 0, (self.work / "log").read_text())

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def logs_in(self, name, password):
        return self.ask("POST", "/api/v1/auth/login", {"username": name, "password": password})[0] == 200

    def tuned(self, record):
        """As carrel-hwtune apply leaves it, but that no value of the kernel is changed, which is this machine's own."""
        folder = self.root.file("/var/lib/carrel-hwtune")
        folder.mkdir(exist_ok=True)
        (folder / "before.json").write_text(record)
        self.root.file(SYSCTLS).parent.mkdir(parents=True, exist_ok=True)
        self.root.file(SYSCTLS).write_text("# nothing\n")

    def test_its_life(self):
        root, data = self.root, "/var/lib/carrel"
        with self.subTest("installed"):
            said = root.install(self.package)
            self.assertIn("the password is in /etc/carrel/admin-password", said)
            self.assertIn("the images are not loaded yet", said, "there is no engine in here")
            self.assertIn("docker", root.run("id", "-nG", "carrel").split())
            owners = root.run("stat", "-c", "%U:%G %a", data, "/etc/carrel", "/etc/carrel/carrel.toml",
                              "/etc/carrel/admin-password").splitlines()
            self.assertEqual(owners, ["carrel:carrel 700", "root:carrel 750", "root:carrel 640", "root:carrel 640"])
            password = root.file("/etc/carrel/admin-password").read_text()
            self.assertGreaterEqual(len(password), 16)
            self.assertNotIn(password, said)
            root.run("carreld", "--config", "/etc/carrel/carrel.toml", "--check-config")
            for page in ("man1/carrelctl.1", "man8/carreld.8", "man8/carrel-hwtune.8"):
                self.assertTrue(root.file(f"/usr/share/man/{page}").exists() or FRESH, page)
            root.run("bash", "-n", "/usr/share/bash-completion/completions/carrelctl")
        with self.subTest("started by hand"):
            self.start()
            self.assertTrue(self.logs_in("admin", password))
            self.assertEqual(self.ask("GET", "/")[0], 200)
            root.run("carrelctl", "user", "add", "vera", "--password-stdin", input=PASSWORD + "\n")
            self.assertTrue(self.logs_in("vera", PASSWORD))
        with self.subTest("upgraded at work"):
            with root.file("/etc/carrel/carrel.toml").open("a") as settings:
                settings.write("# the owner's own line\n")
            root.install(newer(self.package, self.work))
            self.process.send_signal(signal.SIGUSR2)  # as "systemctl reload", which the package calls
            program = root.file("/usr/bin/carreld")
            wait_for("the new program",
                     lambda: os.path.samestat(os.stat(f"/proc/{self.process.pid}/exe"), program.stat()))
            self.wait_until_it_serves()
            self.assertTrue(self.logs_in("vera", PASSWORD))
            self.assertIn("the owner's own line", root.file("/etc/carrel/carrel.toml").read_text())
            self.assertEqual(root.file("/etc/carrel/admin-password").read_text(), password)
        with self.subTest("removed, with its data kept"):
            self.stop()
            self.tuned(json.dumps({"version": 1, "values": [], "directories": [],
                                   "files": [{"path": SYSCTLS.lstrip("/"), "written": ["# nothing\n"]}]}))
            said = root.run("dpkg", "-r", "carrel")
            self.assertIn("Done: this machine is as it was.", said)
            for path in (SYSCTLS, "/var/lib/carrel-hwtune"):
                self.assertFalse(root.file(path).exists(), path)
            self.assertFalse(root.file("/usr/bin/carreld").exists())
            self.assertTrue(root.file(f"{data}/carrel.db").exists())
            self.assertIn("the owner's own line", root.file("/etc/carrel/carrel.toml").read_text())
        with self.subTest("installed again"):
            root.install(self.package)
            self.start()
            self.assertTrue(self.logs_in("vera", PASSWORD))
            self.stop()
        with self.subTest("purged, but for what is somebody else's"):
            root.file(f"{data}/holiday.mp4").write_bytes(b"a film")
            root.file("/etc/carrel/carrel.toml.before-restore-20261129T034712Z").write_text("as carrelctl sets it aside")
            self.tuned("not what apply writes")
            said = root.run("dpkg", "-P", "carrel")
            self.assertIn("carrel: not all that carrel-hwtune apply changed is undone", said)
            self.assertTrue(root.file(SYSCTLS).exists())
            self.assertEqual(os.listdir(root.file(data)), ["holiday.mp4"])
            self.assertIn(f"{data} stays", said)
            for path in ("/etc/carrel", "/usr/share/carrel", "/run/carrel", "/usr/lib/systemd/system/carreld.service"):
                self.assertFalse(root.file(path).exists(), path)
            self.assertTrue(root.fails("id", "carrel"))
            self.assertFalse(root.fails("getent", "group", "docker"), "Docker's, not Carrel's")


if __name__ == "__main__":
    unittest.main()
