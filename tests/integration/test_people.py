"""Users, sessions, limits, the audit trail and backups, as an administrator works with them; no film is played."""

import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import sqlite3
import stat
import subprocess
import tempfile
import unittest

from carrel import ADMIN, BUILD, Client, Daemon, FilmsTest, wait_for

PASSWORD = "a password that is long"
USERS = "/api/v1/admin/users"
SESSIONS = "/api/v1/admin/sessions"


class People(FilmsTest):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.daemon = self.stack.enter_context(Daemon(self.films, CARREL_LIMITS_VIEWER_SESSIONS="3",
                                                      CARREL_BACKUP_KEEP="2"))
        self.admin = self.client(*ADMIN)

    def client(self, *credentials):
        return self.stack.enter_context(contextlib.closing(self.daemon.client(*credentials)))

    def try_to_log_in(self, name, password=PASSWORD):
        with contextlib.closing(Client(self.daemon)) as client:
            return client.request("POST", "/api/v1/auth/login", {"username": name, "password": password})

    def add(self, name, **more):
        answer = self.admin.request("POST", USERS, {"username": name, "password": PASSWORD, **more})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json()

    def change(self, user, **what):
        return self.admin.request("PATCH", f"{USERS}/{user}", what)

    def audit(self, query=""):
        answer = self.admin.get(f"/api/v1/admin/audit{query}")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def assert_problem(self, answer, status, slug):
        self.assertEqual((answer.status, answer.json()["type"]), (status, f"urn:carrel:problem:{slug}"), answer.body)

    def test_a_user_is_made_listed_changed_and_deleted(self):
        made = self.add("Anna@Example", limits={"memory": 256 << 20, "cpus": 0.25})
        self.assertEqual((made["name"], made["role"], made["disabled"], made["sessions"]),
                         ("anna@example", "viewer", False, 0))
        self.assertEqual(made["limits"], {"sessions": 3, "streams": 16, "memory": 256 << 20, "cpus": 0.25,
                                          "bandwidth": 0})
        self.assertEqual(made["overrides"], {"memory": 256 << 20, "cpus": 0.25})
        self.assertEqual(self.admin.get(f"{USERS}/anna%40example").json(), made)
        self.assertEqual([user["name"] for user in self.admin.get(USERS).json()["items"]],
                         [ADMIN[0], "anna@example"])

        changed = self.change("anna@example", limits={"memory": None, "bandwidth": 1 << 20}).json()
        self.assertEqual(changed["overrides"], {"cpus": 0.25, "bandwidth": 1 << 20})
        self.assertEqual(changed["limits"]["memory"], 512 << 20)
        self.assertEqual(self.change("anna@example", limits=None).json()["overrides"], {})
        self.daemon.stop()
        self.daemon.start()
        self.admin = self.client(*ADMIN)
        self.assertEqual(self.admin.get(f"{USERS}/anna@example").json()["overrides"], {})

        self.assertEqual(self.admin.request("DELETE", f"{USERS}/anna@example").status, 204)
        self.assert_problem(self.admin.get(f"{USERS}/anna@example"), 404, "not-found")
        self.assert_problem(self.admin.request("DELETE", f"{USERS}/anna@example"), 404, "not-found")
        self.assertEqual(self.try_to_log_in("anna@example").status, 401)

    def test_what_is_not_valid_changes_nothing(self):
        before = self.add("anna")
        for what in ({"password": "short"}, {"password": 5}, {"disabled": "yes"}, {"role": "root"},
                     {"limits": {"cpus": 0}}, {"limits": {"cpus": -1}}, {"limits": {"cpus": 1e300}},
                     {"limits": {"sessions": 0}}, {"limits": {"sessions": -1}}, {"limits": {"sessions": 1.5}},
                     {"limits": {"sessions": 1 << 40}}, {"limits": {"memory": 1}}, {"limits": {"bandwidth": 1}},
                     {"limits": {"wishes": 3}}, {"limits": []}, {"name": "eve"},
                     {"disabled": True, "limits": {"memory": 1}}):
            with self.subTest(what=what):
                self.assert_problem(self.change("anna", **what), 400, "invalid")
        for name in ("..", "%2e%2e", "a b", "%00", "nobody", "anna%2f", "%"):
            self.assertEqual(self.admin.request("PATCH", f"{USERS}/{name.replace(' ', '%20')}", {}).status, 404, name)
        self.assertEqual(self.admin.get(f"{USERS}/anna").json(), before)
        self.assertEqual(self.audit("?action=user_changed")["items"], [])

    def test_what_ends_sessions(self):
        self.add("anna")
        for what in ({"password": "another long password"}, {"password": PASSWORD}, {"role": "admin"},
                     {"role": "viewer"}, {"disabled": True}):
            with self.subTest(what=what):
                anna = self.client("anna", "another long password" if what == {"password": PASSWORD} else PASSWORD)
                bystander = self.client(*ADMIN)
                self.assertEqual(anna.get("/api/v1/me").status, 200)
                self.assertEqual(self.change("anna", **what).status, 200)
                self.assertEqual(anna.get("/api/v1/me").status, 401)
                self.assertEqual(bystander.get("/api/v1/me").status, 200)
        self.assertEqual(self.try_to_log_in("anna").status, 401)
        self.assertEqual(self.change("anna", disabled=False, limits={"sessions": 7}).status, 200)
        anna = self.client("anna", PASSWORD)
        for what in ({}, {"disabled": False}, {"role": "viewer"}, {"limits": {"sessions": 5}}):
            self.assertEqual(self.change("anna", **what).status, 200)
            self.assertEqual(anna.get("/api/v1/me").status, 200, what)
        self.assertEqual(self.admin.request("DELETE", f"{USERS}/anna").status, 204)
        self.assertEqual(anna.get("/api/v1/me").status, 401)

    def test_the_last_administrator_stays(self):
        for what in ({"disabled": True}, {"role": "viewer"}):
            self.assert_problem(self.change(ADMIN[0], **what), 409, "last-admin")
        self.assert_problem(self.admin.request("DELETE", f"{USERS}/{ADMIN[0]}"), 409, "last-admin")
        self.assertEqual(self.admin.get("/api/v1/me").status, 200)
        self.add("other", role="admin")
        self.assertEqual(self.change("other", disabled=True).status, 200)
        self.assert_problem(self.change(ADMIN[0], role="viewer"), 409, "last-admin")
        self.assertEqual(self.change("other", disabled=False).status, 200)
        self.assertEqual(self.change(ADMIN[0], role="viewer").status, 200)
        self.assertEqual(self.admin.get("/api/v1/me").status, 401)
        self.assert_problem(self.client(*ADMIN).get(USERS), 403, "not-admin")

    def test_sessions_are_listed_bounded_and_revoked(self):
        self.add("anna")
        annas = [self.client("anna", PASSWORD) for _ in range(3)]
        refused = self.try_to_log_in("anna")
        self.assert_problem(refused, 429, "too-many-sessions")
        self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
        listed = self.admin.get(f"{SESSIONS}?user=anna").json()["items"]
        self.assertEqual([(one["user"], one["address"]) for one in listed], [("anna", "127.0.0.1")] * 3)
        self.assertEqual(self.admin.get(f"{USERS}/anna").json()["sessions"], 3)
        self.assertEqual(len(self.admin.get(SESSIONS).json()["items"]), 4)
        self.assertEqual(self.admin.request("DELETE", f"{SESSIONS}/{listed[0]['id']}").status, 204)
        self.assert_problem(self.admin.request("DELETE", f"{SESSIONS}/{listed[0]['id']}"), 404, "not-found")
        self.assertEqual(sorted(one.get("/api/v1/me").status for one in annas), [200, 200, 401])
        self.assertEqual(self.try_to_log_in("anna").status, 200)
        self.daemon.stop()
        self.daemon.start()
        self.admin = self.client(*ADMIN)
        self.assertEqual(self.admin.get(f"{USERS}/anna").json()["sessions"], 3)

    def test_twelve_right_logins_at_once(self):
        self.add("anna", limits={"sessions": 20})
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(self.try_to_log_in, ["anna"] * 12))
        self.assertEqual([answer.status for answer in answers], [200] * 12)

    def test_only_administrators_and_no_other_site(self):
        self.add("anna")
        anna = self.client("anna", PASSWORD)
        for method, path in (("GET", USERS), ("GET", f"{USERS}/anna"), ("PATCH", f"{USERS}/anna"),
                             ("DELETE", f"{USERS}/anna"), ("GET", SESSIONS), ("DELETE", f"{SESSIONS}/x"),
                             ("GET", "/api/v1/admin/audit"), ("POST", "/api/v1/admin/backup"),
                             ("GET", "/api/v1/admin/backups")):
            self.assert_problem(anna.request(method, path), 403, "not-admin")
            with contextlib.closing(Client(self.daemon)) as stranger:
                self.assert_problem(stranger.request(method, path), 401, "not-logged-in")
            if method == "GET":
                continue
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
                self.assert_problem(self.admin.request(method, path, headers=headers), 403, "cross-site")
        self.assertEqual(self.admin.get(f"{USERS}/anna").status, 200)
        wrong = self.admin.request("PUT", f"{USERS}/anna")
        self.assertEqual((wrong.status, wrong.headers["Allow"]), (405, "GET, HEAD, PATCH, DELETE"))

    def test_the_audit_trail_says_who_did_what_and_no_secret(self):
        self.add("anna")
        self.try_to_log_in("anna", "wrong wrong wrong")
        self.client("anna", PASSWORD).request("POST", "/api/v1/auth/logout")
        self.change("anna", password="a third long password", limits={"sessions": 2})
        self.admin.request("DELETE", f"{USERS}/anna")
        everything = self.audit()
        # The steps of the booth that the login brought lie in between.
        done = [item for item in everything["items"] if not item["action"].startswith("sandbox_")]
        self.assertEqual([item["action"] for item in done][:6],
                         ["user_deleted", "user_changed", "logout", "login", "login_failed", "user_added"])
        self.assertEqual(done[1]["detail"], "password, sessions=2")
        self.assertEqual(done[1]["actor"], ADMIN[0])
        self.assertIsNone(everything["next"])
        # From a fixed place: the login's booth may yet take its last steps.
        first = self.audit(f"?limit=2&before={everything['items'][0]['id'] + 1}")
        second = self.audit(f"?limit=2&before={first['next']}")
        self.assertEqual(first["items"] + second["items"], everything["items"][:4])
        self.assertEqual([item["object"] for item in self.audit("?action=user_added&object=anna")["items"]], ["anna"])
        self.assertEqual(self.audit("?since=2100-01-01T00:00:00Z")["items"], [])
        self.assertEqual(self.audit("?since=2000-01-01T00:00:00Z&actor=nobody")["items"], [])
        for query in ("since=yesterday", "since=2026-02-30T00:00:00Z", "limit=0", "limit=1001", "before=x", "limit=-1"):
            self.assertEqual(self.admin.get(f"/api/v1/admin/audit?{query}").status, 400, query)
        text = str(everything) + self.daemon.log_path.read_text()
        for secret in (PASSWORD, "a third long password", "wrong wrong wrong", ADMIN[1]):
            self.assertNotIn(secret, text)

    def backup(self):
        answer = self.admin.request("POST", "/api/v1/admin/backup")
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json()

    def restore(self, file):
        return subprocess.run([BUILD / "orchestrator/carreld", "--restore", str(file)], env=self.daemon.environment,
                              cwd=self.daemon.root, capture_output=True, text=True, timeout=60)

    def test_a_backup_is_whole_while_others_write(self):
        def make_users(number):
            with contextlib.closing(self.daemon.client(*ADMIN)) as client:
                return [client.request("POST", USERS, {"username": f"user{number}-{i}", "password": PASSWORD}).status
                        for i in range(4)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(make_users, number) for number in range(4)]
            made = [self.backup() for _ in range(4)]
            self.assertEqual([status for writer in writers for status in writer.result()], [201] * 16)
        for one in made[2:]:
            path = pathlib.Path(one["path"])
            self.assertEqual((path.stat().st_size, stat.S_IMODE(path.stat().st_mode)), (one["bytes"], 0o600))
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
                self.assertEqual(copy.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                users = copy.execute("SELECT count(*) FROM users").fetchone()[0]
                added = copy.execute("SELECT count(*) FROM events WHERE action = 'user_added'").fetchone()[0]
                self.assertEqual(users, added)
        folder = self.daemon.root / "data/backups"
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        listed = self.admin.get("/api/v1/admin/backups").json()["items"]
        self.assertEqual({one["file"] for one in listed}, {one["file"] for one in made[2:]})  # backup.keep is 2
        self.assertEqual({path.name for path in folder.iterdir()}, {one["file"] for one in listed})

    def test_a_backup_is_restored_while_no_daemon_runs(self):
        self.add("anna")
        anna = self.client("anna", PASSWORD)
        made = self.backup()
        self.add("later")
        refused = self.restore(made["path"])
        self.assertEqual(refused.returncode, 1)
        self.assertIn("another carreld works on", refused.stderr)
        self.daemon.stop()

        data = self.daemon.root / "data"
        junk = data / "junk.db"
        junk.write_bytes(b"no database" * 1000)
        foreign, newer, damaged = data / "foreign.db", data / "newer.db", data / "damaged.db"
        with contextlib.closing(sqlite3.connect(foreign)) as db:
            db.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        shutil.copy(made["path"], newer)
        with contextlib.closing(sqlite3.connect(newer)) as db:
            db.execute("PRAGMA user_version = 999")
        content = bytearray(pathlib.Path(made["path"]).read_bytes())
        content[8192:] = os.urandom(len(content) - 8192)
        damaged.write_bytes(content)
        for file, why in ((junk, "not a database"), (foreign, "not Carrel's"), (newer, "999"), (damaged, "damaged"),
                          (data / "missing.db", "is not a file")):
            answer = self.restore(file)
            self.assertEqual(answer.returncode, 1, file)
            self.assertIn(why, answer.stderr.replace("malformed", "damaged"))
        self.assertEqual(list(data.glob("carrel.db.*")), [])

        answer = self.restore(made["path"])
        self.assertEqual(answer.returncode, 0, answer.stderr)
        aside, = data.glob("carrel.db.before-restore-*")
        self.assertIn(str(aside), answer.stdout)
        with contextlib.closing(sqlite3.connect(f"file:{aside}?mode=ro", uri=True)) as old:
            self.assertEqual(old.execute("SELECT count(*) FROM users WHERE name = 'later'").fetchone(), (1,))
        self.daemon.start()
        with contextlib.closing(Client(self.daemon)) as returning:
            returning.cookie = anna.cookie
            self.assertEqual(returning.get("/api/v1/me").status, 401)
        self.admin = self.client(*ADMIN)
        self.assertEqual([user["name"] for user in self.admin.get(USERS).json()["items"]], [ADMIN[0], "anna"])
        self.assertEqual(self.audit("?action=database_restored")["items"][0]["object"], made["file"])


class FullDisk(FilmsTest):
    """The data on a file system of its own, which a test can fill."""

    SIZE = 24 << 20

    def setUp(self):
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="carrel-test-disk-"))
        self.addCleanup(self.disk.rmdir)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE},mode=700", "tmpfs", self.disk], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", self.disk], check=True))
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.daemon = self.stack.enter_context(Daemon(self.films, CARREL_DATA_DIR=str(self.disk / "data")))

    def client(self):
        return self.stack.enter_context(contextlib.closing(self.daemon.client(*ADMIN)))

    def readiness(self, client):
        answer = client.get("/readyz?verbose")
        return answer.status, answer.body.decode()

    def fill(self):
        with open(self.disk / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def test_a_logout_ends_the_session_and_readiness_says_why(self):
        leaver, admin, victim = self.client(), self.client(), self.client()
        victim_id = admin.get(SESSIONS).json()["items"][0]["id"]
        self.assertEqual(self.readiness(admin)[0], 200)
        self.fill()
        # What the write-ahead log has room for still succeeds.
        status, why = wait_for("no readiness", lambda: (seen := self.readiness(admin))[0] == 503 and seen)
        self.assertIn("the disk under the database is full", why)
        self.assertEqual(leaver.request("POST", "/api/v1/auth/logout").status, 204)
        revoked = admin.request("DELETE", f"{SESSIONS}/{victim_id}")
        self.assertEqual(revoked.status, 503, revoked.body)
        self.assertIn("has ended", revoked.json()["detail"])
        for gone in (leaver, victim):
            self.assertEqual(gone.get("/api/v1/me").status, 401)
        self.assertEqual(admin.request("POST", USERS, {"username": "anna", "password": PASSWORD}).status, 503)
        backup = admin.request("POST", "/api/v1/admin/backup")
        self.assertEqual(backup.status, 503, backup.body)
        self.assertEqual(admin.get("/api/v1/me").status, 200)

        (self.disk / "filler").unlink()
        wait_for("readiness", lambda: self.readiness(admin)[0] == 200)
        wait_for("the rows' end", lambda: {"logout", "session_revoked"} <= {
            item["action"] for item in admin.get("/api/v1/admin/audit").json()["items"]})
        for gone in (leaver, victim):
            self.assertEqual(gone.get("/api/v1/me").status, 401)
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(len(self.client().get(SESSIONS).json()["items"]), 2)


if __name__ == "__main__":
    unittest.main()
