#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

/// Shared by both oneDNN benchmarks: the engine, lists of primitives, time, and the lines that main.ts reads.

dnnl::engine& cpu();
dnnl::stream& stream();

/// A primitive with its memory, made once and run many times.
struct Call {
  dnnl::primitive primitive;
  std::unordered_map<int, dnnl::memory> arguments;
};

void run(const std::vector<Call>& calls);

inline dnnl::memory allocate(const dnnl::memory::desc& layout) { return {layout, cpu()}; }

/// `count` times the mean seconds of a run, over as many runs as fill `seconds`; one run before them warms up.
std::vector<double> secondsPerRun(const std::function<void()>& run, int count, double seconds);

/// One result: `values` in `unit`, one a repeat; the mean loss of the last epoch where it is a training.
void report(const std::string& task, const std::string& unit, const std::string& config,
            const std::vector<double>& values, double loss = -1);

struct Images {
  /// [count, 28, 28, 1], 0 to 1.
  std::vector<float> pixels;
  std::vector<unsigned char> labels;
  static constexpr int kPixels = 28 * 28;
};

Images readImages(const std::string& folder);

void benchLenet(const std::string& folder);
void benchKernels(const std::string& folder);
