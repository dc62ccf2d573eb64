// Jobs that measure the machine's peak, to compare with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/memory.h"
#include "runtime/scheduler.h"

namespace convforge {

// Runs a workload on `threads` threads of the team at once, `runs` times for about 20 ms each.
class MeasureJob : public Job {
 public:
  using Finished = std::function<void(std::exception_ptr)>;

  bool step(Team& team) override;
  void finished(std::exception_ptr failure) noexcept override {
    // Moved out, since it may own the owner of this job.
    const Finished tell = std::move(finished_);
    tell(failure);
  }
  const void* subject() const override { return this; }
  std::string progress() const override { return "a measurement was aborted"; }

  // The rate of each run, in 1e9 units of work per second.
  const std::vector<double>& rates() const { return rates_; }

 protected:
  // Throws Error INVALID_ARGUMENT for more threads than the scheduler uses.
  MeasureJob(const void* owner, size_t threads, size_t runs, Finished finished);

  // Does `repeats` rounds on one thread, and returns the units of work done.
  virtual double work(size_t thread, size_t repeats) = 0;

  size_t threads_;

 private:
  double run(Team& team);

  size_t runs_;
  size_t repeats_ = 0;
  std::vector<double> rates_;
  std::vector<double> done_;  // by thread
  Finished finished_;
};

// Floating-point operations of fused multiply-adds on registers.
class MeasurePeakJob : public MeasureJob {
 public:
  MeasurePeakJob(const void* owner, size_t threads, size_t runs, Finished finished)
      : MeasureJob(owner, threads, runs, std::move(finished)) {}

 protected:
  double work(size_t thread, size_t repeats) override;
};

// Bytes that memcpy reads plus bytes that it writes, between arrays too large for the caches.
class MeasureCopyJob : public MeasureJob {
 public:
  MeasureCopyJob(const void* owner, size_t threads, size_t runs, Finished finished);
  bool step(Team& team) override;

 protected:
  double work(size_t thread, size_t repeats) override;

 private:
  Memory from_;
  Memory to_;
};

}  // namespace convforge
