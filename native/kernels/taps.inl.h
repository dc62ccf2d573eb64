// The kernel gradient of a convolution with few input channels, followed by 2x2 max-pooling. Lanes hold filters, and
// each lane looks up the input under the winning cell of its own window. Contracts: Quads and TapGradient in
// kernels/types/sparse.h.

void make_quads(const Quads& q) {
  for (int r = 0; r < q.rows; ++r) {
    const float* x = q.x + r * q.x_row;
    float* y = q.y + static_cast<ptrdiff_t>(r) * q.width * 4;
    for_vectors(
        static_cast<size_t>(q.width), [ =, &q ](size_t j, int count, bool whole) __attribute__((always_inline)) {
          const float* p = x + j;
          const Vec a = load_part(p, count, whole);
          const Vec b = load_part(p + q.column, count, whole);
          const Vec c = load_part(p + q.row, count, whole);
          const Vec d = load_part(p + q.row + q.column, count, whole);
          if (whole) {
            store_interleaved4(y + 4 * j, a, b, c, d);
          } else {
            float quads[4 * kLanes];
            store_interleaved4(quads, a, b, c, d);
            for (int i = 0; i < 4 * count; ++i) y[4 * j + static_cast<size_t>(i)] = quads[i];
          }
        });
  }
}

// The largest number of taps whose gradients fit in registers.
constexpr int kMaxTaps = kTileRows * kTileVecs >= 24 ? 25 : 10;

template <int kRows, int kColumns>
void tap_tile(const TapGradient& t, int row, int column, int c) {
  const int left = t.filters - c;
  const int count = left < kLanes ? left : kLanes;
  float* y = t.y + c + (static_cast<ptrdiff_t>(row) * t.width + column) * kPanel;
  const ptrdiff_t y_row = static_cast<ptrdiff_t>(t.width) * kPanel;
  Vec acc[kRows][kColumns];
  CONVFORGE_UNROLL for (int i = 0; i < kRows; ++i) {
    CONVFORGE_UNROLL for (int j = 0; j < kColumns; ++j) {
      acc[i][j] = t.accumulate ? load(y + i * y_row + j * kPanel) : zero();
    }
  }
  const float* value = t.values + c;
  const uint8_t* index = t.index + c;
  for (int oh = 0; oh < t.out_h; ++oh) {
    const float* quads = t.quads + oh * t.quad_output_row + row * t.quad_row + 4 * column;
    for (int ow = 0; ow < t.out_w; ++ow, value += t.value_row, index += t.value_row, quads += t.quad_output) {
      const Vec gradient = load_part(value, count, count == kLanes);
      const Index winner = load_index_n(index, count);
      CONVFORGE_UNROLL for (int i = 0; i < kRows; ++i) {
        CONVFORGE_UNROLL for (int j = 0; j < kColumns; ++j) {
          acc[i][j] = fma(gradient, table_lookup(quads + i * t.quad_row + 4 * j, winner), acc[i][j]);
        }
      }
    }
  }
  CONVFORGE_UNROLL for (int i = 0; i < kRows; ++i) {
    CONVFORGE_UNROLL for (int j = 0; j < kColumns; ++j) store(y + i * y_row + j * kPanel, acc[i][j]);
  }
}

// All kernel rows, for a tile of columns.
template <int kColumns>
void tap_columns(const TapGradient& t, int column, int c) {
  constexpr int kMax = kMaxTaps / kColumns < 1 ? 1 : kMaxTaps / kColumns < 5 ? kMaxTaps / kColumns : 5;
  int row = 0;
  for (; row + kMax <= t.rows; row += kMax) tap_tile<kMax, kColumns>(t, row, column, c);
  constexpr int kHalf = (kMax + 1) / 2;
  for (; row + kHalf <= t.rows; row += kHalf) tap_tile<kHalf, kColumns>(t, row, column, c);
  for (; row < t.rows; ++row) tap_tile<1, kColumns>(t, row, column, c);
}

void tap_gradient(const TapGradient& t) {
  using Columns = void (*)(const TapGradient&, int, int);
  static constexpr Columns kColumns[] = {tap_columns<1>, tap_columns<2>, tap_columns<3>, tap_columns<4>,
                                         tap_columns<5>, tap_columns<6>, tap_columns<7>, tap_columns<8>,
                                         tap_columns<9>, tap_columns<10>};
  constexpr int kMaxColumns = 10;
  const int tiles = (t.width + kMaxColumns - 1) / kMaxColumns;
  for (int c = 0; c < t.filters; c += kLanes) {
    int column = 0;
    for (int i = 0; i < tiles; ++i) {
      const int wide = (t.width - column + tiles - i - 1) / (tiles - i);
      kColumns[wide - 1](t, column, c);
      column += wide;
    }
  }
}
