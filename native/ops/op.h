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

// The buffers of an op in one plan. The op must fill each of `outs`, of `d_inputs` and of `saved` completely. It must
// not write to `inputs` or `d_outs`, which other ops may share.
struct OpBuffers {
  BufferId in = kNoBuffer;
  std::vector<BufferId> inputs;  // all inputs; `in` is the first
  BufferId out = kNoBuffer;
  std::vector<BufferId> outs;  // all outputs, `out` first; kNoBuffer for one of several that nothing reads
  BufferId d_out = kNoBuffer;
  std::vector<BufferId> d_outs;    // gradients by the outputs, `d_out` first; kNoBuffer for one of several if it is 0
  std::vector<BufferId> d_inputs;  // gradients by the inputs; kNoBuffer if none is needed
  BufferId d_in = kNoBuffer;       // the first of d_inputs
  bool trains = false;             // whether gradients by the op's own parameters are needed
  std::vector<BufferId> saved;     // what the forward pass keeps for the backward pass
  BufferId kernel = kNoBuffer;     // a convolution's folded kernel and bias, instead of its parameters
  BufferId bias = kNoBuffer;
};

// One operation with fixed shapes. An op is made once per program and may be planned several times (for training, for
// inference), so it must keep no state of a run. An op of several outputs is fused with no other, and is no view.
class Op {
 public:
  Op(const NodeDescription& node, Shape in, Shape out)
      : name(node.name), in(std::move(in)), out(std::move(out)), always_(node.flag("always")) {}
  virtual ~Op() = default;
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;

  virtual size_t output_count() const { return 1; }
  virtual const Shape& output(size_t /*index*/) const { return out; }
  // The op's parameters, in the node's order.
  virtual std::vector<ParameterDescription> parameters() const { return {}; }
  // Tells the op where its parameters and their gradients are stored. Called once, before any planning.
  virtual void bind_parameters(const std::vector<Parameter>& /*parameters*/) {}
  // What a neighbour may compute in its own pass instead of this op.
  virtual Fusion fusion() const { return {}; }
  // The function of the op's input that its output is, for losses that take logits.
  virtual LogitsOf logits_of() const { return LogitsOf::kNothing; }
  // Tries to fuse `next`, the only op that takes this one's output, into this op's pass. `out` becomes next.out.
  // Returns false if it can't.
  virtual bool absorb(const Op& /*next*/) { return false; }
  // Like absorb, but for plans without training alone, where plan_forward then computes next's output too. `out` stays.
  virtual bool absorb_in_inference(const Op& /*next*/) { return false; }
  // Whether the output is the input's memory with another shape.
  virtual bool is_view(bool /*training*/) const { return false; }
  // Whether the gradient by each input equals d_out. d_in is then d_out's memory.
  virtual bool passes_gradient() const { return is_view(true); }
  // Whether the gradients by all inputs are equal. d_inputs are then one buffer.
  virtual bool shares_gradient() const { return passes_gradient(); }

  // The number of samples of the output per sample of the batch; `before` is that of the inputs. It is 1 outside of
  // fold and unfold.
  virtual int64_t batch_multiplier(int64_t before) const { return before; }

  virtual void plan_forward(Plan& plan, OpBuffers& buffers, bool training) const = 0;
  // Computes d_inputs and the parameters' gradients from d_outs.
  virtual void plan_backward(Plan& plan, const OpBuffers& buffers) const = 0;

  std::string name;
  Shape in;   // shape of the first input
  Shape out;  // shape of the first output

 protected:
  // Whether the op computes as in training, in a plan for training (`planned`) or for inference.
  bool in_training(bool planned) const { return planned || always_; }

 private:
  bool always_;
};

// The number of elements. It fits an int, since checked_size has bounded it.
inline int size_of(const Shape& shape) {
  int64_t size = 1;
  for (const int64_t dimension : shape) size *= dimension;
  return static_cast<int>(size);
}

inline size_t floats_of(const Shape& shape) { return static_cast<size_t>(size_of(shape)); }

// Makes the op of a node for inputs of these shapes. Throws Error if anything doesn't fit, such as the output that
// the node declares.
std::unique_ptr<Op> make_op(const NodeDescription& node, const std::vector<Shape>& inputs);

}  // namespace convforge
