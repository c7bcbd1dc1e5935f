"""Ratio 3: from a login to the first byte of a film, with its parts, against `docker run` of the same image."""

import contextlib
import datetime
import re
import subprocess
import time

import nginx
from carrel import Client, wait_for
from meter import interleaved, ratios, spread
from reader import Reader

ROUNDS = 9


def log_time(line):
    return datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00"))


def sandbox_start(lines):
    """Seconds from the first word of the log about the session's sandbox to its readiness."""
    began = {}
    for line in lines:
        if line.get("event") != "sandbox.state" or line.get("role") != "streamer":
            continue
        if line["state"] == "ready" and line["sandbox"] in began:
            return (log_time(line) - began[line["sandbox"]]).total_seconds()
        began.setdefault(line["sandbox"], log_time(line))
    raise RuntimeError("the log tells of no sandbox that became ready")


def text_of(client, path):
    answer = client.get(path)
    if answer.status != 200:
        raise RuntimeError(f"GET {path}: {answer.status}")
    return answer.body.decode()


def uris(playlist):
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


def play_from_login(daemon, video):
    """Seconds of each part, as a player goes through them one after the other; "total" ends at the first media byte."""
    seen = len(daemon.log())
    parts, began = {}, time.monotonic()

    def done(part):
        parts[part] = time.monotonic() - began - sum(parts.values())

    base = f"/stream/{video}/"
    with contextlib.closing(Client(daemon)) as client:
        client.log_in()
        done("login")
        media = base + uris(text_of(client, base + "master.m3u8"))[-1]
        done("master playlist, once the sandbox is ready")
        playlist = text_of(client, media)
        done("media playlist")
        folder = media.rsplit("/", 1)[0] + "/"
        with Reader(("127.0.0.1", daemon.port), client.cookie) as reader:
            reader.read(folder + re.search(r'#EXT-X-MAP:URI="([^"]+)"', playlist)[1])
            done("init segment, on a new connection")
            reader.read(folder + uris(playlist)[0])
        parts["first byte of the first segment"] = reader.first_byte_at - began - sum(parts.values())
        total = sum(parts.values())
        start = sandbox_start(daemon.log()[seen:])
        client.request("POST", "/api/v1/auth/logout")
    wait_for("the container's end", lambda: not daemon.containers())
    return {"total": total, "parts": parts, "sandbox": start}


def docker_run(image):
    """A cold start by hand: the container's first output, and its end."""
    began = time.monotonic()
    with subprocess.Popen(["docker", "run", "--rm", "--network", "none", *nginx.LIMITS, image, "--version"],
                          stdout=subprocess.PIPE) as process:
        line = process.stdout.readline()
        first = time.monotonic() - began
    if not line or process.returncode != 0:
        raise RuntimeError(f"docker run {image} --version ended with {process.returncode}")
    return {"total": first, "end": time.monotonic() - began}


def run(daemon, video, image):
    samples = interleaved(ROUNDS, {"login": lambda: play_from_login(daemon, video),
                                   "docker_run": lambda: docker_run(image)})
    logins, runs = samples["login"], samples["docker_run"]
    return {
        "seconds": {
            "login_to_first_media_byte": spread(one["total"] for one in logins),
            "parts": {part: spread(one["parts"][part] for one in logins) for part in logins[0]["parts"]},
            "sandbox_from_plan_to_ready": spread(one["sandbox"] for one in logins),
            "docker_run_to_first_output": spread(one["total"] for one in runs),
            "docker_run_to_end": spread(one["end"] for one in runs),
        },
        "ratios": {"login_to_first_media_byte_to_docker_run": ratios(logins, runs, lambda one: one["total"])},
    }
