// Single nodes from a fuzzer's bytes.
#pragma once

#include <string>
#include <vector>

#include "plan/description.h"
#include "test/fuzz/choices.h"

namespace convforge::fuzz {

// Makes the attributes and parameters of a node that fit its input.
class NodeMaker {
 public:
  NodeMaker(Choices& choices, Shape in) : choices(choices), in(std::move(in)) {}

  void set(const std::string& key, Attribute value);
  void size(const std::string& key) { set(key, choices.between(1, 4)); }
  void number(const std::string& key) { set(key, choices.between(-8, 8) / 4); }
  void fraction(const std::string& key) { set(key, choices.between(0, 7) / 8); }
  void flag(const std::string& key) { set(key, choices.flag()); }
  void word(const std::string& key, const std::vector<const char*>& words) { set(key, choices.word(words)); }
  // `count` whole numbers.
  void wholes(const std::string& key, size_t count, int low, int high);
  // [low, high], `count` times.
  void ranges(const std::string& key, size_t count);
  // Sizes that are 1 or the input's.
  Shape one_or_all(const std::string& key);
  void window(bool dilated);
  void parameter(const std::string& name, const Shape& shape, bool trainable = true);
  // The parameter in three cases of four.
  void perhaps(const std::string& name, const Shape& shape);

  int64_t last() const { return in.empty() ? 1 : in.back(); }
  int64_t axis(size_t i) const { return i < in.size() ? in[i] : 1; }
  size_t any_axis() { return in.empty() ? 0 : choices.below(in.size()); }

  Choices& choices;
  const Shape in;
  NodeDescription node;
};

// A node of some op with this input. Its outputs aren't set.
NodeDescription make_any_node(Choices& choices, const Shape& in);

// Whether the op takes several inputs.
bool takes_several(const std::string& op);

}  // namespace convforge::fuzz
