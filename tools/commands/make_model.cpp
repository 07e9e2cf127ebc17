#include <cstdio>

#include "base/file.hpp"
#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "commands/model_format.hpp"
#include "formats/tensors/npy.hpp"
#include "models/make_model.hpp"

namespace octet::tools {
namespace {

struct MakeModelOptions {
  std::string name, output, format, input;
  ModelOptions model;
  std::int64_t batch = 1;
};

void make(MakeModelOptions& options) {
  const ModelFormat format = model_format(options.format, options.output);
  options.model.style = format == ModelFormat::onnx ? ModelStyle::onnx : ModelStyle::mge;
  const ModelFile model = make_model(options.name, options.model);
  write_file(options.output, write_model(model, format));
  std::printf("wrote %s to %s\n", options.name.c_str(), options.output.c_str());
  if (options.input.empty()) return;
  // A seed of their own: the model has seen pictures of its seed.
  write_npy_file(options.input,
                 make_pictures(options.batch, options.model.image_size, options.model.seed + 1));
  std::printf("wrote %lld pictures to %s\n", static_cast<long long>(options.batch),
              options.input.c_str());
}

}  // namespace

void make_model_command(const std::string& program, const std::vector<std::string>& arguments) {
  MakeModelOptions options;
  CLI::App app("Writes a well-known network with made-up weights.", program);
  app.add_option("NAME", options.name, concat("one of ", join(model_names())))->required();
  app.add_option("-o,--output", options.output, "the file to write")->type_name("FILE")->required();
  app.add_option("--format", options.format, kFormatHelp)->type_name("FORMAT");
  app.add_option("--seed", options.model.seed, "of weights and pictures (default 1)");
  app.add_option("--size", options.model.image_size, "height and width of the input (default 224)");
  app.add_option("--classes", options.model.classes, "outputs (default 1000)");
  app.add_option("--width", options.model.width, "multiplies the channels (default 1)");
  app.add_option("--input", options.input, "also write pictures for the input \"data\"")
      ->type_name("FILE.npy");
  app.add_option("--batch", options.batch, "how many pictures (default 1)")
      ->check(CLI::Range(1, 4096));
  if (!parse(app, arguments)) return;
  make(options);
}

}  // namespace octet::tools
