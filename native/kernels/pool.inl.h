// Pooling over one row of windows; lanes hold channels. Contracts: PoolRow and UnpoolRow in kernels/types.h.

// `index` gets, per output, the winning cell's place in its window counted row by row: row * (columns in the window) +
// column.
template <typename IndexType>
void max_pool(const PoolRow& p, IndexType* index) {
  for (int o = 0; o < p.outputs; ++o) {
    const int columns = p.column_end[o] - p.column_begin[o];
    const float* window = p.x + p.column_begin[o] * p.x_column;
    float* y = p.y + o * p.y_column;
    IndexType* best_index = index ? index + o * p.y_column : nullptr;
    for (int c = 0; c < p.channels; c += kLanes) {
      const int count = p.channels - c < kLanes ? p.channels - c : kLanes;
      const bool whole = count == kLanes;
      Vec best = load_part(window + c, count, whole);
      Index where = broadcast_index(0);
      for (int i = 0; i < p.rows; ++i) {
        for (int j = 0; j < columns; ++j) {
          const Vec x = load_part(window + i * p.x_row + j * p.x_column + c, count, whole);
          const Mask better = greater(x, best);  // the first of equals stays
          best = select(better, x, best);
          where = select(better, broadcast_index(i * columns + j), where);
        }
      }
      store_part(y + c, best, count, whole);
      if (best_index) store_index_n(best_index + c, where, count);
    }
  }
}

void max_pool_u8(const PoolRow& p, uint8_t* index) { max_pool(p, index); }
void max_pool_i32(const PoolRow& p, int32_t* index) { max_pool(p, index); }

template <typename IndexType>
void max_unpool(const UnpoolRow& p, const IndexType* index) {
  for (int o = 0; o < p.outputs; ++o) {
    const int columns = p.column_end[o] - p.column_begin[o];
    float* window = p.dx + p.column_begin[o] * p.dx_column;
    const float* dy = p.dy + o * p.dy_column;
    const IndexType* best_index = index + o * p.dy_column;
    for (int c = 0; c < p.channels; c += kLanes) {
      const int count = p.channels - c < kLanes ? p.channels - c : kLanes;
      const bool whole = count == kLanes;
      const Vec gradient = load_part(dy + c, count, whole);
      const Index where = load_index_n(best_index + c, count);
      for (int i = 0; i < p.rows; ++i) {
        for (int j = 0; j < columns; ++j) {
          float* dx = window + i * p.dx_row + j * p.dx_column + c;
          const Mask here = equal(where, broadcast_index(i * columns + j));
          const Vec part = select(here, gradient, zero());
          store_part(dx, p.overwrite ? part : add(load_part(dx, count, whole), part), count, whole);
        }
      }
    }
  }
}

void max_unpool_u8(const UnpoolRow& p, const uint8_t* index) { max_unpool(p, index); }
void max_unpool_i32(const UnpoolRow& p, const int32_t* index) { max_unpool(p, index); }

// Sums of the windows, times factors[o] (1 for sums, 1 / cells for averages).
void sum_pool(const PoolRow& p, const float* factors) {
  for (int o = 0; o < p.outputs; ++o) {
    const int columns = p.column_end[o] - p.column_begin[o];
    const float* window = p.x + p.column_begin[o] * p.x_column;
    float* y = p.y + o * p.y_column;
    const Vec factor = broadcast(factors[o]);
    for (int c = 0; c < p.channels; c += kLanes) {
      const int count = p.channels - c < kLanes ? p.channels - c : kLanes;
      const bool whole = count == kLanes;
      Vec sum = zero();
      for (int i = 0; i < p.rows; ++i) {
        for (int j = 0; j < columns; ++j) {
          sum = add(sum, load_part(window + i * p.x_row + j * p.x_column + c, count, whole));
        }
      }
      store_part(y + c, mul(sum, factor), count, whole);
    }
  }
}

void sum_unpool(const UnpoolRow& p, const float* factors) {
  for (int o = 0; o < p.outputs; ++o) {
    const int columns = p.column_end[o] - p.column_begin[o];
    float* window = p.dx + p.column_begin[o] * p.dx_column;
    const float* dy = p.dy + o * p.dy_column;
    const Vec factor = broadcast(factors[o]);
    for (int c = 0; c < p.channels; c += kLanes) {
      const int count = p.channels - c < kLanes ? p.channels - c : kLanes;
      const bool whole = count == kLanes;
      const Vec part = mul(load_part(dy + c, count, whole), factor);
      for (int i = 0; i < p.rows; ++i) {
        for (int j = 0; j < columns; ++j) {
          float* dx = window + i * p.dx_row + j * p.dx_column + c;
          store_part(dx, p.overwrite ? part : add(load_part(dx, count, whole), part), count, whole);
        }
      }
    }
  }
}
