// Plans a Program: reading, forward passes, losses, backward passes and the update.
#include <algorithm>
#include <utility>

#include "ops/add.h"
#include "program/gradient_buckets.h"
#include "program/pieces.h"
#include "program/program.h"
#include "program/regularization.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// The gradient by a value, from one or more gradients by its uses. `terms` has the last use first; they are added from
// the first use on.
BufferId plan_gradient_sum(Plan& plan, const std::string& node, const Shape& shape,
                           const std::vector<BufferId>& terms) {
  if (terms.size() == 1) return terms[0];
  const size_t size = floats_of(shape);
  const BufferId sum = plan.buffer(size);
  plan_sum(plan, node, "gradient sum", {terms.rbegin(), terms.rend()}, sum, size);
  return sum;
}

// Buffers for the outputs of an op with this first input. The op computes the output of `last`: itself, or what it has
// absorbed in inference. `uses` has the number of uses of each output.
std::vector<BufferId> output_buffers(Plan& plan, const Op& op, const Op& last, BufferId in, const size_t* uses,
                                     bool training) {
  if (op.is_view(training)) return {in};
  std::vector<BufferId> buffers;
  for (size_t i = 0; i < op.output_count(); ++i)
    buffers.push_back(uses[i] > 0 ? plan.buffer(floats_of(last.output(i))) : kNoBuffer);
  return buffers;
}

}  // namespace

void Program::plan_reading(Plan& plan, size_t input, BufferId value) const {
  const Input& in = inputs_[input];
  const size_t size = floats_of(in.shape);
  const Affine by = in.rescaling;
  plan.pass(
      {.node = in.name, .kind = "read", .algorithm = "elementwise", .fused = by.is_identity() ? "" : "rescaling"});
  const size_t pieces = ceil_div(size, kPieceFloats);
  plan.stage(
      {value}, [pieces](const Step& s) { return static_cast<size_t>(s.n) * pieces; },
      [=](const Step& s, size_t task, float*) {
        const Samples& x = *s.x[input];
        const size_t sample = s.sample(static_cast<int>(task / pieces));
        const size_t first = size * (task % pieces) / pieces;
        const size_t count = size * (task % pieces + 1) / pieces - first;
        float* y = s.at(value) + task / pieces * size + first;
        if (x.type() == Samples::Type::kUint8) {
          kernels().rescale_u8(x.u8(sample) + first, y, count, by.scale, by.offset);
        } else if (x.type() == Samples::Type::kInt32) {
          const int32_t* from = x.i32(sample) + first;
          std::transform(from, from + count, y, [](int32_t value) { return static_cast<float>(value); });
          if (!by.is_identity()) kernels().rescale_f32(y, y, count, by.scale, by.offset);
        } else if (by.is_identity()) {
          std::copy_n(x.f32(sample) + first, count, y);
        } else {
          kernels().rescale_f32(x.f32(sample) + first, y, count, by.scale, by.offset);
        }
      });
}

Program::Planned Program::make_plan(int capacity, Mode mode) const {
  if (mode == Mode::kRematerialize) return make_small_plan(capacity, Mode::kTrain);
  if (mode == Mode::kRematerializeShards) return make_small_plan(capacity, Mode::kTrainShards);
  return plan_mode(capacity, mode, nullptr, nullptr);
}

Program::Planned Program::plan_mode(int capacity, Mode mode, const Recomputation* again, KeptMemory* kept) const {
  Planned planned{Plan(capacity, mode == Mode::kTrainShards)};
  Plan& plan = planned.plan;
  if (mode == Mode::kUpdate) {
    plan.begin_update();
    state_->optimizer().plan(plan, state_->weights(), state_->parameters());
    plan.finish({});
    return planned;
  }
  const bool by_values = mode == Mode::kValueGradients;
  const bool of_loss = mode != Mode::kPredict && purpose_ != Purpose::kGradientsOfOutput;
  const bool updates = mode == Mode::kTrain || mode == Mode::kTrainShards;
  const bool training = updates || mode == Mode::kGradients || by_values;
  std::vector<OpBuffers> buffers(nodes_.size());
  std::vector<BufferId> values;
  plan_forward(plan, mode, buffers, values);
  for (const Output& output : outputs_) planned.outputs.push_back(values[output.value]);
  std::vector<std::vector<BufferId>> terms(values.size());
  if (of_loss) plan_losses(plan, buffers, values, training ? &terms : nullptr);
  if (by_values && !of_loss) plan_factors(plan, &terms);
  const size_t backward = plan.stages().size();
  GradientBuckets buckets(&plan, state_->parameters());
  if (training)
    planned.gradients = plan_backward(plan, buffers, std::move(terms), again, plan.has_shards() ? &buckets : nullptr);
  if (kept) *kept = kept_memory(plan, backward, buffers, values);
  if (plan.has_shards()) {
    buckets.finish();
    plan.join_shards();
  }
  if (mode != Mode::kPredict && !by_values)
    plan_regularization(plan, state_->weights(), state_->parameters(), training);
  if (updates || mode == Mode::kGradients) plan.begin_update();
  if (updates) state_->optimizer().plan(plan, state_->weights(), state_->parameters());
  std::vector<BufferId> results = planned.outputs;
  results.insert(results.end(), planned.gradients.begin(), planned.gradients.end());
  plan.finish(results);
  return planned;
}

// Plans reading and the forward passes. Gives each node its buffers, and each value its own.
void Program::plan_forward(Plan& plan, Mode mode, std::vector<OpBuffers>& buffers,
                           std::vector<BufferId>& values) const {
  const bool training = mode != Mode::kPredict && mode != Mode::kEvaluate;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    values.push_back(plan.buffer(floats_of(inputs_[i].shape)));
    plan_reading(plan, i, values.back());
  }
  // Activations that the loss computes itself.
  std::vector<bool> left_out(value_count(), false);
  if (mode != Mode::kPredict && purpose_ != Purpose::kGradientsOfOutput) {
    for (const Output& output : outputs_) left_out[output.value] = output.loss_takes_logits;
  }
  const std::vector<size_t> uses = count_uses();
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Op& op = *nodes_[i].op;
    OpBuffers& b = buffers[i];
    for (const size_t input : nodes_[i].inputs) b.inputs.push_back(values[input]);
    b.in = b.inputs[0];
    b.trains = nodes_[i].trains;
    plan.set_batch_multiplier(nodes_[i].batch_multiplier);
    const bool absorbed = !training && nodes_[i].absorbed_in_inference;
    const Op& last = training ? op : *nodes_[nodes_[i].last_in_inference].op;
    if (absorbed) {
      b.outs = {b.in};
    } else {
      b.outs = output_buffers(plan, op, last, b.in, &uses[nodes_[i].first_value], training);
    }
    b.out = b.outs[0];
    if (!absorbed && !left_out[values.size()]) op.plan_forward(plan, b, training);
    values.insert(values.end(), b.outs.begin(), b.outs.end());
  }
  plan.set_batch_multiplier(1);
}

void Program::plan_factors(Plan& plan, std::vector<std::vector<BufferId>>* terms) const {
  const Output& output = outputs_[0];
  const BufferId factors = plan.buffer(output.size);
  plan.pass({.node = "factors", .kind = "read", .algorithm = "elementwise"});
  plan.stage(
      {factors}, [](const Step& s) { return static_cast<size_t>(s.n); },
      [size = output.size, factors](const Step& s, size_t task, float*) {
        std::copy_n(s.y[0]->f32(s.sample(static_cast<int>(task))), size, s.at(factors) + task * size);
      });
  (*terms)[output.value].push_back(factors);
}

// Adds the gradients by the values that the losses take to `terms`, which is null without training.
void Program::plan_losses(Plan& plan, const std::vector<OpBuffers>& buffers, const std::vector<BufferId>& values,
                          std::vector<std::vector<BufferId>>* terms) const {
  for (const Output& output : outputs_) {
    if (!output.loss) continue;
    const BufferId gradient = terms ? plan.buffer(output.size) : kNoBuffer;
    if (output.loss_takes_logits) {
      const size_t node = source_of(output.value).node;
      output.loss->plan(plan, buffers[node].in, values[output.value], gradient);
      if (terms) (*terms)[nodes_[node].inputs[0]].push_back(gradient);
    } else {
      output.loss->plan(plan, values[output.value], kNoBuffer, gradient);
      if (terms) (*terms)[output.value].push_back(gradient);
    }
  }
}

std::vector<bool> Program::values_that_learn() const {
  std::vector<bool> learns(value_count(), false);
  for (const size_t value : gradient_values_) learns[value] = true;
  for (const Node& node : nodes_) {
    bool any = node.trains;
    for (const size_t input : node.inputs) any = any || learns[input];
    for (size_t k = 0; any && k < node.op->output_count(); ++k) learns[node.first_value + k] = true;
  }
  return learns;
}

std::vector<BufferId> Program::plan_backward(Plan& plan, std::vector<OpBuffers>& buffers,
                                             std::vector<std::vector<BufferId>> terms, const Recomputation* again,
                                             GradientBuckets* buckets) const {
  const std::vector<bool> learns = values_that_learn();
  std::vector<bool> shares(nodes_.size(), false);  // whether a node's weights are those of another one, too
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].owner != i) shares[i] = shares[nodes_[i].owner] = true;
  }
  std::vector<bool> reached(nodes_.size(), false);
  size_t segment = again ? again->segment_ends.size() - 1 : 0;
  for (size_t i = nodes_.size(); i-- > 0;) {
    if (segment > 0 && i + 1 == again->segment_ends[segment - 1]) {
      --segment;
      plan_again(plan, *again, segment > 0 ? again->segment_ends[segment - 1] : 0, i + 1, buffers);
    }
    const Op& op = *nodes_[i].op;
    const std::vector<size_t>& inputs = nodes_[i].inputs;
    OpBuffers& b = buffers[i];
    plan.set_batch_multiplier(nodes_[i].batch_multiplier);
    for (size_t k = 0; k < op.output_count(); ++k) {
      const size_t value = nodes_[i].first_value + k;
      const bool has_gradient = learns[value] && !terms[value].empty();
      b.d_outs.push_back(has_gradient ? plan_gradient_sum(plan, op.name, op.output(k), terms[value]) : kNoBuffer);
      reached[i] = reached[i] || has_gradient;
    }
    b.d_out = b.d_outs[0];
    if (!reached[i]) continue;
    const bool ends =
        !nodes_[i].trains && std::none_of(inputs.begin(), inputs.end(), [&](size_t input) { return learns[input]; });
    if (ends) continue;
    for (const size_t input : inputs) {
      const bool shared = op.shares_gradient() && b.d_in != kNoBuffer;
      BufferId by_input = kNoBuffer;
      if (learns[input] && op.passes_gradient()) {
        by_input = b.d_out;
      } else if (learns[input]) {
        by_input = shared ? b.d_in : plan.buffer(floats_of(shape_of(input)));
      }
      b.d_inputs.push_back(by_input);
      if (b.d_in == kNoBuffer) b.d_in = by_input;
    }
    op.plan_backward(plan, b);
    if (buckets && nodes_[i].trains && !shares[i]) buckets->add(nodes_[i].parameters);
    for (size_t k = inputs.size(); k-- > 0;) {
      if (learns[inputs[k]]) terms[inputs[k]].push_back(b.d_inputs[k]);
    }
  }
  plan.set_batch_multiplier(1);
  plan_shared_gradients(plan, reached);
  std::vector<BufferId> gradients;
  for (const size_t value : gradient_values_) {
    if (value >= inputs_.size()) {
      const NodeOutput& source = source_of(value);
      gradients.push_back(buffers[source.node].d_outs[source.output]);
    } else if (terms[value].empty()) {
      gradients.push_back(kNoBuffer);
    } else {
      gradients.push_back(plan_gradient_sum(plan, inputs_[value].name, inputs_[value].shape, terms[value]));
    }
  }
  return gradients;
}

// Adds the gradients of nodes that share weights, in the order of nodes. Weights that no loss depends on get a gradient
// of 0.
void Program::plan_shared_gradients(Plan& plan, const std::vector<bool>& reached) const {
  std::vector<bool> begun = reached;  // by owner: whether there is a gradient to add to
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.owner == i || !reached[i] || !node.trains) continue;
    const bool adds = begun[node.owner];
    begun[node.owner] = true;
    plan.pass({.node = node.op->name, .kind = "gradient sum", .algorithm = "elementwise"});
    for (size_t p = 0; p < node.parameters.size(); ++p) {
      const size_t from = node.parameters[p].gradient;
      const size_t to = nodes_[node.owner].parameters[p].gradient;
      const size_t floats = node.parameters[p].stored;
      plan.stage(
          {}, [floats](const Step&) { return ceil_div(floats, kPieceFloats); },
          [=](const Step& s, size_t task, float*) {
            const size_t first = task * kPieceFloats;
            const size_t count = std::min(kPieceFloats, floats - first);
            if (adds) {
              kernels().accumulate(s.gradients + from + first, s.gradients + to + first, count);
            } else {
              std::copy_n(s.gradients + from + first, count, s.gradients + to + first);
            }
          });
    }
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (begun[i] || nodes_[i].owner != i || !nodes_[i].trains) continue;
    for (const Parameter& p : nodes_[i].parameters) {
      plan.stage(
          {}, [](const Step&) { return size_t{1}; },
          [from = p.gradient, floats = p.stored](const Step& s, size_t, float*) {
            std::fill_n(s.gradients + from, floats, 0.0f);
          });
    }
  }
}

}  // namespace convforge
