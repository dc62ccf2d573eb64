#pragma once

#include <cstddef>
#include <vector>

#include "mpi/lane.h"
#include "runtime/collective.h"

namespace convforge::mpi {

// The largest nodes of the tree over `shards` leaves (runtime/collective.h) that lie within a rank's shards, in order,
// without values.
std::vector<convforge_part> parts_of(uint32_t shards, uint32_t rank, uint32_t ranks);

// Folds all ranks' parts by the tree. Both overwrite the parts.
template <typename T>
void fold(Link& link, uint32_t shards, const std::vector<convforge_part>& parts, size_t count, T* total);

// Adds up all ranks' parts by MPI's own all-reduce, in an order that depends on the number of ranks.
template <typename T>
void all_reduce(Link& link, const std::vector<convforge_part>& parts, size_t count, T* total);

}  // namespace convforge::mpi
