// What the native benchmark measures: one pass of one op, planned as in training, or a bare product.
#pragma once

#include <functional>
#include <string>

#include "runtime/parallel.h"
#include "test/bench/options.h"

namespace convforge::bench {

struct Work {
  std::string algorithm;
  double flops = 0;  // of a run; 0 if memory is the limit
  double bytes = 0;  // of a run that memory limits, read and written
  std::function<void(Team&)> run;
};

// Throws std::invalid_argument or Error if there is no such kernel. Computes what the pass reads beforehand.
Work make_work(const Options& options, Team& team);

}  // namespace convforge::bench
