#include "plan/placement.h"

#include <algorithm>
#include <numeric>

namespace convforge {
namespace {

// Ranges of memory. They are disjoint, in order, and adjacent ones are one range.
class TakenRanges {
 public:
  struct Range {
    size_t begin, end;
  };

  // Returns the number of ranges that were looked at.
  size_t add(Range added) {
    auto first = first_ending(added.begin);
    auto last = first;
    while (last != ranges_.end() && last->begin <= added.end) {
      added.begin = std::min(added.begin, last->begin);
      added.end = std::max(added.end, last->end);
      ++last;
    }
    const size_t joined = static_cast<size_t>(last - first);
    if (joined == 0) {
      ranges_.insert(first, added);
    } else {
      *first = added;
      ranges_.erase(first + 1, last);
    }
    return joined + 1;
  }

  // Moves `offset` up to the end of the first range that overlaps [offset, offset + bytes). Returns false if none does.
  bool push_up(size_t* offset, size_t bytes) {
    const auto range = first_ending(*offset + 1);
    if (range == ranges_.end() || range->begin >= *offset + bytes) return false;
    *offset = range->end;
    return true;
  }

 private:
  // The first range whose end is at least this.
  std::vector<Range>::iterator first_ending(size_t end) {
    return std::lower_bound(ranges_.begin(), ranges_.end(), end,
                            [](const Range& range, size_t value) { return range.end < value; });
  }

  std::vector<Range> ranges_;
};

// The memory that is taken in each stage: a tree over the stages. Node 1 stands for all stages, and nodes 2 i and
// 2 i + 1 for the halves of node i. A life is cut into the largest nodes that lie within it. Buffers whose lives are
// alike are mostly neighbours in memory too, so a node has few ranges.
class TakenMemory {
 public:
  explicit TakenMemory(size_t stages) {
    while (leaves_ < stages) leaves_ *= 2;
    nodes_.resize(2 * leaves_);
  }

  void take(const Life& life, size_t offset) {
    const TakenRanges::Range range{offset, offset + life.bytes};
    visit(life, [&](Node& node, bool within) {
      if (within) work_ += node.throughout.add(range);
      work_ += node.anywhere.add(range);
    });
  }

  size_t lowest_free(const Life& life) {
    overlapping_.clear();
    visit(life, [&](Node& node, bool within) { overlapping_.push_back(within ? &node.anywhere : &node.throughout); });
    size_t offset = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (TakenRanges* ranges : overlapping_) {
        ++work_;
        while (ranges->push_up(&offset, life.bytes)) {
          ++work_;
          moved = true;
        }
      }
    }
    return offset;
  }

  size_t work() const { return work_; }

 private:
  struct Node {
    TakenRanges throughout;  // of buffers that were cut into this node
    TakenRanges anywhere;    // of all buffers that live in any of its stages
  };

  // Calls visit(node, within) for the nodes that the life is cut into, and for all nodes above these.
  template <typename Visit>
  void visit(const Life& life, Visit visit) {
    struct Part {
      size_t node, first, last;
    };
    Part parts[2 * 64];
    size_t count = 0;
    parts[count++] = {1, 0, leaves_ - 1};
    while (count > 0) {
      const auto [node, first, last] = parts[--count];
      if (life.last < first || last < life.first) continue;
      const bool within = life.first <= first && last <= life.last;
      visit(nodes_[node], within);
      if (within) continue;
      const size_t middle = first + (last - first) / 2;
      parts[count++] = {2 * node, first, middle};
      parts[count++] = {2 * node + 1, middle + 1, last};
    }
  }

  size_t leaves_ = 1;
  std::vector<Node> nodes_;
  std::vector<TakenRanges*> overlapping_;
  size_t work_ = 0;
};

}  // namespace

Placement place_buffers(const std::vector<Life>& lives) {
  Placement placement;
  placement.offsets.assign(lives.size(), 0);
  size_t stages = 1;
  for (const Life& life : lives) stages = std::max(stages, life.last + 1);
  std::vector<size_t> order(lives.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lives[a].bytes > lives[b].bytes; });
  TakenMemory taken(stages);
  for (const size_t i : order) {
    if (lives[i].bytes == 0) continue;
    const size_t offset = taken.lowest_free(lives[i]);
    taken.take(lives[i], offset);
    placement.offsets[i] = offset;
    placement.bytes = std::max(placement.bytes, offset + lives[i].bytes);
  }
  placement.work = taken.work();
  return placement;
}

}  // namespace convforge
