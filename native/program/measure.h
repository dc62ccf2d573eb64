// What the machine can do at most, to compare with: jobs for the compute thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/memory.h"
#include "runtime/scheduler.h"

namespace convforge {

// Runs something on so many threads of the team at once, several times of some 20 ms.
class MeasureJob : public Job {
 public:
  using Finished = std::function<void(std::exception_ptr)>;

  bool step(Team& team) override;
  void finished(std::exception_ptr failure) noexcept override {
    // Let go of, since it may own what owns this job.
    const Finished tell = std::move(finished_);
    tell(failure);
  }
  const void* subject() const override { return this; }
  std::string progress() const override { return "a measurement was ended before it was done"; }

  // Of each run, in 1e9 units of work a second.
  const std::vector<double>& rates() const { return rates_; }

 protected:
  // Throws Error INVALID_ARGUMENT for more threads than compute now.
  MeasureJob(const void* owner, size_t threads, size_t runs, Finished finished);

  // Units of work that `repeats` rounds are on one thread.
  virtual double work(size_t thread, size_t repeats) = 0;

  size_t threads_;

 private:
  double run(Team& team);

  size_t runs_;
  size_t repeats_ = 0;
  std::vector<double> rates_;
  std::vector<double> done_;  // by each thread
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

// Bytes that memcpy reads and writes, both counted, between arrays that no cache holds.
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
