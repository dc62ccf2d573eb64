// The gathering input gradient against plain code, bit for bit: one chain of multiply-adds over the kernel's cells from
// last to first, and over the filters of each.
#include <doctest/doctest.h>

#include "test/conv_case.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

// Outputs are visited in rising order, and so the cells that reach one input in falling order.
std::vector<float> input_gradient(const ConvCase& c, const ConvData& d) {
  std::vector<float> dx(c.input_floats(), 0.0f);
  c.visit([&](size_t in, size_t k, size_t out) { dx[in] = std::fma(d.dy[out], d.kernel[k], dx[in]); });
  return dx;
}

ConvRun make(const ConvCase& c, const ConvData& d) { return ConvRun(c, d.kernel, d.bias, true); }

std::string reason(const ConvCase& c) { return make(c, ConvData(c)).reason("gather"); }

// Groups of less than a vector, of a part of a panel, and of several panels; dilation; all paddings; even sizes.
std::vector<ConvCase> cases() {
  return {
      {12, 11, 64, 3, 64, {1, 1, 1, 1}, "linear", 1, 1, 2, false, 4},
      {9, 14, 12, 3, 24, {1, 0, 2, 1}, "linear", 1, 1, 3, false, 3},
      {17, 13, 96, 3, 48, {2, 2, 2, 2}, "linear", 1, 1, 2, false, 2, 2},
      {13, 12, 31, 3, 33, {2, 2, 2, 2}, "linear", 1, 1, 2, false, 1, 2},
      {14, 15, 40, 2, 70, {1, 0, 0, 1}, "linear", 1, 1, 5},
      {11, 10, 70, 3, 17, {1, 1, 1, 1}, "linear", 1, 1, 2, true},
  };
}

}  // namespace

TEST_CASE("an input gradient by gathering has the bits of its definition, for any number of threads") {
  for (const ConvCase& c : cases()) {
    CAPTURE(c.height);
    CAPTURE(c.channels);
    CAPTURE(c.groups);
    const ConvData d(c);
    ConvRun run = make(c, d);
    REQUIRE(run.algorithms()[2] == "gather");
    const std::vector<float> expected = input_gradient(c, d);
    for (const int threads : {1, 3}) {
      run.run(d.x, d.dy, threads);
      CHECK(same_bits(run.d_x, expected));
    }
  }
}

TEST_CASE("the gather algorithm declines with the reason") {
  CHECK(reason({12, 12, 1, 5, 32}) == "scattering takes less than half as many multiply-adds");
  CHECK(reason({12, 12, 32, 2, 32, {2, 0, 0, 0}}) == "its padding is wider than its kernel");
}
