"""Viewers by the dozen on a daemon of its own, at every number of them for a while, and then more until it breaks.

scripts/test load [--viewers 8,50,200] [--seconds 60] [--arrive 2] [--beyond 800] [--report FOLDER]
Ends with 1 when one of the numbers asked for breaks; those beyond are there to break."""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, os.environ["CARREL_SOURCE_DIR"] + "/tests/integration")

from carrel import BUILD, Daemon, make_film, settle  # noqa: E402

import report  # noqa: E402
from sampler import Sampler  # noqa: E402
from verdict import failures, judge  # noqa: E402

MBIT = 8
LOOP = 30  # seconds of film that are encoded; the film is as many of them as it takes
FILM = 900
SLOW_LINE = 1.5 * MBIT * 1e6 / 8
ACCOUNTS = 20
ARRIVE = 2  # viewers a second


def make_library(folder):
    """One film at the bit rate, noise and all, as CBR as x264 makes it."""
    rate = f"{MBIT - 0.128:.3f}M"
    loop = folder / "loop.mp4"
    make_film(loop, LOOP, rate=rate, audio=("-c:a", "aac", "-b:a", "128k"),
              video=("-vf", "noise=alls=40:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-minrate", rate, "-maxrate",
                     rate, "-bufsize", rate, "-x264-params", "nal-hrd=cbr:force-cfr=1"))
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-stream_loop", str(FILM // LOOP - 1), "-i", loop, "-c", "copy",
                    "-movflags", "+faststart", folder / "Film.mp4"], check=True)
    settle(folder / "Film.mp4")
    loop.unlink()


def environment():
    """The limits of a sandbox are those by default; how many there may be is not what is asked here."""
    return {"CARREL_SANDBOX_MAX_TOTAL": "4096", "CARREL_LIMITS_VIEWER_SESSIONS": "1000", "CARREL_HTTP_MAX_CONNECTIONS": "16384"}


def machine():
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / (1 << 20)
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Linux {platform.release()}"


def run_step(daemon, instance, accounts, viewers, seconds, arrive=ARRIVE):
    ramp = max(3.0, viewers / arrive)
    with Sampler(daemon.process.pid, instance) as sampler:
        command = [BUILD / "tests/load/carrel-viewers", "--port", str(daemon.port), "--accounts", accounts, "--title", "Film",
                   "--viewers", str(viewers), "--seconds", str(seconds), "--ramp", str(ramp), "--slow-line", str(SLOW_LINE)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as crowd:
            sampler.generator_pid = crowd.pid
            try:
                events = [json.loads(line) for line in crowd.stdout]
            finally:
                crowd.terminate()
        if crowd.returncode:
            raise SystemExit(f"the load generator ended with {crowd.returncode}")
    result = judge(viewers, events, sampler, (ramp, ramp + seconds))
    return {"result": result, "events": events, "samples": sampler.samples}


@contextlib.contextmanager
def watched(folder):
    """A daemon with the film and the viewers' accounts: what run_step() takes first."""
    make_library(folder)
    with Daemon(folder, **environment()) as daemon:
        accounts = daemon.root / "accounts"
        accounts.write_text("".join(f"viewer{i} long-password-{i}\n" for i in range(ACCOUNTS)))
        for line in accounts.read_text().splitlines():
            daemon.add_user(*line.split())
        with contextlib.closing(daemon.client()) as client:
            daemon.wait_until_indexed(client)
            client.get(f"/stream/{client.video('Film')['id']}/original", Range="bytes=0-0")
            instance = daemon.containers()[0]["Config"]["Labels"]["carrel.instance"]
            client.request("POST", "/api/v1/auth/logout")
        yield daemon, instance, accounts


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/test load", description="Viewers by the dozen, until it breaks.")
    parser.add_argument("--viewers", default="8,50,200", help="how many at once, one step after the other")
    parser.add_argument("--seconds", type=float, default=60, help="how long all of them watch")
    parser.add_argument("--arrive", type=float, default=ARRIVE, help="so many come in a second, each with a login and a sandbox")
    parser.add_argument("--beyond", type=int, default=800, help="then half as many again each time, up to so many, until it breaks")
    parser.add_argument("--report", type=pathlib.Path, default=pathlib.Path(os.environ["CARREL_SOURCE_DIR"]) / ".cache/load")
    options = parser.parse_args()
    if options.arrive <= 0:
        parser.error("--arrive must be more than 0")
    return options


def main():
    options = arguments()
    planned = [int(count) for count in options.viewers.split(",")]
    asked = len(planned)
    run = {"machine": machine(), "steps": [], "conditions":
           f"Each viewer has a session and a sandbox of 512 MB and 0.5 CPU, a film of {MBIT} Mbit/s, and a buffer of 30 s; of twenty two "
           f"seek, two pause, one aborts, two have a line of {SLOW_LINE * 8 / 1e6:.0f} Mbit/s. {options.arrive:g} arrive a second, all "
           "within no less than 3 s. The load generator runs on the same machine."}
    with tempfile.TemporaryDirectory(prefix="carrel-load-") as folder:
        print("Making the film…", flush=True)
        with watched(pathlib.Path(folder)) as daemon_and_accounts:
            while planned:
                viewers = planned.pop(0)
                print(f"{viewers} viewers…", flush=True)
                run["steps"].append(run_step(*daemon_and_accounts, viewers, options.seconds, options.arrive))
                more = viewers + viewers // 2
                if not planned and not run["steps"][-1]["result"]["broken"] and more <= options.beyond:
                    planned.append(more)
    options.report.mkdir(parents=True, exist_ok=True)
    (options.report / "report.html").write_text(report.page(run))
    (options.report / "report.json").write_text(json.dumps(
        {**run, "steps": [{**step["result"]} for step in run["steps"]]}, indent=1))
    print("\n".join(report.lines(run)))
    print(f"The report: {options.report / 'report.html'}")
    broke = failures([step["result"] for step in run["steps"]], asked)
    for line in broke:
        print(f"BROKE: {line}", file=sys.stderr)
    return 1 if broke else 0


if __name__ == "__main__":
    sys.exit(main())
