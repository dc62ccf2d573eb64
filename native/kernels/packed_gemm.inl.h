// Products with a packed right side, for targets whose tiles are narrower than a panel (kPacksB). Contract: Gemm in
// kernels/types/gemm.h.
//
// Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008. Blocks of kBlockRows rows stay in
// the second-level cache. For each, blocks of B, kBlockDepth deep and one panel wide, are packed to
// [tile][k][columns of the tile] in the first-level cache, and all rows of the block pass over them. The rows of a tile
// may come from two strips: each has a pointer of its own. Where many columns pass over a block of A, it is packed too,
// to [tile][k][rows of the tile]: rows a multiple of a page apart would fall into the same sets of the cache.

constexpr int kPackedRows = 24;  // with fewer rows, packing costs more than it saves
constexpr int kBlockRows = 256;
constexpr int kBlockDepth = 256;
// Floats of B from which on a panel is prefetched while the one before it is multiplied. A smaller B stays in cache.
constexpr int64_t kLargeB = int64_t{1} << 17;
// Columns from which on A is packed, for tiles of two vectors. Rows that are contiguous along the depth are transposed
// on the way, which takes more columns to pay.
constexpr int kPackedAColumns = 128;
constexpr int kTransposedAColumns = 256;
constexpr int kPackedAVecs = 2;
constexpr int kPackedBFloats = kBlockDepth * kPanel;
// Vectors are stored whole, so a tile's last row needs some floats behind it.
constexpr int kPackedAFloats = kBlockRows * kBlockDepth + kLanes;
static_assert(!kPacksB || kPackedAFloats + kPackedBFloats <= static_cast<int>(kGemmScratch));

// Rows of a tile of kVecs vectors. Each row has a pointer in a register, so single vectors have fewer than fit.
template <int kVecs>
constexpr int kPackedTileRows = kTileRows* kTileVecs / kVecs < 8 ? kTileRows* kTileVecs / kVecs : 8;

// Rows of memory that are prefetched, some cache lines after each tile.
struct Ahead {
  const float* row = nullptr;  // of the next line
  ptrdiff_t next_row = 0;
  int lines = 0;  // of a row
  int line = 0;   // the next one
  int rows = 0;   // left
  int each = 0;   // lines after a tile
};

// `rows` rows of `floats` floats, which are prefetched during `tiles` tiles.
CONVFORGE_INLINE Ahead rows_ahead(const float* begin, int rows, ptrdiff_t next_row, int floats, int tiles) {
  Ahead a;
  a.row = begin;
  a.next_row = next_row;
  a.lines = (floats + kCacheLineFloats - 1) / kCacheLineFloats;
  a.rows = rows;
  a.each = (rows * a.lines + tiles - 1) / tiles;
  return a;
}

CONVFORGE_INLINE void prefetch_some(Ahead& a) {
  for (int i = 0; i < a.each && a.rows > 0; ++i) {
    __builtin_prefetch(a.row + a.line * kCacheLineFloats, 0, 2);
    if (++a.line < a.lines) continue;
    a.line = 0;
    a.row += a.next_row;
    --a.rows;
  }
}

// A block of rows and depth, and one column of tiles.
struct PackedColumn {
  const float* const* rows = nullptr;   // where each row of A begins
  const ptrdiff_t* segments = nullptr;  // the offset of each segment in a row
  int segment_count = 0;
  int depth = 0;  // of a segment
  ptrdiff_t a_depth = 0;
  const float* b = nullptr;  // [segment][depth][columns of the tile]
  float* c = nullptr;
  ptrdiff_t c_row = 0;
  bool accumulate = false;
  const float* bias = nullptr;
  bool relu = false;
  float maximum = 0;
  bool stream = false;
  int last = 0;                     // columns of the last vector
  const float* packed_a = nullptr;  // [tile][segment][depth][rows of the tile], which tiles of two vectors read
  Ahead a_ahead;                    // of a later product
  Ahead b_ahead;                    // the panel of B that is packed next
};

// Adds the products of kRows rows of A and kVecs vectors of B, which lie from b to end. Element (r, k) of A is at
// a[r] + at + k * a_depth, or at a[0] + at + k * a_depth + r if kPackedA. There is nothing in the loop but the sums: a
// branch for prefetches costs a fifth of the speed.
template <bool kPackedA, int kRows, int kVecs>
CONVFORGE_INLINE void packed_sums(const float* const (&a)[kRows], ptrdiff_t at, ptrdiff_t a_depth, const float* b,
                                  const float* end, Vec (&acc)[kRows][kVecs]) {
  CONVFORGE_UNROLL_BY(kDepthUnroll) for (; b != end; b += kVecs * kLanes, at += a_depth) {
    Vec bv[kVecs];
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) bv[v] = load(b + v * kLanes);
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      const Vec av = broadcast(kPackedA ? a[0][at + r] : a[r][at]);
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) acc[r][v] = fma(av, bv[v], acc[r][v]);
    }
  }
}

template <int kRows, int kVecs, bool kTail, bool kPackedA>
CONVFORGE_INLINE void packed_tile(const PackedColumn& p, int row) {
  const ptrdiff_t c_row = p.c_row;
  float* const c = p.c + row * c_row;
  Vec acc[kRows][kVecs];
  if (p.accumulate) {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
        const float* y = c + r * c_row + v * kLanes;
        acc[r][v] = kTail && v == kVecs - 1 ? load_n(y, p.last) : load(y);
      }
    }
  } else {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) acc[r][v] = zero();
    }
  }
  // Prefetches the next tile's rows of C.
  if (!p.stream) {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      __builtin_prefetch(c + (kRows + r) * c_row, 1);
      __builtin_prefetch(c + (kRows + r) * c_row + kVecs * kLanes - 1, 1);
    }
  }
  const ptrdiff_t segment_floats = static_cast<ptrdiff_t>(p.depth) * (kVecs * kLanes);
  const float* a[kRows] = {};
  if constexpr (kPackedA) {
    a[0] = p.packed_a + static_cast<ptrdiff_t>(row) * p.depth * p.segment_count;
    packed_sums<true>(a, 0, kRows, p.b, p.b + p.segment_count * segment_floats, acc);
  } else {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) a[r] = p.rows[row + r];
    const float* b = p.b;
    for (int s = 0; s < p.segment_count; ++s, b += segment_floats)
      packed_sums<false>(a, p.segments[s], p.a_depth, b, b + segment_floats, acc);
  }
  add_bias<kRows, kVecs, kTail>(p.bias, p.last, acc);
  clip_tile(p, acc);
  if (!kTail && p.stream) {
    CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) stream(c + r * c_row + v * kLanes, acc[r][v]);
    }
    return;
  }
  CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
      store_part(c + r * c_row + v * kLanes, acc[r][v], p.last, !kTail || v < kVecs - 1);
    }
  }
}

template <int kRows, int kVecs, bool kTail, bool kPackedA>
void packed_tiles(PackedColumn& column, int begin, int end) {
  PackedColumn p = column;  // a local copy, which stores can't alias
  for (int row = begin; row < end; row += kRows) {
    packed_tile<kRows, kVecs, kTail, kPackedA>(p, row);
    if (p.a_ahead.rows > 0) prefetch_some(p.a_ahead);
    if (p.b_ahead.rows > 0) prefetch_some(p.b_ahead);
  }
  column.a_ahead = p.a_ahead;
  column.b_ahead = p.b_ahead;
}

// All rows of a block.
template <int kVecs, bool kTail, bool kPackedA>
void packed_column(PackedColumn& p, int rows) {
  constexpr int kMax = kPackedTileRows<kVecs>;
  static_assert(kMax >= 3 && kMax <= 8);
  using Tiles = void (*)(PackedColumn&, int, int);
  static constexpr Tiles kTiles[] = {
#define CONVFORGE_TILE(rows) packed_tiles<(rows) <= kMax ? (rows) : kMax, kVecs, kTail, kPackedA>
      CONVFORGE_TILE(1), CONVFORGE_TILE(2), CONVFORGE_TILE(3), CONVFORGE_TILE(4),
      CONVFORGE_TILE(5), CONVFORGE_TILE(6), CONVFORGE_TILE(7), CONVFORGE_TILE(8),
#undef CONVFORGE_TILE
  };
  const RowTiles tiles = row_tiles(rows, kMax);
  if (tiles.split > 0) kTiles[tiles.low](p, 0, tiles.split);
  if (tiles.split < rows) kTiles[tiles.low - 1](p, tiles.split, rows);
}

// Packs `count` rows that are contiguous along the depth. Vectors are stored whole: what is too much, the next store
// replaces.
CONVFORGE_INLINE float* pack_a_rows(const float* const* rows, int count, ptrdiff_t first, int depth, float* y) {
  float block[kLanes * kLanes] = {};
  int k = 0;
  for (; k + kLanes <= depth; k += kLanes, y += kLanes * count) {
    for (int r = 0; r < count; ++r) store(block + r * kLanes, load(rows[r] + first + k));
    transpose_lanes(block, kLanes, y, count);
  }
  for (; k < depth; ++k) {
    for (int r = 0; r < count; ++r) *y++ = rows[r][first + k];
  }
  return y;
}

// Packs rows of which each step of the depth has all side by side, unless they come from two strips.
CONVFORGE_INLINE float* pack_a_steps(const float* const* rows, int count, ptrdiff_t first, ptrdiff_t a_depth, int depth,
                                     float* y) {
  bool adjacent = true;
  for (int r = 1; r < count; ++r) adjacent = adjacent && rows[r] == rows[0] + r;
  for (int k = 0; k < depth; ++k, first += a_depth, y += count) {
    if (adjacent) {
      store(y, load_n(rows[0] + first, count));
    } else {
      for (int r = 0; r < count; ++r) y[r] = rows[r][first];
    }
  }
  return y;
}

// Packs a block of A for tiles of kVecs vectors.
template <int kVecs>
void pack_a(const PackedColumn& p, int rows, float* y) {
  constexpr int kMax = kPackedTileRows<kVecs>;
  static_assert(kMax <= kLanes || !kPacksB);
  const RowTiles tiles = row_tiles(rows, kMax);
  for (int row = 0; row < rows;) {
    const int count = row < tiles.split ? tiles.low + 1 : tiles.low;
    for (int s = 0; s < p.segment_count; ++s) {
      y = p.a_depth == 1 ? pack_a_rows(p.rows + row, count, p.segments[s], p.depth, y)
                         : pack_a_steps(p.rows + row, count, p.segments[s], p.a_depth, p.depth, y);
    }
    row += count;
  }
}

// Packs columns [first, first + columns) of a block of B to [k][kVecs * kLanes]. Zeros fill the last vector.
template <int kVecs>
CONVFORGE_INLINE void pack_b(const Gemm& g, int columns, const float* b, float* y) {
  const int last = columns - (kVecs - 1) * kLanes;
  for (int s = 0; s < g.segments; ++s) {
    const float* x = b + s * g.b_segment;
    for (int k = 0; k < g.depth; ++k, x += g.b_depth, y += kVecs * kLanes) {
      CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
        store(y + v * kLanes, load_part(x + v * kLanes, last, last == kLanes || v < kVecs - 1));
      }
    }
  }
}

template <int kVecs>
CONVFORGE_INLINE void run_column(const Gemm& g, PackedColumn& p, int rows, int columns, const float* b, float* packed) {
  pack_b<kVecs>(g, columns, b, packed);
  p.b = packed;
  p.last = columns - (kVecs - 1) * kLanes;
  if constexpr (kVecs == kPackedAVecs) {
    if (p.packed_a) {
      (p.last < kLanes ? packed_column<kVecs, true, true> : packed_column<kVecs, false, true>)(p, rows);
      return;
    }
  }
  (p.last < kLanes ? packed_column<kVecs, true, false> : packed_column<kVecs, false, false>)(p, rows);
}

// One block of `count` rows and of the depth. The depth begins `first` floats behind the pointers in `rows`. next_b:
// the rows of B to prefetch at the end, or null. A template, as packed_gemm is, so that targets that don't pack compile
// nothing of it.
template <bool kPacks>
void packed_block(const Gemm& g, const float* const* rows, int count, ptrdiff_t first, const float* next_b,
                  bool is_last, float* c) {
  ptrdiff_t segments[kBlockDepth];
  for (int s = 0; s < g.segments; ++s) segments[s] = first + (g.a_segments ? g.a_segments[s] : 0);
  PackedColumn p;
  p.rows = rows;
  p.segments = segments;
  p.segment_count = g.segments;
  p.depth = g.depth;
  p.a_depth = g.a_depth;
  p.c_row = g.c_row;
  p.accumulate = g.accumulate;
  p.relu = g.relu;
  p.maximum = g.maximum;
  p.stream = g.stream && is_last;
  const int tiles = (count + kTileRows - 1) / kTileRows;  // of a column
  // With several segments, the distance leads to the next one, which this block reads anyway.
  if (g.a_prefetch && g.segments == 1) {
    const int all = tiles * ((g.n + kTileColumns - 1) / kTileColumns);
    const float* later = rows[0] + segments[0] + g.a_prefetch;
    p.a_ahead = g.a_row == 1 ? rows_ahead(later, g.depth, g.a_depth, count, all)
                             : rows_ahead(later, count, g.a_row, g.depth, all);
  }
  if (g.n >= (g.a_row == 1 ? kPackedAColumns : kTransposedAColumns)) {
    float* a = g.scratch + kPackedBFloats;
    pack_a<kPackedAVecs>(p, count, a);
    p.packed_a = a;
  }
  // Who reads B once, such as a dense layer, says where it goes on.
  const bool is_cold = g.b_prefetch != 0 || static_cast<int64_t>(g.segments) * g.depth * g.n >= kLargeB;
  for (int panel = 0; panel * kPanel < g.n; ++panel) {
    const int n = g.n - panel * kPanel < kPanel ? g.n - panel * kPanel : kPanel;
    const float* b = g.b + panel * g.b_panel;
    // Next are the next panel's rows, or those of the next block or a later product.
    const float* ahead = (panel + 1) * kPanel < g.n ? b + g.b_panel : next_b;
    p.b_ahead = Ahead();
    if (ahead && is_cold)
      p.b_ahead = rows_ahead(ahead, g.segments * g.depth, g.b_depth, kPanel, tiles * (kPanel / kTileColumns));
    for (int j = 0; j < n;) {
      // Three vectors are one tile; otherwise they go in pairs.
      const int vecs = (n - j + kLanes - 1) / kLanes;
      const int columns = vecs > 3 ? 2 * kLanes : n - j;
      p.c = c + panel * g.c_panel + j;
      p.bias = g.bias ? g.bias + panel * kPanel + j : nullptr;
      if (vecs == 1) {
        run_column<1>(g, p, count, columns, b + j, g.scratch);
      } else if (vecs == 3) {
        run_column<3>(g, p, count, columns, b + j, g.scratch);
      } else {
        run_column<2>(g, p, count, columns, b + j, g.scratch);
      }
      j += columns;
    }
  }
}

template <bool kPacks>
void packed_gemm(const Gemm& g) {
  const int all = g.m * g.strips;
  const int blocks = (all + kBlockRows - 1) / kBlockRows;
  const float* rows[kBlockRows];
  int strip = 0;
  int in_strip = 0;
  for (int i = 0; i < blocks; ++i) {
    const int begin = static_cast<int>(static_cast<int64_t>(all) * i / blocks);
    const int end = static_cast<int>(static_cast<int64_t>(all) * (i + 1) / blocks);
    int count = 0;
    while (count < end - begin) {
      const float* a = g.a + (g.a_strips ? g.a_strips[strip] : 0) + in_strip * g.a_row;
      const int left = end - begin - count;
      const int here = g.m - in_strip < left ? g.m - in_strip : left;
      for (int r = 0; r < here; ++r, a += g.a_row) rows[count + r] = a;
      count += here;
      in_strip += here;
      if (in_strip == g.m) {
        in_strip = 0;
        ++strip;
      }
    }
    float* c = g.c + begin * g.c_row;
    for_depth_blocks(
        g, kBlockDepth, [&](const Gemm& block, bool is_last) __attribute__((always_inline)) {
          // The blocks of the depth mostly follow one another.
          const float* later_b = g.b_prefetch && i + 1 == blocks ? g.b + g.b_prefetch : nullptr;
          const float* next_b = is_last ? later_b : block.b + block.segments * block.depth * g.b_depth;
          packed_block<kPacks>(block, rows, count, block.a - g.a, next_b, is_last, c);
        });
  }
  if (g.stream) stream_fence();
}

// A template, so that targets that don't pack compile nothing of it.
template <bool kPacks>
void gemm_on_target(const Gemm& g) {
  if constexpr (kPacks) {
    if (g.scratch && g.depth > 0 && g.m * g.strips >= kPackedRows) {
      packed_gemm<kPacks>(g);
      return;
    }
  }
  gemm_in_place(g);
}

void gemm(const Gemm& g) { gemm_on_target<kPacksB>(g); }

// `count` products of the same sizes, whose matrices are a_next, b_next and c_next apart.
void gemm_batch(const Gemm& first, int count, ptrdiff_t a_next, ptrdiff_t b_next, ptrdiff_t c_next) {
  Gemm g = first;
  for (int i = 0; i < count; ++i) {
    gemm(g);
    g.a += a_next;
    g.b += b_next;
    g.c += c_next;
  }
}
