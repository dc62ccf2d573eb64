// Threads. This and parallel.cpp are the only files that know OpenMP.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace convforge {

// Worker threads that run tasks together. Each worker has an equal run of neighbouring tasks, the same one whenever
// there are as many tasks: what it wrote for some samples in one stage it finds in its own caches in the next, where
// fetching it from another core's can take longer than computing with it. A worker that has done its own takes tasks
// from the far ends of the others', so that a busy neighbour costs its share and no more. What a task is must depend on
// shapes only, never on the number of workers, so that results don't either.
class Team {
 public:
  // A team of the calling thread alone.
  static Team serial() { return Team(1); }

  int size() const { return size_; }

  // Calls run(task, worker) for every task in [0, tasks) and returns when all are done. `run` must not throw. From the
  // team's leader only.
  template <typename Run>
  void run(size_t tasks, Run&& run) {
    call_ = [](void* object, size_t task, int worker) {
      (*static_cast<std::remove_reference_t<Run>*>(object))(task, worker);
    };
    object_ = &run;
    dispatch(tasks);
  }

  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

 private:
  friend void lead_team(int threads, const std::function<void(Team&)>& leader);
  explicit Team(int size) : size_(size), shares_(static_cast<size_t>(size)) {}

  // Tasks that a worker has still to begin, [begin, end), in one word.
  struct alignas(64) Share {
    std::atomic<uint64_t> range{0};
  };

  void dispatch(size_t tasks);
  void work(int worker);
  void follow(int worker);
  void dismiss();

  int size_;
  void (*call_)(void*, size_t, int) = nullptr;
  void* object_ = nullptr;
  bool dismissed_ = false;
  std::vector<Share> shares_;  // by worker
  alignas(64) std::atomic<uint32_t> round_{0};
  alignas(64) std::atomic<uint32_t> working_{0};
};

// Makes a team of `threads` (fewer if the system won't give as many) whose leader is the calling thread, and runs
// `leader` on it. It is one parallel region for as long as the leader runs: the others wait in it, first spinning for
// some microseconds and then asleep. So OpenMP's own waiting, which burns a core for milliseconds, never comes into
// play, whatever the environment says. `leader` must not throw.
void lead_team(int threads, const std::function<void(Team&)>& leader);

// What makes the threads, for `info`: "OpenMP 201511 (libgomp)", or "std::thread".
const char* parallel_runtime();

}  // namespace convforge
