#include "ops/conv2d/forward.h"

#include "ops/activation.h"
#include "ops/conv2d/choose.h"
#include "ops/conv2d/folded_kernel.h"
#include "ops/division.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

const ForwardAlgorithm* const kAlgorithms[] = {&kDepthwiseForward, &kWinogradForward, &kPointwiseForward,
                                               &kDirectForward};

}  // namespace

std::string fused_work(const Conv& conv) {
  std::string work;
  const auto add = [&work](const std::string& part) {
    if (!work.empty() && !part.empty()) work += ", ";
    work += part;
  };
  if (conv.has_bias) add("bias");
  if (conv.scaling) add("normalization");
  add(fused_work(false, conv.activation));
  if (conv.pool) add("max-pooling " + std::to_string(conv.pool_rows) + "x" + std::to_string(conv.pool_columns));
  return work;
}

PoolRow pool_row(const Conv& conv) {
  PoolRow p;
  p.rows = conv.pool_rows;
  p.outputs = conv.out_w;
  p.column_begin = conv.pool_begin.data();
  p.column_end = conv.pool_end.data();
  p.y_column = conv.filters;
  return p;
}

void activate_outputs(const Conv& conv, float* y, size_t cells, size_t filters) {
  if (conv.activation.kind == Activation::Kind::kLinear) return;
  const size_t row = static_cast<size_t>(conv.filters);
  if (filters == row) {
    kernels().activate(conv.activation, y, y, cells * row);
  } else {
    for (size_t i = 0; i < cells; ++i) kernels().activate(conv.activation, y + i * row, y + i * row, filters);
  }
}

size_t forward_tasks(double work, const Step& s) {
  return std::min(ceil_div(kMaxTasks, static_cast<size_t>(s.n)), tasks_of(work));
}

Band forward_band(const Conv& conv, size_t image, size_t index, size_t count) {
  const size_t rows = static_cast<size_t>(conv.out_h);
  return {image, static_cast<int>(index * rows / count), static_cast<int>((index + 1) * rows / count)};
}

void plan_conv_forward(const Conv& conv, Plan& plan, OpBuffers& buffers, bool training, const char* kind) {
  const ForwardAlgorithm& algorithm = choose(kAlgorithms, conv, {.kind = kind, .fused = fused_work(conv)}, plan);
  if (training && conv.pool)
    buffers.saved.push_back(plan.workspace(ceil_div(conv.output_size(), sizeof(float)), kLineFloats));
  if (conv.scaling) plan_folded_kernel(conv, plan, buffers, algorithm.reads_kernel(conv));
  algorithm.plan(conv, plan, buffers);
}

}  // namespace convforge
