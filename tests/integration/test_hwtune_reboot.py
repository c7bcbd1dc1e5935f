"""What `carrel-hwtune apply` leaves for the next start of a machine, read by those who read it then: sysctl, systemd-tmpfiles
and udev, on a tree, in namespaces in which they see nothing else."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from carrel import BUILD, SOURCE

MACHINES = SOURCE / "tests/unit/hwtune/machines"
NAME = "60-carrel-hwtune"
GOVERNOR = "sys/devices/system/cpu/cpufreq/policy0/scaling_governor"
DISKS = {"sda": "8", "mmcblk0": "179"}  # and their major numbers


def lay_out(text, root):
    """As tests/unit/hwtune/fake_tree.cpp does."""
    lines = iter([*text.splitlines(), ""])
    content = None
    for line in lines:
        if content is not None and line.startswith("  "):
            content.append(line[2:] + "\n")
            path.write_text("".join(content))
            continue
        content = None
        if not line or line.startswith("#"):
            continue
        path = root / re.split(" = | -> | <<", line)[0]
        (path if line.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if line.endswith(" <<"):
            content = []
        elif " -> " in line:
            path.symlink_to(line.split(" -> ")[1])
        elif " = " in line:
            path.write_text(line.split(" = ", 1)[1] + "\n")


class Reboot(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="carrel-hwtune-")))
        lay_out((MACHINES / "arm_board.tree").read_text(), self.root)
        for name, major in DISKS.items():
            disk = (self.root / "sys/class/block" / name).resolve()
            (disk / "uevent").write_text(f"MAJOR={major}\nMINOR=0\nDEVNAME={name}\nDEVTYPE=disk\n")
            (disk / "subsystem").symlink_to(os.path.relpath(self.root / "sys/class/block", disk))
        (self.root / "sys/class/block/sda/queue/scheduler").write_text("mq-deadline [none]\n")
        self.before = self.settings()
        environment = {**{k: v for k, v in os.environ.items() if not k.startswith("CARREL_")},
                       "CARREL_LIBRARY_PATHS": "/srv/films", "CARREL_DATA_DIR": "/var/lib/carrel"}
        subprocess.run([BUILD / "hwtune/carrel-hwtune", "apply", "--yes", "--root", self.root], check=True, capture_output=True,
                       env=environment, cwd=self.root, timeout=60)
        self.applied = self.settings()
        self.changed = {path for path, value in self.applied.items() if value != self.before[path]}

    def settings(self):
        """What the kernel would show, by path; of several words the chosen one."""
        found = {}
        for top in ("proc/sys", "sys"):
            for path in (self.root / top).rglob("*"):
                if path.is_file() and not path.is_symlink():
                    text = path.read_text().strip()
                    chosen = re.search(r"\[(\S+)\]", text)
                    found[str(path.relative_to(self.root))] = chosen.group(1) if chosen else text
        return found

    def reboot(self, what):
        """The kernel forgets what is `what`; the paths of it that apply had changed."""
        paths = {path for path in self.changed if re.search(what, path)}
        for path in paths:
            (self.root / path).write_text(self.before[path] + "\n")
        self.assertNotEqual(self.settings(), self.applied)
        return paths

    def alone(self, script):
        done = subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-ec", script], capture_output=True, text=True,
                              env={**os.environ, "TREE": str(self.root), "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"}, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_sysctl_sets_what_was_applied(self):
        self.assertEqual(len(self.reboot("^proc/sys/")), 9)
        self.alone(f'mount --bind "$TREE/proc/sys" /proc/sys; sysctl --load "$TREE/etc/sysctl.d/{NAME}.conf"')
        self.assertEqual(self.settings(), self.applied)

    def test_tmpfiles_sets_what_was_applied(self):
        self.assertEqual(self.reboot("scaling_governor$"), {GOVERNOR})
        said = subprocess.run(["systemd-tmpfiles", f"--root={self.root}", "--create", f"{NAME}.conf"], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        self.assertEqual(self.settings(), self.applied)

    def udev(self):
        """Its version, and what it does not understand of the rules when the disks appear. Up to version 256 it carries them out."""
        if not shutil.which("udevadm"):
            print("\nNOT TESTED: the rules of carrel-hwtune apply by udev; there is no udevadm.", flush=True)
            self.skipTest("no udevadm")
        version = int(subprocess.run(["udevadm", "--version"], check=True, capture_output=True, text=True).stdout)
        if version >= 257:  # from there on `test` writes nothing
            said = self.alone(f'udevadm verify --no-style "$TREE/etc/udev/rules.d/{NAME}.rules" || true')
        else:
            said = self.alone('mount --rbind "$TREE/sys" /sys; for one in /etc /run /usr/lib/udev; do mount -t tmpfs none $one; done; '
                              'mkdir -p /etc/udev; cp -r "$TREE/etc/udev/rules.d" /etc/udev; mount -t tmpfs none /dev; ' +
                              "".join(f"udevadm test --action=add /sys/class/block/{name}; " for name in DISKS))
            self.assertIn(f"Reading rules file: /etc/udev/rules.d/{NAME}.rules", said)
        return version, re.findall(rf"{NAME}\.rules:\d+ (?:Invalid|Unknown|Failed).*", said)

    def test_udev_sets_what_was_applied(self):
        queues = self.reboot("/block/[^/]*/queue/")
        self.assertEqual({path.rsplit("/", 3)[1] + " " + path.rsplit("/", 1)[1] for path in queues},
                         {"sda scheduler", "sda read_ahead_kb", "mmcblk0 read_ahead_kb"})
        version, misread = self.udev()
        self.assertEqual(misread, [])
        if version < 257:
            self.assertEqual(self.settings(), self.applied)

    def test_a_rule_that_udev_does_not_understand_is_found(self):
        rules = self.root / f"etc/udev/rules.d/{NAME}.rules"
        rules.write_text(rules.read_text().replace("ATTR{queue/scheduler}", "ATTER{queue/scheduler}"))
        self.assertRegex("\n".join(self.udev()[1]), "ATTER|key")


if __name__ == "__main__":
    unittest.main()
