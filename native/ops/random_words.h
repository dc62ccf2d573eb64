#pragma once

#include <array>
#include <optional>

#include "plan/description.h"
#include "plan/plan.h"
#include "runtime/rng.h"

namespace convforge {

// The random words of one op in one step. Word e of a batch is word e % 4 of the Philox block with counter [e / 4,
// stream, iteration] and key seed. `first` is the word of the batch with which this shard of it begins. Any thread may
// make any of them; making them in order is fastest.
class RandomWords {
 public:
  RandomWords(uint64_t seed, uint64_t iteration, uint32_t stream, size_t first)
      : seed_(seed), iteration_(iteration), stream_(stream), first_(first) {}

  uint32_t operator()(size_t e) {
    e += first_;
    if (e / 4 != block_) {
      block_ = e / 4;
      words_ = philox({static_cast<uint32_t>(block_), stream_, static_cast<uint32_t>(iteration_),
                       static_cast<uint32_t>(iteration_ >> 32)},
                      {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)});
    }
    return words_[e % 4];
  }

 private:
  uint64_t seed_;
  uint64_t iteration_;
  uint32_t stream_;
  size_t first_;
  size_t block_ = ~size_t{0};
  std::array<uint32_t, 4> words_ = {};
};

// The source of an op's random words: the attributes `stream` and, if the op has its own seed, `seed`.
class RandomSource {
 public:
  // Throws Error INVALID_ARGUMENT.
  explicit RandomSource(const NodeDescription& node);

  // For an op that takes `per_sample` words for each sample.
  RandomWords words(const Step& s, size_t per_sample) const {
    return {seed_.value_or(s.seed), s.iteration, stream_, static_cast<size_t>(s.batch_begin) * per_sample};
  }

 private:
  uint32_t stream_;
  std::optional<uint64_t> seed_;  // instead of the step's
};

}  // namespace convforge
