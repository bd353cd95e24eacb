#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Draws what tests/bench/rows.py measured of growth: plot_performance.py RESULTS.json > docs/pictures/growth.svg.
CPU time and the peak of memory against the number of flows, both axes logarithmic: a straight line that rises by one
decade a decade is time that goes by flows, a level one is memory that does not."""
import json
import math
import sys

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 60, 30, 50
COLOURS = {"CPU": "#1f6feb", "peak": "#bf5b00"}
UNITS = {"CPU": "CPU, seconds", "peak": "peak, MiB"}


def series_of(results, what):
    """Flows and values of the program as it is now."""
    return sorted((int(each["what"].split()[0]), each["value"]) for each in results
                  if each["row"] == "growth" and each["program"] == "now" and each["what"].endswith(what))


def decades(values):
    logs = [math.log10(value) for value in values]
    return math.floor(min(logs)), max(math.ceil(max(logs)), math.floor(min(logs)) + 1)


def scale(value, span, begin, end):
    low, high = span
    return begin + (math.log10(value) - low) / (high - low) * (end - begin)


def label(power):
    return f"{10 ** power:g}" if power < 3 else f"10<tspan dy='-5' font-size='9'>{power}</tspan>"


def axis(span, x, anchor, colour):
    for power in range(span[0], span[1] + 1):
        y = scale(10 ** power, span, HEIGHT - BOTTOM, TOP)
        yield f"<text x='{x}' y='{y + 4:.1f}' text-anchor='{anchor}' fill='{colour}'>{label(power)}</text>"


def lines(results):
    flows = [at for at, _ in series_of(results, "CPU")]
    across = decades(flows)
    for power in range(across[0], across[1] + 1):
        x = scale(10 ** power, across, LEFT, WIDTH - RIGHT)
        yield f"<line x1='{x:.1f}' y1='{TOP}' x2='{x:.1f}' y2='{HEIGHT - BOTTOM}' stroke='#d0d7de'/>"
        yield f"<text x='{x:.1f}' y='{HEIGHT - BOTTOM + 18}' text-anchor='middle'>{label(power)}</text>"
    yield f"<text x='{WIDTH / 2}' y='{HEIGHT - 10}' text-anchor='middle'>flows</text>"
    sides = {"CPU": (LEFT - 8, "end", LEFT), "peak": (WIDTH - RIGHT + 8, "start", WIDTH - RIGHT)}
    for what, (x, anchor, title_x) in sides.items():
        points = series_of(results, what)
        span = decades([value for _, value in points])
        colour = COLOURS[what]
        title_anchor = "start" if what == "CPU" else "end"
        yield f"<text x='{title_x}' y='{TOP - 10}' text-anchor='{title_anchor}' fill='{colour}'>{UNITS[what]}</text>"
        yield from axis(span, x, anchor, colour)
        places = [(scale(at, across, LEFT, WIDTH - RIGHT), scale(value, span, HEIGHT - BOTTOM, TOP))
                  for at, value in points]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        yield f"<polyline fill='none' stroke='{colour}' stroke-width='2' points='{path}'/>"
        for (a, b), (at, value) in zip(places, points):
            yield (f"<circle cx='{a:.1f}' cy='{b:.1f}' r='3.5' fill='{colour}'>"
                   f"<title>{at} flows: {value:.3g}</title></circle>")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        results = json.load(file)
    print(f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' font-family='sans-serif' "
          f"font-size='12' role='img' aria-label='CPU time and peak memory against the number of flows'>")
    print(f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#fff'/>")
    print("\n".join(lines(results)))
    print("</svg>")


main()
