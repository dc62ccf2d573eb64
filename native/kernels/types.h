// What kernels take. Kernels are single-threaded functions over one tile of work; ops call them through a KernelTable.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// An elementwise function. Those up to kSoftsign rise monotonically, and their derivative follows from their value.
struct Activation {
  enum class Kind {
    kLinear,
    kRelu,
    kBoundedRelu,
    kElu,
    kSelu,
    kExponential,
    kSigmoid,
    kHardSigmoid,
    kTanh,
    kSoftplus,
    kSoftsign,
    kGelu,
    kGeluTanh,
    kSilu,
    kMish,
    kHardSwish
  };
  Kind kind = Kind::kLinear;
  float alpha = 0.0f;  // slope below the threshold of kBoundedRelu, factor of kElu
  float threshold = 0.0f;
  float maximum = __builtin_inff();
};

// C[m][n] = sum over segments s and depth k of A(i, s, k) * B(s, k, j), each element a chain of fused multiply-adds in
// the order of s, then k, whatever the tile sizes: so that all instruction sets give the same bits. A(i, s, k) = a[i *
// a_row + k * a_depth + a_segments[s]], where a_row or a_depth is 1. B(s, k, j) = b[s * b_segment + k * b_depth + j].
struct Gemm {
  int m = 0;
  int n = 0;
  int depth = 0;
  int segments = 1;
  const float* a = nullptr;
  ptrdiff_t a_row = 0;
  ptrdiff_t a_depth = 0;
  const ptrdiff_t* a_segments = nullptr;  // null: one segment at offset 0
  const float* b = nullptr;
  ptrdiff_t b_depth = 0;
  ptrdiff_t b_segment = 0;
  float* c = nullptr;
  ptrdiff_t c_row = 0;
  bool accumulate = false;      // the chain starts from C, not from 0
  const float* bias = nullptr;  // n values, added after the sum
  bool relu = false;            // after the bias
  // What is fetched into the caches meanwhile:
  ptrdiff_t a_ahead = 0;  // what lies so many floats behind A, for a later product,
  bool fetch_c = false;   // and C, where it isn't there yet
};

// Appends, for one row of pooling windows over `channels` of the filters, what isn't zero to the lists of the cells
// that won: list_values and list_ids[begin[cell], end[cell]), in the order of channels. Cells are those under the
// windows, cells_row to a row. Writes up to 15 floats past what it appends.
struct LiveLists {
  const float* values = nullptr;   // [outputs] rows, value_row apart
  const uint8_t* index = nullptr;  // the winner's place in each window, or null without pooling
  ptrdiff_t value_row = 0;
  int outputs = 0;
  int places = 1;
  int pool_columns = 1;
  int cells_row = 0;
  int channels = 0;
  const int32_t* ids = nullptr;  // what is listed for each channel
  int32_t* begin = nullptr;
  int32_t* end = nullptr;
  float* list_values = nullptr;
  int32_t* list_ids = nullptr;
  int count = 0;  // entries before and after
};

// Appends, for one row of pooling windows, what isn't zero to one list a channel: the value, and the offset of its
// cell.
struct LiveChannels {
  const float* values = nullptr;   // [outputs][channels]
  const uint8_t* index = nullptr;  // the same, or null without pooling
  int outputs = 0;
  int channels = 0;
  int32_t offset = 0;                      // of the first window,
  int32_t output_offset = 0;               // from one window to the next,
  const int32_t* place_offsets = nullptr;  // and of each place in a window
  float* list_values = nullptr;            // [channels][capacity], of which one more than is listed may be written
  int32_t* list_offsets = nullptr;
  ptrdiff_t capacity = 0;
  int32_t* counts = nullptr;  // entries of each channel, before and after
};

// y[list][r][j] = (y[list][r][j] +) sum over the list's entries of value * x[offset + r * x_row + j], for j < width.
// Whole blocks of 16 are read and written, so y's rows are padded and x must be readable as far.
struct SparseSums {
  int lists = 0;
  const float* values = nullptr;  // [lists][capacity]
  const int32_t* offsets = nullptr;
  const int32_t* counts = nullptr;
  ptrdiff_t capacity = 0;
  const float* x = nullptr;
  int rows = 1;
  ptrdiff_t x_row = 0;
  int width = 0;
  float* y = nullptr;
  ptrdiff_t y_list = 0;
  ptrdiff_t y_row = 0;
  bool accumulate = false;
};

// Adds to an image's dx [in_h][in_w][channels] what the live cells of a convolution's output give, stride 1: for each
// kernel row i, output row, output column o and entry e of the cell's list, in this order, and all kernel columns j (3
// or 5 of them), dx[o_h + i][o + j][c] += values[e] * kernel[c / kPanel][i][ids[e] + j * kPanel + c % kPanel].
struct SparseInput {
  const float* values = nullptr;
  const int32_t* ids = nullptr;
  const int32_t* begin = nullptr;  // [out_h][out_w]
  const int32_t* end = nullptr;
  int out_h = 0;
  int out_w = 0;
  const float* kernel = nullptr;
  ptrdiff_t kernel_panel = 0;  // floats between panels of channels,
  ptrdiff_t kernel_row = 0;    // and between kernel rows
  int kernel_rows = 0;
  int kernel_columns = 0;
  float* dx = nullptr;
  int in_w = 0;
  int channels = 0;
};

// y[r][j] = the four floats x[r][j], x[r][j + column], x[r][j + row] and x[r][j + row + column], for j < width: what
// the places of a 2x2 pooling window see.
struct Quads {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  int rows = 0;
  int width = 0;
  ptrdiff_t row = 0;
  ptrdiff_t column = 0;
  float* y = nullptr;
};

// y[i][j][f] = (y[i][j][f] +) sum over windows (oh, ow), in order, of values * quad[index], for kernel rows i, j <
// width and up to kPanel filters f. The quad of a window and tap is at quads + oh * quad_output_row + ow * quad_output
// + i * quad_row + 4 * j. y is [rows][width][kPanel].
struct TapGradient {
  const float* values = nullptr;   // [out_h][out_w] rows of filters, value_row apart
  const uint8_t* index = nullptr;  // of the winner in its 2x2 window, alike
  ptrdiff_t value_row = 0;
  int out_h = 0;
  int out_w = 0;
  int filters = 0;
  const float* quads = nullptr;
  ptrdiff_t quad_output_row = 0;
  ptrdiff_t quad_output = 0;
  ptrdiff_t quad_row = 0;
  int rows = 0;
  int width = 0;
  float* y = nullptr;
  bool accumulate = false;
};

// Winograd's transforms (kernels/winograd.inl.h) for kernels of taps x taps, 3 or 5. The values of a tile at its (taps
// + 3)^2 points are `point` floats apart, each with a row of whole vectors of channels.

// A tile of the input, [taps + 3][taps + 3][channels] from x, or of the output's gradient, [4][4][channels]: rows and
// columns outside [begin, end) are zero and not read.
struct WinogradTile {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  ptrdiff_t x_column = 0;
  int row_begin = 0;
  int row_end = 0;
  int column_begin = 0;
  int column_end = 0;
  int channels = 0;
  float* points = nullptr;
  ptrdiff_t point = 0;
};

// A tile of 4 x 4 outputs from its values, plus bias, then its largest of each 2 x 2 (with `pool`), then the
// activation. Of the result, rows x columns are stored.
struct WinogradOutput {
  const float* points = nullptr;
  ptrdiff_t point = 0;
  const float* bias = nullptr;  // or null
  Activation activation = {};
  bool pool = false;
  int rows = 0;
  int columns = 0;
  int channels = 0;
  float* y = nullptr;
  ptrdiff_t y_row = 0;
  ptrdiff_t y_column = 0;
  uint8_t* index = nullptr;  // where each came from in its 2 x 2, laid out as y; or null
};

// n kernels, whole vectors, whose cells [taps][taps] are `cell` floats apart.
struct WinogradFilter {
  const float* cells = nullptr;
  ptrdiff_t cell = 0;
  int n = 0;
  float* points = nullptr;
  ptrdiff_t point = 0;
};

// The way back, for gradients.
struct WinogradFilterGradient {
  const float* points = nullptr;
  ptrdiff_t point = 0;
  int n = 0;
  float* cells = nullptr;
  ptrdiff_t cell = 0;
};

// One row of pooling windows over rows of x: window o covers `rows` rows and the columns [column_begin[o],
// column_end[o]).
struct PoolRow {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  ptrdiff_t x_column = 0;
  int rows = 0;
  int outputs = 0;
  const int32_t* column_begin = nullptr;
  const int32_t* column_end = nullptr;
  int channels = 0;
  float* y = nullptr;
  ptrdiff_t y_column = 0;
};

// Ranges [begin[i], end[i]).
struct Ranges {
  const int32_t* begin = nullptr;
  const int32_t* end = nullptr;
};

// dx for the rows [row_begin, row_end) of an image [height][width][channels]: in each cell the sum, over the windows
// that it is in, row by row, of what it gets of dy [output rows][outputs][channels].
struct PoolGradient {
  const float* dy = nullptr;
  int outputs = 0;
  Ranges rows;          // under each row of windows,
  Ranges columns;       // and under each column of them
  Ranges over_rows;     // the rows of windows over each row of the image,
  Ranges over_columns;  // and the columns of windows over each of its columns
  float* dx = nullptr;
  int row_begin = 0;
  int row_end = 0;
  int width = 0;
  int channels = 0;
  bool stream = false;  // dx goes past the caches; it and its cells are whole cache lines then
};

// The gradient of a row of windows for maxima: adds to, or with `overwrite` (windows that don't overlap) replaces, dx.
struct UnpoolRow {
  const float* dy = nullptr;
  ptrdiff_t dy_column = 0;
  int rows = 0;
  int outputs = 0;
  const int32_t* column_begin = nullptr;
  const int32_t* column_end = nullptr;
  int channels = 0;
  float* dx = nullptr;
  ptrdiff_t dx_row = 0;
  ptrdiff_t dx_column = 0;
  bool overwrite = false;
};

// A row of windows of a depthwise convolution over rows of x, [width][channels] each. Row i and column j of window o
// lie at x[i * x_row + (first + o * stride + j * dilation) * channels]; columns outside of [0, width) are left out. Of
// a kernel, or its gradient, channel c of that row and column is at [c / kPanel * w_panel + c % kPanel + i * w_row + j
// * w_column].
struct DepthwiseWindows {
  const float* x = nullptr;
  ptrdiff_t x_row = 0;
  int width = 0;
  int channels = 0;
  int rows = 0;
  int columns = 0;
  int first = 0;
  int stride = 1;
  int dilation = 1;
  ptrdiff_t w_panel = 0;
  ptrdiff_t w_row = 0;
  ptrdiff_t w_column = 0;
  int outputs = 0;
  const float* next_x = nullptr;  // a row of x that will be wanted next, or null
};

// y[o * y_column + c] = the sum over the rows and columns of window o, in that order, of x * w: a chain of fused
// multiply-adds, then bias and relu as in Gemm.
struct DepthwiseRow : DepthwiseWindows {
  const float* w = nullptr;
  float* y = nullptr;
  ptrdiff_t y_column = 0;
  const float* bias = nullptr;
  bool relu = false;
  bool stream = false;  // y goes past the caches; it and y_column are whole cache lines then, channels too
};

// Adds to each element of dw the sum over the windows, in order, of x * dy[o * channels + c], a chain that starts from
// dw.
struct DepthwiseGradientRow : DepthwiseWindows {
  const float* dy = nullptr;
  float* dw = nullptr;
  const float* next_dy = nullptr;  // as next_x
};

// Of each channel of x [rows][channels], rows `row` floats apart, one or more: the mean, and the sum of the squared
// distances from it. Rounding errors are small against the standard deviation however large the mean is.
struct ChannelMoments {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int rows = 0;
  int channels = 0;
  float* mean = nullptr;     // [channels]
  float* squares = nullptr;  // [channels]
};

// y = (x - mean) * scale + shift by channels, then relu; x and y are [rows][channels], rows `row` floats apart.
struct ChannelNormalize {
  const float* x = nullptr;
  ptrdiff_t row = 0;
  int rows = 0;
  int channels = 0;
  const float* mean = nullptr;  // [channels]
  const float* scale = nullptr;
  const float* shift = nullptr;
  bool relu = false;
};

// Of the gradient dy by y, g being what relu lets through of it: sum = sum over rows of g and product = sum over rows
// of g * (x - mean); or the gradient dx = scale * g + sum + product * (x - mean).
struct ChannelGradient : ChannelNormalize {
  const float* dy = nullptr;  // laid out as x
  float* sum = nullptr;       // [channels]
  float* product = nullptr;   // [channels]
};

// y = (x - mean) * inverse * gamma + beta over a row of n.
struct RowNormalize {
  const float* x = nullptr;
  int n = 0;
  float mean = 0;
  float inverse = 0;  // 1 / the standard deviation
  const float* gamma = nullptr;
  const float* beta = nullptr;
};

// Of the gradient dy by y, with g = gamma * dy: the sums over the row of g and of g * (x - mean); what the row adds to
// the gradients of gamma and beta; and dx = inverse * g + sum_part + product_part * (x - mean). beta isn't read.
struct RowGradient : RowNormalize {
  const float* dy = nullptr;
};

// Numbers that losses take. A target t counts as t * target_scale + target_shift: smoothed, where it is for a class.
struct LossNumbers {
  float target_scale = 1.0f;
  float target_shift = 0.0f;
  float delta = 1.0f;
  float gamma = 2.0f;
  float alpha = 1.0f;        // what a target of 1 weighs,
  float other_alpha = 1.0f;  // and one of 0, where there are two
};

// Rows of n class scores against targets: exactly one of `labels` (a class a row) and `targets` (n values a row) is
// set. Writes the loss of each row and, where dx is given, the gradient of grad_scale * the sum of losses.
struct CrossEntropy {
  const float* x = nullptr;  // logits, or probabilities
  const int32_t* labels = nullptr;
  const float* targets = nullptr;
  int rows = 0;
  int n = 0;
  LossNumbers numbers = {};
  float* probabilities = nullptr;  // logits only: where to write softmax(x)
  float* row_loss = nullptr;
  float* dx = nullptr;
  float grad_scale = 0.0f;
};

// Losses of single elements, a prediction x against a target t: formulas in lib/program/description.ts. Those of
// logits are of the sigmoid of x.
enum class ElementLoss {
  kSquared,
  kHalfSquared,
  kAbsolute,
  kPercentage,
  kSquaredLogarithmic,
  kHuber,
  kLogCosh,
  kHinge,
  kSquaredHinge,
  kPoisson,
  kDivergence,
  kBinary,
  kBinaryOfLogits,
  kFocal,
  kFocalOfLogits,
};

// Writes the loss of each of n elements and, where dx is given, its derivative by x times grad_scale.
struct ElementLosses {
  const float* x = nullptr;
  const float* t = nullptr;
  size_t n = 0;
  LossNumbers numbers = {};
  float* values = nullptr;
  float* dx = nullptr;
  float grad_scale = 0.0f;
};

// Weights that an optimizer updates, with their gradient and its slots in their order (null: it has no such slot).
struct WeightPiece {
  float* w = nullptr;
  const float* g = nullptr;
  float* slots[3] = {};
  size_t n = 0;
};

// Updates of pieces of weights. Formulas and slots: OptimizerDescription in lib/program/description.ts. What depends on
// the step alone is in the factors.

struct Sgd : WeightPiece {
  float rate = 0.0f;
  float momentum = 0.0f;
  bool nesterov = false;
};

struct Adam : WeightPiece {
  float rate = 0.0f;  // with the bias correction in it
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
  float epsilon = 0.0f;
};

struct Adamax : WeightPiece {
  float rate = 0.0f;  // with the bias correction in it
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float epsilon = 0.0f;
};

struct Nadam : WeightPiece {
  float mean_rate = 0.0f;      // of m,
  float gradient_rate = 0.0f;  // and of the gradient itself, with bias corrections and momentum schedule in them
  float square_scale = 0.0f;   // the bias correction of v
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
  float epsilon = 0.0f;
};

struct RmsProp : WeightPiece {
  float rate = 0.0f;
  float rho = 0.0f;
  float one_minus_rho = 0.0f;
  float momentum = 0.0f;
  float epsilon = 0.0f;
};

struct Adagrad : WeightPiece {
  float rate = 0.0f;
  float epsilon = 0.0f;
};

struct Adadelta : WeightPiece {
  float rate = 0.0f;
  float rho = 0.0f;
  float one_minus_rho = 0.0f;
  float epsilon = 0.0f;
};

struct Lion : WeightPiece {
  float rate = 0.0f;
  float beta1 = 0.0f;
  float beta2 = 0.0f;
  float one_minus_beta1 = 0.0f;
  float one_minus_beta2 = 0.0f;
};

// Rows of a matrix in panels whose norms are bounded together. With `across`, the rows' columns share one norm; else
// each column of the one panel has its own. w = w * (rate * clip(norm) + (1 - rate) * norm) / (norm + 1e-7).
struct NormBound {
  float* w = nullptr;             // the first panel
  const int32_t* rows = nullptr;  // offsets of the rows, in floats
  int count = 0;
  size_t panels = 1;
  ptrdiff_t panel = 0;  // floats between panels
  bool across = false;
  float minimum = 0.0f;
  float maximum = 0.0f;
  float rate = 1.0f;
};

// Fused multiply-adds on registers alone: the most that a core can do.
struct FmaPeak {
  size_t rounds = 0;
  double flops = 0;  // done, additions and multiplications
  float result = 0;
};

// The storage of a matrix [k][n] that is the right-hand side of a product: panels of kPanel columns, [n /
// kPanel][k][kPanel], the last one padded with zeros. It is the same for every instruction set.
inline constexpr int kPanel = 32;

}  // namespace convforge
