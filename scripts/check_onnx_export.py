#!/usr/bin/env python3
"""Proves the ONNX that Octet writes by running it with ONNX Runtime.

  scripts/check_onnx_export.py --bin build/release/bin [--quick] [MODEL ...]

Without MODEL: the digits, the sample dumps of MegEngine and made-up networks. For each model
  operators   every operator alone, fed the integers that Octet fed it: within one step of Octet's
  network     the whole model: the digits, which are trained, get the same class on all 360; made-up
              networks on 99 % of the pictures for which Octet's first class leads by 0.15 (nobody
              trained them to have margins, and one flipped tie cascades)
  opsets      the same at opset 13 to 19, each of which satisfies the ONNX checker
  sub-graphs  one after the other, of the native engine and, where they cover the model, in the
              form for TensorRT: the same class
Needs the Python modules onnx, onnxruntime and numpy; --install puts them into a virtual environment
in build/onnx-venv and goes on there. Exit code 77: a module is missing; 1: something differs."""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "onnx-venv"
OPSETS = range(13, 20)
# Relative to the largest number of a tensor: sums of floats in another order.
FLOAT_TOLERANCE = 2e-5
CLEAR_MARGIN = 0.15  # of probabilities


def restart_in_venv():
    python = VENV / "bin" / "python"
    if not python.exists():
        packages = ["onnx", "onnxruntime", "numpy"]
        for command in ([sys.executable, "-m", "venv", VENV],
                        [python, "-m", "pip", "install", "-q", *packages]):
            if subprocess.run(command).returncode != 0:
                shutil.rmtree(VENV, ignore_errors=True)
                sys.exit(77)
    os.execv(python, [str(python), *[a for a in sys.argv if a != "--install"]])


if "--install" in sys.argv:
    restart_in_venv()
try:
    import numpy as np
    import onnx
    import onnxruntime as ort
except ImportError as error:
    print(f"check_onnx_export.py: {error}; --install gets what is needed", file=sys.stderr)
    sys.exit(77)


class Failure(Exception):
    pass


def octet(bin_dir, *arguments, program="octet"):
    process = subprocess.run([bin_dir / program, *map(str, arguments)], capture_output=True,
                             text=True)
    if process.returncode != 0:
        raise Failure(process.stderr.strip().splitlines()[-1])
    return process.stdout


def session(model):
    options = ort.SessionOptions()
    options.log_severity_level = 3
    # The graph as it is written: fusions of the runtime have roundings of their own.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def run(model, tensors):
    """The outputs by name; `tensors` are the inputs by name or in the model's order."""
    runner = session(model)
    names = [value.name for value in runner.get_inputs()]
    if not isinstance(tensors, dict):
        tensors = dict(zip(names, tensors))
    outputs = [value.name for value in runner.get_outputs()]
    return dict(zip(outputs, runner.run(outputs, {name: tensors[name] for name in names})))


def difference(got, want):
    """How far apart: in steps for integers, relative for floats; and whether that is allowed."""
    if got.shape != want.shape or got.size == 0:
        return float("inf"), got.shape == want.shape
    if want.dtype.kind in "iub":
        steps = int(np.abs(got.astype(np.int64) - want.astype(np.int64)).max())
        return steps, steps <= 1
    finite = np.isfinite(want) & np.isfinite(got)
    if not np.array_equal(np.where(finite, 0, got), np.where(finite, 0, want), equal_nan=True):
        return float("inf"), False
    error = np.abs(np.where(finite, got, 0) - np.where(finite, want, 0)).max()
    relative = float(error / max(np.abs(np.where(finite, want, 0)).max(), 1e-30))
    return relative, relative <= FLOAT_TOLERANCE


def check_operators(bin_dir, model, inputs, folder):
    octet(bin_dir, "export-operators", model, "-o", folder, *inputs)
    count, exact, refused, failures = 0, 0, [], []
    for entry in json.loads((folder / "operators.json").read_text()):
        if "refusal" in entry:
            refused.append(f"{entry['node']} ({entry['op']}): {entry['refusal']}")
            continue
        read = lambda role: [np.load(folder / name) for name in entry[role]]
        try:
            got = list(run(folder / entry["onnx"], read("inputs")).values())
        except Exception as error:  # ONNX Runtime has many kinds
            failures.append(f"{entry['node']} ({entry['op']}): {error}")
            continue
        results = [difference(a, b) for a, b in zip(got, read("outputs"))]
        count += 1
        exact += all(distance == 0 for distance, _ in results)
        if not all(allowed for _, allowed in results):
            failures.append(f"{entry['node']} ({entry['op']}): off by {results}")
    return count, exact, refused, failures


def classes(tensor):
    return tensor.reshape(tensor.shape[0], -1).argmax(axis=1)


class Agreement:
    """How often two programs see the same class."""

    def __init__(self, got, want, trained):
        equal = classes(got) == classes(want)
        best = np.sort(want.reshape(want.shape[0], -1), axis=1)
        clear = (best[:, -1] - best[:, -2]) >= (0 if trained else CLEAR_MARGIN)
        self.text = f"{equal.sum()} of {equal.size} classes equal"
        if not trained:
            self.text += f", {(equal & clear).sum()} of {clear.sum()} clear ones"
        self.share = float(equal[clear].mean()) if clear.any() else 0.0
        self.ok = self.share >= (1.0 if trained else 0.99)


def in_order(parts, inputs):
    """Sub-graphs such that what each reads is there; nothing when that cannot be."""
    order, known, waiting = [], set(inputs), list(parts)
    while waiting:
        ready = [p for p in waiting if all(value.name in known for value in p.get_inputs())]
        if not ready:
            return None
        for part in ready:
            order.append(part)
            known.update(value.name for value in part.get_outputs())
            waiting.remove(part)
    return order


def covers_all(bin_dir, model):
    first = octet(bin_dir, "partition", model, "--subgraph-min-nodes", "1").splitlines()[0]
    taken, total = re.match(r"tensorrt takes (\d+) of (\d+) operators", first).groups()
    return taken == total


def check_parts(report, name, engine, paths, written, pictures, want, trained):
    """Sub-graphs are made for the batch of the file, 1, so pictures come one by one."""
    whole = session(written)
    data, output = whole.get_inputs()[0].name, whole.get_outputs()[0].name
    parts = in_order([session(path) for path in paths], [data])
    if parts is None:
        return report.line(False, name, "sub-graphs",
                           f"{len(paths)} for {engine}, but they do not chain")
    results = []
    for picture in pictures:
        values = {data: picture[None]}
        for part in parts:
            names = [value.name for value in part.get_outputs()]
            feed = {value.name: values[value.name] for value in part.get_inputs()}
            values.update(zip(names, part.run(names, feed)))
        results.append(values[output])
    agreement = Agreement(np.concatenate(results), want, trained)
    report.line(agreement.ok, name, "sub-graphs", f"{len(parts)} for {engine}; {agreement.text}")


class Report:
    def __init__(self):
        self.failed = False

    def line(self, ok, model, what, text):
        self.failed |= not ok
        print(f"{'ok  ' if ok else 'FAIL'} {model:28} {what:11} {text}", flush=True)


def report_operators(report, bin_dir, name, model, inputs, folder):
    count, exact, refused, failures = check_operators(bin_dir, model, inputs, folder)
    report.line(not failures, name, "operators",
                f"{count} within one step, {exact} of them equal"
                + (f"; {len(refused)} have no ONNX form" if refused else ""))
    for text in failures + refused:
        print(f"       {text}")
    return refused


def check_dumps(report, bin_dir, quick):
    """MegEngine's sample dumps, by random inputs: their operators alone."""
    for kind in ("nets",) if quick else ("nets", "ops"):
        for model in sorted((ROOT / "tests" / "data" / "megengine" / kind).glob("**/*.mge")):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    report_operators(report, bin_dir, model.stem, model, [], pathlib.Path(folder))
                except Failure as error:
                    report.line(False, model.stem, "octet", str(error))


def check_model(report, bin_dir, name, model, pictures, trained, quick):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        np.save(folder / "few.npy", pictures[:1])
        np.save(folder / "all.npy", pictures)
        refused = report_operators(report, bin_dir, name, model,
                                   ["--input", folder / "few.npy"], folder / "operators")
        written = folder / "model.onnx"
        if refused:
            try:
                octet(bin_dir, "convert", model, written)
                report.line(False, name, "opsets", "written although an operator has no form")
            except Failure as error:
                report.line(True, name, "opsets", f"refused: {error}")
            return
        opsets = (13, 17, 19) if quick else OPSETS
        octet(bin_dir, "convert", model, written)
        octet(bin_dir, model, "--input", folder / "all.npy", "--iter", "1", "--warmup-iter", "0",
              "--cpu", "--output-npy", folder / "octet", program="load_and_run")
        want = np.load(next(iter(sorted((folder / "octet").glob("*.npy")))))
        feed = {session(written).get_inputs()[0].name: pictures}
        got = list(run(written, feed).values())[0]
        agreement = Agreement(got, want, trained)
        report.line(agreement.ok, name, "network", agreement.text)

        # The runtime has other kernels for other opsets, so ties may cascade in another way.
        agreements = []
        for opset in opsets:
            path = folder / f"opset{opset}.onnx"
            octet(bin_dir, "convert", model, path, "--opset", opset)
            onnx.checker.check_model(str(path), full_check=True)
            agreements.append(Agreement(list(run(path, feed).values())[0], want, trained))
        worst = min(agreements, key=lambda agreement: agreement.share)
        report.line(worst.ok, name, "opsets",
                    f"{opsets[0]} to {opsets[-1]} satisfy the checker; {worst.text}")

        for engine in ("native", "tensorrt"):
            octet(bin_dir, "partition", model, "--engine", engine, "--subgraph-min-nodes", "1",
                  "--onnx", folder / engine)
            parts = sorted((folder / engine).glob("*.onnx"))
            for part in parts:
                onnx.checker.check_model(str(part), full_check=True)
            if engine == "native" or covers_all(bin_dir, model):
                check_parts(report, name, engine, parts, written, pictures, want, trained)


def digits():
    folder = ROOT / "tests" / "data" / "digits"
    pictures = np.load(folder / "x.npy").astype(np.float32).repeat(4, axis=1).repeat(4, axis=2)
    pictures = np.repeat(pictures[:, None], 3, axis=1)  # 8 x 8 grey to 3 x 32 x 32
    for name in ("digits.v2.mge", "digits_qdq.onnx", "digits_qlinear.onnx"):
        yield name, folder / name, pictures, True


def made_up(bin_dir, folder, quick):
    networks = ("resnet18",) if quick else ("resnet18", "resnet50", "mobilenet_v2")
    for network in networks:
        for suffix in ("mge", "onnx"):
            path, input_path = folder / f"{network}.{suffix}", folder / f"{network}.{suffix}.npy"
            octet(bin_dir, "make-model", network, "-o", path, "--size", 64, "--width", 0.25,
                  "--classes", 10, "--batch", 100 if quick else 200, "--input", input_path)
            yield path.name, path, np.load(input_path), False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--quick", action="store_true", help="fewer networks, pictures and opsets")
    parser.add_argument("models", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    print(f"onnx {onnx.__version__}, onnxruntime {ort.__version__}")
    report = Report()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if options.models:
            rng = np.random.default_rng(1)
            models = [(m.name, m, rng.uniform(0, 255, (100, 3, 224, 224)).astype(np.float32), False)
                      for m in options.models]
        else:
            models = [*digits(), *made_up(options.bin, folder, options.quick)]
        for name, model, pictures, trained in models:
            try:
                check_model(report, options.bin, name, model, pictures, trained, options.quick)
            except Failure as error:
                report.line(False, name, "octet", str(error))
    if not options.models:
        check_dumps(report, options.bin, options.quick)
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
