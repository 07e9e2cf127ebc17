// Runs a model.
//
//   octet::Model model = octet::Model::load("resnet18.mge").value();
//   octet::Session session = octet::Session::create(model).value();
//   octet::NamedTensors outputs = session.run({{"data", image}}).value();
#pragma once

#include <future>
#include <memory>
#include <octet/execution.hpp>
#include <octet/model.hpp>
#include <octet/options.hpp>

namespace octet {

// A backend of this build.
struct BackendInfo {
  std::string name;
  std::string description;  // the device or library behind it, with its version; may be empty
  std::string unavailable;  // why it cannot run on this machine; empty: it can
  bool is_device = false;   // it has memory of its own: a GPU
  // At most, at the highest clocks that the device states; 0: not known.
  double peak_int8_macs_per_second = 0.0, peak_bytes_per_second = 0.0;
};
std::vector<BackendInfo> backends();

// A model with options, ready to run. Copies share everything. All functions are thread safe: any
// number of threads may run one session at the same time.
//
// For every set of input shapes a plan is made when it first comes: kernels are chosen, weights
// packed, memory laid out. Runs with shapes seen before allocate nothing in the library's own code,
// but for operators that the reference computes and for float products by oneDNN.
class Session {
 public:
  // Fails with invalid_argument for options that contradict themselves and with unavailable where
  // the backend cannot run here. Gets the device ready, which for a GPU takes a while the first
  // time. Makes no plan yet; see prepare().
  static Result<Session> create(const Model& model, const SessionOptions& options = {});

  // As the model's.
  const std::vector<TensorInfo>& inputs() const noexcept;
  const std::vector<TensorInfo>& outputs() const noexcept;
  // The backend that "auto" stood for.
  const std::string& backend() const noexcept;

  // Every input must be given, by name, in the dtype of inputs(); shapes may differ from those
  // where the model follows them. The input tensors must not change during the call. Fails with
  // invalid_input where a tensor does not fit, unsupported where a kernel is missing for the shape,
  // unavailable where the device fails, resource_exhausted where memory does not suffice.
  Result<NamedTensors> run(const NamedTensors& inputs) const;
  // The same; tensors in `outputs` that have the right type are overwritten in place, copies that
  // share their bytes included. After a failure `outputs` may be partly written.
  Status run(const NamedTensors& inputs, NamedTensors& outputs) const;
  // The same on a thread of its own. The inputs must not change until the future is ready, which
  // its destructor waits for. Throws std::system_error where no thread can be started.
  std::future<Result<NamedTensors>> run_async(NamedTensors inputs) const;

  // A zeroed tensor in the host memory that runs copy from and to fastest: page-locked where the
  // backend is a GPU, which makes it slow to get, so make it once and run with it often. It may
  // outlive the session. Fails with resource_exhausted.
  Result<Tensor> make_tensor(const TensorType& type) const;

  // Makes the plan for the shapes of these inputs, if it is not there, and an execution of it with
  // the inputs set. Without inputs: for the shapes of the file, and set_inputs() must be called.
  Result<Execution> prepare(const NamedTensors& inputs = {}) const;

  struct Impl;
  explicit Session(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace octet
