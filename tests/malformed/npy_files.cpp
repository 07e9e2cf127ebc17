#include "files/npy_bytes.hpp"
#include "malformed/bad_files.hpp"

namespace octet::test {

std::vector<BadCase> bad_npy_files() {
  constexpr auto kInput = StatusCode::invalid_input;
  constexpr auto kUnsupported = StatusCode::unsupported;
  constexpr auto kLimit = StatusCode::resource_exhausted;
  const std::string good = npy(npy_header("<f4", "(1,)"), "1234");
  std::string huge_header = good;
  huge_header[8] = huge_header[9] = '\xff';
  std::string version_9 = good;
  version_9[6] = 9;
  const std::string c = ", 'fortran_order': False, ";
  return {
      {"empty", "", kInput, "not a .npy file"},
      {"magic", "\x93NUMPX\1\0", kInput, "not a .npy file"},
      {"version_missing", good.substr(0, 7), kInput, "within its version"},
      {"version", version_9, kUnsupported, "version 9"},
      {"size_missing", good.substr(0, 9), kInput, "within its header's size"},
      {"size_missing_v2", npy("", "", 2).substr(0, 11), kInput, "within its header's size"},
      {"header_cut", good.substr(0, 30), kInput, "within its header"},
      {"header_above_limit", huge_header, kLimit, "65535 bytes; the limit is 10000"},
      {"payload_short", good.substr(0, good.size() - 1), kInput, "needs 4 bytes, but 3"},
      {"payload_long", good + "5", kInput, "needs 4 bytes, but 5"},
      {"bomb", npy(npy_header("<f4", "(300000000,)"), "1234"), kInput, "needs 1200000000 bytes"},
      {"elements", npy(npy_header("<f4", "(65536, 65536)"), ""), kLimit,
       "more than 2147483648 elements"},
      {"elements_beside_zero", npy(npy_header("|i1", "(65536, 65536, 0)"), ""), kLimit, "elements"},
      {"extent", npy(npy_header("<f4", "(2147483648,)"), ""), kLimit, "above the limit"},
      {"extent_digits", npy(npy_header("<f4", "(99999999999999999999999,)"), ""), kLimit, "limit"},
      {"extent_negative", npy(npy_header("<f4", "(-1,)"), ""), kInput, "negative extent -1"},
      {"extent_text", npy(npy_header("<f4", "(a,)"), ""), kInput, "not a number"},
      {"extent_float", npy(npy_header("<f4", "(1.5,)"), ""), kInput, "a shape of one axis"},
      {"rank", npy(npy_header("|i1", "(1,1,1,1,1,1,1,1,1)"), "a"), kUnsupported,
       "more than 8 axes"},
      {"no_tuple", npy(npy_header("|i1", "(1)"), "a"), kInput, "(n,)"},
      {"shape_list", npy(npy_header("|i1", "[1]"), "a"), kInput, "'(' is expected"},
      {"shape_open", npy("{'descr': '|i1'" + c + "'shape': (1,", "a"), kInput, "not a number"},
      {"object", npy(npy_header("|O", "(1,)"), "12345678"), kUnsupported, "'|O'"},
      {"type_short", npy(npy_header("f", "(1,)"), "1234"), kInput, "too short"},
      {"object_sized", npy(npy_header("|O8", "(1,)"), "12345678"), kUnsupported, "'|O8'"},
      {"string", npy(npy_header("<U4", "(1,)"), "1234"), kUnsupported, "'<U4'"},
      {"bytes", npy(npy_header("|S4", "(1,)"), "1234"), kUnsupported, "'|S4'"},
      {"complex", npy(npy_header("<c8", "(1,)"), "12345678"), kUnsupported, "'<c8'"},
      {"substring", npy(npy_header("<xf4", "(1,)"), "1234"), kUnsupported, "'<xf4'"},
      {"byte_order", npy(npy_header("!f4", "(1,)"), "1234"), kUnsupported, "'!f4'"},
      {"records", npy("{'descr': [('a', '<f4')]" + c + "'shape': (1,)}", "1234"), kUnsupported,
       "structured array"},
      {"no_descr", npy("{'fortran_order': False, 'shape': (1,)}", "1"), kInput, "is missing"},
      {"no_order", npy("{'descr': '|i1', 'shape': (1,)}", "1"), kInput, "is missing"},
      {"no_shape", npy("{'descr': '|i1', 'fortran_order': False}", "1"), kInput, "is missing"},
      {"twice", npy("{'descr': '|i1', 'descr': '|i1'" + c + "'shape': (1,)}", "1"), kInput,
       "twice"},
      {"unknown_key", npy("{'descr': '|i1'" + c + "'shape': (1,), 'x': 1}", "1"), kInput, "'x'"},
      {"order_word", npy(npy_header("|i1", "(1,)", "0"), "a"), kInput, "neither True nor False"},
      {"no_dictionary", npy("descr", "a"), kInput, "'{' is expected"},
      {"no_colon", npy("{'descr' '|i1'}", "a"), kInput, "':' is expected"},
      {"open_quote", npy("{'descr", "a"), kInput, "does not end"},
      {"open_dictionary", npy("{'descr': '|i1'", "a"), kInput, "'}' is expected"},
      {"after", npy(npy_header("|i1", "(1,)") + " x", "a"), kInput, "text follows"},
      {"empty_dictionary", npy("{}", ""), kInput, "is missing"},
  };
}

}  // namespace octet::test
