// Elementary functions by our own polynomials, since a system's libm differs from the next one's in the last bit and
// results must not. Coefficients: Cephes (S. Moshier), expf, logf and tanhf.

// x to about 1 ulp in [-87.3, 88]; clamped outside. NaN gives NaN.
CONVFORGE_INLINE Vec exp(Vec x) {
  // The operands' order keeps a NaN.
  x = min(broadcast(88.0f), max(broadcast(-87.33654f), x));
  const Vec n = round(mul(x, broadcast(1.44269504088896341f)));
  Vec r = fma(n, broadcast(-0.693359375f), x);
  r = fma(n, broadcast(2.12194440e-4f), r);
  Vec p = broadcast(1.9875691500e-4f);
  p = fma(p, r, broadcast(1.3981999507e-3f));
  p = fma(p, r, broadcast(8.3334519073e-3f));
  p = fma(p, r, broadcast(4.1665795894e-2f));
  p = fma(p, r, broadcast(1.6666665459e-1f));
  p = fma(p, r, broadcast(5.0000001201e-1f));
  p = fma(p, mul(r, r), add(r, broadcast(1.0f)));
  return mul(p, exp2_whole(n));
}

// The natural logarithm of positive normal x, to about 1 ulp. Values below the smallest normal count as it. NaN gives
// NaN.
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
  // x - x is 0, or NaN for the NaN and infinity that the bit tricks above have lost.
  return add(y, sub(x, x));
}

CONVFORGE_INLINE Vec sigmoid(Vec x) {
  const Vec one = broadcast(1.0f);
  const Vec e = exp(sub(zero(), abs(x)));
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
  const Vec large = sub(one, div(broadcast(2.0f), add(exp(add(a, a)), one)));
  const Vec signed_large = select(greater(zero(), x), sub(zero(), large), large);
  return select(greater(a, broadcast(0.625f)), signed_large, small);
}
