"""A real daemon on a real engine, for tests: started on a free port with data of its own, ended by process id."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.parse

BUILD = pathlib.Path(os.environ["CARREL_BUILD_DIR"])
SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
CTL = BUILD / "orchestrator/carrelctl"
ADMIN = ("admin", "correct horse battery staple")
LONG_AGO = 1_700_000_000
IDLE_CONNECTION = 60  # seconds; the daemon closes one after 75


def wait_for(what, probe, seconds=60.0):
    """The probe's first true value; fails loudly at the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = probe()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} s")


# Another engine than Docker's own, such as Podman, can be tried with these: its socket, and the images' names there.
ENGINE = {
    **({"CARREL_ENGINE_SOCKET": os.environ["CARREL_TEST_ENGINE_SOCKET"]}
       if "CARREL_TEST_ENGINE_SOCKET" in os.environ else {}),
    **({"CARREL_SANDBOX_IMAGE": os.environ["CARREL_TEST_IMAGE"]} if "CARREL_TEST_IMAGE" in os.environ else {}),
    **({"CARREL_CONVERTER_IMAGE": os.environ["CARREL_TEST_CONVERTER_IMAGE"]}
       if "CARREL_TEST_CONVERTER_IMAGE" in os.environ else {}),
}
if "CARREL_ENGINE_SOCKET" in ENGINE:
    os.environ["DOCKER_HOST"] = "unix://" + ENGINE["CARREL_ENGINE_SOCKET"]


# Before a command: as somebody who is neither root nor who runs the tests. That takes root, or a sudo that does not ask.
AS_NOBODY = (*(() if os.geteuid() == 0 else ("sudo", "-n")), "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def docker(*arguments):
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def cgroup_value(container, controller, v1_file, v2_file):
    """Read from the cgroup itself, not from what the engine was asked for."""
    pid = container["State"]["Pid"]
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return pathlib.Path(f"/sys/fs/cgroup/{controller}{path}/{v1_file}").read_text().strip()
        if controllers == "" and v2_file:
            unified = pathlib.Path(f"/sys/fs/cgroup{path}/{v2_file}")
            if unified.exists():
                return unified.read_text().strip()
    raise AssertionError(f"no cgroup for {controller}")


def make_film(path, seconds=20, *, video=("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "50"),
              audio=("-c:a", "aac", "-b:a", "96k"), rate="1M", extra=()):
    """Test picture and tone, small and quick to make."""
    path = pathlib.Path(path)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s=640x360:r=25:d={seconds}",
         "-f", "lavfi", "-i", f"sine=f=440:r=48000:d={seconds}", *video, "-b:v", rate, "-pix_fmt", "yuv420p",
         *audio, *extra, str(path)], check=True)
    settle(path)
    return path


def settle(path):
    """As if it had lain there for long: a file just written is left alone until nobody writes it any more."""
    os.utime(path, (LONG_AGO, LONG_AGO))


def pad_film(film, path, padding):
    """The film with free space after it, as MP4 allows: playable, and larger than any buffer. Its SHA-256."""
    content = film.read_bytes() + (padding + 8).to_bytes(4, "big") + b"free" + os.urandom(padding)
    path.write_bytes(content)
    settle(path)
    return hashlib.sha256(content).hexdigest()


def read_head(stream):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.read(1)
        if not byte:
            raise AssertionError(f"the connection ended inside a header: {head!r}")
        head += byte
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    return int(lines[0].split()[1]), headers


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FilmsTest(unittest.TestCase):
    """Tests with a folder for films that goes with their class."""

    @classmethod
    def setUpClass(cls):
        cls.films = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="carrel-test-films-")))


class Certificate:
    """For 127.0.0.1, signed by itself, in a folder of its own name; made anew it is another one."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.path = self.folder / "certificate.pem"
        self.key = self.folder / "key.pem"
        self.make()

    def make(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", self.key, "-out", self.path], check=True, capture_output=True, timeout=60)

    def ends(self):
        """Seconds since 1970."""
        said = subprocess.run(["openssl", "x509", "-enddate", "-noout", "-in", self.path], check=True, capture_output=True, text=True)
        return ssl.cert_time_to_seconds(said.stdout.strip().removeprefix("notAfter="))

    def trust(self):
        """Of a client that knows this certificate and no other."""
        return ssl.create_default_context(cafile=self.path)


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Client:
    """A browser-like client: one connection, kept alive and not used again after a long pause; a cookie once logged in."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.cookie = None
        self.used = time.monotonic()
        self.connection = (
            http.client.HTTPSConnection(daemon.host, daemon.port, timeout=60, context=daemon.certificate.trust())
            if daemon.certificate else http.client.HTTPConnection(daemon.host, daemon.port, timeout=60))

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.cookie:
            headers["Cookie"] = self.cookie
        data = None
        if body is not None:
            data = json.dumps(body)
            headers["Content-Type"] = "application/json"
        if time.monotonic() - self.used > IDLE_CONNECTION:
            self.connection.close()
        self.connection.request(method, path, data, headers)
        response = self.connection.getresponse()
        answer = Answer(response, response.read())
        self.used = time.monotonic()
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def log_in(self, name=ADMIN[0], password=ADMIN[1]):
        answer = self.request("POST", "/api/v1/auth/login", {"username": name, "password": password})
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json()

    def videos(self):
        return self.get("/api/v1/videos").json()["items"]

    def video(self, title):
        return next(item for item in self.videos() if item["title"] == title)


class Daemon:
    host = "127.0.0.1"

    def __init__(self, library, certificate=None, **environment):
        self.certificate = certificate  # with one, clients speak HTTPS
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="carrel-test-"))
        self.program = BUILD / "orchestrator/carreld"
        self.log_path = self.root / "carreld.log"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CARREL_")},
            "CARREL_HTTP_LISTEN": "127.0.0.1:0",
            "CARREL_HTTP_WEB_DIR": str(SOURCE / "orchestrator/web/dist"),
            "CARREL_DATA_DIR": str(self.root / "data"),
            "CARREL_LIBRARY_PATHS": str(library),
            "CARREL_LIBRARY_RESCAN": "1s",
            # What is made in the background is made where a test says so: sandboxes are counted.
            "CARREL_JOBS_AUTO": "false",
            "CARREL_PICTURES_AHEAD": "false",
            "CARREL_ADMIN_USER": ADMIN[0],
            "CARREL_ADMIN_PASSWORD": ADMIN[1],
            **ENGINE,
            **({"CARREL_HTTP_TLS_CERTIFICATE": str(certificate.path), "CARREL_HTTP_TLS_KEY": str(certificate.key)}
               if certificate else {}),
            **environment,
        }
        self.process = None
        self.port = None

    def __enter__(self):
        with contextlib.ExitStack() as failing:
            failing.callback(self.__exit__)
            self.start()
            failing.pop_all()
        return self

    def __exit__(self, *_):
        with contextlib.ExitStack() as steps:  # in reverse, and each whatever became of those before
            steps.callback(shutil.rmtree, self.root)
            steps.callback(self.remove_sandboxes)
            steps.callback(self.stop)

    def remove_sandboxes(self):
        done = subprocess.run([BUILD / "orchestrator/carreld", "--remove-sandboxes"], env=self.environment,
                              cwd=self.root, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        self.launch()
        wait_for("readiness", self.is_ready, 60)

    def launch(self):
        """Until it listens; whether it is ready is another matter."""
        already = len(self.log())
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.arguments(), env=self.environment, cwd=self.root,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ready = wait_for("the daemon's start", lambda: self.event("daemon.ready", already), 30)
        self.port = int(ready["listen"].rsplit(":", 1)[1])

    def arguments(self):
        return [self.program]

    def is_ready(self):
        try:
            with contextlib.closing(Client(self)) as client:
                return client.get("/readyz").status == 200
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(how)
        try:
            code = process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            code = f"{process.wait()}, having been killed after 30 s"
        if how == signal.SIGTERM:
            assert code == 0, f"carreld ended with {code}:\n{self.log_path.read_text()[-4000:]}"

    def descriptors(self):
        """What each open descriptor of the process is, as /proc tells: "socket:[123]"."""
        links = []
        for one in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                links.append(os.readlink(one))
        return links

    def log(self):
        if not self.log_path.exists():
            return []
        lines = []
        for line in self.log_path.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return lines

    def event(self, name, skip=0, **fields):
        for line in self.log()[skip:]:
            if line.get("event") == name and all(line.get(key) == value for key, value in fields.items()):
                return line
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"carreld ended:\n{self.log_path.read_text()[-4000:]}")
        return None

    def client(self, *credentials):
        client = Client(self)
        client.log_in(*credentials)
        return client

    def add_user(self, name, password, role="viewer"):
        with contextlib.closing(self.client()) as admin:
            answer = admin.request("POST", "/api/v1/admin/users",
                                   {"username": name, "password": password, "role": role})
            assert answer.status == 201, answer.body
            admin.request("POST", "/api/v1/auth/logout")

    def wait_until_indexed(self, client):
        """One film comes after the other: many may take their time, as long as more and more are settled."""
        patience = 60
        most, deadline = 0, time.monotonic() + patience
        while True:
            items = client.videos()
            settled = sum(item["state"] in ("ready", "failed") for item in items)
            if items and settled == len(items):
                return items
            if settled > most:
                most, deadline = settled, time.monotonic() + patience
            assert time.monotonic() < deadline, f"{most} of {len(items)} films are indexed, and no other for {patience} s"
            time.sleep(0.05)

    def containers(self, role="streamer"):
        """Those of this daemon alone, told by the mount that only it can have made."""
        ids = docker("ps", "-q", "--no-trunc", "--filter", f"label=carrel.role={role}").split()
        mine = []
        for one in ids:
            seen = subprocess.run(["docker", "inspect", one], capture_output=True, text=True)
            if seen.returncode == 0 and str(self.root) in seen.stdout:
                mine.append(json.loads(seen.stdout)[0])
        return mine

    def url(self, path):
        scheme = "https" if self.certificate else "http"
        return urllib.parse.urljoin(f"{scheme}://127.0.0.1:{self.port}/", path)

    def encrypted(self, receive_buffer=None):
        """A connection over TLS, perhaps of a client that takes little at once."""
        raw = socket.socket()
        raw.settimeout(60)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.connect(("127.0.0.1", self.port))
        return self.certificate.trust().wrap_socket(raw, server_hostname="127.0.0.1")

    def raw(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)
