"""Every way to go wrong has one sentence and its exit code."""
import struct
import unittest

from octet_cli import DIGITS, SAMPLES, CliTest, load_and_run, octet, write_npy


class Usage(CliTest):

    def test_no_model(self):
        self.assert_fails(load_and_run(), 2, "MODEL", "--help")

    def test_misspelt_option(self):
        self.assert_fails(load_and_run(DIGITS, "--itr", "3"), 2, "no option --itr",
                          "did you mean --iter?")

    def test_misspelt_option_with_value(self):
        self.assert_fails(load_and_run(DIGITS, "--warmup-itter=3"), 2,
                          "did you mean --warmup-iter?")

    def test_option_like_nothing_else(self):
        self.assert_fails(load_and_run(DIGITS, "--xyzzyxyzzy"), 2, "no option --xyzzyxyzzy",
                          "--help lists")

    def test_second_model(self):
        self.assert_fails(load_and_run(DIGITS, DIGITS), 2, "nothing takes the argument")

    def test_numbers(self):
        for arguments in (["--iter", "0"], ["--iter", "abc"], ["--warmup-iter", "-1"],
                          ["--thread", "0"], ["--batch-size", "0"], ["--top", "0"],
                          ["--multithread", "0"]):
            with self.subTest(arguments):
                self.assert_fails(load_and_run(DIGITS, "--input", SAMPLES[0], *arguments), 2,
                                  arguments[0])

    def test_two_layouts(self):
        self.assert_fails(load_and_run(DIGITS, "--enable-nchw4", "--enable-chwn4"), 2,
                          "only one layout", "nchw4 and chwn4")

    def test_whom_layouts_are_chosen_for(self):
        self.assert_fails(load_and_run(DIGITS, "--layout-transform", "gpu"), 2,
                          "--layout-transform is cuda, cpu, x86 or unspec", '"gpu"')
        self.assert_fails(load_and_run(DIGITS, "--layout-transform", "cuda", "--enable-nchw4"), 2,
                          "--enable-nchw4")
        self.assert_fails(load_and_run(DIGITS, "--layout-transform", "arm"), 4, "arm")

    def test_exclusive_options(self):
        self.assert_fails(load_and_run(DIGITS, "--cpu", "--backend", "reference"), 2, "exclude")
        self.assert_fails(
            load_and_run(DIGITS, "--multithread", "2", "--multithread-default", "2"), 2, "exclude")

    def test_core_ids_must_match_the_threads(self):
        self.assert_fails(
            load_and_run(DIGITS, "--multithread", "2", "--multi-thread-core-ids", "0"), 2,
            "names 1 cores for 2 threads")
        self.assert_fails(load_and_run(DIGITS, "--multi-thread-core-ids", "zero"), 2, "zero")

    def test_unknown_backend_and_mode(self):
        self.assert_fails(load_and_run(DIGITS, "--backend", "abacus"), 2, '"abacus"', "reference")
        self.assert_fails(load_and_run(DIGITS, "--numerics", "sloppy"), 2, '"sloppy"')
        self.assert_fails(load_and_run(DIGITS, "--channel-order", "gbr"), 2, '"gbr"')

    def test_contradictions_are_told_before_the_model_is_read(self):
        for options, part in ((("--cpu", "--cuda"), "--cuda"),
                              (("--cuda", "--backend", "cpu"), "--backend"),
                              (("--enable-nchw4", "--enable-chwn4"), "chwn4"),
                              (("--fast-run-time-limit", "1"), "needs --fast-run")):
            with self.subTest(options):
                self.assert_fails(load_and_run("none.mge", *options), 2, part)
                self.assert_fails(octet("explain", "none.mge", *options), 2, part)
                self.assert_fails(octet("verify", "none.mge", *options), 2, part)

    def test_missing_input_says_what_to_give(self):
        self.assert_fails(load_and_run(DIGITS), 2, '"data" f32{1,3,32,32}', "data:rand(-1,1,0)")

    def test_unknown_input_name(self):
        self.assert_fails(
            load_and_run(DIGITS, "--input", f"image:{SAMPLES[0]};data:{SAMPLES[0]}"), 2, "image")

    def test_octet_without_and_with_a_wrong_command(self):
        self.assert_fails(octet(), 2, "command is missing")
        self.assert_fails(octet("verfy"), 2, "did you mean verify?")

    def test_help_is_grouped_and_has_examples(self):
        process = self.assert_ok(load_and_run("--help"))
        for part in ("Measurement:", "Input:", "Reports:", "--iter", "Examples:"):
            self.assertIn(part, process.stdout)
        self.assertEqual(process.stderr, "")
        self.assertIn("verify", self.assert_ok(octet("--help")).stdout)


class Files(CliTest):

    def test_missing_files(self):
        self.assert_fails(load_and_run(self.folder / "none.mge"), 7, "none.mge")
        self.assert_fails(load_and_run(DIGITS, "--input", self.folder / "none.npy"), 7, "none.npy")

    def test_folder_as_model(self):
        self.assert_fails(load_and_run(self.folder), 7, str(self.folder))

    def test_broken_model(self):
        broken = self.folder / "broken.mge"
        broken.write_bytes(b"this is not a model, and long enough to be read as one")
        self.assert_fails(load_and_run(broken), 3, "broken.mge")
        broken.write_bytes(DIGITS.read_bytes()[:1000])
        self.assert_fails(load_and_run(broken), 3, "broken.mge")

    def test_broken_input(self):
        bad = self.folder / "bad.npy"
        bad.write_bytes(b"\x93NUMPY")
        self.assert_fails(load_and_run(DIGITS, "--input", bad), 3, "bad.npy")

    def test_input_of_wrong_shape_names_both(self):
        path = self.folder / "wide.npy"
        write_npy(path, "<f4", (1, 4, 32, 32), bytes(4 * 4 * 32 * 32))
        self.assert_fails(load_and_run(DIGITS, "--input", path), 3, "{1,3,32,32}", "{1,4,32,32}")

    def test_input_of_wrong_rank_names_both(self):
        path = self.folder / "flat.npy"
        write_npy(path, "<f4", (3,), struct.pack("<3f", 1, 2, 3))
        self.assert_fails(load_and_run(DIGITS, "--input", path), 3, "{3}", "{1,3,32,32}")

    def test_input_of_wrong_dtype_names_both(self):
        path = self.folder / "complex.npy"
        write_npy(path, "<f8", (1, 3, 32, 32), struct.pack("<d", 0.1) * (3 * 32 * 32))
        self.assert_fails(load_and_run(DIGITS, "--input", path), 3, "complex.npy", "f64", "f32")

    def test_unwritable_reports(self):
        missing = self.folder / "missing" / "report.json"
        for option in ("--json", "--profile", "--profile-host", "--io-dump"):
            for path in (missing, self.folder):
                with self.subTest(option, path=path):
                    process = load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", option,
                                           path)
                    self.assert_fails(process, 7, str(path))
                    self.assertNotIn("load model", process.stdout)  # told before the work

    def test_bin_out_dump_needs_its_folder(self):
        self.assert_fails(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--bin-out-dump", self.folder / "none"), 7,
            "none")


class Capabilities(CliTest):

    def test_options_for_other_processors(self):
        self.assert_fails(load_and_run(DIGITS, "--enable-nchw44"), 4, "--enable-nchw44",
                          "--enable-nchw4")
        self.assert_fails(load_and_run(DIGITS, "--c-opr-lib", "x.so"), 4, "--c-opr-lib")
        self.assert_fails(load_and_run(DIGITS, "--fitting"), 4, "--fitting", "--fast-run")

    def test_options_without_effect_say_so(self):
        process = self.assert_ok(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--no-sanity-check",
                         "--reproducible"))
        self.assertIn("--no-sanity-check has no effect: ", process.stderr)
        self.assertIn("--reproducible has no effect: ", process.stderr)

    def test_gpu_options_without_a_gpu(self):
        if "backend cuda" in octet("version").stdout and "not here" not in octet("version").stdout:
            return  # this machine has one
        for option in (["--enable-nchw4"], ["--enable-nchw32"], ["--enable-chwn4"],
                       ["--backend", "cuda"], ["--cuda"], ["--tensorrt"]):
            with self.subTest(option):
                process = load_and_run(DIGITS, "--input", SAMPLES[0], *option)
                self.assert_fails(process, 5)

    def test_layouts_that_a_backend_lacks(self):
        self.assert_fails(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--backend", "cpu", "--enable-nchw32"), 4,
            "cpu backend", "nchw32")

    def test_roofline_needs_peaks(self):
        self.assert_fails(octet("roofline", DIGITS, "--backend", "cpu"), 2, "--peak-tmacs")

    def test_value_out_of_range(self):
        self.assert_fails(
            load_and_run(DIGITS, "--input", SAMPLES[0], "--iter", "1", "--range", "0.001"), 1,
            "out of the range")

    def test_huge_batch(self):
        self.assert_fails(
            load_and_run(DIGITS, "--input", "data:rand(-1,1,0)", "--batch-size", "2000000000"), 6)


if __name__ == "__main__":
    unittest.main()
