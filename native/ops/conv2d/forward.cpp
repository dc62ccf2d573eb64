#include "ops/conv2d/forward.h"

#include "targets/dispatch.h"

namespace convforge {
namespace {

const ForwardAlgorithm* const kAlgorithms[] = {&kDepthwiseForward, &kWinogradForward, &kDirectForward};

}  // namespace

std::string fused_work(const Conv& conv) {
  static const char* const kActivations[] = {"linear", "relu", "sigmoid", "tanh"};
  std::string work = conv.has_bias ? "bias" : "";
  const auto add = [&work](const std::string& what) { work += (work.empty() ? "" : ", ") + what; };
  if (conv.activated) add(kActivations[static_cast<int>(conv.activation)]);
  if (conv.pool) add("max-pooling " + std::to_string(conv.pool_rows) + "x" + std::to_string(conv.pool_columns));
  return work;
}

void activate_outputs(const Conv& conv, float* y, size_t n) {
  if (conv.activation != Activation::kLinear) kernels().activate(conv.activation, y, y, n);
}

void plan_conv_forward(const Conv& conv, Plan& plan, OpBuffers& buffers, bool training) {
  Pass pass;
  pass.node = conv.name;
  pass.kind = "forward";
  pass.fused = fused_work(conv);
  pass.flops = conv.flops();
  const ForwardAlgorithm* chosen = nullptr;
  for (const ForwardAlgorithm* algorithm : kAlgorithms) {
    std::string reason = algorithm->decline(conv);
    if (reason.empty()) {
      chosen = algorithm;
      break;
    }
    pass.declined.push_back({algorithm->name, std::move(reason)});
  }
  pass.algorithm = chosen->name;
  plan.pass(std::move(pass));
  if (training && conv.pool)
    buffers.saved.push_back(plan.buffer(ceil_div(conv.output_size(), sizeof(float)), kLineFloats));
  chosen->plan(conv, plan, buffers);
}

}  // namespace convforge
