"""nginx as people put it in front of the daemon, with TLS, for tests."""

import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile

from carrel import Certificate, free_port, wait_for

CONFIG = """
daemon off; pid {folder}/pid; error_log stderr warn;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate.path};
    ssl_certificate_key {certificate.key};
    location {base}/ {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      {more}
    }}
  }}
}}
"""
PORTS_TO_TRY = 3


@contextlib.contextmanager
def running(daemon, base="", more=""):
    """(URL, certificate) of one that passes everything below the base path on to the daemon."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate = Certificate(folder)
        process, port = start(folder, certificate, upstream=daemon.port, base=base, more=more)
        try:
            yield f"https://127.0.0.1:{port}", certificate
        finally:
            process.terminate()
            process.wait(20)


def start(folder, certificate, **values):
    """(process, port) once it answers; a port that was free may have been taken when nginx comes to it."""
    config = folder / "nginx.conf"
    # Started by root it would give up its rights, and the folder is root's alone.
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    for _ in range(PORTS_TO_TRY):
        port = free_port()
        config.write_text(CONFIG.format(folder=folder, port=port, certificate=certificate, **values))
        process = subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-p", folder, *user])
        try:
            wait_for("nginx", lambda: process.poll() is not None or answers(port, certificate))
        except BaseException:
            process.terminate()
            process.wait(20)
            raise
        if process.returncode is None:
            return process, port
    raise AssertionError(f"nginx ended with {process.returncode} on each of {PORTS_TO_TRY} ports")


def answers(port, certificate):
    """Whether it is this one that does."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        with certificate.trust().wrap_socket(raw, server_hostname="127.0.0.1"):
            return True
    return False
