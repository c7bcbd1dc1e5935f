"""What a backup leaves in its folder: files of the daemon's user, and the administrator's own copies."""

import contextlib
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from carrel import AS_NOBODY, BUILD, Daemon, FilmsTest

CTL = BUILD / "orchestrator/carrelctl"
AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")
MAKE_DATABASE = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE users (name)')"


class WithoutADaemon(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="carrel-test-"))
        self.addCleanup(subprocess.run, [*AS_ROOT, "rm", "-r", self.root], check=True)
        self.root.chmod(0o777)
        self.backups = self.root / "data/backups"
        self.engine = self.root / "engine.sock"
        (self.root / "carrel.toml").write_text(f'[data]\ndir = "{self.root}/data"\n[engine]\nsocket = "{self.engine}"\n')

    def make_data(self, *as_whom):
        subprocess.run([*as_whom, "mkdir", self.root / "data"], check=True)
        subprocess.run([*as_whom, sys.executable, "-c", MAKE_DATABASE, self.root / "data/carrel.db"], check=True)

    def start(self, *words, as_whom=()):
        # Whatever else is set here.
        return subprocess.Popen([*as_whom, CTL, "--config", self.root / "carrel.toml", "backup", *words], cwd="/", text=True,
                                env={"PATH": os.environ["PATH"], "TMPDIR": str(self.root / "passing")},
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run_ctl(self, *words, as_whom=()):
        with self.start(*words, as_whom=as_whom) as running:
            said, _ = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 0, said)
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
