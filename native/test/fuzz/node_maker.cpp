#include <utility>

#include "test/fuzz/nodes.h"

namespace convforge::fuzz {

void NodeMaker::set(const std::string& key, Attribute value) {
  if (choices.rarely()) {
    switch (choices.below(6)) {
      case 0:
        return;
      case 1:
        value = std::string("none");
        break;
      case 2:
        value = std::vector<double>(choices.below(7), choices.hostile());
        break;
      case 3:
        value = choices.flag();
        break;
      default:
        if (auto* list = std::get_if<std::vector<double>>(&value); list && !list->empty()) {
          (*list)[choices.below(list->size())] = choices.hostile();
        } else {
          value = choices.hostile();
        }
    }
  }
  node.attributes[key] = std::move(value);
}

void NodeMaker::wholes(const std::string& key, size_t count, int low, int high) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(choices.between(low, high));
  set(key, std::move(values));
}

void NodeMaker::ranges(const std::string& key, size_t count) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    const double low = choices.between(-8, 8) / 8;
    values.insert(values.end(), {low, low + (1 - low) * choices.between(0, 8) / 8});
  }
  set(key, std::move(values));
}

Shape NodeMaker::one_or_all(const std::string& key) {
  Shape shape;
  for (const int64_t size : in) shape.push_back(choices.flag() ? size : 1);
  set(key, std::vector<double>(shape.begin(), shape.end()));
  return shape;
}

void NodeMaker::window(bool dilated) {
  wholes("strides", 2, 1, 3);
  wholes("padding", 4, 0, 3);
  if (dilated) wholes("dilation", 2, 1, 2);
}

void NodeMaker::parameter(const std::string& name, const Shape& shape, bool trainable) {
  ParameterDescription made{name, shape, trainable};
  const uint8_t more = choices.byte();
  if (more >= 240) made.trainable = !trainable;
  if (more % 8 == 1) made.regularizer = RegularizerDescription{0.01, choices.rarely() ? choices.hostile() : 0.1};
  if (more % 8 == 2) made.constraint = ConstraintDescription{"nonNeg", 0, 0, 1, {}};
  if (more % 8 == 3) made.constraint = ConstraintDescription{"norm", 0.1, 1.5, 0.5, {0}};
  if (choices.rarely()) {
    if (made.constraint && choices.flag()) made.constraint->axes = {choices.byte(), choices.byte()};
    if (!made.shape.empty()) made.shape[choices.below(made.shape.size())] = static_cast<int64_t>(choices.byte()) << 24;
  }
  node.parameters.push_back(std::move(made));
}

void NodeMaker::perhaps(const std::string& name, const Shape& shape) {
  if (choices.byte() % 4 < 3) parameter(name, shape);
}

}  // namespace convforge::fuzz
