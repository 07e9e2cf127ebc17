# The two commands of the README are `make demo` and `make test`. Everything else is a step of them.
.PHONY: help demo build bundle test test-sanitize test-threads coverage cuda-75 cuda-all format check clean \
	packages test-packages coverage-packages
.DEFAULT_GOAL := help

JOBS ?= $(shell nproc)
BUILD := build/release
CI_BUILD := build/ci

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

packages:
	@scripts/install_packages.sh build

test-packages:
	@scripts/install_packages.sh test

coverage-packages:
	@scripts/install_packages.sh coverage

build: packages  ## release build: build/release/bin/load_and_run and octet
	@cmake --preset release -DOCTET_BUILD_TESTS=OFF $$(scripts/cuda_arguments.sh) $(CMAKE_ARGS) >/dev/null
	@cmake --build $(BUILD) --parallel $(JOBS)

demo: build  ## install what is missing, build, run a ResNet18 and classify digits
	@scripts/demo.sh $(BUILD)/bin

bundle: test-packages  ## build/octet.tar.xz: programs, GPU tests and benchmarks for another machine
	@cmake --preset bundle $(CMAKE_ARGS) >/dev/null
	@cmake --build build/bundle --parallel $(JOBS)
	@scripts/bundle.sh build/bundle build/octet.tar.xz

test: test-packages  ## the whole test suite on a release build
	@scripts/check_includes.py
	@scripts/check_format.sh
	@cmake --preset ci -DOCTET_BUILD_TESTS=ON $(CMAKE_ARGS) >/dev/null
	@cmake --build $(CI_BUILD) --parallel $(JOBS)
	@ctest --test-dir $(CI_BUILD) --output-on-failure --parallel $(JOBS) --label-exclude gpu

test-sanitize: test-packages  ## readers, core and operators under ASan and UBSan
	@cmake --preset asan-ubsan >/dev/null
	@cmake --build build/asan-ubsan --parallel $(JOBS)
	@ctest --test-dir build/asan-ubsan --output-on-failure --parallel $(JOBS) --label-exclude 'gpu|slow'

test-threads: test-packages  ## sessions, plans and the public API under TSan
	@cmake --preset tsan >/dev/null
	@cmake --build build/tsan --parallel $(JOBS) --target octet_runtime_tests octet_api_tests
	@build/tsan/bin/octet_runtime_tests --gtest_brief=1
	@build/tsan/bin/octet_api_tests --gtest_brief=1

coverage: coverage-packages  ## line coverage of readers, operators and passes, by gcovr
	@scripts/coverage.sh

cuda-75:  ## compile the CUDA part for compute capability 7.5 (objects alone)
	@cmake --preset cuda-75 >/dev/null
	@cmake --build build/cuda-75 --parallel $(JOBS) --target octet_cuda

cuda-all: packages  ## for releases: the programs with kernels for every GPU from 7.5 on
	@cmake --preset cuda-all -DOCTET_BUILD_TESTS=OFF $(CMAKE_ARGS) >/dev/null
	@cmake --build build/cuda-all --parallel $(JOBS)

format:  ## format every source file
	@git ls-files '*.cpp' '*.hpp' '*.cu' '*.cuh' | xargs clang-format -i

check: test-packages  ## include directions and format, without building
	@scripts/check_includes.py
	@scripts/check_format.sh

clean:  ## remove the build trees
	@rm -rf build
