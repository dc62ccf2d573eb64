#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ops/op.h"
#include "plan/description.h"
#include "plan/parameter.h"
#include "plan/plan.h"
#include "plan/samples.h"
#include "program/executor.h"
#include "program/loss.h"
#include "program/rematerialization.h"
#include "program/shards.h"
#include "program/state.h"

namespace convforge {

class GradientBuckets;

// How a training computes a step.
struct TrainingWay {
  bool rematerialize = false;  // whether it computes values again in the backward pass, instead of keeping them
  Shards shards = {};
};

// A checked program. run_* run one batch per call. They must be called on one thread at a time, with all programs of
// the same state, but for runs that change no state: these may also be called from Team::pause.
class Program {
 public:
  // Makes a program with a state of its own, or with that of another program. The two must be alike but for their
  // shapes. Throws Error if anything doesn't fit.
  explicit Program(const ProgramDescription& description, std::shared_ptr<State> shared = nullptr);

  State& state() const { return *state_; }
  const std::shared_ptr<State>& shared_state() const { return state_; }
  size_t input_count() const { return inputs_.size(); }
  const Shape& input_shape(size_t input) const { return inputs_[input].shape; }
  size_t output_count() const { return outputs_.size(); }
  // Floats per sample.
  size_t output_size(size_t output) const { return outputs_[output].size; }
  size_t gradient_count() const { return gradient_values_.size(); }
  size_t gradient_size(size_t gradient) const { return floats_of(shape_of(gradient_values_[gradient])); }

  using SampleSets = std::vector<const Samples*>;
  // Throw Error SHAPE_MISMATCH (or INVALID_LABEL) unless the samples fit the program. `weights` may be empty.
  void check_inputs(const SampleSets& x) const;
  void check_targets(size_t samples, const SampleSets& y, const SampleSets& weights,
                     const std::vector<uint32_t>* order) const;
  // The same for gradients by values, whose y is the loss's targets or the factors of the output.
  void check_value_gradients(size_t samples, const SampleSets& y, const SampleSets& weights) const;
  // Throws Error INVALID_ARGUMENT if the program is not for gradients by values (`value_gradients`), or if it is.
  void check_purpose(bool value_gradients) const;

  // kRematerialize is kTrain with less memory: see Recomputation. The modes of shards compute a batch in parts, for
  // which they have capacity.
  enum class Mode {
    kPredict,
    kEvaluate,
    kTrain,
    kGradients,
    kUpdate,
    kValueGradients,
    kRematerialize,
    kTrainShards,
    kRematerializeShards
  };

  static Mode mode_of(const TrainingWay& way);

  // Whether there is a plan of this mode for batches of `capacity` samples. May be called on any thread.
  bool is_planned(Mode mode, int capacity) const;
  // Makes the plan that the next run of this mode takes, unless there is one. May be called on any thread, also during
  // runs. Without it, runs make their plans.
  void prepare(Mode mode, int capacity);
  // Run one batch of at most `capacity` samples. The caller should pass the largest size that it will use, so that
  // memory is planned once. `step` has the batch: n, x, y, sample_weights, order or first, seed. Totals are added to
  // step.totals. The capacity of a training in shards is that of a shard.
  void run_training(Step step, int capacity, Team& team, const TrainingWay& way = {}, StepVotes* votes = nullptr);
  void run_evaluation(Step step, int capacity, Team& team);
  // Writes output i to y[i].
  void run_prediction(Step step, int capacity, float* const* y, Team& team);
  // Like run_training, but stops at the gradients.
  void run_gradients(Step step, int capacity, Team& team);
  // Computes outputs and gradients by values, as a training step would. Writes output i to y[i] and gradient i to
  // gradients[i]. Changes no state.
  void run_value_gradients(Step step, int capacity, float* const* y, float* const* gradients, Team& team);
  // Runs one step of the optimizer with the state's gradients.
  void run_update(Team& team);

  Totals empty_totals() const;

  // How one mode is computed, and the time that it took.
  struct Explanation {
    int capacity = 0;
    std::vector<Pass> passes;
    size_t arena_bytes = 0;
    size_t scratch_bytes = 0;  // per worker
    size_t weight_bytes = 0;
    size_t gradient_bytes = 0;
    size_t optimizer_bytes = 0;
    Profile profile;  // has no steps unless measured
  };
  // Whether the plan that ran last is for batches of `capacity` samples (0: any size). May be called on any thread.
  bool has_run(Mode mode, int capacity) const;
  // Explains that plan. If there is none, makes one for this call alone. Must be called where runs are. Throws Error
  // NOT_COMPILED for training or evaluation without a loss.
  Explanation explain(Mode mode, int capacity) const;
  // Explains a plan made for this call alone. May be called on any thread. Throws the same.
  Explanation explain_new(Mode mode, int capacity) const;
  // Starts measuring from zero, from the next runs on, or stops it and forgets the measurements. May be called on any
  // thread.
  void measure(bool on);

 private:
  struct Input {
    std::string name;
    Shape shape;
    bool is_whole = false;  // whether it is declared int32
    Affine rescaling = {};
  };

  // A node. Nodes are in an order in which they can be computed. Values are numbered: first the inputs, then the
  // outputs of the nodes.
  struct Node {
    std::unique_ptr<Op> op;
    std::vector<size_t> inputs;  // numbers of values
    size_t first_value = 0;      // number of its first output; the others follow
    bool trains = false;         // whether the optimizer changes any of its weights
    std::vector<Parameter> parameters = {};
    size_t owner = 0;              // the node whose weights it uses: itself or an earlier one
    int64_t batch_multiplier = 1;  // samples of its output per sample of the batch
    // In plans without training: whether another node computes its output, and the last node whose output it computes.
    bool absorbed_in_inference = false;
    size_t last_in_inference = 0;
  };

  // Where a value comes from that is no input.
  struct NodeOutput {
    size_t node = 0;
    size_t output = 0;
  };

  struct Output {
    size_t value = 0;
    size_t size = 0;  // floats per sample
    std::unique_ptr<Loss> loss = nullptr;
    bool loss_takes_logits = false;  // whether the loss takes the logits of the activation that gives this output
  };

  // The layout of weights and gradients.
  struct Layout {
    std::vector<Parameter> parameters;
    size_t weight_floats = 0;
    size_t gradient_floats = 0;
  };

  Layout add_nodes(const ProgramDescription& description);
  Node make_node(const NodeDescription& node);
  // Numbers the outputs of nodes_[node], the last node so far.
  void number_outputs(size_t node);
  // The number of a value of the nodes so far, as the description numbers them: it must be called before fuse().
  std::optional<size_t> find_value(const ValueReference& reference) const;
  void allocate_parameters(const NodeDescription& node, Node* made, Layout* layout);
  void add_outputs(const ProgramDescription& description);
  void check_used() const;
  void add_value_gradients(const ValueGradientsDescription& gradients);
  void add_losses(const TrainingDescription& training);
  void choose_logits();
  void fuse();
  void fuse_inference();
  // The number of uses of each value: as an input, an output or a value that gradients are by.
  std::vector<size_t> count_uses() const;
  size_t value_count() const { return inputs_.size() + node_outputs_.size(); }
  const NodeOutput& source_of(size_t value) const { return node_outputs_[value - inputs_.size()]; }
  const Shape& shape_of(size_t value) const;
  // The name of the input or node that gives it.
  const std::string& name_of(size_t value) const;
  int64_t batch_multiplier_of(size_t value) const {
    return value < inputs_.size() ? 1 : nodes_[source_of(value).node].batch_multiplier;
  }
  // A plan, and its buffers that a caller reads.
  struct Planned {
    Plan plan;
    std::vector<BufferId> outputs = {};
    std::vector<BufferId> gradients = {};  // by `gradient_values_`; kNoBuffer if the gradient is 0
  };
  Planned make_plan(int capacity, Mode mode) const;
  // Makes the plan with the smallest arena of several that compute again what `whole` keeps.
  Planned make_small_plan(int capacity, Mode whole) const;
  // Plans any other mode, or a training that computes nodes again. Tells what the backward pass keeps.
  Planned plan_mode(int capacity, Mode mode, const Recomputation* again, KeptMemory* kept) const;
  void plan_forward(Plan& plan, Mode mode, std::vector<OpBuffers>& buffers, std::vector<BufferId>& values) const;
  KeptMemory kept_memory(const Plan& plan, size_t backward, const std::vector<OpBuffers>& buffers,
                         const std::vector<BufferId>& values) const;
  // Plans the nodes from `begin` on, up to `end`, that are computed again.
  void plan_again(Plan& plan, const Recomputation& again, size_t begin, size_t end,
                  std::vector<OpBuffers>& buffers) const;
  void plan_reading(Plan& plan, size_t input, BufferId value) const;
  void plan_losses(Plan& plan, const std::vector<OpBuffers>& buffers, const std::vector<BufferId>& values,
                   std::vector<std::vector<BufferId>>* terms) const;
  // Plans reading the gradient by the first output: its factors.
  void plan_factors(Plan& plan, std::vector<std::vector<BufferId>>* terms) const;
  // Plans the backward passes. `terms` has, for each value, the gradients from its uses, the last use first. Returns
  // the gradients by `gradient_values_`. `buckets` sum gradients as soon as they are written; null without shards.
  std::vector<BufferId> plan_backward(Plan& plan, std::vector<OpBuffers>& buffers,
                                      std::vector<std::vector<BufferId>> terms, const Recomputation* again,
                                      GradientBuckets* buckets) const;
  // For each value, whether it or anything before it needs its gradient.
  std::vector<bool> values_that_learn() const;
  void plan_shared_gradients(Plan& plan, const std::vector<bool>& reached) const;
  Executor& executor(int capacity, Mode mode);
  void release_others(Mode mode);
  // What all modes that train know of a step.
  Step training_step(Step step) const;

  std::vector<Input> inputs_;
  std::vector<Node> nodes_;
  std::vector<NodeOutput> node_outputs_;
  std::vector<Output> outputs_;
  // The values that the program differentiates by, if it computes gradients by values.
  std::vector<size_t> gradient_values_;
  enum class Purpose { kTraining, kGradientsOfLoss, kGradientsOfOutput } purpose_ = Purpose::kTraining;
  std::shared_ptr<State> state_;

  static constexpr size_t kModes = 9;
  // Of these, one at a time has memory.
  static constexpr Mode kTrainingModes[] = {Mode::kTrain, Mode::kRematerialize, Mode::kTrainShards,
                                            Mode::kRematerializeShards};
  // How a mode runs.
  struct Running {
    std::unique_ptr<Executor> executor;
    std::vector<BufferId> outputs;
    std::vector<BufferId> gradients;
    uint64_t measuring = 0;  // the measuring_ that the executor follows
  };
  // The mode whose plan ran last, where training was asked for: there are several.
  Mode last_ran(Mode mode) const;
  void check_explains(Mode mode) const;
  Explanation describe(const Plan& plan) const;
  Running running_[kModes];
  // Plans that wait for their first run.
  std::unique_ptr<Planned> prepared_[kModes];
  // The largest batch that a prepared or running plan of the mode is for.
  int capacities_[kModes] = {};
  // The same of the running plan alone; 0: none.
  int running_capacities_[kModes] = {};
  // Guards the three above. It is held for moments only.
  mutable std::mutex plans_mutex_;
  // Odd while runs are measured. Each change starts measurements from zero, or ends them.
  std::atomic<uint64_t> measuring_{0};
};

}  // namespace convforge
