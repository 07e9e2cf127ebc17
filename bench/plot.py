#!/usr/bin/env python3
"""Draws how a network's speed and memory grow with its batch: rows of gpu_networks.py --growth in,
an SVG out. Ends with 1 where images per second fall by more than 2 % from one batch to the next, or
where the arena is over 1.15 of what is alive at once. Needs matplotlib (Debian: python3-matplotlib).

  bench/plot.py bench/results/growth_h200.json growth.svg
"""
import argparse
import json
import pathlib
import sys

MOST_FALL = 0.02
MOST_ARENA = 1.15


def images_per_second(row):
    return 1e3 * row["batch"] / row["device_ms_median"]


def faults(rows):
    for before, row in zip(rows, rows[1:]):
        share = images_per_second(row) / images_per_second(before)
        if share < 1 - MOST_FALL:
            yield f"batch {row['batch']}: {share:.3f} of the images per second of batch {before['batch']}"
    for row in rows:
        share = row["arena_bytes"] / row["arena_least_bytes"]
        if share > MOST_ARENA:
            yield f"batch {row['batch']}: the arena is {share:.3f} of the least"


def draw(rows, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    batches = [row["batch"] for row in rows]
    figure, (speed, memory) = pyplot.subplots(2, 1, sharex=True, figsize=(7, 7))
    speed.plot(batches, [images_per_second(row) for row in rows], marker="o")
    speed.set_ylabel("images per second")
    speed.set_title(f"{rows[0]['network']}, {rows[0]['gpu']}, {rows[0]['date']}")
    memory.plot(batches, [row["arena_bytes"] / 2**20 for row in rows], marker="o", label="arena")
    memory.plot(batches, [row["arena_least_bytes"] / 2**20 for row in rows], linestyle="--",
                label="alive at once")
    memory.set_ylabel("MiB")
    memory.set_xlabel("batch")
    memory.legend()
    for axes in (speed, memory):
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2 if axes is memory else 10)
        axes.grid(True, which="both", alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=pathlib.Path, help="JSON of gpu_networks.py --growth")
    parser.add_argument("picture", type=pathlib.Path, help="the SVG to write")
    options = parser.parse_args()
    rows = sorted(json.loads(options.rows.read_text()), key=lambda row: row["batch"])
    draw(rows, options.picture)
    wrong = list(faults(rows))
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
