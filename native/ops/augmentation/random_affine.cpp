#include <algorithm>
#include <string>
#include <vector>

#include "ops/augmentation/random_sample_op.h"
#include "ops/augmentation/rotation.h"
#include "ops/interpolation.h"
#include "runtime/denormals.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// Maps output pixel (y, x) to row yy * y + yx * x + y0 and column xy * y + xx * x + x0 of the input.
struct AffineMap {
  double yy = 1, yx = 0, y0 = 0;
  double xy = 0, xx = 1, x0 = 0;
};

enum class Fill { kConstant, kReflect, kWrap, kNearest };

// The cell at index i of an axis of n cells that is extended in both directions by `fill`. Index n stands for the
// constant.
int32_t cell(int64_t i, int64_t n, Fill fill) {
  if (i >= 0 && i < n) return static_cast<int32_t>(i);
  switch (fill) {
    case Fill::kConstant:
      return static_cast<int32_t>(n);
    case Fill::kNearest:
      return static_cast<int32_t>(i < 0 ? 0 : n - 1);
    case Fill::kWrap:
      return static_cast<int32_t>((i % n + n) % n);
    default: {
      const int64_t folded = (i % (2 * n) + 2 * n) % (2 * n);
      return static_cast<int32_t>(std::min(folded, 2 * n - 1 - folded));
    }
  }
}

int64_t floor_of(double value) {
  const int64_t whole = static_cast<int64_t>(value);
  return whole - (value < static_cast<double>(whole));
}

// With a constant fill, images are copied to have one more row and column of the constant, which all indices outside
// map to.
class RandomAffineOp : public RandomSampleOp {
 public:
  RandomAffineOp(const NodeDescription& node, const Shape& in)
      : RandomSampleOp(node, in, in), kind_(node.text("kind")), same_draw_(node.flag("keepAspect")) {
    if (kind_ != "translation" && kind_ != "zoom" && kind_ != "rotation")
      throw Error("UNSUPPORTED", node.name + ": there is no random augmentation '" + kind_ + "'", node.name);
    ranges_ = node.numbers("ranges", kind_ == "rotation" ? 2 : 4);
    for (size_t i = 0; i < ranges_.size(); i += 2) {
      if (ranges_[i] >= -1 && ranges_[i] <= ranges_[i + 1] && ranges_[i + 1] <= 1) continue;
      throw Error("INVALID_ARGUMENT", node.name + ": a range must be [low, high] with -1 <= low <= high <= 1",
                  node.name);
    }
    read_fill(node);
    fill_value_ = flushed(static_cast<float>(node.number("fillValue")));
    const std::string interpolation = node.text("interpolation");
    if (interpolation != "bilinear" && interpolation != "nearest")
      throw Error("UNSUPPORTED", node.name + ": there is no interpolation '" + interpolation + "'", node.name);
    const int64_t columns = pads() ? width() + 1 : width();
    layout_ = {.stride = columns * channels(), .channels = channels(), .nearest = interpolation == "nearest"};
  }

 protected:
  size_t scratch_floats() const override {
    return padded_floats() + static_cast<size_t>(height() + width()) * (sizeof(Neighbours) / sizeof(float));
  }

  void forward(const Draws& draws, const float* x, float* y, float* scratch) const override {
    if (pads()) x = padded(x, scratch);
    visit(affine(draws), scratch, [&](const Neighbours& r, const Neighbours& c) {
      interpolate(x, layout_, r, c, y);
      y += channels();
    });
  }

  void backward(const Draws& draws, const float*, const float* dy, float* dx, float* scratch) const override {
    float* sums = pads() ? scratch : dx;
    std::fill_n(sums, pads() ? padded_floats() : floats_of(in), 0.0f);
    visit(affine(draws), scratch, [&](const Neighbours& r, const Neighbours& c) {
      interpolate_gradient(dy, layout_, r, c, sums);
      dy += channels();
    });
    if (!pads()) return;
    for (int64_t row = 0; row < height(); ++row) {
      std::copy_n(sums + row * layout_.stride, width() * channels(), dx + row * width() * channels());
    }
  }

 private:
  void read_fill(const NodeDescription& node) {
    const std::string fill = node.text("fill");
    if (fill == "constant") {
      fill_ = Fill::kConstant;
    } else if (fill == "reflect") {
      fill_ = Fill::kReflect;
    } else if (fill == "wrap") {
      fill_ = Fill::kWrap;
    } else if (fill == "nearest") {
      fill_ = Fill::kNearest;
    } else {
      throw Error("UNSUPPORTED", node.name + ": there is no fill mode '" + fill + "'", node.name);
    }
  }

  bool pads() const { return fill_ == Fill::kConstant; }
  size_t padded_floats() const { return pads() ? static_cast<size_t>((height() + 1) * layout_.stride) : 0; }

  const float* padded(const float* x, float* to) const {
    const int64_t row_size = width() * channels();
    std::fill_n(to, padded_floats(), fill_value_);
    for (int64_t row = 0; row < height(); ++row) std::copy_n(x + row * row_size, row_size, to + row * layout_.stride);
    return to;
  }

  double between_limits(size_t range, double draw) const {
    const double low = ranges_[2 * range];
    return low + (ranges_[2 * range + 1] - low) * draw;
  }

  AffineMap affine(const Draws& draws) const {
    const double middle_y = static_cast<double>(height() - 1) / 2;
    const double middle_x = static_cast<double>(width() - 1) / 2;
    const double first = between_limits(0, draws[0]);
    if (kind_ == "rotation") {
      const Rotation t = rotation(first);
      return {.yy = t.cosine,
              .yx = t.sine,
              .y0 = middle_y - t.cosine * middle_y - t.sine * middle_x,
              .xy = -t.sine,
              .xx = t.cosine,
              .x0 = middle_x - t.cosine * middle_x + t.sine * middle_y};
    }
    const double second = between_limits(1, draws[same_draw_ ? 0 : 1]);
    if (kind_ == "zoom") {
      return {.yy = 1 + first, .y0 = -middle_y * first, .xx = 1 + second, .x0 = -middle_x * second};
    }
    return {.y0 = -first * static_cast<double>(height()), .x0 = -second * static_cast<double>(width())};
  }

  Neighbours locate(double at, int64_t size) const {
    if (layout_.nearest) {
      const int32_t only = cell(floor_of(at + 0.5), size, fill_);
      return {only, only, 0};
    }
    const int64_t low = floor_of(at);
    return {cell(low, size, fill_), cell(low + 1, size, fill_), static_cast<float>(at - static_cast<double>(low))};
  }

  // Calls use(row, column) for each pixel of the output, in order.
  template <typename Use>
  void visit(const AffineMap& map, float* scratch, const Use& use) const {
    if (map.yx != 0 || map.xy != 0) {
      for (int64_t y = 0; y < height(); ++y) {
        const double row = static_cast<double>(y);
        for (int64_t x = 0; x < width(); ++x) {
          const double column = static_cast<double>(x);
          use(locate(map.yy * row + map.yx * column + map.y0, height()),
              locate(map.xy * row + map.xx * column + map.x0, width()));
        }
      }
      return;
    }
    Neighbours* rows = reinterpret_cast<Neighbours*>(scratch + padded_floats());
    Neighbours* columns = rows + height();
    for (int64_t y = 0; y < height(); ++y) rows[y] = locate(map.yy * static_cast<double>(y) + map.y0, height());
    for (int64_t x = 0; x < width(); ++x) columns[x] = locate(map.xx * static_cast<double>(x) + map.x0, width());
    for (int64_t y = 0; y < height(); ++y) {
      const Neighbours row = rows[y];
      for (int64_t x = 0; x < width(); ++x) use(row, columns[x]);
    }
  }

  std::string kind_;
  bool same_draw_;
  std::vector<float> ranges_;  // pairs of lower and upper limits
  Fill fill_ = Fill::kConstant;
  float fill_value_ = 0;
  ImageLayout layout_;
};

}  // namespace

std::unique_ptr<Op> make_randomAffine(const NodeDescription& node, const Shape& in) {
  return std::make_unique<RandomAffineOp>(node, in);
}

}  // namespace convforge
