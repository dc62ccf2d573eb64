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

  void run(const GradientBlock& block, float* partial, bool accumulate, float*) const override {
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
    g.accumulate = accumulate;
    for (const FilterBlock& filters : c_.blocks) {
      g.n = filters.count;
      g.b = block.dense + filters.begin;
      for (size_t segment = 0; segment < c_.segments.size(); ++segment) {
        g.a = block.x + c_.segments[segment] + c_.first_channel(filters);
        g.c = partial + c_.panel_offset(filters) + segment * static_cast<size_t>(c_.segment_depth) * kPanel;
        kernels().gemm(g);
      }
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

  size_t scratch() const override { return static_cast<size_t>(c_.window.out_w) * row(); }

  void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const override {
    const Window& w = c_.window;
    std::fill(dx, dx + c_.padded_floats(w.padded_h()), 0.0f);
    Gemm g;
    g.m = w.out_w;
    g.depth = c_.group_filters();
    g.a_row = c_.filters;
    g.a_depth = 1;
    g.b_depth = kPanel;
    g.c_row = static_cast<ptrdiff_t>(row());
    for (size_t segment = 0; segment < c_.segments.size(); ++segment) {
      for (int o = 0; o < w.out_h; ++o) {
        for (int group = 0; group < c_.groups; ++group) {
          const float* kernel_t =
              prepared + (segment * static_cast<size_t>(c_.groups) + static_cast<size_t>(group)) * group_floats();
          g.a = block.dense + static_cast<ptrdiff_t>(o) * w.out_w * c_.filters + group * c_.group_filters();
          for (int j = 0; j < c_.segment_depth; j += kPanel) {
            g.n = std::min(kPanel, c_.segment_depth - j);
            g.b = kernel_t + static_cast<size_t>(j) * static_cast<size_t>(c_.group_filters());
            g.c = scratch + j;
            kernels().gemm(g);
          }
          scatter(scratch,
                  dx + c_.output_rows[static_cast<size_t>(o)] + c_.segments[segment] + group * c_.group_channels());
        }
      }
    }
  }

 private:
  void scatter(const float* products, float* target) const {
    for (int c = 0; c < c_.window.out_w; ++c) {
      kernels().accumulate(products + static_cast<size_t>(c) * row(),
                           target + static_cast<ptrdiff_t>(c) * c_.window.stride_w * c_.window.channels,
                           static_cast<size_t>(c_.segment_depth));
    }
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
