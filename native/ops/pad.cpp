#include <algorithm>
#include <cmath>
#include <string>

#include "ops/activation.h"
#include "ops/strided_op.h"
#include "runtime/denormals.h"
#include "runtime/error.h"

namespace convforge {
namespace {

enum class PadMode { kConstant, kEdge, kReflect, kSymmetric, kWrap };

PadMode read_pad_mode(const NodeDescription& node) {
  const std::string mode = node.attributes.count("mode") ? node.text("mode") : "constant";
  if (mode == "constant") return PadMode::kConstant;
  if (mode == "edge") return PadMode::kEdge;
  if (mode == "reflect") return PadMode::kReflect;
  if (mode == "symmetric") return PadMode::kSymmetric;
  if (mode == "wrap") return PadMode::kWrap;
  throw Error("UNSUPPORTED", node.name + ": pad has no mode '" + mode + "'", node.name);
}

// An axis, first cropped to the elements [begin, begin + kept) of the input, then padded.
struct PaddedAxis {
  int64_t begin = 0;
  int64_t kept = 0;
  int64_t before = 0;
  int64_t size = 0;  // of the output

  // The input's index for an index of the output.
  int64_t source(int64_t index, PadMode mode) const {
    const int64_t at = index - before;
    if (mode == PadMode::kEdge || kept == 1) return begin + std::clamp<int64_t>(at, 0, kept - 1);
    const int64_t period = mode == PadMode::kWrap ? kept : mode == PadMode::kReflect ? 2 * (kept - 1) : 2 * kept;
    const int64_t part = ((at % period) + period) % period;
    if (part < kept) return begin + part;
    return begin + (mode == PadMode::kReflect ? period : period - 1) - part;
  }
};

using PaddedAxes = std::vector<PaddedAxis>;

// Pads with elements of the input. The gradient by an input element is the sum over its copies.
class ElementPadOp : public SampleOp {
 public:
  ElementPadOp(const NodeDescription& node, const Shape& in, Shape out, const PaddedAxes& axes, PadMode mode)
      : SampleOp(node, in, std::move(out)), axes_(axes), mode_(mode) {
    // The last axes, if they keep their size, are copied as rows.
    while (axes_.size() > 1 && axes_.back().kept == axes_.back().size && axes_.back().kept == in[axes_.size() - 1]) {
      row_ *= axes_.back().size;
      axes_.pop_back();
    }
    strides_ = row_major(in);
  }

 protected:
  // Parts of the first axis.
  size_t parts() const override {
    return std::clamp(floats_of(out) / kElementsPerTask, size_t{1}, static_cast<size_t>(axes_[0].size));
  }

  void forward(const float* x, float* y, size_t part) const override {
    const int64_t begin = axes_[0].size * static_cast<int64_t>(part) / static_cast<int64_t>(parts());
    const int64_t end = axes_[0].size * static_cast<int64_t>(part + 1) / static_cast<int64_t>(parts());
    int64_t to = begin * (size_of(out) / axes_[0].size);
    each_row(0, begin, end, 0, to, [=, this](int64_t from, int64_t at) { std::copy_n(x + from, row_, y + at); });
  }

  void backward(const float*, const float* dy, float* dx) const override {
    std::fill(dx, dx + size_of(in), 0.0f);
    int64_t to = 0;
    each_row(0, 0, axes_[0].size, 0, to, [=, this](int64_t from, int64_t at) {
      for (int64_t i = 0; i < row_; ++i) dx[from + i] += dy[at + i];
    });
  }

 private:
  // Calls visit(in, out) for each row, in the output's order, of the indexes [begin, end) of an axis.
  template <typename Visit>
  void each_row(size_t axis, int64_t begin, int64_t end, int64_t from, int64_t& to, const Visit& visit) const {
    const bool is_last = axis + 1 == axes_.size();
    for (int64_t i = begin; i < end; ++i) {
      const int64_t at = from + axes_[axis].source(i, mode_) * strides_[axis];
      if (!is_last) {
        each_row(axis + 1, 0, axes_[axis + 1].size, at, to, visit);
        continue;
      }
      visit(at, to);
      to += row_;
    }
  }

  PaddedAxes axes_;
  PadMode mode_;
  Shape strides_;
  int64_t row_ = 1;
};

}  // namespace

std::unique_ptr<Op> make_pad(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  const std::vector<int> before = node.integers("before", in.size(), -static_cast<int>(kMaxElements));
  const std::vector<int> after = node.integers("after", in.size(), -static_cast<int>(kMaxElements));
  const PadMode mode = read_pad_mode(node);
  const float value = static_cast<float>(node.number("value", 0));
  if (!std::isfinite(value)) throw Error("INVALID_ARGUMENT", node.name + ": value takes finite numbers", node.name);
  Shape out;
  PaddedAxes axes;
  for (size_t axis = 0; axis < in.size(); ++axis) {
    const int64_t kept = in[axis] + std::min(before[axis], 0) + std::min(after[axis], 0);
    if (kept < 1) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": axis " + std::to_string(axis) + " of " + to_string(in) + " would become empty",
                  node.name);
    }
    out.push_back(in[axis] + before[axis] + after[axis]);
    axes.push_back({std::max(-before[axis], 0), kept, std::max(before[axis], 0), out.back()});
  }
  checked_size(out, "output", node.name);
  if (mode != PadMode::kConstant) return std::make_unique<ElementPadOp>(node, in, out, axes, mode);
  Block block{{}, row_major(in), row_major(out)};
  for (size_t axis = 0; axis < in.size(); ++axis) {
    block.sizes.push_back(axes[axis].kept);
    block.in_first += axes[axis].begin * block.in_strides[axis];
    block.out_first += axes[axis].before * block.out_strides[axis];
  }
  return std::make_unique<StridedOp>(node, in, out, block, flushed(value));
}

}  // namespace convforge
