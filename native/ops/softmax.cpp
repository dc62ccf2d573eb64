#include "ops/softmax.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "ops/activation.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {

SoftmaxOp::SoftmaxOp(const NodeDescription& node, const Shape& in)
    : Op(node, in, in), logarithm_(node.text("kind") == "logSoftmax") {
  node.expect_parameters({}, 0);
  if (in.empty()) throw Error("SHAPE_MISMATCH", node.name + ": softmax needs an axis to run over", node.name);
  const size_t last = in.size() - 1;
  const size_t axis = node.attributes.count("axis") ? static_cast<size_t>(node.integer("axis", 0)) : last;
  if (axis > last) {
    throw Error("INVALID_ARGUMENT",
                node.name + ": axis is " + std::to_string(axis) + ", but " + to_string(in) + " has " +
                    std::to_string(in.size()) + " axes",
                node.name);
  }
  n_ = static_cast<int>(in[axis]);
  inner_ = static_cast<int>(
      std::accumulate(in.begin() + static_cast<ptrdiff_t>(axis) + 1, in.end(), int64_t{1}, std::multiplies<>()));
}

LogitsOf SoftmaxOp::logits_of() const {
  const bool over_last_axis = inner_ == 1 && n_ == out.back();
  return !logarithm_ && over_last_axis ? LogitsOf::kSoftmax : LogitsOf::kNothing;
}

void SoftmaxOp::run_rows(const Rows& r) const {
  if (r.dy) {
    (logarithm_ ? kernels().log_softmax_backward : kernels().softmax_backward)(r.x, r.dy, r.y, r.count, n_);
  } else {
    (logarithm_ ? kernels().log_softmax : kernels().softmax)(r.x, r.y, r.count, n_);
  }
}

// Transposes each of the count / inner blocks from [n][inner] to [inner][n], computes its rows, and transposes back.
void SoftmaxOp::run_columns(const Rows& r, float* scratch) const {
  const ptrdiff_t block = static_cast<ptrdiff_t>(n_) * inner_;
  float* y = scratch + block;
  float* dy = r.dy ? scratch + 2 * block : nullptr;
  for (ptrdiff_t at = 0; at < static_cast<ptrdiff_t>(r.count) * n_; at += block) {
    kernels().transpose(r.x + at, n_, inner_, inner_, scratch, n_);
    if (dy) kernels().transpose(r.dy + at, n_, inner_, inner_, dy, n_);
    run_rows({.x = scratch, .dy = dy, .y = y, .count = inner_});
    kernels().transpose(y, inner_, n_, n_, r.y + at, inner_);
  }
}

// `values`: floats read and written per element.
void SoftmaxOp::begin_pass(Plan& plan, const char* kind, int values) const {
  const double bytes = static_cast<double>(values) * size_of(out) * sizeof(float);
  plan.pass({.node = name, .kind = kind, .algorithm = inner_ == 1 ? "row by row" : "transposed", .bytes = bytes});
  if (inner_ > 1) plan.need_scratch(3 * static_cast<size_t>(n_) * static_cast<size_t>(inner_));
}

// `from` is x in the forward pass and y in the backward pass.
void SoftmaxOp::plan_pass(Plan& plan, BufferId from, BufferId gradient, BufferId to) const {
  const size_t size = static_cast<size_t>(size_of(out));
  const size_t samples_per_task = std::max<size_t>(1, kElementsPerTask / size);
  plan.stage(
      {from, gradient, to}, [=](const Step& s) { return ceil_div(static_cast<size_t>(s.n), samples_per_task); },
      [=, this](const Step& s, size_t task, float* scratch) {
        const size_t begin = task * samples_per_task * size;
        const size_t end = std::min(begin + samples_per_task * size, static_cast<size_t>(s.n) * size);
        const Rows rows = {.x = s.at(from) + begin,
                           .dy = gradient == kNoBuffer ? nullptr : s.at(gradient) + begin,
                           .y = s.at(to) + begin,
                           .count = static_cast<int>((end - begin) / static_cast<size_t>(n_))};
        if (inner_ == 1) {
          run_rows(rows);
        } else {
          run_columns(rows, scratch);
        }
      });
}

void SoftmaxOp::plan_forward(Plan& plan, OpBuffers& buffers, bool) const {
  begin_pass(plan, "forward", 2);
  plan_pass(plan, buffers.in, kNoBuffer, buffers.out);
}

void SoftmaxOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  begin_pass(plan, "backward", 3);
  plan_pass(plan, buffers.out, buffers.d_out, buffers.d_in);
}

}  // namespace convforge
