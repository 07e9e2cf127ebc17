#include "models/make_model.hpp"

#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "commands/save_model.hpp"
#include "formats/tensors/npy.hpp"

namespace octet::tools {
namespace {

struct MakeOptions {
  std::string name, output, format, pictures;
  ModelOptions model;
  std::int64_t batch = 1;
};

void bind(CLI::App& app, MakeOptions& options) {
  app.add_option("NAME", options.name, join(model_names()))->required();
  app.add_option("-o,--output", options.output, "the file to write (default NAME.mge)")
      ->type_name("FILE");
  app.add_option("--format", options.format, "mge, mge-v1 or onnx, whatever the name of the file")
      ->type_name("FORMAT");
  app.add_option("--seed", options.model.seed, "of the weights (default 1)")->type_name("N");
  app.add_option("--image-size", options.model.image_size, "height and width (default 224)")
      ->type_name("N");
  app.add_option("--classes", options.model.classes, "default 1000")->type_name("N");
  app.add_option("--width", options.model.width, "multiplies the channels (default 1)")
      ->type_name("X");
  app.add_option("--input", options.pictures, "also write pictures for the model as a .npy file")
      ->type_name("FILE");
  app.add_option("--batch", options.batch, "how many pictures (default 1)")->type_name("N");
}

}  // namespace

void make_model_command(const std::string& program, const std::vector<std::string>& arguments) {
  MakeOptions options;
  CLI::App app("Writes a well-known quantised network with made-up weights.", program);
  bind(app, options);
  if (!parse(app, arguments)) return;
  if (options.batch < 1 || options.batch > 100'000)
    throw Error(StatusCode::invalid_argument,
                concat("--batch must be 1 to 100000, not ", options.batch));
  if (options.output.empty())
    options.output = options.name + (options.format == "onnx" ? ".onnx" : ".mge");
  const std::string format = model_format(options.format, options.output);
  options.model.style = format == "onnx" ? ModelStyle::onnx : ModelStyle::mge;
  save_model(make_model(options.name, options.model), format, options.output);
  if (!options.pictures.empty())
    write_npy_file(options.pictures,
                   make_pictures(options.batch, options.model.image_size, options.model.seed));
}

}  // namespace octet::tools
