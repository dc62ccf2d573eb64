#include <algorithm>

#include "ops/augmentation/random_sample_op.h"

namespace convforge {
namespace {

class RandomFlipOp : public RandomSampleOp {
 public:
  RandomFlipOp(const NodeDescription& node, const Shape& in)
      : RandomSampleOp(node, in, in), horizontal_(node.flag("horizontal")), vertical_(node.flag("vertical")) {}

 protected:
  void forward(const Draws& draws, const float* x, float* y, float*) const override { flip(draws, x, y); }
  void backward(const Draws& draws, const float*, const float* dy, float* dx, float*) const override {
    flip(draws, dy, dx);
  }

 private:
  void flip(const Draws& draws, const float* from, float* to) const {
    const bool mirrors = horizontal_ && draws[0] < 0.5;
    const bool upside_down = vertical_ && draws[1] < 0.5;
    const int64_t row_size = width() * channels();
    for (int64_t row = 0; row < height(); ++row) {
      const float* source = from + (upside_down ? height() - 1 - row : row) * row_size;
      float* target = to + row * row_size;
      if (!mirrors) {
        std::copy_n(source, row_size, target);
      } else if (channels() == 1) {
        std::reverse_copy(source, source + row_size, target);
      } else {
        for (int64_t w = width(); w-- > 0; target += channels()) {
          std::copy_n(source + w * channels(), channels(), target);
        }
      }
    }
  }

  bool horizontal_;
  bool vertical_;
};

}  // namespace

std::unique_ptr<Op> make_randomFlip(const NodeDescription& node, const Shape& in) {
  return std::make_unique<RandomFlipOp>(node, in);
}

}  // namespace convforge
