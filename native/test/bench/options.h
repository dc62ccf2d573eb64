// The command line of the native benchmark.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace convforge::bench {

// One kernel to measure. Fields that a kind doesn't have keep their defaults.
struct Options {
  std::string kind;            // "conv", "depthwise", "dense", "pool" or "gemm"
  std::vector<int64_t> input;  // with the batch first; gemm: m, n, k
  int64_t filters = 0;         // or the units of a dense layer
  std::vector<int64_t> kernel = {3, 3};
  std::vector<int64_t> strides = {1, 1};
  std::vector<int64_t> dilation = {1, 1};
  int64_t groups = 1;
  std::string padding = "same";
  std::string activation = "linear";
  std::vector<int64_t> pool = {1, 1};  // max-pooling that is fused with the convolution
  std::string mode = "max";            // of pooling
  std::string pass = "forward";        // "forward", "kernel" or "input"
  std::string algorithm = "auto";
  int threads = 1;
  int repeats = 15;
  double milliseconds = 20;  // of a repeat
};

// Throws std::invalid_argument with a text for the user.
Options parse(const std::vector<std::string>& arguments);

extern const char* const kHelp;

}  // namespace convforge::bench
