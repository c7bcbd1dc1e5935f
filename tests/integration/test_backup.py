"""Backups: whole and usable when made under load; the disaster drill of docs/backup.md, with its time."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
import urllib.parse

from carrel import AS_NOBODY, BUILD, Certificate, Client, Daemon, FilmsTest, docker, make_film, wait_for

CTL = BUILD / "orchestrator/carrelctl"
WRONG_CONFIGURATION = 78
PEOPLE = {f"viewer{number}": f"correct horse battery {number}" for number in range(3)}
WORDS = "under the bed\n"


def ctl(daemon, *words, code=0, **options):
    done = subprocess.run([CTL, *map(str, words)], env=daemon.environment, cwd=daemon.root, capture_output=True, text=True,
                          timeout=120, **options)
    assert done.returncode == code, (done.returncode, done.stdout + done.stderr)
    return done.stdout + done.stderr


class Load:
    """People who log in, look and leave, again and again, until told to end."""

    def __init__(self, daemon, film):
        self.daemon, self.film = daemon, film
        self.rounds = 0
        self.failed = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.watch, args=person) for person in PEOPLE.items()]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_for("some rounds", lambda: self.rounds > 3 or self.failed)
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def watch(self, name, password):
        while not self.over.is_set():
            try:
                with contextlib.closing(Client(self.daemon)) as client:
                    client.log_in(name, password)
                    assert client.get(f"/api/v1/videos/{self.film}").status == 200
                    client.request("POST", "/api/v1/auth/logout")
                self.rounds += 1
            except (OSError, AssertionError) as error:
                self.failed.append(repr(error))
                return


class Viewer:
    """Watches a film as a player does: one segment after the other, and tells the daemon now and then where it is."""

    def __init__(self, daemon, film, name):
        self.client, self.film, self.name = daemon.client(name, PEOPLE[name]), film, name
        self.segments = segments_of(self.client, film)
        self.told = [0]

    def watch(self, until=lambda: False):
        """To the last but one segment, and again from the beginning; at least once."""
        while True:
            for start, uri in self.segments[1:-1]:
                assert self.client.get(uri).status == 200, uri
                stop_at(self.client, self.film, start + 0.5)
                self.told.append(int(start + 0.5))
                if until():
                    return


def stop_at(client, film, seconds):
    """Who watches faster than anybody could is told to wait."""
    while True:
        answer = client.request("PUT", f"/api/v1/videos/{film}/position", {"seconds": seconds})
        if answer.status != 429:
            break
        time.sleep(int(answer.headers["Retry-After"]))
    assert answer.status == 204, answer.body


def segments_of(client, film):
    """(second at which it begins, URL) of each segment of the picture."""
    def playlist(name):
        answer = client.get(f"/stream/{film}/{name}")
        assert answer.status in (200, 503), (answer.status, answer.body)
        return answer.status == 200 and answer.body.decode()

    def lines(name):
        # After a restore the film's index is made again first.
        return [line for line in wait_for(name, lambda: playlist(name)).splitlines() if line]
    name = next(line for line in lines("master.m3u8") if not line.startswith("#"))
    found, at = [], 0.0
    for line in lines(name):
        if line.startswith("#EXTINF:"):
            length = float(line[len("#EXTINF:"):].rstrip(","))
        elif not line.startswith("#"):
            found.append((at, urllib.parse.urljoin(f"/stream/{film}/{name}", line)))
            at += length
    return found


def with_people(daemon):
    for name, password in PEOPLE.items():
        daemon.add_user(name, password)
    with contextlib.closing(daemon.client()) as client:
        daemon.wait_until_indexed(client)
        return client.video("Short")["id"]


class Backup(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Short.mp4", 8)
        make_film(cls.films / "Long.mp4", 90)

    def test_the_disaster_drill(self):
        with tempfile.TemporaryDirectory(prefix="carrel-test-away-") as away:
            passphrase = pathlib.Path(away) / "passphrase"
            passphrase.write_text(WORDS)
            with Daemon(self.films) as daemon:
                settings = daemon.root / "carrel.toml"
                settings.write_text("[pool]\nsize = 0\n")
                film = with_people(daemon)
                with Load(daemon, film) as load:
                    for _ in range(3):
                        ctl(daemon, "backup", "create", "--folder", away, "--passphrase-file", passphrase, "--keep", 2)
                self.assertEqual(load.failed, [])
                self.assertEqual(os.listdir(daemon.root / "data/backups"), [], "copies that were passing")
                with contextlib.closing(daemon.client()) as client:
                    there = client.get("/api/v1/admin/users").json()["items"]
            # The machine is gone, with all that was on it.
            backups = sorted(pathlib.Path(away).glob("*.backup"))
            self.assertEqual(len(backups), 2)
            self.assertNotIn(b"viewer1", backups[-1].read_bytes())

            new = Daemon(self.films)
            try:
                began = time.monotonic()
                ctl(new, "backup", "verify", backups[-1], "--passphrase-file", passphrase)
                said = ctl(new, "backup", "restore", backups[-1], "--passphrase-file", passphrase)
                self.assertIn("everybody has to log in again", said)
                self.assertIn(f"put back: {settings}", said)
                new.start()
                with contextlib.closing(Client(new)) as client:
                    client.log_in("viewer1", PEOPLE["viewer1"])
                took = time.monotonic() - began
                print(f"The drill: from a new machine and a backup to a login in {took:.1f} s", flush=True)
                with contextlib.closing(new.client()) as client:
                    self.assertEqual({user["name"] for user in client.get("/api/v1/admin/users").json()["items"]},
                                     {user["name"] for user in there})
                    new.wait_until_indexed(client)
                    self.assertEqual(client.video("Short")["id"], film, "links go on working")
                self.assertEqual(settings.read_text(), "[pool]\nsize = 0\n")
            finally:
                shutil.rmtree(settings.parent, ignore_errors=True)
                new.__exit__()

    def test_certificate_key_and_what_the_images_were_are_in_it(self):
        with contextlib.ExitStack() as stack:
            here, away = (pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carrel-test-"))) for _ in range(2))
            certificate = Certificate(here)
            certificate.key.chmod(0o600)
            files = {path: path.read_bytes() for path in (certificate.path, certificate.key)}
            daemon = stack.enter_context(Daemon(self.films, certificate))
            ctl(daemon, "backup", "create", "--folder", away)
            made = next(away.glob("*.backup"))
            with tarfile.open(made) as whole:
                manifest = json.load(whole.extractfile("manifest.json"))
                origins = {part["origin"]: part for part in manifest["parts"]}
                for path, content in files.items():
                    self.assertEqual(whole.extractfile(origins[str(path)]["name"]).read(), content)
            self.assertEqual(origins[str(certificate.key)]["mode"], 0o600)
            ids = {image["name"]: image["id"] for image in manifest["images"]}
            self.assertEqual(len(ids), 2)
            for name, one in ids.items():
                self.assertEqual(one, docker("image", "inspect", "-f", "{{.Id}}", name))
            # The machine is gone, with all that was on it.
            daemon.stop()
            for path in files:
                path.unlink()
            new = Daemon(self.films, certificate)
            stack.callback(new.__exit__)
            ctl(new, "backup", "restore", made)
            self.assertEqual({path: path.read_bytes() for path in files}, files)
            self.assertEqual(certificate.key.stat().st_mode & 0o777, 0o600)
            new.start()  # what answers is trusted by this certificate alone

    def test_a_plan_is_in_it_and_another_machines_stops_no_restore(self):
        with contextlib.ExitStack() as stack:
            here, away = (pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carrel-test-"))) for _ in range(2))
            plan = here / "plan.toml"
            plan.write_text("[plan]\nversion = 1\nprocessors = 1\n")
            daemon = stack.enter_context(Daemon(self.films, CARREL_ADMISSION_PLAN=str(plan)))
            # As a plan of this machine would look on one that is smaller.
            large = "[plan]\nversion = 1\nprocessors = 100000\n"
            plan.write_text(large)
            ctl(daemon, "backup", "create", "--folder", away)
            made = next(away.glob("*.backup"))
            daemon.stop()
            for there, said in ((True, "it was made for 100000 processors"), (False, "make one with carrel-hwtune plan")):
                new = Daemon(self.films, CARREL_ADMISSION_PLAN=str(plan if there else here / "lost.toml"))
                stack.callback(new.__exit__)
                plan.unlink()
                restored = ctl(new, "backup", "restore", made, "--settings")
                self.assertIn(f"put back: {plan}", restored)
                self.assertIn(said, restored)
                self.assertEqual(plan.read_text(), large)
                self.assertTrue((new.root / "data/carrel.db").exists())
                refused = subprocess.run([new.program, "--check-config"], env=new.environment, cwd=new.root,
                                         capture_output=True, text=True, timeout=60)
                self.assertEqual(refused.returncode, WRONG_CONFIGURATION, "to serve films is another matter")
                self.assertIn(said, refused.stderr)

    def test_a_setting_that_cannot_be_read_is_left_out_and_said(self):
        with tempfile.TemporaryDirectory(prefix="carrel-test-") as name:
            root = pathlib.Path(name)
            root.chmod(0o777)
            subprocess.run([*AS_NOBODY, "mkdir", root / "data", root / "away"], check=True)
            # Without a daemon it is made of the files.
            make = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE users (name)')"
            subprocess.run([*AS_NOBODY, sys.executable, "-c", make, root / "data/carrel.db"], check=True)
            for end in ("certificate", "key"):
                (root / f"{end}.pem").write_text(end)
            (root / "carrel.toml").write_text(f'[data]\ndir = "{root}/data"\n[http]\n'
                                              f'tls_certificate = "{root}/certificate.pem"\ntls_key = "{root}/key.pem"\n')
            (root / "key.pem").chmod(0o600)
            # Whatever else is set here.
            alone = {"env": {"PATH": os.environ["PATH"]}, "cwd": "/", "capture_output": True, "text": True, "timeout": 60}
            done = subprocess.run([*AS_NOBODY, CTL, "--config", root / "carrel.toml", "backup", "create", "--folder", root / "away"],
                                  **alone)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"NOT in it (it cannot be read here, or opens the sealed ones): {root}/key.pem\n", done.stdout)
            made = re.search(r"/\S+\.backup", done.stdout).group(0)
            verified = json.loads(subprocess.run([*AS_NOBODY, CTL, "--json", "backup", "verify", made], check=True, **alone).stdout)
            self.assertEqual({part["origin"] for part in verified["parts"]},
                             {"", f"{root}/carrel.toml", f"{root}/certificate.pem"})
            subprocess.run([*AS_NOBODY, "rm", "-r", root / "data", root / "away"], check=True)

    def test_who_was_watching_goes_on_where_they_stopped(self):
        with tempfile.TemporaryDirectory(prefix="carrel-test-away-") as away, contextlib.ExitStack() as stack:
            daemon = stack.enter_context(Daemon(self.films))
            with_people(daemon)
            with contextlib.closing(daemon.client()) as client:
                film = client.video("Long")["id"]
            viewers = [Viewer(daemon, film, name) for name in PEOPLE]
            for viewer in viewers:
                stack.callback(viewer.client.close)
            stopped, *going_on = viewers
            stopped.watch(until=lambda: stopped.told[-1] > 30)
            over = threading.Event()
            pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor())
            watching = [pool.submit(viewer.watch, over.is_set) for viewer in going_on]
            try:
                wait_for("everybody to watch", lambda: all(len(viewer.told) > 5 for viewer in going_on))
                before = [len(viewer.told) for viewer in going_on]
                ctl(daemon, "backup", "create", "--folder", away)
                after = [len(viewer.told) for viewer in going_on]
                wait_for("everybody to go on", lambda: all(len(one.told) > count for one, count in zip(going_on, after)))
            finally:
                over.set()
            for one in watching:
                one.result(timeout=60)
            daemon.stop()  # the machine is gone, with all that was on it
            new = Daemon(self.films)
            stack.callback(new.__exit__)
            ctl(new, "backup", "restore", next(pathlib.Path(away).glob("*.backup")))
            new.start()
            with contextlib.closing(new.client(stopped.name, PEOPLE[stopped.name])) as client:
                new.wait_until_indexed(client)
                second = client.get(f"/api/v1/videos/{film}").json()["position_seconds"]
                self.assertEqual(second, stopped.told[-1])
                start, uri = max((start, uri) for start, uri in segments_of(client, film) if start <= second)
                self.assertLess(second - start, 10)
                self.assertEqual(client.get(uri).status, 200)
            for viewer, first, last in zip(going_on, before, after):
                with contextlib.closing(new.client(viewer.name, PEOPLE[viewer.name])) as client:
                    # What was answered before the backup is in it; what came meanwhile may be.
                    self.assertIn(client.get(f"/api/v1/videos/{film}").json()["position_seconds"],
                                  viewer.told[first - 1:last + 1], viewer.name)

    def test_what_is_damaged_or_sealed_is_not_restored(self):
        with Daemon(self.films) as daemon:
            with_people(daemon)
            made = re.search(r"/\S+\.backup", ctl(daemon, "backup", "create")).group(0)
            self.assertIn("is whole", ctl(daemon, "backup", "verify"))
            self.assertIn(made, ctl(daemon, "backup", "list"))
            self.assertIn("another carreld works", ctl(daemon, "backup", "restore", made, code=1))
            content = bytearray(pathlib.Path(made).read_bytes())
            content[len(content) // 2] ^= 1
            bad = daemon.root / "bad.backup"
            bad.write_bytes(content)
            self.assertIn("is not what it was", ctl(daemon, "backup", "verify", bad, code=1))
            sealed = re.search(r"/\S+\.backup", ctl(daemon, "backup", "create", "--passphrase-file", "-", input=WORDS))
            self.assertIn("the passphrase is not the one",
                          ctl(daemon, "backup", "verify", sealed.group(0), "--passphrase-file", "-", code=1, input="x\n"))
            ctl(daemon, "backup", "verify", sealed.group(0), code=2, stdin=subprocess.DEVNULL, start_new_session=True)
            daemon.stop()
            before = (daemon.root / "data/carrel.db").read_bytes()
            self.assertIn("is not what it was", ctl(daemon, "backup", "restore", bad, code=1))
            self.assertEqual((daemon.root / "data/carrel.db").read_bytes(), before)
            # None runs, so it is made of the files.
            self.assertIn("read again", ctl(daemon, "backup", "create"))

    def test_settings_change_with_the_database_or_not_at_all(self):
        with Daemon(self.films) as daemon:
            settings = daemon.root / "carrel.toml"
            settings.write_text("[pool]\nsize = 0\n")
            made = re.search(r"/\S+\.backup", ctl(daemon, "backup", "create")).group(0)
            settings.write_text("[pool]\nsize = 1\n")
            there = sorted(os.listdir(daemon.root))
            self.assertIn("another carreld works", ctl(daemon, "backup", "restore", made, "--settings", code=1))
            self.assertEqual(settings.read_text(), "[pool]\nsize = 1\n")
            self.assertEqual(sorted(os.listdir(daemon.root)), there)
            daemon.stop()
            self.assertIn(f"put back: {settings}", ctl(daemon, "backup", "restore", made, "--settings"))
            self.assertEqual(settings.read_text(), "[pool]\nsize = 0\n")
            aside, = daemon.root.glob("carrel.toml.before-restore-*")
            self.assertEqual(aside.read_text(), "[pool]\nsize = 1\n")


if __name__ == "__main__":
    unittest.main()
