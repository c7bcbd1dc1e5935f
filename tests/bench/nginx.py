"""nginx with sendfile, in a container of the limits of a sandbox, made of this machine's own nginx."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import tarfile
import tempfile
import uuid

from carrel import docker, free_port, wait_for

LIMITS = ("--memory", "512m", "--memory-swap", "512m", "--cpus", "0.5", "--pids-limit", "16", "--read-only",
          "--cap-drop", "ALL", "--security-opt", "no-new-privileges")

CONFIG = """\
daemon off;
master_process off;
pid /tmp/nginx.pid;
error_log stderr error;
events {{ worker_connections 64; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  default_type video/mp4;
  open_file_cache max=16;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {{ listen {listen}; root /films; }}
}}
"""


def executable():
    found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise RuntimeError("nginx is not installed; scripts/test bench installs it (package nginx-light)")
    return found


def shared_libraries(program):
    for line in subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout.splitlines():
        for word in line.split():
            if word.startswith("/"):
                yield word


@contextlib.contextmanager
def image():
    """An image of the program and its libraries alone; removed afterwards."""
    name = f"carrel-bench-nginx:{uuid.uuid4().hex[:12]}"
    program = executable()
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        archive = pathlib.Path(folder) / "image.tar"
        with tarfile.open(archive, "w", dereference=True) as tar:
            tar.add(program, "nginx")
            for library in shared_libraries(program):
                tar.add(library, library.lstrip("/"))
            for empty in ("films", "tmp", "var/log/nginx"):
                entry = tarfile.TarInfo(empty)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
                tar.addfile(entry)
        docker("import", str(archive), name)
    try:
        yield name
    finally:
        docker("rmi", "--force", name)


PROXY = """\
daemon off;
master_process off;
pid {folder}/proxy.pid;
error_log stderr error;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://{upstream[0]}:{upstream[1]};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


class Proxy:
    """nginx on the host in front of another, as containers usually are reached."""

    def __init__(self, upstream):
        self.folder = tempfile.TemporaryDirectory(prefix="carrel-bench-")
        self.address = ("127.0.0.1", free_port())
        config = pathlib.Path(self.folder.name) / "nginx.conf"
        config.write_text(PROXY.format(folder=self.folder.name, port=self.address[1], upstream=upstream))
        self.arguments = [executable(), "-c", str(config), "-p", self.folder.name]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.arguments)
        wait_for("the proxy", lambda: answers(self.address), 20)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()


def answers(address):
    try:
        socket.create_connection(address, timeout=2).close()
        return True
    except OSError:
        return False


class Nginx:
    """network: "bridge" (as a container usually is reached) or "host" (no network of its own: loopback)."""

    def __init__(self, image_name, films, network):
        self.network = network
        self.name = f"carrel-bench-{network}-{uuid.uuid4().hex[:12]}"
        port = free_port() if network == "host" else 8080
        self.folder = tempfile.TemporaryDirectory(prefix="carrel-bench-")
        config = pathlib.Path(self.folder.name) / "nginx.conf"
        config.write_text(CONFIG.format(listen=f"127.0.0.1:{port}" if network == "host" else port))
        # The container's user is nobody in particular.
        config.parent.chmod(0o755)
        self.arguments = ("run", "--detach", "--name", self.name, "--network", network, *LIMITS,
                          "--user", "65532:65532", "--tmpfs", "/tmp:mode=1777",
                          "--volume", f"{films}:/films:ro", "--volume", f"{config}:/nginx.conf:ro",
                          image_name, "/nginx", "-c", "/nginx.conf")
        self.port = port
        self.address = self.pid = None

    def __enter__(self):
        try:
            docker(*self.arguments)
            self.pid = int(docker("inspect", "--format", "{{.State.Pid}}", self.name))
            host = "127.0.0.1"
            if self.network == "bridge":
                host = docker("inspect", "--format", "{{.NetworkSettings.Networks.bridge.IPAddress}}", self.name)
            self.address = (host, self.port)
            wait_for(f"nginx ({self.network})", lambda: answers(self.address), 20)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(["docker", "rm", "--force", self.name], capture_output=True, timeout=60)
        self.folder.cleanup()
