"""The systemd units: they say what systemd understands, and leave the daemon no right that it does not need."""

import configparser
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
FOLDER = SOURCE / "packaging/systemd"
MOST_EXPOSED = 2.0
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))


def settings(unit):
    """A unit's lines by section; of a key that comes twice, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str
    parser.read(unit)
    return parser


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-test-units-")))
        for name in ("carreld", "carrelctl", "carrel-hwtune"):
            (cls.folder / name).write_text("#!/bin/sh\n")
            (cls.folder / name).chmod(0o755)
        for unit in FOLDER.iterdir():
            (cls.folder / unit.name).write_text(unit.read_text().replace("@bindir@", str(cls.folder)))

    def analyze(self, *words):
        return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True,
                              env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})

    def test_systemd_understands_every_line(self):
        for unit in sorted(self.folder.glob("*.*")):
            with self.subTest(unit.name):
                done = self.analyze("verify", "--man=no", "--recursive-errors=no", unit)
                # Docker may not be installed where this runs; what else is said is about the unit.
                said = [line for line in done.stderr.splitlines() if unit.name in line or str(self.folder) in line]
                self.assertEqual(said, [], done.stderr)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_line_that_it_does_not_understand_is_found(self):
        wrong = self.folder / "wrong.service"
        self.addCleanup(wrong.unlink)
        wrong.write_text((self.folder / "carreld.service").read_text().replace("ProtectSystem=", "ProtectSistem="))
        self.assertIn("ProtectSistem", self.analyze("verify", "--man=no", wrong).stderr)

    def test_the_exposure_is_small(self):
        for name in SERVICES:
            with self.subTest(name):
                done = self.analyze("security", "--offline=true", "--no-pager", f"--threshold={int(MOST_EXPOSED * 10)}",
                                    self.folder / name)
                level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
                self.assertIsNotNone(level, done.stdout + done.stderr)
                self.assertEqual(done.returncode, 0, level.group(0))
                self.assertLessEqual(float(level.group(1)), MOST_EXPOSED)

    def test_the_stated_exposure_is_the_measured_one(self):
        stated = dict(re.findall(r"`(carrel[\w-]*\.service)` (\d\.\d)", (SOURCE / "docs/install.md").read_text()))
        measured = {}
        for name in SERVICES:
            done = self.analyze("security", "--offline=true", "--no-pager", self.folder / name)
            measured[name] = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout).group(1)
        self.assertEqual(stated, measured)

    def test_the_daemon_may_call_what_it_calls(self):
        allowed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", "@system-service"],
                                 capture_output=True, text=True, check=True).stdout
        self.assertIn("sendfile", allowed)
        filters = [line for line in (FOLDER / "carreld.service").read_text().splitlines()
                   if line.startswith("SystemCallFilter=")]
        self.assertEqual(filters[0], "SystemCallFilter=@system-service")

    def test_a_start_that_cannot_help_is_not_repeated(self):
        service = settings(FOLDER / "carreld.service")["Service"]
        self.assertEqual(service["RestartPreventExitStatus"].split(), ["65", "78"])

    def nightly(self, folder, *drop_ins):
        """What the nightly backup gives to carrelctl, with the keys in `folder` and these drop-ins."""
        text = (FOLDER / "carrel-backup.service").read_text().replace("\\\n", " ")
        environment = dict(os.environ)
        for line in re.findall(r"^Environment=(.*)$", "\n".join((text, *drop_ins)), re.M):
            environment.update(word.split("=", 1) for word in shlex.split(line))
        (folder / "carrelctl").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        (folder / "carrelctl").chmod(0o755)
        command, = re.findall(r"^ExecStart=(.*)$", "\n".join((text, *drop_ins)), re.M)
        words = shlex.split(command.replace("@bindir@", str(folder)).replace("/etc/carrel/backup", f"{folder}/backup"))
        if os.geteuid() == 0:
            words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
        return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout.splitlines()

    def test_a_backup_to_another_folder_is_sealed_and_kept_as_any(self):
        documented = "\n".join(line.removeprefix("systemctl edit carrel-backup.service").strip(" #") for line in re.search(
            r"```sh\n(systemctl edit carrel-backup.service.*?)```", (SOURCE / "docs/backup.md").read_text(), re.S)[1].splitlines())
        self.assertIn("ReadWritePaths=/mnt/backup", documented.splitlines())
        with tempfile.TemporaryDirectory(prefix="carrel-test-") as name:
            folder = pathlib.Path(name)
            folder.chmod(0o755)
            before = self.nightly(folder)
            self.assertEqual(before[-4:], ["--keep", "30", "--keep-days", "90"])
            (folder / "backup-passphrase").write_text("under the bed\n")
            sealed = self.nightly(folder)
            self.assertEqual(sealed, [*before, "--passphrase-file", f"{folder}/backup-passphrase"])
            self.assertEqual(self.nightly(folder, documented), [*sealed, "--folder", "/mnt/backup"])
            (folder / "backup-passphrase").chmod(0)
            self.assertEqual(self.nightly(folder), sealed, "it is carrelctl's to say that it cannot read it")

    def test_the_figures_go_where_the_unit_may_write(self):
        service = settings(FOLDER / "carrel-watch.service")["Service"]
        file = pathlib.Path(re.search(r"--prometheus (\S+)", service["ExecStart"]).group(1))
        self.assertEqual(service["ReadWritePaths"], f"-{file.parent}")
        self.assertIn(f"`{file}`", (SOURCE / "docs/hwtune.md").read_text())

    def test_the_sockets_are_where_the_settings_say(self):
        text = (FOLDER / "carreld.socket").read_text()
        admin = re.search(r'socket = "(.+)"', (SOURCE / "packaging/etc/carrel.toml").read_text()).group(1)
        self.assertIn(f"ListenStream={admin}\n", text)
        # Else a restart of the service would take the directory with the socket in it away.
        service = settings(FOLDER / "carreld.service")["Service"]
        self.assertEqual((service["RuntimeDirectory"], service["RuntimeDirectoryPreserve"]), ("carrel", "yes"))


if __name__ == "__main__":
    unittest.main()
