#include "program/measure.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <utility>

#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

constexpr double kSeconds = 0.02;
constexpr size_t kMaxRuns = 1000;
constexpr size_t kRound = 1000;  // multiply-adds per chain: takes microseconds
constexpr size_t kCopyBytes = size_t{1} << 27;

}  // namespace

MeasureJob::MeasureJob(const void* owner, size_t threads, size_t runs, Finished finished)
    : Job(Priority::kInference, owner), threads_(threads), runs_(runs), finished_(std::move(finished)) {
  const size_t max_threads = static_cast<size_t>(Scheduler::instance().threads());
  if (threads < 1 || threads > max_threads)
    throw Error("INVALID_ARGUMENT",
                "threads must be in [1, " + std::to_string(max_threads) + "], the number that compute now");
  if (runs < 1 || runs > kMaxRuns) throw Error("INVALID_ARGUMENT", "runs must be in [1, 1000]");
  done_.resize(threads);
}

// There are as many tasks as threads and all take about as long, so each thread takes one.
double MeasureJob::run(Team& team) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  team.run(threads_, [this](size_t task, int) { done_[task] = work(task, repeats_); });
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

bool MeasureJob::step(Team& team) {
  if (repeats_ == 0) {
    repeats_ = 1;
    double seconds = run(team);
    for (; seconds < kSeconds / 4; seconds = run(team)) repeats_ *= 2;
    repeats_ = std::max<size_t>(1, static_cast<size_t>(static_cast<double>(repeats_) * kSeconds / seconds));
  }
  const double seconds = run(team);
  rates_.push_back(std::accumulate(done_.begin(), done_.end(), 0.0) / seconds * 1e-9);
  return rates_.size() == runs_;
}

double MeasurePeakJob::work(size_t, size_t repeats) {
  FmaPeak peak;
  peak.rounds = repeats * kRound;
  kernels().fma_peak(peak);
  return peak.flops;
}

MeasureCopyJob::MeasureCopyJob(const void* owner, size_t threads, size_t runs, Finished finished)
    : MeasureJob(owner, threads, runs, std::move(finished)), from_(kCopyBytes), to_(kCopyBytes) {}

// Frees the arrays when the job ends. JavaScript may hold the job longer.
bool MeasureCopyJob::step(Team& team) {
  const bool done = MeasureJob::step(team);
  if (done) {
    from_ = Memory();
    to_ = Memory();
  }
  return done;
}

double MeasureCopyJob::work(size_t thread, size_t repeats) {
  const size_t begin = kCopyBytes * thread / threads_;
  const size_t bytes = kCopyBytes * (thread + 1) / threads_ - begin;
  for (size_t i = 0; i < repeats; ++i) std::memcpy(to_.data() + begin, from_.data() + begin, bytes);
  return 2.0 * static_cast<double>(bytes * repeats);
}

}  // namespace convforge
