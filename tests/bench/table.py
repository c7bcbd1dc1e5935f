"""What a person reads of a run."""

GIB = 1 << 30


def _spread(values, scale=1.0, digits=2):
    return "{:.{d}f}  ({:.{d}f}–{:.{d}f})".format(
        *(values[key] / scale for key in ("median", "min", "max")), d=digits)


def _ratio_lines(ratios):
    return [(name.replace("_", " "), _spread(value)) for name, value in ratios.items()]


def _sample_lines(samples):
    for name, measured in samples.items():
        name = name.replace("_", " ")
        if "bytes_per_second" in measured:
            yield f"{name}: GiB/s", _spread(measured["bytes_per_second"], GIB)
        yield f"{name}: GiB per CPU second", _spread(measured["bytes_per_cpu_second"], GIB)


def sections(result):
    if reading := result.get("range_throughput"):
        yield "1  A file of 1 GiB through the sandbox, against nginx with sendfile", [
            *_ratio_lines(reading["ratios"]), *_sample_lines(reading["samples"]),
            ("the daemon beside it: CPU seconds per GiB", f"{reading['daemon_cpu_seconds_per_gib']:.3f}")]
    for kind, segments in result.get("segment_cost", {}).items():
        yield f"2  HLS video segments of a film in {kind.upper()}, against plain ranges of as many bytes", [
            *_ratio_lines(segments["ratios"]), *_sample_lines(segments["samples"])]
    if start := result.get("first_byte"):
        yield "3  From a login to the first byte of a film, against docker run", [
            *_ratio_lines(start["ratios"]),
            *((f"  {name}: ms", _spread(value, 0.001, 1)) for name, value in start["seconds"]["parts"].items()),
            *((name.replace("_", " ") + ": ms", _spread(value, 0.001, 1))
              for name, value in start["seconds"].items() if name != "parts")]
    if cost := result.get("sandboxes"):
        start, claim, crowd = cost["start"], cost["claim"], cost["crowd"]
        yield "4  What sandboxes cost", [
            *_ratio_lines(start["ratios"]),
            *((name.replace("_", " ") + ": ms", _spread(value, 0.001, 1)) for name, value in start["seconds"].items()),
            *((name.replace("_", " ") + ": ms", _spread(value, 0.001, 2)) for name, value in claim["seconds"].items()),
            *((f"the daemon with {count} sessions: MiB resident", f"{value / (1 << 20):.1f}")
              for count, value in crowd["resident_bytes"].items()),
            ("the daemon with 200 idle sessions: share of a CPU", f"{crowd['idle']['daemon_cpu_share']:.4f}"),
            ("one idle sandbox: share of a CPU", f"{crowd['idle']['cpu_share_of_one_sandbox']:.6f}"),
            ("one idle sandbox: MiB resident", f"{crowd['idle']['resident_bytes_of_one_sandbox'] / (1 << 20):.2f}"),
            ("hand-over beside 200 sessions with 8 busy streams: ms", f"{crowd['hand_over_seconds'] * 1000:.3f}")]
    if cost := result.get("films"):
        for kind, playing in cost["playing"].items():
            index = cost["index"][kind]
            yield f"5  A film of two hours in {kind.upper()}", [
                *_ratio_lines(playing["ratios"]), *_ratio_lines(index["ratios"]),
                *((name.replace("_", " ") + ": ms", _spread(value, 0.001, 1)) for name, value in playing["seconds"].items()),
                *((name.replace("_", " ") + " of all of it: s", _spread(value)) for name, value in index["seconds"].items())]
        yield "5  A sandbox with eight viewers on eight films", [
            ("most resident: MB", f"{cost['memory']['peak_bytes'] / 1e6:.1f}"),
            ("anonymous at the end: MB", f"{cost['memory']['anonymous_bytes'] / 1e6:.1f}"),
            ("sent meanwhile: MB", f"{cost['memory']['bytes'] / 1e6:.0f}")]


def render(result):
    lines = [f"{result['machine']['cpus']} CPUs, Docker Engine {result['machine']['engine']}, "
             f"Linux {result['machine']['kernel']}; median (min–max)"]
    for title, rows in sections(result):
        lines += ["", title, *(f"  {name:<62}{value}" for name, value in rows)]
    return "\n".join(lines)
