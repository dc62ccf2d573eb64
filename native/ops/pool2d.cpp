#include "ops/pool2d.h"

#include <algorithm>

#include "ops/activation.h"
#include "ops/streams.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// A pair of the node, [height, width], or `fallback` twice.
std::vector<int> pair_of(const NodeDescription& node, const char* key, int minimum, int fallback) {
  return node.attributes.count(key) ? node.integers(key, 2, minimum) : std::vector<int>{fallback, fallback};
}

// The number of cells of each window along an axis, of the `size` cells from `first` on.
std::vector<int64_t> counts_along(int windows, int cells, int stride, int dilation, int first, int64_t size) {
  std::vector<int64_t> counts;
  for (int64_t o = 0; o < windows; ++o) {
    const int64_t begin = o * stride + first;
    const int64_t before = begin < 0 ? (dilation - 1 - begin) / dilation : 0;
    const int64_t inside = begin < size ? (size - begin + dilation - 1) / dilation : 0;
    counts.push_back(std::max<int64_t>(std::min<int64_t>(cells, inside) - before, 0));
  }
  return counts;
}

int rows_per_task(int rows, int64_t row_floats) {
  return static_cast<int>(std::clamp<int64_t>(static_cast<int64_t>(kElementsPerTask) / row_floats, 1, rows));
}

}  // namespace

PoolKind read_pool_kind(const NodeDescription& node) {
  const std::string kind = node.text("kind");
  if (kind == "max") return PoolKind::kMax;
  if (kind == "average") return PoolKind::kAverage;
  if (kind == "sum") return PoolKind::kSum;
  throw Error("UNSUPPORTED", node.name + ": there is no pooling kind '" + kind + "'", node.name);
}

Window pool_window(const NodeDescription& node, const Shape& in) {
  const std::vector<int> size = node.integers("size", 2, 1);
  const std::vector<int> beyond = pair_of(node, "beyond", 0, 0);
  const Window w = make_window(node, in, size[0], size[1], pair_of(node, "dilations", 1, 1), beyond);
  const int64_t height = (w.rows - int64_t{1}) * w.dilation_h + 1;
  const int64_t width = (w.columns - int64_t{1}) * w.dilation_w + 1;
  if (w.top >= height || w.bottom >= height || w.left >= width || w.right >= width) {
    throw Error("INVALID_ARGUMENT", node.name + ": pooling's padding must be smaller than its window", node.name);
  }
  return w;
}

std::vector<float> pool_factors(const NodeDescription& node, const Window& w) {
  const std::string counted = node.attributes.count("counted") ? node.text("counted") : "inside";
  if (counted != "inside" && counted != "padded")
    throw Error("UNSUPPORTED", node.name + ": an average can't count '" + counted + "'", node.name);
  const PoolKind kind = read_pool_kind(node);
  if (kind == PoolKind::kMax) return {};
  if (kind == PoolKind::kSum)
    return std::vector<float>(static_cast<size_t>(w.out_h) * static_cast<size_t>(w.out_w), 1.0f);
  const bool padded = counted == "padded";
  const std::vector<int> padding = node.integers("padding", 4, 0);
  const int64_t height = padded ? int64_t{w.height} + padding[0] + padding[1] : w.height;
  const int64_t width = padded ? int64_t{w.width} + padding[2] + padding[3] : w.width;
  const auto rows = counts_along(w.out_h, w.rows, w.stride_h, w.dilation_h, padded ? 0 : -w.top, height);
  const auto columns = counts_along(w.out_w, w.columns, w.stride_w, w.dilation_w, padded ? 0 : -w.left, width);
  std::vector<float> factors;
  for (const int64_t row : rows)
    for (const int64_t column : columns)
      factors.push_back(row * column == 0 ? 0.0f : 1.0f / static_cast<float>(row * column));
  return factors;
}

WindowSpans::WindowSpans(int size, int windows, int cells, int stride, int padding) {
  for (int o = 0; o < windows; ++o) {
    const int first = o * stride - padding;
    begin.push_back(std::max(first, 0));
    end.push_back(std::min(first + cells, size));
  }
  // Windows are in order, so those that contain a cell are adjacent.
  int32_t first = 0;
  int32_t past = 0;
  for (int cell = 0; cell < size; ++cell) {
    while (past < windows && begin[static_cast<size_t>(past)] <= cell) ++past;
    while (first < past && end[static_cast<size_t>(first)] <= cell) ++first;
    over_begin.push_back(first);
    over_end.push_back(past);
  }
}

Pool2dOp::Pool2dOp(const NodeDescription& node, const Shape& in)
    : Op(node, in, {}),
      kind_(read_pool_kind(node)),
      window_(pool_window(node, in)),
      rows_(window_.height, window_.out_h, window_.rows, window_.stride_h, window_.top),
      columns_(window_.width, window_.out_w, window_.columns, window_.stride_w, window_.left) {
  node.expect_parameters({}, 0);
  out = {window_.out_h, window_.out_w, window_.channels};
  factors_ = pool_factors(node, window_);
}

Pool2dOp::Band Pool2dOp::band(size_t task, int rows, int rows_per_task) {
  const size_t bands = ceil_div(static_cast<size_t>(rows), static_cast<size_t>(rows_per_task));
  const int begin = static_cast<int>(task % bands) * rows_per_task;
  return {task / bands, begin, std::min(begin + rows_per_task, rows)};
}

Fusion Pool2dOp::fusion() const {
  if (kind_ != PoolKind::kMax || !tiles()) return {};
  return {.max_pooling = window_};
}

void Pool2dOp::forward(const Step& s, const OpBuffers& b, const Band& band, bool training) const {
  const bool keeps = training && kind_ == PoolKind::kMax;
  float* indices = keeps ? s.at(b.saved[0]) : nullptr;
  const float* image = s.at(b.in) + band.image * static_cast<size_t>(size_of(in));
  PoolRow p;
  p.x_row = static_cast<ptrdiff_t>(window_.width) * window_.channels;
  p.x_column = window_.channels;
  p.outputs = window_.out_w;
  p.column_begin = columns_.begin.data();
  p.column_end = columns_.end.data();
  p.channels = window_.channels;
  p.y_column = window_.channels;
  p.prefetch = window_.stride_h * p.x_row;
  for (int row = band.begin; row < band.end; ++row) {
    const size_t r = static_cast<size_t>(row);
    const size_t windows = r * static_cast<size_t>(window_.out_w);
    const size_t at = band.image * static_cast<size_t>(size_of(out)) + windows * static_cast<size_t>(window_.channels);
    p.x = image + rows_.begin[r] * p.x_row;
    p.rows = rows_.end[r] - rows_.begin[r];
    p.y = s.at(b.out) + at;
    if (kind_ != PoolKind::kMax) {
      kernels().sum_pool(p, factors_.data() + windows);
    } else if (byte_index()) {
      kernels().max_pool_u8(p, keeps ? reinterpret_cast<uint8_t*>(indices) + at : nullptr);
    } else {
      kernels().max_pool_i32(p, keeps ? reinterpret_cast<int32_t*>(indices) + at : nullptr);
    }
  }
}

void Pool2dOp::backward(const Step& s, const OpBuffers& b, const Band& band) const {
  const size_t in_size = static_cast<size_t>(size_of(in));
  const size_t at = band.image * static_cast<size_t>(size_of(out));
  PoolGradient p;
  p.dy = s.at(b.d_out) + at;
  p.outputs = window_.out_w;
  p.rows = {rows_.begin.data(), rows_.end.data()};
  p.columns = {columns_.begin.data(), columns_.end.data()};
  p.over_rows = {rows_.over_begin.data(), rows_.over_end.data()};
  p.over_columns = {columns_.over_begin.data(), columns_.over_end.data()};
  p.dx = s.at(b.d_in) + band.image * in_size;
  p.row_begin = band.begin;
  p.row_end = band.end;
  p.width = window_.width;
  p.channels = window_.channels;
  p.stream = streams(static_cast<size_t>(s.n), in_size, window_.channels);
  if (kind_ != PoolKind::kMax) {
    kernels().sum_pool_gradient(p, factors_.data());
  } else if (byte_index()) {
    kernels().max_pool_gradient_u8(p, reinterpret_cast<const uint8_t*>(s.at(b.saved[0])) + at);
  } else {
    kernels().max_pool_gradient_i32(p, reinterpret_cast<const int32_t*>(s.at(b.saved[0])) + at);
  }
}

void Pool2dOp::unpool(const Step& s, const OpBuffers& b, const Band& band) const {
  const size_t in_size = static_cast<size_t>(size_of(in));
  const size_t out_size = static_cast<size_t>(size_of(out));
  const uint8_t* indices = reinterpret_cast<const uint8_t*>(s.at(b.saved[0]));
  float* image = s.at(b.d_in) + band.image * in_size;
  UnpoolRow p;
  p.dy_column = window_.channels;
  p.rows = window_.rows;
  p.outputs = window_.out_w;
  p.column_begin = columns_.begin.data();
  p.column_end = columns_.end.data();
  p.channels = window_.channels;
  p.dx_row = static_cast<ptrdiff_t>(window_.width) * window_.channels;
  p.dx_column = window_.channels;
  p.stream = streams(static_cast<size_t>(s.n), in_size, window_.channels);
  const ptrdiff_t covered = window_.out_w * window_.columns * p.dx_column;
  for (int row = band.begin; row < band.end; ++row) {
    const size_t at = band.image * out_size + static_cast<size_t>(row) * out_size / window_.out_h;
    p.dy = s.at(b.d_out) + at;
    p.dx = image + row * window_.rows * p.dx_row;
    kernels().max_unpool_u8(p, indices + at);
    for (int i = 0; i < window_.rows; ++i) std::fill(p.dx + i * p.dx_row + covered, p.dx + (i + 1) * p.dx_row, 0.0f);
  }
  if (band.end == window_.out_h) std::fill(image + window_.out_h * window_.rows * p.dx_row, image + in_size, 0.0f);
}

void Pool2dOp::begin_pass(Plan& plan, const char* kind, bool with_indices) const {
  const double index_bytes = !with_indices ? 0 : byte_index() ? sizeof(uint8_t) : sizeof(int32_t);
  const double bytes = sizeof(float) * static_cast<double>(size_of(in)) + (sizeof(float) + index_bytes) * size_of(out);
  plan.pass({.node = name, .kind = kind, .algorithm = "direct", .bytes = bytes});
}

void Pool2dOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  const bool with_indices = training && kind_ == PoolKind::kMax;
  begin_pass(plan, "forward", with_indices);
  const size_t size = static_cast<size_t>(size_of(out));
  if (with_indices) buffers.saved.push_back(plan.workspace(byte_index() ? ceil_div(size, sizeof(float)) : size));
  std::vector<BufferId> uses = {buffers.in, buffers.out};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  const int rows = window_.out_h;
  const int each = rows_per_task(rows, int64_t{window_.stride_h} * window_.width * window_.channels);
  const size_t bands = ceil_div(static_cast<size_t>(rows), static_cast<size_t>(each));
  plan.stage(
      uses, [bands](const Step& s) { return static_cast<size_t>(s.n) * bands; },
      [=, this, b = buffers](const Step& s, size_t task, float*) { forward(s, b, band(task, rows, each), training); });
}

void Pool2dOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  if (buffers.d_in == kNoBuffer) return;
  begin_pass(plan, "backward", kind_ == PoolKind::kMax);
  std::vector<BufferId> uses = {buffers.d_in, buffers.d_out};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  const int rows = unpools() ? window_.out_h : window_.height;
  const int64_t row_floats = int64_t{unpools() ? window_.rows : 1} * window_.width * window_.channels;
  const int each = rows_per_task(rows, row_floats);
  const size_t bands = ceil_div(static_cast<size_t>(rows), static_cast<size_t>(each));
  plan.stage(
      uses, [bands](const Step& s) { return static_cast<size_t>(s.n) * bands; },
      [=, this, b = buffers](const Step& s, size_t task, float*) {
        const Band rows_of_task = band(task, rows, each);
        unpools() ? unpool(s, b, rows_of_task) : backward(s, b, rows_of_task);
      });
}

std::unique_ptr<Op> make_pool2d(const NodeDescription& node, const Shape& in) {
  const std::vector<int> dilations = pair_of(node, "dilations", 1, 1);
  if (dilations[0] > 1 || dilations[1] > 1) return make_dilated_pool2d(node, in);
  return std::make_unique<Pool2dOp>(node, in);
}

}  // namespace convforge
