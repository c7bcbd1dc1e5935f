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
        environment = {**os.environ, "LISTEN": str(cls.socket), "ENGINE": ENGINE,
                       "CONTROL": f"{cls.daemon.root}/data/run/"}
        proxy = subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", SOURCE / "compose/proxy/haproxy.cfg"], env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(proxy.wait, 20)
        cls.addClassCleanup(proxy.terminate)
        wait_for("haproxy", cls.socket.is_socket, 20)
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

    def ask(self, method, path, body=None):
        with contextlib.closing(UnixConnection(self.socket)) as connection:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, f"/{self.version}{path}", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def create(self, text):
        return self.ask("POST", "/containers/create?name=carrel-0", text.encode())

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
        self.assertEqual(self.ask("POST", "/containers/create?name=database", self.sound), 403)

    def test_what_is_allowed_is_asked_of_the_engine(self):
        self.assertEqual(self.ask("GET", f"/containers/carrel-{'0' * 8}/json"), 404)

    def test_no_mightier_container_is_made(self):
        sound = json.loads(self.sound)
        name = f"carrel-{os.urandom(8).hex()}"
        self.assertEqual(self.ask("POST", f"/containers/create?name={name}", json.dumps(sound, separators=(",", ":"))), 201)
        self.assertEqual(self.ask("DELETE", f"/containers/{name}?force=true"), 204)

        def with_host(**changes):
            return json.dumps({**sound, "HostConfig": {**sound["HostConfig"], **changes}}, separators=(",", ":"))

        mount = {"Type": "bind", "Target": "/x", "ReadOnly": True}
        plain = with_host()
        host = json.dumps(sound["HostConfig"], separators=(",", ":"))
        mighty = {
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
            "new privileges": with_host(SecurityOpt=[]),
            "a cgroup of its own": with_host(CgroupParent="/"),
            "nothing at all": "",
        }
        for what, body in mighty.items():
            with self.subTest(what):
                self.assertTrue(not body or json.loads(body))
                self.assertEqual(self.create(body), 403)


if __name__ == "__main__":
    unittest.main()
