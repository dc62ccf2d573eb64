// Scales and shifts images by channels, and clips them. Contract: Tone in kernels/types/tone.h.

// Calls body(index, index in the period, count, whole) for each vector of n elements.
template <typename Body>
CONVFORGE_INLINE void for_tones(const Tone& t, size_t n, Body body) {
  for (size_t first = 0; first < n; first += t.period) {
    const size_t rest = n - first;
    for_vectors(
        rest < t.period ? rest : t.period, [=](size_t i, int count, bool whole)
                                               __attribute__((always_inline)) { body(first + i, i, count, whole); });
  }
}

// NaN propagates, since max and min return their second argument for it.
void tone(const Tone& t, const float* x, float* y, size_t n) {
  const Vec scale_by = broadcast(t.scale);
  const Vec low = broadcast(t.low);
  const Vec high = broadcast(t.high);
  for_tones(
      t, n, [=](size_t i, size_t in_period, int count, bool whole) __attribute__((always_inline)) {
        const Vec offset = load_part(t.offsets + in_period, count, whole);
        const Vec value = fma(load_part(x + i, count, whole), scale_by, offset);
        store_part(y + i, min(high, max(low, value)), count, whole);
      });
}

void tone_backward(const Tone& t, const float* x, const float* dy, float* dx, size_t n) {
  const Vec scale_by = broadcast(t.scale);
  const Vec low = broadcast(t.low);
  const Vec high = broadcast(t.high);
  for_tones(
      t, n, [=](size_t i, size_t in_period, int count, bool whole) __attribute__((always_inline)) {
        const Vec offset = load_part(t.offsets + in_period, count, whole);
        const Vec value = fma(load_part(x + i, count, whole), scale_by, offset);
        const Vec above = select(greater(low, value), zero(), load_part(dy + i, count, whole));
        store_part(dx + i, select(greater(value, high), zero(), above), count, whole);
      });
}
