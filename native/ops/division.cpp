#include "ops/division.h"

#include <algorithm>

#include "runtime/memory.h"

namespace convforge {

size_t tasks_of(double work) {
  constexpr double kTaskWork = 4e5;
  return static_cast<size_t>(std::clamp(work / kTaskWork, 1.0, static_cast<double>(kMaxTasks)));
}

Cut cut_product(size_t tasks, size_t rows, double left, size_t columns, double right) {
  Cut best;
  double least = 0;
  for (size_t c = 1; c <= std::min(tasks, columns); ++c) {
    const Cut cut = {std::min(rows, ceil_div(tasks, c)), c};
    const double read = left * static_cast<double>(cut.columns) + right * static_cast<double>(cut.rows);
    const size_t enough = std::min(tasks, best.tasks());
    const bool more = std::min(tasks, cut.tasks()) > enough;
    const bool as_many = std::min(tasks, cut.tasks()) == enough;
    if (c > 1 && !more && !(as_many && read < least)) continue;
    best = cut;
    least = read;
  }
  return best;
}

}  // namespace convforge
