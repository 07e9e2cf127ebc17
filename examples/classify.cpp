// classify MODEL IMAGE.npy: runs a model with one input and prints its five most likely classes.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numeric>
#include <octet/session.hpp>
#include <regex>
#include <string>
#include <vector>

namespace {

// The float values of a version 1 .npy file in C order, which is what numpy.save writes for a
// contiguous float32 array. Throws octet::Error for anything else.
octet::Tensor read_image(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto refuse = [&](const char* why) {
    throw octet::Error(octet::StatusCode::invalid_input, why, path, "save a float32 array");
  };
  if (bytes.size() < 10 || bytes.compare(0, 7, "\x93NUMPY\x01") != 0) refuse("not a .npy file");
  const std::size_t header = static_cast<std::uint8_t>(bytes[8]) +
                             256u * static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[9]));
  const std::string text = bytes.substr(10, header);
  if (text.find("'<f4'") == std::string::npos || text.find("True") != std::string::npos)
    refuse("the array is not float32 in C order");
  octet::TensorType type;
  std::smatch shape;
  if (!std::regex_search(text, shape, std::regex("'shape': \\(([0-9, ]*)\\)")))
    refuse("the header has no shape");
  const std::string extents = shape[1];
  const std::regex number("[0-9]+");
  for (std::sregex_iterator it(extents.begin(), extents.end(), number), end; it != end; ++it)
    type.shape.push_back(std::stoll(it->str()));
  octet::Tensor image(type);
  if (bytes.size() != 10 + header + image.bytes()) refuse("the file is too short or too long");
  std::memcpy(image.mutable_data(), bytes.data() + 10 + header, image.bytes());
  return image;
}

void classify(const char* model_path, const char* image_path) {
  const octet::Model model = octet::Model::load(model_path).value();
  const octet::Session session = octet::Session::create(model).value();
  const std::string& input = session.inputs().at(0).name;
  const octet::NamedTensors outputs = session.run({{input, read_image(image_path)}}).value();

  const auto scores = outputs.at(0).tensor.values<float>();
  std::vector<std::size_t> classes(scores.size());
  std::iota(classes.begin(), classes.end(), std::size_t{0});
  std::sort(classes.begin(), classes.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t i = 0; i < std::min<std::size_t>(5, classes.size()); ++i)
    std::printf("%zu %.6f\n", classes[i], static_cast<double>(scores[classes[i]]));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: classify MODEL IMAGE.npy\n");
    return 2;
  }
  try {
    classify(argv[1], argv[2]);
    return 0;
  } catch (const octet::Error& error) {
    std::fprintf(stderr, "classify: %s\n", error.what());
    return octet::exit_code(error.status().code());
  }
}
