# Compile options of every target: C++20, warnings, exact binary32 arithmetic, sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_library(octet_options INTERFACE)
# Every float operation is rounded by itself (docs/numerics.md): no contraction into FMA.
target_compile_options(octet_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off;-Wall;-Wextra;-Wshadow;-Wnon-virtual-dtor;-Wcast-align;-Wconversion;-Wsign-conversion;-Wold-style-cast>)
# GCC 12 sees an overlap in std::string's operator+ that is not there (GCC bug 105651).
target_compile_options(octet_options INTERFACE
  $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(OCTET_WERROR)
  target_compile_options(octet_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(OCTET_SANITIZE)
  # GCC's warning of what may be uninitialised is often wrong in instrumented code, as its manual says.
  target_compile_options(octet_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${OCTET_SANITIZE};-fno-sanitize-recover=all;-fno-omit-frame-pointer;-Wno-maybe-uninitialized>)
  target_link_options(octet_options INTERFACE -fsanitize=${OCTET_SANITIZE})
endif()
