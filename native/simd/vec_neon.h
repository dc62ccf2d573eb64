// NEON on AArch64 (always present, with FMA): 4 lanes, 32 registers. vec_scalar.h documents the functions.

constexpr int kLanes = 4;
constexpr int kTileRows = 8;
constexpr int kTileVecs = 2;
constexpr int kTileDepth = 0;
constexpr int kDepthUnroll = 1;
constexpr bool kPacksB = false;

struct Vec {
  float32x4_t v;
};
struct Index {
  int32x4_t v;
};
struct Mask {
  uint32x4_t v;
};

CONVFORGE_INLINE Vec zero() { return {vdupq_n_f32(0.0f)}; }
CONVFORGE_INLINE Vec broadcast(float x) { return {vdupq_n_f32(x)}; }
CONVFORGE_INLINE Vec load(const float* p) { return {vld1q_f32(p)}; }
CONVFORGE_INLINE Vec load_n(const float* p, int n) {
  float lanes[4] = {};
  __builtin_memcpy(lanes, p, static_cast<size_t>(n) * sizeof(float));
  return {vld1q_f32(lanes)};
}
CONVFORGE_INLINE Vec load_u8_n(const uint8_t* p, int n) {
  uint8_t bytes[8] = {};
  __builtin_memcpy(bytes, p, static_cast<size_t>(n));
  return {vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vld1_u8(bytes)))))};
}
CONVFORGE_INLINE Vec load_u8(const uint8_t* p) { return load_u8_n(p, 4); }
CONVFORGE_INLINE void store(float* p, Vec a) { vst1q_f32(p, a.v); }
CONVFORGE_INLINE void store_n(float* p, Vec a, int n) {
  float lanes[4];
  vst1q_f32(lanes, a.v);
  __builtin_memcpy(p, lanes, static_cast<size_t>(n) * sizeof(float));
}

CONVFORGE_INLINE void stream(float* p, Vec a) { store(p, a); }
CONVFORGE_INLINE void stream_fence() {}

CONVFORGE_INLINE Vec add(Vec a, Vec b) { return {vaddq_f32(a.v, b.v)}; }
CONVFORGE_INLINE Vec sub(Vec a, Vec b) { return {vsubq_f32(a.v, b.v)}; }
CONVFORGE_INLINE Vec mul(Vec a, Vec b) { return {vmulq_f32(a.v, b.v)}; }
CONVFORGE_INLINE Vec div(Vec a, Vec b) { return {vdivq_f32(a.v, b.v)}; }
CONVFORGE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
CONVFORGE_INLINE Vec sqrt(Vec a) { return {vsqrtq_f32(a.v)}; }
// vmaxq_f32 would treat NaN and -0 differently from x86.
CONVFORGE_INLINE Vec max(Vec a, Vec b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
CONVFORGE_INLINE Vec min(Vec a, Vec b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
CONVFORGE_INLINE Vec abs(Vec a) { return {vabsq_f32(a.v)}; }
CONVFORGE_INLINE Vec round(Vec a) { return {vrndnq_f32(a.v)}; }
CONVFORGE_INLINE Vec exp2_whole(Vec a) {
  return {vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(a.v), vdupq_n_s32(127)), 23))};
}
CONVFORGE_INLINE Vec mantissa(Vec a) {
  const int32x4_t bits = vandq_s32(vreinterpretq_s32_f32(a.v), vdupq_n_s32(0x007fffff));
  return {vreinterpretq_f32_s32(vorrq_s32(bits, vdupq_n_s32(0x3f000000)))};
}
CONVFORGE_INLINE Vec exponent(Vec a) {
  const int32x4_t bits = vshrq_n_s32(vreinterpretq_s32_f32(a.v), 23);
  return {vcvtq_f32_s32(vsubq_s32(bits, vdupq_n_s32(126)))};
}

CONVFORGE_INLINE Mask greater(Vec a, Vec b) { return {vcgtq_f32(a.v, b.v)}; }
CONVFORGE_INLINE Vec select(Mask m, Vec a, Vec b) { return {vbslq_f32(m.v, a.v, b.v)}; }
CONVFORGE_INLINE Mask stays(Vec best, Vec next) {
  return {vbicq_u32(vceqq_f32(next.v, next.v), vcgtq_f32(next.v, best.v))};
}

CONVFORGE_INLINE Mask different(Vec a, Vec b) { return {vmvnq_u32(vceqq_f32(a.v, b.v))}; }
CONVFORGE_INLINE Mask both(Mask a, Mask b) { return {vandq_u32(a.v, b.v)}; }

CONVFORGE_INLINE Vec bits_of(Index a) { return {vreinterpretq_f32_s32(a.v)}; }
CONVFORGE_INLINE Index index_of(Vec a) { return {vreinterpretq_s32_f32(a.v)}; }
CONVFORGE_INLINE Index broadcast_index(int32_t i) { return {vdupq_n_s32(i)}; }
CONVFORGE_INLINE Index select(Mask m, Index a, Index b) { return {vbslq_s32(m.v, a.v, b.v)}; }
CONVFORGE_INLINE Mask equal(Index a, Index b) { return {vceqq_s32(a.v, b.v)}; }
CONVFORGE_INLINE void store_index_n(int32_t* p, Index a, int n) {
  int32_t lanes[4];
  vst1q_s32(lanes, a.v);
  __builtin_memcpy(p, lanes, static_cast<size_t>(n) * sizeof(int32_t));
}
CONVFORGE_INLINE void store_index_n(uint8_t* p, Index a, int n) {
  int32_t lanes[4];
  vst1q_s32(lanes, a.v);
  for (int i = 0; i < n; ++i) p[i] = static_cast<uint8_t>(lanes[i]);
}
CONVFORGE_INLINE Index load_index_n(const int32_t* p, int n) {
  int32_t lanes[4] = {};
  __builtin_memcpy(lanes, p, static_cast<size_t>(n) * sizeof(int32_t));
  return {vld1q_s32(lanes)};
}
CONVFORGE_INLINE Index load_index_n(const uint8_t* p, int n) {
  int32_t lanes[4] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i];
  return {vld1q_s32(lanes)};
}

template <typename Value>
CONVFORGE_INLINE int compress_lanes(Value* p, Mask m, const Value* lanes) {
  uint32_t live[4];
  vst1q_u32(live, m.v);
  int count = 0;
  for (int i = 0; i < 4; ++i) {
    p[count] = lanes[i];
    count += static_cast<int>(live[i] & 1);
  }
  return count;
}
CONVFORGE_INLINE int compress_store(float* p, Mask m, Vec a) {
  float lanes[4];
  vst1q_f32(lanes, a.v);
  return compress_lanes(p, m, lanes);
}
CONVFORGE_INLINE int compress_store(int32_t* p, Mask m, Index a) {
  int32_t lanes[4];
  vst1q_s32(lanes, a.v);
  return compress_lanes(p, m, lanes);
}

CONVFORGE_INLINE float reduce_sum(Vec a) {
  const float32x2_t two = vadd_f32(vget_low_f32(a.v), vget_high_f32(a.v));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

CONVFORGE_INLINE Vec table_lookup(const float* q, Index i) {
  // The four byte indices of float i, per lane.
  const int32x4_t bytes = vmlaq_s32(vdupq_n_s32(0x03020100), i.v, vdupq_n_s32(0x04040404));
  const uint8x16_t quad = vreinterpretq_u8_f32(vld1q_f32(q));
  return {vreinterpretq_f32_u8(vqtbl1q_u8(quad, vreinterpretq_u8_s32(bytes)))};
}
CONVFORGE_INLINE void store_interleaved4(float* q, Vec a, Vec b, Vec c, Vec d) {
  const float32x4x4_t all = {{a.v, b.v, c.v, d.v}};
  vst4q_f32(q, all);
}

CONVFORGE_INLINE void transpose_lanes(const float* x, ptrdiff_t x_row, float* y, ptrdiff_t y_row) {
  const float32x4_t a = vld1q_f32(x), b = vld1q_f32(x + x_row);
  const float32x4_t c = vld1q_f32(x + 2 * x_row), d = vld1q_f32(x + 3 * x_row);
  const float32x4_t ac = vzip1q_f32(a, c), ac_high = vzip2q_f32(a, c);
  const float32x4_t bd = vzip1q_f32(b, d), bd_high = vzip2q_f32(b, d);
  vst1q_f32(y, vzip1q_f32(ac, bd));
  vst1q_f32(y + y_row, vzip2q_f32(ac, bd));
  vst1q_f32(y + 2 * y_row, vzip1q_f32(ac_high, bd_high));
  vst1q_f32(y + 3 * y_row, vzip2q_f32(ac_high, bd_high));
}
