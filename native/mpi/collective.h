#pragma once

#include "mpi/lane.h"
#include "runtime/collective.h"

namespace convforge::mpi {

// The core's operations on `lane`, and its sums of floats on `bulk`, which the others overtake. With `is_exact`, sums
// are folded by the tree; otherwise MPI adds them up. The result lives as long as the process.
const convforge_collective* make_collective(Lane& lane, Lane& bulk, bool is_exact);

}  // namespace convforge::mpi
