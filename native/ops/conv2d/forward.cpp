#include "ops/conv2d/forward.h"

#include "ops/activation.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

const ForwardAlgorithm* const kAlgorithms[] = {&kDepthwiseForward, &kWinogradForward, &kDirectForward};

}  // namespace

std::string fused_work(const Conv& conv) {
  std::string work = fused_work(conv.has_bias, conv.activation);
  if (!conv.pool) return work;
  if (!work.empty()) work += ", ";
  return work + "max-pooling " + std::to_string(conv.pool_rows) + "x" + std::to_string(conv.pool_columns);
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
    buffers.saved.push_back(plan.workspace(ceil_div(conv.output_size(), sizeof(float)), kLineFloats));
  chosen->plan(conv, plan, buffers);
}

}  // namespace convforge
