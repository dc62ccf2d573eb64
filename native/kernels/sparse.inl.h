// Products with a sparse left side, given as lists of its nonzero values. Lanes hold adjacent floats of the dense side.
// Each sum is one chain of fused multiply-adds in the order of its list. Contracts: kernels/types/sparse.h.

// Accumulators of a tile, which leave some registers for operands.
constexpr int kSparseVecs = kTileRows * kTileVecs >= 24 ? 30 : 12;

// ---- lists ----

void list_live(LiveLists& l) {
  int count = l.count;
  for (int o = 0; o < l.outputs; ++o) {
    const float* values = l.values + o * l.value_row;
    const uint8_t* index = l.index ? l.index + o * l.value_row : nullptr;
    for (int cell = 0; cell < l.window_cells; ++cell) {
      const int image_cell = cell / l.pool_columns * l.cells_row + o * l.pool_columns + cell % l.pool_columns;
      l.begin[image_cell] = count;
      for (int c = 0; c < l.channels; c += kLanes) {
        const int n = l.channels - c < kLanes ? l.channels - c : kLanes;
        const Vec value = load_part(values + c, n, n == kLanes);
        Mask live = different(value, zero());
        if (index) live = both(live, equal(load_index_n(index + c, n), broadcast_index(cell)));
        compress_store(l.list_values + count, live, value);
        count += compress_store(l.list_ids + count, live, load_index_n(l.ids + c, n));
      }
      l.end[image_cell] = count;
    }
  }
  l.count = count;
}

// Transposes blocks of kLanes outputs x kLanes channels, so that lanes hold the outputs of one channel.
void list_live_by_channel(const LiveChannels& l) {
  for (int first = 0; first < l.outputs * l.rows; first += kLanes) {
    const int outputs = l.outputs * l.rows - first < kLanes ? l.outputs * l.rows - first : kLanes;
    for (int c = 0; c < l.channels; c += kLanes) {
      const int channels = l.channels - c < kLanes ? l.channels - c : kLanes;
      float values[kLanes * kLanes], offsets[kLanes * kLanes];
      for (int i = 0; i < kLanes; ++i) {
        if (i >= outputs) {
          store(values + i * kLanes, zero());
          continue;
        }
        const int o = first + i;
        const ptrdiff_t at = static_cast<ptrdiff_t>(o) * l.channels + c;
        const int32_t window = l.offset + o / l.outputs * l.row_offset + o % l.outputs * l.output_offset;
        Index offset = broadcast_index(window);
        if (l.index) {
          const Index winner = load_index_n(l.index + at, channels);
          offset = broadcast_index(window + l.cell_offsets[0]);
          for (int p = 1; p < l.window_cells; ++p) {
            offset = select(equal(winner, broadcast_index(p)), broadcast_index(window + l.cell_offsets[p]), offset);
          }
        }
        store(values + i * kLanes, load_part(l.values + at, channels, channels == kLanes));
        store(offsets + i * kLanes, bits_of(offset));
      }
      float channel_values[kLanes * kLanes], channel_offsets[kLanes * kLanes];
      transpose_lanes(values, kLanes, channel_values, kLanes);
      transpose_lanes(offsets, kLanes, channel_offsets, kLanes);
      for (int i = 0; i < channels; ++i) {
        const Vec value = load(channel_values + i * kLanes);
        const Mask live = different(value, zero());
        const ptrdiff_t end = (c + i) * l.capacity + l.counts[c + i];
        compress_store(l.list_values + end, live, value);
        l.counts[c + i] += compress_store(l.list_offsets + end, live, index_of(load(channel_offsets + i * kLanes)));
      }
    }
  }
}

// ---- sums of rows ----

template <int kRows, int kVecs>
void sparse_tile(const SparseSums& s, int list, int row, int column) {
  float* y = s.y + list * s.y_list + row * s.y_row + column;
  const float* x = s.x + row * s.x_row + column;
  const float* values = s.values + list * s.capacity;
  const int32_t* offsets = s.offsets + list * s.capacity;
  const int count = s.counts[list];
  const ptrdiff_t x_row = s.x_row;
  Vec acc[kRows][kVecs];
  CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      acc[r][v] = s.accumulate ? load(y + r * s.y_row + v * kLanes) : zero();
    }
  }
  for (int e = 0; e < count; ++e) {
    const Vec value = broadcast(values[e]);
    const float* p = x + offsets[e];
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      const float* x_part = p + r * x_row;
      CONVFORGE_OPAQUE(x_part);
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) acc[r][v] = fma(value, load(x_part + v * kLanes), acc[r][v]);
    }
  }
  CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) store(y + r * s.y_row + v * kLanes, acc[r][v]);
  }
}

using SparseTile = void (*)(const SparseSums&, int, int, int);

template <int kRows>
SparseTile sparse_tile_of(int vecs) {
  static constexpr int kMax = kSparseVecs / kRows;
  static constexpr SparseTile kTiles[] = {
#define CONVFORGE_TILE(v) sparse_tile<kRows, (v) <= kMax ? (v) : kMax>
      CONVFORGE_TILE(1),  CONVFORGE_TILE(2),  CONVFORGE_TILE(3),  CONVFORGE_TILE(4),  CONVFORGE_TILE(5),
      CONVFORGE_TILE(6),  CONVFORGE_TILE(7),  CONVFORGE_TILE(8),  CONVFORGE_TILE(9),  CONVFORGE_TILE(10),
      CONVFORGE_TILE(11), CONVFORGE_TILE(12), CONVFORGE_TILE(13), CONVFORGE_TILE(14), CONVFORGE_TILE(15),
      CONVFORGE_TILE(16), CONVFORGE_TILE(17), CONVFORGE_TILE(18), CONVFORGE_TILE(19), CONVFORGE_TILE(20),
      CONVFORGE_TILE(21), CONVFORGE_TILE(22), CONVFORGE_TILE(23), CONVFORGE_TILE(24), CONVFORGE_TILE(25),
      CONVFORGE_TILE(26), CONVFORGE_TILE(27), CONVFORGE_TILE(28), CONVFORGE_TILE(29), CONVFORGE_TILE(30),
#undef CONVFORGE_TILE
  };
  static_assert(kMax <= 30);
  return kTiles[vecs - 1];
}

// All lists for some rows, in the fewest tiles of equal width that fit in registers.
template <int kRows>
void sparse_rows(const SparseSums& s, int row) {
  constexpr int kMax = kSparseVecs / kRows;
  const int vecs = (s.width + kLanes - 1) / kLanes;
  const int tiles = (vecs + kMax - 1) / kMax;
  int first = 0;
  for (int t = 0; t < tiles; ++t) {
    const int wide = (vecs - first + tiles - t - 1) / (tiles - t);
    const SparseTile tile = sparse_tile_of<kRows>(wide);
    for (int list = 0; list < s.lists; ++list) tile(s, list, row, first * kLanes);
    first += wide;
  }
}

void sparse_sums(const SparseSums& s) {
  const int vecs = (s.width + kLanes - 1) / kLanes;
  int row = 0;
  if (vecs * 3 <= kSparseVecs) {
    for (; row + 3 <= s.rows; row += 3) sparse_rows<3>(s, row);
  }
  if (vecs * 2 <= kSparseVecs) {
    for (; row + 2 <= s.rows; row += 2) sparse_rows<2>(s, row);
  }
  for (; row < s.rows; ++row) sparse_rows<1>(s, row);
}

// ---- input gradient ----

// A tile of a row of dx: kScatterColumns columns x kScatterVecs vectors of channels.
constexpr int kScatterVecs = kSparseVecs >= 30 ? 2 : 1;
constexpr int kScatterColumns = 12;

// Adds the gradient of the live filters of one output cell, `kPosition` columns from the tile's first.
template <int kColumns, int kPosition>
CONVFORGE_INLINE void scatter_cell(const SparseInput& s, const float* kernel, int begin, int end,
                                   Vec (&acc)[kScatterColumns][kScatterVecs]) {
  for (int e = begin; e < end; ++e) {
    const Vec value = broadcast(s.values[e]);
    const float* w = kernel + s.ids[e];
    CONVFORGE_UNROLL for (int j = 0; j < kColumns; ++j) {
      constexpr int kFirst = kPosition;
      if (kFirst + j < 0 || kFirst + j >= kScatterColumns) continue;
      CONVFORGE_UNROLL for (int v = 0; v < kScatterVecs; ++v) {
        acc[kFirst + j][v] = fma(value, load(w + j * kPanel + v * kLanes), acc[kFirst + j][v]);
      }
    }
  }
}

template <int kColumns, int kPosition>
CONVFORGE_INLINE void scatter_cells(const SparseInput& s, const float* kernel, const int32_t* begin, const int32_t* end,
                                    int first, Vec (&acc)[kScatterColumns][kScatterVecs]) {
  if constexpr (kPosition < kScatterColumns) {
    const int o = first + kPosition;
    if (o >= 0 && o < s.out_w) scatter_cell<kColumns, kPosition>(s, kernel, begin[o], end[o], acc);
    scatter_cells<kColumns, kPosition + 1>(s, kernel, begin, end, first, acc);
  }
}

// Adds one kernel row's part to the tile at columns [first, first + kScatterColumns) and channels from c on. kWhole:
// the tile is inside the image and its channels.
template <int kColumns, bool kWhole>
void scatter_tile(const SparseInput& s, const float* kernel, int out_row, float* dx_row, int first, int c) {
  const int columns = s.in_w - first;
  const int left = s.channels - c;
  float* tile = dx_row + static_cast<ptrdiff_t>(first) * s.channels + c;
  // The number of channels in a vector of a column.
  const auto channels = [=](int column, int v) __attribute__((always_inline)) {
    if (kWhole) return kLanes;
    const int n = column < columns ? left - v * kLanes : 0;
    return n < 0 ? 0 : n < kLanes ? n : kLanes;
  };
  Vec acc[kScatterColumns][kScatterVecs];
  float* p = tile;
  CONVFORGE_UNROLL for (int column = 0; column < kScatterColumns; ++column, p += s.channels) {
    CONVFORGE_UNROLL for (int v = 0; v < kScatterVecs; ++v) {
      const int n = channels(column, v);
      acc[column][v] = n == 0 ? zero() : load_part(p + v * kLanes, n, n == kLanes);
    }
  }
  const ptrdiff_t cells = static_cast<ptrdiff_t>(out_row) * s.out_w;
  scatter_cells<kColumns, 1 - kColumns>(s, kernel, s.begin + cells, s.end + cells, first, acc);
  p = tile;
  CONVFORGE_UNROLL for (int column = 0; column < kScatterColumns; ++column, p += s.channels) {
    CONVFORGE_UNROLL for (int v = 0; v < kScatterVecs; ++v) {
      const int n = channels(column, v);
      if (n > 0) store_part(p + v * kLanes, acc[column][v], n, n == kLanes);
    }
  }
}

template <int kColumns>
void scatter_image(const SparseInput& s) {
  for (int c = 0; c < s.channels; c += kScatterVecs * kLanes) {
    const float* kernel = s.kernel + c / kPanel * s.kernel_panel + c % kPanel;
    for (int i = 0; i < s.kernel_rows; ++i) {
      for (int o = 0; o < s.out_h; ++o) {
        float* dx_row = s.dx + static_cast<ptrdiff_t>(o + i) * s.in_w * s.channels;
        for (int first = 0; first < s.in_w; first += kScatterColumns) {
          const bool whole = first + kScatterColumns <= s.in_w && c + kScatterVecs * kLanes <= s.channels;
          const auto tile = whole ? scatter_tile<kColumns, true> : scatter_tile<kColumns, false>;
          tile(s, kernel + i * s.kernel_row, o, dx_row, first, c);
        }
      }
    }
  }
}

void sparse_input(const SparseInput& s) {
  if (s.kernel_columns == 3) {
    scatter_image<3>(s);
  } else {
    scatter_image<5>(s);
  }
}
