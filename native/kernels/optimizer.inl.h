// Weight updates, elementwise. Formulas: OptimizerDescription in lib/program/description.ts.

void adam(const Adam& a) {
  const Vec rate = broadcast(a.rate);
  const Vec beta1 = broadcast(a.beta1);
  const Vec beta2 = broadcast(a.beta2);
  const Vec one_minus_beta1 = broadcast(a.one_minus_beta1);
  const Vec one_minus_beta2 = broadcast(a.one_minus_beta2);
  const Vec epsilon = broadcast(a.epsilon);
  for_vectors(
      a.n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec g = load_part(a.g + i, count, whole);
        const Vec m = fma(beta1, load_part(a.m + i, count, whole), mul(one_minus_beta1, g));
        const Vec v = fma(beta2, load_part(a.v + i, count, whole), mul(mul(one_minus_beta2, g), g));
        const Vec w = sub(load_part(a.w + i, count, whole), div(mul(rate, m), add(sqrt(v), epsilon)));
        store_part(a.m + i, m, count, whole);
        store_part(a.v + i, v, count, whole);
        store_part(a.w + i, w, count, whole);
      });
}

void sgd(const Sgd& s) {
  const Vec rate = broadcast(s.rate);
  const Vec momentum = broadcast(s.momentum);
  for_vectors(
      s.n, [=](size_t i, int count, bool whole) __attribute__((always_inline)) {
        const Vec step = mul(rate, load_part(s.g + i, count, whole));
        const Vec w = load_part(s.w + i, count, whole);
        if (!s.velocity) {
          store_part(s.w + i, sub(w, step), count, whole);
          return;
        }
        const Vec velocity = sub(mul(momentum, load_part(s.velocity + i, count, whole)), step);
        store_part(s.velocity + i, velocity, count, whole);
        const Vec move = s.nesterov ? sub(mul(momentum, velocity), step) : velocity;
        store_part(s.w + i, add(w, move), count, whole);
      });
}
