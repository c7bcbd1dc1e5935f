"""Ratio 1: a large file read through a sandbox, against nginx with sendfile in a container of the same limits."""

import contextlib

import nginx
from films import LARGE_BYTES
from meter import container_cpu_seconds, interleaved, measure, process_cpu_seconds, ratios, summary
from reader import Reader

ROUNDS = 11


def run(daemon, client, films, container):
    pid = container["State"]["Pid"]
    path = f"/stream/{client.video('Large')['id']}/original"
    daemon_cpu = []

    def through_sandbox():
        before = process_cpu_seconds(daemon.process.pid)
        sample = measure(lambda: container_cpu_seconds(pid), lambda: sandbox.read(path))
        daemon_cpu.append(process_cpu_seconds(daemon.process.pid) - before)
        return sample

    def through(server, reader):
        return lambda: measure(lambda: container_cpu_seconds(server.pid), lambda: reader.read("/Large.mp4"))

    def behind(proxy, server, reader):
        return lambda: measure(
            lambda: container_cpu_seconds(server.pid) + process_cpu_seconds(proxy.process.pid),
            lambda: reader.read("/Large.mp4"))

    with contextlib.ExitStack() as stack:
        image = stack.enter_context(nginx.image())
        sandbox = stack.enter_context(Reader(("127.0.0.1", daemon.port), client.cookie))
        contenders = {"sandbox": through_sandbox}
        for network in ("bridge", "host"):
            server = stack.enter_context(nginx.Nginx(image, films, network))
            reader = stack.enter_context(Reader(server.address))
            contenders[f"nginx_{network}"] = through(server, reader)
            if network == "bridge":
                proxy = stack.enter_context(nginx.Proxy(server.address))
                contenders["nginx_proxied"] = behind(proxy, server, stack.enter_context(Reader(proxy.address)))
        samples = interleaved(ROUNDS, contenders)

    result = {"bytes": LARGE_BYTES, "samples": summary(samples),
              "daemon_cpu_seconds_per_gib": sum(daemon_cpu[1:]) / ROUNDS, "ratios": {}}
    for network in ("bridge", "host", "proxied"):
        theirs = samples[f"nginx_{network}"]
        result["ratios"][f"throughput_to_nginx_{network}"] = ratios(
            samples["sandbox"], theirs, lambda s: s.throughput)
        result["ratios"][f"bytes_per_cpu_second_to_nginx_{network}"] = ratios(
            samples["sandbox"], theirs, lambda s: s.per_cpu_second)
    return result
