#include "formats/tensors/inline_numbers.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <octet/status.hpp>
#include <vector>

#include "base/format.hpp"

namespace octet {
namespace {

// Reads the text once from left to right. `counts_[d]` is the number of items seen so far in the
// list that is open at depth d; a list that closes must be as long as the lists of its depth before
// it.
class InlineParser {
 public:
  InlineParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  void parse() {
    open();
    for (;;) {
      if (take('[')) {
        open();
        continue;
      }
      number();
      while (take(']')) {
        if (counts_.size() == 1) fail("a ']' has no '['");
        close();
      }
      skip_blanks();
      if (text_.empty()) break;
      if (!take(',')) fail(concat("'", text_[0], "' stands at a wrong place"));
    }
    if (counts_.size() != 1) fail("a '[' has no ']'");
    close();
  }

  Shape shape() const { return Shape(extents_); }
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  static constexpr std::int64_t kUnknown = -1;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(StatusCode::invalid_input, "the numbers cannot be read: " + what, where_,
                "give a .npy, .json or picture file, numbers as [1,2,3], a shape as {1,3,8,8} or "
                "rand(lowest,highest,seed)");
  }

  void open() {
    if (counts_.size() == Shape::kMaxRank)
      throw Error(StatusCode::unsupported,
                  concat("the numbers have more than ", Shape::kMaxRank, " axes"), where_);
    // Brackets below the depth of the first number would make lists beside numbers.
    if (numbers_depth_ != 0 && counts_.size() >= numbers_depth_)
      fail("lists and numbers are mixed");
    if (!counts_.empty()) ++counts_.back();
    counts_.push_back(0);
    if (extents_.size() < counts_.size()) extents_.push_back(kUnknown);
  }

  void close() {
    std::int64_t& extent = extents_[counts_.size() - 1];
    if (extent != kUnknown && extent != counts_.back())
      fail(concat("a list has ", counts_.back(), " items where others have ", extent));
    extent = counts_.back();
    counts_.pop_back();
  }

  void number() {
    skip_blanks();
    if (text_.starts_with('+')) text_.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) fail("a number is too large");
    if (error != std::errc() || !std::isfinite(value))
      fail(text_.empty() ? "a number is missing at the end"
                         : concat("'", text_.substr(0, 16), "' is not a number"));
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    if (numbers_depth_ == 0) numbers_depth_ = counts_.size();
    if (numbers_depth_ != counts_.size()) fail("lists and numbers are mixed");
    ++counts_.back();
    numbers_.push_back(value);
  }

  bool take(char symbol) {
    skip_blanks();
    if (!text_.starts_with(symbol)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (!text_.empty() && text_[0] == ' ') text_.remove_prefix(1);
  }

  std::string_view text_;
  const std::string& where_;
  std::vector<std::int64_t> counts_, extents_;
  std::size_t numbers_depth_ = 0;  // how many lists stand around each number; 0: none seen yet
  std::vector<double> numbers_;
};

template <typename T>
Tensor make(DType dtype, const InlineParser& parser, const std::string& where) {
  Tensor tensor(TensorType{dtype, parser.shape(), kNCHW, std::nullopt});
  const std::span<T> values = tensor.mutable_values<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double number = parser.numbers()[i];
    const bool fits = number >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
                      number <= static_cast<double>(std::numeric_limits<T>::max());
    if (!fits || (std::is_integral_v<T> && number != std::trunc(number)))
      throw Error(StatusCode::invalid_input,
                  concat("the number ", number, " does not fit ", to_string(dtype)), where);
    values[i] = static_cast<T>(number);
  }
  return tensor;
}

}  // namespace

Tensor read_inline_numbers(std::string_view text, const std::string& where) {
  InlineParser parser(text, where);
  parser.parse();
  const bool fraction = text.find('.') != std::string_view::npos;
  return fraction ? make<float>(DType::f32, parser, where)
                  : make<std::int32_t>(DType::s32, parser, where);
}

}  // namespace octet
