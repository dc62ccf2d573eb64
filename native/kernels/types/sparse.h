// Kernels that skip the zeros which max-pooling and ReLU leave in a gradient. A value is live if it isn't zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convforge {

// Appends the live values of one row of pooling windows, in `channels` of the filters, to the lists of the winning
// cells: list_values and list_ids [begin[cell], end[cell]), in the order of channels. Cells are numbered row by row,
// cells_row to a row. May write up to 15 floats past the last entry.
struct LiveLists {
  const float* values = nullptr;   // [outputs] rows, value_row apart
  const uint8_t* index = nullptr;  // the winning index of each window, or null without pooling
  ptrdiff_t value_row = 0;
  int outputs = 0;
  int window_cells = 1;
  int pool_columns = 1;
  int cells_row = 0;
  int channels = 0;
  const int32_t* ids = nullptr;  // the id to list for each channel
  int32_t* begin = nullptr;
  int32_t* end = nullptr;
  float* list_values = nullptr;
  int32_t* list_ids = nullptr;
  int count = 0;  // number of entries, on entry and on return
};

// Appends the live values of some rows of pooling windows to one list per channel: the value and the offset of its
// cell. May write up to 15 entries past the last.
struct LiveChannels {
  const float* values = nullptr;   // [rows][outputs][channels]
  const uint8_t* index = nullptr;  // the winning index of each window, or null without pooling
  int rows = 1;
  int outputs = 0;
  int channels = 0;
  int32_t offset = 0;         // of the first window
  int32_t row_offset = 0;     // from one row of windows to the next
  int32_t output_offset = 0;  // from one window to the next
  int window_cells = 1;
  const int32_t* cell_offsets = nullptr;  // of each cell in a window
  float* list_values = nullptr;           // [channels][capacity]
  int32_t* list_offsets = nullptr;
  ptrdiff_t capacity = 0;
  int32_t* counts = nullptr;  // number of entries of each channel, on entry and on return
};

// y[list][r][j] = (y[list][r][j] +) sum over the list's entries of value * x[offset + r * x_row + j], for j < width.
// Reads and writes whole blocks of 16: rows of y must be padded, and x must be readable as far.
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

// Adds the gradient of a stride-1 convolution's live output cells to an image's dx [in_h][in_w][channels]. For each
// kernel row i, output row o_h, output column o and entry e of the cell's list, in this order, and all kernel columns j
// (3 or 5): dx[o_h + i][o + j][c] += values[e] * kernel[c / kPanel][i][ids[e] + j * kPanel + c % kPanel].
struct SparseInput {
  const float* values = nullptr;
  const int32_t* ids = nullptr;
  const int32_t* begin = nullptr;  // [out_h][out_w]
  const int32_t* end = nullptr;
  int out_h = 0;
  int out_w = 0;
  const float* kernel = nullptr;
  ptrdiff_t kernel_panel = 0;  // floats between panels of channels
  ptrdiff_t kernel_row = 0;    // floats between kernel rows
  int kernel_rows = 0;
  int kernel_columns = 0;
  float* dx = nullptr;
  int in_w = 0;
  int channels = 0;
};

// y[r][j] = the four floats x[r][j], x[r][j + column], x[r][j + row] and x[r][j + row + column], for j < width: the
// inputs that a kernel tap meets at the four cells of a 2x2 pooling window.
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
// width and up to kPanel filters f. The quad of a window and a tap is at quads + oh * quad_output_row + ow *
// quad_output + i * quad_row + 4 * j. 12 more floats must be readable behind the last quad. y is [rows][width][kPanel].
struct TapGradient {
  const float* values = nullptr;   // [out_h][out_w] rows of filters, value_row apart
  const uint8_t* index = nullptr;  // the winning index of each 2x2 window, laid out as values
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

}  // namespace convforge
