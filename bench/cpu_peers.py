#!/usr/bin/env python3
"""Octet against ONNX Runtime on one CPU core, in the same run, on the same models.

  python3 -m venv /tmp/peers && /tmp/peers/bin/pip install onnxruntime==1.30.0
  /tmp/peers/bin/python bench/cpu_peers.py --models DIR --bin build/release/bin \\
      --json bench/results/cpu_peers.json

DIR is laid out as for scripts/check_fixtures.py. Both programs run on one thread, pinned to the same
core, at batch 1. They take turns in short rounds, and the least time over all rounds counts: other
work on the machine only ever adds to a time, and taking turns lets both meet the same disturbances.
Besides ONNX Runtime's defaults (which run s8 models partly in floats) its integer form is timed
(session.qdqisint8allowed). resnet18.v2.mge is timed alone, with load, prepare and peak memory.
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime as ort

# The models and how many times as fast as ONNX Runtime Octet is to be.
MODELS = {"resnet18_qdq_s8": 2.5, "mobilenet_v2_qdq_u8": 1.0, "shufflenet_qop_u8s8": 1.0}
GEOMETRIC_MEAN = 1.5
MEGENGINE_MODEL = "resnet18.v2.mge"
MEGENGINE_LIMITS = {"ms": 10.0, "load_ms": 30.0, "prepare_ms": 150.0, "peak_mb": 70.0}
MEGENGINE_ITSELF_MS = 48.4  # MegEngine 1.13.0 on another machine; for orientation only


def run_octet(arguments, model, source):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        subprocess.run([arguments.bin / "load_and_run", model, "--input", source, "--batch-size",
                        "1", "--iter", str(arguments.iterations), "--warmup-iter", "2", "--json",
                        report], check=True, capture_output=True)
        return json.loads(report.read_text())


class Peer:
    """ONNX Runtime with one model."""

    def __init__(self, model, image, iterations, integers):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        if integers:
            options.add_session_config_entry("session.qdqisint8allowed", "1")
        self.session = ort.InferenceSession(str(model), options, ["CPUExecutionProvider"])
        self.inputs = {self.session.get_inputs()[0].name: image}
        self.iterations = iterations

    def least_ms(self):
        times = []
        for _ in range(self.iterations + 2):  # as many, and two to warm up
            start = time.perf_counter()
            self.session.run(None, self.inputs)
            times.append(1000 * (time.perf_counter() - start))
        return min(times[2:])


def compare(arguments, name):
    model = arguments.models / "onnx" / f"{name}.onnx"
    source = arguments.models / "onnx" / "input.npy"
    image = np.load(source)[:1]
    defaults = Peer(model, image, arguments.iterations, False)
    integers = Peer(model, image, arguments.iterations, True)
    rounds = []
    for _ in range(arguments.rounds):
        octet = min(run_octet(arguments, model, source)["times_ms"]["total"])
        rounds.append((octet, defaults.least_ms(), integers.least_ms()))
    octet, peer, peer_integers = (min(times) for times in zip(*rounds))
    ratios = sorted(theirs / ours for ours, theirs, _ in rounds)
    row = {"octet_ms": round(octet, 3), "onnxruntime_ms": round(peer, 3),
           "onnxruntime_integers_ms": round(peer_integers, 3), "ratio": round(peer / octet, 2),
           "ratio_to_integers": round(peer_integers / octet, 2),
           "ratio_median_of_rounds": round(ratios[len(ratios) // 2], 2),
           "wanted_ratio": MODELS[name]}
    row["holds"] = row["ratio"] >= row["wanted_ratio"]
    print(f"{name:22} octet {octet:7.3f} ms  onnxruntime {peer:7.3f} ms  (integers "
          f"{peer_integers:.3f} ms)  {row['ratio']:.2f}x, wanted {row['wanted_ratio']}x", flush=True)
    return row


def measure_megengine_model(arguments):
    folder = arguments.models / "megengine" / "nets"
    reports = [run_octet(arguments, folder / MEGENGINE_MODEL, folder / "resnet18.input.npy")
               for _ in range(arguments.rounds)]
    row = {"ms": min(min(r["times_ms"]["total"]) for r in reports),
           "load_ms": min(r["times_ms"]["load"] for r in reports),
           "prepare_ms": min(r["times_ms"]["prepare"] for r in reports),
           "peak_mb": max(r["memory_bytes"]["peak_resident"] for r in reports) / 1e6}
    row = {key: round(value, 3) for key, value in row.items()}
    holds = all(row[key] <= limit for key, limit in MEGENGINE_LIMITS.items())
    print(f"{MEGENGINE_MODEL}: {row['ms']} ms (MegEngine 1.13.0: {MEGENGINE_ITSELF_MS} ms on another "
          f"machine), load {row['load_ms']} ms, prepare {row['prepare_ms']} ms, peak "
          f"{row['peak_mb']} MB", flush=True)
    return {**row, "limits": MEGENGINE_LIMITS, "holds": holds}


def machine_of(report):
    return {**report["machine"], "load_average_before": round(os.getloadavg()[0], 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin", metavar="DIR")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--iterations", type=int, default=15, help="timed runs of a round")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    arguments = parser.parse_args()

    os.sched_setaffinity(0, {arguments.core})  # the programs that are started inherit it
    first = run_octet(arguments, arguments.models / "onnx" / "mobilenet_v2_qdq_u8.onnx",
                      arguments.models / "onnx" / "input.npy")
    result = {
        "what": "one core, batch 1, least time over rounds in which both programs took turns",
        "date": datetime.date.today().isoformat(),
        "machine": machine_of(first),
        "octet": first["octet"],
        "onnxruntime": ort.__version__,
        "python": platform.python_version(),
        "rounds": arguments.rounds, "iterations_per_round": arguments.iterations,
        "command": "bench/cpu_peers.py --models DIR --bin build/release/bin "
                   f"--rounds {arguments.rounds} --iterations {arguments.iterations}",
        "models": {name: compare(arguments, name) for name in MODELS},
    }
    mean = math.prod(row["ratio"] for row in result["models"].values()) ** (1 / len(MODELS))
    result["geometric_mean"] = {"ratio": round(mean, 2), "wanted_ratio": GEOMETRIC_MEAN,
                                "holds": mean >= GEOMETRIC_MEAN}
    result[MEGENGINE_MODEL] = measure_megengine_model(arguments)
    result["machine"]["load_average_after"] = round(os.getloadavg()[0], 2)
    print(f"geometric mean {mean:.2f}x, wanted {GEOMETRIC_MEAN}x")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    rows = [*result["models"].values(), result["geometric_mean"], result[MEGENGINE_MODEL]]
    return 0 if all(row["holds"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
