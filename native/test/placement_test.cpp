#include "plan/placement.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "test/support.h"

using namespace convforge;

namespace {

// The same by looking at all buffers that were placed before.
std::vector<size_t> place_by_search(const std::vector<Life>& lives) {
  std::vector<size_t> order(lives.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lives[a].bytes > lives[b].bytes; });
  std::vector<size_t> offsets(lives.size());
  for (size_t placed = 0; placed < order.size(); ++placed) {
    const Life& life = lives[order[placed]];
    const auto is_free = [&](size_t offset) {
      return std::none_of(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(placed), [&](size_t i) {
        const Life& other = lives[i];
        return other.first <= life.last && life.first <= other.last && offset < offsets[i] + other.bytes &&
               offsets[i] < offset + life.bytes;
      });
    };
    // The lowest free offset is 0 or the end of another buffer.
    std::vector<size_t> ends = {0};
    for (size_t i = 0; i < placed; ++i) ends.push_back(offsets[order[i]] + lives[order[i]].bytes);
    std::sort(ends.begin(), ends.end());
    offsets[order[placed]] = *std::find_if(ends.begin(), ends.end(), is_free);
  }
  return offsets;
}

// A training step of layers that keep their outputs for the backward pass and need memory for themselves. Every
// `group` layers, a value of all of them is read, as in a network of dense blocks.
std::vector<Life> training_step(size_t layers, size_t group) {
  std::vector<Life> lives;
  for (size_t i = 0; i < layers; ++i) {
    const size_t back = 2 * layers - i;
    const size_t bytes = 64 * (1 + i % group);
    const size_t group_end = (i / group + 1) * group;
    lives.push_back({bytes, i, back});
    lives.push_back({1024, i, i});
    lives.push_back({bytes, std::min(back, 2 * layers - std::min(group_end, layers)), back});
    lives.push_back({4096, back, back});
  }
  return lives;
}

}  // namespace

TEST_CASE("buffers get the lowest free memory, the largest first") {
  test::Random random(1);
  for (size_t count : {0, 1, 2, 3, 10, 60}) {
    for (int repeat = 0; repeat < 30; ++repeat) {
      std::vector<Life> lives;
      for (size_t i = 0; i < count; ++i) {
        const size_t first = random.word() % 40;
        lives.push_back({64 * (1 + random.word() % 6), first, first + random.word() % (repeat % 2 ? 40 : 4)});
      }
      const Placement placement = place_buffers(lives);
      CHECK(placement.offsets == place_by_search(lives));
      size_t end = 0;
      for (size_t i = 0; i < count; ++i) end = std::max(end, placement.offsets[i] + lives[i].bytes);
      CHECK(placement.bytes == end);
    }
  }
}

TEST_CASE("an empty buffer takes no memory") {
  const Placement placement = place_buffers({{64, 0, 3}, {0, 0, 3}, {64, 1, 2}});
  CHECK(placement.offsets == std::vector<size_t>{0, 0, 64});
  CHECK(placement.bytes == 128);
}

TEST_CASE("the work of placing buffers grows nearly as their number does") {
  for (const size_t group : {1, 7, 40}) {
    CAPTURE(group);
    const auto work = [group](size_t layers) { return place_buffers(training_step(layers, group)).work; };
    CHECK(work(4000) < 6 * work(1000));
    CHECK(work(4000) < 200 * 4 * 4000);
  }
}
