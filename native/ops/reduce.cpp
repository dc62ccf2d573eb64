#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "ops/activation.h"
#include "ops/op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

enum class ReduceKind { kSum, kMean, kMax, kMin, kProduct };

ReduceKind read_reduction(const NodeDescription& node) {
  const std::string kind = node.text("kind");
  if (kind == "sum") return ReduceKind::kSum;
  if (kind == "mean") return ReduceKind::kMean;
  if (kind == "max") return ReduceKind::kMax;
  if (kind == "min") return ReduceKind::kMin;
  if (kind == "product") return ReduceKind::kProduct;
  throw Error("UNSUPPORTED", node.name + ": there is no reduction '" + kind + "'", node.name);
}

Reduction combination(ReduceKind kind) {
  if (kind == ReduceKind::kMax) return Reduction::kMax;
  if (kind == ReduceKind::kMin) return Reduction::kMin;
  return kind == ReduceKind::kProduct ? Reduction::kProduct : Reduction::kSum;
}

double start_of(Reduction kind) {
  if (kind == Reduction::kMax) return -std::numeric_limits<double>::infinity();
  if (kind == Reduction::kMin) return std::numeric_limits<double>::infinity();
  return kind == Reduction::kProduct ? 1 : 0;
}

// A sample is a list of blocks, one after another, of `rows_` rows of `columns_` elements. The inner axis that is
// reduced is that of the columns (`across_`: each row has a total) or of the rows (each column has one). The axes
// outside of a block say where its totals are.
class ReduceOp : public Op {
 public:
  ReduceOp(const NodeDescription& node, const Shape& in) : Op(node, in, {}), kind_(read_reduction(node)) {
    node.expect_parameters({}, 0);
    const std::vector<int> axes = node.integers("axes", 0);
    std::vector<bool> reduced(in.size(), false);
    for (size_t i = 0; i < axes.size(); ++i) {
      if (static_cast<size_t>(axes[i]) >= in.size() || (i > 0 && axes[i] <= axes[i - 1])) {
        throw Error("INVALID_ARGUMENT",
                    node.name + ": axes must list axes of " + to_string(in) + " in rising order, from 0", node.name);
      }
      reduced[static_cast<size_t>(axes[i])] = true;
    }
    const bool keeps = node.flag("keepDims");
    for (size_t axis = 0; axis < in.size(); ++axis) {
      if (!reduced[axis] || keeps) out.push_back(reduced[axis] ? 1 : in[axis]);
    }
    divide_into_blocks(reduced);
    count_ = static_cast<double>(floats_of(in)) / static_cast<double>(floats_of(out));
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    begin_pass(plan, "forward");
    plan.need_scratch(2 * floats_of(out));
    plan.stage(
        {buffers.in, buffers.out}, [this](const Step& s) { return static_cast<size_t>(s.n) * parts(); },
        [this, b = buffers](const Step& s, size_t task, float* scratch) {
          const size_t sample = task / parts();
          forward(s.at(b.in) + sample * floats_of(in), s.at(b.out) + sample * floats_of(out), task % parts(),
                  reinterpret_cast<double*>(scratch));
        });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_in == kNoBuffer) return;
    begin_pass(plan, "backward");
    const bool by_value = kind_ != ReduceKind::kSum && kind_ != ReduceKind::kMean;
    if (by_value) plan.need_scratch(3 * floats_of(out));
    std::vector<BufferId> uses = {buffers.d_out, buffers.d_in};
    if (by_value) uses.insert(uses.end(), {buffers.in, buffers.out});
    plan.stage(
        uses, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, by_value, b = buffers](const Step& s, size_t sample, float* scratch) {
          const float* dy = s.at(b.d_out) + sample * floats_of(out);
          float* dx = s.at(b.d_in) + sample * floats_of(in);
          if (!by_value) return spread(dy, dx);
          const float* x = s.at(b.in) + sample * floats_of(in);
          if (kind_ == ReduceKind::kProduct) return product_gradient(x, dy, dx, scratch);
          extremum_gradient(x, s.at(b.out) + sample * floats_of(out), dy, dx, scratch);
        });
  }

 private:
  struct Axis {
    size_t size;
    bool reduced;
  };

  void begin_pass(Plan& plan, const char* kind) const {
    const double bytes = static_cast<double>(sizeof(float)) * static_cast<double>(floats_of(in) + floats_of(out));
    plan.pass({.node = name, .kind = kind, .algorithm = across_ ? "by rows" : "by columns", .bytes = bytes});
  }

  void divide_into_blocks(const std::vector<bool>& reduced) {
    std::vector<Axis> axes;  // neighbours that are both reduced or both kept are one
    for (size_t axis = 0; axis < in.size(); ++axis) {
      const size_t size = static_cast<size_t>(in[axis]);
      if (size == 1) continue;
      if (!axes.empty() && axes.back().reduced == reduced[axis]) {
        axes.back().size *= size;
      } else {
        axes.push_back({size, reduced[axis]});
      }
    }
    const auto take_last = [&axes]() {
      const size_t size = axes.empty() ? 1 : axes.back().size;
      if (!axes.empty()) axes.pop_back();
      return size;
    };
    across_ = !axes.empty() && axes.back().reduced;
    columns_ = take_last();
    rows_ = take_last();
    totals_ = {0};
    for (const Axis& axis : axes) {
      std::vector<uint32_t> next;
      for (const uint32_t total : totals_) {
        for (uint32_t i = 0; i < axis.size; ++i)
          next.push_back(axis.reduced ? total : total * static_cast<uint32_t>(axis.size) + i);
      }
      totals_ = std::move(next);
    }
    for (uint32_t& total : totals_) total *= static_cast<uint32_t>(width());
  }

  // The totals of a block.
  size_t width() const { return across_ ? rows_ : columns_; }

  // A task takes some of the totals of each block.
  size_t parts() const { return std::clamp(floats_of(in) / kElementsPerTask, size_t{1}, ceil_div(width(), kTotals)); }

  void forward(const float* x, float* y, size_t part, double* totals) const {
    const Reduction kind = combination(kind_);
    const size_t begin = std::min(width(), ceil_div(width(), kTotals) * part / parts() * kTotals);
    const size_t end = std::min(width(), ceil_div(width(), kTotals) * (part + 1) / parts() * kTotals);
    for (size_t first = 0; first < floats_of(out); first += width())
      std::fill(totals + first + begin, totals + first + end, start_of(kind));
    for (const size_t total : totals_) {
      if (across_) {
        kernels().reduce_rows(kind, x + begin * columns_, end - begin, columns_, totals + total + begin);
      } else {
        kernels().reduce_columns(kind, x + begin, rows_, columns_, end - begin, totals + total + begin);
      }
      x += rows_ * columns_;
    }
    const double divisor = kind_ == ReduceKind::kMean ? count_ : 1;
    for (size_t first = 0; first < floats_of(out); first += width()) {
      for (size_t i = first + begin; i < first + end; ++i) y[i] = static_cast<float>(totals[i] / divisor);
    }
  }

  void spread(const float* dy, float* dx) const {
    const float share = kind_ == ReduceKind::kMean ? static_cast<float>(1 / count_) : 1.0f;
    for (const size_t total : totals_) {
      for (size_t row = 0; row < rows_; ++row, dx += columns_) {
        if (across_) {
          std::fill_n(dx, columns_, dy[total + row] * share);
        } else {
          kernels().scale(dy + total, dx, columns_, share);
        }
      }
    }
  }

  // Calls visit(element, total) in the order of elements.
  template <typename Visit>
  void visit_elements(const Visit& visit) const {
    size_t element = 0;
    for (const size_t total : totals_) {
      for (size_t row = 0; row < rows_; ++row) {
        for (size_t i = 0; i < columns_; ++i) visit(element++, total + (across_ ? row : i));
      }
    }
  }

  // The first element that attains a maximum or minimum has the gradient.
  void extremum_gradient(const float* x, const float* y, const float* dy, float* dx, float* scratch) const {
    auto* taken = reinterpret_cast<uint8_t*>(scratch);
    std::fill_n(taken, floats_of(out), uint8_t{0});
    visit_elements([&](size_t i, size_t total) {
      const bool attains = x[i] == y[total] || x[i] != x[i];
      dx[i] = attains && !taken[total] ? dy[total] : 0.0f;
      if (attains) taken[total] = 1;
    });
  }

  // The product of the other elements: that of all but zeros, over the element, unless others are zero.
  void product_gradient(const float* x, const float* dy, float* dx, float* scratch) const {
    auto* products = reinterpret_cast<double*>(scratch);
    float* zeros = scratch + 2 * floats_of(out);
    std::fill_n(products, floats_of(out), 1.0);
    std::fill_n(zeros, floats_of(out), 0.0f);
    visit_elements([&](size_t i, size_t total) {
      if (x[i] == 0.0f) {
        ++zeros[total];
      } else {
        products[total] *= x[i];
      }
    });
    visit_elements([&](size_t i, size_t total) {
      const bool is_zero = x[i] == 0.0f;
      const double others = is_zero ? products[total] : products[total] / x[i];
      dx[i] = zeros[total] == (is_zero ? 1.0f : 0.0f) ? static_cast<float>(dy[total] * others) : 0.0f;
    });
  }

  static constexpr size_t kTotals = 32;

  ReduceKind kind_;
  bool across_ = false;
  size_t rows_ = 1;
  size_t columns_ = 1;
  std::vector<uint32_t> totals_;  // by block: its first total
  double count_ = 1;              // elements of a total
};

}  // namespace

std::unique_ptr<Op> make_reduce(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ReduceOp>(node, in);
}

}  // namespace convforge
