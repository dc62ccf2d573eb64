// Ops that copy elements by strides: permute, broadcast and slice. See also pad.cpp.
#include <string>

#include "ops/strided_op.h"
#include "runtime/error.h"

namespace convforge {

std::unique_ptr<Op> make_permute(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  const std::vector<int> axes = node.integers("axes", in.size(), 0);
  Shape out;
  Shape strides;
  std::vector<bool> seen(in.size(), false);
  for (const int axis : axes) {
    const size_t a = static_cast<size_t>(axis);
    if (a >= in.size() || seen[a]) {
      throw Error("INVALID_ARGUMENT", node.name + ": axes takes each axis of " + to_string(in) + " once, from 0 on",
                  node.name);
    }
    seen[a] = true;
    out.push_back(in[a]);
    strides.push_back(row_major(in)[a]);
  }
  return std::make_unique<StridedOp>(node, in, out, Block{out, strides, row_major(out)});
}

std::unique_ptr<Op> make_broadcast(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  const Shape out = node.sizes("shape");
  Shape strides = row_major(in);
  bool fits = out.size() == in.size();
  for (size_t axis = 0; fits && axis < in.size(); ++axis) {
    fits = in[axis] == out[axis] || in[axis] == 1;
    if (in[axis] != out[axis]) strides[axis] = 0;
  }
  if (!fits) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": " + to_string(in) + " can't be repeated to " + to_string(out) +
                    "; both need as many axes, and those that grow have size 1",
                node.name);
  }
  return std::make_unique<StridedOp>(node, in, out, Block{out, strides, row_major(out)});
}

std::unique_ptr<Op> make_slice(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  const std::vector<int> starts = node.integers("starts", in.size(), 0);
  const std::vector<int> sizes = node.integers("sizes", in.size(), 1);
  const std::vector<int> steps = node.integers("steps", in.size(), -static_cast<int>(kMaxElements));
  const Shape out(sizes.begin(), sizes.end());
  Block block{out, row_major(in), {}};
  for (size_t axis = 0; axis < in.size(); ++axis) {
    const int64_t last = starts[axis] + (out[axis] - 1) * int64_t{steps[axis]};
    if (steps[axis] == 0) throw Error("INVALID_ARGUMENT", node.name + ": steps takes numbers other than 0", node.name);
    if (starts[axis] >= in[axis] || last < 0 || last >= in[axis]) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": from " + std::to_string(starts[axis]) + " to " + std::to_string(last) +
                      " along axis " + std::to_string(axis) + " leaves " + to_string(in),
                  node.name);
    }
    block.in_first += starts[axis] * block.in_strides[axis];
    block.in_strides[axis] *= steps[axis];
  }
  block.out_strides = row_major(out);
  return std::make_unique<StridedOp>(node, in, out, block);
}

}  // namespace convforge
