"""carrelctl and a real daemon: over the admin socket by peer credentials, over HTTP by a token."""

import contextlib
import datetime
import fcntl
import json
import os
import pathlib
import pty
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import termios
import unittest

from carrel import ADMIN, AS_NOBODY, BUILD, SOURCE, Daemon, FilmsTest, docker, wait_for
from engine_recorder import Recorder

CTL = BUILD / "orchestrator/carrelctl"
NOBODY = 65534
OK, FAILED, USAGE, NOT_FOUND, REFUSED, UNREACHABLE = range(6)


class Carrelctl(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.socket = cls.daemon.root / "data/run/admin.sock"

    def ctl(self, *words, code=OK, stdin=None, environment=None, **options):
        done = subprocess.run([CTL, *map(str, words)], input=stdin, capture_output=True, text=True, timeout=60,
                              env=environment or self.daemon.environment, cwd=self.daemon.root, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def data(self, *words, **options):
        return json.loads(self.ctl("--json", *words, **options).stdout)

    def audit(self, action):
        # From the database: what is asked here is whether it was written, not how it is listed.
        with contextlib.closing(sqlite3.connect(self.daemon.root / "data/carrel.db")) as database:
            return [row[0] for row in database.execute("SELECT actor FROM events WHERE action = ?", [action])]

    def test_the_socket_is_found_by_the_configuration_and_private(self):
        self.assertEqual(self.socket.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.socket.parent.stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.data("token", "ls"), self.data("--socket", self.socket, "token", "ls"))

    def test_config_show_has_every_key_its_source_and_no_secret(self):
        items = {item["key"]: item for item in self.data("config", "show")["items"]}
        self.assertEqual(items["library.rescan"], {"key": "library.rescan", "value": '"1s"',
                                                   "source": "environment: CARREL_LIBRARY_RESCAN"})
        self.assertEqual(items["pool.size"]["source"], "default")
        self.assertEqual(items["admin.password"]["value"], "***")
        self.assertNotIn(ADMIN[1], self.ctl("config", "show").stdout)

    def test_config_check_needs_no_daemon(self):
        self.ctl("config", "check")
        broken = {**self.daemon.environment, "CARREL_POOL_SIZ": "1"}
        self.assertIn("did you mean", self.ctl("config", "check", code=FAILED, environment=broken).stderr)

    def test_a_token_opens_from_elsewhere_until_it_is_revoked(self):
        token = self.ctl("token", "add", "robot", "--expires-in", "1h").stdout
        self.assertIn(f"local:{pwd.getpwuid(os.getuid()).pw_name}", self.audit("token_added"))
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "token"
            file.write_text(token)
            remote = ("--url", f"http://127.0.0.1:{self.daemon.port}", "--token-file", file)
            self.assertEqual([item["name"] for item in self.data(*remote, "token", "ls")["items"]], ["robot"])
            self.assertNotIn(token.strip(), self.ctl("token", "ls", "--json").stdout)
            self.assertIn("already a token", self.ctl("token", "add", "robot", code=FAILED).stderr)
            self.ctl(*remote, "token", "rm", "robot")
            self.assertIn("token:robot", self.audit("token_revoked"))
            self.assertIn("revoked", self.ctl(*remote, "token", "ls", code=REFUSED).stderr)
            file.write_text("x" * 43)
            self.ctl(*remote, "token", "ls", code=REFUSED)
        self.ctl("token", "rm", "robot", code=NOT_FOUND)
        self.assertNotIn(token.strip(), self.daemon.log_path.read_text())

    def test_a_token_is_not_a_login(self):
        token = self.ctl("token", "add", "narrow").stdout.strip()
        with self.subTest("viewers' pages"):
            client = self.daemon.client()
            client.cookie = None
            self.assertEqual(client.get("/api/v1/me", Authorization=f"Bearer {token}").status, 401)
            self.assertEqual(client.get("/api/v1/admin/tokens", Authorization=f"bearer {token}").status, 200)
            self.assertEqual(client.get("/api/v1/admin/tokens", Authorization=f"Basic {token}").status, 401)
            client.close()
        self.ctl("token", "rm", "narrow")

    def test_a_viewer_is_no_administrator(self):
        self.ctl("user", "add", "vera", "--password-stdin", stdin="correct horse battery\n")
        client = self.daemon.client("vera", "correct horse battery")
        self.assertEqual(client.get("/api/v1/admin/tokens").status, 403)
        self.assertEqual(client.get("/api/v1/admin/config").status, 403)
        client.close()

    def test_passwords_come_from_standard_input_and_weak_ones_are_refused(self):
        self.assertIn("10 characters", self.ctl("user", "add", "wim", "--password-stdin", code=FAILED,
                                                stdin="short\n").stderr)
        self.ctl("user", "add", "wim", "--password-stdin", code=USAGE, stdin="\n")
        # Without a terminal nobody can be asked.
        self.ctl("user", "add", "wim", code=USAGE, stdin="", start_new_session=True)

    def test_another_user_is_refused_by_the_mode_and_by_the_kernels_word(self):
        with tempfile.TemporaryDirectory() as folder:
            # The build may lie where nobody can look.
            program = shutil.copy(CTL, folder)
            os.chmod(folder, 0o755)

            def try_it(path):
                return subprocess.run([*AS_NOBODY, program, "--socket", path, "token", "ls"], capture_output=True,
                                      text=True, cwd="/", timeout=60)

            first = try_it(self.socket)
            self.assertEqual(first.returncode, REFUSED, first.stderr)
            opened = [self.daemon.root, self.daemon.root / "data", self.socket.parent, self.socket]
            modes = [path.stat().st_mode & 0o777 for path in opened]
            try:
                for path in opened:
                    path.chmod(0o777)
                second = try_it(self.socket)
            finally:
                for path, mode in zip(opened, modes):
                    path.chmod(mode)
        self.assertEqual(second.returncode, REFUSED, second.stderr)
        self.assertIn("The admin socket is not for this user", second.stderr)
        wait_for("its line in the log", lambda: self.daemon.event("admin.refused", uid=str(NOBODY)))

    def test_nobody_there_is_an_exit_code_of_its_own(self):
        self.assertIn("is carreld running", self.ctl("--socket", "/nowhere/x.sock", "status", code=UNREACHABLE).stderr)
        with tempfile.TemporaryDirectory() as folder:
            empty = {"PATH": os.environ["PATH"], "HOME": folder}
            self.assertIn("looked for", self.ctl("status", code=UNREACHABLE, environment=empty).stderr)

    def test_doctor_looks_at_what_the_daemon_works_with(self):
        # Its environment is the daemon's own; this one says nothing but where the daemon is.
        bare = {"PATH": os.environ["PATH"], "HOME": str(self.daemon.root)}
        listed = json.loads(self.ctl("--json", "--socket", self.socket, "doctor", environment=bare).stdout)["items"]
        checks = {item["check"]: item for item in listed}
        self.assertEqual(checks["configuration"]["detail"], "that of the carreld that runs")
        self.assertEqual(checks[f"films in {self.films}"]["state"], "ok")
        self.assertEqual([checks["carreld"]["state"], checks["engine"]["state"]], ["ok", "ok"])
        self.assertEqual(checks[f"data in {self.daemon.root}/data"]["state"], "ok")
        self.assertIn("image carrel-converter", checks)
        self.assertEqual(checks["backup"]["state"], "warning")

    def test_doctor_holds_the_engine_against_the_benchmark(self):
        checks = {item["check"]: item for item in json.loads(self.ctl("--json", "doctor").stdout)["items"]}
        self.assertEqual(checks["engine socket"]["state"], "ok", checks["engine socket"])
        self.assertEqual(checks["seccomp"]["state"], "ok")
        version = docker("version", "--format", "{{json .Server}}")
        info = json.loads(docker("info", "--format", "{{json .}}"))
        expected = {"engine address": "failed" if "API is accessible" in str(info["Warnings"]) else "ok",
                    "storage driver": "failed" if info["Driver"] == "aufs" else "ok", "registries": "ok"}
        if "Podman" not in version:
            expected["live restore"] = "ok" if info["LiveRestoreEnabled"] else "warning"
            expected["experimental"] = "warning" if info["ExperimentalBuild"] else "ok"
        self.assertEqual({name: checks[name]["state"] for name in expected}, expected)
        for item in checks.values():
            self.assertEqual(item["remedy"] == "", item["state"] == "ok", item)

    def test_doctor_fails_where_everybody_may_use_the_engine(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.closing(Recorder(f"{folder}/docker.sock")) as engine:
            os.chmod(engine.path, 0o666)
            told = self.ctl("doctor", code=FAILED, environment={**self.daemon.environment, "CARREL_ENGINE_SOCKET": engine.path,
                                                                "CARREL_DATA_DIR": folder}).stdout
        self.assertIn(f"[-] engine socket: everybody on this host may use {engine.path} (0666)", told)
        self.assertIn(f"chmod 660 {engine.path}", told)

    def test_doctor_tells_what_is_wrong_and_how_to_mend_it(self):
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
            os.chmod(folder, 0o777)
            port = taken.getsockname()[1]
            elsewhere = {**self.daemon.environment, "CARREL_ENGINE_SOCKET": "/nowhere.sock", "CARREL_DATA_DIR": folder,
                         "CARREL_LIBRARY_PATHS": "/no/films", "CARREL_HTTP_LISTEN": f"127.0.0.1:{port}"}
            told = self.ctl("doctor", code=FAILED, environment=elsewhere).stdout
        self.assertIn("[-] engine: /nowhere.sock", told)
        self.assertIn("systemctl start docker", told)
        self.assertIn("[-] films in /no/films", told)
        self.assertIn(f"[-] address 127.0.0.1:{port}: listen there: Address already in use", told)
        self.assertIn(f"[-] data in {folder}: others may look into it (0777)", told)
        self.assertIn("[-] carreld:", told)

    def at_terminal(self, words, answers=(), columns=80, **variables):
        """Runs it at a terminal of its own; each answer is typed when its prompt has come. All that was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.daemon.root)
            os.execve(CTL, [str(CTL), *words], {**self.daemon.environment, "TERM": "xterm", "COLUMNS": str(columns),
                                        **variables})
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        shown = b""
        waiting = list(answers)
        while True:
            if waiting and waiting[0][0].encode() in shown:
                os.write(terminal, waiting.pop(0)[1].encode())
            try:
                more = os.read(terminal, 4096)
            except OSError:
                break
            if not more:
                break
            shown += more
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

    def test_a_password_is_asked_for_twice_and_never_shown(self):
        password = "correct horse battery"
        code, shown = self.at_terminal(["user", "add", "tess"],
                                       [("New password:", password + "\n"), ("Once more:", password + "\n")])
        self.assertEqual(code, OK, shown)
        self.assertNotIn("horse", shown)
        self.daemon.client("tess", password).close()
        code, shown = self.at_terminal(["user", "add", "tim"],
                                       [("New password:", password + "\n"), ("Once more:", "another one\n")])
        self.assertEqual(code, USAGE, shown)
        code, shown = self.at_terminal(["user", "add", "tim"], [("New password:", "corr\x03")])
        self.assertEqual(code, FAILED, shown)
        self.assertIn("nothing was changed", shown)

    def test_tables_fit_the_terminal_and_colour_is_a_choice(self):
        code, shown = self.at_terminal(["config", "show"], columns=40)
        self.assertEqual(code, OK, shown)
        self.assertIn("\033[", shown)
        for line in re.sub("\033\\[[0-9;]*m", "", shown).splitlines():
            self.assertLessEqual(len(line), 40, line)
        self.assertNotIn("\033[", self.at_terminal(["config", "show"], NO_COLOR="1")[1])

    def test_the_jail_is_tried_from_the_command_line(self):
        self.assertIn("The jail holds", self.ctl("sandbox", "verify").stdout)

    def test_output_for_programs_has_no_colour(self):
        self.assertNotIn("\033", self.ctl("doctor").stdout)

    def test_a_reader_that_leaves_is_no_bug(self):
        with subprocess.Popen([CTL, "config", "show", "--watch", "0.1"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.daemon.environment, cwd=self.daemon.root) as watching:
            watching.stdout.readline()
            watching.stdout.close()
            self.assertEqual(watching.wait(30), FAILED)


class Restart(unittest.TestCase):
    def test_the_socket_of_a_killed_daemon_is_replaced_and_that_of_a_stopped_one_is_gone(self):
        with tempfile.TemporaryDirectory() as films, Daemon(films) as daemon:
            socket = daemon.root / "data/run/admin.sock"
            daemon.stop(signal.SIGKILL)
            self.assertTrue(socket.exists())
            daemon.start()
            words = [CTL, "--socket", socket, "token", "ls"]
            subprocess.run(words, check=True, capture_output=True, timeout=60)
            daemon.stop()
            self.assertFalse(socket.exists())
            self.assertEqual(subprocess.run(words, capture_output=True, timeout=60).returncode, UNREACHABLE)


class DoctorWithoutADaemon(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="carrel-test-")))
        (self.root / "films").mkdir()
        (self.root / "data/backups").mkdir(parents=True, mode=0o700)
        (self.root / "data").chmod(0o700)
        made = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        (self.root / f"data/backups/carrel-{made}-0a1b2c3d.backup").write_bytes(b"")

    def doctor(self, more, *words):
        """With these settings as well."""
        (self.root / "carrel.toml").write_text(f'[data]\ndir = "{self.root}/data"\n[library]\npaths = ["{self.root}/films"]\n{more}')
        done = subprocess.run([CTL, *words, "doctor"], capture_output=True, text=True, timeout=60, cwd=self.root,
                              env={"PATH": os.environ["PATH"]})
        self.assertEqual(done.returncode, FAILED, done.stderr)
        return done.stdout

    def checks(self, more):
        return {item["check"]: item for item in json.loads(self.doctor(more, "--json"))["items"]}

    def test_a_plan_of_another_machine_hides_nothing(self):
        (self.root / "plan.toml").write_text("[plan]\nversion = 1\nprocessors = 100000\n")
        checks = self.checks(f'[admission]\nplan = "{self.root}/plan.toml"\n')
        self.assertIn("it was made for 100000 processors", checks["configuration"]["detail"])
        self.assertEqual(checks[f"films in {self.root}/films"]["state"], "ok")
        self.assertEqual(checks["backup"]["state"], "ok")
        self.assertIn("database", checks)

    def test_nothing_is_told_of_settings_that_cannot_be_read(self):
        checks = self.checks("[pool]\nsise = 1\n")
        self.assertIn('unknown key "pool.sise"', checks["configuration"]["detail"])
        self.assertIn("was not looked at", checks["configuration"]["remedy"])
        self.assertEqual(set(checks) - {"configuration", "clock", "unit", "nightly backup", "group", "carreld"}, set())
        self.assertNotIn("pool.sise", checks["carreld"]["detail"], "that is said already")

    def test_a_database_that_is_gone_is_told_of(self):
        found = self.checks("")["database"]
        self.assertEqual(found["detail"], f"the database {self.root}/data/carrel.db is missing, though films or backups "
                                          "are kept beside it")
        self.assertIn("backup restore", found["remedy"])
        self.assertFalse((self.root / "data/carrel.db").exists())

    def test_where_no_carreld_was_found_is_one_line_and_what_to_do_another(self):
        told = self.doctor("")
        what, remedy = re.search(r"^\[-\] carreld: (.+)\n    (.+)\n", told, re.M).groups()
        self.assertEqual(what, f"no carreld found; looked for its admin socket at {self.root}/data/run/admin.sock")
        self.assertIn("scripts/up", remedy)


class Documents(unittest.TestCase):
    def test_the_manual_page_is_clean(self):
        page = SOURCE / "docs/man/carrelctl.1"
        checked = subprocess.run(["groff", "-ww", "-man", "-Kutf8", "-Tutf8", page], capture_output=True, text=True,
                                 check=True)
        self.assertEqual(checked.stderr, "")
        self.assertIn("carrelctl", checked.stdout)

    def complete(self, *words):
        script = subprocess.run([CTL, "completion", "bash"], check=True, capture_output=True, text=True).stdout
        asked = (script + f"\nCOMP_WORDS=({' '.join(repr(word) for word in words)})\n"
                 f"COMP_CWORD={len(words) - 1}\n_carrelctl\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
        done = subprocess.run(["bash", "--norc"], input=asked, capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_completes_commands_options_and_choices(self):
        self.assertEqual(self.complete("carrelctl", "sand"), ["sandbox"])
        self.assertEqual(self.complete("carrelctl", "sandbox", "s"), ["show", "stop"])
        self.assertEqual(self.complete("carrelctl", "--json", "sandbox", "l"), ["ls", "logs", "limits"])
        self.assertEqual(self.complete("carrelctl", "--url", "sandbox", "user", "rol"), ["role"])
        self.assertEqual(self.complete("carrelctl", "user", "role", "anna", "ad"), ["admin"])
        self.assertEqual(self.complete("carrelctl", "sandbox", "limits", "x", "--mem"), ["--memory"])
        self.assertEqual(self.complete("carrelctl", "user", "ls", "--js"), ["--json"])


if __name__ == "__main__":
    unittest.main()
