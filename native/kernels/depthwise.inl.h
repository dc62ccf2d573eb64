// Depthwise convolution over one row of windows. Lanes hold channels. Contracts: DepthwiseWindows and its subclasses in
// kernels/types/depthwise.h.

// Windows in a tile, which share each loaded weight.
constexpr int kDepthwiseOutputs = kTileRows * kTileVecs >= 16 ? 8 : 4;
// Windows in a strip, whose inputs in all channels should stay in the L1 cache.
constexpr int kGradientStrip = 16;

CONVFORGE_INLINE void prefetch(const float* p) { __builtin_prefetch(p, 0, 2); }

// Prefetches the columns of the next row that a tile of windows covers, one share per vector of channels.
struct Prefetcher {
  const float* row;
  ptrdiff_t at;
  ptrdiff_t end;
  ptrdiff_t share;

  CONVFORGE_INLINE void next() {
    for (const ptrdiff_t stop = at + share < end ? at + share : end; at < stop; at += kCacheLineFloats)
      prefetch(row + at);
  }
};

CONVFORGE_INLINE Prefetcher prefetcher_of(const float* row, ptrdiff_t row_floats, int channels, int begin,
                                          int columns) {
  const ptrdiff_t at = static_cast<ptrdiff_t>(begin) * channels;
  const ptrdiff_t end = at + static_cast<ptrdiff_t>(columns) * channels;
  return {row, at, !row ? at : end < row_floats ? end : row_floats, static_cast<ptrdiff_t>(columns) * kLanes};
}

// A range [begin, end) of columns or of windows.
struct IndexRange {
  int begin;
  int end;
};

CONVFORGE_INLINE IndexRange columns_inside(const DepthwiseWindows& d, int output) {
  IndexRange range = {0, d.columns};
  const int first = d.first + output * d.stride;
  while (range.begin < range.end && first + range.begin * d.dilation < 0) ++range.begin;
  while (range.begin < range.end && first + (range.end - 1) * d.dilation >= d.width) --range.end;
  return range;
}

// The windows for which all kernel columns [column, column + count) lie inside the row.
CONVFORGE_INLINE IndexRange windows_inside(const DepthwiseWindows& d, int column, int count) {
  const int first = d.first + column * d.dilation;
  const int room = d.width - 1 - (first + (count - 1) * d.dilation);
  int begin = first < 0 ? (-first + d.stride - 1) / d.stride : 0;
  int end = room < 0 ? 0 : room / d.stride + 1;
  end = end < d.outputs ? end : d.outputs;
  begin = begin < end ? begin : end;
  return {begin, end};
}

// A tile of kOutputs windows of row r from `output` on, in the channels from c on. With kColumns > 0, the kernel has
// kColumns columns, and stride and dilation are 1; kEdge tells that some of the columns may be outside, where x counts
// as 0. With kColumns = 0, any kernel; `range` gives the columns inside.
template <int kOutputs, int kColumns, bool kEdge, bool kTail>
CONVFORGE_INLINE void depthwise_tile(const DepthwiseRow& d, int r, int output, IndexRange range, int c) {
  const int count = d.channels - c;
  const ptrdiff_t channels = d.channels;
  const int column = d.first + output * d.stride;
  const float* w = d.w + c / kPanel * d.w_panel + c % kPanel;
  Vec acc[kOutputs];
  CONVFORGE_UNROLL for (int t = 0; t < kOutputs; ++t) acc[t] = zero();
  for (int i = 0; i < d.rows; ++i, w += d.w_row) {
    const float* x = (d.x_rows ? d.x_rows[r * d.rows + i] : d.x + i * d.x_row) + column * channels + c;
    if constexpr (kColumns > 0) {
      Vec xv[kOutputs + kColumns - 1];
      CONVFORGE_UNROLL for (int t = 0; t < kOutputs + kColumns - 1; ++t) {
        const bool inside = !kEdge || (column + t >= 0 && column + t < d.width);
        xv[t] = inside ? load_part(x + t * channels, count, !kTail) : zero();
      }
      CONVFORGE_UNROLL for (int j = 0; j < kColumns; ++j) {
        const Vec wv = load_part(w + j * d.w_column, count, !kTail);
        CONVFORGE_UNROLL for (int t = 0; t < kOutputs; ++t) acc[t] = fma(xv[j + t], wv, acc[t]);
      }
    } else {
      for (int j = range.begin; j < range.end; ++j) {
        const Vec wv = load_part(w + j * d.w_column, count, !kTail);
        const float* xj = x + j * d.dilation * channels;
        CONVFORGE_UNROLL for (int t = 0; t < kOutputs; ++t) {
          acc[t] = fma(load_part(xj + t * d.stride * channels, count, !kTail), wv, acc[t]);
        }
      }
    }
  }
  if (d.bias) {
    const Vec bias = load_part(d.bias + c, count, !kTail);
    CONVFORGE_UNROLL for (int t = 0; t < kOutputs; ++t) acc[t] = add(acc[t], bias);
  }
  if (d.relu) {
    const Vec maximum = broadcast(d.maximum);
    CONVFORGE_UNROLL for (int t = 0; t < kOutputs; ++t) acc[t] = min(maximum, max(zero(), acc[t]));
  }
  float* y = d.y + r * d.y_row + output * d.y_column + c;
  if (!kTail && d.stream) {
    CONVFORGE_UNROLL for (int t = 0; t < kOutputs; ++t) stream(y + t * d.y_column, acc[t]);
  } else {
    CONVFORGE_UNROLL for (int t = 0; t < kOutputs; ++t) store_part(y + t * d.y_column, acc[t], count, !kTail);
  }
}

// A column of tiles in the channels [begin, end).
template <int kOutputs, int kColumns, bool kEdge>
void depthwise_strip(const DepthwiseRow& row, int output, IndexRange range, IndexRange channels) {
  const DepthwiseRow d = row;  // a local copy, which stores can't alias
  const ptrdiff_t row_floats = static_cast<ptrdiff_t>(d.width) * d.channels;
  Prefetcher prefetcher = prefetcher_of(d.next_x, row_floats, d.channels, output * d.stride, kOutputs * d.stride);
  for (int r = 0; r < d.output_rows; ++r) {
    int c = channels.begin;
    for (; c + kLanes <= channels.end; c += kLanes) {
      prefetcher.next();
      depthwise_tile<kOutputs, kColumns, kEdge, false>(d, r, output, range, c);
    }
    if (c < channels.end) depthwise_tile<kOutputs, kColumns, kEdge, true>(d, r, output, range, c);
  }
}

// For a stride and dilation of 1. Windows are divided evenly among the fewest tiles that hold them.
template <int kColumns>
void depthwise_unit(const DepthwiseRow& d, IndexRange channels) {
  using Strip = void (*)(const DepthwiseRow&, int, IndexRange, IndexRange);
#define CONVFORGE_STRIP(windows, edge) \
  depthwise_strip<(windows) <= kDepthwiseOutputs ? (windows) : kDepthwiseOutputs, kColumns, edge>
#define CONVFORGE_STRIPS(edge)                                                                                 \
  {                                                                                                            \
    CONVFORGE_STRIP(1, edge), CONVFORGE_STRIP(2, edge), CONVFORGE_STRIP(3, edge), CONVFORGE_STRIP(4, edge),    \
        CONVFORGE_STRIP(5, edge), CONVFORGE_STRIP(6, edge), CONVFORGE_STRIP(7, edge), CONVFORGE_STRIP(8, edge) \
  }
  static constexpr Strip kStrips[2][8] = {CONVFORGE_STRIPS(false), CONVFORGE_STRIPS(true)};
#undef CONVFORGE_STRIPS
#undef CONVFORGE_STRIP
  static_assert(kDepthwiseOutputs <= 8);
  const IndexRange inside = windows_inside(d, 0, kColumns);
  const int tiles = (d.outputs + kDepthwiseOutputs - 1) / kDepthwiseOutputs;
  int o = 0;
  for (int t = 0; t < tiles; ++t) {
    const int windows = (d.outputs - o + tiles - t - 1) / (tiles - t);
    const bool at_edge = o < inside.begin || o + windows > inside.end;
    kStrips[at_edge][windows - 1](d, o, {0, kColumns}, channels);
    o += windows;
  }
}

void depthwise_any(const DepthwiseRow& d, IndexRange channels) {
  const IndexRange inside = windows_inside(d, 0, d.columns);
  const IndexRange all = {0, d.columns};
  int o = 0;
  for (; o < inside.begin; ++o) depthwise_strip<1, 0, false>(d, o, columns_inside(d, o), channels);
  for (; o + kDepthwiseOutputs <= inside.end; o += kDepthwiseOutputs)
    depthwise_strip<kDepthwiseOutputs, 0, false>(d, o, all, channels);
  for (; o + 2 <= inside.end; o += 2) depthwise_strip<2, 0, false>(d, o, all, channels);
  for (; o < d.outputs; ++o) depthwise_strip<1, 0, false>(d, o, columns_inside(d, o), channels);
}

// Several rows are computed in a cache line of channels at a time, so that what the windows of a row read is still in
// the L1 cache for those of the next.
void depthwise(const DepthwiseRow& d) {
  const bool unit = d.stride == 1 && d.dilation == 1;
  const int step = d.output_rows > 1 ? kCacheLineFloats : d.channels;
  for (int c = 0; c < d.channels; c += step) {
    const IndexRange channels = {c, c + step < d.channels ? c + step : d.channels};
    if (unit && d.columns == 3) {
      depthwise_unit<3>(d, channels);
    } else if (unit && d.columns == 5) {
      depthwise_unit<5>(d, channels);
    } else {
      depthwise_any(d, channels);
    }
  }
  if (d.stream) stream_fence();
}

// The gradients of kRows x kColumns kernel elements from (i, j) on, which stay in registers along a strip of windows.
template <int kRows, int kColumns, bool kTail>
CONVFORGE_INLINE void depthwise_gradient_block(const DepthwiseGradientRow& d, IndexRange strip, int i, int j, int c) {
  const int count = d.channels - c;
  const ptrdiff_t channels = d.channels;
  const ptrdiff_t x_output = d.stride * channels;
  const ptrdiff_t x_column = d.dilation * channels;
  const float* x = d.x + i * d.x_row + d.first * channels + j * x_column + c;
  float* dw = d.dw + c / kPanel * d.w_panel + c % kPanel + i * d.w_row + j * d.w_column;
  Vec acc[kRows][kColumns];
  CONVFORGE_UNROLL for (int a = 0; a < kRows; ++a) {
    CONVFORGE_UNROLL for (int b = 0; b < kColumns; ++b) {
      acc[a][b] = load_part(dw + a * d.w_row + b * d.w_column, count, !kTail);
    }
  }
  const auto add_window = [&](int o, IndexRange columns) __attribute__((always_inline)) {
    const Vec gradient = load_part(d.dy + o * channels + c, count, !kTail);
    const float* xo = x + o * x_output;
    CONVFORGE_UNROLL for (int b = 0; b < kColumns; ++b) {
      if (b < columns.begin || b >= columns.end) continue;
      CONVFORGE_UNROLL for (int a = 0; a < kRows; ++a) {
        acc[a][b] = fma(load_part(xo + a * d.x_row + b * x_column, count, !kTail), gradient, acc[a][b]);
      }
    }
  };
  const auto add_border = [&](int o) __attribute__((always_inline)) {
    const IndexRange range = columns_inside(d, o);
    add_window(o, {range.begin - j, range.end - j});
  };
  const IndexRange inside = windows_inside(d, j, kColumns);
  int o = strip.begin;
  for (; o < strip.end && o < inside.begin; ++o) add_border(o);
  for (; o < strip.end && o < inside.end; ++o) add_window(o, {0, kColumns});
  for (; o < strip.end; ++o) add_border(o);
  CONVFORGE_UNROLL for (int a = 0; a < kRows; ++a) {
    CONVFORGE_UNROLL for (int b = 0; b < kColumns; ++b) {
      store_part(dw + a * d.w_row + b * d.w_column, acc[a][b], count, !kTail);
    }
  }
}

template <int kRows, int kColumns>
void depthwise_gradient_channels(const DepthwiseGradientRow& row, IndexRange strip, int i, int j) {
  const DepthwiseGradientRow d = row;  // a local copy, which stores can't alias
  // The first kernel elements prefetch the next rows under the strip, in the order of memory.
  const bool is_first = i == 0 && j == 0;
  const int windows = strip.end - strip.begin;
  Prefetcher next_x = prefetcher_of(is_first ? d.next_x : nullptr, static_cast<ptrdiff_t>(d.width) * d.channels,
                                    d.channels, strip.begin * d.stride, windows * d.stride);
  Prefetcher next_dy = prefetcher_of(is_first ? d.next_dy : nullptr, static_cast<ptrdiff_t>(d.outputs) * d.channels,
                                     d.channels, strip.begin, windows);
  int c = 0;
  for (; c + kLanes <= d.channels; c += kLanes) {
    next_x.next();
    next_dy.next();
    depthwise_gradient_block<kRows, kColumns, false>(d, strip, i, j, c);
  }
  if (c < d.channels) depthwise_gradient_block<kRows, kColumns, true>(d, strip, i, j, c);
}

template <int kRows>
void depthwise_gradient_rows(const DepthwiseGradientRow& d, IndexRange strip, int i) {
  int j = 0;
  for (; j + 3 <= d.columns; j += 3) depthwise_gradient_channels<kRows, 3>(d, strip, i, j);
  if (j + 2 == d.columns) depthwise_gradient_channels<kRows, 2>(d, strip, i, j);
  if (j + 1 == d.columns) depthwise_gradient_channels<kRows, 1>(d, strip, i, j);
}

void depthwise_gradient(const DepthwiseGradientRow& d) {
  for (int o = 0; o < d.outputs; o += kGradientStrip) {
    const IndexRange strip = {o, o + kGradientStrip < d.outputs ? o + kGradientStrip : d.outputs};
    int i = 0;
    for (; i + 3 <= d.rows; i += 3) depthwise_gradient_rows<3>(d, strip, i);
    if (i + 2 == d.rows) depthwise_gradient_rows<2>(d, strip, i);
    if (i + 1 == d.rows) depthwise_gradient_rows<1>(d, strip, i);
  }
}

// y[i * times + j] = x[i] for i < n.
void repeat(const float* x, float* y, size_t n, int times) {
  const size_t size = n * static_cast<size_t>(times);
  for (size_t i = 0; i < n; ++i) {
    const Vec value = broadcast(x[i]);
    for (int j = 0; j < times; j += kLanes) {
      // The next value overwrites what goes past the end of these.
      const size_t at = i * static_cast<size_t>(times) + static_cast<size_t>(j);
      const size_t rest = size - at;
      store_part(y + at, value, static_cast<int>(rest), rest >= kLanes);
    }
  }
}
