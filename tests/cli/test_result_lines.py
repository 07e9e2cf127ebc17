"""load_and_run's stdout: the lines of MegEngine's tool, in order, and nothing else."""
import re
import unittest

from octet_cli import DIGITS, SAMPLES, CliTest, load_and_run

MS = r"\d+\.\d{3}"
HEADER = r"octet load-and-run: using Octet \d+\.\d+\.\d+"


def finished(number):
    return (rf"=== finished test #{number}: time={MS}ms avg_time={MS}ms sd=({MS}|nan)ms "
            rf"minmax={MS},{MS}")


class ResultLines(CliTest):

    def assert_lines(self, stdout, patterns):
        lines = stdout.split("\n")
        self.assertEqual(len(lines), len(patterns), stdout)
        for line, pattern in zip(lines, patterns):
            self.assertRegex(line, f"^{pattern}$")

    def test_input_run(self):
        process = self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0]))
        self.assert_lines(
            process.stdout,
            [HEADER, rf"load model: {MS}ms", rf"=== prepare: {MS}ms; going to warmup",
             rf"warmup 0: {MS}ms", "=== going to run input for 10 times"] +
            [rf"iter {i}/10: {MS}ms \(exec={MS},device={MS}\)" for i in range(10)] +
            [finished(0), "", ""])

    def test_iteration_counts_in_both_spellings(self):
        for spelling in (["--iter", "3", "--warmup-iter", "2"], ["--iter=3", "--warmup-iter=2"],
                         ["--iter=3", "--warmup_iter", "2"], ["-iter", "3", "-warmup_iter=2"]):
            process = self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0], *spelling))
            self.assertEqual(len(re.findall(r"^warmup \d: ", process.stdout, re.M)), 2)
            self.assertEqual(len(re.findall(r"^iter \d/3: ", process.stdout, re.M)), 3)

    def test_options_may_stand_before_the_model(self):
        self.assert_ok(load_and_run("--iter", "1", "--input", SAMPLES[0], DIGITS))

    def test_one_iteration_has_no_deviation(self):
        process = self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1"))
        self.assertIn("sd=nanms", process.stdout)

    def test_everything_else_goes_to_stderr(self):
        process = self.assert_ok(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--top", "3",
                         "--profile-table", "--verbose"))
        self.assertEqual(len(process.stdout.splitlines()), 8)
        self.assertIn("top 3 of ", process.stderr)
        self.assertIn("images/s", process.stderr)
        self.assertIn("kernel", process.stderr)

    def test_no_progress_line_without_a_terminal(self):
        process = self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1"))
        self.assertNotIn("\x1b", process.stderr)
        self.assertNotIn("\r", process.stderr)

    def test_threads_do_the_whole_job_each(self):
        process = self.assert_ok(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "2", "--thread", "3"))
        self.assertEqual(len(re.findall("^load model: ", process.stdout, re.M)), 3)
        self.assertEqual(len(re.findall("^iter 1/2: ", process.stdout, re.M)), 3)

    def test_model_info_tables(self):
        process = self.assert_ok(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--model-info",
                         "--batch-size", "4"))
        self.assertRegex(process.stdout, r"Original Model Info\n.*\n.*\nINPUT +data +\{1,3,32,32\}")
        self.assertRegex(process.stdout, r"Runtime Model Info\n.*\n.*\nINPUT +data +\{4,3,32,32\}")


if __name__ == "__main__":
    unittest.main()
