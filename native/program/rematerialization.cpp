#include "program/rematerialization.h"

#include <algorithm>

namespace convforge {
namespace {

// The last node that reads each value, or a view of it. Nothing reads an output after the end.
std::vector<size_t> last_readers(const KeptMemory& memory) {
  std::vector<size_t> last(memory.values.size(), 0);
  for (size_t i = 0; i < memory.nodes.size(); ++i) {
    for (const size_t input : memory.nodes[i].inputs) last[memory.values[input].source] = i;
  }
  for (const KeptMemory::Value& value : memory.values) {
    if (value.stays) last[value.source] = memory.nodes.size();
  }
  return last;
}

// The ends of the segments.
std::vector<size_t> find_cuts(const KeptMemory& memory, const std::vector<size_t>& last, size_t limit) {
  const size_t count = memory.nodes.size();
  std::vector<std::vector<size_t>> read_last(count);  // by node: the values that it reads last
  for (size_t value = 0; value < last.size(); ++value) {
    if (memory.values[value].source == value && last[value] < count) read_last[last[value]].push_back(value);
  }
  std::vector<size_t> ends;
  size_t kept = 0;
  for (size_t begin = 0; begin < count;) {
    const size_t first_value = memory.nodes[begin].first_value;
    std::vector<size_t> crossing;  // by node: bytes of the segment's own values that are read behind it
    size_t held = 0;
    size_t open = 0;
    for (size_t i = begin; i < count; ++i) {
      const KeptMemory::Node& node = memory.nodes[i];
      held += memory.held_by(node);
      if (i > begin && kept + held > limit) break;
      for (size_t value = node.first_value; value < node.first_value + node.outputs; ++value) {
        if (memory.values[value].source == value) open += memory.values[value].bytes;
      }
      for (const size_t value : read_last[i]) {
        if (value >= first_value) open -= memory.values[value].bytes;
      }
      crossing.push_back(open);
    }
    size_t length = crossing.size();
    if (begin + length < count) {
      // The best cut in the second half, and the last one of equals.
      const auto half = crossing.begin() + static_cast<std::ptrdiff_t>(length / 2);
      const auto best = std::min_element(std::make_reverse_iterator(crossing.end()), std::make_reverse_iterator(half));
      length = static_cast<size_t>(best.base() - crossing.begin());
      kept += crossing[length - 1];
    }
    begin += length;
    ends.push_back(begin);
  }
  return ends;
}

}  // namespace

size_t KeptMemory::held_by(const Node& node) const {
  size_t bytes = node.saved;
  for (size_t value = node.first_value; value < node.first_value + node.outputs; ++value) {
    if (values[value].source == value && values[value].needed) bytes += values[value].bytes;
  }
  return bytes;
}

Recomputation cut_into_segments(const KeptMemory& memory, size_t limit) {
  const std::vector<size_t> last = last_readers(memory);
  Recomputation result{.segment_ends = find_cuts(memory, last, limit),
                       .kept = std::vector<bool>(memory.values.size(), true),
                       .again = std::vector<bool>(memory.nodes.size(), false)};
  std::vector<bool> wanted(memory.values.size(), false);  // by source: whether a node that is computed again reads it
  size_t begin = 0;
  for (const size_t end : result.segment_ends) {
    if (end == memory.nodes.size()) break;
    for (size_t i = end; i-- > begin;) {
      const KeptMemory::Node& node = memory.nodes[i];
      bool again = node.saved > 0;
      for (size_t value = node.first_value; value < node.first_value + node.outputs; ++value) {
        const size_t source = memory.values[value].source;
        result.kept[value] = memory.values[source].stays || last[source] >= end;
        const bool is_own = source == value;
        again = again || (is_own && !result.kept[value] && (memory.values[value].needed || wanted[value]));
      }
      result.again[i] = again;
      if (!again) continue;
      for (const size_t input : node.inputs) wanted[memory.values[input].source] = true;
    }
    begin = end;
  }
  return result;
}

}  // namespace convforge
