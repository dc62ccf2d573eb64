#include <algorithm>
#include <cmath>
#include <string>

#include "ops/sample_op.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// For an output row or column, the two of the input that it lies between, and the second one's part in it.
struct Between {
  int64_t low = 0, high = 0;
  float part = 0;
};

// Centres are at half cells: output o lies at (o + 0.5) * in / out - 0.5.
std::vector<Between> places(int64_t in, int64_t out, bool nearest) {
  std::vector<Between> result;
  for (int64_t o = 0; o < out; ++o) {
    const double at = (static_cast<double>(o) + 0.5) * static_cast<double>(in) / static_cast<double>(out);
    const double floor = std::floor(nearest ? at : at - 0.5);
    const int64_t low = static_cast<int64_t>(floor);
    const int64_t last = in - 1;
    result.push_back({std::clamp<int64_t>(low, 0, last), std::clamp<int64_t>(nearest ? low : low + 1, 0, last),
                      nearest ? 0.0f : static_cast<float>(at - 0.5 - floor)});
  }
  return result;
}

class ResizeOp : public SampleOp {
 public:
  ResizeOp(const NodeDescription& node, const Shape& in) : SampleOp(node, in, {}) {
    node.expect_parameters({}, 0);
    const std::string kind = node.text("kind");
    if (kind != "bilinear" && kind != "nearest")
      throw Error("UNSUPPORTED", node.name + ": there is no resizing '" + kind + "'", node.name);
    if (in.size() != 3) {
      throw Error("SHAPE_MISMATCH", node.name + ": takes images of [height, width, channels], not " + to_string(in),
                  node.name);
    }
    const std::vector<int> size = node.integers("size", 2, 1);
    nearest_ = kind == "nearest";
    out = {size[0], size[1], in[2]};
    checked_size(out, "output", node.name);
    rows_ = places(in[0], out[0], nearest_);
    columns_ = places(in[1], out[1], nearest_);
  }

 protected:
  void forward(const float* x, float* y) const override {
    const int64_t channels = in[2];
    for (const Between& r : rows_) {
      const float* low = x + r.low * in[1] * channels;
      const float* high = x + r.high * in[1] * channels;
      for (const Between& c : columns_) {
        const int64_t left = c.low * channels;
        const int64_t right = c.high * channels;
        for (int64_t k = 0; nearest_ && k < channels; ++k) y[k] = low[left + k];
        for (int64_t k = 0; !nearest_ && k < channels; ++k) {
          const float above = low[left + k] * (1 - c.part) + low[right + k] * c.part;
          const float below = high[left + k] * (1 - c.part) + high[right + k] * c.part;
          y[k] = above * (1 - r.part) + below * r.part;
        }
        y += channels;
      }
    }
  }

  void backward(const float*, const float* dy, float* dx) const override {
    std::fill(dx, dx + size_of(in), 0.0f);
    const int64_t channels = in[2];
    for (const Between& r : rows_) {
      float* low = dx + r.low * in[1] * channels;
      float* high = dx + r.high * in[1] * channels;
      for (const Between& c : columns_) {
        const int64_t left = c.low * channels;
        const int64_t right = c.high * channels;
        add(dy, (1 - r.part) * (1 - c.part), low + left);
        if (!nearest_) {
          add(dy, (1 - r.part) * c.part, low + right);
          add(dy, r.part * (1 - c.part), high + left);
          add(dy, r.part * c.part, high + right);
        }
        dy += channels;
      }
    }
  }

 private:
  void add(const float* dy, float part, float* dx) const {
    for (int64_t k = 0; k < in[2]; ++k) dx[k] += dy[k] * part;
  }

  bool nearest_ = false;
  std::vector<Between> rows_;
  std::vector<Between> columns_;
};

}  // namespace

std::unique_ptr<Op> make_resize(const NodeDescription& node, const Shape& in) {
  return std::make_unique<ResizeOp>(node, in);
}

}  // namespace convforge
