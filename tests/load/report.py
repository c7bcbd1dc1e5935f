"""A run as one page of HTML with its plots in it, and as lines for a terminal."""

import html
import math

from verdict import CPU_LIMIT, LIMITED_VIEWERS, MBIT_LIMIT, MEMORY_LIMIT, START_LIMIT, by_second

COLOURS = {"sandboxes": "#2f7ed8", "daemon": "#0a9d58", "engine": "#e08e0b", "generator": "#9aa0a6"}
LIMIT = "#c5221f"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 560, 220, 62, 26, 12, 26
STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1180px;padding:0 1rem;color:#202124}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.35rem .6rem;text-align:right;
border-bottom:1px solid #e0e0e0}th:first-child,td:first-child{text-align:left}.limits{color:#5f6368}
.held{color:#0a7d45}.broke{color:#c5221f}
.plots{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{font-weight:600;font-size:.85rem}svg text{font-size:11px;
fill:#5f6368}h2{margin-top:2.2rem}"""


def seconds(value):
    return "–" if value is None else f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def mib(value):
    return f"{value / (1 << 20):.1f} MiB"


def ticks(top):
    """Round values from 0 to `top`, three to six of them."""
    power = 10.0 ** math.floor(math.log10(top))
    step = next(power * part for part in (1, 0.5, 0.2) if top / (power * part) >= 3)
    return [step * i for i in range(int(top / step + 1e-9) + 1)]


class Plot:
    def __init__(self, title, right, top, unit, along=" s"):
        self.right, self.top, self.unit, self.along = max(right, 1), max(top, 1e-9), unit, along
        self.parts, self.title, self.legend = [], title, []

    def x(self, value):
        return LEFT + value / self.right * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - min(value, self.top) / self.top * (HEIGHT - BOTTOM - TOP)

    def line(self, points, colour, name=None):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        self.legend += [(name, colour)] if name else []

    def area(self, points, colour, name):
        """Points of (x, from, to)."""
        path = [f"{self.x(x):.1f},{self.y(high):.1f}" for x, _, high in points]
        path += [f"{self.x(x):.1f},{self.y(low):.1f}" for x, low, _ in reversed(points)]
        self.parts.append(f'<polygon points="{" ".join(path)}" fill="{colour}" fill-opacity=".75"/>')
        self.legend.append((name, colour))

    def level(self, value, colour, name):
        self.parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(value):.1f}" y2="{self.y(value):.1f}" '
                          f'stroke="{colour}" stroke-dasharray="4 3"/>')
        self.legend.append((name, colour))

    def svg(self):
        axes = "".join(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(tick):.1f}" y2="{self.y(tick):.1f}" stroke="#eee"/>'
            f'<text x="{LEFT - 6}" y="{self.y(tick) + 4:.1f}" text-anchor="end">{tick:g}{self.unit}</text>' for tick in ticks(self.top))
        axes += "".join(f'<text x="{self.x(tick):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{tick:g}{self.along}</text>'
                        for tick in ticks(self.right))
        legend = "".join(f'<span style="color:{colour}">■</span> {html.escape(name)} ' for name, colour in self.legend)
        return (f"<figure><figcaption>{html.escape(self.title)}</figcaption><svg width={WIDTH} height={HEIGHT} role=img "
                f'aria-label="{html.escape(self.title)}">{axes}{"".join(self.parts)}</svg><div>{legend}</div></figure>')


def plots(step):
    samples, result = step["samples"], step["result"]
    end = max([sample["t"] for sample in samples] + [event["t"] for event in step["events"]])
    rate = by_second(step["events"])
    through = Plot("Throughput", end, 1.1 * max([value for _, value in rate] + [MBIT_LIMIT]), "")
    through.line(rate, "#2f7ed8", "Mbit/s of film")
    through.level(MBIT_LIMIT, LIMIT, "80% of a gigabit")
    cpu = Plot("CPU of the machine", end, 100, " %")
    base = [0.0] * len(samples)
    for name, colour in COLOURS.items():
        high = [low + sample["cpu"][name] * 100 for low, sample in zip(base, samples)]
        cpu.area([(sample["t"], low, top) for sample, low, top in zip(samples, base, high)], colour, name)
        base = high
    cpu.line([(sample["t"], sample["cpu"]["machine"] * 100) for sample in samples], "#202124", "all")
    cpu.level(CPU_LIMIT * 100, LIMIT, f"the limit, {CPU_LIMIT:.0%}")
    memory = Plot("Memory", end, 1.1 * max(result["memory"], MEMORY_LIMIT) / (1 << 20), "")
    memory.line([(sample["t"], (sample["daemon_memory"] + sample["sandbox_memory"]) / (1 << 20)) for sample in samples], "#202124",
                "both, MiB")
    memory.line([(sample["t"], sample["sandbox_memory"] / (1 << 20)) for sample in samples], COLOURS["sandboxes"],
                "all sandboxes, MiB of their own")
    memory.line([(sample["t"], sample["daemon_memory"] / (1 << 20)) for sample in samples], COLOURS["daemon"], "the daemon, MiB")
    memory.level(MEMORY_LIMIT / (1 << 20), LIMIT, "the limit, 6 GiB")
    yield from (through, cpu, memory)
    held_back = [share * 100 for share in result["throttling"]]
    if held_back:
        plot = Plot("Held back by its CPU limit, each sandbox", 100, max(10, 1.1 * held_back[-1]), " %", " %")
        plot.line([(100 * i / max(1, len(held_back) - 1), share) for i, share in enumerate(held_back)], COLOURS["sandboxes"],
                  f"so many of all {len(held_back)} in no more of their periods")
        yield plot
    heat = [(sample["t"], sample["temperature"]) for sample in samples if sample["temperature"] is not None]
    if heat:
        plot = Plot("Temperature, the hottest zone", end, 1.1 * max(value for _, value in heat), " °C")
        plot.line(heat, "#c5221f", "°C")
        yield plot
    for kind, name in (("segment", "Time to a segment's first byte"), ("start", "Time from play to a picture")):
        field = "first_byte" if kind == "segment" else "seconds"
        values = sorted(event[field] * 1000 for event in step["events"] if event["event"] == kind)
        if not values:
            continue
        plot = Plot(name, 100, 1.1 * max([*values, START_LIMIT * 1000 if kind == "start" else 1]), " ms", " %")
        plot.line([(100 * i / max(1, len(values) - 1), value) for i, value in enumerate(values)], "#8430ce",
                  f"so many of all {len(values)} took no longer")
        if kind == "start":
            plot.level(START_LIMIT * 1000, LIMIT, "what 99 of 100 must keep")
        yield plot


def row(result):
    return (str(result["viewers"]), f"{result['mbit_per_second']:.0f}", seconds(result["start"]["p50"]), seconds(result["start"]["p99"]),
            seconds(result["seek"]["p99"]), seconds(result["first_byte"]["p50"]), seconds(result["first_byte"]["p99"]),
            str(result["stalls"]), f"{result['cpu']['machine']:.0%}", mib(result["memory"]), mib(result["daemon_memory"]),
            mib(result["sandbox_memory_most"]),
            f"{result['throttled']['p90'] or 0:.1%}", "held" if not result["broken"] else "broke: " + ", ".join(result["broken"]))


HEAD = ("viewers", "Mbit/s", "start p50", "start p99", "seek p99", "first byte p50", "p99", "stalls", "CPU", "memory", "daemon",
        "a sandbox", "throttled p90", "")
LIMITS = ("limits", f"{MBIT_LIMIT:.0f}", "", seconds(START_LIMIT), "", "", "", "0", f"{CPU_LIMIT:.0%}", mib(MEMORY_LIMIT), "", "", "", "")


NOTE = (f"The limits of Mbit/s, CPU and memory hold for up to {LIMITED_VIEWERS} viewers, those of starts and stalls for any number. "
        "Starts of viewers with a slow line are in no column and under no limit, for their line takes that time; they are told below.")


def slow_starts(result):
    times = result["start_slow_line"]
    return f"{times['count']} starts over a slow line, p50 {seconds(times['p50'])}, p99 {seconds(times['p99'])}"


def page(run):
    body = ["<!doctype html><html lang=en><meta charset=utf-8><title>Carrel under load</title>", f"<style>{STYLE}</style>",
            "<h1>Carrel under load</h1>", f"<p>{html.escape(run['machine'])}</p>", f"<p>{html.escape(run['conditions'])}</p><table><tr>",
            *(f"<th>{head}</th>" for head in HEAD), "</tr>"]
    for step in run["steps"]:
        kind = "broke" if step["result"]["broken"] else "held"
        *cells, last = row(step["result"])
        body.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + f'<td class={kind}>{html.escape(last)}</td></tr>')
    body.append("<tr class=limits>" + "".join(f"<td>{cell}</td>" for cell in LIMITS) + f"</tr></table><p>{NOTE}</p>")
    if all(step["result"]["temperature"] is None for step in run["steps"]):
        body.append("<p>This machine shows no temperature.</p>")
    for step in run["steps"]:
        result = step["result"]
        body.append(f"<h2>{result['viewers']} viewers</h2><p>Bottleneck: {html.escape(result['bottleneck'])}. "
                    f"{slow_starts(result)}.</p>")
        body += [f"<p class=broke>{count} × {html.escape(text)}</p>" for text, count in result["error_texts"]]
        body.append('<div class=plots>' + "".join(plot.svg() for plot in plots(step)) + "</div>")
    return "\n".join(body) + "\n"


def lines(run):
    table = [HEAD, *(row(step["result"]) for step in run["steps"]), LIMITS]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEAD))]
    for line in table:
        yield "  ".join(cell.rjust(width) if i < len(HEAD) - 1 else cell for i, (cell, width) in enumerate(zip(line, widths)))
    yield NOTE
    for step in run["steps"]:
        yield f"{step['result']['viewers']} viewers: {slow_starts(step['result'])}; bottleneck {step['result']['bottleneck']}"
        for text, count in step["result"]["error_texts"]:
            yield f"  {count} × {text}"
    if all(step["result"]["temperature"] is None for step in run["steps"]):
        yield "This machine shows no temperature."
