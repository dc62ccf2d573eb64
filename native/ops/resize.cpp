#include "ops/resize.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ops/activation.h"
#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {

namespace {

// The input coordinate of output o on an axis of `in` cells. The centre of cell i has coordinate i.
double source_coordinate(int64_t o, int64_t in, int64_t out, Corners corners) {
  const double at = static_cast<double>(o);
  const double cells = static_cast<double>(in);
  const double size = static_cast<double>(out);
  if (corners == Corners::kHalfPixel) return (at + 0.5) * cells / size - 0.5;
  // Computes the ratio first, as TF.js does, so that rounding errors at the border between two cells are the same.
  if (corners == Corners::kAligned) return out > 1 ? (cells - 1) / (size - 1) * at : 0;
  return cells / size * at;
}

// The cell nearest to a coordinate. The contract says which one wins a tie.
double nearest_cell(double at, Corners corners) {
  const double floor = std::floor(at);
  return corners == Corners::kTopLeft || at - floor < 0.5 ? floor : floor + 1;
}

}  // namespace

std::vector<Neighbours> resize_neighbours(int64_t in, int64_t out, bool nearest, Corners corners) {
  std::vector<Neighbours> result;
  for (int64_t o = 0; o < out; ++o) {
    const double at = source_coordinate(o, in, out, corners);
    const double cell = nearest ? nearest_cell(at, corners) : std::floor(at);
    const int64_t low = static_cast<int64_t>(cell);
    const auto inside = [in](int64_t c) { return static_cast<int32_t>(std::clamp<int64_t>(c, 0, in - 1)); };
    result.push_back({inside(low), inside(nearest ? low : low + 1), nearest ? 0.0f : static_cast<float>(at - cell)});
  }
  return result;
}

void resize(const float* x, const ImageLayout& layout, std::span<const Neighbours> rows,
            const std::vector<Neighbours>& columns, float* y) {
  for (const Neighbours& r : rows) {
    for (const Neighbours& c : columns) {
      interpolate(x, layout, r, c, y);
      y += layout.channels;
    }
  }
}

namespace {

Corners read_corners(const NodeDescription& node) {
  const std::string corners = node.attributes.count("corners") ? node.text("corners") : "halfPixel";
  if (corners == "halfPixel") return Corners::kHalfPixel;
  if (corners == "topLeft") return Corners::kTopLeft;
  if (corners == "aligned") return Corners::kAligned;
  throw Error("UNSUPPORTED", node.name + ": resize has no corners '" + corners + "'", node.name);
}

class ResizeOp : public SampleOp {
  // The neighbours of each row and column are listed when the op is made, before anything else needs memory.
  static constexpr int kMaxSide = 1 << 24;

 public:
  ResizeOp(const NodeDescription& node, const Shape& in) : SampleOp(node, in, {}) {
    node.expect_parameters({}, 0);
    const std::string kind = node.text("kind");
    if (kind != "bilinear" && kind != "nearest")
      throw Error("UNSUPPORTED", node.name + ": there is no interpolation '" + kind + "'", node.name);
    if (in.size() != 3) {
      throw Error("SHAPE_MISMATCH", node.name + ": takes images of [height, width, channels], not " + to_string(in),
                  node.name);
    }
    const std::vector<int> size = node.integers("size", 2, 1);
    const bool nearest = kind == "nearest";
    out = {size[0], size[1], in[2]};
    checked_size(out, "output", node.name);
    if (std::max(size[0], size[1]) > kMaxSide) {
      throw Error("TOO_LARGE",
                  node.name + ": an image can be resized to at most " + std::to_string(kMaxSide) +
                      " rows or columns, not " + to_string(out),
                  node.name);
    }
    layout_ = {.stride = in[1] * in[2], .channels = in[2], .nearest = nearest};
    const Corners corners = read_corners(node);
    rows_ = resize_neighbours(in[0], out[0], nearest, corners);
    columns_ = resize_neighbours(in[1], out[1], nearest, corners);
  }

 protected:
  // Bands of rows.
  size_t parts() const override { return std::clamp(floats_of(out) / kElementsPerTask, size_t{1}, rows_.size()); }
  void forward(const float* x, float* y, size_t part) const override {
    const size_t begin = rows_.size() * part / parts();
    const size_t end = rows_.size() * (part + 1) / parts();
    const std::span<const Neighbours> rows(rows_.data() + begin, end - begin);
    resize(x, layout_, rows, columns_, y + begin * columns_.size() * static_cast<size_t>(layout_.channels));
  }

  void backward(const float*, const float* dy, float* dx) const override {
    std::fill(dx, dx + size_of(in), 0.0f);
    for (const Neighbours& r : rows_) {
      for (const Neighbours& c : columns_) {
        interpolate_gradient(dy, layout_, r, c, dx);
        dy += layout_.channels;
      }
    }
  }

 private:
  ImageLayout layout_;
  std::vector<Neighbours> rows_;
  std::vector<Neighbours> columns_;
};

}  // namespace

std::unique_ptr<Op> make_resize(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ResizeOp>(node, in);
}

}  // namespace convforge
