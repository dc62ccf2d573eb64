// Elementwise functions of two values. Their formulas: lib/program/contracts/binary.ts.

CONVFORGE_INLINE Vec truth(Mask m) { return select(m, broadcast(1.0f), zero()); }
CONVFORGE_INLINE Vec is_true(Vec x) { return truth(different(x, zero())); }

// Powers are computed in blocks, stage by stage, in loops that compilers vectorize.
constexpr size_t kPowerBlock = 64;

// log2(a) in double precision for positive normal floats, to about 2^-38 of its value: e + log2(m) with m in
// [sqrt(1/2), sqrt(2)), by the series of artanh((m - 1) / (m + 1)).
inline double log2_of(float a) {
  const uint32_t raised = std::bit_cast<uint32_t>(a) + (0x3f800000u - 0x3f3504f3u);
  const double e = static_cast<double>(static_cast<int32_t>(raised >> 23) - 127);
  const double m = static_cast<double>(std::bit_cast<float>((raised & 0x007fffffu) + 0x3f3504f3u));
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  double p = 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  p = p * z + 1.0;
  return e + 2.8853900817779268 * (s * p);  // 2 / log(2)
}

// 2^t in double precision to about 2^-38 of its value; as 2^200 or 2^-200 beyond, where floats end long before.
inline double exp2_of(double power) {
  const double most = power > 200.0 ? 200.0 : power;
  const double t = most < -200.0 ? -200.0 : most;
  const double shifter = 6755399441055744.0;  // 1.5 * 2^52: the sum's last bits are the nearest whole number
  const double shifted = t + shifter;
  const double r = (t - (shifted - shifter)) * 0.6931471805599453;
  double p = 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return std::bit_cast<double>(std::bit_cast<uint64_t>(p) + (std::bit_cast<uint64_t>(shifted) << 52));
}

// a^b of what isn't a positive normal number to a finite power.
inline float special_power(float a, float b) {
  constexpr float kInfinite = __builtin_inff();
  if (b == 0.0f) return 1.0f;
  if (a != a || b != b) return __builtin_nanf("");
  const float size = a < 0.0f ? -a : a;
  const bool endless = b == kInfinite || b == -kInfinite;
  if (endless) {
    if (size == 1.0f) return __builtin_nanf("");
    return (size > 1.0f) == (b > 0.0f) ? kInfinite : 0.0f;
  }
  // From 2^24 on, all floats are even.
  const bool large = b >= 16777216.0f || b <= -16777216.0f;
  const bool whole = large || static_cast<float>(static_cast<int32_t>(b)) == b;
  const bool odd = !large && whole && (static_cast<int32_t>(b) & 1) != 0;
  const bool negative = odd && std::bit_cast<int32_t>(a) < 0;
  if (a < 0.0f && size < kInfinite && !whole) return __builtin_nanf("");
  float y = (size > 1.0f) == (b > 0.0f) ? kInfinite : 0.0f;
  if (size >= 1.17549435e-38f && size < kInfinite) {
    y = static_cast<float>(exp2_of(static_cast<double>(b) * log2_of(size)));
  }
  return negative ? -y : y;
}

// y = a^b for n elements up to kPowerBlock.
inline void power_block(const float* a, const float* b, float* y, size_t n) {
  double t[kPowerBlock];
  for (size_t i = 0; i < n; ++i) t[i] = static_cast<double>(b[i]) * log2_of(a[i]);
  for (size_t i = 0; i < n; ++i) y[i] = static_cast<float>(exp2_of(t[i]));
  for (size_t i = 0; i < n; ++i) {
    const bool regular = a[i] >= 1.17549435e-38f && a[i] < __builtin_inff() && b[i] - b[i] == 0.0f;
    if (!regular) y[i] = special_power(a[i], b[i]);
  }
}

// The remainder of a / b with the sign of b.
inline float modulo(float a, float b) {
  float rest = __builtin_fmodf(a, b);
  if (rest < 1.17549435e-38f && rest > -1.17549435e-38f) rest = 0.0f;  // no denormal number
  return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}

template <Binary kKind>
CONVFORGE_INLINE Vec binary_value(Vec a, Vec b) {
  const Vec one = broadcast(1.0f);
  if constexpr (kKind == Binary::kAdd) return add(a, b);
  if constexpr (kKind == Binary::kSubtract) return sub(a, b);
  if constexpr (kKind == Binary::kMultiply) return mul(a, b);
  if constexpr (kKind == Binary::kDivide) return div(a, b);
  // max and min return their second argument where either is NaN.
  if constexpr (kKind == Binary::kMaximum) return select(different(a, a), a, max(a, b));
  if constexpr (kKind == Binary::kMinimum) return select(different(a, a), a, min(a, b));
  if constexpr (kKind == Binary::kSquaredDifference) return mul(sub(a, b), sub(a, b));
  if constexpr (kKind == Binary::kFloorDivide) return floor(div(a, b));
  if constexpr (kKind == Binary::kLess) return truth(greater(b, a));
  if constexpr (kKind == Binary::kLessEqual) return select(greater(b, a), one, sub(one, truth(different(a, b))));
  if constexpr (kKind == Binary::kGreater) return truth(greater(a, b));
  if constexpr (kKind == Binary::kGreaterEqual) return select(greater(a, b), one, sub(one, truth(different(a, b))));
  if constexpr (kKind == Binary::kEqual) return sub(one, truth(different(a, b)));
  if constexpr (kKind == Binary::kNotEqual) return truth(different(a, b));
  if constexpr (kKind == Binary::kLogicalAnd) return mul(is_true(a), is_true(b));
  if constexpr (kKind == Binary::kLogicalOr) return max(is_true(a), is_true(b));
  return truth(different(is_true(a), is_true(b)));
}

// Whether the kind isn't computed vector by vector.
constexpr bool is_blockwise(Binary kind) { return kind == Binary::kPower || kind == Binary::kModulo; }

template <Binary kKind>
void binary_as(const BinaryRows& r, float* y) {
  for (size_t row = 0; row < r.rows; ++row, y += r.n) {
    const float* a = r.a + static_cast<ptrdiff_t>(row) * r.a_row;
    const float* b = r.b + static_cast<ptrdiff_t>(row) * r.b_row;
    if constexpr (is_blockwise(kKind)) {
      for (size_t first = 0; first < r.n; first += kPowerBlock) {
        const size_t n = r.n - first < kPowerBlock ? r.n - first : kPowerBlock;
        float left[kPowerBlock], right[kPowerBlock];
        for (size_t i = 0; i < n; ++i) left[i] = a[r.a_each ? first + i : 0];
        for (size_t i = 0; i < n; ++i) right[i] = b[r.b_each ? first + i : 0];
        if constexpr (kKind == Binary::kPower) {
          power_block(left, right, y + first, n);
        } else {
          for (size_t i = 0; i < n; ++i) y[first + i] = modulo(left[i], right[i]);
        }
      }
    } else {
      const Vec all_a = broadcast(*a), all_b = broadcast(*b);
      const bool a_each = r.a_each, b_each = r.b_each;
      for_vectors(
          r.n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
            const Vec left = a_each ? load_part(a + i, count, whole) : all_a;
            const Vec right = b_each ? load_part(b + i, count, whole) : all_b;
            store_part(y + i, binary_value<kKind>(left, right), count, whole);
          });
    }
  }
}

#define CONVFORGE_BINARY_CASE(name) \
  case Binary::name:                \
    return binary_as<Binary::name>(r, y);

// y = f(a, b), row after row. y may be a or b where that has a value for each element of each row.
void binary(Binary kind, const BinaryRows& r, float* y) {
  switch (kind) {
    CONVFORGE_BINARY_CASE(kAdd)
    CONVFORGE_BINARY_CASE(kSubtract)
    CONVFORGE_BINARY_CASE(kMultiply)
    CONVFORGE_BINARY_CASE(kDivide)
    CONVFORGE_BINARY_CASE(kPower)
    CONVFORGE_BINARY_CASE(kMaximum)
    CONVFORGE_BINARY_CASE(kMinimum)
    CONVFORGE_BINARY_CASE(kSquaredDifference)
    CONVFORGE_BINARY_CASE(kModulo)
    CONVFORGE_BINARY_CASE(kFloorDivide)
    CONVFORGE_BINARY_CASE(kLess)
    CONVFORGE_BINARY_CASE(kLessEqual)
    CONVFORGE_BINARY_CASE(kGreater)
    CONVFORGE_BINARY_CASE(kGreaterEqual)
    CONVFORGE_BINARY_CASE(kEqual)
    CONVFORGE_BINARY_CASE(kNotEqual)
    CONVFORGE_BINARY_CASE(kLogicalAnd)
    CONVFORGE_BINARY_CASE(kLogicalOr)
    CONVFORGE_BINARY_CASE(kLogicalXor)
  }
}

#undef CONVFORGE_BINARY_CASE

// The derivatives by a (`by_a`) or b, for kinds before kFloorDivide but kPower, which binary_gradient computes by other
// kinds.
template <Binary kKind>
CONVFORGE_INLINE Vec binary_slope(Vec a, Vec b, bool by_a) {
  const Vec one = broadcast(1.0f);
  const Vec minus = broadcast(-1.0f);
  if constexpr (kKind == Binary::kSubtract) return by_a ? one : minus;
  if constexpr (kKind == Binary::kMultiply) return by_a ? b : a;
  if constexpr (kKind == Binary::kDivide) return by_a ? div(one, b) : div(mul(minus, div(a, b)), b);
  if constexpr (kKind == Binary::kMaximum || kKind == Binary::kMinimum) {
    const Mask second = kKind == Binary::kMaximum ? greater(b, a) : greater(a, b);
    // The first NaN wins.
    const Vec of_a = select(different(a, a), one, select(different(b, b), zero(), select(second, zero(), one)));
    return by_a ? of_a : sub(one, of_a);
  }
  if constexpr (kKind == Binary::kSquaredDifference) {
    const Vec difference = sub(a, b);
    return by_a ? add(difference, difference) : mul(broadcast(-2.0f), difference);
  }
  if constexpr (kKind == Binary::kModulo) return by_a ? one : mul(minus, floor(div(a, b)));
  return one;
}

template <Binary kKind>
void binary_gradient_as(const BinaryRows& r, bool by_a, const float* dy, float* terms) {
  for (size_t row = 0; row < r.rows; ++row, terms += r.n, dy += r.n) {
    const float* a = r.a + static_cast<ptrdiff_t>(row) * r.a_row;
    const float* b = r.b + static_cast<ptrdiff_t>(row) * r.b_row;
    const Vec all_a = broadcast(*a), all_b = broadcast(*b);
    const bool a_each = r.a_each, b_each = r.b_each;
    const auto loop = [=](bool of_a) __attribute__((always_inline)) {
      for_vectors(
          r.n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
            const Vec left = a_each ? load_part(a + i, count, whole) : all_a;
            const Vec right = b_each ? load_part(b + i, count, whole) : all_b;
            const Vec slope = binary_slope<kKind>(left, right, of_a);
            store_part(terms + i, mul(load_part(dy + i, count, whole), slope), count, whole);
          });
    };
    if (by_a) {
      loop(true);
    } else {
      loop(false);
    }
  }
}

// dy * b * a^(b - 1), or dy * a^b * log(a).
inline void power_gradient(const BinaryRows& r, bool by_a, const float* dy, float* terms) {
  for (size_t row = 0; row < r.rows; ++row, terms += r.n, dy += r.n) {
    const float* a = r.a + static_cast<ptrdiff_t>(row) * r.a_row;
    const float* b = r.b + static_cast<ptrdiff_t>(row) * r.b_row;
    for (size_t first = 0; first < r.n; first += kPowerBlock) {
      const size_t n = r.n - first < kPowerBlock ? r.n - first : kPowerBlock;
      float left[kPowerBlock], right[kPowerBlock], power[kPowerBlock], logarithm[kPowerBlock];
      for (size_t i = 0; i < n; ++i) left[i] = a[r.a_each ? first + i : 0];
      for (size_t i = 0; i < n; ++i) right[i] = b[r.b_each ? first + i : 0] - (by_a ? 1.0f : 0.0f);
      power_block(left, right, power, n);
      if (!by_a) unary(Unary::kLog, left, logarithm, n);
      for (size_t i = 0; i < n; ++i) {
        const float exponent = b[r.b_each ? first + i : 0];
        const float by_base = exponent == 0.0f ? 0.0f : exponent * power[i];
        const float by_exponent = left[i] > 0.0f ? power[i] * logarithm[i] : 0.0f;
        terms[first + i] = dy[first + i] * (by_a ? by_base : by_exponent);
      }
    }
  }
}

#define CONVFORGE_BINARY_CASE(name) \
  case Binary::name:                \
    return binary_gradient_as<Binary::name>(r, by_a, dy, terms);

// terms = dy times the derivative by a (`by_a`) or b, for each element of each row; for kinds before kFloorDivide.
void binary_gradient(Binary kind, const BinaryRows& r, bool by_a, const float* dy, float* terms) {
  switch (kind) {
    CONVFORGE_BINARY_CASE(kSubtract)
    CONVFORGE_BINARY_CASE(kMultiply)
    CONVFORGE_BINARY_CASE(kDivide)
    CONVFORGE_BINARY_CASE(kMaximum)
    CONVFORGE_BINARY_CASE(kMinimum)
    CONVFORGE_BINARY_CASE(kSquaredDifference)
    CONVFORGE_BINARY_CASE(kModulo)
    case Binary::kPower:
      return power_gradient(r, by_a, dy, terms);
    default:
      return binary_gradient_as<Binary::kAdd>(r, by_a, dy, terms);
  }
}

#undef CONVFORGE_BINARY_CASE
