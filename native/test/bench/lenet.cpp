#include "test/bench/lenet.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "targets/dispatch.h"

namespace convforge::bench {
namespace {

// Median seconds of a call, over runs of at least 20 ms.
double seconds(const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (int repeat = 0; repeat < 9; ++repeat) {
    int calls = 0;
    const auto start = Clock::now();
    double elapsed = 0;
    do {
      call();
      ++calls;
      elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    } while (elapsed < 0.02);
    times.push_back(elapsed / calls);
  }
  std::nth_element(times.begin(), times.begin() + 4, times.end());
  return times[4];
}

struct Shape {
  const char* name;
  int m, n, depth, segments;
  bool row_one;
};

double gemm_gflops(const KernelTable& k, const Shape& s) {
  Gemm g;
  g.m = s.m;
  g.n = s.n;
  g.depth = s.depth;
  g.segments = s.segments;
  g.a_row = s.row_one ? 1 : s.depth;
  g.a_depth = s.row_one ? s.m : 1;
  std::vector<ptrdiff_t> segments;
  for (int i = 0; i < s.segments; ++i) segments.push_back(static_cast<ptrdiff_t>(i) * s.m * s.depth);
  g.a_segments = segments.data();
  std::vector<float> a(static_cast<size_t>(s.m) * s.depth * s.segments + 64, 1.0f);
  std::vector<float> b(static_cast<size_t>(s.n) * s.depth * s.segments, 1.0f);
  std::vector<float> c(static_cast<size_t>(s.m) * s.n);
  std::vector<float> scratch(kGemmScratch);
  g.a = a.data();
  g.b = b.data();
  g.b_depth = s.n;
  g.b_segment = static_cast<ptrdiff_t>(s.n) * s.depth;
  g.c = c.data();
  g.c_row = s.n;
  g.scratch = scratch.data();
  return 2.0 * s.m * s.n * s.depth * s.segments / seconds([&] { k.gemm(g); }) * 1e-9;
}

}  // namespace

void measure_lenet() {
  const Shape shapes[] = {
      {"all in L1 (peak of the kernel)", 12, 32, 128, 1, false},
      {"conv1 forward, a row", 24, 32, 5, 5, false},
      {"conv2 forward, a row", 8, 32, 160, 5, false},
      {"conv2 kernel gradient", 160, 32, 8, 8, true},
      {"conv2 input gradient", 8, 32, 64, 1, false},
      {"dense 1024x1000 forward", 64, 32, 1024, 1, false},
      {"dense 1024x1000 kernel gradient", 96, 32, 128, 1, true},
      {"dense 1024x1000 input gradient", 96, 128, 32, 32, false},
  };
  for (const KernelTable* table : supported_kernels()) {
    double peak = 0;
    for (const Shape& shape : shapes) {
      const double speed = gemm_gflops(*table, shape);
      peak = peak == 0 ? speed : peak;
      std::printf("%-7s %-34s %7.1f GFLOP/s  %5.1f %%\n", table->name, shape.name, speed, 100 * speed / peak);
    }
  }
}

}  // namespace convforge::bench
