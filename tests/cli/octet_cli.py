"""Runs the programs under test and reads what they write. Standard library only."""
import ast
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["OCTET_BIN_DIR"])
DATA = pathlib.Path(os.environ["OCTET_TEST_DATA"])
DIGITS = DATA / "digits" / "digits.v2.mge"
SAMPLES = [DATA / "digits" / f"sample_{i}.npy" for i in range(5)]
SAMPLE_CLASSES = [8, 6, 7, 3, 5]


def run(program, *arguments):
    """The finished process, with stdout and stderr as text."""
    return subprocess.run([str(BIN / program), *map(str, arguments)], capture_output=True,
                          text=True, timeout=300, check=False)


def load_and_run(*arguments):
    return run("load_and_run", *arguments)


def octet(*arguments):
    return run("octet", *arguments)


def write_npy(path, dtype, shape, payload):
    header = repr({"descr": dtype, "fortran_order": False, "shape": tuple(shape)}).encode()
    header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    pathlib.Path(path).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header +
                                   payload)


def read_npy(path):
    """(shape, flat list) of a float32 or int8 array."""
    data = pathlib.Path(path).read_bytes()
    length, = struct.unpack_from("<H", data, 8)
    header = ast.literal_eval(data[10:10 + length].decode())
    code = {"<f4": "f", "|i1": "b", "<i4": "i"}[header["descr"]]
    count = 1
    for extent in header["shape"]:
        count *= extent
    return header["shape"], list(struct.unpack_from(f"<{count}{code}", data, 10 + length))


class CliTest(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_ok(self, process):
        self.assertEqual(process.returncode, 0, process.stderr)
        return process

    def assert_fails(self, process, code, *parts):
        """One sentence on stderr with all of `parts`, and the exit code."""
        self.assertEqual(process.returncode, code, process.stdout + process.stderr)
        errors = [line for line in process.stderr.splitlines() if "error: " in line]
        self.assertEqual(len(errors), 1, process.stderr)
        for part in parts:
            self.assertIn(part, errors[0])
