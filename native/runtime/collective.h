// The collective operations of a training that several processes share. Who implements them (an addon over MPI) hands
// a `const convforge_collective*` over as an External with the type tag below. This header is alone, and plain C.
//
// A batch is computed in `shards` parts, numbered from 0. Rank r of R holds the shards [S * r / R, S * (r + 1) / R),
// for S shards. R must not exceed S.
//
// Sums over the shards are folded by one binary tree, so that their bits depend on the number of shards alone. The tree
// over [0, S): a node [a, b) of one shard is a leaf. Any other node has the children [a, m) and [m, b), where m - a is
// the largest power of two below b - a, and its value is left + right, element by element.
#ifndef CONVFORGE_COLLECTIVE_H
#define CONVFORGE_COLLECTIVE_H

#include <stddef.h>
#include <stdint.h>

#define CONVFORGE_COLLECTIVE_ABI 1
#define CONVFORGE_COLLECTIVE_TAG_LOWER 0x6b1f0d5c93a24e87
#define CONVFORGE_COLLECTIVE_TAG_UPPER 0xa7c4e2195d7f4b38

#ifdef __cplusplus
extern "C" {
#endif

// The value of the node [first, end) of the tree.
typedef struct convforge_part {
  uint32_t first;
  uint32_t end;
  void* values;  // floats for sum, doubles for sum_doubles
} convforge_part;

// All ranks must call the same operations in the same order. The others may overtake `sum`. All functions are called by
// one thread at a time; those that return a ticket never block. The memory of a call must stay until its ticket has
// been waited for, `parts` only until the call returns.
typedef struct convforge_collective {
  uint32_t abi;  // CONVFORGE_COLLECTIVE_ABI
  uint32_t rank;
  uint32_t ranks;
  void* context;  // the first argument of all functions
  // Begins to fold `count` elements of all shards. `parts` are the largest nodes of the tree that lie within this
  // rank's shards, in order. `total` gets the value of the whole tree, the same bits on all ranks. It may be the memory
  // of the first part. The parts' memory may be overwritten.
  uint64_t (*sum)(void* context, uint32_t shards, const convforge_part* parts, uint32_t part_count, size_t count,
                  float* total);
  // The same of doubles, which are few. It must be waited for at once.
  uint64_t (*sum_doubles)(void* context, uint32_t shards, const convforge_part* parts, uint32_t part_count,
                          size_t count, double* total);
  // Begins to replace the bytes by those of rank 0.
  uint64_t (*broadcast)(void* context, void* bytes, size_t size);
  // Begins to replace the value by the largest one of all ranks.
  uint64_t (*max_u64)(void* context, uint64_t* value);
  // Waits for the end of an operation, once for each ticket. Returns 0, or else another value if it failed.
  int (*wait)(void* context, uint64_t ticket);
  // Tells the last failure in a sentence. The text stays until the next call.
  const char* (*message)(void* context);
} convforge_collective;

#ifdef __cplusplus
}
#endif

#endif
