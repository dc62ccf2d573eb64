#include "program/shards.h"

#include <bit>
#include <string>

#include "plan/plan.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class Folder {
 public:
  Folder(const Shards& shards, ShardFold* fold) : first_(shards.first()), end_(shards.end()), fold_(fold) {}

  // Visits the node [begin, end), which has more leaves than those of this process, or as many.
  void find_parts(uint32_t begin, uint32_t end) {
    if (end <= first_ || begin >= end_) return;
    if (begin >= first_ && end <= end_) {
      fold_->parts.push_back({begin, end, nullptr});
      return add(begin, end);
    }
    const uint32_t middle = begin + left_leaves(begin, end);
    find_parts(begin, middle);
    find_parts(middle, end);
  }

 private:
  static uint32_t left_leaves(uint32_t begin, uint32_t end) { return std::bit_floor(end - begin - 1); }

  void add(uint32_t begin, uint32_t end) {
    if (end - begin == 1) return;
    const uint32_t middle = begin + left_leaves(begin, end);
    add(begin, middle);
    add(middle, end);
    fold_->additions.push_back({begin - first_, middle - first_});
  }

  uint32_t first_;
  uint32_t end_;
  ShardFold* fold_;
};

}  // namespace

void await_collective(const convforge_collective& collective, uint64_t ticket) {
  if (collective.wait(collective.context, ticket) == 0) return;
  throw Error("DISTRIBUTED", std::string("the ranks lost each other: ") + collective.message(collective.context));
}

void StepVotes::begin(bool leaves) {
  if (!collective_) return;
  leaves_ = leaves;
  vote_ = leaves ? 1 : 0;
  ticket_ = collective_->max_u64(collective_->context, &vote_);
}

void StepVotes::await() {
  if (!collective_) return;
  ended_ = true;  // unless all go on
  await_collective(*collective_, ticket_);
  if (leaves_) throw Interrupted{};
  if (vote_ > 0) throw Error("DISTRIBUTED", "another rank has ended the training; its message says why");
  ended_ = false;
}

void StepVotes::leave() noexcept {
  if (!collective_ || ended_) return;
  ended_ = true;
  begin(true);
  collective_->wait(collective_->context, ticket_);
}

ShardFold::ShardFold(const Shards& shards) { Folder(shards, this).find_parts(0, shards.count); }

}  // namespace convforge
