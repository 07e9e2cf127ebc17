#include <octet/session.hpp>

#include "api/execution_impl.hpp"
#include "api/guard.hpp"
#include "api/model_impl.hpp"
#include "api/session_options.hpp"
#include "api/subgraph_options.hpp"
#include "runtime/backend_registry.hpp"

namespace octet {

struct Session::Impl {
  Impl(const Model& the_model, const SessionOptions& options)
      : model(the_model),
        entry(find_backend(options.backend)),
        backend(entry.backend->name()),
        search(make_search(options)),
        engine(model.impl().graph, engine_settings(options)) {}

  EngineOptions engine_settings(const SessionOptions& options) {
    KernelChooser& chooser = search ? static_cast<KernelChooser&>(*search) : plain;
    EngineOptions settings = engine_options(options, entry, chooser);
    subgraphs = add_subgraphs(options, settings);
    // Regions first: they keep their layouts, and what is saved by one kernel is more than what
    // another layout can save.
    add_faster_regions(options, search.get(), settings);
    if (search) add_layout_choice(options, *search, settings);
    return settings;
  }

  Model model;
  const BackendEntry& entry;
  std::string backend;
  FirstAccepting plain;
  std::unique_ptr<FastRun> search;
  std::unique_ptr<SubgraphBuilder> subgraphs;
  Engine engine;
};

std::vector<BackendInfo> backends() {
  std::vector<BackendInfo> infos;
  for (const BackendEntry& entry : all_backends()) {
    const Backend& backend = *entry.backend;
    const DevicePeaks peaks = backend.available().ok() ? backend.peaks() : DevicePeaks{};
    infos.push_back({std::string(backend.name()), backend.description(),
                     backend.available().reason(), !backend.is_host(), peaks.int8_macs_per_second,
                     peaks.bytes_per_second});
  }
  return infos;
}

Result<Session> Session::create(const Model& model, const SessionOptions& options) {
  return guarded([&] {
    check_options(options);
    auto impl = std::make_shared<Impl>(model, options);
    impl->entry.backend->open();
    return Session(std::move(impl));
  });
}

const std::vector<TensorInfo>& Session::inputs() const noexcept { return impl_->model.inputs(); }
const std::vector<TensorInfo>& Session::outputs() const noexcept { return impl_->model.outputs(); }
const std::string& Session::backend() const noexcept { return impl_->backend; }

Status Session::run(const NamedTensors& inputs, NamedTensors& outputs) const {
  return guarded([&] { impl_->engine.run(inputs, outputs); });
}

Result<NamedTensors> Session::run(const NamedTensors& inputs) const {
  NamedTensors outputs;
  if (Status status = run(inputs, outputs); !status.ok()) return status;
  return outputs;
}

std::future<Result<NamedTensors>> Session::run_async(NamedTensors inputs) const {
  return std::async(std::launch::async,
                    [session = *this, inputs = std::move(inputs)] { return session.run(inputs); });
}

Result<Tensor> Session::make_tensor(const TensorType& type) const {
  return guarded([&] { return impl_->entry.backend->make_host_tensor(type); });
}

Result<Execution> Session::prepare(const NamedTensors& inputs) const {
  return guarded([&] {
    Engine& engine = impl_->engine;
    engine.check_names(inputs);
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < engine.inputs().size(); ++i)
      shapes.push_back(inputs.empty() ? engine.inputs()[i].type.shape
                                      : engine.input_from(inputs, i).shape());
    auto impl = std::make_unique<Execution::Impl>(impl_, engine,
                                                  engine.contexts_for(shapes)->shared_plan());
    if (!inputs.empty()) impl->set_inputs(inputs);
    return Execution(std::move(impl));
  });
}

}  // namespace octet
