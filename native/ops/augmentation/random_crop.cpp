#include <algorithm>
#include <vector>

#include "ops/augmentation/random_sample_op.h"
#include "ops/resize.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// In training, crops a window of the output's size at a random position. Otherwise, resizes the largest centred window
// that has the output's aspect ratio.
class RandomCropOp : public RandomSampleOp {
 public:
  RandomCropOp(const NodeDescription& node, const Shape& in) : RandomSampleOp(node, in, {}) {
    const std::vector<int> size = node.integers("size", 2, 1);
    if (size[0] > in[0] || size[1] > in[1]) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": images of " + to_string(in) + " are smaller than a window of " +
                      std::to_string(size[0]) + "x" + std::to_string(size[1]),
                  node.name);
    }
    out = {size[0], size[1], in[2]};
    rows_ = centre_crop(in[0], out[0], in[1] * out[0] / out[1]);
    columns_ = centre_crop(in[1], out[1], in[0] * out[1] / out[0]);
  }

  bool is_view(bool) const override { return false; }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const override {
    if (in_training(training)) return RandomSampleOp::plan_forward(plan, buffers, training);
    plan.pass({.node = name, .kind = "forward", .algorithm = "by sample"});
    plan.stage(
        {buffers.in, buffers.out}, [](const Step& s) { return static_cast<size_t>(s.n); },
        [this, x = buffers.in, y = buffers.out](const Step& s, size_t sample, float*) {
          resize(s.at(x) + sample * floats_of(in), {.stride = width() * channels(), .channels = channels()}, rows_,
                 columns_, s.at(y) + sample * floats_of(out));
        });
  }

 protected:
  void forward(const Draws& draws, const float* x, float* y, float*) const override {
    x += first(draws);
    for (int64_t row = 0; row < out[0]; ++row, x += width() * channels(), y += row_size()) {
      std::copy_n(x, row_size(), y);
    }
  }

  void backward(const Draws& draws, const float*, const float* dy, float* dx, float*) const override {
    std::fill_n(dx, floats_of(in), 0.0f);
    dx += first(draws);
    for (int64_t row = 0; row < out[0]; ++row, dx += width() * channels(), dy += row_size()) {
      std::copy_n(dy, row_size(), dx);
    }
  }

 private:
  // Along one axis of `cells`: resizes a centred window of at most `max_window` cells to `size`.
  static std::vector<Neighbours> centre_crop(int64_t cells, int64_t size, int64_t max_window) {
    const int64_t window = std::clamp<int64_t>(max_window, 1, cells);
    std::vector<Neighbours> result = resize_neighbours(window, size, false, Corners::kHalfPixel);
    const int32_t before = static_cast<int32_t>((cells - window) / 2);
    for (Neighbours& neighbours : result) {
      neighbours.low += before;
      neighbours.high += before;
    }
    return result;
  }

  int64_t row_size() const { return out[1] * channels(); }

  // Offset of the window's first element in the image.
  int64_t first(const Draws& draws) const {
    const auto offset = [](double draw, int64_t max_offset) {
      return static_cast<int64_t>(draw * static_cast<double>(max_offset + 1));
    };
    return (offset(draws[0], height() - out[0]) * width() + offset(draws[1], width() - out[1])) * channels();
  }

  std::vector<Neighbours> rows_;
  std::vector<Neighbours> columns_;
};

}  // namespace

std::unique_ptr<Op> make_randomCrop(const NodeDescription& node, const Shape& in) {
  return std::make_unique<RandomCropOp>(node, in);
}

}  // namespace convforge
