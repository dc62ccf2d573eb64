// Winograd's minimal filtering F(4x4, taps x taps). The input under a tile of 4 x 4 outputs and the kernel are
// transformed to values at kSize x kSize points, where the convolution is one product per point. Lanes hold channels,
// so each element's operations are the same for every vector width. Contracts: WinogradTile and the structs after it in
// kernels/types/winograd.h.

// The one-dimensional transforms, which are applied along both axes of a tile. The points are 0, pairs a and -a, and
// infinity, in this order. Let Q(z) be the product of (z - a^2) over all pairs, and R(z) the same without the pair's
// own factor. The polynomials that vanish at all other points have the coefficients of Q (for 0 and infinity), or of R
// and a * R (for a pair). So a pair takes two sums, over the even and the odd values, and their sum and difference.
template <int kTaps>
struct Winograd {
  static constexpr int kPairs = (kTaps + 1) / 2;
  static constexpr int kSize = kTaps + 3;
  static constexpr int kOutputs = 4;

  struct Coefficients {
    float point[kPairs] = {};
    float power[kPairs][5] = {};  // powers of the point
    float q[kPairs + 1] = {};
    float r[kPairs][kPairs] = {};
    float filter[kPairs][5] = {};  // powers divided by the pair's norm
    float filter_zero = 0;
  };

  // The points with the least error among those whose powers are exact.
  static constexpr double point(int pair) {
    constexpr double kThree[] = {0.75, 1.5};
    constexpr double kFive[] = {1.0, 2.0, 0.5};
    return kTaps == 3 ? kThree[pair] : kFive[pair];
  }

  // Coefficients of the product of (z - a^2) over the pairs, without pair `skip`.
  static constexpr void multiply_out(int skip, double* c) {
    for (int i = 0; i <= kPairs; ++i) c[i] = i == 0;
    int degree = 0;
    for (int i = 0; i < kPairs; ++i) {
      if (i == skip) continue;
      ++degree;
      for (int j = degree; j >= 0; --j) c[j] = (j > 0 ? c[j - 1] : 0) - point(i) * point(i) * c[j];
    }
  }

  static constexpr Coefficients coefficients() {
    Coefficients result;
    double c[kPairs + 1] = {};
    multiply_out(-1, c);
    for (int j = 0; j <= kPairs; ++j) result.q[j] = static_cast<float>(c[j]);
    result.filter_zero = static_cast<float>(1 / c[0]);
    for (int i = 0; i < kPairs; ++i) {
      const double a = point(i);
      multiply_out(i, c);
      double norm = 0;
      double power = 2 * a * a;
      for (int j = 0; j < kPairs; ++j) {
        result.r[i][j] = static_cast<float>(c[j]);
        norm += power * c[j];
        power *= a * a;
      }
      result.point[i] = static_cast<float>(a);
      power = 1;
      for (int j = 0; j < 5; ++j) {
        result.power[i][j] = static_cast<float>(power);
        result.filter[i][j] = static_cast<float>(power / norm);
        power *= a;
      }
    }
    return result;
  }

  static constexpr Coefficients k = coefficients();

  // a * factor + c, for a factor known at compile time.
  static CONVFORGE_INLINE Vec multiply_add(Vec a, float factor, Vec c) {
    if (factor == 1.0f) return add(c, a);
    if (factor == -1.0f) return sub(c, a);
    return fma(a, broadcast(factor), c);
  }

  // The input at the points: y = B^T x.
  static CONVFORGE_INLINE void input(const Vec (&x)[kSize], Vec (&y)[kSize]) {
    Vec first = x[2 * kPairs];
    Vec last = x[2 * kPairs + 1];
    CONVFORGE_UNROLL for (int j = kPairs - 1; j >= 0; --j) {
      first = multiply_add(x[2 * j], k.q[j], first);
      last = multiply_add(x[2 * j + 1], k.q[j], last);
    }
    y[0] = first;
    y[kSize - 1] = last;
    CONVFORGE_UNROLL for (int i = 0; i < kPairs; ++i) {
      Vec even = x[2 * kPairs];
      Vec odd = x[2 * kPairs - 1];
      CONVFORGE_UNROLL for (int j = kPairs - 2; j >= 0; --j) {
        even = multiply_add(x[2 * j + 2], k.r[i][j], even);
        odd = multiply_add(x[2 * j + 1], k.r[i][j], odd);
      }
      y[1 + 2 * i] = multiply_add(odd, k.point[i], even);
      y[2 + 2 * i] = multiply_add(odd, -k.point[i], even);
    }
  }

  // Outputs from the products at the points: y = A^T x.
  static CONVFORGE_INLINE void output(const Vec (&x)[kSize], Vec (&y)[kOutputs]) {
    Vec even[kPairs], odd[kPairs];
    CONVFORGE_UNROLL for (int i = 0; i < kPairs; ++i) {
      even[i] = add(x[1 + 2 * i], x[2 + 2 * i]);
      odd[i] = sub(x[1 + 2 * i], x[2 + 2 * i]);
    }
    y[0] = add(x[0], even[0]);
    y[1] = k.point[0] == 1.0f ? odd[0] : mul(odd[0], broadcast(k.power[0][1]));
    y[2] = k.point[0] == 1.0f ? even[0] : mul(even[0], broadcast(k.power[0][2]));
    y[3] = multiply_add(odd[0], k.power[0][3], x[kSize - 1]);
    CONVFORGE_UNROLL for (int i = 1; i < kPairs; ++i) {
      y[0] = add(y[0], even[i]);
      y[1] = multiply_add(odd[i], k.power[i][1], y[1]);
      y[2] = multiply_add(even[i], k.power[i][2], y[2]);
      y[3] = multiply_add(odd[i], k.power[i][3], y[3]);
    }
  }

  // The outputs' gradient at the points: y = A x.
  static CONVFORGE_INLINE void output_gradient(const Vec (&x)[kOutputs], Vec (&y)[kSize]) {
    y[0] = x[0];
    y[kSize - 1] = x[3];
    CONVFORGE_UNROLL for (int i = 0; i < kPairs; ++i) {
      const Vec even = multiply_add(x[2], k.power[i][2], x[0]);
      const Vec odd = multiply_add(x[3], k.power[i][2], x[1]);
      y[1 + 2 * i] = multiply_add(odd, k.point[i], even);
      y[2 + 2 * i] = multiply_add(odd, -k.point[i], even);
    }
  }

  // The kernel at the points: y = G x.
  static CONVFORGE_INLINE void filter(const Vec (&x)[kTaps], Vec (&y)[kSize]) {
    y[0] = mul(x[0], broadcast(k.filter_zero));
    y[kSize - 1] = x[kTaps - 1];
    CONVFORGE_UNROLL for (int i = 0; i < kPairs; ++i) {
      Vec even = mul(x[0], broadcast(k.filter[i][0]));
      Vec odd = mul(x[1], broadcast(k.filter[i][1]));
      CONVFORGE_UNROLL for (int j = 2; j < kTaps; ++j) {
        Vec& sum = j % 2 == 0 ? even : odd;
        sum = fma(x[j], broadcast(k.filter[i][j]), sum);
      }
      y[1 + 2 * i] = add(even, odd);
      y[2 + 2 * i] = sub(even, odd);
    }
  }

  // The kernel's gradient from its values at the points: y = G^T x.
  static CONVFORGE_INLINE void filter_gradient(const Vec (&x)[kSize], Vec (&y)[kTaps]) {
    CONVFORGE_UNROLL for (int j = 0; j < kTaps; ++j) y[j] = zero();
    y[0] = mul(x[0], broadcast(k.filter_zero));
    y[kTaps - 1] = x[kSize - 1];
    CONVFORGE_UNROLL for (int i = 0; i < kPairs; ++i) {
      const Vec even = add(x[1 + 2 * i], x[2 + 2 * i]);
      const Vec odd = sub(x[1 + 2 * i], x[2 + 2 * i]);
      CONVFORGE_UNROLL for (int j = 0; j < kTaps; ++j) y[j] =
          fma(j % 2 == 0 ? even : odd, broadcast(k.filter[i][j]), y[j]);
    }
  }
};

// What winograd_tile transforms: a tile's size along each axis, and its one-dimensional transform.
template <int kTaps>
struct WinogradInput {
  static constexpr int kSide = Winograd<kTaps>::kSize;
  static CONVFORGE_INLINE void transform(const Vec (&x)[kSide], Vec (&y)[kTaps + 3]) { Winograd<kTaps>::input(x, y); }
};

template <int kTaps>
struct WinogradOutputGradient {
  static constexpr int kSide = Winograd<kTaps>::kOutputs;
  static CONVFORGE_INLINE void transform(const Vec (&x)[kSide], Vec (&y)[kTaps + 3]) {
    Winograd<kTaps>::output_gradient(x, y);
  }
};

// Transforms one vector of a tile's channels: its rows, then its columns. at(i, j) loads an element.
template <int kTaps, typename Kind, typename At>
CONVFORGE_INLINE void winograd_tile_vector(At at, float* points, ptrdiff_t point) {
  constexpr int kSize = Winograd<kTaps>::kSize;
  Vec rows[Kind::kSide][kSize];
  for (int i = 0; i < Kind::kSide; ++i) {
    Vec x[Kind::kSide];
    CONVFORGE_UNROLL for (int j = 0; j < Kind::kSide; ++j) x[j] = at(i, j);
    Kind::transform(x, rows[i]);
  }
  for (int j = 0; j < kSize; ++j) {
    Vec x[Kind::kSide], y[kSize];
    CONVFORGE_UNROLL for (int i = 0; i < Kind::kSide; ++i) x[i] = rows[i][j];
    Kind::transform(x, y);
    CONVFORGE_UNROLL for (int i = 0; i < kSize; ++i) store(points + (i * kSize + j) * point, y[i]);
  }
}

template <int kTaps, typename Kind>
void winograd_tile(const WinogradTile& t) {
  const bool inside =
      t.row_begin == 0 && t.row_end >= Kind::kSide && t.column_begin == 0 && t.column_end >= Kind::kSide;
  for (int c = 0; c < t.channels; c += kLanes) {
    const int count = t.channels - c < kLanes ? t.channels - c : kLanes;
    const float* x = t.x + c;
    if (inside && count == kLanes) {
      winograd_tile_vector<kTaps, Kind>(
          [=](int i, int j) __attribute__((always_inline)) { return load(x + i * t.x_row + j * t.x_column); },
          t.points + c, t.point);
    } else {
      winograd_tile_vector<kTaps, Kind>(
          [=](int i, int j) __attribute__((always_inline)) {
            const bool there = i >= t.row_begin && i < t.row_end && j >= t.column_begin && j < t.column_end;
            return there ? load_part(x + i * t.x_row + j * t.x_column, count, count == kLanes) : zero();
          },
          t.points + c, t.point);
    }
  }
}

void winograd_input(int taps, const WinogradTile& t) {
  if (taps == 3) {
    winograd_tile<3, WinogradInput<3>>(t);
  } else {
    winograd_tile<5, WinogradInput<5>>(t);
  }
}

void winograd_output_gradient(int taps, const WinogradTile& t) {
  if (taps == 3) {
    winograd_tile<3, WinogradOutputGradient<3>>(t);
  } else {
    winograd_tile<5, WinogradOutputGradient<5>>(t);
  }
}

// The largest of each 2 x 2 outputs and its index, compared by stays().
CONVFORGE_INLINE void winograd_pool(const Vec (&y)[4][4], Vec (&best)[2][2], Index (&where)[2][2]) {
  CONVFORGE_UNROLL for (int i = 0; i < 2; ++i) {
    CONVFORGE_UNROLL for (int j = 0; j < 2; ++j) {
      best[i][j] = y[2 * i][2 * j];
      where[i][j] = broadcast_index(0);
      CONVFORGE_UNROLL for (int cell = 1; cell < 4; ++cell) {
        const Vec x = y[2 * i + cell / 2][2 * j + cell % 2];
        const Mask same = stays(best[i][j], x);
        best[i][j] = select(same, best[i][j], x);
        where[i][j] = select(same, where[i][j], broadcast_index(cell));
      }
    }
  }
}

template <int kOutputs>
CONVFORGE_INLINE void winograd_store(const WinogradOutput& o, Vec (&y)[kOutputs][kOutputs], int c, int count) {
  if (o.activation.clips()) {
    const Vec maximum = broadcast(o.activation.maximum);
    CONVFORGE_UNROLL for (int i = 0; i < kOutputs; ++i) {
      CONVFORGE_UNROLL for (int j = 0; j < kOutputs; ++j) y[i][j] = min(maximum, max(zero(), y[i][j]));
    }
  } else if (o.activation.kind != Activation::Kind::kLinear) {
    float values[kOutputs * kOutputs * kLanes];
    for (int i = 0; i < kOutputs * kOutputs; ++i) store(values + i * kLanes, y[i / kOutputs][i % kOutputs]);
    activate(o.activation, values, values, kOutputs * kOutputs * kLanes);
    for (int i = 0; i < kOutputs * kOutputs; ++i) y[i / kOutputs][i % kOutputs] = load(values + i * kLanes);
  }
  CONVFORGE_UNROLL for (int i = 0; i < kOutputs; ++i) {
    if (i >= o.rows) break;
    CONVFORGE_UNROLL for (int j = 0; j < kOutputs; ++j) {
      if (j < o.columns) store_part(o.y + i * o.y_row + j * o.y_column + c, y[i][j], count, count == kLanes);
    }
  }
}

template <int kTaps>
void winograd_output_tile(const WinogradOutput& o) {
  using W = Winograd<kTaps>;
  constexpr int kSize = W::kSize;
  for (int c = 0; c < o.channels; c += kLanes) {
    const int count = o.channels - c < kLanes ? o.channels - c : kLanes;
    const float* m = o.points + c;
    Vec columns[kSize][4];
    for (int j = 0; j < kSize; ++j) {
      Vec x[kSize];
      CONVFORGE_UNROLL for (int i = 0; i < kSize; ++i) x[i] = load(m + (i * kSize + j) * o.point);
      W::output(x, columns[j]);
    }
    const Vec bias = o.bias ? load_part(o.bias + c, count, count == kLanes) : zero();
    Vec y[4][4];
    CONVFORGE_UNROLL for (int i = 0; i < 4; ++i) {
      Vec x[kSize];
      CONVFORGE_UNROLL for (int j = 0; j < kSize; ++j) x[j] = columns[j][i];
      W::output(x, y[i]);
      if (o.bias) {
        CONVFORGE_UNROLL for (int j = 0; j < 4; ++j) y[i][j] = add(y[i][j], bias);
      }
    }
    if (!o.pool) {
      winograd_store(o, y, c, count);
      continue;
    }
    Vec best[2][2];
    Index where[2][2];
    winograd_pool(y, best, where);
    winograd_store(o, best, c, count);
    if (!o.index) continue;
    for (int i = 0; i < o.rows; ++i) {
      for (int j = 0; j < o.columns; ++j) store_index_n(o.index + i * o.y_row + j * o.y_column + c, where[i][j], count);
    }
  }
}

void winograd_output(int taps, const WinogradOutput& o) {
  if (taps == 3) {
    winograd_output_tile<3>(o);
  } else {
    winograd_output_tile<5>(o);
  }
}

template <int kTaps>
void winograd_filter_cells(const WinogradFilter& f) {
  using W = Winograd<kTaps>;
  constexpr int kSize = W::kSize;
  for (int c = 0; c < f.n; c += kLanes) {
    Vec rows[kTaps][kSize];
    for (int i = 0; i < kTaps; ++i) {
      Vec x[kTaps];
      CONVFORGE_UNROLL for (int j = 0; j < kTaps; ++j) x[j] = load(f.cells + (i * kTaps + j) * f.cell + c);
      W::filter(x, rows[i]);
    }
    for (int j = 0; j < kSize; ++j) {
      Vec x[kTaps], y[kSize];
      CONVFORGE_UNROLL for (int i = 0; i < kTaps; ++i) x[i] = rows[i][j];
      W::filter(x, y);
      CONVFORGE_UNROLL for (int i = 0; i < kSize; ++i) store(f.points + (i * kSize + j) * f.point + c, y[i]);
    }
  }
}

void winograd_filter(int taps, const WinogradFilter& f) {
  if (taps == 3) {
    winograd_filter_cells<3>(f);
  } else {
    winograd_filter_cells<5>(f);
  }
}

template <int kTaps>
void winograd_filter_gradient_cells(const WinogradFilterGradient& f) {
  using W = Winograd<kTaps>;
  constexpr int kSize = W::kSize;
  for (int c = 0; c < f.n; c += kLanes) {
    Vec columns[kSize][kTaps];
    for (int j = 0; j < kSize; ++j) {
      Vec x[kSize];
      CONVFORGE_UNROLL for (int i = 0; i < kSize; ++i) x[i] = load(f.points + (i * kSize + j) * f.point + c);
      W::filter_gradient(x, columns[j]);
    }
    for (int i = 0; i < kTaps; ++i) {
      Vec x[kSize], y[kTaps];
      CONVFORGE_UNROLL for (int j = 0; j < kSize; ++j) x[j] = columns[j][i];
      W::filter_gradient(x, y);
      CONVFORGE_UNROLL for (int j = 0; j < kTaps; ++j) store(f.cells + (i * kTaps + j) * f.cell + c, y[j]);
    }
  }
}

void winograd_filter_gradient(int taps, const WinogradFilterGradient& f) {
  if (taps == 3) {
    winograd_filter_gradient_cells<3>(f);
  } else {
    winograd_filter_gradient_cells<5>(f);
  }
}
