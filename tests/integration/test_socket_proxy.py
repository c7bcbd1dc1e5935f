"""compose/proxy/haproxy.cfg between carreld and the engine: Carrel works through it, and nothing mightier does."""

import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

from carrel import SOURCE, Daemon, FilmsTest, make_film, wait_for
from engine_recorder import ENGINE, Recorder


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=30)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class SocketProxy(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Short.mp4", 6)
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-test-proxy-")))
        cls.socket = cls.folder / "docker.sock"
        cls.daemon = Daemon(cls.films, CARREL_ENGINE_SOCKET=str(cls.folder / "seen.sock"), CARREL_SANDBOX_SAMPLE_EVERY="1s")
        cls.start_proxy(cls.socket, f"{cls.daemon.root}/data")
        cls.recorder = Recorder(cls.folder / "seen.sock", str(cls.socket))
        cls.addClassCleanup(cls.recorder.close)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.start()
        with contextlib.closing(cls.daemon.client()) as client:
            cls.daemon.wait_until_indexed(client)
            film = client.video("Short")
            assert film["state"] == "ready", film
            cls.streamed = client.get(f"/stream/{film['id']}/original", Range="bytes=0-9")
            wait_for("a poster", lambda: client.get(f"/stream/{film['id']}/poster.jpg").status == 200)
        cls.sound = next(body for method, path, body in cls.recorder.requests()
                         if method == "POST" and "/containers/create" in path and b'"streamer"' in body)
        cls.version = next(path for _, path, _ in cls.recorder.requests() if "/containers/create" in path).split("/")[1]

    @classmethod
    def start_proxy(cls, listen, data):
        environment = {**os.environ, "LISTEN": str(listen), "ENGINE": ENGINE, "DATA": data}
        proxy = subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", SOURCE / "compose/proxy/haproxy.cfg"], env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(proxy.wait, 20)
        cls.addClassCleanup(proxy.terminate)
        wait_for("haproxy", listen.is_socket, 20)

    def ask(self, method, path, body=None, version=None, proxy=None):
        with contextlib.closing(UnixConnection(proxy or self.socket)) as connection:
            headers = {"Content-Type": "application/json"} if body else {}
            with contextlib.suppress(BrokenPipeError):  # the answer may come before all of it is read
                connection.request(method, f"/{version or self.version}{path}", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def create(self, text):
        return self.ask("POST", "/containers/create?name=carrel-0", text.encode())

    def made(self, text, proxy=None):
        """A container made of it through the proxy, for the length of the test."""
        name = f"carrel-{os.urandom(8).hex()}"
        self.assertEqual(self.ask("POST", f"/containers/create?name={name}", text.encode(), proxy=proxy), 201)
        self.addCleanup(lambda: self.assertEqual(self.ask("DELETE", f"/containers/{name}?force=true"), 204))
        return name

    def refused(self, bodies):
        for what, body in bodies.items():
            with self.subTest(what):
                self.assertTrue(not body or json.loads(body))
                self.assertEqual(self.create(body), 403)

    def test_carrel_works_through_it(self):
        self.assertEqual((self.streamed.status, len(self.streamed.body)), (206, 10))
        # What the kernel here cannot do, the engine says in its warnings.
        refused = [line for line in self.daemon.log()
                   if line["level"] in ("warn", "error") and line["event"] != "engine.warning"]
        self.assertEqual(refused, [])

    def test_other_calls_are_refused(self):
        other = "f" * 64
        for method, path in (("GET", "/containers/json/../../images/x/get"), ("POST", f"/containers/{other}/exec"),
                             ("POST", "/build"), ("POST", "/images/create?fromImage=x"), ("POST", "/images/load"),
                             ("POST", "/volumes/create"), ("GET", "/volumes"), ("POST", "/networks/create"), ("GET", "/secrets"),
                             ("POST", "/swarm/init"), ("GET", f"/containers/{other}/archive?path=/"), ("GET", f"/containers/{other}/export"),
                             ("POST", f"/containers/{other}/attach"), ("POST", "/plugins/pull"), ("DELETE", "/images/x"),
                             ("PUT", f"/containers/{other}/archive"), ("POST", "/auth"), ("POST", "/session")):
            with self.subTest(f"{method} {path}"):
                self.assertEqual(self.ask(method, path), 403)

    def test_a_container_of_another_name_is_refused(self):
        for query in ("name=database", "%6eame=database&name=carrel-0", "name=carrel-0&platform=linux", ""):
            with self.subTest(query):
                self.assertEqual(self.ask("POST", f"/containers/create?{query}", self.sound), 403)

    def test_what_is_allowed_is_asked_of_the_engine(self):
        self.assertEqual(self.ask("GET", f"/containers/carrel-{'0' * 8}/json"), 404)

    def test_no_mightier_container_is_made(self):
        sound = json.loads(self.sound)
        self.made(json.dumps(sound, separators=(",", ":")))

        def with_host(**changes):
            return json.dumps({**sound, "HostConfig": {**sound["HostConfig"], **changes}}, separators=(",", ":"))

        mount = {"Type": "bind", "Target": "/x", "ReadOnly": True}
        plain = with_host()
        host = json.dumps(sound["HostConfig"], separators=(",", ":"))
        self.refused({
            "what binds in another place": json.dumps({**sound, "Labels": sound["HostConfig"], "HostConfig": {}}, separators=(",", ":")),
            "what binds in another place, and the host's network": plain.replace('"HostConfig":', '"HostConfig":{"NetworkMode":"host"},"X":'),
            "a second of what binds": plain.replace('"HostConfig":', '"HostConfig":{},"HostConfig":'),
            "a second of what binds, after it": plain.replace(host, f'{host},"HostConfig":null'),
            "a second network": plain.replace('"HostConfig":{', '"HostConfig":{"NetworkMode":"host",'),
            "a second network, in another case": plain.replace('"HostConfig":{', '"HostConfig":{"networkmode":"host",'),
            "a letter that the engine takes for another": plain.replace('"HostConfig":{', '"HostConfig":{"Bind\u017f":["/:/host"],'),
            "what no one thought of": with_host(MaskedPaths=[]),
            "white space": plain.replace('"Privileged":false', '"Privileged"\t:\ttrue'),
            "a mount that may be written to by default": with_host(
                Mounts=[{key: value for key, value in one.items() if key != "ReadOnly"} for one in sound["HostConfig"]["Mounts"]]),
            "a profile that allows": with_host(SecurityOpt=["no-new-privileges", 'seccomp={"defaultAction": "SCMP_ACT_ALLOW"}']),
            "a profile that allows in the end": with_host(SecurityOpt=[
                "no-new-privileges", 'seccomp={"defaultAction": "SCMP_ACT_ERRNO", "defaultaction": "SCMP_ACT_ALLOW"}']),
            "privileged": with_host(Privileged=True),
            "another case of letters": with_host(privileged=True),
            "an escaped name": with_host().replace('"Privileged":false', '"Privilege\\u0064":true'),
            "a folder": with_host(Binds=["/:/host"]),
            "a folder, in another case": with_host(binds=["/:/host"]),
            "a mount": with_host(Mounts=[{**mount, "Source": "/"}]),
            "a mount above": with_host(Mounts=[{**mount, "Source": f"{self.daemon.root}/data/run/../"}]),
            "all control folders": with_host(Mounts=[{**mount, "Source": f"{self.daemon.root}/data/run/"}]),
            "one to write to": with_host(Mounts=[{**mount, "Source": f"{self.daemon.root}/data/run/0", "ReadOnly": False}]),
            "a volume": with_host(Mounts=[{"Type": "volume", "Target": "/x"}]),
            "a capability": with_host(CapAdd=["SYS_ADMIN"]),
            "all capabilities": with_host(CapDrop=[]),
            "a device": with_host(Devices=[{"PathOnHost": "/dev/sda"}]),
            "the host's network": with_host(NetworkMode="host"),
            "a bridge": with_host(NetworkMode="bridge"),
            "the host's processes": with_host(PidMode="host"),
            "the host's IPC": with_host(IpcMode="host"),
            "a root to write to": with_host(ReadonlyRootfs=False),
            "no seccomp": with_host(SecurityOpt=["no-new-privileges", "seccomp=unconfined"]),
            "whatever profile the engine has": with_host(SecurityOpt=["no-new-privileges"]),
            "a profile that allows in the end, with an escape": with_host(SecurityOpt=[
                "no-new-privileges", 'seccomp={"defaultAction": "SCMP_ACT_ERRNO", "default\\u0041ction": "SCMP_ACT_ALLOW"}']),
            "another's network, by its name": with_host(NetworkMode="container:database"),
            "another's network, by its id": with_host(NetworkMode=f"container:{'a' * 64}"),
            "new privileges": with_host(SecurityOpt=[]),
            "a cgroup of its own": with_host(CgroupParent="/"),
            "nothing at all": "",
        })

    def test_a_link_in_a_control_folders_place_is_seen_by_nobody(self):
        link = self.daemon.root / "data/run" / os.urandom(8).hex()
        link.symlink_to("/")
        self.addCleanup(link.unlink)
        sound = json.loads(self.sound)
        sound["HostConfig"]["Mounts"][0]["Source"] = str(link)
        plain = json.dumps(sound, separators=(",", ":"))
        self.made(plain)
        user = '"User":"65534:65534"'
        self.assertTrue(plain.endswith(f",{user}}}"))
        self.refused({
            "root": plain.replace(user, '"User":"0"'),
            "root's group": plain.replace(user, '"User":"65534:0"'),
            "the groups that the image says": plain.replace(user, '"User":"65534"'),
            "whoever the image says": plain.replace(f",{user}", ""),
            "a second user": plain.replace(user, f'{user},"User":"0"'),
            "a second user, in another case": plain.replace(user, f'{user},"user":"0"'),
            "another program": json.dumps({**sound, "Cmd": ["sh"]}, separators=(",", ":")),
            "a program in front": plain.replace('"Cmd":', '"Entrypoint":["sh"],"Cmd":'),
            "its environment": plain.replace('"HostConfig":', '"Env":["LD_PRELOAD=/run/carrel/x"],"HostConfig":'),
            "another place in the container": plain.replace('"Target":"/run/carrel"', '"Target":"/etc"'),
            "a folder below": plain.replace(str(link), f"{link}/etc"),
        })

    def test_what_was_not_read_is_not_passed_on(self):
        text = self.sound.decode()
        # haproxy reads as much as its buffer takes, and passes on the rest.
        for size in (0, 65_000, 130_000):
            more = text[:-1].ljust(size) + ',"HostConfig":{"Privileged":true,"Binds":["/:/host"]},"User":"0"}'
            with self.subTest(size=size):
                self.assertEqual(self.create(more), 403)
        self.assertEqual(self.create('{"Image":"x"}' + text), 403)

    def test_nothing_is_said_at_the_start(self):
        name = self.made(self.sound.decode())
        mighty = b'{"Privileged":true,"Binds":["/:/host"]}'
        for version in (self.version, "v1.23"):
            for body in (mighty, iter([mighty])):  # with its length, and in chunks
                with self.subTest(version=version, body=body):
                    self.assertEqual(self.ask("POST", f"/containers/{name}/start", body, version), 403)
        self.assertEqual(self.ask("POST", f"/containers/{name}/start?checkpoint=x&checkpoint-dir=/tmp"), 403)
        self.assertEqual(self.ask("POST", f"/containers/{name}/start"), 204)

    def test_nothing_but_limits_is_changed(self):
        name = self.made(self.sound.decode())
        limits = b'{"Memory":268435456,"MemorySwap":268435456,"NanoCpus":250000000}'
        self.assertEqual(self.ask("POST", f"/containers/{name}/update", limits), 200)
        for body in (b'{"RestartPolicy":{"Name":"always"}}', b'{"Memory":268435456,"Devices":[]}', b"{}", None):
            with self.subTest(body):
                self.assertEqual(self.ask("POST", f"/containers/{name}/update", body), 403)

    def test_the_data_directory_may_end_in_a_slash(self):
        listen = self.folder / "slash.sock"
        self.start_proxy(listen, f"{self.daemon.root}/data/")
        self.made(self.sound.decode(), proxy=listen)
        beside = self.sound.replace(b"/data/run/", b"/datarun/")
        self.assertNotEqual(beside, self.sound)
        for proxy in (self.socket, listen):
            self.assertEqual(self.ask("POST", "/containers/create?name=carrel-0", beside, proxy=proxy), 403)


if __name__ == "__main__":
    unittest.main()
