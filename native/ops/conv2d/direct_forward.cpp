// The direct algorithm on images [h][w][channels]. Along a kernel row, kernel columns x channels are contiguous in the
// image, so an output row is a small matrix product over the image as it is stored, without im2col.
#include "ops/conv2d/forward.h"
#include "ops/division.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

class DirectForward {
 public:
  DirectForward(const Conv& conv, const OpBuffers& buffers) : c_(conv), b_(buffers) {}

  size_t scratch() const {
    const size_t padded = c_.window.padded() ? round_up(c_.padded_floats(c_.window.padded_h()), kLineFloats) : 0;
    return padded + (c_.pool && !pools_in_product() ? strip_floats() : 0) + kGemmScratch;
  }

  size_t tasks(const Step& s) const { return static_cast<size_t>(s.n) * cut(s).tasks(); }
  void run(const Step& s, size_t task, float* scratch) const;

 private:
  // How each image is cut: into bands of rows, and parts of the filters.
  Cut cut(const Step& s) const {
    const double kernel = static_cast<double>(c_.depth()) * c_.filters;
    const double image = static_cast<double>(c_.padded_floats(c_.window.padded_h()));
    return cut_product(forward_tasks(c_.flops(), s), static_cast<size_t>(c_.out_h), image, c_.filter_parts(), kernel);
  }
  bool pools_in_product() const { return c_.pool && c_.pool_rows == 2 && c_.pool_columns == 2; }
  bool activates_in_product() const { return (!c_.pool || pools_in_product()) && c_.activation.clips(); }
  // Columns of the convolution's output that pooling windows cover.
  int used_columns() const { return c_.out_w * c_.pool_columns; }
  // Floats of the rows under a row of pooling windows.
  size_t strip_floats() const { return static_cast<size_t>(c_.pool_rows) * used_columns() * kPanel; }
  // The product that computes a row of outputs, without its addresses.
  Gemm product(const Step& s, const FilterBlock& block) const;
  float* output(const Step& s, const Band& band, int row, const FilterBlock& block) const {
    return s.at(b_.out) + band.image * c_.output_size() + static_cast<size_t>(row) * c_.out_w * c_.filters +
           block.begin;
  }
  // The winning indices of the outputs from y on, or null if they aren't stored.
  uint8_t* index_of(const Step& s, const float* y) const {
    uint8_t* index = pool_index(s, b_);
    return index ? index + (y - s.at(b_.out)) : nullptr;
  }
  // Compute a band for one block of filters: without pooling, with 2x2 pooling in registers, or with other pooling from
  // a strip of rows. `x` is the padded image at the band's first row and the block's first channel.
  void run_rows(const Step& s, const Band& band, const float* x, const FilterBlock& block, float* scratch) const;
  void run_pooled(const Step& s, const Band& band, const float* x, const FilterBlock& block) const;
  void run_strips(const Step& s, const Band& band, const float* x, const FilterBlock& block, float* scratch) const;

  const Conv& c_;
  OpBuffers b_;
};

void DirectForward::run(const Step& s, size_t task, float* scratch) const {
  const Window& w = c_.window;
  const auto [bands, parts] = cut(s);
  const size_t index = task % (bands * parts);
  const Band band = forward_band(c_, task / (bands * parts), index / parts, bands);
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
  const size_t first_part = c_.filter_parts() * (index % parts) / parts;
  const size_t end_part = c_.filter_parts() * (index % parts + 1) / parts;
  c_.for_filters(first_part, end_part, [&](const FilterBlock& block) {
    const float* channels = x + c_.first_channel(block);
    if (!c_.pool) {
      run_rows(s, band, channels, block, scratch);
    } else if (pools_in_product()) {
      run_pooled(s, band, channels, block);
    } else {
      run_strips(s, band, channels, block, scratch);
    }
    if (activates_in_product()) return;
    activate_outputs(c_, output(s, band, band.begin, block), static_cast<size_t>((band.end - band.begin) * c_.out_w),
                     static_cast<size_t>(block.count));
  });
}

Gemm DirectForward::product(const Step& s, const FilterBlock& block) const {
  Gemm g;
  g.n = block.count;
  g.depth = c_.segment_depth;
  g.segments = static_cast<int>(c_.segments.size());
  g.a_segments = c_.segments.data();
  g.a_row = static_cast<ptrdiff_t>(c_.window.stride_w) * c_.window.channels;
  g.a_depth = 1;
  g.b = forward_kernel(c_, s, b_) + c_.panel_offset(block);
  g.b_depth = kPanel;
  g.b_segment = static_cast<ptrdiff_t>(c_.segment_depth) * kPanel;
  g.b_panel = static_cast<ptrdiff_t>(c_.depth()) * kPanel;
  const float* bias = forward_bias(c_, s, b_);
  g.bias = bias ? bias + block.begin : nullptr;
  g.relu = activates_in_product();
  g.maximum = c_.activation.maximum;
  return g;
}

void DirectForward::run_rows(const Step& s, const Band& band, const float* x, const FilterBlock& block,
                             float* scratch) const {
  Gemm g = product(s, block);
  g.m = c_.out_w;
  g.strips = band.end - band.begin;
  g.a = x;
  g.a_strips = c_.output_rows.data();
  g.c = output(s, band, band.begin, block);
  g.c_row = c_.filters;
  g.scratch = scratch;
  kernels().gemm(g);
}

void DirectForward::run_pooled(const Step& s, const Band& band, const float* x, const FilterBlock& block) const {
  GemmPool p;
  p.product = product(s, block);
  p.product.m = c_.out_w;
  p.product.c_row = c_.filters;
  p.a_below = static_cast<ptrdiff_t>(c_.padded_floats(c_.window.stride_h));
  for (int row = band.begin; row < band.end; ++row) {
    p.product.a = x + 2 * (row - band.begin) * p.a_below;
    p.product.c = output(s, band, row, block);
    p.index = index_of(s, p.product.c);
    kernels().gemm_max_pool(p);
  }
}

void DirectForward::run_strips(const Step& s, const Band& band, const float* x, const FilterBlock& block,
                               float* scratch) const {
  Gemm g = product(s, block);
  g.m = used_columns();
  g.strips = c_.pool_rows;
  g.a_strips = c_.output_rows.data();
  g.c = scratch;
  g.c_row = kPanel;
  g.scratch = scratch + strip_floats();
  PoolRow p = pool_row(c_);
  p.x = g.c;
  p.x_row = g.m * g.c_row;
  p.x_column = kPanel;
  p.channels = g.n;
  for (int row = band.begin; row < band.end; ++row) {
    g.a = x + c_.padded_floats((row - band.begin) * c_.pool_rows * c_.window.stride_h);
    kernels().gemm(g);
    p.y = output(s, band, row, block);
    kernels().max_pool_u8(p, index_of(s, p.y));
  }
}

void plan_direct(const Conv& conv, Plan& plan, const OpBuffers& buffers) {
  const DirectForward direct(conv, buffers);
  plan.need_scratch(direct.scratch());
  std::vector<BufferId> uses = {buffers.in, buffers.out};
  uses.insert(uses.end(), buffers.saved.begin(), buffers.saved.end());
  plan.stage(
      uses, [direct](const Step& s) { return direct.tasks(s); },
      [direct](const Step& s, size_t task, float* scratch) { direct.run(s, task, scratch); });
}

}  // namespace

const ForwardAlgorithm kDirectForward = {"direct", [](const Conv&) { return std::string(); },
                                         [](const Conv&) { return true; }, plan_direct};

}  // namespace convforge
