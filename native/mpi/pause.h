#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace convforge::mpi {

// The pauses of a thread that polls. While a compute thread waits for it, it gives way to others for a while. Else, or
// after that, it sleeps longer and longer. So ranks that share a processor get on, and transfers beside a computation
// cost it little.
class Pause {
 public:
  void take(bool is_awaited) {
    if (is_awaited && yields_ < kYields) {
      ++yields_;
      std::this_thread::yield();
      return;
    }
    std::this_thread::sleep_for(sleep_);
    sleep_ = std::min(sleep_ * 2, kLongest);
  }

 private:
  static constexpr int kYields = 1000;
  static constexpr std::chrono::microseconds kLongest{200};

  int yields_ = 0;
  std::chrono::microseconds sleep_{20};
};

}  // namespace convforge::mpi
