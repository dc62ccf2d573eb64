// Both gradients, as small matrix products over images as they are stored.
#include <algorithm>

#include "ops/conv2d/gradient.h"
#include "ops/conv2d/panel_sums.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

class DirectKernelGradient : public PanelSums {
 public:
  explicit DirectKernelGradient(const Conv& conv) : PanelSums(conv) {}

  size_t scratch() const override { return kGemmScratch; }

  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override {
    // Zeroes the padding of the last panel.
    if (!accumulate && c_.filters % kPanel != 0)
      std::fill(partial + (c_.panels() - 1) * c_.depth() * kPanel, partial + partial_floats(), 0.0f);
    Gemm g;
    g.m = c_.segment_depth;
    g.depth = c_.window.out_w;
    g.segments = c_.window.out_h;
    g.a_row = 1;
    g.a_depth = static_cast<ptrdiff_t>(c_.window.stride_w) * c_.window.channels;
    g.a_segments = c_.output_rows.data();
    g.b_depth = c_.filters;
    g.b_segment = static_cast<ptrdiff_t>(c_.window.out_w) * c_.filters;
    g.c_row = kPanel;
    g.c_panel = static_cast<ptrdiff_t>(c_.depth()) * kPanel;
    g.accumulate = accumulate;
    g.strips = static_cast<int>(c_.segments.size());
    g.a_strips = c_.segments.data();
    g.scratch = scratch;
    for (const FilterBlock& filters : c_.spans) {
      g.n = filters.count;
      g.a = block.x + c_.first_channel(filters);
      g.b = block.dense + filters.begin;
      g.c = partial + c_.panel_offset(filters);
      kernels().gemm(g);
    }
  }
};

// Multiplies an output row by the kernel, then scatters the products to the input's row, column by column and group by
// group.
class DirectInputGradient : public InputGradient {
 public:
  explicit DirectInputGradient(const Conv& conv) : c_(conv) {}

  // Layout: prepared[segment][group][panel of segment_depth][filter of the group][kPanel].
  size_t prepared_floats() const override { return c_.segments.size() * row() * static_cast<size_t>(c_.filters); }
  size_t prepare_tasks() const override { return c_.segments.size(); }

  void prepare(const float* kernel, float* prepared, size_t task) const override {
    float* y = prepared + task * row() * static_cast<size_t>(c_.filters);
    for (int k = 0; k < c_.segment_depth; k += kPanel) {
      const int columns = std::min(kPanel, c_.segment_depth - k);
      float* panel_t = y + static_cast<size_t>(k) * static_cast<size_t>(c_.group_filters());
      for (const FilterBlock& block : c_.blocks) {
        const float* x = kernel + c_.panel_offset(block) +
                         (task * static_cast<size_t>(c_.segment_depth) + static_cast<size_t>(k)) * kPanel;
        const int filter = block.begin - block.group * c_.group_filters();
        kernels().transpose(x, columns, block.count, kPanel,
                            panel_t + static_cast<size_t>(block.group) * group_floats() + filter * kPanel, kPanel);
      }
    }
  }

  size_t scratch() const override {
    return static_cast<size_t>(rows_at_once() * c_.window.out_w) * row() + kGemmScratch;
  }

  void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const override {
    const Window& w = c_.window;
    std::fill(dx, dx + c_.padded_floats(w.padded_h()), 0.0f);
    Gemm g;
    g.n = c_.segment_depth;
    g.depth = c_.group_filters();
    g.a_row = c_.filters;
    g.a_depth = 1;
    g.b_depth = kPanel;
    g.b_panel = static_cast<ptrdiff_t>(c_.group_filters()) * kPanel;
    g.c = scratch;
    g.c_row = static_cast<ptrdiff_t>(row());
    g.scratch = scratch + static_cast<size_t>(rows_at_once() * w.out_w) * row();
    for (size_t segment = 0; segment < c_.segments.size(); ++segment) {
      for (int first = 0; first < w.out_h; first += rows_at_once()) {
        const int end = std::min(w.out_h, first + rows_at_once());
        g.m = (end - first) * w.out_w;
        for (int group = 0; group < c_.groups; ++group) {
          g.a = block.dense + static_cast<ptrdiff_t>(first) * w.out_w * c_.filters + group * c_.group_filters();
          g.b = prepared + (segment * static_cast<size_t>(c_.groups) + static_cast<size_t>(group)) * group_floats();
          kernels().gemm(g);
          float* target = dx + c_.segments[segment] + group * c_.group_channels();
          for (int o = first; o < end; ++o) {
            scatter(scratch + static_cast<size_t>((o - first) * w.out_w) * row(),
                    target + c_.output_rows[static_cast<size_t>(o)]);
          }
        }
      }
    }
  }

 private:
  // Output rows whose products fit a part of the second-level cache.
  int rows_at_once() const {
    constexpr size_t kFloats = size_t{1} << 15;
    const size_t fit = kFloats / (static_cast<size_t>(c_.window.out_w) * row());
    return static_cast<int>(std::clamp<size_t>(fit, 1, static_cast<size_t>(c_.window.out_h)));
  }

  void scatter(const float* products, float* target) const {
    OverlappingRows o;
    o.x = products;
    o.x_row = static_cast<ptrdiff_t>(row());
    o.rows = c_.window.out_w;
    o.width = c_.segment_depth;
    o.step = c_.window.stride_w * c_.window.channels;
    o.y = target;
    kernels().add_overlapping(o);
  }

  // Floats of one segment, padded to whole panels.
  size_t row() const { return round_up(static_cast<size_t>(c_.segment_depth), kPanel); }
  // Floats of one group of `prepared`.
  size_t group_floats() const { return row() * static_cast<size_t>(c_.group_filters()); }

  const Conv& c_;
};

std::string accepts(const Conv&) { return {}; }

}  // namespace

const GradientAlgorithm<KernelGradient> kDirectKernelGradient = {
    "direct", accepts,
    [](const Conv& conv) -> std::unique_ptr<KernelGradient> { return std::make_unique<DirectKernelGradient>(conv); }};
const GradientAlgorithm<InputGradient> kDirectInputGradient = {
    "direct", accepts,
    [](const Conv& conv) -> std::unique_ptr<InputGradient> { return std::make_unique<DirectInputGradient>(conv); }};

}  // namespace convforge
