#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace convforge {

// An error for the user, with a code of lib/errors.ts and, where there is one, the layer it is about.
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

}  // namespace convforge
