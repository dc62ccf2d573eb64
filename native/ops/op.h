#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/types.h"
#include "ops/fusion.h"
#include "plan/description.h"
#include "plan/parameter.h"
#include "plan/plan.h"

namespace convforge {

// The buffers of an op in one plan. It writes out, d_inputs and what it saves, the whole of each; inputs and d_out may
// be others' too.
struct OpBuffers {
  BufferId in = kNoBuffer;
  std::vector<BufferId> inputs;  // all of them, where the op takes several; `in` is the first
  BufferId out = kNoBuffer;
  BufferId d_out = kNoBuffer;
  std::vector<BufferId> d_inputs;  // by each of the inputs; kNoBuffer where nothing before it learns
  BufferId d_in = kNoBuffer;       // the first of them
  bool trains = false;             // whether gradients by the op's own parameters are wanted
  std::vector<BufferId> saved;     // what the forward pass keeps for the backward pass
};

// One operation, with its shapes fixed. Ops are made once per program and may be planned several times (for training,
// for inference), so they keep no state of a run.
class Op {
 public:
  Op(const NodeDescription& node, Shape in, Shape out)
      : name(node.name), in(std::move(in)), out(std::move(out)), always_(node.flag("always")) {}
  virtual ~Op() = default;
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;

  // Whether it has parameters, in the node's order.
  virtual std::vector<ParameterDescription> parameters() const { return {}; }
  // Where they and their gradients are; called once, before any planning.
  virtual void place(const std::vector<Parameter>& /*parameters*/) {}
  // What a neighbour may compute in its own pass instead.
  virtual Fusion fusion() const { return {}; }
  // The function of its input that the output is, for a loss that takes logits.
  virtual LogitsOf logits_of() const { return LogitsOf::kNothing; }
  // Computes `next`, the only op that takes this one's output, in the same pass from now on. `out` becomes next.out.
  // Returns false if it can't.
  virtual bool absorb(const Op& /*next*/) { return false; }
  // Whether the output is the input's memory under another shape.
  virtual bool is_view(bool /*training*/) const { return false; }
  // Whether the gradient by each input is d_out as it is: d_in is then d_out's memory.
  virtual bool passes_gradient() const { return is_view(true); }
  // Whether the gradient is the same by all inputs: d_inputs are then one buffer.
  virtual bool shares_gradient() const { return passes_gradient(); }

  // How many samples its output has for each of the batch's, where its inputs have `before`: 1 but between fold and
  // unfold.
  virtual int64_t folds(int64_t before) const { return before; }

  virtual void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const = 0;
  // From d_out to d_inputs and the parameters' gradients.
  virtual void plan_backward(Plan& plan, const OpBuffers& buffers) const = 0;

  std::string name;
  Shape in;  // of several inputs, the first's
  Shape out;

 protected:
  // Whether it computes as in training, in a plan that is for training or not.
  bool in_training(bool planned) const { return planned || always_; }

 private:
  bool always_;
};

// For the ops' constructors: sizes that fit an int, since checked_size bounds them.
inline int size_of(const Shape& shape) {
  int64_t size = 1;
  for (const int64_t dimension : shape) size *= dimension;
  return static_cast<int>(size);
}

inline size_t floats_of(const Shape& shape) { return static_cast<size_t>(size_of(shape)); }

// Makes the op of a node over inputs of these shapes. Throws Error for anything that doesn't fit; `node.shape`
// included.
std::unique_ptr<Op> make_op(const NodeDescription& node, const std::vector<Shape>& inputs);

}  // namespace convforge
