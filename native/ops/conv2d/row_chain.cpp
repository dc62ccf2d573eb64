#include "ops/conv2d/row_chain.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ops/conv2d/depthwise.h"
#include "ops/conv2d/folded_kernel.h"
#include "ops/conv2d/forward.h"
#include "ops/conv2d/pointwise.h"
#include "ops/division.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr const char* kName = "chained rows";
// The largest number of rows of a depthwise kernel.
constexpr int kMaxTaps = 16;
// The largest number of kernel rows of all rows that are computed together.
constexpr int kMaxPointers = 48;
// Floats of the values between the parts from which on they are computed together: a batch's wouldn't stay in the L2
// cache.
constexpr size_t kLeastFloats = size_t{1} << 18;
// Floats of these values that a task keeps at a time, and the most that it keeps where single rows are large.
constexpr size_t kKeptFloats = size_t{1} << 16;
constexpr size_t kMostKeptFloats = 4 * kKeptFloats;
// Rows before the depthwise convolution that make a band at least. Neighbouring bands both compute those between them.
constexpr int kBandRows = 12;

bool is_pointwise(const Conv& c) { return c.groups == 1 && !c.pool && decline_pointwise(c).empty(); }

bool is_plain_depthwise(const Conv& c) {
  return c.depthwise() && depth_multiplier(c) == 1 && c.window.rows <= kMaxTaps;
}

size_t row_floats(const Conv& c) { return static_cast<size_t>(c.out_w) * static_cast<size_t>(c.filters); }

// A convolution of the chain with its own kernel and bias.
struct Part {
  const Conv* conv = nullptr;
  OpBuffers buffers;

  const float* kernel(const Step& s) const { return forward_kernel(*conv, s, buffers); }
  const float* bias(const Step& s) const { return forward_bias(*conv, s, buffers); }
};

class RowChain {
 public:
  explicit RowChain(std::vector<Part> parts) : parts_(std::move(parts)) {
    const auto found =
        std::find_if(parts_.begin(), parts_.end(), [](const Part& part) { return part.conv->depthwise(); });
    const auto middle = static_cast<size_t>(found - parts_.begin());
    middle_ = &parts_[middle];
    if (middle > 0) before_ = &parts_[0];
    if (middle + 1 < parts_.size()) behind_ = &parts_[middle + 1];
    const Conv& c = *middle_->conv;
    extent_ = (c.window.rows - 1) * c.window.dilation_h + 1;
    rows_ = 1;
    while (rows_ < c.out_h && kept_floats(rows_ + 1) <= kKeptFloats) ++rows_;
  }
  // The parts are referred to by address.
  RowChain(const RowChain&) = delete;
  RowChain& operator=(const RowChain&) = delete;

  double flops() const {
    double sum = 0;
    for (const Part& part : parts_) sum += part.conv->flops();
    return sum;
  }
  // Plans the kernels that normalizations are folded into, and adds their buffers to `uses`.
  void plan_kernels(Plan& plan, std::vector<BufferId>& uses) {
    for (Part& part : parts_) {
      if (!part.conv->scaling) continue;
      plan_folded_kernel(*part.conv, plan, part.buffers, true);
      uses.insert(uses.end(), {part.buffers.kernel, part.buffers.bias});
    }
  }
  size_t scratch() const { return kGemmScratch + kept_floats(rows_); }
  bool fits() const { return kept_floats(rows_) <= kMostKeptFloats; }
  size_t tasks(const Step& s) const { return static_cast<size_t>(s.n) * bands(s); }
  void run(const Step& s, size_t task, float* scratch) const;

 private:
  // What a task works on.
  struct Task {
    const Step& s;
    size_t image;
    float* packing;  // scratch of products
    float* before;   // a ring of rows that the part before has computed
    float* between;  // rows for the part behind
    int ready;       // rows below this one are in the ring, or are no longer needed
  };

  size_t bands(const Step& s) const {
    const Conv& c = *middle_->conv;
    const size_t most = static_cast<size_t>(before_ ? std::max(1, c.window.height / kBandRows) : c.out_h);
    return std::min(forward_tasks(flops() + (kDepthwiseSlowness - 1) * c.flops(), s), most);
  }
  // Rows that the ring holds while `rows` rows are computed.
  int ring_rows(int rows) const { return (rows - 1) * middle_->conv->window.stride_h + extent_; }
  size_t kept_floats(int rows) const {
    size_t floats = 0;
    if (before_) floats += static_cast<size_t>(ring_rows(rows)) * row_floats(*before_->conv);
    if (behind_) floats += static_cast<size_t>(rows) * row_floats(*middle_->conv);
    return floats;
  }
  void fill_ring(Task& t, int low, int high) const;
  void run_depthwise(const Task& t, int begin, int end, float* y) const;
  static void run_cells(const Task& t, const Part& part, const float* x, float* y, int rows);

  std::vector<Part> parts_;
  const Part* before_ = nullptr;
  const Part* middle_ = nullptr;
  const Part* behind_ = nullptr;
  int extent_ = 0;  // of a depthwise window, in rows of its input
  int rows_ = 0;    // rows of the depthwise output that are computed at a time
};

// Computes `rows` rows of a 1x1 convolution.
void RowChain::run_cells(const Task& t, const Part& part, const float* x, float* y, int rows) {
  const Conv& c = *part.conv;
  PointwiseCells cells;
  cells.x = x;
  cells.y = y;
  cells.count = static_cast<size_t>(rows) * static_cast<size_t>(c.out_w);
  cells.kernel = part.kernel(t.s);
  cells.bias = part.bias(t.s);
  run_pointwise(c, cells, 0, c.filter_parts(), t.packing);
}

// Computes the rows [low, high) of the depthwise input that the ring doesn't have.
void RowChain::fill_ring(Task& t, int low, int high) const {
  const Conv& c = *before_->conv;
  const int ring = ring_rows(rows_);
  const size_t x_row = static_cast<size_t>(c.window.width) * static_cast<size_t>(c.window.channels);
  const float* x = t.s.at(before_->buffers.in) + t.image * c.input_size();
  for (t.ready = std::max(t.ready, low); t.ready < high;) {
    const int slot = t.ready % ring;
    const int rows = std::min(high - t.ready, ring - slot);
    run_cells(t, *before_, x + static_cast<size_t>(t.ready) * x_row,
              t.before + static_cast<size_t>(slot) * row_floats(c), rows);
    t.ready += rows;
  }
}

// Computes the rows [begin, end) of the depthwise output.
void RowChain::run_depthwise(const Task& t, int begin, int end, float* y) const {
  const Conv& c = *middle_->conv;
  const Window& w = c.window;
  const size_t x_row = static_cast<size_t>(w.width) * static_cast<size_t>(w.channels);
  const float* x = before_ ? t.before : t.s.at(middle_->buffers.in) + t.image * c.input_size();
  const int ring = before_ ? ring_rows(rows_) : w.height;
  const float* kernel = middle_->kernel(t.s);
  std::array<const float*, kMaxPointers> rows = {};
  DepthwiseRow d = depthwise_row(c);
  d.x_rows = rows.data();
  d.y_row = static_cast<ptrdiff_t>(row_floats(c));
  d.bias = middle_->bias(t.s);
  const auto taps_of = [&w](int output) {
    return taps_inside(output * w.stride_h - w.top, w.rows, w.dilation_h, w.height);
  };
  // Adjacent rows are computed together if the same rows of their windows are inside the image.
  for (int o = begin; o < end; o += d.output_rows) {
    const std::pair<int, int> inside = taps_of(o);
    d.rows = inside.second - inside.first;
    d.w = kernel + inside.first * d.w_row;
    d.y = y + static_cast<size_t>(o - begin) * row_floats(c);
    const int most = d.rows > 0 ? std::min(end - o, kMaxPointers / d.rows) : 1;
    size_t pointers = 0;
    for (d.output_rows = 0; d.output_rows < most; ++d.output_rows) {
      const int output = o + d.output_rows;
      if (taps_of(output) != inside) break;
      for (int i = inside.first; i < inside.second; ++i) {
        const int row = output * w.stride_h - w.top + i * w.dilation_h;
        rows[pointers++] = x + static_cast<size_t>(row % ring) * x_row;
      }
    }
    kernels().depthwise(d);
  }
  if (!c.in_kernel()) {
    activate_outputs(c, y, static_cast<size_t>(end - begin) * static_cast<size_t>(c.out_w),
                     static_cast<size_t>(c.filters));
  }
}

void RowChain::run(const Step& s, size_t task, float* scratch) const {
  const Conv& c = *middle_->conv;
  const Conv& last = *parts_.back().conv;
  const size_t count = bands(s);
  const Band band = forward_band(c, task / count, task % count, count);
  float* before = scratch + kGemmScratch;
  float* between = before + (before_ ? static_cast<size_t>(ring_rows(rows_)) * row_floats(*before_->conv) : 0);
  Task t = {s, band.image, scratch, before, between, 0};
  float* y = s.at(parts_.back().buffers.out) + band.image * last.output_size();
  for (int o = band.begin; o < band.end; o += rows_) {
    const int end = std::min(o + rows_, band.end);
    const int first = o * c.window.stride_h - c.window.top;
    const int extent = (end - 1 - o) * c.window.stride_h + extent_;
    if (before_) fill_ring(t, std::max(first, 0), std::min(first + extent, c.window.height));
    float* to = y + static_cast<size_t>(o) * row_floats(last);
    run_depthwise(t, o, end, behind_ ? between : to);
    if (behind_) run_cells(t, *behind_, between, to, end - o);
  }
}

// Whether the values between the parts take so much memory that it pays to keep them in cache, where each image reads
// the kernels of the 1x1 parts anew.
bool pays(const ConvParts& parts, const Plan& plan) {
  size_t between = 0;
  size_t kernels = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i + 1 < parts.size()) between = std::max(between, parts[i]->output_size());
    if (!parts[i]->depthwise()) kernels += parts[i]->depth() * static_cast<size_t>(parts[i]->filters);
  }
  return between >= kernels && between * static_cast<size_t>(plan.capacity()) >= kLeastFloats;
}

std::string work_of(const ConvParts& parts) {
  std::string work = fused_work(*parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string fused = fused_work(*parts[i]);
    work += (work.empty() ? "" : "; ") + parts[i]->name + (fused.empty() ? "" : " with " + fused);
  }
  return work;
}

// Plans the parts together. Returns false if that doesn't pay.
bool plan_together(const ConvParts& parts, Plan& plan, const OpBuffers& buffers) {
  if (!plan.allows_algorithm(kName) || !pays(parts, plan)) return false;
  std::vector<Part> planned;
  for (const std::unique_ptr<Conv>& conv : parts) planned.push_back({conv.get(), {}});
  planned.front().buffers.in = buffers.in;
  planned.back().buffers.out = buffers.out;
  const auto chain = std::make_shared<RowChain>(std::move(planned));
  if (!chain->fits()) return false;
  plan.pass({.node = parts[0]->name,
             .kind = "forward",
             .algorithm = kName,
             .fused = work_of(parts),
             .flops = chain->flops()});
  std::vector<BufferId> uses = {buffers.in, buffers.out};
  chain->plan_kernels(plan, uses);
  plan.need_scratch(chain->scratch());
  plan.stage(
      std::move(uses), [chain](const Step& s) { return chain->tasks(s); },
      [chain](const Step& s, size_t task, float* scratch) { chain->run(s, task, scratch); });
  return true;
}

}  // namespace

bool extends_row_chain(size_t parts, const Conv& last, const Conv& next) {
  if (last.depthwise()) return is_plain_depthwise(last) && is_pointwise(next);
  return parts == 1 && is_pointwise(last) && is_plain_depthwise(next);
}

void plan_row_chain(const ConvParts& parts, Plan& plan, OpBuffers& buffers) {
  if (plan_together(parts, plan, buffers)) return;
  BufferId in = buffers.in;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    OpBuffers part;
    part.in = in;
    part.out = is_last ? buffers.out : plan.buffer(parts[i]->output_size());
    plan_conv_forward(*parts[i], plan, part, false);
    in = part.out;
  }
}

}  // namespace convforge
