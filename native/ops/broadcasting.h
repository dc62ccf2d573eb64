// Operands that are repeated to fill a larger shape, as NumPy does it.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "plan/shape.h"

namespace convforge {

// The shape to which these are repeated. Throws Error SHAPE_MISMATCH if they don't fit, TOO_LARGE if it is too large.
Shape broadcast_shape(const std::vector<Shape>& shapes, const std::string& layer);

// Some rows of an output: n elements each, in one piece. Offsets are those of the first element, in floats.
struct BroadcastRows {
  size_t rows = 1;
  size_t n = 0;
  size_t out = 0;
  std::array<size_t, 3> at = {};  // by operand
};

// How up to three operands are repeated to fill a sample of an output. Axes that all operands have or repeat alike are
// taken together.
class Broadcasting {
 public:
  Broadcasting(const Shape& out, const std::vector<Shape>& operands);

  // Whether an operand has fewer elements than the output.
  bool is_repeated(size_t operand) const { return sizes_[operand] < size_; }
  // Whether a row has an element of the operand for each of its own, and not one for all.
  bool each(size_t operand) const { return axes_.back().strides[operand] != 0; }
  // How much further the operand is in the next row of a BroadcastRows.
  size_t row(size_t operand) const { return axes_.size() > 1 ? axes_[axes_.size() - 2].strides[operand] : 0; }
  size_t size(size_t operand) const { return sizes_[operand]; }

  // The parts of a sample for tasks of their own.
  size_t parts() const;
  // Calls visit(BroadcastRows) for the rows of a part, in order.
  template <typename Visit>
  void visit_part(size_t part, const Visit& visit) const {
    const size_t units = rows() > 1 ? rows() : axes_.back().size;
    const size_t begin = units * part / parts();
    const size_t end = units * (part + 1) / parts();
    if (rows() > 1) {
      visit_rows(begin, end, rows(), visit);
    } else {
      visit(piece(begin, end));
    }
  }
  // Calls visit(BroadcastRows) for all rows, in order, with at most `most` elements at a time.
  template <typename Visit>
  void visit_all(size_t most, const Visit& visit) const {
    const size_t n = axes_.back().size;
    if (n <= most) {
      visit_rows(0, rows(), most / n, visit);
      return;
    }
    visit_rows(0, rows(), 1, [&](const BroadcastRows& row) {
      for (size_t begin = 0; begin < n; begin += most) {
        BroadcastRows part = piece(begin, std::min(begin + most, n));
        part.out += row.out;
        for (size_t i = 0; i < part.at.size(); ++i) part.at[i] += row.at[i];
        visit(part);
      }
    });
  }

 private:
  struct Axis {
    size_t size = 1;
    std::array<size_t, 3> strides = {};  // by operand; 0 where it is repeated
  };

  size_t rows() const { return size_ / axes_.back().size; }

  // Part of the only row.
  BroadcastRows piece(size_t begin, size_t end) const {
    BroadcastRows part{1, end - begin, begin};
    for (size_t i = 0; i < part.at.size(); ++i) part.at[i] = axes_.back().strides[i] * begin;
    return part;
  }

  template <typename Visit>
  void visit_rows(size_t begin, size_t end, size_t most, const Visit& visit) const {
    const size_t n = axes_.back().size;
    const size_t run = axes_.size() > 1 ? axes_[axes_.size() - 2].size : 1;
    for (size_t row = begin; row < end;) {
      BroadcastRows rows{std::min({run - row % run, end - row, most}), n, row * n};
      size_t left = row;
      for (size_t axis = axes_.size() - 1; axis-- > 0; left /= axes_[axis].size) {
        for (size_t i = 0; i < rows.at.size(); ++i) rows.at[i] += left % axes_[axis].size * axes_[axis].strides[i];
      }
      visit(rows);
      row += rows.rows;
    }
  }

  std::vector<Axis> axes_;  // outermost first; the last one is a row
  std::vector<size_t> sizes_;
  size_t size_ = 1;
};

}  // namespace convforge
