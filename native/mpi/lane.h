#pragma once

#include <mpi.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace convforge::mpi {

// What an operation works with.
class Link {
 public:
  // `waiting`: how many threads wait for the lane.
  Link(MPI_Comm comm, const std::atomic<int>& waiting) : comm_(comm), waiting_(waiting) {}
  MPI_Comm comm() const { return comm_; }
  bool is_awaited() const { return waiting_.load(std::memory_order_relaxed) > 0; }
  // Memory for `count` elements until the operation ends. It is kept for the next one.
  template <typename T>
  T* scratch(size_t count) {
    const size_t needed = (count * sizeof(T) + sizeof(double) - 1) / sizeof(double);
    if (scratch_.size() < needed) scratch_.resize(needed);
    return reinterpret_cast<T*>(scratch_.data());
  }

 private:
  MPI_Comm comm_;
  const std::atomic<int>& waiting_;
  std::vector<double> scratch_;
};

// Runs operations with the other ranks one after another, in the order in which they were submitted, on a thread of its
// own. A thread that waits for an operation which hasn't begun runs it itself. After a failure no operation runs any
// more, since the ranks no longer agree about what comes next.
class Lane {
 public:
  // Throws std::exception.
  using Operation = std::function<void(Link&)>;

  Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Returns the operation's ticket. Never waits for MPI. With `is_urgent` it is left to the thread that waits for it,
  // which must do so at once.
  uint64_t submit(Operation operation, bool is_urgent = false) noexcept;
  // Waits until the operation has ended. Returns whether it and those before it succeeded.
  bool wait(uint64_t ticket);
  // Ends all, as after a failure.
  void stop(const std::string& message);
  // The first failure, or an empty text.
  std::string message();
  bool is_idle();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run();
  void run_next(Lock& lock);
  void fail(const char* message);

  std::atomic<int> awaiting_{0};  // threads
  Link link_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Operation> waiting_;
  bool is_running_ = false;
  uint64_t submitted_ = 0;
  uint64_t ended_ = 0;
  std::string message_;
};

}  // namespace convforge::mpi
