#include "runtime/parallel.h"

#include <chrono>
#include <latch>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/denormals.h"
#include "runtime/wait.h"

#if defined(_OPENMP)
  #include <omp.h>
#endif

#if defined(__x86_64__) || defined(_M_X64)
  #include <immintrin.h>
#endif

namespace convforge {
namespace {

void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits while `value` is `old`. Spins about as long as the gaps inside a training step last, then sleeps.
void wait_while(const std::atomic<uint32_t>& value, uint32_t old) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kSpin = std::chrono::microseconds(50);
  const auto deadline = Clock::now() + kSpin;
  do {
    for (int i = 0; i < 32; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      relax();
    }
  } while (Clock::now() < deadline);
  while (value.load(std::memory_order_acquire) == old) wait_on(value, old);
}

// A range of tasks [first, last) in one word, `first` in the low half.
uint64_t pack_range(size_t first, size_t last) { return static_cast<uint64_t>(last) << 32 | first; }
size_t first_of(uint64_t range) { return static_cast<uint32_t>(range); }
size_t last_of(uint64_t range) { return range >> 32; }

}  // namespace

void Team::work(int worker) {
  // Takes tasks of its own range from the front...
  std::atomic<uint64_t>& own = ranges_[static_cast<size_t>(worker)].range;
  for (uint64_t range = own.load(std::memory_order_relaxed); first_of(range) < last_of(range);) {
    if (!own.compare_exchange_weak(range, range + 1, std::memory_order_relaxed)) continue;
    call_(object_, first_of(range), worker);
    range = own.load(std::memory_order_relaxed);
  }
  // ...then steals from the back of the others' ranges.
  for (int i = 1; i < size_; ++i) {
    std::atomic<uint64_t>& other = ranges_[static_cast<size_t>((worker + i) % size_)].range;
    for (uint64_t range = other.load(std::memory_order_relaxed); first_of(range) < last_of(range);) {
      const uint64_t rest = pack_range(first_of(range), last_of(range) - 1);
      if (!other.compare_exchange_weak(range, rest, std::memory_order_relaxed)) continue;
      call_(object_, last_of(rest), worker);
      range = other.load(std::memory_order_relaxed);
    }
  }
}

void Team::dispatch(size_t tasks) {
  if (size_ == 1 || tasks <= 1) {
    for (size_t task = 0; task < tasks; ++task) call_(object_, task, 0);
    return;
  }
  const auto size = static_cast<size_t>(size_);
  for (size_t worker = 0; worker < size; ++worker) {
    ranges_[worker].range.store(pack_range(tasks * worker / size, tasks * (worker + 1) / size),
                                std::memory_order_relaxed);
  }
  working_.store(static_cast<uint32_t>(size_ - 1), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  wake_all(round_);
  work(0);
  for (uint32_t left; (left = working_.load(std::memory_order_acquire)) != 0;) wait_while(working_, left);
}

void Team::follow(int worker) {
  const FlushDenormals flush;
  for (uint32_t seen = 0;; ++seen) {
    wait_while(round_, seen);
    if (dismissed_) return;
    work(worker);
    if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) wake_one(working_);
  }
}

void Team::dismiss() {
  dismissed_ = true;
  round_.fetch_add(1, std::memory_order_release);
  wake_all(round_);
}

#if defined(_OPENMP)

namespace {

// The number of threads, besides this one, that the system can start. OpenMP ends the process if it can't start a
// thread, so this tries first.
int available_followers(int count) {
  std::vector<std::thread> threads;
  std::latch done(1);
  try {
    threads.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) threads.emplace_back([&done] { done.wait(); });
  } catch (const std::system_error&) {
    // Goes on with the threads that have started.
  }
  done.count_down();
  for (std::thread& thread : threads) thread.join();
  return static_cast<int>(threads.size());
}

}  // namespace

void lead_team(int threads, const std::function<void(Team&)>& leader) {
  const int count = 1 + available_followers(threads - 1);
  Team team(count);
  #pragma omp parallel num_threads(count) default(shared)
  {
    if (omp_get_thread_num() == 0) {
      // OpenMP may have started fewer threads (OMP_THREAD_LIMIT, OMP_DYNAMIC). No task has run yet, so the size may
      // still change.
      team.size_ = omp_get_num_threads();
      const FlushDenormals flush;
      leader(team);
      team.dismiss();
    } else {
      team.follow(omp_get_thread_num());
    }
  }
}

const char* parallel_runtime() {
  #if defined(__clang__)
  return "OpenMP (libomp)";
  #else
  return "OpenMP (libgomp)";
  #endif
}

#else

void lead_team(int threads, const std::function<void(Team&)>& leader) {
  Team team(threads);
  std::vector<std::thread> followers;
  // Followers start before the size is final. They read it only while they run tasks, which come later.
  try {
    for (int worker = 1; worker < threads; ++worker) followers.emplace_back([&team, worker] { team.follow(worker); });
  } catch (const std::system_error&) {
    team.size_ = 1 + static_cast<int>(followers.size());
  }
  {
    const FlushDenormals flush;
    leader(team);
  }
  team.dismiss();
  for (std::thread& follower : followers) follower.join();
}

const char* parallel_runtime() { return "std::thread"; }

#endif

}  // namespace convforge
