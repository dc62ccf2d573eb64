// Losses of single elements and their derivatives. Contract: ElementLosses in kernels/types/loss.h.

struct ValueAndSlope {
  Vec value;
  Vec slope;  // the value's derivative by the prediction
};

CONVFORGE_INLINE Vec negative(Vec a) { return sub(zero(), a); }
// Propagates NaN.
CONVFORGE_INLINE Vec clip(Vec a, float low, float high) { return min(broadcast(high), max(broadcast(low), a)); }

constexpr float kLossEpsilon = 1e-7f;
constexpr float kMaxFloat = 3.4028234664e38f;

CONVFORGE_INLINE ValueAndSlope percentage_loss(Vec p, Vec t) {
  const Vec hundredths = div(broadcast(100.0f), max(broadcast(kLossEpsilon), abs(t)));
  const Vec difference = sub(p, t);
  return {mul(abs(difference), hundredths), mul(sign(difference), hundredths)};
}

CONVFORGE_INLINE ValueAndSlope squared_logarithmic_loss(Vec p, Vec t) {
  const Vec one = broadcast(1.0f);
  const Vec epsilon = broadcast(kLossEpsilon);
  const Vec above = add(max(epsilon, p), one);
  const Vec difference = sub(log_of_any(above), log_of_any(add(max(epsilon, t), one)));
  const Vec slope = div(add(difference, difference), above);
  const Vec far = select(greater(above, broadcast(kMaxFloat)), zero(), slope);
  return {mul(difference, difference), select(greater(epsilon, p), zero(), far)};
}

CONVFORGE_INLINE ValueAndSlope huber_loss(Vec p, Vec t, float delta) {
  const Vec difference = sub(p, t);
  const Vec size = abs(difference);
  const Vec bound = broadcast(delta);
  const Vec half = broadcast(0.5f);
  const Vec linear = mul(bound, sub(size, mul(half, bound)));
  const Vec quadratic = mul(half, mul(difference, difference));
  return {select(greater(size, bound), linear, quadratic), clip(difference, -delta, delta)};
}

// d| + log(1 + exp(-2|d|)) - log 2. Near 0, where that cancels, its series d^2/2 - d^4/12 + d^6/45.
CONVFORGE_INLINE ValueAndSlope log_cosh_loss(Vec p, Vec t) {
  const Vec d = sub(p, t);
  const Vec size = abs(d);
  const Vec tail = log1p(exp_to_88(mul(broadcast(-2.0f), size)));
  const Vec far = add(sub(size, broadcast(0.693147180559945f)), tail);
  const Vec square = mul(d, d);
  const Vec series = fma(square, fma(square, broadcast(1.0f / 45.0f), broadcast(-1.0f / 12.0f)), broadcast(0.5f));
  return {select(greater(size, broadcast(0.125f)), far, mul(square, series)), tanh(d)};
}

CONVFORGE_INLINE ValueAndSlope hinge_loss(Vec p, Vec t, bool squared) {
  const Vec one = broadcast(1.0f);
  const Vec side = select(different(t, zero()), t, negative(one));
  const Vec margin = max(zero(), sub(one, mul(side, p)));
  const Vec slope = squared ? mul(mul(broadcast(-2.0f), side), margin) : negative(side);
  return {squared ? mul(margin, margin) : margin, select(greater(margin, zero()), slope, zero())};
}

CONVFORGE_INLINE ValueAndSlope poisson_loss(Vec p, Vec t) {
  const Vec above = add(p, broadcast(kLossEpsilon));
  // Limits the argument, since infinity minus its logarithm must be infinity.
  return {sub(p, mul(t, log_of_any(min(broadcast(kMaxFloat), above)))), sub(broadcast(1.0f), div(t, above))};
}

CONVFORGE_INLINE ValueAndSlope divergence_loss(Vec p, Vec t) {
  const Vec target = clip(t, kLossEpsilon, 1.0f);
  const Vec q = clip(p, kLossEpsilon, 1.0f);
  const Vec ratio = div(target, q);
  return {mul(target, log(ratio)), select(different(p, q), zero(), negative(ratio))};
}

CONVFORGE_INLINE ValueAndSlope binary_loss(Vec p, Vec t) {
  const Vec one = broadcast(1.0f);
  const Vec q = clip(p, kLossEpsilon, 1.0f - kLossEpsilon);
  const Vec rest = sub(one, q);
  const Vec value = negative(fma(t, log(q), mul(sub(one, t), log(rest))));
  return {value, select(different(p, q), zero(), div(sub(q, t), mul(q, rest)))};
}

CONVFORGE_INLINE ValueAndSlope binary_loss_of_logits(Vec x, Vec t) {
  const Vec finite = clip(x, -kMaxFloat, kMaxFloat);
  const Vec linear = sub(max(zero(), finite), mul(finite, t));
  // At infinity the loss is infinity, or 0 if the target is the same.
  const Vec unbounded = select(greater(abs(x), broadcast(kMaxFloat)), mul(linear, broadcast(1e30f)), linear);
  return {add(unbounded, log1p(exp_to_88(negative(abs(x))))), sub(sigmoid(x), t)};
}

// The focal loss from the binary one: times weight * m^gamma with m = 1 - (t p + (1 - t)(1 - p)). `rest` is 1 - p.
// `p_slope` is the derivative of p by the argument of `binary`, which is p or a logit.
CONVFORGE_INLINE ValueAndSlope focal_from_binary(ValueAndSlope binary, Vec p, Vec rest, Vec p_slope, Vec t,
                                                 const LossParameters& parameters) {
  const Vec one = broadcast(1.0f);
  const Vec other = sub(one, t);
  const Vec m = fma(t, rest, mul(other, p));
  const Vec gamma = broadcast(parameters.gamma);
  const Vec logarithm = log(m);
  const Vec factor = exp_to_88(mul(gamma, logarithm));
  const Vec factor_slope = mul(mul(gamma, exp_to_88(mul(sub(gamma, one), logarithm))), sub(other, t));
  const Vec weight = fma(t, broadcast(parameters.alpha), mul(other, broadcast(parameters.other_alpha)));
  // Infinity is limited, since p_slope is 0 there.
  const Vec finite = min(broadcast(kMaxFloat), binary.value);
  const Vec slope = fma(mul(factor_slope, p_slope), finite, mul(factor, binary.slope));
  return {mul(mul(weight, factor), binary.value), mul(weight, slope)};
}

CONVFORGE_INLINE ValueAndSlope focal_loss(Vec p, Vec t, const LossParameters& parameters) {
  const Vec one = broadcast(1.0f);
  return focal_from_binary(binary_loss(p, t), p, sub(one, p), one, t, parameters);
}

CONVFORGE_INLINE ValueAndSlope focal_loss_of_logits(Vec x, Vec t, const LossParameters& parameters) {
  const Vec p = sigmoid(x);
  const Vec rest = sigmoid(negative(x));
  return focal_from_binary(binary_loss_of_logits(x, t), p, rest, mul(p, rest), t, parameters);
}

template <ElementLoss kKind>
CONVFORGE_INLINE ValueAndSlope element_loss(Vec p, Vec t, const LossParameters& parameters) {
  const Vec difference = sub(p, t);
  if constexpr (kKind == ElementLoss::kSquared) return {mul(difference, difference), add(difference, difference)};
  if constexpr (kKind == ElementLoss::kHalfSquared)
    return {mul(mul(broadcast(0.5f), difference), difference), difference};
  if constexpr (kKind == ElementLoss::kAbsolute) return {abs(difference), sign(difference)};
  if constexpr (kKind == ElementLoss::kPercentage) return percentage_loss(p, t);
  if constexpr (kKind == ElementLoss::kSquaredLogarithmic) return squared_logarithmic_loss(p, t);
  if constexpr (kKind == ElementLoss::kHuber) return huber_loss(p, t, parameters.delta);
  if constexpr (kKind == ElementLoss::kLogCosh) return log_cosh_loss(p, t);
  if constexpr (kKind == ElementLoss::kHinge) return hinge_loss(p, t, false);
  if constexpr (kKind == ElementLoss::kSquaredHinge) return hinge_loss(p, t, true);
  if constexpr (kKind == ElementLoss::kPoisson) return poisson_loss(p, t);
  if constexpr (kKind == ElementLoss::kDivergence) return divergence_loss(p, t);
  if constexpr (kKind == ElementLoss::kBinary) return binary_loss(p, t);
  if constexpr (kKind == ElementLoss::kBinaryOfLogits) return binary_loss_of_logits(p, t);
  if constexpr (kKind == ElementLoss::kFocal) return focal_loss(p, t, parameters);
  if constexpr (kKind == ElementLoss::kFocalOfLogits) return focal_loss_of_logits(p, t, parameters);
}

template <ElementLoss kKind>
void element_losses_as(const ElementLosses& e) {
  const Vec target_scale = broadcast(e.parameters.target_scale);
  const Vec target_shift = broadcast(e.parameters.target_shift);
  const Vec grad_scale = broadcast(e.grad_scale);
  for_vectors(
      e.n, [&](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec target = fma(load_part(e.t + i, count, whole), target_scale, target_shift);
        const ValueAndSlope result = element_loss<kKind>(load_part(e.x + i, count, whole), target, e.parameters);
        store_part(e.values + i, result.value, count, whole);
        if (e.dx) store_part(e.dx + i, mul(grad_scale, result.slope), count, whole);
      });
}

void element_losses(ElementLoss kind, const ElementLosses& e) {
  switch (kind) {
    case ElementLoss::kSquared:
      return element_losses_as<ElementLoss::kSquared>(e);
    case ElementLoss::kHalfSquared:
      return element_losses_as<ElementLoss::kHalfSquared>(e);
    case ElementLoss::kAbsolute:
      return element_losses_as<ElementLoss::kAbsolute>(e);
    case ElementLoss::kPercentage:
      return element_losses_as<ElementLoss::kPercentage>(e);
    case ElementLoss::kSquaredLogarithmic:
      return element_losses_as<ElementLoss::kSquaredLogarithmic>(e);
    case ElementLoss::kHuber:
      return element_losses_as<ElementLoss::kHuber>(e);
    case ElementLoss::kLogCosh:
      return element_losses_as<ElementLoss::kLogCosh>(e);
    case ElementLoss::kHinge:
      return element_losses_as<ElementLoss::kHinge>(e);
    case ElementLoss::kSquaredHinge:
      return element_losses_as<ElementLoss::kSquaredHinge>(e);
    case ElementLoss::kPoisson:
      return element_losses_as<ElementLoss::kPoisson>(e);
    case ElementLoss::kDivergence:
      return element_losses_as<ElementLoss::kDivergence>(e);
    case ElementLoss::kBinary:
      return element_losses_as<ElementLoss::kBinary>(e);
    case ElementLoss::kBinaryOfLogits:
      return element_losses_as<ElementLoss::kBinaryOfLogits>(e);
    case ElementLoss::kFocal:
      return element_losses_as<ElementLoss::kFocal>(e);
    case ElementLoss::kFocalOfLogits:
      return element_losses_as<ElementLoss::kFocalOfLogits>(e);
  }
}
