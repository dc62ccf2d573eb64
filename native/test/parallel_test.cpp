#include "runtime/parallel.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <set>
#include <thread>
#include <vector>

namespace convforge {

// A team whose followers are started by the test, when it likes.
struct TeamParts {
  explicit TeamParts(int size) : team(size) {}
  ~TeamParts() {
    team.dismiss();
    for (std::thread& follower : followers) follower.join();
  }
  void start(int worker) {
    followers.emplace_back([this, worker] { team.follow(worker); });
  }

  Team team;
  std::vector<std::thread> followers;
};

}  // namespace convforge

using namespace convforge;

TEST_CASE("a team runs every task once, round after round, for any number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    lead_team(threads, [&](Team& team) {
      for (int round = 0; round < 200; ++round) {
        const size_t tasks = static_cast<size_t>(round % 17);
        std::vector<std::atomic<int>> runs(tasks);
        std::atomic<bool> worker_in_range{true};
        team.run(tasks, [&](size_t task, int worker) {
          runs[task].fetch_add(1);
          if (worker < 0 || worker >= team.size()) worker_in_range = false;
        });
        for (const auto& count : runs) CHECK(count.load() == 1);
        CHECK(worker_in_range.load());
      }
    });
  }
}

TEST_CASE("no wake-up of a team is lost in 10,000 rounds, spinning or asleep") {
  for (const int threads : {2, 5}) {
    lead_team(threads, [&](Team& team) {
      std::atomic<size_t> done{0};
      for (size_t round = 0; round < 10000; ++round) {
        team.run(static_cast<size_t>(threads), [&](size_t task, int) {
          // Every tenth round, workers finish at different times, and the leader or the followers fall asleep.
          if (round % 10 == 0 && task == round % 3) std::this_thread::sleep_for(std::chrono::microseconds(60));
          ++done;
        });
        if (round % 25 == 0) std::this_thread::sleep_for(std::chrono::microseconds(round % 200));
      }
      CHECK(done.load() == 10000 * static_cast<size_t>(threads));
    });
  }
}

TEST_CASE("other workers steal the tasks of a blocked worker") {
  lead_team(2, [&](Team& team) {
    constexpr size_t kTasks = 10;
    std::atomic<size_t> done{0};
    team.run(kTasks, [&](size_t task, int) {
      while (task == 0 && done.load() < kTasks - 1) std::this_thread::yield();
      ++done;
    });
    CHECK(done.load() == kTasks);
  });
}

TEST_CASE("a leader runs the tasks of followers that have no core, who join when they have one") {
  TeamParts parts(3);
  for (size_t round = 0; round < 100; ++round) {
    std::vector<int> workers(round, -1);
    parts.team.run(round, [&](size_t task, int worker) { workers[task] = worker; });
    CHECK(workers == std::vector<int>(round, 0));
  }
  parts.start(2);
  // The leader stays in its first task until all others have run, which only worker 2 can do.
  std::vector<int> workers(12, -1);
  std::atomic<bool> leads{false};
  std::atomic<int> others{0};
  parts.team.run(12, [&](size_t task, int worker) {
    workers[task] = worker;
    if (worker == 0) {
      leads = true;
      while (others.load() < 11) std::this_thread::yield();
    } else {
      while (!leads.load()) std::this_thread::yield();
      ++others;
    }
  });
  std::vector<int> expected(12, 2);
  expected[0] = 0;
  CHECK(workers == expected);
}

TEST_CASE("a leader waits only for tasks that have begun, not for a follower between tasks") {
  TeamParts parts(2);
  parts.start(1);
  // Holds up the follower in a task while the leader runs the others.
  constexpr size_t kTasks = 50;
  std::atomic<size_t> by_leader{0};
  std::atomic<bool> held{false};
  parts.team.run(kTasks, [&](size_t, int worker) {
    if (worker == 0) {
      while (!held.load()) std::this_thread::yield();
      ++by_leader;
      return;
    }
    held = true;
    while (by_leader.load() < kTasks - 1) std::this_thread::yield();
  });
  CHECK(by_leader.load() == kTasks - 1);
}

TEST_CASE("a task sees what all tasks of the round before wrote, however late workers are") {
  constexpr size_t kTasks = 40;
  for (const int threads : {2, 3, 6}) {
    lead_team(threads, [&](Team& team) {
      std::vector<uint32_t> now(kTasks, 1), next(kTasks, 0), expected(kTasks, 1), expected_next(kTasks, 0);
      for (uint32_t round = 0; round < 5000; ++round) {
        const size_t tasks = 2 + round % (kTasks - 1);
        const auto value = [&](const std::vector<uint32_t>& from, size_t task) {
          return 3 * from[tasks - 1 - task] + static_cast<uint32_t>(task);
        };
        team.run(tasks, [&](size_t task, int worker) {
          if (worker != 0 && round % 64 == task) std::this_thread::sleep_for(std::chrono::microseconds(round % 150));
          next[task] = value(now, task);
        });
        for (size_t task = 0; task < tasks; ++task) expected_next[task] = value(expected, task);
        now.swap(next);
        expected.swap(expected_next);
      }
      CHECK(now == expected);
    });
  }
}

TEST_CASE("an idle team sleeps") {
  lead_team(4, [&](Team& team) {
    team.run(8, [](size_t, int) {});
    // Threads of earlier, larger teams have returned to OpenMP, which makes them spin for a while (libomp: 200 ms).
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const double used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    // Three spinning followers would use up to 0.6 s.
    CHECK(used < 0.05);
    std::atomic<int> count{0};
    team.run(8, [&](size_t, int) { ++count; });
    CHECK(count.load() == 8);
  });
}

TEST_CASE("a serial team runs on the calling thread") {
  Team team = Team::serial();
  std::set<std::thread::id> ids;
  team.run(5, [&](size_t, int worker) {
    CHECK(worker == 0);
    ids.insert(std::this_thread::get_id());
  });
  CHECK(ids == std::set<std::thread::id>{std::this_thread::get_id()});
}
