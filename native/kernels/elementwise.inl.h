// Elementwise kernels, and their loop over vectors.

// Calls body(offset, count, whole) for each vector of n elements. `whole` is a compile-time constant after inlining.
template <typename Body>
CONVFORGE_INLINE void for_vectors(size_t n, Body body) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) body(i, kLanes, true);
  if (i < n) body(i, static_cast<int>(n - i), false);
}

CONVFORGE_INLINE Vec load_part(const float* p, int count, bool whole) { return whole ? load(p) : load_n(p, count); }
CONVFORGE_INLINE void store_part(float* p, Vec a, int count, bool whole) {
  if (whole) {
    store(p, a);
  } else {
    store_n(p, a, count);
  }
}

// -1, 0 or 1; NaN for NaN.
CONVFORGE_INLINE Vec sign(Vec x) {
  const Vec one = broadcast(1.0f);
  const Vec number = sub(select(greater(x, zero()), one, zero()), select(greater(zero(), x), one, zero()));
  return select(different(x, x), x, number);
}

void normal_quantiles(float* x, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(x + i, normal_quantile(load_part(x + i, count, whole)), count, whole);
      });
}

void rescale_f32(const float* x, float* y, size_t n, float scale_by, float offset) {
  const Vec factor = broadcast(scale_by);
  const Vec shift = broadcast(offset);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + i, fma(load_part(x + i, count, whole), factor, shift), count, whole);
      });
}

void rescale_u8(const uint8_t* x, float* y, size_t n, float scale_by, float offset) {
  const Vec factor = broadcast(scale_by);
  const Vec shift = broadcast(offset);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec value = whole ? load_u8(x + i) : load_u8_n(x + i, count);
        store_part(y + i, fma(value, factor, shift), count, whole);
      });
}

void scale(const float* x, float* y, size_t n, float factor) {
  const Vec factor_v = broadcast(factor);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + i, mul(load_part(x + i, count, whole), factor_v), count, whole);
      });
}

// y = a + b; y may be a or b.
void add_pair(const float* a, const float* b, float* y, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + i, add(load_part(a + i, count, whole), load_part(b + i, count, whole)), count, whole);
      });
}

// y += x.
void accumulate(const float* x, float* y, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + i, add(load_part(y + i, count, whole), load_part(x + i, count, whole)), count, whole);
      });
}

// A block of `step` sums is finished before the next one begins: adding row by row would read each sum again right
// after a store that overlaps it, which takes long.
void add_overlapping(const OverlappingRows& o) {
  const int shared = (o.width + o.step - 1) / o.step;  // rows that meet a block
  for (int block = 0; block < o.rows + shared - 1; ++block) {
    const int first = block < shared ? 0 : block - shared + 1;
    const int last = block < o.rows ? block : o.rows - 1;
    float* y = o.y + static_cast<ptrdiff_t>(block) * o.step;
    // The last block of a row may be shorter.
    const int whole = block - last == shared - 1 ? o.width - (shared - 1) * o.step : o.step;
    for (int i = 0; i < whole; i += kLanes) {
      const int count = whole - i < kLanes ? whole - i : kLanes;
      Vec sum = load_part(y + i, count, count == kLanes);
      for (int row = first; row <= last; ++row) {
        const int at = (block - row) * o.step + i;
        const int left = o.width - at < count ? o.width - at : count;
        if (left > 0) sum = add(sum, load_part(o.x + row * o.x_row + at, left, left == kLanes));
      }
      store_part(y + i, sum, count, count == kLanes);
    }
  }
}

// y[j] (+)= sum over rows r, in order, of x[r * row_stride + j].
void sum_rows(const float* x, size_t rows, ptrdiff_t row_stride, float* y, int n, bool accumulate_y) {
  for_vectors(
      static_cast<size_t>(n), [=](size_t j, int count, bool whole) __attribute__((always_inline)) {
        Vec sum = accumulate_y ? load_part(y + j, count, whole) : zero();
        const float* p = x + j;
        for (size_t r = 0; r < rows; ++r, p += row_stride) sum = add(sum, load_part(p, count, whole));
        store_part(y + j, sum, count, whole);
      });
}
