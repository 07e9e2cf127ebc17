"""Sub-graphs for other engines: what octet partition prints, and running them by our own kernels."""
import os
import pathlib
import re
import tempfile
import unittest

from octet_cli import DIGITS, SAMPLES, CliTest, load_and_run, octet


class Partition(CliTest):

    def test_resnet18_is_one_subgraph_of_8_bit(self):
        with tempfile.TemporaryDirectory() as folder:
            model = os.path.join(folder, "resnet18.mge")
            self.assert_ok(octet("make-model", "resnet18", "-o", model, "--size", "64", "--width",
                                 "0.25"))
            lines = self.assert_ok(octet("partition", model)).stdout.splitlines()
            self.assertRegex(lines[0], r"^tensorrt takes \d+ of \d+ operators \(9\d\.\d+% of the "
                             r"multiply-accumulates\) in 1 sub-graph$")
            self.assertRegex(lines[1], r"^tensorrt_0 \(int8\): \d+ operators: .*20 conv2d, .*"
                             r"8 elementwise, .*2 pool2d")
            self.assertTrue(any(re.match(r"  input  data : f32\{1,3,64,64\}", x) for x in lines))
            outside = [line for line in lines if line.startswith("outside: ")]
            self.assertEqual(len(outside), 3)
            for line in outside:
                self.assertIn("its sub-graph would have 3 operators, fewer than 10", line)
            everything = self.assert_ok(
                octet("partition", model, "--subgraph-min-nodes", "1", "--onnx", folder)).stdout
            self.assertIn("tensorrt_1 (float): 3 operators", everything)
            for name in ("tensorrt_0.onnx", "tensorrt_1.onnx"):
                self.assertGreater(os.path.getsize(os.path.join(folder, name)), 100)
                self.assert_ok(octet("info", os.path.join(folder, name)))

    def test_native_takes_everything(self):
        first = self.assert_ok(
            octet("partition", DIGITS, "--engine", "native", "--subgraph-min-nodes",
                  "1")).stdout.splitlines()[0]
        self.assertIn("(100.00% of", first)

    def test_unknown_engine(self):
        self.assert_fails(octet("partition", DIGITS, "--engine", "abacus"), 2, '"abacus"',
                          "native and tensorrt")


class Running(CliTest):
    NATIVE = ("--backend", "reference", "--input", SAMPLES[0], "--iter", "1", "--subgraph-engine",
              "native", "--subgraph-min-nodes", "1")

    def outputs(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            self.assert_ok(
                load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--backend", "reference",
                             "--output-npy", folder, *arguments))
            return {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}

    def test_same_bits(self):
        plain = self.outputs()
        self.assertTrue(plain)
        for rules in ([], ["--tensorrt"]):
            self.assertEqual(
                self.outputs("--subgraph-engine", "native", "--subgraph-min-nodes", "1", *rules),
                plain)

    def test_build_time_and_cache(self):
        with tempfile.TemporaryDirectory() as folder:
            cache = os.path.join(folder, "engines")
            arguments = (DIGITS, *self.NATIVE, "--tensorrt-cache", cache)
            time = r"sub-graph native_\d+: native engine %s time \d+\.\d\d ms"
            self.assertRegex(self.assert_ok(load_and_run(*arguments)).stderr, time % "build")
            self.assertRegex(self.assert_ok(load_and_run(*arguments)).stderr, time % "load")
            with open(cache, "r+b") as file:
                file.truncate(os.path.getsize(cache) - 1)
            process = self.assert_ok(load_and_run(*arguments))
            self.assertRegex(process.stderr, time % "build")
            self.assertEqual(process.stderr.count(" anew"), 1)
            with open(cache, "wb") as file:
                file.write(b"something else")
            process = self.assert_ok(load_and_run(*arguments))
            self.assertIn("not an engine cache", process.stderr)
            self.assertRegex(self.assert_ok(load_and_run(*arguments)).stderr, time % "load")

    def test_cache_without_an_engine(self):
        self.assert_fails(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--tensorrt-cache", "x"), 2,
            "--tensorrt-cache", "--subgraph-engine")

    def test_tensorrt_that_is_not_there(self):
        if "sub-graph engine tensorrt, not here: " not in octet("version").stdout:
            return  # it is
        self.assert_fails(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--tensorrt"), 5, "TensorRT", "NvInfer.h",
            "-DTENSORRT_ROOT", "--subgraph-engine native")


if __name__ == "__main__":
    unittest.main()
