// Gradients that skip the zeros of the output's gradient. Max-pooling leaves at most one live cell per window, and ReLU
// kills some of these.
#include <algorithm>
#include <limits>

#include "ops/conv2d/gradient.h"
#include "ops/conv2d/winograd.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Rows are padded to whole vectors of every instruction set.
constexpr size_t kPad = 16;

// Filters whose kernel rows stay in the L1 cache together, in the input gradient.
constexpr int kBlockFilters = 64;

// Bytes of input that stay in the L1 cache beside the gradient being summed.
constexpr size_t kInputBytes = 40 * 1024;

// ReLU alone leaves a quarter to a half of the cells live, which is too many: docs/performance.md.
std::string decline_density(const Conv& conv) {
  if (conv.groups > 1) return "its channels are grouped";
  if (!conv.pool || conv.pool_rows * conv.pool_columns < 4)
    return "no max-pooling over 4 or more cells is fused, so too many output gradients may be nonzero";
  if (conv.padded_floats(conv.window.padded_h()) > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    return "its lists number the values of an image in 32 bits";
  return {};
}

// Estimated cycles of the sparse input gradient, fitted to measurements with AVX-512. Each output cell, kernel row and
// pair of vectors of channels costs kCell. Each live filter there costs kFilter, and kColumn per kernel column. ReLU
// leaves about two thirds of the windows live.
double sparse_input_cycles(const Conv& conv) {
  constexpr double kCell = 28;
  constexpr double kFilter = 1.4;
  constexpr double kColumn = 1.3;
  constexpr double kLive = 0.64;
  constexpr size_t kChannels = 32;
  const Window& w = conv.window;
  const Activation& a = conv.activation;
  const bool kills = a.kind == Activation::Kind::kRelu || (a.kind == Activation::Kind::kBoundedRelu && a.alpha == 0);
  const double windows = static_cast<double>(conv.out_h * conv.out_w);
  const double cells = windows * conv.pool_rows * conv.pool_columns;
  const double blocks = static_cast<double>(ceil_div(static_cast<size_t>(conv.filters), kBlockFilters));
  const double live = windows * conv.filters * (kills ? kLive : 1);
  const double pairs = static_cast<double>(ceil_div(static_cast<size_t>(w.channels), kChannels));
  return w.rows * pairs * (cells * blocks * kCell + live * (kFilter + kColumn * w.columns));
}

// Estimated cycles of Winograd's input gradient.
double winograd_input_cycles(const Conv& conv) {
  constexpr double kMultiplyAdds = 30;  // per cycle
  return winograd_cost(input_gradient_geometry(conv)) * conv.window.channels * conv.filters / kMultiplyAdds;
}

// Floats of the input under a row of pooling windows, and under each further row.
struct RowExtent {
  size_t first;
  size_t next;
};

RowExtent row_extent(const Conv& conv) {
  const Window& w = conv.window;
  const int rows = (conv.pool_rows - 1) * w.stride_h + (w.rows - 1) * w.dilation_h + 1;
  return {conv.padded_floats(rows), conv.padded_floats(conv.pool_rows * w.stride_h)};
}

// Lists the live cells by filter. Each filter's gradient is summed in registers from rows of the input.
class SparseKernelGradient : public KernelGradient {
 public:
  explicit SparseKernelGradient(const Conv& conv) : c_(conv) {
    const size_t image_bytes = conv.padded_floats(conv.window.padded_h()) * sizeof(float);
    images_ = std::clamp<int>(static_cast<int>(kInputBytes / image_bytes), 1, 4);
    const RowExtent extent = row_extent(conv);
    const size_t floats = kInputBytes / sizeof(float);
    const size_t more = floats > extent.first ? (floats - extent.first) / extent.next : 0;
    rows_ = images_ > 1 ? conv.out_h : static_cast<int>(std::min<size_t>(1 + more, static_cast<size_t>(conv.out_h)));
    // The number of segments whose sums fit in the registers of AVX-512. Segments are summed in equal groups of at most
    // as many.
    const size_t max_segments = std::clamp<size_t>(30 * kPad / width(), 1, 3);
    const size_t in_row = static_cast<size_t>(conv.window.dilation_w == 1 ? conv.window.rows : conv.window.columns);
    const size_t groups = ceil_div(in_row, max_segments);
    for (size_t row = 0; row < segments(); row += in_row) {
      for (size_t g = 0; g < groups; ++g) group_begin_.push_back(row + (g * in_row + groups - 1) / groups);
    }
    group_begin_.push_back(segments());
    capacity_ = round_up(static_cast<size_t>(images_) * rows_ * conv.out_w + kPad, kLineFloats);
    for (int i = 0; i < conv.pool_rows; ++i) {
      for (int j = 0; j < conv.pool_columns; ++j) {
        cell_offsets_.push_back(static_cast<int32_t>(conv.padded_floats(i * conv.window.stride_h)) +
                                j * conv.window.stride_w * conv.window.channels);
      }
    }
  }

  int block_images() const override { return images_; }
  bool needs_dense() const override { return false; }
  // Layout: partial[group of segments][filter][segment][width], so that sums computed together are contiguous.
  size_t partial_floats() const override { return static_cast<size_t>(c_.filters) * segments() * width(); }
  size_t scratch() const override {
    return lists_floats() * 2 + round_up(static_cast<size_t>(c_.filters), kLineFloats);
  }

  void run(const GradientBlock& block, float* partial, bool accumulate, float* scratch) const override {
    for (int row = 0; row < c_.out_h; row += rows_) {
      run_rows(block, row, std::min(rows_, c_.out_h - row), partial, accumulate || row > 0, scratch);
    }
  }

  size_t combine_tasks(size_t) const override { return c_.panels() * segments(); }

  // Combines one panel of filters and one segment: gradient[panel][segment][depth][kPanel].
  void combine(const Partials& partials, float* gradient, size_t task, float* scratch) const override {
    const size_t panel = task / segments();
    const size_t segment = task % segments();
    const int filters = c_.panel_columns(static_cast<int>(panel));
    const size_t depth = static_cast<size_t>(c_.segment_depth);
    for (int f = 0; f < filters; ++f) {
      const float* x = partials.at + sum_offset(segment, panel * kPanel + static_cast<size_t>(f));
      float* sum = scratch + static_cast<size_t>(f) * width();
      std::copy_n(x, depth, sum);
      for (size_t chunk = 1; chunk < partials.chunks; ++chunk)
        kernels().accumulate(x + chunk * partials.stride, sum, depth);
    }
    float* y = gradient + (panel * c_.depth() + segment * depth) * kPanel;
    if (filters < kPanel) std::fill(y, y + depth * kPanel, 0.0f);
    kernels().transpose(scratch, filters, c_.segment_depth, static_cast<ptrdiff_t>(width()), y, kPanel);
  }

  size_t combine_scratch() const override { return kPanel * width(); }

 private:
  size_t segments() const { return c_.segments.size(); }
  size_t width() const { return round_up(static_cast<size_t>(c_.segment_depth), kPad); }
  size_t lists_floats() const { return static_cast<size_t>(c_.filters) * capacity_; }
  // The offset of the sums of a filter's segment.
  size_t sum_offset(size_t segment, size_t filter) const {
    size_t group = 0;
    while (group_begin_[group + 1] <= segment) ++group;
    const size_t begin = group_begin_[group];
    const size_t count = group_begin_[group + 1] - begin;
    return (begin * static_cast<size_t>(c_.filters) + filter * count + segment - begin) * width();
  }

  void run_rows(const GradientBlock& block, int first, int count, float* partial, bool accumulate,
                float* scratch) const;

  const Conv& c_;
  int images_ = 1;
  int rows_ = 1;  // rows of windows that are listed at once
  size_t capacity_ = 0;
  std::vector<int32_t> cell_offsets_;
  // Groups of segments that are a fixed distance apart and summed together.
  std::vector<size_t> group_begin_;
};

void SparseKernelGradient::run_rows(const GradientBlock& block, int first, int count, float* partial, bool accumulate,
                                    float* scratch) const {
  const Window& w = c_.window;
  int32_t* offsets = reinterpret_cast<int32_t*>(scratch + lists_floats());
  int32_t* counts = offsets + lists_floats();
  std::fill(counts, counts + c_.filters, 0);
  LiveChannels lists;
  lists.outputs = c_.out_w;
  lists.channels = c_.filters;
  lists.rows = count;
  lists.row_offset = static_cast<int32_t>(c_.padded_floats(c_.pool_rows * w.stride_h));
  lists.output_offset = c_.pool_columns * w.stride_w * w.channels;
  lists.window_cells = static_cast<int>(cell_offsets_.size());
  lists.cell_offsets = cell_offsets_.data();
  lists.list_values = scratch;
  lists.list_offsets = offsets;
  lists.capacity = static_cast<ptrdiff_t>(capacity_);
  lists.counts = counts;
  for (int image = 0; image < block.images; ++image) {
    const size_t at = (static_cast<size_t>(image) * c_.out_h + first) * c_.out_w * c_.filters;
    lists.values = block.pooled + at;
    lists.index = block.index + at;
    lists.offset = static_cast<int32_t>(c_.padded_floats(image * w.padded_h() + first * c_.pool_rows * w.stride_h));
    kernels().list_live_by_channel(lists);
  }
  SparseSums sums;
  sums.lists = c_.filters;
  sums.values = scratch;
  sums.offsets = offsets;
  sums.counts = counts;
  sums.capacity = static_cast<ptrdiff_t>(capacity_);
  sums.width = c_.segment_depth;
  sums.y_row = static_cast<ptrdiff_t>(width());
  sums.accumulate = accumulate;
  sums.x_row = w.dilation_w == 1 ? static_cast<ptrdiff_t>(c_.padded_floats(w.dilation_h)) : w.dilation_w * w.channels;
  for (size_t group = 0; group + 1 < group_begin_.size(); ++group) {
    const size_t segment = group_begin_[group];
    sums.rows = static_cast<int>(group_begin_[group + 1] - segment);
    sums.y_list = static_cast<ptrdiff_t>(static_cast<size_t>(sums.rows) * width());
    sums.x = block.x + c_.segments[segment];
    sums.y = partial + sum_offset(segment, 0);
    kernels().sparse_sums(sums);
  }
}

std::string decline_kernel(const Conv& conv) {
  if (conv.segment_depth < static_cast<int>(kPad)) {
    return "a kernel row covers only " + std::to_string(conv.segment_depth) + " adjacent inputs";
  }
  return decline_density(conv);
}

// Holds a tile of a row of dX in registers and adds the kernels of the live output cells at their columns.
class SparseInputGradient : public InputGradient {
 public:
  explicit SparseInputGradient(const Conv& conv) : c_(conv) {
    for (int f = 0; f < conv.filters; ++f) ids_.push_back(f * conv.window.columns * kPanel);
  }

  bool needs_dense() const override { return false; }
  // Layout: prepared[panel of channels][kernel row][filter][kernel column][kPanel].
  size_t prepared_floats() const override { return channel_panels() * static_cast<size_t>(c_.window.rows) * row(); }
  size_t prepare_tasks() const override { return static_cast<size_t>(c_.window.rows); }

  void prepare(const float* kernel, float* prepared, size_t task) const override {
    const Window& w = c_.window;
    const ptrdiff_t filter = static_cast<ptrdiff_t>(w.columns) * kPanel;
    for (size_t panel = 0; panel < c_.panels(); ++panel) {
      for (int j = 0; j < w.columns; ++j) {
        const size_t tap = (task * static_cast<size_t>(w.columns) + static_cast<size_t>(j)) * w.channels;
        for (int c = 0; c < w.channels; c += kPanel) {
          const size_t at = (static_cast<size_t>(c / kPanel) * w.rows + task) * row();
          kernels().transpose(kernel + (panel * c_.depth() + tap + static_cast<size_t>(c)) * kPanel,
                              std::min(kPanel, w.channels - c), c_.panel_columns(static_cast<int>(panel)), kPanel,
                              prepared + at + static_cast<ptrdiff_t>(panel * kPanel) * filter + j * kPanel, filter);
        }
      }
    }
  }

  size_t scratch() const override { return 2 * list_floats() + 2 * cell_floats(); }

  void run(const GradientBlock& block, const float* prepared, float* dx, float* scratch) const override {
    const Window& w = c_.window;
    std::fill(dx, dx + c_.padded_floats(w.padded_h()), 0.0f);
    SparseInput s;
    int32_t* ids = reinterpret_cast<int32_t*>(scratch + list_floats());
    int32_t* begin = ids + list_floats();
    int32_t* end = begin + cell_floats();
    s.values = scratch;
    s.ids = ids;
    s.begin = begin;
    s.end = end;
    s.out_h = w.out_h;
    s.out_w = w.out_w;
    s.kernel = prepared;
    s.kernel_panel = static_cast<ptrdiff_t>(static_cast<size_t>(w.rows) * row());
    s.kernel_row = static_cast<ptrdiff_t>(row());
    s.kernel_rows = w.rows;
    s.kernel_columns = w.columns;
    s.dx = dx;
    s.in_w = w.padded_w();
    s.channels = w.channels;
    // Cells outside all windows are never live.
    std::fill(begin, end + cell_floats(), 0);
    for (int first = 0; first < c_.filters; first += kBlockFilters) {
      list_block(block, first, std::min(kBlockFilters, c_.filters - first), scratch, ids, begin, end);
      kernels().sparse_input(s);
    }
  }

 private:
  size_t channel_panels() const { return ceil_div(static_cast<size_t>(c_.window.channels), kPanel); }
  // Floats of a kernel row of all filters.
  size_t row() const { return static_cast<size_t>(c_.filters) * c_.window.columns * kPanel; }
  size_t list_floats() const {
    return round_up(static_cast<size_t>(c_.out_h) * c_.out_w * std::min(kBlockFilters, c_.filters) + kPad, kLineFloats);
  }
  size_t cell_floats() const { return round_up(c_.cells(), kLineFloats); }

  void list_block(const GradientBlock& block, int first, int count, float* values, int32_t* ids, int32_t* begin,
                  int32_t* end) const {
    LiveLists lists;
    lists.value_row = c_.filters;
    lists.outputs = c_.out_w;
    lists.window_cells = c_.pool_rows * c_.pool_columns;
    lists.pool_columns = c_.pool_columns;
    lists.cells_row = c_.window.out_w;
    lists.channels = count;
    lists.ids = ids_.data() + first;
    lists.list_values = values;
    lists.list_ids = ids;
    for (int row = 0; row < c_.out_h; ++row) {
      const ptrdiff_t at = static_cast<ptrdiff_t>(row) * c_.out_w * c_.filters + first;
      lists.values = block.pooled + at;
      lists.index = block.index + at;
      lists.begin = begin + row * c_.pool_rows * c_.window.out_w;
      lists.end = end + row * c_.pool_rows * c_.window.out_w;
      kernels().list_live(lists);
    }
  }

  const Conv& c_;
  std::vector<int32_t> ids_;
};

std::string decline_input(const Conv& conv) {
  const Window& w = conv.window;
  if (w.stride_h != 1 || w.stride_w != 1) {
    return "strides " + std::to_string(w.stride_h) + "x" + std::to_string(w.stride_w) + "; takes 1x1";
  }
  if (w.dilation_h != 1 || w.dilation_w != 1) return "dilated";
  if (w.columns != 3 && w.columns != 5) return "kernels of " + std::to_string(w.columns) + " columns; takes 3 and 5";
  if (w.channels < 8) return "only " + std::to_string(w.channels) + " input channels";
  const std::string reason = decline_density(conv);
  if (!reason.empty()) return reason;
  if (winograd_declines(conv, input_gradient_geometry(conv)).empty() &&
      winograd_input_cycles(conv) < sparse_input_cycles(conv))
    return "Winograd's algorithm is faster, by an estimate";
  return {};
}

}  // namespace

const GradientAlgorithm<KernelGradient> kSparseKernelGradient = {
    "sparse", decline_kernel,
    [](const Conv& conv) -> std::unique_ptr<KernelGradient> { return std::make_unique<SparseKernelGradient>(conv); }};
const GradientAlgorithm<InputGradient> kSparseInputGradient = {
    "sparse", decline_input,
    [](const Conv& conv) -> std::unique_ptr<InputGradient> { return std::make_unique<SparseInputGradient>(conv); }};

}  // namespace convforge
