#include "ops/normalization/channel_normalization.h"
#include "runtime/error.h"

namespace convforge {
namespace {

class GroupNormalizationOp : public ChannelNormalizationOp {
 public:
  GroupNormalizationOp(const NodeDescription& node, const Shape& in) : ChannelNormalizationOp(node, in, Set::kSample) {
    const size_t groups = static_cast<size_t>(node.integer("groups", 1));
    if (channels() % groups != 0) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": " + std::to_string(channels()) + " channels can't be divided into " +
                      std::to_string(groups) + " groups of equal size",
                  node.name);
    }
    set_groups(groups);
  }
};

}  // namespace

std::unique_ptr<Op> make_groupNormalization(const NodeDescription& node, const Shape& in) {
  return std::make_unique<GroupNormalizationOp>(node, in);
}

}  // namespace convforge
