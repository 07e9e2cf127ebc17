#!/usr/bin/env python3
"""The digits test set as a network's input, and how many of its pictures a network gets right.

  digits.py input X.npy OUT.npy              u8 {n,8,8} to f32 {n,3,32,32}: each pixel a 4x4 square
  digits.py accuracy OUTPUTS.json Y.npy      what load_and_run --output-npy wrote, against the labels
"""
import array
import ast
import json
import pathlib
import struct
import sys


def read_npy(path):
    """(descr, shape, bytes) of a little-endian, C-ordered file."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode("latin1"))
    return header["descr"], header["shape"], data[10 + length:]


def write_f32(path, shape, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        values.tofile(file)


def make_input(source, target):
    _, (count, height, width), pixels = read_npy(source)
    values = array.array("f")
    for picture in range(count):
        plane = array.array("f")
        for row in range(height):
            start = (picture * height + row) * width
            line = array.array("f", (float(p) for p in pixels[start:start + width] for _ in range(4)))
            for _ in range(4):
                plane.extend(line)
        for _ in range(3):
            values.extend(plane)
    write_f32(target, (count, 3, 4 * height, 4 * width), values)


def accuracy(outputs, labels):
    listing = json.loads(pathlib.Path(outputs).read_text())
    entry = (listing["outputs"] if isinstance(listing, dict) else listing)[0]
    _, (count, classes), data = read_npy(pathlib.Path(outputs).parent / entry["file"])
    probabilities = array.array("f")
    probabilities.frombytes(data)
    truth = read_npy(labels)[2]
    right = 0
    for i in range(count):
        row = probabilities[i * classes:(i + 1) * classes]
        right += max(range(classes), key=row.__getitem__) == truth[i]
    print(f"{right} of {count} test digits recognised ({100.0 * right / count:.2f} %)")


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "input":
        make_input(arguments[1], arguments[2])
    elif len(arguments) == 3 and arguments[0] == "accuracy":
        accuracy(arguments[1], arguments[2])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
