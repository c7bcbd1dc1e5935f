"""A database that is damaged, emptied or gone: it is noticed, nothing is changed, and the way out that is printed works."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import unittest

from carrel import Client, Daemon, FilmsTest, make_film
from test_backup import PEOPLE, ctl, with_people

DATA_ERROR = 65


class LostDatabase(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Short.mp4", 8)

    @staticmethod
    def overwrite(database):
        with database.open("r+b") as file:
            for page in range(2, database.stat().st_size // 4096):
                file.seek(page * 4096)
                file.write(b"\xa5" * 512)

    def damage(self, daemon, how):
        """What the daemon says when it is started on what is left."""
        daemon.stop(signal.SIGTERM)
        database = daemon.root / "data/carrel.db"
        how(database)
        damaged = database.read_bytes()
        done = self.start_refused(daemon)
        self.assertIn("is damaged", done.stderr)
        self.assertEqual(database.read_bytes(), damaged, "left as it is")
        return done

    def test_a_damaged_database_is_noticed_and_the_way_out_works(self):
        self.noticed_and_put_back(self.overwrite)

    def test_an_emptied_one_is_not_taken_for_a_new_one(self):
        self.noticed_and_put_back(lambda database: database.write_bytes(b""))

    def test_one_that_lost_a_table_is_noticed(self):
        def lose_a_table(database):
            with contextlib.closing(sqlite3.connect(database)) as opened, opened:
                opened.execute("DROP TABLE positions")
        self.noticed_and_put_back(lose_a_table)

    def test_a_lost_one_is_not_begun_anew_by_itself(self):
        with Daemon(self.films) as daemon:
            with_people(daemon)
            made = re.search(r"/\S+\.backup", ctl(daemon, "backup", "create")).group(0)
            daemon.stop()
            data = daemon.root / "data"
            for file in data.glob("carrel.db*"):
                file.unlink()
            done = self.start_refused(daemon)
            self.assertIn(f"the database {data}/carrel.db is missing", done.stderr)
            self.assertFalse((data / "carrel.db").exists())
            self.put_back(daemon, done, made)
            daemon.stop()
            # As it says for who wants to begin anew; whose sandboxes these are is forgotten with it.
            daemon.remove_sandboxes()
            for name in ("carrel.db", "index", "backups"):
                (data / name).rename(daemon.root / name)
            daemon.start()
            with contextlib.closing(daemon.client()) as client:
                self.assertEqual([user["name"] for user in client.get("/api/v1/admin/users").json()["items"]], ["admin"])

    def start_refused(self, daemon):
        done = subprocess.run([daemon.program], env=daemon.environment, cwd=daemon.root, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, DATA_ERROR, done.stderr)
        return done

    def way_out(self, daemon, refused):
        """The words of the printed command, which doctor prints as well."""
        told = ctl(daemon, "doctor", code=1)
        what, *lines = refused.stderr.removeprefix("carreld: ").splitlines()
        self.assertIn(f"[-] database: {what.removesuffix('. Nothing was changed.')}\n", told)
        for line in lines:
            self.assertIn(f"\n    {line}\n", told)
        self.assertIn("To begin anew instead", lines[-1])
        return re.search(r"carrelctl (backup restore \S+)", refused.stderr).group(1).split()

    def put_back(self, daemon, refused, made):
        """By what is printed, and those whom the backup knows can log in."""
        command = self.way_out(daemon, refused)
        self.assertEqual(command[-1], made)
        ctl(daemon, *command)
        daemon.start()
        with contextlib.closing(Client(daemon)) as client:
            client.log_in("viewer2", PEOPLE["viewer2"])

    def noticed_and_put_back(self, how):
        with Daemon(self.films) as daemon:
            with_people(daemon)
            made = re.search(r"/\S+\.backup", ctl(daemon, "backup", "create")).group(0)
            done = self.damage(daemon, how)
            self.put_back(daemon, done, made)

    def test_the_way_out_works_where_the_newest_is_a_copy_of_the_database_alone(self):
        with Daemon(self.films) as daemon:
            (daemon.root / "carrel.toml").write_text("[pool]\nsize = 0\n")
            with_people(daemon)
            with contextlib.closing(daemon.client()) as client:
                made = client.request("POST", "/api/v1/admin/backup").json()["path"]
            done = self.damage(daemon, self.overwrite)
            data = daemon.root / "data"
            named, _, *command = re.search(r"^  .+$", done.stderr, re.M).group(0).split()
            self.assertEqual(named, f"CARREL_DATA_DIR={data}", "whoever types it has another environment")
            self.assertEqual(command, ["--config", str(daemon.root / "carrel.toml"), "--restore", made])
            if os.geteuid() == 0:  # as from the package, where root is not who the daemon runs as
                daemon.root.chmod(0o755)
                subprocess.run(["chown", "-R", "65534:65534", data], check=True)
            subprocess.run([daemon.program, *command], env=daemon.environment, cwd="/", check=True, timeout=60)
            self.assertEqual((data / "carrel.db").stat().st_uid, data.stat().st_uid, "the daemon can open it")
            daemon.start()
            with contextlib.closing(Client(daemon)) as client:
                client.log_in("viewer2", PEOPLE["viewer2"])

    def test_without_a_backup_it_says_so(self):
        with Daemon(self.films) as daemon:
            daemon.stop()
            daemon.remove_sandboxes()
            (daemon.root / "data/carrel.db").write_bytes(b"this is no database, and never was one" * 400)
            for end in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    (daemon.root / f"data/carrel.db{end}").unlink()
            self.assertIn("There is no backup in", self.start_refused(daemon).stderr)
            shutil.rmtree(daemon.root / "data")


if __name__ == "__main__":
    unittest.main()
