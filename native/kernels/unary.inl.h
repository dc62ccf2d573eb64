// Elementwise functions of one value, and clipping. Their formulas: lib/program/contracts/unary.ts and clip.ts.

// log(1 + x) of any x: minus infinity at -1, NaN below it.
CONVFORGE_INLINE Vec log1p_of_any(Vec x) {
  const Vec w = add(broadcast(1.0f), x);
  // The rounding error of 1 + x.
  const Vec lost = sub(x, sub(w, broadcast(1.0f)));
  const Vec y = log_of_any(w);
  const Mask regular = both(greater(w, zero()), different(w, broadcast(__builtin_inff())));
  return select(regular, add(y, div(lost, w)), y);
}

CONVFORGE_INLINE Vec expm1_of_any(Vec x) {
  const Vec near_zero = fma(exp_polynomial(x), mul(x, x), x);
  return select(greater(broadcast(0.34f), abs(x)), near_zero, sub(exp(x), broadcast(1.0f)));
}

CONVFORGE_INLINE Vec floor(Vec x) {
  const Vec near = round(x);
  return select(greater(near, x), sub(near, broadcast(1.0f)), near);
}

CONVFORGE_INLINE Vec ceil(Vec x) {
  const Vec near = round(x);
  return select(greater(x, near), add(near, broadcast(1.0f)), near);
}

// sin(r + quarters * pi / 2) for |r| up to about pi / 4 and a whole number of quarters below 2^23. Coefficients:
// Cephes, sinf and cosf.
CONVFORGE_INLINE Vec sine_of_reduced(Vec r, Vec quarters) {
  const Vec z = mul(r, r);
  Vec s = broadcast(-1.9515295891e-4f);
  s = fma(s, z, broadcast(8.3321608736e-3f));
  s = fma(s, z, broadcast(-1.6666654611e-1f));
  s = fma(mul(s, z), r, r);
  Vec c = broadcast(2.443315711809948e-5f);
  c = fma(c, z, broadcast(-1.388731625493765e-3f));
  c = fma(c, z, broadcast(4.166664568298827e-2f));
  c = fma(mul(c, z), z, fma(broadcast(-0.5f), z, broadcast(1.0f)));
  // The quarter of the circle, from -2 to 2.
  const Vec q = fma(broadcast(-4.0f), round(mul(quarters, broadcast(0.25f))), quarters);
  const Vec half = broadcast(0.5f);
  const Vec more = broadcast(1.5f);
  const Vec value = select(both(greater(abs(q), half), greater(more, abs(q))), c, s);
  const Vec negative = sub(zero(), value);
  return select(greater(q, more), negative, select(greater(broadcast(-0.5f), q), negative, value));
}

// Up to here, a multiple of pi / 2 is taken off in three parts, without loss.
constexpr float kLargeAngle = 131072.0f;

// sin(x + quarters * pi / 2) for |x| up to kLargeAngle. NaN for NaN and infinity.
CONVFORGE_INLINE Vec sine(Vec x, float quarters) {
  const Vec n = round(mul(x, broadcast(0.636619772f)));
  Vec r = fma(n, broadcast(-1.57079637f), x);
  r = fma(n, broadcast(4.37113883e-8f), r);
  r = fma(n, broadcast(1.71512489e-15f), r);
  return sine_of_reduced(r, add(n, broadcast(quarters)));
}

// The same for a finite |x| above kLargeAngle. The bits of 2 / pi that matter for the fraction of a turn are multiplied
// by the mantissa as whole numbers (Payne and Hanek, "Radian reduction for trigonometric functions", 1983).
inline float sine_of_large(float x, float quarters) {
  // 32 zeros, then the fraction of 2 / pi.
  static constexpr uint32_t kTwoOverPi[] = {0,           0xa2f9836eu, 0x4e441529u, 0xfc2757d1u,
                                            0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu};
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const uint64_t mantissa_bits = (bits & 0x007fffffu) | 0x00800000u;
  // |x| is mantissa_bits * 2^exponent. Bits before `place` make whole turns.
  const int place = static_cast<int>(bits >> 23 & 0xffu) - 150 + 30;
  const uint32_t* words = kTwoOverPi + place / 32;
  const int shift = place % 32;
  uint32_t window[3];
  for (int i = 0; i < 3; ++i)
    window[i] = static_cast<uint32_t>((static_cast<uint64_t>(words[i]) << 32 | words[i + 1]) << shift >> 32);
  const uint64_t high = static_cast<uint64_t>(window[0]) << 32 | window[1];
  // In units of 2^-62 quarters, without whole turns.
  const uint64_t angle = mantissa_bits * high + (mantissa_bits * window[2] >> 32);
  const uint64_t quarter = (angle + (uint64_t{1} << 61)) >> 62;
  const auto rest = static_cast<int64_t>(angle - (quarter << 62));
  const float r = static_cast<float>(static_cast<double>(rest) * 3.4061215800865545e-19);  // pi / 2 * 2^-62
  const bool negative = (bits >> 31) != 0;
  const float n = negative ? -static_cast<float>(quarter) : static_cast<float>(quarter);
  float y;
  store_n(&y, sine_of_reduced(broadcast(negative ? -r : r), broadcast(n + quarters)), 1);
  return y;
}

// Writes the sines that `sine` doesn't compute, times dy unless that is null.
inline void correct_large_sines(const float* x, const float* dy, float* y, size_t n, float quarters) {
  for (size_t i = 0; i < n; ++i) {
    const float a = x[i] < 0.0f ? -x[i] : x[i];
    if (a > kLargeAngle && a < __builtin_inff()) y[i] = sine_of_large(x[i], quarters) * (dy ? dy[i] : 1.0f);
  }
}

// 2 / sqrt(pi) e^(-x^2).
CONVFORGE_INLINE Vec erf_slope(Vec x) {
  const Vec z = min(broadcast(12.0f), max(broadcast(-12.0f), x));
  const Vec square = mul(z, z);
  const Vec e = mul(broadcast(1.12837917f), exp(sub(zero(), square)));
  // The square's rounding error is a relative error of e.
  const Vec lost = fma(z, z, sub(zero(), square));
  return fma(e, sub(zero(), lost), e);
}

template <Unary kKind>
CONVFORGE_INLINE Vec unary_value(Vec x) {
  const Vec one = broadcast(1.0f);
  if constexpr (kKind == Unary::kAbs) return abs(x);
  if constexpr (kKind == Unary::kNegative) return mul(x, broadcast(-1.0f));
  if constexpr (kKind == Unary::kSign) return sign(x);
  if constexpr (kKind == Unary::kFloor) return floor(x);
  if constexpr (kKind == Unary::kCeil) return ceil(x);
  if constexpr (kKind == Unary::kRound) return round(x);
  if constexpr (kKind == Unary::kLog) return log_of_any(x);
  if constexpr (kKind == Unary::kLog1p) return log1p_of_any(x);
  if constexpr (kKind == Unary::kExpm1) return expm1_of_any(x);
  if constexpr (kKind == Unary::kSqrt) return sqrt(x);
  if constexpr (kKind == Unary::kRsqrt) return div(one, sqrt(x));
  if constexpr (kKind == Unary::kSquare) return mul(x, x);
  if constexpr (kKind == Unary::kReciprocal) return div(one, x);
  if constexpr (kKind == Unary::kErf) return erf(x);
  if constexpr (kKind == Unary::kSin) return sine(x, 0.0f);
  if constexpr (kKind == Unary::kCos) return sine(x, 1.0f);
  if constexpr (kKind == Unary::kLogicalNot) return select(different(x, zero()), zero(), one);
  return select(different(x, x), one, zero());
}

// The derivative; not for kinds whose gradient is 0 everywhere.
template <Unary kKind>
CONVFORGE_INLINE Vec unary_slope(Vec x) {
  const Vec one = broadcast(1.0f);
  if constexpr (kKind == Unary::kAbs) return sign(x);
  if constexpr (kKind == Unary::kNegative) return broadcast(-1.0f);
  if constexpr (kKind == Unary::kLog) return div(one, x);
  if constexpr (kKind == Unary::kLog1p) return div(one, add(one, x));
  if constexpr (kKind == Unary::kExpm1) return exp(x);
  if constexpr (kKind == Unary::kSqrt) return div(broadcast(0.5f), sqrt(x));
  if constexpr (kKind == Unary::kRsqrt) return div(div(broadcast(-0.5f), sqrt(x)), x);
  if constexpr (kKind == Unary::kSquare) return add(x, x);
  if constexpr (kKind == Unary::kReciprocal) return div(div(broadcast(-1.0f), x), x);
  if constexpr (kKind == Unary::kErf) return erf_slope(x);
  if constexpr (kKind == Unary::kSin) return sine(x, 1.0f);
  if constexpr (kKind == Unary::kCos) return sine(x, 2.0f);
  return zero();
}

template <Unary kKind>
void unary_as(const float* x, float* y, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + i, unary_value<kKind>(load_part(x + i, count, whole)), count, whole);
      });
  if constexpr (kKind == Unary::kSin) correct_large_sines(x, nullptr, y, n, 0.0f);
  if constexpr (kKind == Unary::kCos) correct_large_sines(x, nullptr, y, n, 1.0f);
}

template <Unary kKind>
void unary_backward_as(const float* x, const float* dy, float* dx, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec slope = unary_slope<kKind>(load_part(x + i, count, whole));
        store_part(dx + i, mul(load_part(dy + i, count, whole), slope), count, whole);
      });
  if constexpr (kKind == Unary::kSin) correct_large_sines(x, dy, dx, n, 1.0f);
  if constexpr (kKind == Unary::kCos) correct_large_sines(x, dy, dx, n, 2.0f);
}

// Calls the instance of `function` for `kind`.
#define CONVFORGE_UNARY_CASE(function, name, ...) \
  case Unary::name:                               \
    return function<Unary::name>(__VA_ARGS__);
#define CONVFORGE_BY_UNARY(function, ...)                    \
  switch (kind) {                                            \
    CONVFORGE_UNARY_CASE(function, kAbs, __VA_ARGS__)        \
    CONVFORGE_UNARY_CASE(function, kNegative, __VA_ARGS__)   \
    CONVFORGE_UNARY_CASE(function, kSign, __VA_ARGS__)       \
    CONVFORGE_UNARY_CASE(function, kFloor, __VA_ARGS__)      \
    CONVFORGE_UNARY_CASE(function, kCeil, __VA_ARGS__)       \
    CONVFORGE_UNARY_CASE(function, kRound, __VA_ARGS__)      \
    CONVFORGE_UNARY_CASE(function, kLog, __VA_ARGS__)        \
    CONVFORGE_UNARY_CASE(function, kLog1p, __VA_ARGS__)      \
    CONVFORGE_UNARY_CASE(function, kExpm1, __VA_ARGS__)      \
    CONVFORGE_UNARY_CASE(function, kSqrt, __VA_ARGS__)       \
    CONVFORGE_UNARY_CASE(function, kRsqrt, __VA_ARGS__)      \
    CONVFORGE_UNARY_CASE(function, kSquare, __VA_ARGS__)     \
    CONVFORGE_UNARY_CASE(function, kReciprocal, __VA_ARGS__) \
    CONVFORGE_UNARY_CASE(function, kErf, __VA_ARGS__)        \
    CONVFORGE_UNARY_CASE(function, kSin, __VA_ARGS__)        \
    CONVFORGE_UNARY_CASE(function, kCos, __VA_ARGS__)        \
    CONVFORGE_UNARY_CASE(function, kLogicalNot, __VA_ARGS__) \
    CONVFORGE_UNARY_CASE(function, kIsNaN, __VA_ARGS__)      \
  }

// y = f(x); y must not be x.
void unary(Unary kind, const float* x, float* y, size_t n) { CONVFORGE_BY_UNARY(unary_as, x, y, n) }

// dx = dy * f'(x); not for kinds whose gradient is 0 everywhere.
void unary_backward(Unary kind, const float* x, const float* dy, float* dx, size_t n) {
  CONVFORGE_BY_UNARY(unary_backward_as, x, dy, dx, n)
}

#undef CONVFORGE_BY_UNARY
#undef CONVFORGE_UNARY_CASE

// y = min(max(x, low), high). NaN propagates, since max and min return their second argument for it.
void clamp(const float* x, float* y, size_t n, float low, float high) {
  const Vec lowest = broadcast(low);
  const Vec highest = broadcast(high);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + i, min(highest, max(lowest, load_part(x + i, count, whole))), count, whole);
      });
}

// dx = dy where x is in [low, high], else 0.
void clamp_backward(const float* x, const float* dy, float* dx, size_t n, float low, float high) {
  const Vec lowest = broadcast(low);
  const Vec highest = broadcast(high);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec value = load_part(x + i, count, whole);
        const Vec above = select(greater(lowest, value), zero(), load_part(dy + i, count, whole));
        store_part(dx + i, select(greater(value, highest), zero(), above), count, whole);
      });
}
