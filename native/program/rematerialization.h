// Chooses which values a training step drops after the forward pass and computes again in the backward pass.
#pragma once

#include <cstddef>
#include <vector>

namespace convforge {

// What the backward pass of a graph keeps in memory. Values are numbered: first the inputs, then the outputs of nodes.
struct KeptMemory {
  struct Value {
    size_t bytes = 0;
    size_t source = 0;    // the value whose memory it is: itself, or another one that it is a view of
    bool needed = false;  // whether the backward pass reads it
    bool stays = false;   // whether it is an input or an output of the program
  };
  struct Node {
    std::vector<size_t> inputs;
    size_t first_value = 0;
    size_t outputs = 1;
    size_t saved = 0;  // bytes that the op keeps besides its outputs
  };
  std::vector<Value> values;
  std::vector<Node> nodes;

  // Bytes of outputs and saved memory that the backward pass reads.
  size_t held_by(const Node& node) const;
};

// Nodes are cut into segments. What crosses from one segment to another is kept. The rest of a segment is dropped in
// the forward pass, and computed again right before the segment's backward pass. The last segment is kept as a whole.
struct Recomputation {
  std::vector<size_t> segment_ends;  // the number of the node behind each segment, in order
  std::vector<bool> kept;            // by value: whether its memory is kept
  std::vector<bool> again;           // by node: whether it is computed twice
};

// Cuts a graph so that the values of a segment, together with all that is kept before it, take about `limit` bytes.
// Cuts where little crosses.
Recomputation cut_into_segments(const KeptMemory& memory, size_t limit);

}  // namespace convforge
