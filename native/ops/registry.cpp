#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {

using MakeOp = std::unique_ptr<Op>(const NodeDescription&, const Shape&);
using MakeOpOfSeveral = std::unique_ptr<Op>(const NodeDescription&, const std::vector<Shape>&);

#define OP(name) MakeOp make_##name;
#define OP_OF_SEVERAL(name) MakeOpOfSeveral make_##name;
#include "ops/ops.inc"
#undef OP
#undef OP_OF_SEVERAL

namespace {

struct OpEntry {
  const char* name;
  MakeOp* make = nullptr;
  MakeOpOfSeveral* make_of_several = nullptr;
};

constexpr OpEntry kOps[] = {
#define OP(name) {#name, make_##name, nullptr},
#define OP_OF_SEVERAL(name) {#name, nullptr, make_##name},
#include "ops/ops.inc"
#undef OP
#undef OP_OF_SEVERAL
};

void check_input_count(const NodeDescription& node, const OpEntry& op, size_t count) {
  if (op.make ? count == 1 : count >= 2) return;
  throw Error("INVALID_ARGUMENT",
              node.name + ": " + node.op + " takes " + (op.make ? "one input" : "two or more inputs") + ", not " +
                  std::to_string(count),
              node.name);
}

}  // namespace

std::unique_ptr<Op> make_op(const NodeDescription& node, const std::vector<Shape>& inputs) {
  for (const OpEntry& op : kOps) {
    if (node.op != op.name) continue;
    check_input_count(node, op, inputs.size());
    std::unique_ptr<Op> made = op.make ? op.make(node, inputs[0]) : op.make_of_several(node, inputs);
    std::vector<Shape> outputs;
    for (size_t i = 0; i < made->output_count(); ++i) outputs.push_back(made->output(i));
    node.expect_outputs(outputs, "float32");
    return made;
  }
  throw Error("UNSUPPORTED", node.name + ": there is no op '" + node.op + "'", node.name);
}

}  // namespace convforge
