// One lane: the fallback, and the plainest statement of what the vector operations mean. No include guard: each
// target's wrapper includes its own vec header once, inside its region.

constexpr int kLanes = 1;
// Rows and vectors of the matrix-multiplication tile held in registers.
constexpr int kTileRows = 4;
constexpr int kTileVecs = 3;
// Where a panel's row is several tiles wide, and the memory would see it read in parts: the depth by which all tiles go
// together; 0 for all of it.
constexpr int kTileDepth = 0;

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
// The first n of kLanes lanes; the others are 0.
CONVFORGE_INLINE Vec load_n(const float* p, int) { return {*p}; }
CONVFORGE_INLINE Vec load_u8(const uint8_t* p) { return {static_cast<float>(*p)}; }
CONVFORGE_INLINE Vec load_u8_n(const uint8_t* p, int) { return load_u8(p); }
CONVFORGE_INLINE void store(float* p, Vec a) { *p = a.v; }
CONVFORGE_INLINE void store_n(float* p, Vec a, int) { *p = a.v; }

// Past the caches; p is on a vector's boundary. stream_fence() before another thread may read it.
CONVFORGE_INLINE void stream(float* p, Vec a) { store(p, a); }
CONVFORGE_INLINE void stream_fence() {}

CONVFORGE_INLINE Vec add(Vec a, Vec b) { return {a.v + b.v}; }
CONVFORGE_INLINE Vec sub(Vec a, Vec b) { return {a.v - b.v}; }
CONVFORGE_INLINE Vec mul(Vec a, Vec b) { return {a.v * b.v}; }
CONVFORGE_INLINE Vec div(Vec a, Vec b) { return {a.v / b.v}; }
// a * b + c, rounded once.
CONVFORGE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {std::fma(a.v, b.v, c.v)}; }
CONVFORGE_INLINE Vec sqrt(Vec a) { return {std::sqrt(a.v)}; }
// a > b ? a : b: b if either is NaN.
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
// Whether the maximum so far stays when `next` comes: `next` is a number that isn't greater. The first of equals stays,
// and NaN wins over every number, whichever comes first.
CONVFORGE_INLINE Mask stays(Vec best, Vec next) { return !(next.v > best.v) && next.v == next.v; }

CONVFORGE_INLINE Mask different(Vec a, Vec b) { return a.v != b.v; }
CONVFORGE_INLINE Mask both(Mask a, Mask b) { return a && b; }

// The same bits as the other.
CONVFORGE_INLINE Vec bits_of(Index a) { return {std::bit_cast<float>(a.v)}; }
CONVFORGE_INLINE Index index_of(Vec a) { return {std::bit_cast<int32_t>(a.v)}; }
CONVFORGE_INLINE Index broadcast_index(int32_t i) { return {i}; }
CONVFORGE_INLINE Index select(Mask m, Index a, Index b) { return m ? a : b; }
CONVFORGE_INLINE Mask equal(Index a, Index b) { return a.v == b.v; }
CONVFORGE_INLINE void store_index_n(int32_t* p, Index a, int) { *p = a.v; }
CONVFORGE_INLINE void store_index_n(uint8_t* p, Index a, int) { *p = static_cast<uint8_t>(a.v); }
CONVFORGE_INLINE Index load_index_n(const int32_t* p, int) { return {*p}; }
CONVFORGE_INLINE Index load_index_n(const uint8_t* p, int) { return {*p}; }

// Stores the lanes in m next to each other and says how many they are; a whole vector may be written.
CONVFORGE_INLINE int compress_store(float* p, Mask m, Vec a) {
  *p = a.v;
  return m;
}
CONVFORGE_INLINE int compress_store(int32_t* p, Mask m, Index a) {
  *p = a.v;
  return m;
}

// The sum of the lanes: as long as there are several, the first half plus the second.
CONVFORGE_INLINE float fold(Vec a) { return a.v; }

// q[index of each lane], of four; 16 are readable.
CONVFORGE_INLINE Vec pick(const float* q, Index i) { return {q[i.v]}; }
// a, b, c and d lane by lane: a0 b0 c0 d0 a1 b1...
CONVFORGE_INLINE void store_quads(float* q, Vec a, Vec b, Vec c, Vec d) {
  q[0] = a.v;
  q[1] = b.v;
  q[2] = c.v;
  q[3] = d.v;
}

// y[j][i] = x[i][j] for kLanes x kLanes.
CONVFORGE_INLINE void transpose_lanes(const float* x, ptrdiff_t, float* y, ptrdiff_t) { *y = *x; }
