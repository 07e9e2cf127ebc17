#include "formats/tensors/json_tensors.hpp"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <octet/status.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "formats/tensors/element_count.hpp"

namespace octet {
namespace {

struct TypeName {
  std::string_view name;
  DType dtype;
};
constexpr std::array<TypeName, 6> kTypes{{{"float32", DType::f32},
                                          {"float", DType::f32},
                                          {"int32", DType::s32},
                                          {"int", DType::s32},
                                          {"int8", DType::s8},
                                          {"uint8", DType::u8}}};

// Where in the fixed form of the file the parser stands.
enum class Place {
  start,
  names,
  name,
  members,
  shape_value,
  type_value,
  raw_value,
  shape,
  raw,
  end
};

// Takes the parser's events one by one, so that nothing but the numbers themselves is kept and no
// nesting beyond the form is ever followed.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Reader(const std::string& where) : where_(where) {}

  std::map<std::string, Tensor> take() { return std::move(tensors_); }

  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("a truth value"); }
  bool binary(binary_t&) override { refuse("binary data"); }
  bool number_integer(number_integer_t value) override {
    return place_ == Place::shape ? extent(value) : number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::shape) return number(static_cast<double>(value));
    return extent(value > static_cast<number_unsigned_t>(limits::kExtent)
                      ? limits::kExtent + 1
                      : static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override {
    if (place_ == Place::shape) refuse("a fraction");
    return number(value);
  }
  bool string(string_t& value) override;
  bool key(string_t& value) override;
  bool start_object(std::size_t) override;
  bool end_object() override;
  bool start_array(std::size_t) override;
  bool end_array() override;
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    fail(concat("byte ", position, " is not valid JSON"));
  }

 private:
  [[noreturn]] void fail(const std::string& what,
                         StatusCode code = StatusCode::invalid_input) const {
    const std::string tensor = name_.empty() ? "" : concat(" in tensor '", name_, "'");
    throw Error(code, concat("the JSON tensors are broken", tensor, ": ", what), where_,
                R"(expected is {"name": {"shape": [..], "type": "float32", "raw": [..]}})");
  }
  [[noreturn]] void refuse(const char* what) const {
    fail(concat(what, " stands at a wrong place"));
  }

  bool extent(std::int64_t value) {
    if (value < 0) fail(concat("the shape has the negative extent ", value));
    if (value > limits::kExtent)
      fail("an extent of the shape is above the limit", StatusCode::resource_exhausted);
    if (shape_->rank() == Shape::kMaxRank)
      fail(concat("the shape has more than ", Shape::kMaxRank, " axes"), StatusCode::unsupported);
    shape_->push_back(value);
    return true;
  }

  bool number(double value) {
    if (place_ != Place::raw) refuse("a number");
    raw_->push_back(value);
    return true;
  }

  void finish_tensor();

  const std::string& where_;
  std::map<std::string, Tensor> tensors_;
  Place place_ = Place::start;
  std::string name_;
  std::optional<Shape> shape_;
  std::optional<DType> dtype_;
  std::optional<std::vector<double>> raw_;
};

bool Reader::string(string_t& value) {
  if (place_ != Place::type_value) refuse("a text");
  for (const TypeName& type : kTypes)
    if (type.name == value) dtype_ = type.dtype;
  if (!dtype_)
    fail(concat("the type '", value.substr(0, 32), "' is not float32, int32, int8 or uint8"),
         StatusCode::unsupported);
  place_ = Place::members;
  return true;
}

bool Reader::key(string_t& value) {
  if (place_ == Place::names) {
    if (value.size() > limits::kNameBytes)
      fail("a name is too long", StatusCode::resource_exhausted);
    name_ = value;
    if (tensors_.contains(name_)) fail("the name stands twice");
    place_ = Place::name;
    return true;
  }
  const bool twice =
      (value == "shape" && shape_) || (value == "type" && dtype_) || (value == "raw" && raw_);
  if (twice) fail(concat('\'', value, "' stands twice"));
  if (value == "shape") {
    place_ = Place::shape_value;
  } else if (value == "type") {
    place_ = Place::type_value;
  } else if (value == "raw") {
    place_ = Place::raw_value;
  } else {
    fail(concat("the key '", value.substr(0, 32), "' is not shape, type or raw"));
  }
  return true;
}

bool Reader::start_object(std::size_t) {
  if (place_ == Place::start) {
    place_ = Place::names;
  } else if (place_ == Place::name) {
    place_ = Place::members;
  } else {
    refuse("an object");
  }
  return true;
}

bool Reader::end_object() {
  if (place_ == Place::members) {
    finish_tensor();
    place_ = Place::names;
  } else {
    place_ = Place::end;
  }
  return true;
}

bool Reader::start_array(std::size_t) {
  if (place_ == Place::shape_value) {
    shape_.emplace();
    place_ = Place::shape;
  } else if (place_ == Place::raw_value) {
    raw_.emplace();
    place_ = Place::raw;
  } else {
    refuse("a list");
  }
  return true;
}

bool Reader::end_array() {
  place_ = Place::members;
  return true;
}

void Reader::finish_tensor() {
  if (!shape_ || !dtype_ || !raw_) fail("'shape', 'type' or 'raw' is missing");
  const auto count = static_cast<std::int64_t>(raw_->size());
  if (element_count(*shape_, where_) != count)
    fail(concat("the shape ", shape_->to_string(), " does not hold the ", count,
                " numbers of 'raw'"));

  Tensor tensor(TensorType{*dtype_, *shape_, kNCHW, std::nullopt});
  const auto fill = [&]<typename T>(std::span<T> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      // std::round rounds half away from zero.
      const double value = std::is_integral_v<T> ? std::round((*raw_)[i]) : (*raw_)[i];
      if (!(value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
            value <= static_cast<double>(std::numeric_limits<T>::max())))
        fail(concat("the number ", (*raw_)[i], " does not fit ", to_string(*dtype_)));
      values[i] = static_cast<T>(value);
    }
  };
  switch (*dtype_) {
    case DType::f32: fill(tensor.mutable_values<float>()); break;
    case DType::s32: fill(tensor.mutable_values<std::int32_t>()); break;
    case DType::s8: fill(tensor.mutable_values<std::int8_t>()); break;
    default: fill(tensor.mutable_values<std::uint8_t>()); break;
  }
  tensors_.emplace(name_, std::move(tensor));
  name_.clear();
  shape_.reset();
  dtype_.reset();
  raw_.reset();
}

}  // namespace

std::map<std::string, Tensor> read_json_tensors(std::span<const std::byte> bytes,
                                                const std::string& where) {
  Reader reader(where);
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  nlohmann::json::sax_parse(text, text + bytes.size(), &reader);
  std::map<std::string, Tensor> tensors = reader.take();
  if (tensors.empty())
    throw Error(StatusCode::invalid_input, "the JSON file holds no tensor", where);
  return tensors;
}

}  // namespace octet
