// Directly on [h][w][channels] images: along a row of the kernel, kernel columns x channels are contiguous in the
// image, so that an output row is a small matrix product over parts of the image as it lies in memory, without im2col.
#include "ops/conv2d/forward.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

class DirectForward {
 public:
  DirectForward(const Conv& conv, const OpBuffers& buffers) : c_(conv), b_(buffers) {}

  size_t scratch() const {
    const size_t padded = c_.window.padded() ? round_up(c_.padded_floats(c_.window.padded_h()), kLineFloats) : 0;
    return padded + (c_.pool ? static_cast<size_t>(c_.pool_rows) * used_columns() * kPanel : 0);
  }

  void run(const Step& s, size_t task, float* scratch) const;

 private:
  // Columns of the convolution that are used.
  int used_columns() const { return c_.out_w * c_.pool_columns; }
  // `x` is the padded image's row under convolution row band.begin * pool_rows.
  void run_block(const Step& s, const Band& band, const float* x, const FilterBlock& block, float* strip) const;

  const Conv& c_;
  OpBuffers b_;
};

void DirectForward::run(const Step& s, size_t task, float* scratch) const {
  const Window& w = c_.window;
  const Band band = forward_band(c_, s, task);
  const float* image = s.at(b_.in) + band.image * c_.input_size();
  const int first_row = band.begin * c_.pool_rows * w.stride_h;
  const float* x = image + c_.padded_floats(first_row);
  if (w.padded()) {
    const int last_output = band.end * c_.pool_rows - 1;
    const int rows = last_output * w.stride_h + (w.rows - 1) * w.dilation_h + 1 - first_row;
    copy_padded_rows(w, image, first_row, rows, scratch);
    x = scratch;
    scratch += round_up(c_.padded_floats(rows), kLineFloats);
  }
  for (const FilterBlock& block : c_.blocks) run_block(s, band, x, block, scratch);

  if (!c_.pool && c_.activation.kind == Activation::Kind::kRelu) return;  // done in the product
  const size_t row = static_cast<size_t>(c_.out_w) * c_.filters;
  float* y = s.at(b_.out) + band.image * c_.output_size() + static_cast<size_t>(band.begin) * row;
  activate_outputs(c_, y, static_cast<size_t>(band.end - band.begin) * row);
}

void DirectForward::run_block(const Step& s, const Band& band, const float* x, const FilterBlock& block,
                              float* strip) const {
  const KernelTable& k = kernels();
  const ptrdiff_t out_row = static_cast<ptrdiff_t>(c_.out_w) * c_.filters;
  float* y = s.at(b_.out) + band.image * c_.output_size() + block.begin;
  Gemm g;
  g.m = used_columns();
  g.n = block.count;
  g.depth = c_.segment_depth;
  g.segments = static_cast<int>(c_.segments.size());
  g.a_segments = c_.segments.data();
  g.a_row = static_cast<ptrdiff_t>(c_.window.stride_w) * c_.window.channels;
  g.a_depth = 1;
  g.b = s.weights + c_.kernel_offset + c_.panel_offset(block);
  g.b_depth = kPanel;
  g.b_segment = static_cast<ptrdiff_t>(c_.segment_depth) * kPanel;
  g.bias = c_.has_bias ? s.weights + c_.bias_offset + block.begin : nullptr;
  g.relu = !c_.pool && c_.activation.kind == Activation::Kind::kRelu;
  g.c_row = c_.pool ? kPanel : c_.filters;
  uint8_t* index = pool_index(s, b_);
  for (int unit = band.begin; unit < band.end; ++unit) {
    for (int r = 0; r < c_.pool_rows; ++r) {
      const int row = (unit - band.begin) * c_.pool_rows + r;
      g.a = x + c_.padded_floats(row * c_.window.stride_h) + c_.first_channel(block);
      g.c = c_.pool ? strip + static_cast<ptrdiff_t>(r) * g.m * kPanel : y + unit * out_row;
      k.gemm(g);
    }
    if (!c_.pool) continue;
    PoolRow p;
    p.x = strip;
    p.x_row = static_cast<ptrdiff_t>(g.m) * kPanel;
    p.x_column = kPanel;
    p.rows = c_.pool_rows;
    p.outputs = c_.out_w;
    p.column_begin = c_.pool_begin.data();
    p.column_end = c_.pool_end.data();
    p.channels = g.n;
    p.y = y + unit * out_row;
    p.y_column = c_.filters;
    k.max_pool_u8(p, index ? index + (p.y - s.at(b_.out)) : nullptr);
  }
}

void plan_direct(const Conv& conv, Plan& plan, const OpBuffers& buffers) {
  const DirectForward direct(conv, buffers);
  plan.need_scratch(direct.scratch());
  std::vector<BufferId> uses = {buffers.in, buffers.out};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [&conv](const Step& s) { return static_cast<size_t>(s.n) * forward_bands(conv, s); },
      [direct](const Step& s, size_t task, float* scratch) { direct.run(s, task, scratch); });
}

}  // namespace

const ForwardAlgorithm kDirectForward = {"direct", [](const Conv&) { return std::string(); }, plan_direct};

}  // namespace convforge
