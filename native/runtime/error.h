#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

namespace convforge {

// An error for the user, with a code from lib/errors.ts and the layer that it is about, if any.
class Error : public std::runtime_error {
 public:
  Error(std::string code, const std::string& message, std::string layer = {})
      : std::runtime_error(message), code_(std::move(code)), layer_(std::move(layer)) {}

  const std::string& code() const { return code_; }
  const std::string& layer() const { return layer_; }

 private:
  std::string code_;
  std::string layer_;
};

// A number about as JavaScript prints it: the shortest text that reads back as the same number.
inline std::string format_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == std::floor(value) && std::fabs(value) < 0x1p63) return std::to_string(static_cast<long long>(value));
  // macOS 11 and GCC 10's library don't have std::to_chars of a double.
  char text[32];
  constexpr int kMostDigits = 17;
  for (int digits = 1; digits <= kMostDigits; ++digits) {
    std::snprintf(text, sizeof(text), "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  return text;
}

}  // namespace convforge
