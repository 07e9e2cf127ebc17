# Enables CUDA where nvcc is found. Sets OCTET_HAS_CUDA.
set(OCTET_HAS_CUDA OFF)
# The kernels keep what they compute with in registers: ptxas tells about one that spills, and with
# OCTET_WERROR that fails the build (tests/spills).
set(OCTET_CUDA_SPILL_WARNINGS -Xptxas=-warn-spills)
if(NOT OCTET_WITH_CUDA STREQUAL "OFF")
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    if(NOT CMAKE_CUDA_ARCHITECTURES)
      set(CMAKE_CUDA_ARCHITECTURES 90a-real)
    endif()
    enable_language(CUDA)
    # CMake 3.25 does not know that nvcc has this dialect.
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
      set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
    endif()
    find_package(CUDAToolkit 13 REQUIRED)
    set(OCTET_HAS_CUDA ON)
  elseif(OCTET_WITH_CUDA STREQUAL "ON")
    message(FATAL_ERROR "OCTET_WITH_CUDA=ON, but nvcc was not found: install the CUDA toolkit 13 or set CMAKE_CUDA_COMPILER")
  endif()
endif()
