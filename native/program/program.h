#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ops/op.h"
#include "plan/description.h"
#include "plan/parameter.h"
#include "plan/plan.h"
#include "plan/samples.h"
#include "program/executor.h"
#include "program/loss.h"
#include "program/state.h"

namespace convforge {

// A checked program. Everything that runs it goes through run_*, one batch a call, by a caller that holds its state's
// mutex.
class Program {
 public:
  // With a state of its own, or with that of another program, which must be alike but for its shapes. Throws Error for
  // whatever doesn't fit.
  explicit Program(const ProgramDescription& description, std::shared_ptr<State> shared = nullptr);

  State& state() const { return *state_; }
  const std::shared_ptr<State>& shared_state() const { return state_; }
  size_t input_count() const { return inputs_.size(); }
  const Shape& input_shape(size_t input) const { return inputs_[input].shape; }
  size_t output_count() const { return outputs_.size(); }
  // Floats of a sample.
  size_t output_size(size_t output) const { return outputs_[output].size; }
  size_t wanted_count() const { return wanted_.size(); }
  size_t wanted_size(size_t gradient) const { return floats_of(shape_of(wanted_[gradient])); }

  using SampleSets = std::vector<const Samples*>;
  // Throw Error SHAPE_MISMATCH (INVALID_LABEL) unless the samples suit the program. Of weights there may be none.
  void check_inputs(const SampleSets& x) const;
  void check_targets(size_t samples, const SampleSets& y, const SampleSets& weights,
                     const std::vector<uint32_t>* order) const;
  // The same for a computation of gradients by values, whose y is the loss's targets or the output's factors.
  void check_value_gradients(size_t samples, const SampleSets& y, const SampleSets& weights) const;
  // Throws Error INVALID_ARGUMENT unless the program is for gradients by values, or unless it isn't.
  void check_purpose(bool value_gradients) const;

  // Run one batch of at most `capacity` samples (the largest that the caller will use, so that memory is planned once).
  // `step` has the batch (n, x, y, sample_weights, order or first, seed); totals are added to step.totals.
  void run_training(Step step, int capacity, Team& team);
  void run_evaluation(Step step, int capacity, Team& team);
  // Output i goes to y[i].
  void run_prediction(Step step, int capacity, float* const* y, Team& team);
  // As run_training, up to the gradients.
  void run_gradients(Step step, int capacity, Team& team);
  // Computes outputs and gradients by values, as a training step would, of a program that is for this: output i goes to
  // y[i], gradient i to gradients[i]. Changes nothing.
  void run_value_gradients(Step step, int capacity, float* const* y, float* const* gradients, Team& team);
  // One step of the optimizer from the gradients.
  void run_update(Team& team);

  Totals empty_totals() const;

  enum class Mode { kPredict, kEvaluate, kTrain, kGradients, kUpdate, kValueGradients };

  // How one mode is computed, and the time that it took.
  struct Explanation {
    int capacity = 0;
    std::vector<Pass> passes;
    size_t arena_bytes = 0;
    size_t scratch_bytes = 0;  // of each worker
    size_t weight_bytes = 0;
    size_t gradient_bytes = 0;
    size_t optimizer_bytes = 0;
    Profile profile;  // without steps unless they were measured
  };
  // Of the plan that ran last, if it is for batches of `capacity` samples (0: of any size); or else of a plan made for
  // this and forgotten. Throws Error NOT_COMPILED for training or evaluation without a loss.
  Explanation explain(Mode mode, int capacity);
  // Measures what runs from now on, starting from nothing, or stops measuring and forgets.
  void measure(bool on);

 private:
  struct Input {
    std::string name;
    Shape shape;
    Affine rescaling = {};
  };

  // What is computed, in an order in which it can be: the first values are the inputs as they are read, those after
  // them the outputs of the nodes.
  struct Node {
    std::unique_ptr<Op> op;
    std::vector<size_t> inputs;  // values
    bool trains = false;         // whether it has weights that the optimizer changes
    std::vector<Parameter> parameters = {};
    size_t owner = 0;   // the node whose weights it uses: itself, or an earlier one
    int64_t folds = 1;  // samples of its output for each of the batch's
  };

  struct Output {
    size_t value = 0;
    size_t size = 0;  // floats of a sample
    std::unique_ptr<Loss> loss = nullptr;
    bool loss_takes_logits = false;  // of the activation that gives this output
  };

  // Where weights and gradients lie.
  struct Layout {
    std::vector<Parameter> parameters;
    size_t weight_floats = 0;
    size_t gradient_floats = 0;
  };

  Layout add_nodes(const ProgramDescription& description);
  Node make_node(const NodeDescription& node, size_t value);
  void place_parameters(const NodeDescription& node, Node* made, Layout* layout);
  void add_outputs(const ProgramDescription& description);
  void add_value_gradients(const ValueGradientsDescription& gradients);
  void add_losses(const TrainingDescription& training, const ProgramDescription& description);
  void choose_logits();
  void fuse();
  // How often each value is taken as an input or given out.
  std::vector<size_t> count_uses() const;
  const Shape& shape_of(size_t value) const {
    return value < inputs_.size() ? inputs_[value].shape : nodes_[value - inputs_.size()].op->out;
  }
  int64_t folds_of(size_t value) const { return value < inputs_.size() ? 1 : nodes_[value - inputs_.size()].folds; }
  struct Planned;
  Plan make_plan(int capacity, Mode mode, Planned* planned);
  void plan_reading(Plan& plan, size_t input, BufferId value) const;
  void plan_losses(Plan& plan, const std::vector<OpBuffers>& buffers, const std::vector<BufferId>& values,
                   std::vector<std::vector<BufferId>>* terms) const;
  // Adds the gradient by the first output: its factors.
  void plan_factors(Plan& plan, std::vector<std::vector<BufferId>>* terms) const;
  // From the gradients by each value that its uses give, the last use first. Gives those by `wanted_`.
  std::vector<BufferId> plan_backward(Plan& plan, std::vector<OpBuffers>& buffers,
                                      std::vector<std::vector<BufferId>> terms) const;
  // For each value whether anything before it, or it itself, needs its gradient.
  std::vector<bool> values_that_learn() const;
  void plan_shared_gradients(Plan& plan, const std::vector<bool>& reached) const;
  Executor& executor(int capacity, Mode mode);
  void train(Step step, int capacity, Mode mode, Team& team);

  std::vector<Input> inputs_;
  std::vector<Node> nodes_;
  std::vector<Output> outputs_;
  // The values whose gradients are wanted, in a program that computes them.
  std::vector<size_t> wanted_;
  enum class Purpose { kTraining, kGradientsOfLoss, kGradientsOfOutput } purpose_ = Purpose::kTraining;
  std::shared_ptr<State> state_;

  struct Planned {
    std::unique_ptr<Executor> executor;
    std::vector<BufferId> outputs;
    std::vector<BufferId> gradients;  // by `wanted_`; kNoBuffer for 0
  };
  static constexpr size_t kModes = 6;
  Planned planned_[kModes];
  bool measures_ = false;
};

}  // namespace convforge
