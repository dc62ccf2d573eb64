// Cuts weights into pieces, one task each, by shapes alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "plan/parameter.h"

namespace convforge {

inline constexpr size_t kPieceFloats = 16384;

// A range of one parameter's storage, in weights, gradients and slots alike.
struct Piece {
  size_t begin = 0;
  size_t floats = 0;
  size_t parameter = 0;
};

// Pieces of the parameters for which `takes` returns true, in order.
template <typename Takes>
std::vector<Piece> cut_into_pieces(const std::vector<Parameter>& parameters, Takes takes) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& p = parameters[i];
    for (size_t first = 0; takes(p) && first < p.stored; first += kPieceFloats)
      pieces.push_back({p.offset + first, std::min(kPieceFloats, p.stored - first), i});
  }
  return pieces;
}

inline size_t count_floats(const std::vector<Piece>& pieces) {
  size_t floats = 0;
  for (const Piece& piece : pieces) floats += piece.floats;
  return floats;
}

}  // namespace convforge
