// Uses every public header, and the library as far as that goes without a model file.
#include <octet/equality_check.hpp>
#include <octet/execution.hpp>
#include <octet/log.hpp>
#include <octet/model.hpp>
#include <octet/operator_export.hpp>
#include <octet/options.hpp>
#include <octet/partition.hpp>
#include <octet/plan_info.hpp>
#include <octet/session.hpp>
#include <octet/status.hpp>
#include <octet/tensor.hpp>
#include <octet/tuning_cache.hpp>
#include <octet/version.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const octet::Result<octet::Model> model = octet::Model::load(argv[1]);
  if (!model.ok()) {
    std::printf("%s\n", model.status().to_string().c_str());
    return octet::exit_code(model.status().code());
  }
  octet::SessionOptions options;
  options.backend = "reference";
  const octet::Session session = octet::Session::create(*model, options).value();
  octet::NamedTensors inputs;
  for (const octet::TensorInfo& input : session.inputs())
    inputs.push_back({input.name, octet::Tensor(input.type)});
  const octet::NamedTensors outputs = session.run(inputs).value();
  std::printf("octet %s: %zu outputs\n", std::string(octet::version()).c_str(), outputs.size());
  return outputs.size() == session.outputs().size() ? 0 : 1;
}
