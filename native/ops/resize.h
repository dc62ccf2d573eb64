#pragma once

#include <span>
#include <vector>

#include "ops/interpolation.h"

namespace convforge {

// How output rows (columns) map to the input: `corners` of `resize` in lib/program/contracts/resize.ts.
enum class Corners { kHalfPixel, kTopLeft, kAligned };

// The positions of `out` output rows (columns) in an input of `in` rows.
std::vector<Neighbours> resize_neighbours(int64_t in, int64_t out, bool nearest, Corners corners);

// Interpolates y [rows.size()][columns.size()][channels] from x.
void resize(const float* x, const ImageLayout& layout, std::span<const Neighbours> rows,
            const std::vector<Neighbours>& columns, float* y);

}  // namespace convforge
