// Values that are the parts of another one along an axis: the inputs of concatenate and the outputs of split.
#pragma once

#include <vector>

#include "plan/plan.h"
#include "plan/shape.h"

namespace convforge {

// Copies between parts and whole, sample by sample.
class Parts {
 public:
  Parts() = default;
  // `whole` is the shape of a sample, `sizes` the size of each part along the axis.
  Parts(const Shape& whole, size_t axis, const std::vector<int64_t>& sizes);

  // Plans a stage that makes the whole of its parts. A part without a buffer is 0.
  void plan_join(Plan& plan, const std::vector<BufferId>& parts, BufferId whole) const;
  // Plans a stage that cuts the whole into its parts. A part without a buffer is left out.
  void plan_cut(Plan& plan, BufferId whole, const std::vector<BufferId>& parts) const;

 private:
  // A task takes some rows of a sample.
  size_t blocks() const;
  // Calls copy(whole, part, floats) for each row of each part in a task; `part` is null without a buffer.
  template <typename Copy>
  void each_row(const Step& s, size_t task, BufferId whole, const std::vector<BufferId>& parts, Copy copy) const;

  size_t rows_ = 1;             // size of the axes before the cut one
  size_t row_ = 0;              // floats of a row: the cut axis and those after it
  std::vector<size_t> floats_;  // by part: floats of a row
};

}  // namespace convforge
