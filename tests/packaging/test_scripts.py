"""The package's scripts, with all that they call played: what they do to a machine, in which order."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
PLAYED = ("adduser", "addgroup", "getent", "chown", "carrelctl", "deb-systemd-helper", "deb-systemd-invoke", "carrel-hwtune")
NOTE = 'echo "$(basename "$0") $*" >>"$(dirname "$0")/../calls"\n'
RUNS_NOT = NOTE + 'case "$*" in *is-active*) exit 3;; *MainPID*) echo 0;; esac\n'
REFUSED = 'echo "carreld: carrel.toml:3: http.listen is no address" >&2; exit 78\n'


class Scripts(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="carrel-test-scripts-")))
        for name in ("bin", "etc", "data", "systemd"):
            (self.top / name).mkdir()
        for name in PLAYED:
            self.play(name, NOTE)
        self.play("install", NOTE)
        self.play("runuser", 'shift 3\nexec "$@"\n')
        self.play("systemctl", NOTE + 'case "$*" in *MainPID*) echo 0;; esac\n')
        self.play("carreld", NOTE + 'env >"$(dirname "$0")/../environment"\n')
        (self.top / "etc/carrel.toml").touch()

    def play(self, name, what):
        path = self.top / "bin" / name
        path.write_text("#!/bin/sh\n" + what)
        path.chmod(0o755)

    def path(self):
        return f"{self.top}/bin:{os.environ['PATH']}"

    def run_script(self, name, *words):
        """What it said, and the calls it made."""
        text = (SOURCE / "packaging/debian" / name).read_text()
        for variable, path in (("etc", "/etc/carrel"), ("data", "/var/lib/carrel"), ("systemd", "/run/systemd/system")):
            text = text.replace(f"\n{variable}={path}\n", f"\n{variable}={self.top}/{variable}\n")
        calls = self.top / "calls"
        calls.write_text("")
        done = subprocess.run(["sh", "-c", text, name, *words], capture_output=True, text=True, timeout=60, env={"PATH": self.path()})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr, calls.read_text().splitlines()

    def among(self, calls, *wanted):
        """Where each of them is for the first time; -1 for none."""
        return [next((i for i, call in enumerate(calls) if one in call), -1) for one in wanted]

    def test_an_upgrade_that_the_settings_allow_loads_the_images_and_then_reloads(self):
        _, calls = self.run_script("postinst", "configure", "0.1.0")
        check, load, reload = self.among(calls, "--check-config", "image load", "reload carreld.service")
        self.assertTrue(0 <= check < load < reload, calls)
        self.assertIn(f"CARREL_ADMIN_PASSWORD_FILE={self.top}/etc/admin-password", (self.top / "environment").read_text())
        self.assertEqual((self.top / "etc/admin-password").read_text(), "", "there are accounts")

    def test_an_upgrade_that_the_settings_do_not_allow_leaves_everything_as_it_is(self):
        self.play("carreld", NOTE + REFUSED)
        said, calls = self.run_script("postinst", "configure", "0.1.0")
        self.assertEqual(self.among(calls, "image load", "deb-systemd-invoke reload", "deb-systemd-invoke start"), [-1, -1, -1], calls)
        self.assertIn("carrel:   carreld: carrel.toml:3: http.listen is no address\n", said)
        self.assertIn("carrelctl image load && systemctl reload-or-restart carreld", said)

    def test_the_settings_are_judged_with_what_the_unit_was_given(self):
        given = {"PATH": self.path(), "CARREL_LIBRARY_PATHS": "/srv/two words"}
        with subprocess.Popen(["sleep", "60"], env=given) as process:
            self.addCleanup(process.kill)
            self.play("systemctl", NOTE + f'case "$*" in *MainPID*) echo {process.pid};; esac\n')
            self.run_script("postinst", "configure", "0.1.0")
            process.kill()
        environment = (self.top / "environment").read_text()
        self.assertIn("CARREL_LIBRARY_PATHS=/srv/two words\n", environment)
        self.assertNotIn("CARREL_ADMIN_PASSWORD_FILE", environment)

    def test_where_none_runs_nothing_is_held_back(self):
        self.play("systemctl", RUNS_NOT)
        self.play("carreld", NOTE + REFUSED)
        _, calls = self.run_script("postinst", "configure", "0.1.0")
        check, load, start = self.among(calls, "--check-config", "image load", "deb-systemd-invoke start")
        self.assertTrue(check < 0 <= load < start, calls)

    def test_the_first_installation_makes_a_password_and_asks_nothing(self):
        self.play("systemctl", RUNS_NOT)
        said, calls = self.run_script("postinst", "configure", "")
        check, load = self.among(calls, "--check-config", "image load")
        self.assertTrue(check < 0 <= load, calls)
        self.assertIn("the password is in", said)
        self.assertEqual(len((self.top / "etc/admin-password").read_text()), 20)

    def test_a_removal_asks_carreld_where_its_data_are(self):
        _, calls = self.run_script("prerm", "remove")
        stop, sandboxes, images = self.among(calls, "deb-systemd-invoke stop", "--remove-sandboxes", "image remove")
        self.assertTrue(0 <= stop < sandboxes < images, calls)
        self.play("carreld", REFUSED)
        self.assertIn("its containers stay", self.run_script("prerm", "remove")[0])
        (self.top / "etc/carrel.toml").unlink()
        self.assertNotIn("its containers stay", self.run_script("prerm", "remove")[0])


if __name__ == "__main__":
    unittest.main()
