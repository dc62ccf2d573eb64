const bits = new DataView(new ArrayBuffer(8));

/**
 * ln x for a positive, normal x, within about 2 ulp. Math.log may differ in its last bit between engines and
 * processors. This function doesn't: it uses only additions, multiplications and divisions.
 *
 * x = m * 2^e with m in [sqrt(1/2), sqrt(2)); ln m = 2 atanh(s) = 2 (s + s^3/3 + s^5/5 + ...), s = (m - 1) /
 * (m + 1), |s| < 0.172.
 */
export function naturalLogarithm(x: number): number {
  bits.setFloat64(0, x);
  let exponent = (bits.getUint16(0) >>> 4) - 1023;
  bits.setUint16(0, (bits.getUint16(0) & 0x000f) | (1023 << 4));
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  let series = 0;
  for (let power = 21; power >= 1; power -= 2) series = series * s * s + 1 / power;
  return exponent * Math.LN2 + 2 * s * series;
}
