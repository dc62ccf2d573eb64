// Ops that copy elements by strides: permute, broadcast and pad.
#include <algorithm>
#include <string>

#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// A block of elements, with its offset and strides in the input and in the output, in floats.
struct Block {
  Shape sizes;
  Shape in_strides, out_strides;
  int64_t in_first = 0, out_first = 0;
};

Shape row_major(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

// Calls visit(in, out) for the first element of each row (last axis) of the block, in row-major order.
template <typename Visit>
void visit_rows(const Block& block, size_t axis, int64_t in, int64_t out, const Visit& visit) {
  if (axis + 1 == block.sizes.size()) {
    visit(in, out);
    return;
  }
  for (int64_t i = 0; i < block.sizes[axis]; ++i)
    visit_rows(block, axis + 1, in + i * block.in_strides[axis], out + i * block.out_strides[axis], visit);
}

// Copies a block. Output elements outside it are 0. The gradient by an input element is the sum over its copies.
class StridedOp : public SampleOp {
 public:
  StridedOp(const NodeDescription& node, const Shape& in, Shape out, Block block)
      : SampleOp(node, in, std::move(out)), block_(std::move(block)) {
    fills_ = size_of(this->out) != size_of(block_.sizes);
  }

 protected:
  void forward(const float* x, float* y, size_t) const override {
    if (fills_) std::fill(y, y + size_of(out), 0.0f);
    const int64_t count = block_.sizes.back();
    const int64_t step = block_.in_strides.back();
    visit_rows(block_, 0, block_.in_first, block_.out_first, [=](int64_t from, int64_t to) {
      if (step == 1)
        std::copy(x + from, x + from + count, y + to);
      else
        for (int64_t i = 0; i < count; ++i) y[to + i] = x[from + i * step];
    });
  }

  void backward(const float*, const float* dy, float* dx) const override {
    std::fill(dx, dx + size_of(in), 0.0f);
    const int64_t count = block_.sizes.back();
    const int64_t step = block_.in_strides.back();
    visit_rows(block_, 0, block_.in_first, block_.out_first, [=](int64_t from, int64_t to) {
      for (int64_t i = 0; i < count; ++i) dx[from + i * step] += dy[to + i];
    });
  }

 private:
  Block block_;
  bool fills_;
};

}  // namespace

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

std::unique_ptr<Op> make_pad(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  const std::vector<int> before = node.integers("before", in.size(), -static_cast<int>(kMaxElements));
  const std::vector<int> after = node.integers("after", in.size(), -static_cast<int>(kMaxElements));
  Shape out;
  Block block{{}, row_major(in), {}};
  for (size_t axis = 0; axis < in.size(); ++axis) {
    const int64_t kept = in[axis] + std::min(before[axis], 0) + std::min(after[axis], 0);
    if (kept < 1) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": axis " + std::to_string(axis) + " of " + to_string(in) + " would become empty",
                  node.name);
    }
    block.sizes.push_back(kept);
    out.push_back(in[axis] + before[axis] + after[axis]);
  }
  checked_size(out, "output", node.name);
  block.out_strides = row_major(out);
  for (size_t axis = 0; axis < in.size(); ++axis) {
    block.in_first += std::max(-before[axis], 0) * block.in_strides[axis];
    block.out_first += std::max(before[axis], 0) * block.out_strides[axis];
  }
  return std::make_unique<StridedOp>(node, in, out, block);
}

}  // namespace convforge
