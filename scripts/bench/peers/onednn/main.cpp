#include "support.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

using Clock = std::chrono::steady_clock;

dnnl::engine& cpu() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& stream() {
  static dnnl::stream stream(cpu());
  return stream;
}

void run(const std::vector<Call>& calls) {
  for (const Call& call : calls) call.primitive.execute(stream(), call.arguments);
}

dnnl::pooling_forward::primitive_desc poolingPlan(dnnl::prop_kind propagation, dnnl::algorithm kind,
                                                  const dnnl::memory::desc& x, const dnnl::memory::desc& y,
                                                  const Window& window) {
  const dnnl::memory::dims size(2, window.size), stride(2, window.stride), none(2, 0);
#if DNNL_VERSION_MAJOR >= 3
  return {cpu(), propagation, kind, x, y, stride, size, none, none, none};
#else
  return {{propagation, kind, x, y, stride, size, none, none}, cpu()};
#endif
}

dnnl::pooling_backward::primitive_desc poolingGradient(const dnnl::pooling_forward::primitive_desc& hint,
                                                       dnnl::algorithm kind, const dnnl::memory::desc& dx,
                                                       const dnnl::memory::desc& dy, const Window& window) {
  const dnnl::memory::dims size(2, window.size), stride(2, window.stride), none(2, 0);
#if DNNL_VERSION_MAJOR >= 3
  return {cpu(), kind, dx, dy, stride, size, none, none, none, hint};
#else
  return {{kind, dx, dy, stride, size, none, none}, cpu(), hint};
#endif
}

std::vector<double> secondsPerRun(const std::function<void()>& run, int count, double seconds) {
  run();
  std::vector<double> means;
  for (int i = 0; i < count; ++i) {
    const auto start = Clock::now();
    double passed = 0;
    int runs = 0;
    do {
      run();
      ++runs;
      passed = std::chrono::duration<double>(Clock::now() - start).count();
    } while (passed < seconds);
    means.push_back(passed / runs);
  }
  return means;
}

void report(const std::string& task, const std::string& unit, const std::string& config,
            const std::vector<double>& values, double loss) {
  const dnnl_version_t* version = dnnl_version();
  std::printf("{\"task\":\"%s\",\"unit\":\"%s\",\"config\":\"%s\",", task.c_str(), unit.c_str(), config.c_str());
  std::printf("\"version\":\"%d.%d.%d\",", version->major, version->minor, version->patch);
  if (loss >= 0) std::printf("\"loss\":%.4f,", loss);
  std::printf("\"values\":[");
  for (size_t i = 0; i < values.size(); ++i) std::printf("%s%.6g", i ? "," : "", values[i]);
  std::printf("]}\n");
  std::fflush(stdout);
}

static std::vector<unsigned char> readBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " can't be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

Images readImages(const std::string& folder) {
  Images images;
  for (const unsigned char byte : readBytes(folder + "/images.bin")) images.pixels.push_back(byte / 255.0f);
  images.labels = readBytes(folder + "/labels.bin");
  return images;
}

/// onednn lenet|kernels FOLDER. OMP_NUM_THREADS sets the threads.
int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    (std::string(argv[1]) == "lenet" ? benchLenet : benchKernels)(argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
