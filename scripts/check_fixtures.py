#!/usr/bin/env python3
"""Runs the models that are too large for the repository and compares their outputs.

  check_fixtures.py DIR [--bin build/release/bin] [--backend NAME]

DIR holds megengine/nets (resnet18.v2.mge with its input, output and cases.json) and onnx (three models
with input.npy and what ONNX Runtime computed). MegEngine's outputs are compared as cases.json says;
ONNX Runtime's must be within two steps of the output's scale, and the class that it finds most likely
must be ours (where several of our classes share the highest value: one of them). Exits 1 otherwise.
"""
import argparse
import array
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from digits import read_npy

ONNX_MODELS = ("resnet18_qdq_s8", "mobilenet_v2_qdq_u8", "shufflenet_qop_u8s8")
MOST_STEPS = 2


def read_floats(path):
    """(shape, values) of a float32 file."""
    descr, shape, payload = read_npy(path)
    if descr != "<f4":
        raise SystemExit(f"{path}: {descr} where <f4 is expected")
    values = array.array("f")
    values.frombytes(payload)
    return shape, values


def run(arguments, model, source):
    """The only output of a model, as load_and_run writes it."""
    command = [str(arguments.bin / "load_and_run"), str(model), "--input", str(source), "--iter",
               "1", "--backend", arguments.backend]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*command, "--output-npy", folder], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\nexit code {done.returncode}\n{done.stderr}")
        entry, = json.loads((pathlib.Path(folder) / "outputs.json").read_text())
        return read_floats(pathlib.Path(folder) / entry["file"])


def check_megengine(arguments, folder):
    name = "resnet18"
    rule = json.loads((folder / "cases.json").read_text())[name]["compare"]
    allowed = re.search(r"\|a - b\| <= (\S+) \+ (\S+) \* \|b\|", rule)
    if allowed is None:
        raise SystemExit(f"{folder}/cases.json: how to compare is not understood: {rule}")
    absolute, relative = map(float, allowed.groups())
    shape, got = run(arguments, folder / f"{name}.v2.mge", folder / f"{name}.input.npy")
    expected_shape, expected = read_floats(folder / f"{name}.output.npy")
    largest = max(abs(a - b) for a, b in zip(got, expected))
    right = shape == expected_shape and all(
        abs(a - b) <= absolute + relative * abs(b) for a, b in zip(got, expected))
    print(f"{name}.v2.mge: differs from MegEngine by at most {largest:.3g} "
          f"({absolute:g} + {relative:g} |b| is allowed): {'good' if right else 'WRONG'}")
    return right


def step_of(values):
    """The scale of a dequantised output: the smallest distance between two of its values."""
    ordered = sorted(set(values))
    return min(b - a for a, b in zip(ordered, ordered[1:]))


def check_onnx(arguments, folder, name):
    shape, got = run(arguments, folder / f"{name}.onnx", folder / "input.npy")
    expected_shape, expected = read_floats(folder / f"{name}.output_optimised.npy")
    if shape != expected_shape:
        print(f"{name}.onnx: the shape is {shape} instead of {expected_shape}: WRONG")
        return False
    step = step_of(expected)
    steps = [abs(round((a - b) / step)) for a, b in zip(got, expected)]
    batch, classes = shape
    same, ties = 0, 0
    for image in range(batch):
        ours = got[image * classes:(image + 1) * classes]
        theirs = expected[image * classes:(image + 1) * classes]
        highest = [c for c in range(classes) if ours[c] == max(ours)]
        best = theirs.index(max(theirs))
        same += best in highest
        ties += best in highest and best != highest[0]
    right = max(steps) <= MOST_STEPS and same == batch
    print(f"{name}.onnx: {steps.count(0)} of {len(steps)} values equal ONNX Runtime's, the others are "
          f"at most {max(steps)} steps of {step:.3g} away; top-1 equal in {same} of {batch} images"
          f"{f' ({ties} by a tie)' if ties else ''}: {'good' if right else 'WRONG'}")
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin", metavar="DIR")
    parser.add_argument("--backend", default="auto", metavar="NAME")
    arguments = parser.parse_args()
    good = [check_megengine(arguments, arguments.folder / "megengine" / "nets")]
    for name in ONNX_MODELS:
        good.append(check_onnx(arguments, arguments.folder / "onnx", name))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
