"""Images of Debian for tests, out of its packages alone: no registry is asked.

What is made stays in the engine under carrel-test-*, and is there at once the next time.
"""

import json
import os
import pathlib
import re
import subprocess

ARCHIVE = "deb http://deb.debian.org/debian"
RELEASE = re.search(r"VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text()).group(1)


def run(*words, timeout=600, **options):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def base():
    """Debian's minimum, of this machine's release."""
    name = f"carrel-test-debian:{RELEASE}"
    if subprocess.run(["docker", "image", "inspect", name], capture_output=True).returncode != 0:
        with subprocess.Popen(["mmdebstrap", "--quiet", "--variant=minbase", RELEASE, "-", f"{ARCHIVE} {RELEASE} main"],
                              stdout=subprocess.PIPE) as making:
            made = run("docker", "import", "-", stdin=making.stdout).strip()
        if making.returncode != 0:
            run("docker", "rmi", made)
            raise AssertionError(f"mmdebstrap ended with {making.returncode}; it has said why")
        # Only a whole one gets the name by which it is found again.
        run("docker", "tag", made, name)
    return name


def image(name, packages, *lines):
    """With these packages on top, and these lines of a Dockerfile after them."""
    install = ("apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "
               f"{' '.join(packages)} && rm -rf /var/lib/apt/lists/* /var/cache/apt/*")
    return _built(name, f"FROM {base()}", f"RUN {install}", *lines)


def _built(name, *lines):
    tag = f"carrel-test-{name}:{RELEASE}"
    # The builder that every engine has; the newer one is a program of its own.
    run("docker", "build", "--quiet", "--tag", tag, "-", input="\n".join(lines), env={**os.environ, "DOCKER_BUILDKIT": "0"})
    return tag


def _from_parts(name, *lines):
    """All in one layer below, so that the packages are fetched once and moved once."""
    return _built(name, f"FROM {image('parts', ['caddy', 'nginx-light', 'haproxy', 'prometheus'])}", *lines)


# As the images of the same names from Docker's registry are started.
def caddy():
    return _from_parts("caddy", "ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data",
                       "CMD " + json.dumps(["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]))


def nginx():
    return _from_parts("nginx",
                       "RUN ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log",
                       "STOPSIGNAL SIGQUIT", "CMD " + json.dumps(["nginx", "-g", "daemon off;"]))


def haproxy():
    return _from_parts("haproxy", "USER haproxy", "STOPSIGNAL SIGUSR1")


def prometheus():
    return _from_parts("prometheus", "RUN mkdir -p /prometheus && chown nobody:nogroup /prometheus", "USER nobody",
                       "VOLUME /prometheus", "ENTRYPOINT " + json.dumps(["/usr/bin/prometheus"]))
