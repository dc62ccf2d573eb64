// Elementwise activations. Their formulas: lib/program/contracts/activation.ts.

// The argument clamped to +-88, for the derivatives of gelu and its relatives. Beyond it the other factor is constant,
// and infinity times zero would be NaN. The operands' order propagates NaN.
CONVFORGE_INLINE Vec clamp_to_88(Vec x) { return min(broadcast(88.0f), max(broadcast(-88.0f), x)); }

CONVFORGE_INLINE Vec hard_sigmoid(Vec x, float slope, float offset) {
  const Vec line = fma(x, broadcast(slope), broadcast(offset));
  return max(zero(), min(broadcast(1.0f), line));
}

// sqrt(2 / pi) * (x + 0.044715 x^3), and 1 + tanh of it.
CONVFORGE_INLINE Vec gelu_tanh_factor(Vec x) {
  const Vec cubic = fma(mul(broadcast(0.044715f), mul(x, x)), x, x);
  return add(broadcast(1.0f), tanh(mul(broadcast(0.7978845608f), cubic)));
}

// tanh(log(1 + e^x)) = n / (n + 2) with n = e^x (e^x + 2). In float32 it is 1 from 20 on.
CONVFORGE_INLINE Vec mish_factor(Vec x) {
  const Vec e = exp_to_88(min(broadcast(20.0f), x));
  const Vec n = mul(e, add(e, broadcast(2.0f)));
  return div(n, add(n, broadcast(2.0f)));
}

template <Activation::Kind kKind>
CONVFORGE_INLINE Vec activation(const Activation& a, Vec x) {
  using Kind = Activation::Kind;
  const Vec one = broadcast(1.0f);
  if constexpr (kKind == Kind::kRelu) return max(zero(), x);
  if constexpr (kKind == Kind::kBoundedRelu) {
    // A slope of 0 must give 0 for minus infinity too.
    const float least = a.alpha == 0.0f ? -3.0e38f : -__builtin_inff();
    const Vec below = max(broadcast(least), sub(x, broadcast(a.threshold)));
    return select(greater(x, broadcast(a.threshold)), min(x, broadcast(a.maximum)),
                  fma(broadcast(a.alpha), below, zero()));
  }
  if constexpr (kKind == Kind::kElu) return select(greater(x, zero()), x, mul(broadcast(a.alpha), expm1(x)));
  if constexpr (kKind == Kind::kCelu) {
    const Vec alpha = broadcast(a.alpha);
    return select(greater(x, zero()), x, mul(alpha, expm1(div(x, alpha))));
  }
  if constexpr (kKind == Kind::kSelu) {
    const Vec negative = mul(broadcast(1.6732632423543772f), expm1(x));
    return mul(broadcast(1.0507009873554805f), select(greater(x, zero()), x, negative));
  }
  if constexpr (kKind == Kind::kExponential) return exp(x);
  if constexpr (kKind == Kind::kSigmoid) return sigmoid(x);
  if constexpr (kKind == Kind::kHardSigmoid) return hard_sigmoid(x, a.alpha, a.offset);
  if constexpr (kKind == Kind::kTanh) return tanh(x);
  if constexpr (kKind == Kind::kSoftplus) return add(max(zero(), x), log1p(exp_to_88(sub(zero(), abs(x)))));
  if constexpr (kKind == Kind::kSoftsign) {
    const Vec finite = min(broadcast(1e30f), max(broadcast(-1e30f), x));
    return div(finite, add(one, abs(finite)));
  }
  if constexpr (kKind == Kind::kGelu) {
    const Vec twice = add(one, erf(mul(x, broadcast(0.70710678118f))));
    return mul(mul(broadcast(0.5f), max(broadcast(-88.0f), x)), twice);
  }
  if constexpr (kKind == Kind::kGeluTanh) {
    return mul(mul(broadcast(0.5f), max(broadcast(-88.0f), x)), gelu_tanh_factor(x));
  }
  if constexpr (kKind == Kind::kSilu) return mul(max(broadcast(-88.0f), x), sigmoid(x));
  if constexpr (kKind == Kind::kMish) return mul(max(broadcast(-88.0f), x), mish_factor(x));
  if constexpr (kKind == Kind::kHardSwish) return mul(max(broadcast(-88.0f), x), hard_sigmoid(x, 1.0f / 6.0f, 0.5f));
  return x;
}

// The derivative from the function's value y, for kinds up to kSoftplus.
template <Activation::Kind kKind>
CONVFORGE_INLINE Vec slope_at_value(const Activation& a, Vec y) {
  using Kind = Activation::Kind;
  const Vec one = broadcast(1.0f);
  if constexpr (kKind == Kind::kBoundedRelu) {
    // Without a maximum, infinity isn't clipped.
    const float from_maximum = a.maximum < __builtin_inff() ? 0.0f : 1.0f;
    const Vec above = select(greater(broadcast(a.maximum), y), one, broadcast(from_maximum));
    return select(greater(y, zero()), above, broadcast(a.alpha));
  }
  if constexpr (kKind == Kind::kElu) return select(greater(y, zero()), one, add(y, broadcast(a.alpha)));
  if constexpr (kKind == Kind::kCelu) return select(greater(y, zero()), one, add(div(y, broadcast(a.alpha)), one));
  if constexpr (kKind == Kind::kSelu) {
    const Vec scaled = add(y, broadcast(1.7580993408473766f));
    return select(greater(y, zero()), broadcast(1.0507009873554805f), scaled);
  }
  if constexpr (kKind == Kind::kExponential) return y;
  if constexpr (kKind == Kind::kSigmoid) return mul(y, sub(one, y));
  if constexpr (kKind == Kind::kHardSigmoid) {
    return select(both(greater(y, zero()), greater(one, y)), broadcast(a.alpha), zero());
  }
  if constexpr (kKind == Kind::kTanh) return sub(one, mul(y, y));
  if constexpr (kKind == Kind::kSoftplus) return sub(zero(), expm1(sub(zero(), y)));
  return one;
}

// The derivative from the argument x, for kinds from kSoftsign on.
template <Activation::Kind kKind>
CONVFORGE_INLINE Vec slope_at_argument(Vec x) {
  using Kind = Activation::Kind;
  const Vec one = broadcast(1.0f);
  const Vec half = broadcast(0.5f);
  if constexpr (kKind == Kind::kSoftsign) {
    const Vec inverse = div(one, add(one, abs(x)));
    return mul(inverse, inverse);
  }
  const Vec z = clamp_to_88(x);
  if constexpr (kKind == Kind::kGelu) {
    // The cumulative normal distribution, and x times its density.
    const Vec distribution = mul(half, add(one, erf(mul(z, broadcast(0.70710678118f)))));
    const Vec density = mul(broadcast(0.3989422804f), exp_to_88(mul(broadcast(-0.5f), mul(z, z))));
    return fma(z, density, distribution);
  }
  if constexpr (kKind == Kind::kGeluTanh) {
    const Vec factor = gelu_tanh_factor(z);
    const Vec inner = mul(broadcast(0.7978845608f), fma(broadcast(0.134145f), mul(z, z), one));
    // 1 - tanh^2 = factor * (2 - factor).
    const Vec rise = mul(mul(factor, sub(broadcast(2.0f), factor)), inner);
    return mul(half, fma(z, rise, factor));
  }
  const Vec s = sigmoid(z);
  if constexpr (kKind == Kind::kSilu) return mul(s, fma(z, sub(one, s), one));
  if constexpr (kKind == Kind::kMish) {
    const Vec t = mish_factor(z);
    return fma(mul(z, s), fma(sub(zero(), t), t, one), t);
  }
  const Vec inside = fma(z, broadcast(1.0f / 3.0f), half);
  return select(greater(z, broadcast(3.0f)), one, select(greater(broadcast(-3.0f), z), zero(), inside));
}

template <Activation::Kind kKind>
CONVFORGE_INLINE Vec activation_gradient(const Activation& a, Vec value, Vec dy) {
  if constexpr (kKind == Activation::Kind::kLinear) return dy;
  if constexpr (kKind == Activation::Kind::kRelu) return select(greater(value, zero()), dy, zero());
  if constexpr (kKind > Activation::Kind::kSoftplus) return mul(dy, slope_at_argument<kKind>(value));
  return mul(dy, slope_at_value<kKind>(a, value));
}

template <Activation::Kind kKind>
void activate_as(const Activation& a, const float* x, float* y, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(y + i, activation<kKind>(a, load_part(x + i, count, whole)), count, whole);
      });
}

template <Activation::Kind kKind>
void activate_backward_as(const Activation& a, const float* value, const float* dy, float* dx, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec gradient =
            activation_gradient<kKind>(a, load_part(value + i, count, whole), load_part(dy + i, count, whole));
        store_part(dx + i, gradient, count, whole);
      });
}

// Calls the instance of `function` for a.kind.
#define CONVFORGE_BY_KIND(function, ...)                            \
  switch (a.kind) {                                                 \
    case Activation::Kind::kLinear:                                 \
      return function<Activation::Kind::kLinear>(__VA_ARGS__);      \
    case Activation::Kind::kRelu:                                   \
      return function<Activation::Kind::kRelu>(__VA_ARGS__);        \
    case Activation::Kind::kBoundedRelu:                            \
      return function<Activation::Kind::kBoundedRelu>(__VA_ARGS__); \
    case Activation::Kind::kElu:                                    \
      return function<Activation::Kind::kElu>(__VA_ARGS__);         \
    case Activation::Kind::kCelu:                                   \
      return function<Activation::Kind::kCelu>(__VA_ARGS__);        \
    case Activation::Kind::kSelu:                                   \
      return function<Activation::Kind::kSelu>(__VA_ARGS__);        \
    case Activation::Kind::kExponential:                            \
      return function<Activation::Kind::kExponential>(__VA_ARGS__); \
    case Activation::Kind::kSigmoid:                                \
      return function<Activation::Kind::kSigmoid>(__VA_ARGS__);     \
    case Activation::Kind::kHardSigmoid:                            \
      return function<Activation::Kind::kHardSigmoid>(__VA_ARGS__); \
    case Activation::Kind::kTanh:                                   \
      return function<Activation::Kind::kTanh>(__VA_ARGS__);        \
    case Activation::Kind::kSoftplus:                               \
      return function<Activation::Kind::kSoftplus>(__VA_ARGS__);    \
    case Activation::Kind::kSoftsign:                               \
      return function<Activation::Kind::kSoftsign>(__VA_ARGS__);    \
    case Activation::Kind::kGelu:                                   \
      return function<Activation::Kind::kGelu>(__VA_ARGS__);        \
    case Activation::Kind::kGeluTanh:                               \
      return function<Activation::Kind::kGeluTanh>(__VA_ARGS__);    \
    case Activation::Kind::kSilu:                                   \
      return function<Activation::Kind::kSilu>(__VA_ARGS__);        \
    case Activation::Kind::kMish:                                   \
      return function<Activation::Kind::kMish>(__VA_ARGS__);        \
    case Activation::Kind::kHardSwish:                              \
      return function<Activation::Kind::kHardSwish>(__VA_ARGS__);   \
  }

// y = f(x); y may be x.
void activate(const Activation& a, const float* x, float* y, size_t n) { CONVFORGE_BY_KIND(activate_as, a, x, y, n) }

// dx = dy * f'(x). `value` is f(x), or x for the kinds after kSoftplus.
void activate_backward(const Activation& a, const float* value, const float* dy, float* dx, size_t n) {
  CONVFORGE_BY_KIND(activate_backward_as, a, value, dy, dx, n)
}

#undef CONVFORGE_BY_KIND

// A row of n elements. alpha has n values (`each`) or one.
void prelu(const float* x, const float* alpha, bool each, float* y, size_t n) {
  const Vec all = broadcast(alpha[0]);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec v = load_part(x + i, count, whole);
        const Vec a = each ? load_part(alpha + i, count, whole) : all;
        store_part(y + i, select(greater(v, zero()), v, mul(a, v)), count, whole);
      });
}

// Writes dx unless it is null, and adds to d_alpha unless it is null. A single d_alpha is summed in the order of
// elements.
void prelu_backward(const float* x, const float* dy, const float* alpha, bool each, float* dx, float* d_alpha,
                    size_t n) {
  const Vec all = broadcast(alpha[0]);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec v = load_part(x + i, count, whole);
        const Vec g = load_part(dy + i, count, whole);
        const Vec a = each ? load_part(alpha + i, count, whole) : all;
        const Mask positive = greater(v, zero());
        if (dx) store_part(dx + i, select(positive, g, mul(a, g)), count, whole);
        if (d_alpha && each) {
          const Vec sum = fma(select(positive, zero(), v), g, load_part(d_alpha + i, count, whole));
          store_part(d_alpha + i, sum, count, whole);
        }
      });
  if (!d_alpha || each) return;
  for (size_t i = 0; i < n; ++i) {
    if (!(x[i] > 0.0f)) d_alpha[0] = fused(x[i], dy[i], d_alpha[0]);
  }
}
