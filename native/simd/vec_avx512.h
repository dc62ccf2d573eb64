// AVX-512 (F, BW, DQ, VL): 16 lanes, 32 registers. vec_scalar.h documents the functions.

constexpr int kLanes = 16;
constexpr int kTileRows = 6;
constexpr int kTileVecs = 4;
constexpr int kTileDepth = 0;
constexpr int kDepthUnroll = 4;
constexpr bool kPacksB = false;

struct Vec {
  __m512 v;
};
struct Index {
  __m512i v;
};
using Mask = __mmask16;

CONVFORGE_INLINE __mmask16 lane_mask(int n) { return static_cast<__mmask16>((1u << n) - 1u); }

CONVFORGE_INLINE Vec zero() { return {_mm512_setzero_ps()}; }
CONVFORGE_INLINE Vec broadcast(float x) { return {_mm512_set1_ps(x)}; }
CONVFORGE_INLINE Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
CONVFORGE_INLINE Vec load_n(const float* p, int n) { return {_mm512_maskz_loadu_ps(lane_mask(n), p)}; }
CONVFORGE_INLINE Vec load_u8(const uint8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}
CONVFORGE_INLINE Vec load_u8_n(const uint8_t* p, int n) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(lane_mask(n), p)))};
}
CONVFORGE_INLINE void store(float* p, Vec a) { _mm512_storeu_ps(p, a.v); }
CONVFORGE_INLINE void store_n(float* p, Vec a, int n) { _mm512_mask_storeu_ps(p, lane_mask(n), a.v); }

CONVFORGE_INLINE void stream(float* p, Vec a) { _mm512_stream_ps(p, a.v); }
CONVFORGE_INLINE void stream_fence() { _mm_sfence(); }

CONVFORGE_INLINE Vec add(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec sub(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec mul(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec div(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
CONVFORGE_INLINE Vec sqrt(Vec a) { return {_mm512_sqrt_ps(a.v)}; }
CONVFORGE_INLINE Vec max(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec min(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec abs(Vec a) { return {_mm512_abs_ps(a.v)}; }
CONVFORGE_INLINE Vec round(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
CONVFORGE_INLINE Vec exp2_whole(Vec a) {
  const __m512i biased = _mm512_add_epi32(_mm512_cvttps_epi32(a.v), _mm512_set1_epi32(127));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(biased, 23))};
}
CONVFORGE_INLINE Vec mantissa(Vec a) {
  const __m512i bits = _mm512_and_si512(_mm512_castps_si512(a.v), _mm512_set1_epi32(0x007fffff));
  return {_mm512_castsi512_ps(_mm512_or_si512(bits, _mm512_set1_epi32(0x3f000000)))};
}
CONVFORGE_INLINE Vec exponent(Vec a) {
  const __m512i bits = _mm512_srli_epi32(_mm512_castps_si512(a.v), 23);
  return {_mm512_cvtepi32_ps(_mm512_sub_epi32(bits, _mm512_set1_epi32(126)))};
}

CONVFORGE_INLINE Mask greater(Vec a, Vec b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ); }
CONVFORGE_INLINE Vec select(Mask m, Vec a, Vec b) { return {_mm512_mask_blend_ps(m, b.v, a.v)}; }
CONVFORGE_INLINE Mask stays(Vec best, Vec next) {
  return _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(next.v, next.v, _CMP_ORD_Q), next.v, best.v, _CMP_NGT_UQ);
}

CONVFORGE_INLINE Mask different(Vec a, Vec b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_NEQ_UQ); }
CONVFORGE_INLINE Mask both(Mask a, Mask b) { return a & b; }

CONVFORGE_INLINE Vec bits_of(Index a) { return {_mm512_castsi512_ps(a.v)}; }
CONVFORGE_INLINE Index index_of(Vec a) { return {_mm512_castps_si512(a.v)}; }
CONVFORGE_INLINE Index broadcast_index(int32_t i) { return {_mm512_set1_epi32(i)}; }
CONVFORGE_INLINE Index select(Mask m, Index a, Index b) { return {_mm512_mask_blend_epi32(m, b.v, a.v)}; }
CONVFORGE_INLINE Mask equal(Index a, Index b) { return _mm512_cmpeq_epi32_mask(a.v, b.v); }
CONVFORGE_INLINE void store_index_n(int32_t* p, Index a, int n) { _mm512_mask_storeu_epi32(p, lane_mask(n), a.v); }
// Narrows in the register, since masked narrowing stores are slow on AMD.
CONVFORGE_INLINE void store_index_n(uint8_t* p, Index a, int n) {
  const __m128i bytes = _mm512_cvtepi32_epi8(a.v);
  if (n == kLanes) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes);
  } else {
    _mm_mask_storeu_epi8(p, lane_mask(n), bytes);
  }
}
CONVFORGE_INLINE Index load_index_n(const int32_t* p, int n) { return {_mm512_maskz_loadu_epi32(lane_mask(n), p)}; }
CONVFORGE_INLINE Index load_index_n(const uint8_t* p, int n) {
  return {_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(lane_mask(n), p))};
}

// Compresses in the register, since compressing stores are slow on AMD.
CONVFORGE_INLINE int compress_store(float* p, Mask m, Vec a) {
  _mm512_storeu_ps(p, _mm512_maskz_compress_ps(m, a.v));
  return __builtin_popcount(m);
}
CONVFORGE_INLINE int compress_store(int32_t* p, Mask m, Index a) {
  _mm512_storeu_epi32(p, _mm512_maskz_compress_epi32(m, a.v));
  return __builtin_popcount(m);
}

CONVFORGE_INLINE float reduce_sum(Vec a) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

CONVFORGE_INLINE Vec table_lookup(const float* q, Index i) { return {_mm512_permutexvar_ps(i.v, _mm512_loadu_ps(q))}; }
CONVFORGE_INLINE void store_128_blocks(float* q, __m512 v) {
  _mm_storeu_ps(q, _mm512_castps512_ps128(v));
  _mm_storeu_ps(q + 16, _mm512_extractf32x4_ps(v, 1));
  _mm_storeu_ps(q + 32, _mm512_extractf32x4_ps(v, 2));
  _mm_storeu_ps(q + 48, _mm512_extractf32x4_ps(v, 3));
}
CONVFORGE_INLINE void store_interleaved4(float* q, Vec a, Vec b, Vec c, Vec d) {
  const __m512 ac = _mm512_unpacklo_ps(a.v, c.v), bd = _mm512_unpacklo_ps(b.v, d.v);
  const __m512 ac_high = _mm512_unpackhi_ps(a.v, c.v), bd_high = _mm512_unpackhi_ps(b.v, d.v);
  store_128_blocks(q, _mm512_unpacklo_ps(ac, bd));
  store_128_blocks(q + 4, _mm512_unpackhi_ps(ac, bd));
  store_128_blocks(q + 8, _mm512_unpacklo_ps(ac_high, bd_high));
  store_128_blocks(q + 12, _mm512_unpackhi_ps(ac_high, bd_high));
}

CONVFORGE_INLINE void transpose_lanes(const float* x, ptrdiff_t x_row, float* y, ptrdiff_t y_row) {
  // Rows i, i + 4, i + 8 and i + 12 share a register, so that the rest of the transpose stays within 128-bit quarters.
  CONVFORGE_UNROLL for (int quarter = 0; quarter < 4; ++quarter) {
    __m512 rows[4];
    CONVFORGE_UNROLL for (int i = 0; i < 4; ++i) {
      const float* p = x + i * x_row + 4 * quarter;
      __m512 row = _mm512_castps128_ps512(_mm_loadu_ps(p));
      row = _mm512_insertf32x4(row, _mm_loadu_ps(p + 4 * x_row), 1);
      row = _mm512_insertf32x4(row, _mm_loadu_ps(p + 8 * x_row), 2);
      rows[i] = _mm512_insertf32x4(row, _mm_loadu_ps(p + 12 * x_row), 3);
    }
    const __m512 ac = _mm512_unpacklo_ps(rows[0], rows[2]), bd = _mm512_unpacklo_ps(rows[1], rows[3]);
    const __m512 ac_high = _mm512_unpackhi_ps(rows[0], rows[2]), bd_high = _mm512_unpackhi_ps(rows[1], rows[3]);
    float* q = y + 4 * quarter * y_row;
    _mm512_storeu_ps(q, _mm512_unpacklo_ps(ac, bd));
    _mm512_storeu_ps(q + y_row, _mm512_unpackhi_ps(ac, bd));
    _mm512_storeu_ps(q + 2 * y_row, _mm512_unpacklo_ps(ac_high, bd_high));
    _mm512_storeu_ps(q + 3 * y_row, _mm512_unpackhi_ps(ac_high, bd_high));
  }
}
