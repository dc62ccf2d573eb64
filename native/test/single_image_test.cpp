// A single image is work for several threads, and its results are those that it has in a batch.
#include <doctest/doctest.h>

#include "ops/division.h"
#include "test/conv_case.h"
#include "test/support.h"

using namespace convforge;
using namespace convforge::test;

namespace {

const Numbers kSame = {1, 1, 1, 1};
const Numbers kNone = {0, 0, 0, 0};

struct SingleCase {
  std::string algorithm;
  ConvCase conv;
};

ConvCase grouped(ConvCase c, int groups, int dilation = 1) {
  c.groups = groups;
  c.dilation = dilation;
  return c;
}

// Each is worth two tasks at least. Five images of the smaller ones have many tiles for Winograd's algorithm, one has
// few. Filters and rows don't divide evenly.
std::vector<SingleCase> cases() {
  return {
      {"winograd", {8, 8, 128, 3, 128, kSame, "relu", 1, 1, 5}},
      {"winograd", {16, 15, 64, 3, 72, kSame, "sigmoid", 1, 1, 5}},
      {"winograd", {30, 31, 16, 3, 40, kSame, "relu", 2, 2, 3}},
      {"winograd", {12, 12, 32, 5, 64, kNone, "relu", 2, 2, 20}},
      {"winograd", {36, 40, 32, 3, 32, kSame, "linear", 3, 2, 3}},
      {"winograd", {40, 44, 24, 3, 33, kSame, "linear", 1, 1, 3}},
      {"pointwise", {4, 4, 256, 1, 320, kNone, "relu", 1, 1, 5}},
      {"pointwise", {14, 15, 70, 1, 50, kNone, "sigmoid", 1, 1, 20}},
      {"pointwise", grouped({9, 9, 128, 1, 160, kNone, "linear", 1, 1, 5}, 4)},
      {"direct", {30, 31, 3, 5, 40, {2, 2, 2, 2}, "tanh", 1, 1, 5, true}},
      {"direct", {29, 30, 3, 3, 70, kSame, "relu", 2, 2, 17}},
      {"direct", {30, 31, 3, 5, 33, {2, 2, 2, 2}, "sigmoid", 3, 2, 5, true}},
      {"direct", grouped({3, 3, 320, 3, 200, {2, 2, 2, 2}, "relu", 1, 1, 3}, 1, 2)},
      {"direct", grouped({14, 14, 64, 3, 64, kSame, "sigmoid", 1, 1, 5}, 4)},
      {"depthwise", grouped({20, 19, 64, 3, 64, kSame, "tanh", 1, 1, 5}, 64)},
  };
}

// The values of image i of `count`.
template <typename Type>
std::vector<Type> part(const std::vector<Type>& values, int i, int count) {
  const ptrdiff_t size = static_cast<ptrdiff_t>(values.size()) / count;
  return {values.begin() + i * size, values.begin() + (i + 1) * size};
}

}  // namespace

TEST_CASE("a convolution of a single image is several tasks, and has the bits that the image has in a batch") {
  for (const SingleCase& c : cases()) {
    const int images = c.conv.images;
    CAPTURE(c.algorithm);
    CAPTURE(c.conv.height);
    CAPTURE(c.conv.filters);
    const ConvData d(c.conv);
    const bool training = c.conv.pool_rows > 1;  // to see the indices too
    ConvRun batch(c.conv, d.kernel, d.bias, training);
    REQUIRE(batch.algorithms()[0] == c.algorithm);
    batch.run(d.x, d.dy, 2);
    ConvCase one = c.conv;
    one.images = 1;
    for (const int capacity : {1, images}) {
      ConvRun single(one, d.kernel, d.bias, training, capacity);
      CHECK(ConvRun(one, d.kernel, d.bias, false, capacity).most_tasks() >= 2);
      for (const int threads : {1, 2, 3, 5}) {
        const int i = threads % images;
        single.run(part(d.x, i, images), part(d.dy, i, images), threads);
        CHECK(same_bits(single.y, part(batch.y, i, images)));
        if (training) CHECK(single.index == part(batch.index, i, images));
      }
    }
  }
}

TEST_CASE("ops that copy and pool have the same values for one sample as in a batch, for any number of threads") {
  const std::map<std::string, Attribute> resized = {{"kind", std::string("bilinear")}, {"size", Numbers{95, 97}}};
  Builder b({90, 91, 5});
  b.add("rescaling", {{"scale", 1.0 / 255}, {"offset", -0.25}}, {}, {90, 91, 5});
  b.add("resize", resized, {}, {95, 97, 5});
  b.add_to({2, 2}, "concatenate", {{"axis", 2.0}}, {}, {95, 97, 10});
  b.add("pool2d",
        {{"kind", std::string("max")}, {"size", Numbers{3, 3}}, {"strides", Numbers{2, 2}}, {"padding", kSame}}, {},
        {48, 49, 10});
  b.add("activation", {{"kind", std::string("sigmoid")}}, {}, {48, 49, 10});
  b.add_to({4, 5}, "add", {}, {}, {48, 49, 10});
  Run run(b.description, true);
  const size_t size = run.program.output_size(0);
  std::vector<float> all(20 * size);
  lead_team(1, [&](Team& team) { run.predict(0, 20, all.data(), team); });
  CHECK(std::abs(all[0]) > 0);
  for (const int threads : {1, 2, 3, 5}) {
    lead_team(threads, [&](Team& team) {
      for (const int i : {0, 7}) {
        std::vector<float> y(size);
        run.predict(static_cast<size_t>(i), 1, y.data(), team);
        CHECK(same_bits(y, part(all, i, 20)));
      }
    });
  }
}

TEST_CASE("a product is cut so that its tasks share as little memory as possible") {
  const auto cut = [](size_t tasks, size_t rows, double left, size_t columns, double right) {
    const Cut c = cut_product(tasks, rows, left, columns, right);
    return std::vector<size_t>{c.rows, c.columns};
  };
  using Sizes = std::vector<size_t>;
  CHECK(cut(1, 50, 10, 50, 1000) == Sizes{1, 1});
  CHECK(cut(16, 50, 10, 50, 1000) == Sizes{1, 16});
  CHECK(cut(16, 50, 1000, 50, 10) == Sizes{16, 1});
  CHECK(cut(16, 50, 100, 50, 100) == Sizes{4, 4});
  CHECK(cut(16, 3, 1000, 50, 10) == Sizes{3, 6});
  CHECK(cut(16, 3, 1000, 2, 10) == Sizes{3, 2});
}

TEST_CASE("small work is one task, and no work is more than 16") {
  CHECK(tasks_of(0) == 1);
  CHECK(tasks_of(3e5) == 1);
  CHECK(tasks_of(9e5) == 2);
  CHECK(tasks_of(1e12) == kMaxTasks);
}
