#include "formats/tensors/npy_header.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <octet/status.hpp>
#include <vector>

#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet {
namespace {

struct Element {
  std::string_view name;  // NumPy's kind and size
  DType dtype;
};

constexpr std::array<Element, 12> kElements{{
    {"f4", DType::f32},
    {"f8", DType::f64},
    {"f2", DType::f16},
    {"i1", DType::s8},
    {"u1", DType::u8},
    {"i2", DType::s16},
    {"u2", DType::u16},
    {"i4", DType::s32},
    {"u4", DType::u32},
    {"i8", DType::s64},
    {"u8", DType::u64},
    {"b1", DType::boolean},
}};

class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      member(key);
      if (take(',')) continue;
      expect('}');
      break;
    }
    skip_blanks();
    if (!text_.empty()) fail("text follows the dictionary");
    if (!has_descr_ || !has_order_ || !has_shape_)
      fail("'descr', 'fortran_order' or 'shape' is missing");
    return header_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(StatusCode::invalid_input, concat("the .npy header is broken: ", what), where_);
  }

  void member(std::string_view key) {
    if (key == "descr") {
      require_first(has_descr_, key);
      descr();
    } else if (key == "fortran_order") {
      require_first(has_order_, key);
      header_.fortran_order = boolean();
    } else if (key == "shape") {
      require_first(has_shape_, key);
      shape();
    } else {
      fail(concat("the key '", key, "' is unknown"));
    }
  }

  void require_first(bool& seen, std::string_view key) const {
    if (seen) fail(concat("'", key, "' stands twice"));
    seen = true;
  }

  void descr() {
    skip_blanks();
    if (text_.starts_with('[') || text_.starts_with('('))
      throw Error(StatusCode::unsupported, "the .npy file holds records (a structured array)",
                  where_, "save each field as an array of its own");
    const std::string_view descr = quoted();
    if (descr.size() < 2) fail(concat("the element type '", descr, "' is too short"));
    const char order = descr[0];
    const std::string_view name = descr.substr(1);
    for (const Element& element : kElements) {
      if (element.name != name || std::string_view("<>|=").find(order) == std::string_view::npos)
        continue;
      header_.dtype = element.dtype;
      const bool little = std::endian::native == std::endian::little;
      header_.swap_bytes = size_of(element.dtype) > 1 && order == (little ? '>' : '<');
      return;
    }
    throw Error(StatusCode::unsupported,
                concat("the .npy file has elements of type '", descr,
                       "'; readable are b1, i1 to i8, u1 to u8, f2, f4 and f8"),
                where_, "convert the array with numpy's astype before saving it");
  }

  void shape() {
    expect('(');
    std::vector<std::int64_t> extents;
    while (!take(')')) {
      extents.push_back(extent());
      if (extents.size() > Shape::kMaxRank)
        throw Error(StatusCode::unsupported,
                    concat("the array has more than ", Shape::kMaxRank, " axes"), where_);
      // A tuple of one needs its comma, and so cannot be mistaken for a number in parentheses.
      if (take(',')) continue;
      if (extents.size() == 1) fail("a shape of one axis is written (n,)");
      expect(')');
      break;
    }
    header_.shape = Shape(extents);
  }

  std::int64_t extent() {
    skip_blanks();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error == std::errc::invalid_argument) fail("an extent of the shape is not a number");
    if (error == std::errc() && value < 0)
      fail(concat("the shape has the negative extent ", value));
    if (error != std::errc() || value > limits::kExtent)
      throw Error(StatusCode::resource_exhausted,
                  concat("an extent of the array is above the limit of ", limits::kExtent), where_);
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    take('L');  // long integers as Python 2 wrote them
    return value;
  }

  bool boolean() {
    skip_blanks();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    fail("'fortran_order' is neither True nor False");
  }

  std::string_view quoted() {
    skip_blanks();
    const char quote = text_.empty() ? '\0' : text_[0];
    if (quote != '\'' && quote != '"') fail("a quoted text is expected");
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) fail("a quoted text does not end");
    const std::string_view content = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return content;
  }

  void expect(char symbol) {
    if (!take(symbol)) fail(concat("'", symbol, "' is expected"));
  }

  bool take(char symbol) {
    skip_blanks();
    if (!text_.starts_with(symbol)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    const std::size_t start = text_.find_first_not_of(" \t\n\r");
    text_.remove_prefix(start == std::string_view::npos ? text_.size() : start);
  }

  std::string_view text_;
  const std::string& where_;
  NpyHeader header_;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};

std::string_view element_name(DType dtype) {
  if (dtype == DType::s4) dtype = DType::s8;
  if (dtype == DType::u4) dtype = DType::u8;
  for (const Element& element : kElements)
    if (element.dtype == dtype) return element.name;
  throw Error(StatusCode::unsupported,
              concat("a .npy file cannot hold ", to_string(dtype), " values"));
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& where) {
  return HeaderParser(text, where).parse();
}

std::string format_npy_header(DType dtype, const Shape& shape) {
  const bool little = std::endian::native == std::endian::little;
  const char order = size_of(dtype) == 1 ? '|' : little ? '<' : '>';
  return concat("{'descr': '", order, element_name(dtype), "', 'fortran_order': False, 'shape': (",
                join(shape.extents()), shape.rank() == 1 ? "," : "", "), }");
}

}  // namespace octet
