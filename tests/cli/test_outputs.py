"""The files that load_and_run writes."""
import json
import struct
import unittest

from octet_cli import (DATA, DIGITS, SAMPLE_CLASSES, SAMPLES, CliTest, load_and_run, octet, read_npy,
                       write_npy)


class Outputs(CliTest):

    def classes(self, *arguments):
        """The most likely class of each picture."""
        self.assert_ok(load_and_run(DIGITS, "--iter", "1", "--output-npy", self.folder,
                                    *arguments))
        listing = json.loads((self.folder / "outputs.json").read_text())
        self.assertEqual(len(listing), 1)
        shape, values = read_npy(self.folder / listing[0]["file"])
        self.assertEqual(list(shape), listing[0]["shape"])
        rows = [values[i:i + shape[-1]] for i in range(0, len(values), shape[-1])]
        return [row.index(max(row)) for row in rows]

    def test_output_npy(self):
        for sample, expected in zip(SAMPLES, SAMPLE_CLASSES):
            self.assertEqual(self.classes("--input", sample), [expected])

    def test_pictures_give_the_same(self):
        picture = SAMPLES[2].with_suffix(".ppm")
        self.assertEqual(self.classes("--input", picture), [SAMPLE_CLASSES[2]])

    def test_batch_from_the_data_and_repeated(self):
        payload = b"".join(
            path.read_bytes()[-4 * 3 * 32 * 32:] for path in SAMPLES)
        both = self.folder / "both.npy"
        write_npy(both, "<f4", (5, 3, 32, 32), payload)
        self.assertEqual(self.classes("--input", both), SAMPLE_CLASSES)
        self.assertEqual(self.classes("--input", both, "--batch-size", "7"),
                         SAMPLE_CLASSES + SAMPLE_CLASSES[:2])

    def test_roofline(self):
        page = self.folder / "roofline.html"
        process = octet("roofline", DIGITS, "--backend", "cpu", "--peak-tmacs", "1",
                        "--peak-gbytes", "100", "--runs", "1", "--html", page)
        self.assert_ok(process)
        self.assertIn("conv2d", process.stdout)
        self.assertIn("at best 1.0 TMAC/s and 100 GB/s on cpu", process.stdout)
        self.assertIn("</svg>", page.read_text())

    def test_every_backend_agrees(self):
        for backend in ("reference", "cpu"):
            self.assertEqual(self.classes("--input", SAMPLES[1], "--backend", backend),
                             [SAMPLE_CLASSES[1]])

    def test_layouts_can_be_tried_on_the_reference(self):
        for layout in ("--enable-nchw4", "--enable-nchw32", "--enable-chwn4"):
            self.assertEqual(
                self.classes("--input", SAMPLES[1], "--backend", "reference", layout),
                [SAMPLE_CLASSES[1]])

    def test_bin_out_dump(self):
        self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "3",
                                    "--bin-out-dump", self.folder))
        files = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(len(files), 3)
        self.assertRegex(files[0], r"^run0-var\d+$")
        data = (self.folder / files[2]).read_bytes()
        name_length, dtype, rank = struct.unpack_from("<3I", data)
        self.assertEqual((dtype, rank), (0, 7))
        self.assertEqual(struct.unpack_from("<7I", data, 12), (1, 10, 0, 0, 0, 0, 0))
        self.assertEqual(len(data), 40 + name_length + 40)
        self.assertTrue(data[40:].startswith(b"var={id:"))

    def test_value_dumps(self):
        values, text = self.folder / "values", self.folder / "values.txt"
        values.mkdir()
        process = self.assert_ok(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--bin-io-dump", values,
                         "--io-dump", text, "--io-dump-stderr"))
        self.assertGreater(len(list(values.iterdir())), 5)
        for path in values.iterdir():
            self.assertRegex(path.name, "^[0-9a-f]{6}$")
        self.assertRegex(text.read_text(), r"(?m)^var\d+ produced: name=")
        self.assertIn(text.read_text(), process.stderr)

    def test_passes_are_dumped(self):
        self.assert_ok(octet("passes", DIGITS, "--dump", self.folder))
        names = sorted(path.name for path in self.folder.iterdir())
        self.assertGreater(len(names), 1)
        self.assertRegex(names[0], r"^01_\w+\.txt$")


class TestCases(CliTest):
    """A model file that brings its inputs and the expected outputs along."""

    MODEL = DATA / "megengine" / "ops" / "net_testcase.v2.mge"

    def altered(self):
        """The file with another expected value than what comes out."""
        self.assert_ok(load_and_run(self.MODEL, "--iter", "1", "--output-npy", self.folder))
        name = json.loads((self.folder / "outputs.json").read_text())[0]["file"]
        _, values = read_npy(self.folder / name)
        data = bytearray(self.MODEL.read_bytes())
        size = 4 * len(values)

        def is_expectation(at):
            stored = struct.unpack_from(f"<{len(values)}f", data, at)
            return all(abs(a - b) < 1e-4 for a, b in zip(stored, values))

        places = [at for at in range(len(data) - size + 1) if is_expectation(at)]
        self.assertEqual(len(places), 1)
        struct.pack_into("<f", data, places[0], 0.75)
        path = self.folder / "altered.mge"
        path.write_bytes(data)
        return path

    def test_lines(self):
        process = self.assert_ok(load_and_run(self.MODEL, "--iter", "2"))
        self.assertRegex(
            process.stdout,
            r"(?s)=== going to run 1 testcases; output vars: Softmax\{1,7\}\n"
            r"=== going to run test #0 for 2 times\niter 0/2: .*\niter 1/2: .*\n"
            r"=== finished test #0: .*\n\n=== total time: \d+\.\d{3}ms\n$")

    def test_wrong_value_fails(self):
        process = load_and_run(self.altered(), "--iter", "1")
        self.assert_fails(process, 1, "differs from the expected value by", "more than 0.0001")

    def test_wrong_value_may_be_tolerated(self):
        process = self.assert_ok(
            load_and_run(self.altered(), "--iter", "1", "--disable-assert-throw"))
        self.assertIn("differs from the expected value by", process.stderr)

    def test_input_is_ignored_with_a_note(self):
        process = self.assert_ok(
            load_and_run(self.MODEL, "--iter", "1", "--input", "data:rand(0,1,0)"))
        self.assertIn("--input and --batch-size are ignored", process.stderr)


class Reports(CliTest):

    def test_json(self):
        path = self.folder / "report.json"
        self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "4", "--json", path))
        report = json.loads(path.read_text())
        self.assertEqual(report["schema"], "octet.run")
        self.assertEqual(report["schema_version"], 1)
        self.assertEqual(len(report["times_ms"]["total"]), 4)
        for clock in ("total", "exec", "device"):
            times = report["summary_ms"][clock]
            self.assertLessEqual(times["min"], times["p50"])
            self.assertLessEqual(times["p50"], times["p90"])
            self.assertLessEqual(times["p90"], times["p95"])
            self.assertLessEqual(times["p95"], times["p99"])
            self.assertLessEqual(times["p99"], times["max"])
        self.assertGreater(report["machine"]["cores"], 0)
        self.assertEqual(report["input_location"], "host")
        self.assertEqual(report["inputs"][0]["name"], "data")
        memory = report["memory_bytes"]
        self.assertLessEqual(memory["least"], memory["arena"])
        self.assertLessEqual(memory["arena"], memory["values"])
        for step in report["steps"]:
            self.assertGreaterEqual(step["ms"], 0.0)
            self.assertIn(step["kernel"], [c["kernel"] for c in step["candidates"]])

    def test_json_to_stdout(self):
        process = self.assert_ok(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--json", "-"))
        json.loads(process.stdout)  # alone there
        self.assertIn("finished test", process.stderr)

    def test_profile(self):
        path = self.folder / "profile.json"
        self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "2",
                                    "--profile", path))
        profile = json.loads(path.read_text())
        operators = profile["graph_exec"]["operator"]
        self.assertEqual(set(operators), set(profile["profiler"]["device"]))
        self.assertIn("ConvBiasForward", {o["type"] for o in operators.values()})
        for operator in operators.values():
            for value in operator["input"] + operator["output"]:
                self.assertIn(value, profile["graph_exec"]["var"])

    def test_top(self):
        process = self.assert_ok(
            load_and_run(DIGITS, "--input", SAMPLES[3], "--iter", "1", "--top", "2"))
        self.assertRegex(process.stderr, rf"top 2 of .*\[0\]: {SAMPLE_CLASSES[3]} \(0\.\d+\), ")


class Commands(CliTest):

    def test_run_is_load_and_run(self):
        process = self.assert_ok(octet("run", DIGITS, "--input", SAMPLES[0], "--iter", "1"))
        self.assertIn("=== finished test #0: ", process.stdout)

    def test_info(self):
        text = self.assert_ok(octet("info", DIGITS)).stdout
        self.assertIn("input data  f32{1,3,32,32}", text)
        self.assertRegex(text, r"conv2d +\d+ +\d+")
        self.assertRegex(text, r"MACs \d")
        self.assertIn("conv2d", self.assert_ok(octet("info", DIGITS, "--graph")).stdout)

    def test_explain(self):
        text = self.assert_ok(octet("explain", DIGITS, "--skip-kernel", "conv2d_*")).stdout
        self.assertRegex(text, r"(?m)^  runs reference \(reference\)$")
        self.assertRegex(text, r"(?m)^  no   .*: it was asked to be skipped$")
        self.assertRegex(text, r"\d+ steps on ")

    def test_verify(self):
        text = self.assert_ok(octet("verify", DIGITS, "--input", SAMPLES[0])).stdout
        self.assertRegex(text, r"(\d+) of \1 values are equal")
        self.assertRegex(
            text, r'output ".*" against the graph as in the file: (equal|at most [0-9.]+e-0[7-9])')

    def test_make_model_and_its_pictures(self):
        model, pictures = self.folder / "small.onnx", self.folder / "pictures.npy"
        arguments = ["resnet18", "--size", "32", "--width", "0.125", "--classes", "7",
                     "--input", pictures, "--batch", "3"]
        self.assert_ok(octet("make-model", *arguments, "-o", model))
        process = self.assert_ok(
            load_and_run(model, "--input", pictures, "--iter", "1", "--output-npy", self.folder))
        self.assertIn("images/s at batch 3", process.stderr)
        self.assertEqual(read_npy(self.folder / "probabilities.npy")[0], (3, 7))
        again = self.folder / "again.onnx"
        self.assert_ok(octet("make-model", *arguments, "-o", again))
        self.assertEqual(model.read_bytes(), again.read_bytes())

    def test_convert_keeps_the_classes(self):
        model = self.folder / "digits.onnx"
        process = self.assert_ok(octet("convert", DIGITS, model))
        self.assertIn("differ by one step", process.stderr)
        for sample, expected in zip(SAMPLES, SAMPLE_CLASSES):
            process = self.assert_ok(
                load_and_run(model, "--input", sample, "--iter", "1", "--top", "1"))
            self.assertRegex(process.stderr, rf"top 1 of .*: {expected} ")

    def test_formats_and_names_are_checked(self):
        self.assert_fails(octet("convert", DIGITS, "model.txt"), 2, "model.txt", "onnx")
        self.assert_fails(octet("make-model", "lenet", "-o", "x.mge"), 2, "lenet", "resnet18")

    def test_version(self):
        text = self.assert_ok(octet("version")).stdout
        self.assertRegex(text, r"^octet \d+\.\d+\.\d+\n")
        self.assertIn("backend reference", text)
        self.assertEqual(octet("--version").stdout, text)


class TuningCache(CliTest):

    # Every kernel, so that there is something to measure on any CPU.
    def fast_run(self, cache, *more):
        return self.assert_ok(load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--full-run",
                                           "--fast-run-algo-policy", cache, *more))

    def test_is_kept_listed_checked_and_cleared(self):
        cache = self.folder / "times.db"
        self.assertNotIn("tuning", self.fast_run(cache).stderr)
        self.assertIn("is sound: ", self.assert_ok(octet("cache", "check", cache)).stdout)
        listing = self.assert_ok(octet("cache", "list", cache)).stdout
        self.assertIn(" ms  ", listing)
        self.fast_run(cache)
        self.assertEqual(self.assert_ok(octet("cache", "list", cache)).stdout, listing)
        self.assertIn("forgotten", self.assert_ok(octet("cache", "clear", cache)).stdout)
        self.assertEqual(self.assert_ok(octet("cache", "list", cache)).stdout, "")

    def test_layouts_are_chosen_once_and_explained(self):
        cache = self.folder / "times.db"
        explain = ["explain", DIGITS, "--backend", "cpu", "--fast-run", "--fast-run-algo-policy",
                   cache]
        text = self.assert_ok(octet(*explain)).stdout
        self.assertRegex(text, r"\n  layout N[HC]\S+, \d+\.\d+ ms; N\S+ would take ")
        self.assertIn("layouts of graph ", self.assert_ok(octet("cache", "list", cache)).stdout)
        again = self.assert_ok(octet(*explain)).stdout
        layouts = [line.split(",")[0] for line in text.splitlines() if "  layout " in line]
        self.assertEqual(
            [line.split(",")[0] for line in again.splitlines() if "  layout " in line], layouts)
        # Without fast-run and with the layout forced there is no choice to tell.
        for options in (["--backend", "cpu"], ["--backend", "cpu", "--fast-run", "--enable-nhwc"]):
            self.assertNotIn("  layout ", self.assert_ok(octet("explain", DIGITS, *options)).stdout)

    def test_every_choice_of_layouts_gives_the_same_bits(self):
        outputs = []
        for i, options in enumerate([["--enable-nhwc"], ["--fast-run"],
                                     ["--fast-run", "--layout-transform", "cuda"],
                                     ["--layout-transform"]]):
            folder = self.folder / str(i)
            self.assert_ok(load_and_run(DIGITS, "--backend", "cpu", "--input", SAMPLES[0], "--iter",
                                        "1", "--output-npy", folder, *options))
            outputs.append([path.read_bytes() for path in sorted(folder.iterdir())])
        for other in outputs[1:]:
            self.assertEqual(other, outputs[0])

    def test_one_that_cannot_be_used_is_told_once_and_begun_anew(self):
        cache = self.folder / "times.db"
        cache.write_text("not a database, but somebody's notes\n" * 100)
        stderr = self.fast_run(cache).stderr
        self.assertEqual(stderr.count("cannot be used"), 1, stderr)
        self.assertIn("notes", (self.folder / "times.db.unusable").read_text())
        self.assertNotIn("cannot be used", self.fast_run(cache).stderr)

    def test_the_command_touches_no_other_file(self):
        other = self.folder / "notes.txt"
        other.write_text("notes" * 1000)
        for action in ("list", "check", "clear"):
            self.assert_fails(octet("cache", action, other), 3, "not a usable tuning cache")
        self.assertEqual(other.read_text(), "notes" * 1000)
        self.assert_fails(octet("cache", "check", self.folder / "none.db"), 7, "no such file")

    def test_options_that_need_each_other(self):
        self.assert_fails(load_and_run(DIGITS, "--fast-run-shared-batch-size", "8"), 2,
                          "needs --fast-run")
        self.assert_fails(load_and_run(DIGITS, "--fast-run-time-limit", "1"), 2, "needs --fast-run")
        self.fast_run(self.folder / "times.db", "--fast-run-shared-batch-size", "8",
                      "--fast-run-time-limit", "0.5")


if __name__ == "__main__":
    unittest.main()
