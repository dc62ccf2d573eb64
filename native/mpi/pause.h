#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace convforge::mpi {

// The pauses of a thread that polls: it first gives way to others, then sleeps longer and longer. So ranks that share a
// processor get on, and a wait costs the compute threads little.
class Pause {
 public:
  void take() {
    if (yields_ < kYields) {
      ++yields_;
      std::this_thread::yield();
      return;
    }
    std::this_thread::sleep_for(sleep_);
    sleep_ = std::min(sleep_ * 2, kLongest);
  }

 private:
  static constexpr int kYields = 200;
  static constexpr std::chrono::microseconds kLongest{200};

  int yields_ = 0;
  std::chrono::microseconds sleep_{5};
};

}  // namespace convforge::mpi
