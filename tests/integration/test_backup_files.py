"""What a backup leaves in its folder: files of the daemon's user, the administrator's own copies, and nothing when interrupted."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from carrel import AS_NOBODY, BUILD, Daemon, FilmsTest, wait_for

CTL = BUILD / "orchestrator/carrelctl"
AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")
LONG_AGO = 1_700_000_000
HEAD = 56  # bytes that tell whether a file is sealed
FAILED = 1
MAKE_DATABASE = """
import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript("CREATE TABLE users (name); CREATE TABLE sessions (id);"
                                           "CREATE TABLE events (id INTEGER PRIMARY KEY, at, actor, action, object, detail)")
"""


class WithoutADaemon(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="carrel-test-"))
        self.addCleanup(subprocess.run, [*AS_ROOT, "rm", "-r", self.root], check=True)
        self.root.chmod(0o777)
        self.backups = self.root / "data/backups"
        self.engine = self.root / "engine.sock"
        self.environment = {}
        (self.root / "carrel.toml").write_text(f'[data]\ndir = "{self.root}/data"\n[engine]\nsocket = "{self.engine}"\n')

    def make_data(self, *as_whom):
        subprocess.run([*as_whom, "mkdir", self.root / "data"], check=True)
        subprocess.run([*as_whom, sys.executable, "-c", MAKE_DATABASE, self.root / "data/carrel.db"], check=True)

    def start(self, *words, as_whom=()):
        # Whatever else is set here.
        return subprocess.Popen([*as_whom, CTL, "--config", self.root / "carrel.toml", "backup", *words], cwd="/", text=True,
                                env={"PATH": os.environ["PATH"], "TMPDIR": str(self.root / "passing"), **self.environment},
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run_ctl(self, *words, as_whom=(), code=0):
        with self.start(*words, as_whom=as_whom) as running:
            said, _ = running.communicate(timeout=60)
        self.assertEqual(running.returncode, code, said)
        return said

    def create(self, *words, as_whom=()):
        return pathlib.Path(re.search(r"/\S+\.backup", self.run_ctl("create", *words, as_whom=as_whom)).group(0))

    def owner(self, path):
        return int(subprocess.run([*AS_ROOT, "stat", "-c", "%u", path], check=True, capture_output=True, text=True).stdout)

    def test_what_root_makes_belongs_to_the_daemons_user(self):
        self.make_data(*AS_NOBODY)
        made = self.create(as_whom=AS_ROOT)
        self.assertEqual(self.owner(self.backups), self.owner(self.root / "data"))
        self.assertEqual(self.owner(made), self.owner(self.root / "data"))
        self.create("--keep", "1", as_whom=AS_NOBODY)  # as each night
        away = self.create("--folder", self.root / "away", as_whom=AS_ROOT)
        self.assertEqual((self.owner(away.parent), self.owner(away)), (0, 0), "a folder of root's is root's")

    def test_one_that_is_interrupted_leaves_nothing(self):
        self.make_data()
        with socket.socket(socket.AF_UNIX) as engine:
            engine.settimeout(60)
            engine.bind(str(self.engine))
            engine.listen()
            with self.start("create") as running, contextlib.ExitStack() as failing:
                failing.callback(running.kill)
                asked, _ = engine.accept()  # which images there are; it waits for that
                self.assertEqual([path.suffix for path in self.backups.iterdir()], [".passing"])
                running.send_signal(signal.SIGTERM)
                engine.close()
                asked.close()
                said, _ = running.communicate(timeout=60)
        self.assertEqual(running.returncode, -signal.SIGTERM, said)
        self.assertEqual(list(self.backups.iterdir()), [])

    def test_the_next_one_takes_away_what_a_power_cut_left(self):
        self.make_data()
        self.create()
        old = self.backups / "carrel-20231114T221320Z-0a1b2c3d.backup.unfinished"
        old.write_bytes(b"half")
        os.utime(old, (LONG_AGO, LONG_AGO))
        self.create()
        self.assertEqual([path.suffix for path in self.backups.iterdir()], [".backup"] * 2)

    def test_a_check_that_is_interrupted_leaves_no_database_behind(self):
        self.make_data()
        passing, pipe = self.root / "passing", self.root / "pipe"
        passing.mkdir()
        content = self.create().read_bytes()
        os.mkfifo(pipe)
        feed = os.open(pipe, os.O_RDWR)
        self.addCleanup(os.close, feed)
        with self.start("verify", pipe) as running, contextlib.ExitStack() as failing:
            failing.callback(running.kill)
            # It is opened twice to see whether it is sealed, then read.
            os.write(feed, content[:HEAD] * 2 + content[:-1])
            wait_for("what is in it", lambda: list(passing.glob("*/carrel.db")))
            running.send_signal(signal.SIGTERM)
            os.write(feed, content[-1:])
            said, _ = running.communicate(timeout=60)
        self.assertEqual(running.returncode, -signal.SIGTERM, said)
        self.assertEqual(list(passing.iterdir()), [])

    def test_what_the_folder_for_it_cannot_be_is_said_of_the_option(self):
        self.make_data()
        said = self.run_ctl("create", "--folder", self.root / "carrel.toml", code=FAILED)
        self.assertIn(f"{self.root}/carrel.toml is not a directory; choose another --folder", said)

    def make_secret(self, name="password"):
        """A file that a variable of the .env names for the value of a setting."""
        (self.root / "passing").mkdir()
        (self.root / "secrets").mkdir()
        secret = self.root / "secrets" / name
        secret.write_text("correct horse battery\n")
        secret.chmod(0o600)
        (self.root / ".env").write_text(f"CARREL_ADMIN_PASSWORD_FILE={secret}\n")
        return secret

    def lose(self, *names):
        subprocess.run(["rm", "-r", *(self.root / name for name in names)], check=True)

    def test_a_file_that_has_the_value_of_a_setting_comes_back(self):
        self.make_data()
        secret = self.make_secret()
        made = self.create("--folder", self.root / "away")
        for settings in ((), ("--settings",)):
            self.lose("data", "carrel.toml", ".env", "secrets")
            said = self.run_ctl("restore", made, *settings)
            for name in ("carrel.toml", ".env", "secrets/password"):
                self.assertIn(f"put back: {self.root}/{name}\n", said)
            self.assertEqual(secret.read_text(), "correct horse battery\n")
            self.assertEqual(secret.stat().st_mode & 0o777, 0o600)
            self.assertTrue((self.root / "data/carrel.db").exists())

    def test_without_it_is_said_which_file_to_make(self):
        self.make_data()
        made = self.create("--folder", self.root / "away")
        secret = self.make_secret()
        self.lose("data", "secrets")
        said = self.run_ctl("restore", made, code=FAILED)
        self.assertIn(f"make {secret} with the value of CARREL_ADMIN_PASSWORD in it", said)
        self.assertFalse((self.root / "data").exists(), "nothing was changed")
        secret.parent.mkdir()
        secret.write_text("correct horse battery\n")
        self.run_ctl("restore", made)

    def test_what_opens_the_sealed_ones_is_in_no_open_one(self):
        self.make_data()
        secret = self.make_secret("backup-passphrase")
        said = self.run_ctl("create", "--folder", self.root / "away")
        self.assertIn(f"NOT in it (it cannot be read here, or opens the sealed ones): {secret}\n", said)
        sealed = self.run_ctl("create", "--folder", self.root / "sealed", "--passphrase-file", secret)
        self.assertNotIn("NOT in it", sealed)

    def test_a_renewed_certificate_stays_though_the_settings_to_come_need_a_file_that_is_gone(self):
        self.make_data()
        self.make_secret()
        with (self.root / "carrel.toml").open("a") as settings:
            settings.write(f'[http]\ntls_certificate = "{self.root}/tls.pem"\ntls_key = "{self.root}/tls.key"\n')
        for name in ("tls.pem", "tls.key"):
            (self.root / name).write_text("old")
        made = self.create("--folder", self.root / "away")
        self.lose("data", "carrel.toml", ".env", "secrets")
        for name in ("tls.pem", "tls.key"):
            (self.root / name).write_text("renewed")
        self.run_ctl("restore", made, "--settings")
        self.assertEqual([(self.root / name).read_text() for name in ("tls.pem", "tls.key")], ["renewed"] * 2)

    def test_what_the_environment_names_is_made_by_who_sets_it(self):
        self.make_data()
        secret = self.make_secret()
        (self.root / ".env").unlink()
        self.environment = {"CARREL_ADMIN_PASSWORD_FILE": str(secret)}
        made = self.create("--folder", self.root / "away")
        secret.write_text("of the new machine")
        self.assertIn(f"or what the environment names, is there, and stays: {secret}\n", self.run_ctl("restore", made, "--settings"))
        self.assertEqual(secret.read_text(), "of the new machine")
        self.lose("data", "secrets")
        self.assertIn(f"put back: {secret}\n", self.run_ctl("restore", made))


class BesideADaemon(FilmsTest):
    def test_it_takes_the_place_of_no_copy_of_the_database(self):
        with Daemon(self.films, CARREL_BACKUP_KEEP="1") as daemon:
            with contextlib.closing(daemon.client()) as client:
                own = pathlib.Path(client.request("POST", "/api/v1/admin/backup").json()["path"])
            subprocess.run([CTL, "backup", "create"], env=daemon.environment, cwd=daemon.root, check=True, timeout=60,
                           stdout=subprocess.DEVNULL)
            with contextlib.closing(sqlite3.connect(f"file:{own}?mode=ro", uri=True)) as copy:
                self.assertEqual(copy.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(sorted(path.suffix for path in own.parent.iterdir()), [".backup", ".db"])


if __name__ == "__main__":
    unittest.main()
