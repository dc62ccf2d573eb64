// Elementary functions as polynomials of our own. Results must not depend on the system's libm, whose last bits differ.
// Coefficients: Cephes (S. Moshier), expf, logf and tanhf.

// a * b + c of scalars, rounded once.
template <int kVecLanes = kLanes>
CONVFORGE_INLINE float fused(float a, float b, float c) {
  if constexpr (kVecLanes == 1) return scalar_fma(a, b, c);
  return __builtin_fmaf(a, b, c);
}

// (e^r - 1 - r) / r^2 for |r| <= log(2) / 2.
CONVFORGE_INLINE Vec exp_polynomial(Vec r) {
  Vec p = broadcast(1.9875691500e-4f);
  p = fma(p, r, broadcast(1.3981999507e-3f));
  p = fma(p, r, broadcast(8.3334519073e-3f));
  p = fma(p, r, broadcast(4.1665795894e-2f));
  p = fma(p, r, broadcast(1.6666665459e-1f));
  p = fma(p, r, broadcast(5.0000001201e-1f));
  return p;
}

// e^x to about 1 ulp. It is 0 below -87.3366, where the result would be denormal. Above 88.7228 it is infinity; without
// kLarge, arguments above 88 count as 88. NaN gives NaN.
template <bool kLarge>
CONVFORGE_INLINE Vec exp_up_to(Vec x) {
  // The operands' order propagates NaN. At -88 the power of two is 0.
  x = min(broadcast(kLarge ? 89.0f : 88.0f), max(broadcast(-88.0f), x));
  const Vec n = round(mul(x, broadcast(1.44269504088896341f)));
  Vec r = fma(n, broadcast(-0.693359375f), x);
  r = fma(n, broadcast(2.12194440e-4f), r);
  const Vec p = fma(exp_polynomial(r), mul(r, r), add(r, broadcast(1.0f)));
  if constexpr (!kLarge) return mul(p, exp2_whole(n));
  // 2^128 overflows, though p * 2^128 may not if p < 1.
  const Vec most = broadcast(127.0f);
  const Vec y = mul(p, exp2_whole(min(most, n)));
  return select(greater(n, most), add(y, y), y);
}

CONVFORGE_INLINE Vec exp(Vec x) { return exp_up_to<true>(x); }
// e^x for x up to 88; larger x count as 88. Cheaper than exp.
CONVFORGE_INLINE Vec exp_to_88(Vec x) { return exp_up_to<false>(x); }

// e^x - 1 to a few ulp, also near 0. x must be at most 88.
CONVFORGE_INLINE Vec expm1(Vec x) {
  const Vec near_zero = fma(exp_polynomial(x), mul(x, x), x);
  return select(greater(broadcast(0.34f), abs(x)), near_zero, sub(exp_to_88(x), broadcast(1.0f)));
}

// The natural logarithm of positive normal x, to about 1 ulp. Smaller values count as the smallest normal one. NaN
// gives NaN.
CONVFORGE_INLINE Vec log(Vec x) {
  const Vec clamped = max(broadcast(1.17549435e-38f), x);
  Vec m = mantissa(clamped);
  Vec e = exponent(clamped);
  const Mask upper = greater(m, broadcast(0.707106781186547524f));
  e = select(upper, e, sub(e, broadcast(1.0f)));
  m = sub(select(upper, m, add(m, m)), broadcast(1.0f));
  const Vec z = mul(m, m);
  Vec p = broadcast(7.0376836292e-2f);
  p = fma(p, m, broadcast(-1.1514610310e-1f));
  p = fma(p, m, broadcast(1.1676998740e-1f));
  p = fma(p, m, broadcast(-1.2420140846e-1f));
  p = fma(p, m, broadcast(1.4249322787e-1f));
  p = fma(p, m, broadcast(-1.6668057665e-1f));
  p = fma(p, m, broadcast(2.0000714765e-1f));
  p = fma(p, m, broadcast(-2.4999993993e-1f));
  p = fma(p, m, broadcast(3.3333331174e-1f));
  Vec y = mul(mul(p, m), z);
  y = fma(e, broadcast(-2.12194440e-4f), y);
  y = fma(broadcast(-0.5f), z, y);
  y = add(m, y);
  y = fma(e, broadcast(0.693359375f), y);
  // x - x is 0, or NaN for NaN and infinity, which the bit manipulation above has lost.
  return add(y, sub(x, x));
}

// The natural logarithm of any x: minus infinity at 0, NaN below 0, infinity at infinity.
CONVFORGE_INLINE Vec log_of_any(Vec x) {
  const Vec infinity = broadcast(__builtin_inff());
  const Vec up_to_zero = select(different(x, zero()), broadcast(__builtin_nanf("")), sub(zero(), infinity));
  return select(greater(x, zero()), select(different(x, infinity), log(x), infinity), up_to_zero);
}

CONVFORGE_INLINE Vec sigmoid(Vec x) {
  const Vec one = broadcast(1.0f);
  const Vec e = exp_to_88(sub(zero(), abs(x)));
  const Vec upper = div(one, add(one, e));
  return select(greater(zero(), x), mul(e, upper), upper);
}

CONVFORGE_INLINE Vec tanh(Vec x) {
  const Vec a = abs(x);
  const Vec z = mul(x, x);
  Vec p = broadcast(-5.70498872745e-3f);
  p = fma(p, z, broadcast(2.06390887954e-2f));
  p = fma(p, z, broadcast(-5.37397155531e-2f));
  p = fma(p, z, broadcast(1.33314422036e-1f));
  p = fma(p, z, broadcast(-3.33332819422e-1f));
  const Vec small = fma(mul(p, z), x, x);
  const Vec one = broadcast(1.0f);
  const Vec large = sub(one, div(broadcast(2.0f), add(exp_to_88(add(a, a)), one)));
  const Vec signed_large = select(greater(zero(), x), sub(zero(), large), large);
  return select(greater(a, broadcast(0.625f)), signed_large, small);
}

// log(1 + x) to a few ulp for x in [0, 1], also near 0.
CONVFORGE_INLINE Vec log1p(Vec x) {
  const Vec w = add(broadcast(1.0f), x);
  // The rounding error of 1 + x.
  const Vec lost = sub(x, sub(w, broadcast(1.0f)));
  return add(log(w), div(lost, w));
}

// The error function to about 2 ulp: x times a polynomial in x^2 below 1, and 1 - e^q(x) above. q is fitted to log(1 -
// erf). Both are minimax fits made for this file.
CONVFORGE_INLINE Vec erf(Vec x) {
  const Vec a = min(broadcast(4.0f), abs(x));
  const Vec z = mul(a, a);
  Vec p = broadcast(7.8538578236e-05f);
  p = fma(p, z, broadcast(-8.0101931235e-04f));
  p = fma(p, z, broadcast(5.1883277483e-03f));
  p = fma(p, z, broadcast(-2.6853812858e-02f));
  p = fma(p, z, broadcast(1.1283585429e-01f));
  p = fma(p, z, broadcast(-3.7612625957e-01f));
  p = fma(p, z, broadcast(1.1283791065f));
  Vec q = broadcast(-2.1686850232e-05f);
  q = fma(q, a, broadcast(4.4133636402e-04f));
  q = fma(q, a, broadcast(-4.2045619339e-03f));
  q = fma(q, a, broadcast(2.5208257139e-02f));
  q = fma(q, a, broadcast(-1.0841857642e-01f));
  q = fma(q, a, broadcast(-6.3321989775e-01f));
  q = fma(q, a, broadcast(-1.1295784712f));
  q = fma(q, a, broadcast(1.8804022693e-04f));
  const Vec large = sub(broadcast(1.0f), exp_to_88(q));
  const Vec signed_large = select(greater(zero(), x), sub(zero(), large), large);
  // NaN isn't greater than 1.
  return select(greater(abs(x), broadcast(1.0f)), signed_large, mul(p, x));
}

// The standard normal quantile of probability (1 + x) / 2, for x in (-1, 1): sqrt(2) * erfinv(x), by the polynomials of
// M. Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011).
CONVFORGE_INLINE Vec normal_quantile(Vec x) {
  const Vec one = broadcast(1.0f);
  const Vec w = sub(zero(), log(mul(sub(one, x), add(one, x))));
  const Vec v = sub(w, broadcast(2.5f));
  Vec p = broadcast(2.81022636e-08f);
  p = fma(p, v, broadcast(3.43273939e-07f));
  p = fma(p, v, broadcast(-3.5233877e-06f));
  p = fma(p, v, broadcast(-4.39150654e-06f));
  p = fma(p, v, broadcast(2.1858087e-04f));
  p = fma(p, v, broadcast(-1.25372503e-03f));
  p = fma(p, v, broadcast(-4.17768164e-03f));
  p = fma(p, v, broadcast(0.246640727f));
  p = fma(p, v, broadcast(1.50140941f));
  const Vec t = sub(sqrt(max(zero(), w)), broadcast(3.0f));
  Vec q = broadcast(-2.00214257e-04f);
  q = fma(q, t, broadcast(1.00950558e-04f));
  q = fma(q, t, broadcast(1.34934322e-03f));
  q = fma(q, t, broadcast(-3.67342844e-03f));
  q = fma(q, t, broadcast(5.73950773e-03f));
  q = fma(q, t, broadcast(-7.6224613e-03f));
  q = fma(q, t, broadcast(9.43887047e-03f));
  q = fma(q, t, broadcast(1.00167406f));
  q = fma(q, t, broadcast(2.83297682f));
  const Vec tail = select(greater(broadcast(5.0f), w), p, q);
  return mul(mul(tail, x), broadcast(1.41421356f));
}

// The sum of the lanes of a power-of-two number of vectors, added by halves: the first half plus the second, until one
// value is left. So the result doesn't depend on the vector width.
template <int kVecs>
CONVFORGE_INLINE float reduce_sum(const Vec (&parts)[kVecs]) {
  Vec sums[kVecs];
  CONVFORGE_UNROLL for (int v = 0; v < kVecs; ++v) sums[v] = parts[v];
  CONVFORGE_UNROLL for (int half = kVecs / 2; half > 0; half /= 2) {
    CONVFORGE_UNROLL for (int v = 0; v < half; ++v) sums[v] = add(sums[v], sums[v + half]);
  }
  return reduce_sum(sums[0]);
}
