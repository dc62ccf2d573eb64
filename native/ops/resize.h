#pragma once

#include <vector>

#include "ops/interpolation.h"

namespace convforge {

// Which places of the input the output's rows (columns) lie at: `corners` of `resize` in
// lib/program/contracts/resize.ts.
enum class Corners { kHalfPixel, kTopLeft, kAligned };

// Where each of `out` rows (columns) lies among `in`.
std::vector<Between> resize_places(int64_t in, int64_t out, bool nearest, Corners corners);

// Makes y, [rows.size()][columns.size()][channels], of x.
void resize(const float* x, const ImageLayout& layout, const std::vector<Between>& rows,
            const std::vector<Between>& columns, float* y);

}  // namespace convforge
