// Threads. Only this file and parallel.cpp know OpenMP.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "runtime/core.h"

namespace convforge {

// Worker threads that run tasks together. Each worker has an equal range of adjacent tasks, which is the same whenever
// the number of tasks is the same. So a worker finds in its own cache what it wrote for these samples in the stage
// before; fetching it from another core's cache can take longer than the computation. A worker that has finished its
// range steals tasks from the far ends of the others' ranges, so that a core slowed by other programs doesn't hold up
// the team. Nobody waits for a worker that has begun no task: a thread that has no core just then leaves its tasks to
// the others. A task must depend on shapes only, never on the number of workers, so that the results don't either.
class Team {
 public:
  // A team of the calling thread alone.
  static Team serial() { return Team(1); }

  int size() const { return size_; }

  // What pause() calls. It may throw Error.
  void on_pause(std::function<void()> pause) { pause_ = std::move(pause); }
  // The leader must call this between two stages of work that may be interrupted there, or end there by an exception.
  void pause() {
    if (pause_) pause_();
  }

  // Calls run(task, worker) for every task in [0, tasks), and returns when all are done. `run` must not throw. Only the
  // team's leader may call this. pause() may call it, too.
  template <typename Run>
  void run(size_t tasks, Run&& run) {
    call_ = [](void* object, size_t task, int worker) {
      (*static_cast<std::remove_reference_t<Run>*>(object))(task, worker);
    };
    object_ = &run;
    // Ranges of tasks are numbered in 32 bits.
    constexpr size_t kMost = size_t{1} << 31;
    for (first_ = 0; first_ < tasks; first_ += kMost) dispatch(std::min(tasks - first_, kMost));
  }

  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

 private:
  friend struct TeamParts;  // for tests
  friend void lead_team(int threads, const std::function<void(Team&)>& leader);
  explicit Team(int size) : size_(size), workers_(static_cast<size_t>(size)) {}

  struct alignas(64) Worker {
    // The tasks that it hasn't begun yet, [begin, end), in one word.
    std::atomic<uint64_t> range{0};
    // The processor on which it began to look for tasks; -1 if it isn't known, or if a follower waits.
    std::atomic<int> core{-1};
    // When it may move to another processor again. Only the worker itself uses it.
    std::chrono::steady_clock::time_point next_move{};
  };

  void dispatch(size_t tasks);
  void work(int worker);
  bool arrive(int worker);
  void leave_shared_core(int worker);
  void run_task(size_t task, int worker);
  void await_tasks();
  void follow(int worker);
  void dismiss();

  int size_;
  std::function<void()> pause_;
  // What the current tasks run. Written while there are none, and read only by a worker that has taken one.
  void (*call_)(void*, size_t, int) = nullptr;
  void* object_ = nullptr;
  size_t first_ = 0;  // the number of the first task of the current round
  std::vector<Worker> workers_;
  // By processor: the worker that was there last.
  std::array<std::atomic<int>, kMaxCores> last_on_core_{};
  // Counts the calls of dispatch(). Followers wait for a change.
  alignas(64) std::atomic<uint32_t> round_{0};
  std::atomic<bool> dismissed_{false};
  alignas(64) std::atomic<uint32_t> unfinished_{0};  // tasks
};

// Makes a team of `threads` (or fewer, if the system can't start as many), which the calling thread leads, and calls
// `leader` with it. `leader` must not throw. The team is one parallel region for as long as `leader` runs. Its
// followers wait inside the region, first spinning for some microseconds and then asleep. So OpenMP's own waiting,
// which burns a core for milliseconds, never comes into play, whatever the environment variables.
void lead_team(int threads, const std::function<void(Team&)>& leader);

// The threading library, for `info`: "OpenMP (libgomp)", "OpenMP (libomp)" or "std::thread".
const char* parallel_runtime();

}  // namespace convforge
