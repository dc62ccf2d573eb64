// AVX2 with FMA: 8 lanes, 16 registers. vec_scalar.h documents the functions.

constexpr int kLanes = 8;
constexpr int kTileRows = 6;
constexpr int kTileVecs = 2;
constexpr int kTileDepth = 512;
constexpr int kDepthUnroll = 4;
constexpr bool kPacksB = true;

struct Vec {
  __m256 v;
};
struct Index {
  __m256i v;
};
struct Mask {
  __m256 v;
};

CONVFORGE_INLINE __m256i lane_mask(int n) {
  static const int32_t kOnesThenZeros[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kOnesThenZeros + 8 - n));
}

CONVFORGE_INLINE Vec zero() { return {_mm256_setzero_ps()}; }
CONVFORGE_INLINE Vec broadcast(float x) { return {_mm256_set1_ps(x)}; }
CONVFORGE_INLINE Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
CONVFORGE_INLINE Vec load_n(const float* p, int n) { return {_mm256_maskload_ps(p, lane_mask(n))}; }
CONVFORGE_INLINE Vec load_u8(const uint8_t* p) {
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
}
CONVFORGE_INLINE Vec load_u8_n(const uint8_t* p, int n) {
  uint8_t bytes[8] = {};
  __builtin_memcpy(bytes, p, static_cast<size_t>(n));
  return load_u8(bytes);
}
CONVFORGE_INLINE void store(float* p, Vec a) { _mm256_storeu_ps(p, a.v); }
// Not by a masked store, which is slow on AMD's processors.
CONVFORGE_INLINE void store_n(float* p, Vec a, int n) {
  if (n == 8) {
    store(p, a);
    return;
  }
  __m128 rest = _mm256_castps256_ps128(a.v);
  if (n & 4) {
    _mm_storeu_ps(p, rest);
    rest = _mm256_extractf128_ps(a.v, 1);
    p += 4;
  }
  if (n & 2) {
    _mm_storel_pi(reinterpret_cast<__m64*>(p), rest);
    rest = _mm_movehl_ps(rest, rest);
    p += 2;
  }
  if (n & 1) _mm_store_ss(p, rest);
}

CONVFORGE_INLINE void stream(float* p, Vec a) { _mm256_stream_ps(p, a.v); }
CONVFORGE_INLINE void stream_fence() { _mm_sfence(); }

CONVFORGE_INLINE Vec add(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec sub(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec mul(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec div(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
CONVFORGE_INLINE Vec sqrt(Vec a) { return {_mm256_sqrt_ps(a.v)}; }
CONVFORGE_INLINE Vec max(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec min(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
CONVFORGE_INLINE Vec abs(Vec a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
CONVFORGE_INLINE Vec round(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
CONVFORGE_INLINE Vec exp2_whole(Vec a) {
  const __m256i biased = _mm256_add_epi32(_mm256_cvttps_epi32(a.v), _mm256_set1_epi32(127));
  return {_mm256_castsi256_ps(_mm256_slli_epi32(biased, 23))};
}
CONVFORGE_INLINE Vec mantissa(Vec a) {
  const __m256i bits = _mm256_and_si256(_mm256_castps_si256(a.v), _mm256_set1_epi32(0x007fffff));
  return {_mm256_castsi256_ps(_mm256_or_si256(bits, _mm256_set1_epi32(0x3f000000)))};
}
CONVFORGE_INLINE Vec exponent(Vec a) {
  const __m256i bits = _mm256_srli_epi32(_mm256_castps_si256(a.v), 23);
  return {_mm256_cvtepi32_ps(_mm256_sub_epi32(bits, _mm256_set1_epi32(126)))};
}

CONVFORGE_INLINE Mask greater(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)}; }
CONVFORGE_INLINE Vec select(Mask m, Vec a, Vec b) { return {_mm256_blendv_ps(b.v, a.v, m.v)}; }
CONVFORGE_INLINE Mask stays(Vec best, Vec next) {
  return {_mm256_and_ps(_mm256_cmp_ps(next.v, next.v, _CMP_ORD_Q), _mm256_cmp_ps(next.v, best.v, _CMP_NGT_UQ))};
}

CONVFORGE_INLINE Mask different(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_NEQ_UQ)}; }
CONVFORGE_INLINE Mask both(Mask a, Mask b) { return {_mm256_and_ps(a.v, b.v)}; }

CONVFORGE_INLINE Vec bits_of(Index a) { return {_mm256_castsi256_ps(a.v)}; }
CONVFORGE_INLINE Index index_of(Vec a) { return {_mm256_castps_si256(a.v)}; }
CONVFORGE_INLINE Index broadcast_index(int32_t i) { return {_mm256_set1_epi32(i)}; }
CONVFORGE_INLINE Index select(Mask m, Index a, Index b) {
  return {_mm256_blendv_epi8(b.v, a.v, _mm256_castps_si256(m.v))};
}
CONVFORGE_INLINE Mask equal(Index a, Index b) { return {_mm256_castsi256_ps(_mm256_cmpeq_epi32(a.v, b.v))}; }
CONVFORGE_INLINE void store_index_n(int32_t* p, Index a, int n) { _mm256_maskstore_epi32(p, lane_mask(n), a.v); }
CONVFORGE_INLINE void store_index_n(uint8_t* p, Index a, int n) {
  const __m256i words = _mm256_packus_epi32(a.v, a.v);
  const __m256i bytes = _mm256_packus_epi16(words, words);
  const int32_t halves[2] = {_mm256_extract_epi32(bytes, 0), _mm256_extract_epi32(bytes, 4)};
  __builtin_memcpy(p, halves, static_cast<size_t>(n));
}
CONVFORGE_INLINE Index load_index_n(const int32_t* p, int n) { return {_mm256_maskload_epi32(p, lane_mask(n))}; }
CONVFORGE_INLINE Index load_index_n(const uint8_t* p, int n) {
  uint8_t bytes[8] = {};
  __builtin_memcpy(bytes, p, static_cast<size_t>(n));
  return {_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes)))};
}

// For each of the 256 masks, the numbers of its set lanes in order, one byte each.
struct CompressLanes {
  uint64_t lanes[256];
  constexpr CompressLanes() : lanes() {
    for (int mask = 0; mask < 256; ++mask) {
      int count = 0;
      for (int lane = 0; lane < 8; ++lane) {
        if (mask >> lane & 1) lanes[mask] |= static_cast<uint64_t>(lane) << (8 * count++);
      }
    }
  }
};
CONVFORGE_INLINE __m256i compress_order(int bits) {
  static constexpr CompressLanes kTable;
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(kTable.lanes + bits)));
}
CONVFORGE_INLINE int compress_store(float* p, Mask m, Vec a) {
  const int bits = _mm256_movemask_ps(m.v);
  _mm256_storeu_ps(p, _mm256_permutevar8x32_ps(a.v, compress_order(bits)));
  return __builtin_popcount(static_cast<unsigned>(bits));
}
CONVFORGE_INLINE int compress_store(int32_t* p, Mask m, Index a) {
  const int bits = _mm256_movemask_ps(m.v);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_permutevar8x32_epi32(a.v, compress_order(bits)));
  return __builtin_popcount(static_cast<unsigned>(bits));
}

CONVFORGE_INLINE float reduce_sum(Vec a) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

CONVFORGE_INLINE Vec table_lookup(const float* q, Index i) {
  return {_mm256_permutevar_ps(_mm256_broadcast_ps(reinterpret_cast<const __m128*>(q)), i.v)};
}
CONVFORGE_INLINE void store_128_blocks(float* q, __m256 v) {
  _mm_storeu_ps(q, _mm256_castps256_ps128(v));
  _mm_storeu_ps(q + 16, _mm256_extractf128_ps(v, 1));
}
CONVFORGE_INLINE void store_interleaved4(float* q, Vec a, Vec b, Vec c, Vec d) {
  const __m256 ac = _mm256_unpacklo_ps(a.v, c.v), bd = _mm256_unpacklo_ps(b.v, d.v);
  const __m256 ac_high = _mm256_unpackhi_ps(a.v, c.v), bd_high = _mm256_unpackhi_ps(b.v, d.v);
  store_128_blocks(q, _mm256_unpacklo_ps(ac, bd));
  store_128_blocks(q + 4, _mm256_unpackhi_ps(ac, bd));
  store_128_blocks(q + 8, _mm256_unpacklo_ps(ac_high, bd_high));
  store_128_blocks(q + 12, _mm256_unpackhi_ps(ac_high, bd_high));
}

CONVFORGE_INLINE void transpose_lanes(const float* x, ptrdiff_t x_row, float* y, ptrdiff_t y_row) {
  // Rows i and i + 4 share a register, so that the rest of the transpose stays within 128-bit halves.
  __m256 rows[4][2];
  CONVFORGE_UNROLL for (int i = 0; i < 4; ++i) {
    CONVFORGE_UNROLL for (int half = 0; half < 2; ++half) {
      const float* p = x + i * x_row + 4 * half;
      rows[i][half] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + 4 * x_row), 1);
    }
  }
  CONVFORGE_UNROLL for (int half = 0; half < 2; ++half) {
    const __m256 ac = _mm256_unpacklo_ps(rows[0][half], rows[2][half]);
    const __m256 bd = _mm256_unpacklo_ps(rows[1][half], rows[3][half]);
    const __m256 ac_high = _mm256_unpackhi_ps(rows[0][half], rows[2][half]);
    const __m256 bd_high = _mm256_unpackhi_ps(rows[1][half], rows[3][half]);
    float* q = y + 4 * half * y_row;
    _mm256_storeu_ps(q, _mm256_unpacklo_ps(ac, bd));
    _mm256_storeu_ps(q + y_row, _mm256_unpackhi_ps(ac, bd));
    _mm256_storeu_ps(q + 2 * y_row, _mm256_unpacklo_ps(ac_high, bd_high));
    _mm256_storeu_ps(q + 3 * y_row, _mm256_unpackhi_ps(ac_high, bd_high));
  }
}
