// Elementwise weight updates. Formulas: OptimizerDescription in lib/program/description.ts.

// Calls body(weights, gradient, i, count, whole) for each vector of a piece and stores the weights that body returns.
template <typename Body>
CONVFORGE_INLINE void update_weights(const WeightPiece& piece, Body body) {
  const WeightPiece p = piece;  // a local copy, which stores can't alias
  for_vectors(
      p.n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec w = load_part(p.w + i, count, whole);
        const Vec g = load_part(p.g + i, count, whole);
        store_part(p.w + i, body(w, g, i, count, whole), count, whole);
      });
}

// slot = keep * slot + add * x. Returns the new value.
CONVFORGE_INLINE Vec update_average(float* slot, Vec keep, Vec add, Vec x, int count, bool whole) {
  const Vec value = fma(keep, load_part(slot, count, whole), mul(add, x));
  store_part(slot, value, count, whole);
  return value;
}

// The same with x^2.
CONVFORGE_INLINE Vec update_square_average(float* slot, Vec keep, Vec add, Vec x, int count, bool whole) {
  const Vec value = fma(keep, load_part(slot, count, whole), mul(mul(add, x), x));
  store_part(slot, value, count, whole);
  return value;
}

void sgd(const Sgd& p) {
  const Vec rate = broadcast(p.rate);
  const Vec momentum = broadcast(p.momentum);
  float* const velocities = p.slots[0];
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec step = mul(rate, g);
        if (!velocities) return sub(w, step);
        const Vec velocity = sub(mul(momentum, load_part(velocities + i, count, whole)), step);
        store_part(velocities + i, velocity, count, whole);
        return add(w, p.nesterov ? sub(mul(momentum, velocity), step) : velocity);
      });
}

void adam(const Adam& p) {
  const Vec rate = broadcast(p.rate);
  const Vec beta1 = broadcast(p.beta1);
  const Vec beta2 = broadcast(p.beta2);
  const Vec one_minus_beta1 = broadcast(p.one_minus_beta1);
  const Vec one_minus_beta2 = broadcast(p.one_minus_beta2);
  const Vec epsilon = broadcast(p.epsilon);
  float* const largest = p.slots[2];
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec m = update_average(p.slots[0] + i, beta1, one_minus_beta1, g, count, whole);
        Vec v = update_square_average(p.slots[1] + i, beta2, one_minus_beta2, g, count, whole);
        if (largest) {
          v = max(load_part(largest + i, count, whole), v);
          store_part(largest + i, v, count, whole);
        }
        return sub(w, div(mul(rate, m), add(sqrt(v), epsilon)));
      });
}

void adamax(const Adamax& p) {
  const Vec rate = broadcast(p.rate);
  const Vec beta1 = broadcast(p.beta1);
  const Vec beta2 = broadcast(p.beta2);
  const Vec one_minus_beta1 = broadcast(p.one_minus_beta1);
  const Vec epsilon = broadcast(p.epsilon);
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec m = update_average(p.slots[0] + i, beta1, one_minus_beta1, g, count, whole);
        const Vec u = max(mul(beta2, load_part(p.slots[1] + i, count, whole)), abs(g));
        store_part(p.slots[1] + i, u, count, whole);
        return sub(w, div(mul(rate, m), add(u, epsilon)));
      });
}

void nadam(const Nadam& p) {
  const Vec mean_rate = broadcast(p.mean_rate);
  const Vec gradient_rate = broadcast(p.gradient_rate);
  const Vec square_scale = broadcast(p.square_scale);
  const Vec beta1 = broadcast(p.beta1);
  const Vec beta2 = broadcast(p.beta2);
  const Vec one_minus_beta1 = broadcast(p.one_minus_beta1);
  const Vec one_minus_beta2 = broadcast(p.one_minus_beta2);
  const Vec epsilon = broadcast(p.epsilon);
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec m = update_average(p.slots[0] + i, beta1, one_minus_beta1, g, count, whole);
        const Vec v = update_square_average(p.slots[1] + i, beta2, one_minus_beta2, g, count, whole);
        const Vec step = fma(mean_rate, m, mul(gradient_rate, g));
        return sub(w, div(step, add(sqrt(mul(v, square_scale)), epsilon)));
      });
}

void rmsprop(const RmsProp& p) {
  const Vec rate = broadcast(p.rate);
  const Vec rho = broadcast(p.rho);
  const Vec one_minus_rho = broadcast(p.one_minus_rho);
  const Vec momentum = broadcast(p.momentum);
  const Vec epsilon = broadcast(p.epsilon);
  float* const velocities = p.slots[1];
  float* const means = p.slots[2];
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        Vec v = update_square_average(p.slots[0] + i, rho, one_minus_rho, g, count, whole);
        if (means) {
          const Vec mean = update_average(means + i, rho, one_minus_rho, g, count, whole);
          v = max(zero(), sub(v, mul(mean, mean)));
        }
        Vec step = div(mul(rate, g), sqrt(add(v, epsilon)));
        if (velocities) {
          step = fma(momentum, load_part(velocities + i, count, whole), step);
          store_part(velocities + i, step, count, whole);
        }
        return sub(w, step);
      });
}

void adagrad(const Adagrad& p) {
  const Vec rate = broadcast(p.rate);
  const Vec epsilon = broadcast(p.epsilon);
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec sum = fma(g, g, load_part(p.slots[0] + i, count, whole));
        store_part(p.slots[0] + i, sum, count, whole);
        return sub(w, div(mul(rate, g), sqrt(add(sum, epsilon))));
      });
}

void adadelta(const Adadelta& p) {
  const Vec rate = broadcast(p.rate);
  const Vec rho = broadcast(p.rho);
  const Vec one_minus_rho = broadcast(p.one_minus_rho);
  const Vec epsilon = broadcast(p.epsilon);
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec squares = update_square_average(p.slots[0] + i, rho, one_minus_rho, g, count, whole);
        const Vec moves = load_part(p.slots[1] + i, count, whole);
        const Vec move = div(mul(sqrt(add(moves, epsilon)), g), sqrt(add(squares, epsilon)));
        update_square_average(p.slots[1] + i, rho, one_minus_rho, move, count, whole);
        return sub(w, mul(rate, move));
      });
}

void lion(const Lion& p) {
  const Vec rate = broadcast(p.rate);
  const Vec beta1 = broadcast(p.beta1);
  const Vec beta2 = broadcast(p.beta2);
  const Vec one_minus_beta1 = broadcast(p.one_minus_beta1);
  const Vec one_minus_beta2 = broadcast(p.one_minus_beta2);
  update_weights(
      p, [=](Vec w, Vec g, size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec mean = fma(beta1, load_part(p.slots[0] + i, count, whole), mul(one_minus_beta1, g));
        update_average(p.slots[0] + i, beta2, one_minus_beta2, g, count, whole);
        return sub(w, mul(rate, sign(mean)));
      });
}

// w -= share * w.
void decay(float* w, size_t n, float share) {
  const Vec factor = broadcast(-share);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec value = load_part(w + i, count, whole);
        store_part(w + i, fma(factor, value, value), count, whole);
      });
}

// mean = momentum * mean + rest * w.
void average(const float* w, float* mean, size_t n, float momentum, float rest) {
  const Vec keep = broadcast(momentum);
  const Vec take = broadcast(rest);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        update_average(mean + i, keep, take, load_part(w + i, count, whole), count, whole);
      });
}

// Clips x to [-limit, limit]. Propagates NaN.
void clip(float* x, size_t n, float limit) {
  const Vec upper = broadcast(limit);
  const Vec lower = broadcast(-limit);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(x + i, max(lower, min(upper, load_part(x + i, count, whole))), count, whole);
      });
}

// x = x where x >= 0, else 0. Propagates NaN.
void clip_negative(float* x, size_t n) {
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        store_part(x + i, max(zero(), load_part(x + i, count, whole)), count, whole);
      });
}

// g += by_sign * sign(w) + by_value * w.
void regularize(const float* w, float* g, size_t n, float by_sign, float by_value) {
  const Vec sign_factor = broadcast(by_sign);
  const Vec value_factor = broadcast(by_value);
  for_vectors(
      n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec value = load_part(w + i, count, whole);
        const Vec sum = fma(sign_factor, sign(value), load_part(g + i, count, whole));
        store_part(g + i, fma(value_factor, value, sum), count, whole);
      });
}
