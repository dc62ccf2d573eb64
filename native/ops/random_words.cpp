#include "ops/random_words.h"

#include <cmath>

#include "runtime/error.h"

namespace convforge {
namespace {

// Reads an integer in [0, 2^bits). Throws Error INVALID_ARGUMENT.
uint64_t read_whole(const NodeDescription& node, const char* attribute, int bits) {
  const double value = node.number(attribute);
  if (!(value >= 0 && value < std::ldexp(1.0, bits)) || value != std::floor(value)) {
    throw Error("INVALID_ARGUMENT",
                node.name + ": the " + attribute + " must be a whole number in [0, 2^" + std::to_string(bits) +
                    "), not " + format_number(value),
                node.name);
  }
  return static_cast<uint64_t>(value);
}

}  // namespace

RandomSource::RandomSource(const NodeDescription& node)
    : stream_(static_cast<uint32_t>(read_whole(node, "stream", 32))) {
  if (node.attributes.count("seed") > 0) seed_ = read_whole(node, "seed", 53);
}

}  // namespace convforge
