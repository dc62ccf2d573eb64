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

/// The plan of a forward pass from its arguments in version 3's order. Version 2 wraps them in a description of the
/// operation and takes the engine last.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc planOf(const dnnl::primitive_attr& attributes, const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu(), arguments..., attributes};
#else
  return {{arguments...}, attributes, cpu()};
#endif
}

/// The plan of a gradient. `hint` is the plan of its forward pass.
template <class Primitive, class Hint, class... Arguments>
typename Primitive::primitive_desc gradientOf(const Hint& hint, const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu(), arguments..., hint};
#else
  return {{arguments...}, cpu(), hint};
#endif
}

/// A square pooling window.
struct Window {
  dnnl::memory::dim size, stride;
};

/// The plans of pooling without padding. Version 3 also takes a dilation.
dnnl::pooling_forward::primitive_desc poolingPlan(dnnl::prop_kind propagation, dnnl::algorithm kind,
                                                  const dnnl::memory::desc& x, const dnnl::memory::desc& y,
                                                  const Window& window);
dnnl::pooling_backward::primitive_desc poolingGradient(const dnnl::pooling_forward::primitive_desc& hint,
                                                       dnnl::algorithm kind, const dnnl::memory::desc& dx,
                                                       const dnnl::memory::desc& dy, const Window& window);

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
