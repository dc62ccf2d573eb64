// The parts that a batch is computed in, and the tree that their sums are folded by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/collective.h"

namespace convforge {

// A batch of n samples is computed in `count` shards: shard i has the samples [n * i / count, n * (i + 1) / count).
// This process computes all of them, or those of its rank.
struct Shards {
  uint32_t count = 1;
  const convforge_collective* collective = nullptr;  // null: this process computes all

  bool operator==(const Shards&) const = default;
  bool is_split() const { return count > 1; }
  // The shards that this process computes: [first, end).
  uint32_t first() const { return collective ? part(collective->rank) : 0; }
  uint32_t end() const { return collective ? part(collective->rank + 1) : count; }
  // The first sample of a shard in a batch of n.
  int begin_of(uint32_t shard, int n) const { return static_cast<int>(static_cast<int64_t>(n) * shard / count); }
  // The samples of the largest shard of a batch of n.
  int capacity(int n) const { return static_cast<int>((static_cast<int64_t>(n) + count - 1) / count); }

 private:
  uint32_t part(uint32_t rank) const {
    return static_cast<uint32_t>(static_cast<uint64_t>(count) * rank / collective->ranks);
  }
};

// The ranks' agreement to go on. Each rank votes at the beginning of each step, so that all end at the same step, and
// one that leaves in between votes once more. So nobody waits for a rank that has left.
class StepVotes {
 public:
  explicit StepVotes(const convforge_collective* collective) : collective_(collective) {}

  // Begins a vote. Without a collective, nothing is done.
  void begin(bool leaves);
  // Waits for the vote. Throws Error DISTRIBUTED, or Interrupted if this rank itself has voted for leaving.
  void await();
  // Must be called when the training ends early, between two steps or inside one.
  void leave() noexcept;

 private:
  const convforge_collective* collective_;
  uint64_t vote_ = 0;
  uint64_t ticket_ = 0;
  bool leaves_ = false;
  bool ended_ = false;  // whether the others know, or the connection to them has failed
};

// Waits for an operation. Throws Error DISTRIBUTED.
void await_collective(const convforge_collective& collective, uint64_t ticket);

// How this process folds the values of its shards by the tree of collective.h. Shards are counted from its first one.
struct ShardFold {
  explicit ShardFold(const Shards& shards);

  struct Addition {
    size_t to, from;
  };
  std::vector<Addition> additions;    // in order; `to` keeps the sum
  std::vector<convforge_part> parts;  // the largest nodes within these shards, without values
};

}  // namespace convforge
