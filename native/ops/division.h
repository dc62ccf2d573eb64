// How a stage is divided into tasks where there are few samples. It follows from shapes and the batch's size alone.
#pragma once

#include <cstddef>

namespace convforge {

// Tasks that a single image is cut into at most.
inline constexpr size_t kMaxTasks = 16;

// The number of tasks, from 1 to kMaxTasks, that are worth handing out: some 10 microseconds each. `work` is in
// floating-point operations of a product.
size_t tasks_of(double work);

// Blocks of rows times blocks of columns.
struct Cut {
  size_t rows = 1;
  size_t columns = 1;

  size_t tasks() const { return rows * columns; }
};

// Cuts a matrix product into about `tasks` tasks, which share as little memory as possible: each block of rows reads
// all of the right side, and each block of columns all of the left side. `rows` and `columns` are the most blocks,
// `left` and `right` the sizes of the sides.
Cut cut_product(size_t tasks, size_t rows, double left, size_t columns, double right);

}  // namespace convforge
