#include "runtime/parallel.h"

#include <chrono>
#include <exception>
#include <latch>
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

// Returns true once `done` does. Spins about as long as the gaps inside a training step last, then returns false.
template <typename Done>
bool spin_until(Done&& done) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kSpin = std::chrono::microseconds(50);
  const auto deadline = Clock::now() + kSpin;
  do {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      relax();
    }
  } while (Clock::now() < deadline);
  return false;
}

// A range of tasks [first, last) in one word, `first` in the low half.
uint64_t pack_range(size_t first, size_t last) { return static_cast<uint64_t>(last) << 32 | first; }
size_t first_of(uint64_t range) { return static_cast<uint32_t>(range); }
size_t last_of(uint64_t range) { return range >> 32; }

}  // namespace

// Taking a task acquires what dispatch() wrote before it released the range, so a worker needn't know the round that a
// task belongs to.
void Team::work(int worker) {
  // Takes tasks of its own range from the front...
  std::atomic<uint64_t>& own = workers_[static_cast<size_t>(worker)].range;
  for (uint64_t range = own.load(std::memory_order_relaxed); first_of(range) < last_of(range);) {
    if (!own.compare_exchange_weak(range, range + 1, std::memory_order_acquire, std::memory_order_relaxed)) continue;
    run_task(first_of(range), worker);
    range = own.load(std::memory_order_relaxed);
  }
  // ...then steals from the back of the others' ranges.
  for (int i = 1; i < size_; ++i) {
    std::atomic<uint64_t>& other = workers_[static_cast<size_t>((worker + i) % size_)].range;
    for (uint64_t range = other.load(std::memory_order_relaxed); first_of(range) < last_of(range);) {
      const uint64_t rest = pack_range(first_of(range), last_of(range) - 1);
      if (!other.compare_exchange_weak(range, rest, std::memory_order_acquire, std::memory_order_relaxed)) continue;
      run_task(last_of(rest), worker);
      range = other.load(std::memory_order_relaxed);
    }
  }
}

void Team::run_task(size_t task, int worker) {
  call_(object_, first_ + task, worker);
  if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1 && worker != 0) wake_one(unfinished_);
}

// All ranges are empty here: each task of the round before has been taken. So no follower can change a range while
// it is written.
void Team::dispatch(size_t tasks) {
  if (size_ == 1 || tasks <= 1) {
    for (size_t task = 0; task < tasks; ++task) call_(object_, first_ + task, 0);
    return;
  }
  const auto size = static_cast<size_t>(size_);
  unfinished_.store(static_cast<uint32_t>(tasks), std::memory_order_relaxed);
  for (size_t worker = 0; worker < size; ++worker) {
    workers_[worker].range.store(pack_range(tasks * worker / size, tasks * (worker + 1) / size),
                                 std::memory_order_release);
  }
  arrive(0);
  round_.fetch_add(1, std::memory_order_release);
  wake_all(round_);
  work(0);
  await_tasks();
}

// Waits for the tasks that followers have begun.
void Team::await_tasks() {
  const auto left = [this] { return unfinished_.load(std::memory_order_acquire); };
  if (spin_until([&] { return left() == 0; })) return;
  for (uint32_t count; (count = left()) != 0;) wait_on(unfinished_, count);
}

void Team::follow(int worker) {
  const FlushDenormals flush;
  for (uint32_t seen = 0;;) {
    const auto changed = [&] { return round_.load(std::memory_order_acquire) != seen; };
    if (!spin_until(changed)) {
      while (!changed()) wait_on(round_, seen);
    }
    seen = round_.load(std::memory_order_acquire);
    if (dismissed_.load(std::memory_order_relaxed)) return;
    if (arrive(worker)) leave_shared_core(worker);
    work(worker);
    workers_[static_cast<size_t>(worker)].core.store(-1, std::memory_order_relaxed);
  }
}

// Notes the processor of a worker that begins to look for tasks. Returns whether another worker shares it.
bool Team::arrive(int worker) {
  const int core = current_core();
  workers_[static_cast<size_t>(worker)].core.store(core, std::memory_order_relaxed);
  if (core < 0) return false;
  std::atomic<int>& last = last_on_core_[static_cast<size_t>(core)];
  const int other = last.load(std::memory_order_relaxed);
  if (other == worker) return false;
  last.store(worker, std::memory_order_relaxed);
  return workers_[static_cast<size_t>(other)].core.load(std::memory_order_relaxed) == core;
}

// Beside a busy program, Linux may leave two workers on one processor and the program alone on another: it sees two
// threads here, one there, which no move makes more even. The team would be no faster than one thread. So a follower
// that meets another worker moves away. Then one of them shares its processor with the program, and the others have
// theirs to themselves.
void Team::leave_shared_core(int worker) {
  constexpr auto kAfterMove = std::chrono::milliseconds(1);
  constexpr auto kAfterRefusal = std::chrono::seconds(1);
  Worker& own = workers_[static_cast<size_t>(worker)];
  const auto now = std::chrono::steady_clock::now();
  if (now < own.next_move) return;
  Cores taken;
  for (int i = 0; i < size_; ++i) {
    const int core = workers_[static_cast<size_t>(i)].core.load(std::memory_order_relaxed);
    if (core >= 0) taken.set(static_cast<size_t>(core));
  }
  const bool moved = leave_cores(taken);
  own.next_move = now + (moved ? std::chrono::steady_clock::duration(kAfterMove) : kAfterRefusal);
  own.core.store(current_core(), std::memory_order_relaxed);
}

void Team::dismiss() {
  dismissed_.store(true, std::memory_order_relaxed);
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
  } catch (const std::exception&) {
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
  // Followers start before the size is final. They read it only after the first round has begun.
  try {
    for (int worker = 1; worker < threads; ++worker) followers.emplace_back([&team, worker] { team.follow(worker); });
  } catch (const std::exception&) {
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
