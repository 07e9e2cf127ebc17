"""Hands every broken file to load_and_run: its exit code, one sentence, at most 1 s, at most 64 MiB
more than a run of a good model."""
import os
import subprocess
import tempfile
import unittest

from octet_cli import BIN, DIGITS, SAMPLES, CliTest

MODELS = (".mge", ".onnx")
MOST_SECONDS = 1.0
MOST_BYTES = 64 << 20
# A sanitizer's shadow memory and its delayed frees are no measure of what the program takes.
MEASURES_MEMORY = not os.environ.get("OCTET_SANITIZE")


def measured(*arguments):
    """(exit code, stderr, seconds of CPU time, peak resident bytes) of one run of load_and_run."""
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        with subprocess.Popen([str(BIN / "load_and_run"), *map(str, arguments)],
                              stdout=subprocess.DEVNULL, stderr=errors) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        return (process.returncode, errors.read(), usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss * 1024)


def run_with(path):
    if path.suffix in MODELS:
        return measured(path, "--iter", "1", "--input", SAMPLES[0])
    return measured(DIGITS, "--iter", "1", "--input", path)


class Malformed(CliTest):

    def test_every_broken_file(self):
        listing = subprocess.run([os.environ["OCTET_WRITE_BAD_FILES"], self.folder], check=True,
                                 capture_output=True, text=True).stdout.splitlines()
        self.assertGreaterEqual(len(listing), 80)
        code, errors, _, baseline = run_with(SAMPLES[0])
        self.assertEqual(code, 0, errors)
        slowest, largest = 0.0, 0
        for line in listing:
            name, expected, part = line.split("\t")
            with self.subTest(name):
                code, errors, seconds, peak = run_with(self.folder / name)
                self.assertEqual(code, int(expected), errors)
                sentences = [line for line in errors.splitlines() if "error: " in line]
                self.assertEqual(len(sentences), 1, errors)
                self.assertIn(part, errors)
                self.assertIn(name, errors)
                self.assertLess(seconds, MOST_SECONDS)
                if MEASURES_MEMORY:
                    self.assertLess(peak - baseline, MOST_BYTES)
                slowest, largest = max(slowest, seconds), max(largest, peak - baseline)
        print(f"{len(listing)} files; slowest {slowest:.3f} s, largest {largest / 2**20:.1f} MiB "
              f"over a good run's {baseline / 2**20:.1f} MiB")


if __name__ == "__main__":
    unittest.main()
