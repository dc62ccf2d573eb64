// Convolution, directly on [h][w][channels] images: along a row of the kernel, kernel columns x channels are contiguous
// in the image, so that every pass is a small matrix product over parts of the image as it lies in memory, without
// im2col.
#include "ops/conv2d.h"

#include <algorithm>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Images of a small batch are split into bands of rows to make at least this many tasks.
constexpr size_t kForwardTasks = 16;
// The batch is split into at most so many chunks, each with a kernel gradient of its own, added up in order
// afterwards...
constexpr size_t kGradientChunks = 16;
// ...of which all together have at most so many floats.
constexpr size_t kGradientFloats = size_t{1} << 26;
constexpr size_t kCombineFloats = 4096;

const Shape& kernel_shape(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({"kernel", "bias"}, 1);
  const Shape& kernel = node.parameters[0].shape;
  if (kernel.size() != 4 || in.size() != 3 || kernel[2] != in[2]) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": a kernel " + to_string(kernel) + " doesn't fit its input " + to_string(in) +
                    "; it takes [height, width, in channels, out channels]",
                node.name);
  }
  checked_size(kernel, "kernel", node.name);
  return kernel;
}

}  // namespace

Conv2dOp::Conv2dOp(const NodeDescription& node, const Shape& in) : Op(node, in, {}), parameters_(node.parameters) {
  const Shape& kernel = kernel_shape(node, in);
  window_ = make_window(node, in, kernel[0], kernel[1], true);
  filters_ = static_cast<int>(kernel[3]);
  panels_ = ceil_div(static_cast<size_t>(filters_), kPanel);
  has_bias_ = node.parameters.size() > 1;
  if (has_bias_ && node.parameters[1].shape != Shape{kernel[3]}) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": the bias has a value for each of " + std::to_string(filters_) + " filters", node.name);
  }
  out = {window_.out_h, window_.out_w, filters_};
  checked_size(out, "output", node.name);

  const bool whole_rows = window_.dilation_w == 1;
  const ptrdiff_t row_floats = static_cast<ptrdiff_t>(padded_floats(1));
  segment_depth_ = (whole_rows ? window_.columns : 1) * window_.channels;
  for (int i = 0; i < window_.rows; ++i) {
    for (int j = 0; j < (whole_rows ? 1 : window_.columns); ++j) {
      forward_segments_.push_back(i * window_.dilation_h * row_floats + j * window_.dilation_w * window_.channels);
    }
  }
  for (int o = 0; o < window_.out_h; ++o) gradient_segments_.push_back(o * window_.stride_h * row_floats);
}

void Conv2dOp::place(const std::vector<Parameter>& parameters) {
  kernel_offset_ = parameters[0].offset;
  if (has_bias_) bias_offset_ = parameters[1].offset;
}

bool Conv2dOp::absorb(const Op& next) {
  if (const auto* activation = dynamic_cast<const ActivationOp*>(&next)) {
    if (activated_ || activation->is_softmax()) return false;
    activated_ = true;
    activation_ = activation->kind();
    return true;
  }
  const auto* pool = dynamic_cast<const Pool2dOp*>(&next);
  constexpr int kMaxCells = 255;  // their index is kept in a byte
  if (!pool || pool_ || pool->kind() != Pool2dOp::Kind::kMax || !pool->tiles()) return false;
  if (pool->window().rows * pool->window().columns > kMaxCells) return false;
  pool_ = true;
  pool_rows_ = pool->window().rows;
  pool_columns_ = pool->window().columns;
  for (int o = 0; o < pool->window().out_w; ++o) {
    pool_begin_.push_back(o * pool_columns_);
    pool_end_.push_back((o + 1) * pool_columns_);
  }
  out = pool->out;
  return true;
}

// ---- forward ----

struct Conv2dOp::Band {
  size_t image = 0;
  int begin = 0;  // units of output
  int end = 0;
  const float* x = nullptr;  // the padded image's row under output row begin * unit_rows()
};

size_t Conv2dOp::bands(const Step& s) const {
  const size_t wanted = ceil_div(kForwardTasks, static_cast<size_t>(s.n));
  return std::min(wanted, static_cast<size_t>(units()));
}

void Conv2dOp::forward(const Step& s, const OpBuffers& b, size_t task, float* scratch) const {
  const size_t bands_per_image = bands(s);
  Band band;
  band.image = task / bands_per_image;
  const size_t index = task % bands_per_image;
  band.begin = static_cast<int>(index * static_cast<size_t>(units()) / bands_per_image);
  band.end = static_cast<int>((index + 1) * static_cast<size_t>(units()) / bands_per_image);
  const float* image = s.at(b.in) + band.image * input_size();
  const int first_row = band.begin * unit_rows() * window_.stride_h;
  if (window_.padded()) {
    const int last_output = band.end * unit_rows() - 1;
    const int rows = last_output * window_.stride_h + (window_.rows - 1) * window_.dilation_h + 1 - first_row;
    copy_padded_rows(window_, image, first_row, rows, scratch);
    band.x = scratch;
    scratch += round_up(padded_floats(rows), kLineFloats);
  } else {
    band.x = image + padded_floats(first_row);
  }
  for (size_t panel = 0; panel < panels_; ++panel) forward_panel(s, b, band, static_cast<int>(panel), scratch);

  const bool done_in_product = !pool_ && activation_ == Activation::kRelu;
  if (activation_ != Activation::kLinear && !done_in_product) {
    const size_t row = output_size() / static_cast<size_t>(units());
    float* y = s.at(b.out) + band.image * output_size() + static_cast<size_t>(band.begin) * row;
    kernels().activate(activation_, y, y, static_cast<size_t>(band.end - band.begin) * row);
  }
}

// One panel of filters of a band. All activations rise monotonically, so pooling may go before them.
void Conv2dOp::forward_panel(const Step& s, const OpBuffers& b, const Band& band, int panel, float* strip) const {
  const KernelTable& k = kernels();
  const int columns = panel_columns(panel);
  const ptrdiff_t out_row = out[1] * filters_;
  float* y = s.at(b.out) + band.image * output_size() + panel * kPanel;
  Gemm g;
  g.m = used_columns();
  g.n = columns;
  g.depth = segment_depth_;
  g.segments = static_cast<int>(forward_segments_.size());
  g.a_segments = forward_segments_.data();
  g.a_row = static_cast<ptrdiff_t>(window_.stride_w) * window_.channels;
  g.a_depth = 1;
  g.b = s.weights + kernel_offset_ + static_cast<size_t>(panel) * depth() * kPanel;
  g.b_depth = kPanel;
  g.b_segment = static_cast<ptrdiff_t>(segment_depth_) * kPanel;
  g.bias = has_bias_ ? s.weights + bias_offset_ + panel * kPanel : nullptr;
  g.relu = !pool_ && activation_ == Activation::kRelu;
  g.c_row = pool_ ? kPanel : filters_;
  for (int unit = band.begin; unit < band.end; ++unit) {
    for (int r = 0; r < unit_rows(); ++r) {
      const int row = (unit - band.begin) * unit_rows() + r;
      g.a = band.x + padded_floats(row * window_.stride_h);
      g.c = pool_ ? strip + static_cast<ptrdiff_t>(r) * g.m * kPanel : y + unit * out_row;
      k.gemm(g);
    }
    if (!pool_) continue;
    PoolRow p;
    p.x = strip;
    p.x_row = static_cast<ptrdiff_t>(g.m) * kPanel;
    p.x_column = kPanel;
    p.rows = pool_rows_;
    p.outputs = static_cast<int>(out[1]);
    p.column_begin = pool_begin_.data();
    p.column_end = pool_end_.data();
    p.channels = columns;
    p.y = y + unit * out_row;
    p.y_column = filters_;
    uint8_t* index = b.saved.empty() ? nullptr : reinterpret_cast<uint8_t*>(s.at(b.saved[0]));
    k.max_pool_u8(p, index ? index + (p.y - s.at(b.out)) : nullptr);
  }
}

void Conv2dOp::plan_forward(Plan& plan, OpBuffers& buffers, bool training) const {
  if (training && pool_) buffers.saved.push_back(plan.buffer(ceil_div(output_size(), sizeof(float)), kLineFloats));
  const size_t padded = window_.padded() ? round_up(padded_floats(window_.padded_h()), kLineFloats) : 0;
  const size_t strip = pool_ ? static_cast<size_t>(pool_rows_) * static_cast<size_t>(used_columns()) * kPanel : 0;
  plan.need_scratch(padded + strip);
  std::vector<BufferId> uses = {buffers.in, buffers.out};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [this](const Step& s) { return static_cast<size_t>(s.n) * bands(s); },
      [this, b = buffers](const Step& s, size_t task, float* scratch) { forward(s, b, task, scratch); });
}

// ---- backward ----

size_t Conv2dOp::chunks(const Step& s) const {
  const size_t fit = std::max<size_t>(1, kGradientFloats / partial_floats());
  return std::min({kGradientChunks, fit, static_cast<size_t>(s.n)});
}

// Floats of one segment's columns, padded to whole panels.
size_t Conv2dOp::kernel_t_row() const { return round_up(static_cast<size_t>(segment_depth_), kPanel); }

// kernel_t[segment][panel of segment_depth][filter][kPanel], one task a segment.
void Conv2dOp::transpose_kernel(const Step& s, float* kernel_t, size_t task) const {
  const float* kernel = s.weights + kernel_offset_;
  float* y = kernel_t + task * kernel_t_row() * static_cast<size_t>(filters_);
  for (int k = 0; k < segment_depth_; k += kPanel) {
    const int columns = std::min(kPanel, segment_depth_ - k);
    float* panel_t = y + static_cast<size_t>(k) * static_cast<size_t>(filters_);
    for (size_t panel = 0; panel < panels_; ++panel) {
      const float* x =
          kernel + (panel * depth() + task * static_cast<size_t>(segment_depth_) + static_cast<size_t>(k)) * kPanel;
      kernels().transpose(x, columns, panel_columns(static_cast<int>(panel)), kPanel, panel_t + panel * kPanel * kPanel,
                          kPanel);
    }
  }
}

// The gradient of the convolution's own output, [out_h][out_w][filters]: through pooling and activation, into `full`
// where needed.
const float* Conv2dOp::output_gradient(const Step& s, const OpBuffers& b, size_t image, float* full,
                                       float* pooled) const {
  const KernelTable& k = kernels();
  const size_t offset = image * output_size();
  const float* dy = s.at(b.d_out) + offset;
  if (activation_ != Activation::kLinear) {
    float* inner = pool_ ? pooled : full;
    k.activate_backward(activation_, s.at(b.out) + offset, dy, inner, output_size());
    dy = inner;
  }
  if (!pool_) return dy;
  const uint8_t* index = reinterpret_cast<const uint8_t*>(s.at(b.saved[0])) + offset;
  const ptrdiff_t full_row = static_cast<ptrdiff_t>(window_.out_w) * filters_;
  const ptrdiff_t pooled_row = out[1] * filters_;
  // Rows and columns that no window covers have no gradient.
  if (used_columns() < window_.out_w || units() * pool_rows_ < window_.out_h) {
    std::fill(full, full + window_.out_h * full_row, 0.0f);
  }
  UnpoolRow p;
  p.dy_column = filters_;
  p.rows = pool_rows_;
  p.outputs = static_cast<int>(out[1]);
  p.column_begin = pool_begin_.data();
  p.column_end = pool_end_.data();
  p.channels = filters_;
  p.dx_row = full_row;
  p.dx_column = filters_;
  p.overwrite = true;
  for (int unit = 0; unit < units(); ++unit) {
    p.dy = dy + unit * pooled_row;
    p.dx = full + unit * pool_rows_ * full_row;
    k.max_unpool_u8(p, index + unit * pooled_row);
  }
  return full;
}

// partial[panel][kernel row, column, channel][kPanel] (+)= sum over output cells of x * dy.
void Conv2dOp::kernel_gradient(const float* x, const float* dy, float* partial, bool accumulate) const {
  Gemm g;
  g.m = segment_depth_;
  g.depth = window_.out_w;
  g.segments = window_.out_h;
  g.a_row = 1;
  g.a_depth = static_cast<ptrdiff_t>(window_.stride_w) * window_.channels;
  g.a_segments = gradient_segments_.data();
  g.b_depth = filters_;
  g.b_segment = static_cast<ptrdiff_t>(window_.out_w) * filters_;
  g.c_row = kPanel;
  g.accumulate = accumulate;
  for (size_t panel = 0; panel < panels_; ++panel) {
    g.n = panel_columns(static_cast<int>(panel));
    g.b = dy + panel * kPanel;
    for (size_t segment = 0; segment < forward_segments_.size(); ++segment) {
      g.a = x + forward_segments_[segment];
      g.c = partial + (panel * depth() + segment * static_cast<size_t>(segment_depth_)) * kPanel;
      kernels().gemm(g);
    }
  }
}

// dx (padded, zeroed) += the kernel's cells times dy, scattered. An element of dx takes its terms in the order of
// kernel rows, then output columns, whatever the tiles: each product goes to `row` first, and from there to dx column
// by column.
void Conv2dOp::input_gradient(const float* dy, const float* kernel_t, float* dx, float* row) const {
  const KernelTable& k = kernels();
  const size_t row_floats = kernel_t_row();
  Gemm g;
  g.m = window_.out_w;
  g.depth = filters_;
  g.a_row = filters_;
  g.a_depth = 1;
  g.b_depth = kPanel;
  g.c_row = static_cast<ptrdiff_t>(row_floats);
  for (size_t segment = 0; segment < forward_segments_.size(); ++segment) {
    const float* segment_t = kernel_t + segment * row_floats * static_cast<size_t>(filters_);
    for (int o = 0; o < window_.out_h; ++o) {
      g.a = dy + static_cast<ptrdiff_t>(o) * window_.out_w * filters_;
      for (int j = 0; j < segment_depth_; j += kPanel) {
        g.n = std::min(kPanel, segment_depth_ - j);
        g.b = segment_t + static_cast<size_t>(j) * static_cast<size_t>(filters_);
        g.c = row + j;
        k.gemm(g);
      }
      float* target = dx + gradient_segments_[static_cast<size_t>(o)] + forward_segments_[segment];
      for (int c = 0; c < window_.out_w; ++c) {
        k.accumulate(row + static_cast<size_t>(c) * row_floats,
                     target + static_cast<ptrdiff_t>(c) * window_.stride_w * window_.channels,
                     static_cast<size_t>(segment_depth_));
      }
    }
  }
}

void Conv2dOp::backward_chunk(const Step& s, const OpBuffers& b, const BackwardBuffers& bb, size_t chunk,
                              float* scratch) const {
  const KernelTable& k = kernels();
  const size_t count = chunks(s);
  const size_t begin = chunk * static_cast<size_t>(s.n) / count;
  const size_t end = (chunk + 1) * static_cast<size_t>(s.n) / count;
  const size_t full_floats =
      static_cast<size_t>(window_.out_h) * static_cast<size_t>(window_.out_w) * static_cast<size_t>(filters_);
  float* full = scratch;
  float* pooled = full + round_up(full_floats, kLineFloats);
  float* padded = pooled + round_up(pool_ ? output_size() : 0, kLineFloats);
  float* row = padded + (window_.padded() ? round_up(padded_floats(window_.padded_h()), kLineFloats) : 0);
  float* partial = s.at(bb.partial) + chunk * partial_floats();
  float* partial_bias = partial + panels_ * depth() * kPanel;
  // The padding of the last panel and of the bias is nobody's gradient.
  if (filters_ % kPanel != 0) {
    std::fill(partial + (panels_ - 1) * depth() * kPanel, partial_bias, 0.0f);
  }
  std::fill(partial_bias, partial_bias + panels_ * kPanel, 0.0f);
  for (size_t image = begin; image < end; ++image) {
    const bool accumulate = image > begin;
    const float* dy = output_gradient(s, b, image, full, pooled);
    const float* x = s.at(b.in) + image * input_size();
    if (has_bias_) {
      k.sum_rows(dy, static_cast<size_t>(window_.out_h) * static_cast<size_t>(window_.out_w), filters_, partial_bias,
                 filters_, accumulate);
    }
    if (window_.padded()) {
      copy_padded_rows(window_, x, 0, window_.padded_h(), padded);
      x = padded;
    }
    kernel_gradient(x, dy, partial, accumulate);
    if (b.d_in == kNoBuffer) continue;
    float* d_in = s.at(b.d_in) + image * input_size();
    float* dx = window_.padded() ? padded : d_in;
    std::fill(dx, dx + padded_floats(window_.padded_h()), 0.0f);
    input_gradient(dy, s.at(bb.kernel_t), dx, row);
    if (window_.padded()) copy_unpadded(window_, padded, d_in);
  }
}

// Adds the chunks' gradients in order.
void Conv2dOp::combine(const Step& s, const float* partial, size_t task) const {
  const size_t kernel_floats = panels_ * depth() * kPanel;
  const size_t begin = task * kCombineFloats;
  const size_t end = std::min(begin + kCombineFloats, partial_floats());
  const auto add_up = [&](size_t from, size_t to, float* gradient) {
    std::copy(partial + from, partial + to, gradient);
    for (size_t chunk = 1; chunk < chunks(s); ++chunk) {
      kernels().accumulate(partial + chunk * partial_floats() + from, gradient, to - from);
    }
  };
  if (begin < kernel_floats) add_up(begin, std::min(end, kernel_floats), s.gradients + kernel_offset_ + begin);
  if (has_bias_ && end > kernel_floats) {
    const size_t from = std::max(begin, kernel_floats);
    add_up(from, end, s.gradients + bias_offset_ + (from - kernel_floats));
  }
}

void Conv2dOp::plan_backward(Plan& plan, const OpBuffers& buffers) const {
  BackwardBuffers bb;
  Step largest;
  largest.n = plan.capacity();
  bb.partial = plan.buffer(0, chunks(largest) * partial_floats());
  const size_t full_floats =
      static_cast<size_t>(window_.out_h) * static_cast<size_t>(window_.out_w) * static_cast<size_t>(filters_);
  plan.need_scratch(round_up(full_floats, kLineFloats) + round_up(pool_ ? output_size() : 0, kLineFloats) +
                    (window_.padded() ? round_up(padded_floats(window_.padded_h()), kLineFloats) : 0) +
                    static_cast<size_t>(window_.out_w) * kernel_t_row());
  if (buffers.d_in != kNoBuffer) {
    bb.kernel_t = plan.buffer(0, forward_segments_.size() * kernel_t_row() * static_cast<size_t>(filters_));
    plan.stage(
        {bb.kernel_t}, [this](const Step&) { return forward_segments_.size(); },
        [this, bb](const Step& s, size_t task, float*) { transpose_kernel(s, s.at(bb.kernel_t), task); });
  }
  std::vector<BufferId> uses = {buffers.in, buffers.out, buffers.d_out, buffers.d_in, bb.kernel_t, bb.partial};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [this](const Step& s) { return chunks(s); },
      [this, b = buffers, bb](const Step& s, size_t task, float* scratch) { backward_chunk(s, b, bb, task, scratch); });
  plan.stage(
      {bb.partial}, [this](const Step&) { return ceil_div(partial_floats(), kCombineFloats); },
      [this, bb](const Step& s, size_t task, float*) { combine(s, s.at(bb.partial), task); });
}

std::unique_ptr<Op> make_conv2d(const NodeDescription& node, const Shape& in) {
  return std::make_unique<Conv2dOp>(node, in);
}

}  // namespace convforge
