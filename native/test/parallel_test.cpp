#include "runtime/parallel.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <set>
#include <thread>
#include <vector>

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
