// The sparse kernels against plain code. Values are integers, so every order of summation gives exactly the same sum.
#include <doctest/doctest.h>

#include "targets/dispatch.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

// Integers of which about two thirds are zero.
std::vector<float> mostly_zeros(Random& random, size_t n) {
  std::vector<float> values = random.wholes(n, 4);
  for (float& value : values) {
    if (random.word() % 3 != 0) value = 0;
  }
  return values;
}

std::vector<uint8_t> random_indices(Random& random, size_t n, uint32_t count) {
  std::vector<uint8_t> index(n);
  for (uint8_t& place : index) place = static_cast<uint8_t>(random.word() % count);
  return index;
}

}  // namespace

TEST_CASE("list_live lists each cell's live channels in order") {
  constexpr int kOutputs = 3, kRows = 2, kColumns = 2, kCellsRow = 7;
  for (const KernelTable* k : supported_kernels()) {
    for (const int channels : {1, 5, 8, 16, 17, 40}) {
      CAPTURE(std::string(k->name));
      CAPTURE(channels);
      Random random(static_cast<uint32_t>(channels));
      const size_t n = static_cast<size_t>(kOutputs * channels);
      const auto values = mostly_zeros(random, n);
      const auto index = random_indices(random, n, kRows * kColumns);
      std::vector<int32_t> ids(static_cast<size_t>(channels));
      for (int c = 0; c < channels; ++c) ids[static_cast<size_t>(c)] = 100 * c;
      std::vector<int32_t> begin(kRows * kCellsRow, -1), end(kRows * kCellsRow, -1);
      std::vector<int32_t> list_ids(n + 20);
      Guarded list_values(n + 18);
      LiveLists l;
      l.values = values.data();
      l.index = index.data();
      l.value_row = channels;
      l.outputs = kOutputs;
      l.window_cells = kRows * kColumns;
      l.pool_columns = kColumns;
      l.cells_row = kCellsRow;
      l.channels = channels;
      l.ids = ids.data();
      l.begin = begin.data();
      l.end = end.data();
      l.list_values = list_values.data();
      l.list_ids = list_ids.data();
      l.count = 2;
      k->list_live(l);
      CHECK(list_values.intact());
      int count = 2;
      for (int row = 0; row < kRows; ++row) {
        for (int column = 0; column < kCellsRow; ++column) {
          const size_t cell = static_cast<size_t>(row * kCellsRow + column);
          if (column == kOutputs * kColumns) {
            CHECK(begin[cell] == -1);
            continue;
          }
          const int o = column / kColumns;
          const int place = row * kColumns + column % kColumns;
          int at = begin[cell];
          for (int c = 0; c < channels; ++c) {
            const size_t i = static_cast<size_t>(o * channels + c);
            if (values[i] == 0 || index[i] != place) continue;
            REQUIRE(at < end[cell]);
            CHECK(list_values.data()[at] == values[i]);
            CHECK(list_ids[static_cast<size_t>(at)] == 100 * c);
            ++at;
            ++count;
          }
          CHECK(at == end[cell]);
        }
      }
      CHECK(l.count == count);
    }
  }
}

TEST_CASE("list_live_by_channel appends value and offset to each channel's list") {
  constexpr int kRows = 3;
  const int32_t cell_offsets[] = {0, 3, 50, 53, 100, 103};
  for (const KernelTable* k : supported_kernels()) {
    for (const int outputs : {1, 5, 8, 11}) {
      for (const size_t channels : {1, 9, 16, 37}) {
        CAPTURE(std::string(k->name));
        CAPTURE(outputs);
        CAPTURE(channels);
        Random random(7);
        const size_t cells = static_cast<size_t>(kRows * outputs);
        const auto values = mostly_zeros(random, cells * channels);
        const auto index = random_indices(random, cells * channels, 6);
        const size_t capacity = 2 * cells + 15;
        std::vector<float> list_values(channels * capacity);
        std::vector<int32_t> list_offsets(channels * capacity);
        std::vector<int32_t> counts(channels, 0);
        LiveChannels l;
        l.values = values.data();
        l.index = index.data();
        l.rows = kRows;
        l.outputs = outputs;
        l.channels = static_cast<int>(channels);
        l.offset = 1000;
        l.row_offset = 200;
        l.output_offset = 6;
        l.window_cells = 6;
        l.cell_offsets = cell_offsets;
        l.list_values = list_values.data();
        l.list_offsets = list_offsets.data();
        l.capacity = static_cast<ptrdiff_t>(capacity);
        l.counts = counts.data();
        k->list_live_by_channel(l);
        l.offset = 2000;
        l.index = nullptr;
        k->list_live_by_channel(l);
        for (size_t c = 0; c < channels; ++c) {
          size_t at = c * capacity;
          for (int pass = 0; pass < 2; ++pass) {
            for (size_t o = 0; o < cells; ++o) {
              const size_t i = o * channels + c;
              if (values[i] == 0) continue;
              CHECK(list_values[at] == values[i]);
              const int32_t window = static_cast<int32_t>(o) / outputs * 200 + static_cast<int32_t>(o) % outputs * 6;
              const int32_t offset = pass == 0 ? cell_offsets[index[i]] : 0;
              CHECK(list_offsets[at] == 1000 * (pass + 1) + window + offset);
              ++at;
            }
          }
          CHECK(counts[c] == static_cast<int32_t>(at - c * capacity));
        }
      }
    }
  }
}

TEST_CASE("sparse_sums adds up weighted rows of x, for every width and number of rows") {
  constexpr int kLists = 3, kCapacity = 6, kRow = 500;
  const std::vector<int32_t> counts = {0, 6, 3};
  for (const KernelTable* k : supported_kernels()) {
    for (const int width : {1, 15, 16, 48, 80, 160, 200, 400}) {
      for (const int rows : {1, 2, 3, 5, 7}) {
        CAPTURE(std::string(k->name));
        CAPTURE(width);
        CAPTURE(rows);
        Random random(static_cast<uint32_t>(width * 10 + rows));
        const auto x = random.wholes(kRow * 8 + 64, 3);
        const auto values = random.wholes(kLists * kCapacity, 3);
        std::vector<int32_t> offsets(kLists * kCapacity);
        for (int32_t& offset : offsets) offset = static_cast<int32_t>(random.word() % 64);
        const size_t padded = (static_cast<size_t>(width) + 15) / 16 * 16;
        const size_t list_floats = static_cast<size_t>(rows) * padded;
        Guarded y(kLists * list_floats, 2);
        SparseSums s;
        s.lists = kLists;
        s.values = values.data();
        s.offsets = offsets.data();
        s.counts = counts.data();
        s.capacity = kCapacity;
        s.x = x.data();
        s.rows = rows;
        s.x_row = kRow;
        s.width = width;
        s.y = y.data();
        s.y_list = static_cast<ptrdiff_t>(list_floats);
        s.y_row = static_cast<ptrdiff_t>(padded);
        for (const bool accumulate : {true, false}) {
          s.accumulate = accumulate;
          k->sparse_sums(s);
          CHECK(y.intact());
          for (size_t list = 0; list < kLists; ++list) {
            for (size_t r = 0; r < static_cast<size_t>(rows); ++r) {
              for (size_t j = 0; j < static_cast<size_t>(width); ++j) {
                float sum = accumulate ? 2.0f : 0.0f;
                for (size_t e = 0; e < static_cast<size_t>(counts[list]); ++e) {
                  const size_t at = list * kCapacity + e;
                  sum += values[at] * x[static_cast<size_t>(offsets[at]) + r * kRow + j];
                }
                REQUIRE(y.data()[list * list_floats + r * padded + j] == sum);
              }
            }
          }
        }
      }
    }
  }
}

TEST_CASE("sparse_input adds the kernels of live cells to the input's gradient") {
  constexpr int kOutH = 3, kFilters = 4, kRows = 2;
  for (const KernelTable* k : supported_kernels()) {
    for (const int columns : {3, 5}) {
      for (const int out_w : {1, 8, 13, 25}) {
        for (const int channels : {8, 13, 32, 40}) {
          CAPTURE(std::string(k->name));
          CAPTURE(columns);
          CAPTURE(out_w);
          CAPTURE(channels);
          Random random(static_cast<uint32_t>(columns + out_w * 10 + channels * 1000));
          const int in_w = out_w + columns - 1;
          const size_t cells = static_cast<size_t>(kOutH * out_w);
          const size_t filter = static_cast<size_t>(columns * kPanel);
          const size_t panel = kRows * kFilters * filter;
          const auto kernel = random.wholes(2 * panel, 3);
          std::vector<float> values;
          std::vector<int32_t> ids, begin(cells), end(cells);
          for (size_t cell = 0; cell < cells; ++cell) {
            begin[cell] = static_cast<int32_t>(ids.size());
            for (uint32_t f = 0; f < kFilters; ++f) {
              if (random.word() % 2 == 0) continue;
              ids.push_back(static_cast<int32_t>(f * filter));
              values.push_back(random.whole(3));
            }
            end[cell] = static_cast<int32_t>(ids.size());
          }
          const size_t dx_size = static_cast<size_t>((kOutH + kRows - 1) * in_w * channels);
          Guarded dx(dx_size, 1);
          std::vector<float> expected(dx_size, 1);
          for (size_t o = 0; o < kOutH; ++o) {
            for (size_t c = 0; c < static_cast<size_t>(out_w); ++c) {
              const size_t cell = o * static_cast<size_t>(out_w) + c;
              for (int32_t e = begin[cell]; e < end[cell]; ++e) {
                const size_t at = static_cast<size_t>(e);
                for (size_t i = 0; i < kRows; ++i) {
                  for (size_t j = 0; j < static_cast<size_t>(columns); ++j) {
                    for (size_t x = 0; x < static_cast<size_t>(channels); ++x) {
                      const float weight = kernel[x / kPanel * panel + i * kFilters * filter +
                                                  static_cast<size_t>(ids[at]) + j * kPanel + x % kPanel];
                      expected[((o + i) * static_cast<size_t>(in_w) + c + j) * static_cast<size_t>(channels) + x] +=
                          values[at] * weight;
                    }
                  }
                }
              }
            }
          }
          SparseInput s;
          s.values = values.data();
          s.ids = ids.data();
          s.begin = begin.data();
          s.end = end.data();
          s.out_h = kOutH;
          s.out_w = out_w;
          s.kernel = kernel.data();
          s.kernel_panel = static_cast<ptrdiff_t>(panel);
          s.kernel_row = static_cast<ptrdiff_t>(kFilters * filter);
          s.kernel_rows = kRows;
          s.kernel_columns = columns;
          s.dx = dx.data();
          s.in_w = in_w;
          s.channels = channels;
          k->sparse_input(s);
          CHECK(dx.intact());
          CHECK(same_bits(dx.values(), expected));
        }
      }
    }
  }
}
