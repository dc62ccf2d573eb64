// Program::make_small_plan and what it takes.
#include <numeric>
#include <utility>

#include "program/program.h"

namespace convforge {
namespace {

// The limits of memory to try, as shares of what a step without recomputation keeps.
constexpr double kShares[] = {0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05};
// What a further recomputation must save, as a share of the arena.
constexpr double kWorthwhile = 0.03;

}  // namespace

Program::Planned Program::make_small_plan(int capacity, Mode whole) const {
  KeptMemory memory;
  Planned best = plan_mode(capacity, whole, nullptr, &memory);
  size_t held = 0;
  for (const KeptMemory::Node& node : memory.nodes) held += memory.held_by(node);
  std::vector<size_t> tried = {nodes_.size()};
  for (const double share : kShares) {
    const Recomputation again = cut_into_segments(memory, static_cast<size_t>(share * static_cast<double>(held)));
    if (again.segment_ends == tried) continue;
    tried = again.segment_ends;
    Planned planned = plan_mode(capacity, whole, &again, nullptr);
    const double worthwhile = (1 - kWorthwhile) * static_cast<double>(best.plan.arena_bytes());
    if (static_cast<double>(planned.plan.arena_bytes()) < worthwhile) best = std::move(planned);
  }
  return best;
}

// `backward` is the first stage of the backward pass.
KeptMemory Program::kept_memory(const Plan& plan, size_t backward, const std::vector<OpBuffers>& buffers,
                                const std::vector<BufferId>& values) const {
  KeptMemory memory;
  memory.values.resize(values.size());
  std::vector<bool> is_value(plan.buffer_count(), false);
  for (size_t value = 0; value < values.size(); ++value) {
    KeptMemory::Value& v = memory.values[value];
    v.source = value;
    if (values[value] == kNoBuffer) continue;
    v.bytes = plan.bytes_of(values[value]);
    v.needed = plan.is_used_from(values[value], backward);
    is_value[static_cast<size_t>(values[value])] = true;
  }
  for (const Output& output : outputs_) memory.values[output.value].stays = true;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (buffers[i].out == buffers[i].in) {
      memory.values[node.first_value].source = memory.values[node.inputs[0]].source;
    }
    KeptMemory::Node n{.inputs = node.inputs, .first_value = node.first_value, .outputs = node.op->output_count()};
    for (const BufferId saved : buffers[i].saved) {
      const bool counts = !is_value[static_cast<size_t>(saved)] && plan.is_used_from(saved, backward);
      if (counts) n.saved += plan.bytes_of(saved);
    }
    memory.nodes.push_back(std::move(n));
  }
  return memory;
}

void Program::plan_again(Plan& plan, const Recomputation& again, size_t begin, size_t end,
                         std::vector<OpBuffers>& buffers) const {
  std::vector<BufferId> moved(plan.buffer_count());  // the buffer in which the contents of each one are computed again
  std::iota(moved.begin(), moved.end(), BufferId{0});
  const auto move = [&moved](BufferId& id) {
    if (id != kNoBuffer) id = moved[static_cast<size_t>(id)];
  };
  plan.set_recomputing(true);
  for (size_t i = begin; i < end; ++i) {
    const Op& op = *nodes_[i].op;
    OpBuffers& b = buffers[i];
    const bool is_view = b.out == b.in;
    for (BufferId& input : b.inputs) move(input);
    b.in = b.inputs[0];
    plan.set_batch_multiplier(nodes_[i].batch_multiplier);
    for (size_t k = 0; k < b.outs.size() && again.again[i]; ++k) {
      if (b.outs[k] == kNoBuffer || again.kept[nodes_[i].first_value + k] || is_view) continue;
      moved[static_cast<size_t>(b.outs[k])] = plan.buffer(floats_of(op.output(k)));
    }
    for (BufferId& out : b.outs) move(out);
    b.out = b.outs[0];
    for (BufferId& saved : b.saved) move(saved);
    if (!again.again[i] || is_view) continue;
    b.saved.clear();
    op.plan_forward(plan, b, true);
  }
  plan.set_recomputing(false);
}

}  // namespace convforge
