#!/usr/bin/env python3
"""Times whole networks on this machine's GPU and prints the rows of bench/results/h200.json.

Each row is one network at one batch in one layout: load_and_run --fast-run in several processes,
the input on the device before the timed iterations, device time of the recorded run. Prints a
table on stderr and the rows as JSON on stdout or to --output. With --growth bench/plot.py draws the rows.
Python's standard library only.
"""
import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# network, batch, layouts; "auto" is what runs without any --enable-<layout>.
RUNS = [
    ("resnet18", 128, ["auto", "chwn4", "nchw32", "nchw4"]),
    ("resnet50", 128, ["auto", "chwn4", "nchw32", "nchw4"]),
    ("mobilenet_v2", 128, ["auto"]),
    ("resnet18", 1, ["auto"]),
    ("resnet50", 1, ["auto"]),
    ("resnet50", 8, ["auto"]),
    ("resnet50", 32, ["auto"]),
]
GROWTH = [("resnet50", 2**power, ["auto"]) for power in range(10)]


def default_bin():
    for folder in (HERE.parent / "bin", HERE.parent / "build/bundle/bin", HERE.parent / "build/release/bin"):
        if (folder / "load_and_run").exists():
            return folder
    sys.exit("gpu_networks.py: no load_and_run beside this script: name its folder with --bin")


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit():
    stamp = HERE.parent / "COMMIT"
    if stamp.exists():
        return stamp.read_text().strip()
    return output_of("git", "-C", str(HERE), "rev-parse", "--short=12", "HEAD")


def run(command, report):
    done = subprocess.run([*command, "--json", str(report)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"gpu_networks.py: {' '.join(command)} failed:\n{done.stderr}")
    return json.loads(report.read_text())


def row_of(reports, command, network, batch, layout, machine):
    times = [report["times_ms"] for report in reports]
    device = [ms for run_times in times for ms in run_times["device"]]
    return {
        "network": network,
        "batch": batch,
        "layout": layout,
        "backend": reports[0]["backend"]["name"],
        # Of the processes' medians the middle one, so that a disturbed process does not count.
        "device_ms_median": statistics.median(statistics.median(t["device"]) for t in times),
        "device_ms_min": min(device),
        "exec_us_median": 1e3 * statistics.median(ms for t in times for ms in t["exec"]),
        "h2d_ms": statistics.median(ms for t in times for ms in t["h2d"]),
        "d2h_ms": statistics.median(ms for t in times for ms in t["d2h"]),
        "prepare_ms": [t["prepare"] for t in times],
        "arena_bytes": reports[0]["memory_bytes"]["arena"],
        "arena_least_bytes": reports[0]["memory_bytes"]["least"],
        "samples": len(device),
        "processes": len(reports),
        "command": " ".join(["load_and_run", *command[1:]]),
        **machine,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of load_and_run and octet")
    parser.add_argument("--output", help="write the rows here instead of to stdout")
    parser.add_argument("--profiles", type=pathlib.Path, help="keep the last report of each row here")
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--iter", type=int, default=200)
    parser.add_argument("--growth", action="store_true",
                        help="ResNet50 at batch 1, 2, 4, ..., 512 instead: the rows of growth_h200.json")
    parser.add_argument("--only", help="NETWORK or NETWORK:BATCH; others are left out")
    parser.add_argument("--layouts", help="auto, chwn4, ...: with commas; others are left out")
    options = parser.parse_args()
    wanted = options.layouts.split(",") if options.layouts else None
    folder = options.bin or default_bin()

    gpu = output_of("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader").splitlines()
    name, driver = (gpu[0].split(", ") if gpu else ("unknown", "unknown"))
    machine = {"commit": commit(), "date": datetime.date.today().isoformat(), "gpu": name, "driver": driver}
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        work = pathlib.Path(scratch)
        os.chdir(work)  # so that the recorded commands have no paths of this machine
        for network, batch, layouts in GROWTH if options.growth else RUNS:
            if options.only and options.only not in (network, f"{network}:{batch}"):
                continue
            model = f"{network}.mge"
            if not (work / model).exists():
                subprocess.run([str(folder / "octet"), "make-model", network, "-o", model], check=True,
                               stdout=subprocess.DEVNULL)
            for layout in layouts if wanted is None else set(layouts) & set(wanted):
                command = [str(folder / "load_and_run"), model, "--input", "data:rand(0,255,1)",
                           "--batch-size", str(batch), "--fast-run", "--fast-run-algo-policy",
                           "times.db", "--warmup-iter", "20", "--iter", str(options.iter)]
                if layout != "auto":
                    command.append(f"--enable-{layout}")
                report = (options.profiles or work) / f"{network}_b{batch}_{layout}.json"
                reports = [run(command, report) for _ in range(options.processes)]
                machine["cuda"] = reports[0]["backend"]["description"].rsplit("CUDA ", 1)[-1]
                rows.append(row_of(reports, command, network, batch, layout, machine))
                row = rows[-1]
                print(f"{network:14} b{batch:<4} {layout:7} device {row['device_ms_median']:8.4f} ms "
                      f"(min {row['device_ms_min']:.4f})  exec {row['exec_us_median']:6.1f} us  "
                      f"h2d {row['h2d_ms']:7.3f} ms  prepare "
                      f"{' '.join(f'{ms:.0f}' for ms in row['prepare_ms'])} ms",
                      file=sys.stderr, flush=True)
    text = json.dumps(rows, indent=1) + "\n"
    if options.output:
        pathlib.Path(options.output).write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
