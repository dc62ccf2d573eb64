#include "ops/strided_op.h"

#include <algorithm>

#include "ops/activation.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

void move_axis(Block& block, size_t from, size_t to) {
  for (Shape* each : {&block.sizes, &block.in_strides, &block.out_strides}) {
    const int64_t value = (*each)[from];
    each->erase(each->begin() + static_cast<std::ptrdiff_t>(from));
    each->insert(each->begin() + static_cast<std::ptrdiff_t>(to), value);
  }
}

// The same elements in the same order, with as few axes as possible, but one at least.
Block merged(const Block& block) {
  Block result{{1}, {1}, {1}, block.in_first, block.out_first};
  for (size_t axis = 0; axis < block.sizes.size(); ++axis) {
    const int64_t size = block.sizes[axis];
    const int64_t in = block.in_strides[axis];
    const int64_t out = block.out_strides[axis];
    if (size == 1) continue;
    int64_t& last = result.sizes.back();
    if (last == 1) {
      last = size;
    } else if (result.in_strides.back() == in * size && result.out_strides.back() == out * size) {
      last *= size;
    } else {
      result.sizes.push_back(size);
      result.in_strides.push_back(in);
      result.out_strides.push_back(out);
      continue;
    }
    result.in_strides.back() = in;
    result.out_strides.back() = out;
  }
  return result;
}

// The same elements in an order that suits copying: the last axis is contiguous in the output, and the one before it in
// the input, if there are such axes.
Block arranged(Block block) {
  const size_t last = block.sizes.size() - 1;
  for (size_t axis = 0; axis < last; ++axis)
    if (block.out_strides[axis] == 1) move_axis(block, axis, last);
  for (size_t axis = 0; axis + 1 < last; ++axis)
    if (block.in_strides[axis] == 1) move_axis(block, axis, last - 1);
  return block;
}

// Cuts a block along its longest axis.
std::vector<Block> parts_of(const Block& block) {
  const size_t axis =
      static_cast<size_t>(std::max_element(block.sizes.begin(), block.sizes.end()) - block.sizes.begin());
  const int64_t size = block.sizes[axis];
  const int64_t tasks = static_cast<int64_t>(floats_of(block.sizes) / kElementsPerTask);
  const int64_t count = std::clamp<int64_t>(tasks, 1, std::min<int64_t>(size, 64));
  std::vector<Block> parts;
  for (int64_t i = 0; i < count; ++i) {
    Block part = block;
    const int64_t begin = size * i / count;
    part.sizes[axis] = size * (i + 1) / count - begin;
    part.in_first += begin * part.in_strides[axis];
    part.out_first += begin * part.out_strides[axis];
    parts.push_back(std::move(part));
  }
  return parts;
}

// Calls visit(in, out) for the first element of each part of `inner` axes, in row-major order.
template <typename Visit>
void visit(const Block& block, size_t inner, size_t axis, int64_t in, int64_t out, const Visit& visit_part) {
  if (axis + inner == block.sizes.size()) {
    visit_part(in, out);
    return;
  }
  for (int64_t i = 0; i < block.sizes[axis]; ++i)
    visit(block, inner, axis + 1, in + i * block.in_strides[axis], out + i * block.out_strides[axis], visit_part);
}

void copy(const Block& block, const float* x, float* y) {
  const size_t last = block.sizes.size() - 1;
  const int64_t count = block.sizes[last];
  const int64_t in = block.in_strides[last];
  const int64_t out = block.out_strides[last];
  if (last > 0 && out == 1 && in != 1 && block.in_strides[last - 1] == 1) {
    const int columns = static_cast<int>(block.sizes[last - 1]);
    const int64_t y_row = block.out_strides[last - 1];
    visit(block, 2, 0, block.in_first, block.out_first, [=](int64_t from, int64_t to) {
      kernels().transpose(x + from, static_cast<int>(count), columns, in, y + to, y_row);
    });
    return;
  }
  visit(block, 1, 0, block.in_first, block.out_first, [=](int64_t from, int64_t to) {
    if (in == 1 && out == 1)
      std::copy(x + from, x + from + count, y + to);
    else
      for (int64_t i = 0; i < count; ++i) y[to + i * out] = x[from + i * in];
  });
}

}  // namespace

Shape row_major(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

StridedOp::StridedOp(const NodeDescription& node, const Shape& in, Shape out, Block block, float fill)
    : SampleOp(node, in, std::move(out)), block_(merged(block)), fill_(fill) {
  repeats_ = std::count(block_.in_strides.begin(), block_.in_strides.end(), 0) > 0;
  fills_ = size_of(this->out) != size_of(block_.sizes);
  fills_back_ = size_of(in) != size_of(block_.sizes);
  back_ = arranged({block_.sizes, block_.out_strides, block_.in_strides, block_.out_first, block_.in_first});
  const Block forward = repeats_ ? block_ : arranged(block_);
  parts_ = fills_ ? std::vector<Block>{forward} : parts_of(forward);
}

void StridedOp::forward(const float* x, float* y, size_t part) const {
  if (fills_) std::fill(y, y + size_of(out), fill_);
  copy(parts_[part], x, y);
}

void StridedOp::backward(const float*, const float* dy, float* dx) const {
  if (repeats_ || fills_back_) std::fill(dx, dx + size_of(in), 0.0f);
  if (!repeats_) {
    copy(back_, dy, dx);
    return;
  }
  const int64_t count = block_.sizes.back();
  const int64_t in_step = block_.in_strides.back();
  const int64_t out_step = block_.out_strides.back();
  visit(block_, 1, 0, block_.in_first, block_.out_first, [=](int64_t from, int64_t to) {
    for (int64_t i = 0; i < count; ++i) dx[from + i * in_step] += dy[to + i * out_step];
  });
}

}  // namespace convforge
