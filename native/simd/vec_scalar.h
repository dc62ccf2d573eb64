// One lane: the fallback target, and the reference for what each vector operation means. There is no include guard:
// each targets/<isa>.cpp includes its vec header once, inside its region.

constexpr int kLanes = 1;
// The micro-kernel's register tile: kTileRows rows by kTileVecs vectors of C.
constexpr int kTileRows = 4;
constexpr int kTileVecs = 3;
// Depth of a cache block of B. 0 means that the whole depth is one block. It is set where a row of a panel spans
// several tiles, so that the rows are still in cache for the next column of tiles.
constexpr int kTileDepth = 0;
// Steps of the depth that a pass of the micro-kernel's loop takes.
constexpr int kDepthUnroll = 1;
// Whether products of many rows pack B (kernels/packed_gemm.inl.h).
constexpr bool kPacksB = false;

struct Vec {
  float v;
};
struct Index {
  int32_t v;
};
using Mask = bool;

CONVFORGE_INLINE Vec zero() { return {0.0f}; }
CONVFORGE_INLINE Vec broadcast(float x) { return {x}; }
CONVFORGE_INLINE Vec load(const float* p) { return {*p}; }
// Loads the first n lanes and zeros the others.
CONVFORGE_INLINE Vec load_n(const float* p, int) { return {*p}; }
CONVFORGE_INLINE Vec load_u8(const uint8_t* p) { return {static_cast<float>(*p)}; }
CONVFORGE_INLINE Vec load_u8_n(const uint8_t* p, int) { return load_u8(p); }
CONVFORGE_INLINE void store(float* p, Vec a) { *p = a.v; }
CONVFORGE_INLINE void store_n(float* p, Vec a, int) { *p = a.v; }

// Non-temporal store. p must be aligned to a vector. Call stream_fence() before another thread reads the data.
CONVFORGE_INLINE void stream(float* p, Vec a) { store(p, a); }
CONVFORGE_INLINE void stream_fence() {}

CONVFORGE_INLINE Vec add(Vec a, Vec b) { return {a.v + b.v}; }
CONVFORGE_INLINE Vec sub(Vec a, Vec b) { return {a.v - b.v}; }
CONVFORGE_INLINE Vec mul(Vec a, Vec b) { return {a.v * b.v}; }
CONVFORGE_INLINE Vec div(Vec a, Vec b) { return {a.v / b.v}; }
// a * b + c, rounded once.
CONVFORGE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {scalar_fma(a.v, b.v, c.v)}; }
CONVFORGE_INLINE Vec sqrt(Vec a) { return {std::sqrt(a.v)}; }
// a > b ? a : b. The result is b if either is NaN.
CONVFORGE_INLINE Vec max(Vec a, Vec b) { return {a.v > b.v ? a.v : b.v}; }
CONVFORGE_INLINE Vec min(Vec a, Vec b) { return {a.v < b.v ? a.v : b.v}; }
CONVFORGE_INLINE Vec abs(Vec a) { return {std::fabs(a.v)}; }
CONVFORGE_INLINE Vec round(Vec a) { return {std::nearbyint(a.v)}; }
// 2^a for whole a in [-126, 127]; 0 for -127.
CONVFORGE_INLINE Vec exp2_whole(Vec a) { return {std::bit_cast<float>((static_cast<int32_t>(a.v) + 127) << 23)}; }
// Splits a positive normal number into a mantissa in [0.5, 1) and an exponent.
CONVFORGE_INLINE Vec mantissa(Vec a) {
  return {std::bit_cast<float>((std::bit_cast<int32_t>(a.v) & 0x007fffff) | 0x3f000000)};
}
CONVFORGE_INLINE Vec exponent(Vec a) { return {static_cast<float>((std::bit_cast<int32_t>(a.v) >> 23) - 126)}; }

CONVFORGE_INLINE Mask greater(Vec a, Vec b) { return a.v > b.v; }
CONVFORGE_INLINE Vec select(Mask m, Vec a, Vec b) { return m ? a : b; }
// Whether the running maximum `best` stays when `next` is compared: true if `next` is a number that isn't greater. So
// the first of equal values stays, and NaN beats every number, whichever comes first.
CONVFORGE_INLINE Mask stays(Vec best, Vec next) { return !(next.v > best.v) && next.v == next.v; }

CONVFORGE_INLINE Mask different(Vec a, Vec b) { return a.v != b.v; }
CONVFORGE_INLINE Mask both(Mask a, Mask b) { return a && b; }

// Bit casts between floats and indices.
CONVFORGE_INLINE Vec bits_of(Index a) { return {std::bit_cast<float>(a.v)}; }
CONVFORGE_INLINE Index index_of(Vec a) { return {std::bit_cast<int32_t>(a.v)}; }
CONVFORGE_INLINE Index broadcast_index(int32_t i) { return {i}; }
CONVFORGE_INLINE Index select(Mask m, Index a, Index b) { return m ? a : b; }
CONVFORGE_INLINE Mask equal(Index a, Index b) { return a.v == b.v; }
CONVFORGE_INLINE void store_index_n(int32_t* p, Index a, int) { *p = a.v; }
CONVFORGE_INLINE void store_index_n(uint8_t* p, Index a, int) { *p = static_cast<uint8_t>(a.v); }
CONVFORGE_INLINE Index load_index_n(const int32_t* p, int) { return {*p}; }
CONVFORGE_INLINE Index load_index_n(const uint8_t* p, int) { return {*p}; }

// Stores the lanes in m contiguously and returns their count. May write a whole vector.
CONVFORGE_INLINE int compress_store(float* p, Mask m, Vec a) {
  *p = a.v;
  return m;
}
CONVFORGE_INLINE int compress_store(int32_t* p, Mask m, Index a) {
  *p = a.v;
  return m;
}

// The sum of the lanes, added by halves: the first half plus the second, until one lane is left.
CONVFORGE_INLINE float reduce_sum(Vec a) { return a.v; }

// Looks up q[i] for each lane, 0 <= i < 4. 16 floats must be readable at q.
CONVFORGE_INLINE Vec table_lookup(const float* q, Index i) { return {q[i.v]}; }
// Interleaves four vectors: a0 b0 c0 d0 a1 b1...
CONVFORGE_INLINE void store_interleaved4(float* q, Vec a, Vec b, Vec c, Vec d) {
  q[0] = a.v;
  q[1] = b.v;
  q[2] = c.v;
  q[3] = d.v;
}

// y[j][i] = x[i][j] for a block of kLanes x kLanes.
CONVFORGE_INLINE void transpose_lanes(const float* x, ptrdiff_t, float* y, ptrdiff_t) { *y = *x; }
