#pragma once

#include <vector>

#include "ops/interpolation.h"

namespace convforge {

// Where `out` rows (columns) lie among `in`. Centres are at half cells: output o lies at (o + 0.5) * in / out - 0.5.
std::vector<Between> resize_places(int64_t in, int64_t out, bool nearest);

// Makes y, [rows.size()][columns.size()][channels], of x.
void resize(const float* x, const ImageLayout& layout, const std::vector<Between>& rows,
            const std::vector<Between>& columns, float* y);

}  // namespace convforge
