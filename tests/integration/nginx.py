"""nginx as people put it in front of the daemon, with TLS, for tests."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

from carrel import Certificate, free_port

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


@contextlib.contextmanager
def running(daemon, base="", more=""):
    """(URL, certificate) of one that passes everything below the base path on to the daemon."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate = Certificate(folder)
        port = free_port()
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, port=port, upstream=daemon.port, certificate=certificate, base=base,
                                        more=more))
        # Started by root it would give up its rights, and the folder is root's alone.
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        process = subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-p", folder, *user])
        try:
            yield f"https://127.0.0.1:{port}", certificate
        finally:
            process.terminate()
            process.wait(20)
