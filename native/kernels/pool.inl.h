// Pooling. Lanes hold channels. A winning index counts the cells of a window row by row: row * (columns in the window)
// + column. Arguments are copied, since stores through vectors may alias them. Contracts: PoolRow, PoolGradient and
// UnpoolRow in kernels/types/pool.h.

// Prefetches a part of a window of a later row. Each row has only a few cache lines, so the hardware doesn't foresee
// the next.
template <int kVecs>
CONVFORGE_INLINE void prefetch_window(const float* x) {
  constexpr int kLineVecs = kLanes < 16 ? 16 / kLanes : 1;
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; v += kLineVecs) __builtin_prefetch(x + v * kLanes);
}

template <bool kIndexed, typename IndexType>
CONVFORGE_INLINE void max_pool_row(PoolRow p, IndexType* index) {
  for (int o = 0; o < p.outputs; ++o) {
    const int columns = p.column_end[o] - p.column_begin[o];
    const float* window = p.x + p.column_begin[o] * p.x_column;
    const ptrdiff_t output = o * p.y_column;
    for_channels(
        p.channels, [=](auto block) __attribute__((always_inline)) {
          constexpr int kVecs = decltype(block)::vecs;
          Vec best[kVecs];
          Index where[kVecs];
          CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
            best[v] = load_part(window + block.first + v * kLanes, block.lanes, block.whole);
            where[v] = broadcast_index(0);
          }
          int cell = 1;
          for (int i = 0; i < p.rows; ++i) {
            const float* x = window + i * p.x_row + block.first;
            if (p.prefetch) {
              for (int j = 0; j < columns; ++j) prefetch_window<kVecs>(x + p.prefetch + j * p.x_column);
            }
            for (int j = i == 0 ? 1 : 0; j < columns; ++j, ++cell) {
              CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
                const Vec value = load_part(x + j * p.x_column + v * kLanes, block.lanes, block.whole);
                const Mask same = stays(best[v], value);
                best[v] = select(same, best[v], value);
                if (kIndexed) where[v] = select(same, where[v], broadcast_index(cell));
              }
            }
          }
          CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
            const ptrdiff_t at = output + block.first + v * kLanes;
            store_part(p.y + at, best[v], block.lanes, block.whole);
            if (kIndexed) store_index_n(index + at, where[v], block.lanes);
          }
        });
  }
}

template <typename IndexType>
CONVFORGE_INLINE void max_pool(const PoolRow& p, IndexType* index) {
  if (index) {
    max_pool_row<true>(p, index);
  } else {
    max_pool_row<false>(p, index);
  }
}

void max_pool_u8(const PoolRow& p, uint8_t* index) { max_pool(p, index); }
void max_pool_i32(const PoolRow& p, int32_t* index) { max_pool(p, index); }

// Sums of the windows, times factors[o]: 1 for sums, 1 / cells for averages.
void sum_pool(const PoolRow& row, const float* factors) {
  const PoolRow p = row;
  for (int o = 0; o < p.outputs; ++o) {
    const int columns = p.column_end[o] - p.column_begin[o];
    const float* window = p.x + p.column_begin[o] * p.x_column;
    float* y = p.y + o * p.y_column;
    const Vec factor = broadcast(factors[o]);
    for_channels(
        p.channels, [=](auto block) __attribute__((always_inline)) {
          constexpr int kVecs = decltype(block)::vecs;
          Vec sum[kVecs];
          CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sum[v] = zero();
          for (int i = 0; i < p.rows; ++i) {
            const float* x = window + i * p.x_row + block.first;
            if (p.prefetch) {
              for (int j = 0; j < columns; ++j) prefetch_window<kVecs>(x + p.prefetch + j * p.x_column);
            }
            for (int j = 0; j < columns; ++j) {
              CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
                sum[v] = add(sum[v], load_part(x + j * p.x_column + v * kLanes, block.lanes, block.whole));
              }
            }
          }
          CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
            store_part(y + block.first + v * kLanes, mul(sum[v], factor), block.lanes, block.whole);
          }
        });
  }
}

// For each cell, the sum over its windows of term(window, index of the cell in it, block, vector, sum so far).
template <typename Term>
CONVFORGE_INLINE void pool_gradient(PoolGradient p, Term term) {
  for (int h = p.row_begin; h < p.row_end; ++h) {
    for (int w = 0; w < p.width; ++w) {
      float* dx = p.dx + (static_cast<ptrdiff_t>(h) * p.width + w) * p.channels;
      for_channels(
          p.channels, [=](auto block) __attribute__((always_inline)) {
            constexpr int kVecs = decltype(block)::vecs;
            Vec sum[kVecs];
            CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sum[v] = zero();
            for (int r = p.over_rows.begin[h]; r < p.over_rows.end[h]; ++r) {
              const int i = h - p.rows.begin[r];
              for (int o = p.over_columns.begin[w]; o < p.over_columns.end[w]; ++o) {
                const int begin = p.columns.begin[o];
                const int cell = i * (p.columns.end[o] - begin) + w - begin;
                const ptrdiff_t window = static_cast<ptrdiff_t>(r) * p.outputs + o;
                CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sum[v] = term(window, cell, block, v, sum[v]);
              }
            }
            CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
              float* at = dx + block.first + v * kLanes;
              if (p.stream) {
                stream(at, sum[v]);
              } else {
                store_part(at, sum[v], block.lanes, block.whole);
              }
            }
          });
    }
  }
  if (p.stream) stream_fence();
}

template <typename IndexType>
CONVFORGE_INLINE void max_pool_gradient(const PoolGradient& p, const IndexType* index) {
  pool_gradient(
      p, [ =, dy = p.dy, channels = p.channels ](ptrdiff_t window, int cell, auto block, int v, Vec sum)
             __attribute__((always_inline)) {
               const ptrdiff_t at = window * channels + block.first + v * kLanes;
               const Mask here = equal(load_index_n(index + at, block.lanes), broadcast_index(cell));
               return select(here, add(sum, load_part(dy + at, block.lanes, block.whole)), sum);
             });
}

void max_pool_gradient_u8(const PoolGradient& p, const uint8_t* index) { max_pool_gradient(p, index); }
void max_pool_gradient_i32(const PoolGradient& p, const int32_t* index) { max_pool_gradient(p, index); }

void sum_pool_gradient(const PoolGradient& p, const float* factors) {
  pool_gradient(
      p, [ =, dy = p.dy, channels = p.channels ](ptrdiff_t window, int, auto block, int v, Vec sum)
             __attribute__((always_inline)) {
               const ptrdiff_t at = window * channels + block.first + v * kLanes;
               return add(sum, mul(load_part(dy + at, block.lanes, block.whole), broadcast(factors[window])));
             });
}

void max_unpool_u8(const UnpoolRow& p, const uint8_t* index) {
  for (int o = 0; o < p.outputs; ++o) {
    const int columns = p.column_end[o] - p.column_begin[o];
    float* window = p.dx + p.column_begin[o] * p.dx_column;
    const ptrdiff_t output = o * p.dy_column;
    for_channels(
        p.channels, [=](auto block) __attribute__((always_inline)) {
          constexpr int kVecs = decltype(block)::vecs;
          Vec gradient[kVecs];
          Index where[kVecs];
          CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
            const ptrdiff_t at = output + block.first + v * kLanes;
            gradient[v] = load_part(p.dy + at, block.lanes, block.whole);
            where[v] = load_index_n(index + at, block.lanes);
          }
          for (int cell = 0, i = 0; i < p.rows; ++i) {
            float* dx = window + i * p.dx_row + block.first;
            for (int j = 0; j < columns; ++j, ++cell) {
              CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) {
                const Vec part = select(equal(where[v], broadcast_index(cell)), gradient[v], zero());
                float* at = dx + j * p.dx_column + v * kLanes;
                if (p.stream) {
                  stream(at, part);
                } else {
                  store_part(at, part, block.lanes, block.whole);
                }
              }
            }
          }
        });
  }
  if (p.stream) stream_fence();
}
