"""Carrel in containers: the image, and each of the compose files as it is, on a machine with an engine of its own.

The other programs' images are made of Debian's packages under the names that the compose files have; Grafana is not among them.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import debian
from machine import Machine, wait_for
from viewer import Films, Place, SlowDownload, hls, until_indexed

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
NAMES = {"caddy:2": debian.caddy, "nginx:stable": debian.nginx, "haproxy:2.8-alpine": debian.haproxy,
         "prom/prometheus:v2.53.0": debian.prometheus}
IMAGE = "carrel-test-carrel:latest"
USER, GROUP = 1234, 1235
WHERE = "/srv/compose"


class Containers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.films = Films(cls.enterClassContext)
        made = subprocess.run([SOURCE / "scripts/build-carreld-image", debian.base(), IMAGE], capture_output=True, text=True)
        assert made.returncode == 0, made.stdout + made.stderr
        cls.addClassCleanup(debian.run, "docker", "rmi", "--force", IMAGE)
        images = {name: make() for name, make in NAMES.items()}
        cls.machine = machine = Machine()
        cls.addClassCleanup(machine.close)
        machine.load(IMAGE, *images.values())
        for name, tag in {"carrel:latest": IMAGE, **images}.items():
            machine.run("docker", "tag", tag, name)
        machine.put(cls.films.folder, "/srv")
        machine.put(SOURCE / "compose", "/srv")
        page = (SOURCE / "docs/containers.md").read_text()
        told = re.search(r"^\(umask 077.*?(?=^docker compose up)", page, re.S | re.M)[0].replace("sudo ", "")
        machine.shell(f"""
            cd {WHERE}
            sed -i 's/^CARREL_UID=.*/CARREL_UID={USER}/; s/^CARREL_GID=.*/CARREL_GID={GROUP}/; s/^CARREL_HOST=.*/CARREL_HOST=localhost/
                    s/^CARREL_ADDRESS=.*/CARREL_ADDRESS=0.0.0.0/' .env.example
            sed "s/^DOCKER_GID=.*/DOCKER_GID=$(stat -c %g /var/run/docker.sock)/" .env.example >.env
            {told}""")
        cls.password = machine.run("cat", f"{WHERE}/admin-password").strip()
        cls.place = Place(machine.address)
        cls.here = machine.gateway

    def compose(self, files, *words):
        named = [part for name in files for part in ("-f", name)]
        done = self.machine.ask("sh", "-ec", f'cd {WHERE}; exec docker-compose "$@"', "compose", *named, *words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    @contextlib.contextmanager
    def up(self, *files, services=()):
        try:
            self.compose(files, "up", "-d", *services)
            wait_for("carreld", self.place.answers)
            yield
        except BaseException:
            print(self.compose(files, "logs", "--tail", "60", "--no-color"), flush=True)
            raise
        finally:
            self.compose(files, "down", "--timeout", "40")

    def container(self, service, files=("compose.yaml",)):
        return json.loads(self.machine.run("docker", "inspect", self.compose(files, "ps", "-q", service).strip()))[0]

    def log(self):
        said = self.compose(["compose.yaml"], "logs", "--no-color", "--no-log-prefix", "carrel")
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    def requests(self):
        """What carreld noted, by request id."""
        return {line["request"]: line for line in self.log() if line.get("event") == "http.request"}

    def events(self, name):
        return sum(line.get("event") == name for line in self.log())

    def sandboxes(self):
        return set(self.machine.run("docker", "ps", "-q", "--no-trunc", "--filter", "label=carrel.role=streamer").split())

    def watches(self, client):
        films = until_indexed(client)
        short = films["Short"]["id"]
        self.assertEqual(client.get(f"/stream/{short}/original").body, self.films.short.read_bytes())
        self.assertEqual(client.get(f"/stream/{short}/original", Range="bytes=10-19").body, self.films.short.read_bytes()[10:20])
        self.assertGreater(hls(client, short), 100_000)
        poster = wait_for("the poster", lambda: (answer := client.get(f"/stream/{short}/poster.jpg")).status != 503 and answer)
        self.assertGreater(len(poster.body), 1000)
        return films

    def benchmark(self, about):
        host, config = about["HostConfig"], about["Config"]
        self.assertEqual((host["Privileged"], host["CapAdd"], host["CapDrop"]), (False, None, ["ALL"]), "5.3, 5.4")
        shared = {mount["Source"] for mount in about["Mounts"] if mount["RW"]}
        self.assertEqual(shared - {"/var/run/docker.sock", "/srv/carrel"}, set(), "5.5, 5.31")
        self.assertTrue(all(mount["Propagation"] in ("", "rprivate") for mount in about["Mounts"]), "5.19")
        for what in ("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode"):
            self.assertNotEqual(host[what], "host", "5.9, 5.15, 5.16, 5.20, 5.30")
        self.assertTrue(host["Memory"] > 0 and host["PidsLimit"] > 0, "5.10, 5.28")
        self.assertTrue(host["ReadonlyRootfs"], "5.12")
        [[port]] = host["PortBindings"].values()
        self.assertEqual(list(host["PortBindings"]), ["8080/tcp"], "5.7, 5.8")
        self.assertTrue(port["HostIp"], "5.13")
        self.assertFalse(host["Devices"], "5.17")
        self.assertEqual(host["SecurityOpt"], ["no-new-privileges:true"], "5.21, 5.25: the engine's own profile, no new privileges")
        self.assertFalse(host["CgroupParent"], "5.24")
        self.assertTrue(config["Healthcheck"]["Test"], "5.26, 4.6")
        self.assertNotIn(config["User"].split(":")[0], ("", "0", "root"), "4.1")
        self.assertEqual(set(host["LogConfig"]["Config"]), {"max-size", "max-file"})

    def test_alone(self):
        with self.up("compose.yaml"), contextlib.closing(self.place.viewer("admin", self.password)) as client:
            films = self.watches(client)
            about = self.container("carrel")
            with self.subTest("not root, no capability"):
                status = self.machine.run("cat", f"/proc/{about['State']['Pid']}/status")
                for line in (f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}", f"Gid:\t{GROUP}\t{GROUP}\t{GROUP}\t{GROUP}",
                             "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"):
                    self.assertIn(line, status)
                self.assertTrue(about["HostConfig"]["ReadonlyRootfs"])
            with self.subTest("by the CIS Docker benchmark, but for the engine's socket"):
                self.benchmark(about)
            with self.subTest("its sandbox holds one folder of the data"):
                [one] = self.sandboxes()
                mounts = json.loads(self.machine.run("docker", "inspect", one))[0]["Mounts"]
                self.assertRegex(mounts[0]["Source"], r"^/srv/carrel/run/[0-9a-f-]+$")
                self.assertEqual(len(mounts), 1)
            with self.subTest("the client is told"):
                answer = client.get("/api/v1/me")
                line = wait_for("its line", lambda: self.requests().get(answer.headers["X-Request-Id"]))
                self.assertEqual(line["peer"], self.here)
            with self.subTest("the engine tells what sandboxes use"):
                wait_for("a sample", lambda: re.search(r'^carrel_sandboxes_measured\{by="engine"\} [1-9]',
                                                       client.get("/metrics").body.decode(), flags=re.M), 60)
            with self.subTest("carrelctl, and the health"):
                self.machine.run("docker", "exec", about["Id"], "carrelctl", "sandbox", "ls")
                wait_for("health", lambda: self.container("carrel")["State"]["Health"]["Status"] == "healthy", 90)
            before = self.sandboxes()
            with self.subTest("renewed in place, in the middle of a film"):
                download = SlowDownload(client, films["Big"]["id"])
                ready = self.events("daemon.ready")
                self.compose(["compose.yaml"], "kill", "-s", "USR2", "carrel")
                # The one before answers until the new one is there, and goes on when it refuses.
                wait_for("the new carreld", lambda: self.events("daemon.ready") > ready or self.events("upgrade.refused"))
                self.assertEqual(self.events("upgrade.refused"), 0)
                self.assertEqual(download.finish(), self.films.big)
                self.assertEqual(self.container("carrel")["State"]["Pid"], about["State"]["Pid"])
                self.assertEqual(self.sandboxes(), before)
            with self.subTest("restarted"):
                self.compose(["compose.yaml"], "restart", "carrel")
                wait_for("carreld", self.place.answers)
                self.assertEqual(client.get("/api/v1/me").status, 200)
                self.assertEqual(client.get(f"/stream/{films['Short']['id']}/original", Range="bytes=0-9").status, 206)
                self.assertEqual(self.sandboxes(), before)
            with self.subTest("replaced"):
                self.compose(["compose.yaml"], "up", "-d", "--force-recreate", "carrel")
                wait_for("carreld", self.place.answers)
                self.assertEqual(client.get(f"/stream/{films['Short']['id']}/original", Range="bytes=0-9").status, 206)
                self.assertEqual(self.sandboxes(), before)
            client.request("POST", "/api/v1/auth/logout")
            wait_for("that the sandbox goes", lambda: not self.sandboxes())
            with self.subTest("backed up, and restored"):
                made = self.compose(["compose.yaml"], "exec", "-T", "carrel", "carrelctl", "backup", "create").split()[0]
                self.machine.run("test", "-s", made)
                self.compose(["compose.yaml"], "stop", "carrel")
                said = self.compose(["compose.yaml"], "run", "--rm", "-T", "carrel", "carrelctl", "backup", "restore", made)
                self.assertIn(f"restored {made}", said)
                self.compose(["compose.yaml"], "up", "-d", "carrel")
                wait_for("carreld", self.place.answers)
                with contextlib.closing(self.place.viewer("admin", self.password)) as again:
                    self.assertEqual(until_indexed(again)["Short"]["id"], films["Short"]["id"])
                    again.request("POST", "/api/v1/auth/logout")
                wait_for("that the sandbox goes", lambda: not self.sandboxes())

    def test_with_a_plan(self):
        """Made and mounted as docs/containers.md tells."""
        page = (SOURCE / "docs/containers.md").read_text()
        self.machine.write(f"{WHERE}/compose.override.yaml", re.search(r"```yaml\n(services:.*?)```", page, flags=re.S).group(1))
        self.machine.run("docker", "run", "--rm", "--user", "0", "--volume", f"{WHERE}:{WHERE}", "--workdir", WHERE, "--entrypoint",
                         "carrel-hwtune", "carrel:latest", "plan", "--library", "/usr", "--data", "/var", "--output", "carrel-plan.toml")
        with self.up("compose.yaml", "compose.override.yaml"):
            self.assertEqual(self.events("plan.taken"), 1)

    def test_behind_the_socket_proxy(self):
        # It lets no image through: they are in the engine before.
        with self.up("compose.yaml"):
            pass
        files = ("compose.yaml", "compose.socket-proxy.yaml")
        with self.up(*files), contextlib.closing(self.place.viewer("admin", self.password)) as client:
            self.watches(client)
            carrel = self.container("carrel", files)["Id"]
            sockets = ("test", "-S")
            self.assertEqual(self.machine.ask("docker", "exec", carrel, *sockets, "/run/engine/docker.sock").returncode, 0)
            self.assertNotEqual(self.machine.ask("docker", "exec", carrel, *sockets, "/var/run/docker.sock").returncode, 0)
            self.assertEqual(client.request("POST", "/api/v1/admin/sandboxes/verify").status, 200)
            client.request("POST", "/api/v1/auth/logout")
            wait_for("that the sandbox goes", lambda: not self.sandboxes())

    def browse(self, authority):
        """As a browser does, from this machine: over TLS and HTTP/2, by the name on the certificate."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "authority").write_text(authority)
            always = ["curl", "--silent", "--show-error", "--http2", "--noproxy", "*", "--max-time", "60",
                      "--resolve", f"localhost:443:{self.place.host}", "--resolve", f"localhost:80:{self.place.host}",
                      "--cacert", folder / "authority", "--cookie", folder / "jar", "--cookie-jar", folder / "jar"]

            def ask(url, *options):
                said = debian.run(*always, "--dump-header", folder / "head", "--output", folder / "body", "--write-out",
                                  "%{http_code} %{http_version}", *options, url)
                status, version = said.split()
                head = dict(re.findall(r"^([\w-]+): (.*?)\r?$", (folder / "head").read_text(), flags=re.M))
                return int(status), version, {name.lower(): value for name, value in head.items()}, (folder / "body").read_bytes()

            status, _, head, _ = ask("http://localhost/")
            self.assertIn(status, (301, 308))
            self.assertEqual(head["location"], "https://localhost/")
            self.assertEqual(ask("https://localhost/")[:2], (200, "2"))
            login = json.dumps({"username": "admin", "password": self.password})
            status, _, head, _ = ask("https://localhost/api/v1/auth/login", "--data", login, "--header", "Content-Type: application/json",
                                     "--header", "X-Forwarded-For: 9.9.9.9")
            self.assertEqual(status, 200)
            self.assertIn("secure", head["set-cookie"].lower())
            line = wait_for("its line", lambda: self.requests().get(head["x-request-id"]))
            self.assertEqual(line["peer"], self.here)
            # Nor is the host itself believed, which is in the proxy's network with an address of its own.
            said = self.machine.run("curl", "-s", "-D", "-", "-o", "/dev/null", "-H", "X-Forwarded-For: 9.9.9.9", "http://127.0.0.1:8080/livez")
            request = re.search(r"^x-request-id: (\S+)", said, flags=re.M | re.I).group(1)
            self.assertNotEqual(wait_for("its line", lambda: self.requests().get(request))["peer"], "9.9.9.9")
            items = json.loads(ask("https://localhost/api/v1/videos")[3])["items"]
            film = next(one["id"] for one in items if one["title"] == "Short")
            status, version, _, body = ask(f"https://localhost/stream/{film}/original")
            self.assertEqual((status, version, body), (200, "2", self.films.short.read_bytes()))
            self.assertTrue(ask(f"https://localhost/stream/{film}/master.m3u8")[3].startswith(b"#EXTM3U"))
            ask("https://localhost/api/v1/auth/logout", "--request", "POST")

    def replace(self, files):
        """As an upgrade to another image does: the proxy has to find what comes after."""
        self.compose(files, "up", "-d", "--force-recreate", "--no-deps", "carrel")
        wait_for("carreld", self.place.answers)

    def index(self):
        with contextlib.closing(self.place.viewer("admin", self.password)) as client:
            until_indexed(client)
            client.request("POST", "/api/v1/auth/logout")

    def test_in_production_with_caddy(self):
        files = ("compose.yaml", "compose.production.yaml")
        with self.up(*files):
            self.index()
            root = "/data/caddy/pki/authorities/local/root.crt"
            proxy = self.container("proxy", files)["Id"]
            authority = wait_for("Caddy's authority", lambda: self.machine.ask("docker", "exec", proxy, "cat", root).stdout)
            self.browse(authority)
            self.replace(files)
            self.browse(authority)

    def test_in_production_with_nginx(self):
        self.machine.shell(f"""
            mkdir -p {WHERE}/certificates; cd {WHERE}/certificates
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
              -addext subjectAltName=DNS:localhost -keyout films.key -out films.crt 2>&1""")
        files = ("compose.yaml", "compose.production.yaml", "compose.nginx.yaml")
        with self.up(*files):
            self.index()
            authority = self.machine.run("cat", f"{WHERE}/certificates/films.crt")
            self.browse(authority)
            self.replace(files)
            self.browse(authority)

    def test_monitored(self):
        monitoring = ("monitoring/compose.monitoring.yaml",)
        with self.up("compose.yaml"):
            self.compose(monitoring, "up", "-d", "prometheus")
            try:
                def ask(what):
                    done = self.machine.ask("curl", "-sf", f"http://127.0.0.1:9090/api/v1/{what}")
                    return json.loads(done.stdout)["data"] if done.returncode == 0 else None

                wait_for("a scrape", lambda: any(one["health"] == "up" for one in (ask("targets") or {}).get("activeTargets", [])))
                rules = [rule["name"] for group in ask("rules")["groups"] for rule in group["rules"]]
                self.assertIn("CarrelDown", rules)
                self.assertTrue(ask("query?query=carrel_build_info")["result"])
            except BaseException:
                print(self.compose(monitoring, "logs", "--tail", "40", "--no-color"), flush=True)
                raise
            finally:
                self.compose(monitoring, "down")

    def test_in_development(self):
        """The checkout's programs in the image's place."""
        self.machine.put(SOURCE / "orchestrator/web/dist", "/srv/orchestrator/web")
        self.machine.put(pathlib.Path(os.environ["CARREL_BUILD_DIR"]) / "orchestrator/carreld", "/srv/build/release/orchestrator")
        files = ("compose.yaml", "compose.dev.yaml")
        with self.up(*files):
            self.assertEqual(self.machine.run("docker", "exec", self.container("carrel", files)["Id"], "readlink", "/proc/1/exe").strip(),
                             "/checkout/build/release/orchestrator/carreld")
            with contextlib.closing(self.place.viewer("admin", self.password)) as client:
                self.assertEqual(client.get("/").status, 200)


if __name__ == "__main__":
    unittest.main()
