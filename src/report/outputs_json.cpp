#include "report/outputs_json.hpp"

#include <nlohmann/json.hpp>

namespace octet {

std::string outputs_json(const NamedTensors& outputs, std::span<const std::string> files) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const TensorType& type = outputs[i].tensor.type();
    Json json = {{"name", outputs[i].name},
                 {"file", files[i]},
                 {"dtype", to_string(type.dtype)},
                 {"shape", std::vector<std::int64_t>(type.shape.begin(), type.shape.end())}};
    if (type.quant && type.quant->is_per_tensor()) {
      json["scale"] = type.quant->scale();
      json["zero_point"] = type.quant->zero_point();
    } else if (type.quant) {
      json["scale"] = type.quant->scales;
      json["zero_point"] = type.quant->zero_points;
      json["axis"] = type.quant->axis;
    }
    list.push_back(std::move(json));
  }
  return list.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace octet
