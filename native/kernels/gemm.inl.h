// The matrix-multiplication micro-kernel, which convolutions and dense layers use forward and backward. Contract: Gemm
// in kernels/types/gemm.h. Lanes hold different columns of C, so no sum is split across lanes.

// Columns of a tile.
constexpr int kTileColumns = kTileVecs * kLanes;
// Panels that a tile spans. A tile begins where a panel does if it spans several.
constexpr int kTilePanels = kTileColumns > kPanel ? kTileColumns / kPanel : 1;

// Where column `j` of a tile, or its vector `v`, is in a row whose panels are `panel` floats apart.
CONVFORGE_INLINE ptrdiff_t column_offset(int j, ptrdiff_t panel) { return j / kPanel * panel + j % kPanel; }
CONVFORGE_INLINE ptrdiff_t vector_offset(int v, ptrdiff_t panel) { return column_offset(v * kLanes, panel); }

// Offsets of the rows of A in a tile: of the four rows of a group, and from one group to the next.
struct TileRows {
  ptrdiff_t in_group[4];
  ptrdiff_t group;
};

// Where a tile reads A, one pointer per four rows, so that all addresses fit in registers.
template <int kRows>
struct TileCursor {
  const float* groups[(kRows + 3) / 4];
  ptrdiff_t in_group[4];
  ptrdiff_t depth;  // from one step to the next
};

// The sums of `depth` steps, from `a` and `b` on, which move on. There is nothing in the loop but the sums: a branch
// for prefetches costs speed.
template <int kRows, int kVecs, bool kARowOne, bool kTail>
CONVFORGE_INLINE void gemm_steps(const Gemm& g, TileCursor<kRows>& a, const float*& b, int depth, int last,
                                 Vec (&acc)[kRows][kVecs]) {
  const ptrdiff_t b_depth = g.b_depth;
  const ptrdiff_t b_panel = g.b_panel;
  CONVFORGE_UNROLL_BY(kDepthUnroll) for (int k = 0; k < depth; ++k) {
    Vec bv[kVecs];
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      const float* p = b + vector_offset(v, b_panel);
      bv[v] = kTail && v == kVecs - 1 ? load_n(p, last) : load(p);
    }
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      const Vec av = broadcast(kARowOne ? a.groups[0][r] : a.groups[r / 4][a.in_group[r % 4]]);
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) acc[r][v] = fma(av, bv[v], acc[r][v]);
    }
    CONVFORGE_UNROLL for (int i = 0; i < (kRows + 3) / 4; ++i) a.groups[i] += a.depth;
    b += b_depth;
  }
}

// Adds the products to kRows x kVecs accumulators. kARowOne: the rows of A are adjacent in memory (a_row == 1, weight
// gradients). Otherwise each row is contiguous along the depth (a_depth == 1, forward passes and input gradients), and
// `rows` has the rows' offsets. kTail: the last vector of B has only `last` columns.
template <int kRows, int kVecs, bool kARowOne, bool kTail>
CONVFORGE_INLINE void gemm_sums(const Gemm& g, const TileRows& rows, const float* a, const float* b, int last,
                                Vec (&acc)[kRows][kVecs]) {
  // Targets that pack come here for few rows or from the cache.
  const ptrdiff_t distance = kPacksB ? 0 : g.a_prefetch;
  for (int s = 0; s < g.segments; ++s) {
    const float* a_segment = a + (g.a_segments ? g.a_segments[s] : 0);
    const float* bk = b + s * g.b_segment;
    TileCursor<kRows> cursor;
    CONVFORGE_UNROLL for (int i = 0; i < (kRows + 3) / 4; ++i) cursor.groups[i] = a_segment + i * rows.group;
    CONVFORGE_UNROLL for (int i = 0; i < 4; ++i) cursor.in_group[i] = rows.in_group[i];
    cursor.depth = kARowOne ? g.a_depth : 1;
    if (!distance) {
      gemm_steps<kRows, kVecs, kARowOne, kTail>(g, cursor, bk, g.depth, last, acc);
      continue;
    }
    for (int k = 0; k < g.depth; k += kCacheLineFloats) {
      const int steps = g.depth - k < kCacheLineFloats ? g.depth - k : kCacheLineFloats;
      if (kARowOne) {
        for (int i = 0; i < steps; ++i) __builtin_prefetch(cursor.groups[0] + i * cursor.depth + distance, 0, 2);
      } else {
        CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
          __builtin_prefetch(cursor.groups[r / 4] + cursor.in_group[r % 4] + distance, 0, 2);
        }
      }
      gemm_steps<kRows, kVecs, kARowOne, kTail>(g, cursor, bk, steps, last, acc);
    }
  }
}

template <int kRows, int kVecs, bool kTail>
CONVFORGE_INLINE void add_bias(const float* bias, int last, Vec (&acc)[kRows][kVecs]) {
  if (!bias) return;
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
    const float* p = bias + v * kLanes;
    const Vec bias_v = kTail && v == kVecs - 1 ? load_n(p, last) : load(p);
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) acc[r][v] = add(acc[r][v], bias_v);
  }
}

// ReLU, if the product has it. The order of the operands keeps NaN.
template <typename Product, int kRows, int kVecs>
CONVFORGE_INLINE void clip_tile(const Product& g, Vec (&acc)[kRows][kVecs]) {
  if (!g.relu) return;
  const Vec maximum = broadcast(g.maximum);
  CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) acc[r][v] = min(maximum, max(zero(), acc[r][v]));
  }
}

// One tile, whose rows begin at `a` and `c`.
template <int kRows, int kVecs, bool kARowOne, bool kTail>
CONVFORGE_INLINE void gemm_tile(const Gemm& g, const TileRows& rows, const float* a, const float* b, float* c,
                                const float* bias, int last) {
  const ptrdiff_t c_row = g.c_row;
  const ptrdiff_t c_panel = g.c_panel;
  Vec acc[kRows][kVecs];
  if (g.accumulate) {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
        const float* p = c + r * c_row + vector_offset(v, c_panel);
        acc[r][v] = kTail && v == kVecs - 1 ? load_n(p, last) : load(p);
      }
    }
  } else {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) acc[r][v] = zero();
    }
  }
  // Prefetches the next tile's rows of C.
  if (g.prefetch_c) {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v)
          __builtin_prefetch(c + (kRows + r) * c_row + vector_offset(v, c_panel), 1);
    }
  }
  gemm_sums<kRows, kVecs, kARowOne, kTail>(g, rows, a, b, last, acc);
  add_bias<kRows, kVecs, kTail>(bias, last, acc);
  clip_tile(g, acc);
  CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      store_part(c + r * c_row + vector_offset(v, c_panel), acc[r][v], last, !kTail || v < kVecs - 1);
    }
  }
}

// A column of tiles: in each strip `tiles` of them, one below the other, from row `first` on. `c` is where the strips
// begin.
template <int kRows, int kVecs, bool kARowOne, bool kTail>
void gemm_tiles(const Gemm& product, int first, int tiles, const float* b, float* c, const float* bias, int last) {
  const Gemm g = product;  // a local copy, which stores can't alias
  const ptrdiff_t row = g.a_row;
  const TileRows rows = {{0, row, 2 * row, 3 * row}, 4 * row};
  for (int t = 0; t < g.strips; ++t) {
    const float* a = g.a + (g.a_strips ? g.a_strips[t] : 0) + first * row;
    float* y = c + (static_cast<ptrdiff_t>(t) * g.m + first) * g.c_row;
    for (int i = 0; i < tiles; ++i, a += kRows * row, y += kRows * g.c_row)
      gemm_tile<kRows, kVecs, kARowOne, kTail>(g, rows, a, b, y, bias, last);
  }
}

// The tile of `rows` rows. As many accumulators as fit in registers are used; for single vectors 16 rows are enough.
template <int kVecs>
constexpr int kMaxTileRows = kTileRows* kTileVecs / kVecs < 16 ? kTileRows* kTileVecs / kVecs : 16;

template <int kVecs, bool kARowOne, bool kTail>
CONVFORGE_INLINE void run_tiles(int rows, const Gemm& g, int first, int tiles, const float* b, float* c,
                                const float* bias, int last) {
  constexpr int kMax = kMaxTileRows<kVecs>;
  static_assert(kMax >= 4 && kMax <= 16);
  using Tiles = void (*)(const Gemm&, int, int, const float*, float*, const float*, int);
  static constexpr Tiles kTiles[] = {
#define CONVFORGE_TILE(rows) gemm_tiles<(rows) <= kMax ? (rows) : kMax, kVecs, kARowOne, kTail>
      CONVFORGE_TILE(1),  CONVFORGE_TILE(2),  CONVFORGE_TILE(3),  CONVFORGE_TILE(4),
      CONVFORGE_TILE(5),  CONVFORGE_TILE(6),  CONVFORGE_TILE(7),  CONVFORGE_TILE(8),
      CONVFORGE_TILE(9),  CONVFORGE_TILE(10), CONVFORGE_TILE(11), CONVFORGE_TILE(12),
      CONVFORGE_TILE(13), CONVFORGE_TILE(14), CONVFORGE_TILE(15), CONVFORGE_TILE(16),
#undef CONVFORGE_TILE
  };
  kTiles[rows - 1](g, first, tiles, b, c, bias, last);
}

// Rows that are divided evenly among the fewest tiles that hold them.
struct RowTiles {
  int low = 0;    // rows of a smaller tile
  int split = 0;  // the first of the rows in smaller tiles; those before are in tiles of low + 1
};

CONVFORGE_INLINE RowTiles row_tiles(int rows, int most) {
  const int tiles = (rows + most - 1) / most;
  const int low = rows / tiles;
  return {low, (rows - low * tiles) * (low + 1)};
}

// One column of tiles. The rows of a strip are divided evenly among the fewest tiles that hold them: 14 rows with at
// most 12 to a tile are 7 + 7, since a thin tile can't hide the latency of its multiply-adds.
template <int kVecs, bool kARowOne, bool kTail>
void gemm_column(const Gemm& g, const float* b, float* c, const float* bias, int last) {
  const RowTiles tiles = row_tiles(g.m, kMaxTileRows<kVecs>);
  const int high = tiles.split / (tiles.low + 1);
  const int low = (g.m - tiles.split) / tiles.low;
  if (high > 0) run_tiles<kVecs, kARowOne, kTail>(tiles.low + 1, g, 0, high, b, c, bias, last);
  if (low > 0) run_tiles<kVecs, kARowOne, kTail>(tiles.low, g, tiles.split, low, b, c, bias, last);
}

// ---- A and B in place ----

// At most kVecs vectors of `left` columns, the last of which may be cut off. Returns the columns.
template <int kVecs, bool kARowOne>
int gemm_vectors(const Gemm& g, int left, const float* b, float* c, const float* bias) {
  const int columns = left < kVecs * kLanes ? left : kVecs * kLanes;
  const int last = columns - (kVecs - 1) * kLanes;
  if (last == kLanes) {
    gemm_column<kVecs, kARowOne, false>(g, b, c, bias, last);
  } else {
    gemm_column<kVecs, kARowOne, true>(g, b, c, bias, last);
  }
  return columns;
}

// `n` columns of the panels that a tile spans. Three vectors of four are so rare that they take two tiles.
template <bool kARowOne>
void gemm_columns(const Gemm& g, int n, const float* b, float* c, const float* bias) {
  constexpr int kFewVecs = kTileVecs > 2 ? 2 : 1;
  for (int j = 0; j < n;) {
    const int vecs = (n - j + kLanes - 1) / kLanes;
    const auto run = vecs >= kTileVecs  ? gemm_vectors<kTileVecs, kARowOne>
                     : vecs >= kFewVecs ? gemm_vectors<kFewVecs, kARowOne>
                                        : gemm_vectors<1, kARowOne>;
    j += run(g, n - j, b + column_offset(j, g.b_panel), c + column_offset(j, g.c_panel), bias ? bias + j : nullptr);
  }
}

void gemm_part(const Gemm& g) {
  const auto columns = g.a_row == 1 ? gemm_columns<true> : gemm_columns<false>;
  Gemm part = g;
  for (int panel = 0; panel * kPanel < g.n; panel += kTilePanels) {
    const int left = g.n - panel * kPanel;
    const int n = left < kTilePanels * kPanel ? left : kTilePanels * kPanel;
    const float* bias = g.bias ? g.bias + panel * kPanel : nullptr;
    columns(part, n, g.b + panel * g.b_panel, g.c + panel * g.c_panel, bias);
    part.a_prefetch = 0;  // all panels read the same rows of A
  }
}

// Calls run(block, is_last) for blocks of the depth, in order: whole segments, or parts of one, of at most `most`
// steps, all of about the same depth. C goes through memory between blocks, which changes no bits.
template <typename Run>
CONVFORGE_INLINE void for_depth_blocks(const Gemm& g, int most, Run run) {
  const int whole = g.depth < most ? most / g.depth : 1;  // segments of a block at most
  const int groups = (g.segments + whole - 1) / whole;
  const int parts = (g.depth + most - 1) / most;  // of a segment
  Gemm block = g;
  block.bias = nullptr;
  block.relu = false;
  for (int i = 0; i < groups; ++i) {
    const int first = static_cast<int>(static_cast<int64_t>(g.segments) * i / groups);
    block.segments = static_cast<int>(static_cast<int64_t>(g.segments) * (i + 1) / groups) - first;
    for (int p = 0; p < parts; ++p) {
      const int k = static_cast<int>(static_cast<int64_t>(g.depth) * p / parts);
      block.depth = static_cast<int>(static_cast<int64_t>(g.depth) * (p + 1) / parts) - k;
      block.a = g.a + k * g.a_depth;
      block.a_segments = g.a_segments ? g.a_segments + first : nullptr;
      block.b = g.b + first * g.b_segment + k * g.b_depth;
      const bool is_last = i + 1 == groups && p + 1 == parts;
      if (is_last) {
        block.bias = g.bias;
        block.relu = g.relu;
      }
      run(block, is_last);
      block.accumulate = true;
    }
  }
}

// Blocked where a row of B spans several tiles, so that a block of B is still in cache for the next column of tiles.
void gemm_in_place(const Gemm& g) {
  if (kTileDepth == 0 || g.segments > 1 || g.depth < 2 * kTileDepth || g.m <= kTileRows) {
    gemm_part(g);
  } else {
    for_depth_blocks(
        g, kTileDepth, [](const Gemm& block, bool) __attribute__((always_inline)) { gemm_part(block); });
  }
}

// ---- fused 2x2 max-pooling ----

// The four cells of a window are four rows of the tile and never leave the registers.
template <int kWindows, int kVecs, bool kTail>
void gemm_pool_tile(const GemmPool& p, int window, int j, int last) {
  const Gemm& g = p.product;
  Vec acc[4 * kWindows][kVecs];
  CONVFORGE_UNROLL for (int r = 0; r < 4 * kWindows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) acc[r][v] = zero();
  }
  const TileRows rows = {{0, g.a_row, p.a_below, p.a_below + g.a_row}, 2 * g.a_row};
  gemm_sums<4 * kWindows, kVecs, false, kTail>(g, rows, g.a + window * rows.group, g.b + j, last, acc);
  add_bias<4 * kWindows, kVecs, kTail>(g.bias ? g.bias + j : nullptr, last, acc);
  CONVFORGE_UNROLL for (int i = 0; i < kWindows; ++i) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      Vec best = acc[4 * i][v];
      Index where = broadcast_index(0);
      CONVFORGE_UNROLL for (int cell = 1; cell < 4; ++cell) {
        const Mask same = stays(best, acc[4 * i + cell][v]);
        best = select(same, best, acc[4 * i + cell][v]);
        where = select(same, where, broadcast_index(cell));
      }
      Vec kept[1][1] = {{best}};
      clip_tile(g, kept);
      const int lanes = kTail && v == kVecs - 1 ? last : kLanes;
      const ptrdiff_t at = (window + i) * g.c_row + j + v * kLanes;
      store_part(g.c + at, kept[0][0], lanes, lanes == kLanes);
      if (p.index) store_index_n(p.index + at, where, lanes);
    }
  }
}

template <int kVecs, bool kTail>
void gemm_pool_column(const GemmPool& p, int j, int last) {
  // As many windows as have registers for their accumulators.
  constexpr int kFit = kTileRows * kTileVecs / (4 * kVecs);
  constexpr int kMax = kFit < 3 ? kFit : 3;
  using Tile = void (*)(const GemmPool&, int, int, int);
  static constexpr Tile kTiles[] = {
      gemm_pool_tile<1, kVecs, kTail>,
      gemm_pool_tile<(kMax < 2 ? kMax : 2), kVecs, kTail>,
      gemm_pool_tile<kMax, kVecs, kTail>,
  };
  const int outputs = p.product.m;
  const int tiles = (outputs + kMax - 1) / kMax;
  int window = 0;
  for (int t = 0; t < tiles; ++t) {
    const int windows = (outputs - window + tiles - t - 1) / (tiles - t);
    kTiles[windows - 1](p, window, j, last);
    window += windows;
  }
}

void gemm_max_pool(const GemmPool& p) {
  const int n = p.product.n;
  int j = 0;
  for (; j + 2 * kLanes <= n; j += 2 * kLanes) gemm_pool_column<2, false>(p, j, kLanes);
  for (; j < n; j += kLanes) {
    if (j + kLanes <= n) {
      gemm_pool_column<1, false>(p, j, kLanes);
    } else {
      gemm_pool_column<1, true>(p, j, n - j);
    }
  }
}
