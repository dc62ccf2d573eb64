#include <algorithm>
#include <string>

#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// Blocks of an image [height][width][channels]. A row of a block is contiguous in the image, and so is it among the
// channels that the block becomes.
struct Blocks {
  int64_t size = 1;
  int64_t height = 0, width = 0, channels = 0;

  int64_t row_floats() const { return size * channels; }

  // Calls visit(image, blocks) with the offsets of each row of each block on both sides.
  template <typename Visit>
  void visit_rows(const Visit& visit) const {
    const int64_t across = width / size;
    for (int64_t row = 0; row < height; ++row) {
      const int64_t first = row / size * across * size * row_floats() + row % size * row_floats();
      for (int64_t block = 0; block < across; ++block)
        visit(row * width * channels + block * row_floats(), first + block * size * row_floats());
    }
  }
};

class SpaceToDepthOp : public SampleOp {
 public:
  SpaceToDepthOp(const NodeDescription& node, const Shape& in, Shape out, const Blocks& blocks, bool reverse)
      : SampleOp(node, in, std::move(out)), blocks_(blocks), reverse_(reverse) {}

 protected:
  void forward(const float* x, float* y, size_t) const override { move(x, y, reverse_); }
  void backward(const float*, const float* dy, float* dx) const override { move(dy, dx, !reverse_); }

 private:
  void move(const float* from, float* to, bool to_image) const {
    const int64_t floats = blocks_.row_floats();
    blocks_.visit_rows([=](int64_t image, int64_t blocks) {
      std::copy_n(from + (to_image ? blocks : image), floats, to + (to_image ? image : blocks));
    });
  }

  Blocks blocks_;
  bool reverse_;
};

}  // namespace

std::unique_ptr<Op> make_spaceToDepth(const NodeDescription& node, const Shape& in) {
  node.expect_parameters({}, 0);
  const int64_t size = node.integer("blockSize", 1);
  const bool reverse = node.flag("reverse");
  if (in.size() != 3) {
    throw Error("SHAPE_MISMATCH", node.name + ": spaceToDepth needs an input [h, w, channels], not " + to_string(in),
                node.name);
  }
  const bool fits = reverse ? in[2] % size == 0 && in[2] / size % size == 0 : in[0] % size == 0 && in[1] % size == 0;
  if (!fits) {
    throw Error("SHAPE_MISMATCH",
                node.name + ": " + to_string(in) + " can't be rearranged in blocks of size " + std::to_string(size),
                node.name);
  }
  const Shape out = reverse ? Shape{in[0] * size, in[1] * size, in[2] / size / size}
                            : Shape{in[0] / size, in[1] / size, in[2] * size * size};
  checked_size(out, "output", node.name);
  const Shape& image = reverse ? out : in;
  return std::make_unique<SpaceToDepthOp>(node, in, out, Blocks{size, image[0], image[1], image[2]}, reverse);
}

}  // namespace convforge
