#!/usr/bin/env python3
"""Compares MegEngine's outputs of a .mge file with those that Octet wrote.

    load_and_run model.mge --input data:input.npy --output-npy out
    check_with_megengine.py model.mge --input data=input.npy --outputs out

Needs MegEngine and numpy. Integers must be equal, floats within 1e-6 + 1e-4 * |expected|, or
bit for bit with --exact. The exit code is 1 when something differs.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
from megengine.utils.comp_graph_tools import GraphInference


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--input", action="append", required=True, metavar="NAME=FILE.npy")
    parser.add_argument("--outputs", required=True, metavar="DIR",
                        help="what load_and_run --output-npy wrote")
    parser.add_argument("--exact", action="store_true", help="floats, too, must have equal bits")
    return parser.parse_args()


def read_outputs(folder):
    """Octet's outputs by name: outputs.json says which file holds which."""
    listing = json.loads((folder / "outputs.json").read_text())
    return {entry["name"]: np.load(folder / entry["file"]) for entry in listing}


def difference(expected, got, exact):
    """What differs, or an empty string."""
    if expected.shape != got.shape:
        return f"shape {got.shape} instead of {expected.shape}"
    if np.array_equal(expected, got, equal_nan=expected.dtype.kind == "f"):
        return ""
    if expected.dtype.kind == "f" and not exact:
        allowed = 1e-6 + 1e-4 * np.abs(expected)
        if np.all(np.abs(expected - got) <= allowed):
            return ""
    error = np.abs(expected.astype(np.float64) - got.astype(np.float64))
    return f"{np.count_nonzero(error)} of {error.size} differ, by {error.max():.6g} at most"


def main():
    arguments = parse_arguments()
    inputs = dict(text.split("=", 1) for text in arguments.input)
    values = {name: np.load(file) for name, file in inputs.items()}
    expected = GraphInference(arguments.model).run(inp_dict=values)
    got = read_outputs(pathlib.Path(arguments.outputs))

    failed = sorted(set(expected) ^ set(got))
    for name in failed:
        print(f"{name:32} only one of the two has this output")
    for name in sorted(set(expected) & set(got)):
        array = np.asarray(expected[name])
        what = difference(array, got[name], arguments.exact)
        equal_bits = array.shape == got[name].shape and np.array_equal(array, got[name])
        print(f"{name:32} {str(array.dtype) + str(list(array.shape)):28} "
              f"{what or ('equal' if equal_bits else 'close')}")
        if what:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
