#include "ops/pool2d.h"

#include <algorithm>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

Window pool_window(const NodeDescription& node, const Shape& in) {
  const std::vector<int> size = node.integers("size", 2, 1);
  const Window w = make_window(node, in, size[0], size[1], false);
  if (w.top >= w.rows || w.bottom >= w.rows || w.left >= w.columns || w.right >= w.columns) {
    throw Error("INVALID_ARGUMENT", node.name + ": pooling's padding must be smaller than its window", node.name);
  }
  return w;
}

}  // namespace

Pool2dOp::Pool2dOp(const NodeDescription& node, const Shape& in) : Op(node, in, {}), window_(pool_window(node, in)) {
  node.expect_parameters({}, 0);
  const std::string kind = node.text("kind");
  if (kind != "max" && kind != "average" && kind != "sum") {
    throw Error("UNSUPPORTED", node.name + ": there is no pooling '" + kind + "'", node.name);
  }
  kind_ = kind == "max" ? Kind::kMax : kind == "average" ? Kind::kAverage : Kind::kSum;
  out = {window_.out_h, window_.out_w, window_.channels};
  for (int o = 0; o < window_.out_w; ++o) {
    const int begin = o * window_.stride_w - window_.left;
    column_begin_.push_back(std::max(begin, 0));
    column_end_.push_back(std::min(begin + window_.columns, window_.width));
  }
}

void Pool2dOp::row_range(int row, int* begin, int* end) const {
  const int first = row * window_.stride_h - window_.top;
  *begin = std::max(first, 0);
  *end = std::min(first + window_.rows, window_.height);
}

void Pool2dOp::fill_factors(int rows, float* factors) const {
  for (size_t o = 0; o < column_begin_.size(); ++o) {
    const int cells = rows * (column_end_[o] - column_begin_[o]);
    factors[o] = kind_ == Kind::kAverage ? 1.0f / static_cast<float>(cells) : 1.0f;
  }
}

void Pool2dOp::forward(const Step& s, const OpBuffers& b, size_t task, bool training, float* scratch) const {
  const size_t out_h = static_cast<size_t>(window_.out_h);
  const size_t image = task / out_h;
  const int row = static_cast<int>(task % out_h);
  int begin = 0;
  int end = 0;
  row_range(row, &begin, &end);
  const ptrdiff_t out_row = static_cast<ptrdiff_t>(window_.out_w) * window_.channels;
  const ptrdiff_t out_offset = static_cast<ptrdiff_t>(task) * out_row;
  PoolRow p;
  p.x_row = static_cast<ptrdiff_t>(window_.width) * window_.channels;
  p.x_column = window_.channels;
  p.x = s.at(b.in) + image * static_cast<size_t>(size_of(in)) + begin * p.x_row;
  p.rows = end - begin;
  p.outputs = window_.out_w;
  p.column_begin = column_begin_.data();
  p.column_end = column_end_.data();
  p.channels = window_.channels;
  p.y = s.at(b.out) + out_offset;
  p.y_column = window_.channels;
  if (kind_ == Kind::kMax) {
    kernels().max_pool_i32(p, training ? reinterpret_cast<int32_t*>(s.at(b.saved[0])) + out_offset : nullptr);
  } else {
    fill_factors(p.rows, scratch);
    kernels().sum_pool(p, scratch);
  }
}

// A task is an image: windows may share input cells, and each cell's sum must run in the order of the windows.
void Pool2dOp::backward(const Step& s, const OpBuffers& b, size_t task, float* scratch) const {
  const size_t in_size = static_cast<size_t>(size_of(in));
  const size_t out_size = static_cast<size_t>(size_of(out));
  float* dx = s.at(b.d_in) + task * in_size;
  std::fill(dx, dx + in_size, 0.0f);
  UnpoolRow p;
  p.dx_row = static_cast<ptrdiff_t>(window_.width) * window_.channels;
  p.dx_column = window_.channels;
  p.outputs = window_.out_w;
  p.column_begin = column_begin_.data();
  p.column_end = column_end_.data();
  p.channels = window_.channels;
  p.dy_column = window_.channels;
  for (int row = 0; row < window_.out_h; ++row) {
    int begin = 0;
    int end = 0;
    row_range(row, &begin, &end);
    const size_t offset = task * out_size + static_cast<size_t>(row) * static_cast<size_t>(window_.out_w) *
                                                static_cast<size_t>(window_.channels);
    p.rows = end - begin;
    p.dx = dx + begin * p.dx_row;
    p.dy = s.at(b.d_out) + offset;
    if (kind_ == Kind::kMax) {
      kernels().max_unpool_i32(p, reinterpret_cast<const int32_t*>(s.at(b.saved[0])) + offset);
    } else {
      fill_factors(p.rows, scratch);
      kernels().sum_unpool(p, scratch);
    }
  }
}

// A maximum's place is kept for each output.
void Pool2dOp::begin_pass(Plan& plan, const char* kind, bool places) const {
  const double bytes = sizeof(float) * (size_of(in) + (places ? 2.0 : 1.0) * size_of(out));
  plan.pass({.node = name, .kind = kind, .algorithm = "direct", .bytes = bytes});
}

void Pool2dOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  const bool places = training && kind_ == Kind::kMax;
  begin_pass(plan, "forward", places);
  if (places) buffers.saved.push_back(plan.workspace(static_cast<size_t>(size_of(out))));
  plan.need_scratch(static_cast<size_t>(window_.out_w));
  std::vector<BufferId> uses = {buffers.in, buffers.out};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [this](const Step& s) { return static_cast<size_t>(s.n) * static_cast<size_t>(window_.out_h); },
      [this, b = buffers, training](const Step& s, size_t task, float* scratch) {
        forward(s, b, task, training, scratch);
      });
}

void Pool2dOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  begin_pass(plan, "backward", kind_ == Kind::kMax);
  std::vector<BufferId> uses = {buffers.d_in, buffers.d_out};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [](const Step& s) { return static_cast<size_t>(s.n); },
      [this, b = buffers](const Step& s, size_t task, float* scratch) { backward(s, b, task, scratch); });
}

std::unique_ptr<Op> make_pool2d(const NodeDescription& node, const Shape& in) {
  return std::make_unique<Pool2dOp>(node, in);
}

}  // namespace convforge
