#include "test/fuzz/nodes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace convforge::fuzz {
namespace {

struct Form {
  const char* op;
  void (*fill)(NodeMaker&);
};

const std::vector<const char*> kActivations = {
    "relu",     "linear", "sigmoid", "tanh", "softmax", "elu",   "hardSigmoid", "logSoftmax", "softplus",
    "softsign", "selu",   "gelu",    "silu", "mish",    "swish", "exponential", "hardSwish",  "celu"};

void fill_activation(NodeMaker& m) {
  m.word("kind", kActivations);
  const uint8_t more = m.choices.byte();
  if (more & 1) m.fraction("negativeSlope");
  if (more & 2) m.fraction("threshold");
  if (more & 4) m.size("maxValue");
  if (more & 8) m.fraction("alpha");
  if (more & 16) m.flag("approximate");
  if (more & 32) m.set("axis", static_cast<double>(m.any_axis()));
}

void fill_conv(NodeMaker& m) {
  const int64_t channels = m.axis(2);
  int64_t groups = 1;
  if (m.choices.byte() % 4 == 3) {
    groups = m.choices.flag() ? channels : std::gcd(channels, int64_t{4});
    m.set("groups", static_cast<double>(groups));
  }
  const int64_t filters = groups * (1 + static_cast<int64_t>(m.choices.below(groups > 1 ? 3 : 40)));
  m.window(true);
  if (m.choices.byte() % 8 == 7) m.flag("exact");
  const auto side = [&m]() { return static_cast<int64_t>(m.choices.between(1, 5)); };
  const int64_t height = side();
  const int64_t width = m.choices.flag() ? height : side();
  m.parameter("kernel", {height, width, channels / groups, filters});
  m.perhaps("bias", {filters});
}

// Its output's size is the one that a convolution makes the input of.
void fill_transpose(NodeMaker& m) {
  const std::vector<double> ones = {1, 1};
  const int64_t filters = 1 + static_cast<int64_t>(m.choices.below(36));
  const int64_t side = 1 + static_cast<int64_t>(m.choices.below(4));
  const double stride = m.choices.between(1, 3);
  const double padding = m.choices.between(0, 1);
  m.set("strides", std::vector<double>{stride, stride});
  m.set("dilation", ones);
  m.set("padding", std::vector<double>(4, padding));
  std::vector<double> size;
  for (size_t i = 0; i < 2; ++i) {
    const double shift = m.choices.below(static_cast<size_t>(stride));
    size.push_back(static_cast<double>(m.axis(i) - 1) * stride + static_cast<double>(side) - 2 * padding + shift);
  }
  m.set("outputSize", size);
  m.parameter("kernel", {side, side, filters, m.axis(2)});
  m.perhaps("bias", {filters});
}

void fill_normalization(NodeMaker& m) {
  m.set("epsilon", 0.001);
  m.perhaps("gamma", {m.last()});
  m.perhaps("beta", {m.last()});
}

void fill_batch_normalization(NodeMaker& m) {
  fill_normalization(m);
  m.fraction("momentum");
  if (m.choices.byte() % 8 == 7) m.flag("frozen");
  m.parameter("moving_mean", {m.last()}, false);
  m.parameter("moving_variance", {m.last()}, false);
}

void fill_layer_normalization(NodeMaker& m) {
  const size_t axes = 1 + m.any_axis();
  int64_t elements = 1;
  for (size_t i = 0; i < axes; ++i) elements *= m.axis(m.in.size() - 1 - i);
  m.set("axes", static_cast<double>(axes));
  m.set("epsilon", 0.001);
  m.perhaps("gamma", {elements});
  m.perhaps("beta", {elements});
}

void fill_reshape(NodeMaker& m) {
  std::vector<double> shape(m.in.begin(), m.in.end());
  const int64_t all = std::accumulate(m.in.begin(), m.in.end(), int64_t{1}, std::multiplies<>());
  const uint8_t way = m.choices.byte();
  if (way % 4 == 0) shape = {static_cast<double>(all)};
  if (way % 4 == 1) std::reverse(shape.begin(), shape.end());
  if (way % 4 == 2) shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(shape.empty() ? 0 : 1), 1);
  if (way % 4 == 3) {
    const int64_t part = std::gcd(all, int64_t{12});
    shape = {static_cast<double>(part), static_cast<double>(all / part)};
  }
  m.set("shape", std::move(shape));
}

void fill_permute(NodeMaker& m) {
  std::vector<double> axes(m.in.size());
  std::iota(axes.begin(), axes.end(), 0.0);
  for (size_t i = 1; i < axes.size(); ++i) std::swap(axes[i], axes[m.choices.below(i + 1)]);
  m.set("axes", std::move(axes));
}

void fill_broadcast(NodeMaker& m) {
  std::vector<double> shape;
  for (const int64_t size : m.in) shape.push_back(size == 1 ? m.choices.between(1, 5) : static_cast<double>(size));
  m.set("shape", std::move(shape));
}

void fill_split(NodeMaker& m) {
  const size_t axis = m.any_axis();
  const int64_t all = m.axis(axis);
  const int64_t first = 1 + static_cast<int64_t>(m.choices.below(static_cast<size_t>(std::max<int64_t>(all - 1, 1))));
  std::vector<double> sizes = {static_cast<double>(first)};
  if (first < all) sizes.push_back(static_cast<double>(all - first));
  m.set("axis", static_cast<double>(axis));
  m.set("sizes", std::move(sizes));
}

void fill_slice(NodeMaker& m) {
  std::vector<double> starts;
  std::vector<double> sizes;
  std::vector<double> steps;
  for (const int64_t size : m.in) {
    const double step = m.choices.between(1, 3);
    const bool back = m.choices.flag();
    sizes.push_back(1 + std::floor(static_cast<double>(size - 1) / step));
    starts.push_back(back ? static_cast<double>(size - 1) : 0);
    steps.push_back(back ? -step : step);
  }
  m.set("starts", std::move(starts));
  m.set("sizes", std::move(sizes));
  m.set("steps", std::move(steps));
}

void fill_gather(NodeMaker& m) {
  const size_t axis = m.any_axis();
  const size_t count = 1 + m.choices.below(6);
  std::vector<double> indices;
  for (size_t i = 0; i < count; ++i)
    indices.push_back(static_cast<double>(m.choices.below(static_cast<size_t>(m.axis(axis)))));
  m.set("axis", static_cast<double>(axis));
  m.set("indices", std::move(indices));
  m.set("indicesShape", std::vector<double>{static_cast<double>(count)});
}

void fill_resample(NodeMaker& m) {
  const size_t axis = m.any_axis();
  const size_t taps = 1 + m.choices.below(3);
  const size_t size = 1 + m.choices.below(6);
  std::vector<double> indices;
  std::vector<double> weights;
  for (size_t i = 0; i < size * taps; ++i) {
    indices.push_back(static_cast<double>(m.choices.below(static_cast<size_t>(m.axis(axis)))));
    weights.push_back(m.choices.between(-4, 4) / 4);
  }
  m.set("axis", static_cast<double>(axis));
  m.set("size", static_cast<double>(size));
  m.set("taps", static_cast<double>(taps));
  m.set("indices", std::move(indices));
  m.set("weights", std::move(weights));
}

void fill_prelu(NodeMaker& m) {
  const Shape alpha = m.one_or_all("alphaShape");
  m.parameter("alpha", {std::accumulate(alpha.begin(), alpha.end(), int64_t{1}, std::multiplies<>())});
}

void fill_dropout(NodeMaker& m) {
  m.fraction("rate");
  m.set("stream", m.choices.between(0, 3));
  if (m.choices.byte() % 4 == 3) m.flag("alpha");
  if (m.choices.byte() % 4 == 3) m.one_or_all("noiseShape");
}

void fill_random_affine(NodeMaker& m) {
  const std::vector<const char*> kinds = {"translation", "zoom", "rotation"};
  const std::string kind = m.choices.word(kinds);
  m.set("kind", kind);
  m.ranges("ranges", kind == "rotation" ? 1 : 2);
  m.word("fill", {"constant", "reflect", "wrap", "nearest"});
  m.number("fillValue");
  m.word("interpolation", {"bilinear", "nearest"});
  m.flag("keepAspect");
  m.set("stream", m.choices.between(0, 3));
}

void fill_standardize(NodeMaker& m) {
  const size_t channels = std::min<size_t>(static_cast<size_t>(m.last()), 64);
  m.wholes("mean", channels, -3, 3);
  m.wholes("scale", channels, 1, 3);
}

const std::vector<const char*> kFunctions = {
    "multiply",          "add",      "subtract",  "divide",      "power",     "maximum",   "minimum",
    "squaredDifference", "modulo",   "less",      "floorDivide", "greater",   "lessEqual", "equal",
    "greaterEqual",      "notEqual", "logicalOr", "logicalAnd",  "logicalXor"};

void fill_operand(NodeMaker& m) {
  m.word("kind", kFunctions);
  if (m.choices.flag()) m.flag("reversed");
  const uint8_t way = m.choices.byte();
  if (way % 4 == 0) {
    m.number("value");
  } else if (way % 4 == 1) {
    m.parameter("operand", {m.last()});
  } else {
    Shape shape;
    if (way % 4 == 2) shape.push_back(1 + static_cast<int64_t>(m.choices.below(3)));
    for (const int64_t size : m.in) shape.push_back(m.choices.flag() ? size : 1);
    m.parameter("operand", shape);
  }
}

void fill_reduce(NodeMaker& m) {
  m.word("kind", {"sum", "mean", "max", "min", "product"});
  std::vector<double> axes;
  for (size_t axis = 0; axis < m.in.size(); ++axis) {
    if (m.choices.flag()) axes.push_back(static_cast<double>(axis));
  }
  m.set("axes", std::move(axes));
  m.flag("keepDims");
}

// Those that get the lower numbers are chosen when the bytes have ended.
const Form kForms[] = {
    {"dense",
     [](NodeMaker& m) {
       const int64_t units = 1 + static_cast<int64_t>(m.choices.below(70));
       m.parameter("kernel", {m.last(), units});
       m.perhaps("bias", {units});
     }},
    {"activation", fill_activation},
    {"conv2d", fill_conv},
    {"pool2d",
     [](NodeMaker& m) {
       m.word("kind", {"max", "average"});
       m.wholes("size", 2, 1, 4);
       m.window(false);
       const uint8_t more = m.choices.byte();
       if (more % 4 == 1) m.wholes("dilations", 2, 1, 3);
       if (more % 8 == 2) m.wholes("beyond", 2, 0, 1);
       if (more >= 128) m.word("counted", {"inside", "padded"});
     }},
    {"batchNormalization", fill_batch_normalization},
    {"reshape", fill_reshape},
    {"add", [](NodeMaker&) {}},
    {"merge",
     [](NodeMaker& m) {
       m.word("kind", {"multiply", "average", "maximum", "minimum", "subtract"});
     }},
    {"concatenate", [](NodeMaker& m) { m.set("axis", static_cast<double>(m.any_axis())); }},
    {"conv2dTranspose", fill_transpose},
    {"layerNormalization", fill_layer_normalization},
    {"groupNormalization",
     [](NodeMaker& m) {
       fill_normalization(m);
       m.set("groups", static_cast<double>(m.choices.flag() ? 1 : std::gcd(m.last(), int64_t{4})));
     }},
    {"broadcast", fill_broadcast},
    {"dropout", fill_dropout},
    {"gaussianNoise",
     [](NodeMaker& m) {
       m.fraction("stddev");
       m.flag("multiplies");
       m.set("stream", m.choices.between(0, 3));
     }},
    {"embedding",
     [](NodeMaker& m) {
       m.parameter("embeddings", {static_cast<int64_t>(m.choices.between(1, 9)), 1 + m.choices.byte() % 40});
     }},
    {"fold", [](NodeMaker&) {}},
    {"unfold", [](NodeMaker& m) { m.set("steps", m.choices.between(1, 9)); }},
    {"pad",
     [](NodeMaker& m) {
       m.wholes("before", m.in.size(), -2, 3);
       m.wholes("after", m.in.size(), -2, 3);
       if (m.choices.flag()) m.word("mode", {"constant", "edge", "reflect", "symmetric", "wrap"});
       if (m.choices.flag()) m.number("value");
     }},
    {"permute", fill_permute},
    {"prelu", fill_prelu},
    {"randomAffine", fill_random_affine},
    {"randomCrop",
     [](NodeMaker& m) {
       m.wholes("size", 2, 1, 6);
       m.set("stream", m.choices.between(0, 3));
     }},
    {"randomFlip",
     [](NodeMaker& m) {
       m.flag("horizontal");
       m.flag("vertical");
       m.set("stream", m.choices.between(0, 3));
     }},
    {"randomTone",
     [](NodeMaker& m) {
       m.word("kind", {"contrast", "brightness"});
       m.ranges("range", 1);
       m.ranges("limits", 1);
       m.set("stream", m.choices.between(0, 3));
     }},
    {"rescaling",
     [](NodeMaker& m) {
       m.number("scale");
       m.number("offset");
     }},
    {"resize",
     [](NodeMaker& m) {
       m.word("kind", {"bilinear", "nearest"});
       m.word("corners", {"halfPixel", "topLeft", "aligned"});
       m.wholes("size", 2, 1, 20);
     }},
    {"spaceToDepth",
     [](NodeMaker& m) {
       m.size("blockSize");
       m.flag("reverse");
     }},
    {"split", fill_split},
    {"standardize", fill_standardize},
    {"slice", fill_slice},
    {"gather", fill_gather},
    {"constant",
     [](NodeMaker& m) {
       m.parameter("value",
                   {1 + static_cast<int64_t>(m.choices.below(9)), 1 + static_cast<int64_t>(m.choices.below(40))});
     }},
    {"resample", fill_resample},
    {"lrn",
     [](NodeMaker& m) {
       m.size("size");
       m.fraction("alpha");
       m.fraction("beta");
       m.fraction("bias");
     }},
    // Inputs have one shape, so one of them is transposed.
    {"matMul",
     [](NodeMaker& m) {
       const bool first = m.choices.flag();
       m.set("transposeA", first);
       m.set("transposeB", !first);
     }},
    {"unary",
     [](NodeMaker& m) {
       m.word("kind", {"abs", "negative", "sign", "floor", "ceil", "round", "log", "log1p", "expm1", "sqrt", "rsqrt",
                       "square", "reciprocal", "erf", "sin", "cos", "logicalNot", "isNaN"});
     }},
    {"clip",
     [](NodeMaker& m) {
       if (m.choices.flag()) m.fraction("min");
       if (m.choices.flag()) m.size("max");
     }},
    {"binary", [](NodeMaker& m) { m.word("kind", kFunctions); }},
    {"select", [](NodeMaker&) {}},
    {"operand", fill_operand},
    {"reduce", fill_reduce},
    {"cumsum",
     [](NodeMaker& m) {
       m.set("axis", static_cast<double>(m.any_axis()));
       m.flag("exclusive");
       m.flag("reverse");
     }},
    {"unitLength", [](NodeMaker& m) { m.fraction("leastSquare"); }},
};

}  // namespace

NodeDescription make_any_node(Choices& choices, const Shape& in) {
  const Form& form = kForms[choices.below(sizeof(kForms) / sizeof(*kForms))];
  NodeMaker maker(choices, in);
  maker.node.op = form.op;
  form.fill(maker);
  if (choices.byte() >= 248) maker.flag("always");
  if (choices.rarely()) maker.node.op = "none";
  return std::move(maker.node);
}

bool takes_several(const std::string& op) {
  return op == "add" || op == "merge" || op == "concatenate" || op == "matMul" || op == "binary" || op == "select";
}

}  // namespace convforge::fuzz
