#include "ops/op.h"
#include "runtime/error.h"

namespace convforge {

using MakeOp = std::unique_ptr<Op>(const NodeDescription&, const Shape&);

#define OP(name) MakeOp make_##name;
#include "ops/ops.inc"
#undef OP

std::unique_ptr<Op> make_op(const NodeDescription& node, const Shape& in) {
  static constexpr struct {
    const char* name;
    MakeOp* make;
  } kOps[] = {
#define OP(name) {#name, make_##name},
#include "ops/ops.inc"
#undef OP
  };
  for (const auto& op : kOps) {
    if (node.op != op.name) continue;
    std::unique_ptr<Op> made = op.make(node, in);
    if (made->out != node.shape) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": " + node.op + " gives " + to_string(made->out) + ", but " + to_string(node.shape) +
                      " was declared",
                  node.name);
    }
    return made;
  }
  throw Error("UNSUPPORTED", node.name + ": there is no op '" + node.op + "'", node.name);
}

}  // namespace convforge
