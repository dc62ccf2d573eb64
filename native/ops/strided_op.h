#pragma once

#include <vector>

#include "ops/sample_op.h"

namespace convforge {

// The stride of each axis of a row-major array.
Shape row_major(const Shape& shape);

// A block of elements, with its offset and strides in the input and in the output, in floats.
struct Block {
  Shape sizes;
  Shape in_strides, out_strides;
  int64_t in_first = 0, out_first = 0;
};

// Copies a block. Output elements outside it are `fill`. The gradient by an input element is the sum over its copies.
class StridedOp : public SampleOp {
 public:
  StridedOp(const NodeDescription& node, const Shape& in, Shape out, Block block, float fill = 0);

 protected:
  size_t parts() const override { return parts_.size(); }
  void forward(const float* x, float* y, size_t part) const override;
  void backward(const float* x, const float* dy, float* dx) const override;

 private:
  Block block_;
  std::vector<Block> parts_;  // of the block, for the tasks of a forward pass
  Block back_;                // the block with input and output swapped
  bool repeats_ = false;      // whether an input element has several copies
  bool fills_ = false;
  bool fills_back_ = false;
  float fill_ = 0;
};

}  // namespace convforge
