#pragma once

#include <cmath>

namespace convforge {

struct Rotation {
  double sine = 0;
  double cosine = 1;
};

// The sine and cosine of an angle in turns, from -1 to 1. They have double precision, are the same on every machine,
// and are exact for quarter turns.
inline Rotation rotation(double turns) {
  constexpr double kTwoPi = 6.283185307179586;
  const double quarters = std::floor(turns * 4 + 0.5);
  const double angle = (turns - quarters / 4) * kTwoPi;  // |angle| <= pi / 4, so a short Taylor series is enough
  const double square = angle * angle;
  double sine = 0;
  double cosine = 0;
  for (int n = 9; n > 0; --n) {
    sine = (1 + sine) * -square / (2 * n * (2 * n + 1));
    cosine = (1 + cosine) * -square / (2 * n * (2 * n - 1));
  }
  sine = angle + angle * sine;
  cosine = 1 + cosine;
  switch (static_cast<int>(quarters) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

}  // namespace convforge
