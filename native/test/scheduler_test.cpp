#include "runtime/scheduler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "runtime/error.h"
#include "test/logged_job.h"

using namespace convforge;

TEST_CASE("training takes turns between models; one model's runs follow one another; inference goes first") {
  Log log;
  const int model_a = 0, model_b = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  scheduler.set_threads(2);
  const auto submit = [&](const char* name, Priority priority, int steps, const void* subject) {
    scheduler.submit(std::make_shared<NamedJob>(log, name, priority, steps, subject, &owner));
  };
  // The first job holds the compute thread until all jobs are queued.
  submit("gate", Priority::kInference, 1, &owner);
  submit("a", Priority::kTraining, 2, &model_a);
  submit("a'", Priority::kTraining, 1, &model_a);
  submit("b", Priority::kTraining, 3, &model_b);
  submit("p", Priority::kInference, 2, &model_a);
  submit("q", Priority::kInference, 1, &model_b);
  log.open();
  CHECK(log.joined(16) ==
        "gate1, gate done, p1, p2, p done, q1, q done, a1, b1, a2, a done, b2, a'1, a' done, b3, b done");
}

TEST_CASE("cancelling an owner's jobs ends them within one step, and leaves the others alone") {
  Log log;
  const int model_a = 0, model_b = 0, owner_1 = 0, owner_2 = 0;
  Scheduler& scheduler = Scheduler::instance();
  log.open();
  constexpr int kEndless = 1 << 30;
  scheduler.submit(std::make_shared<NamedJob>(log, "a", Priority::kTraining, kEndless, &model_a, &owner_1));
  scheduler.submit(std::make_shared<NamedJob>(log, "a'", Priority::kTraining, 1, &model_a, &owner_2));
  log.wait_for(3);
  scheduler.cancel_and_wait(&owner_1);
  const auto contains = [](const Entries& entries, const char* entry) {
    return std::count(entries.begin(), entries.end(), entry) == 1;
  };
  const Entries now = log.wait_for(1);
  CHECK(contains(now, "a ABORTED"));
  // The other owner's run of the same model begins after that one has ended.
  size_t count = now.size();
  while (!contains(log.wait_for(count), "a' done")) ++count;
  // A job can be cancelled before it begins.
  auto late = std::make_shared<NamedJob>(log, "late", Priority::kTraining, 1, &model_b, &owner_2);
  late->cancel("ABORTED");
  scheduler.submit(late);
  while (!contains(log.wait_for(count), "late ABORTED")) ++count;
  CHECK_FALSE(contains(log.wait_for(1), "late1"));
}

TEST_CASE("a job that is cancelled while it waits ends at once") {
  Log log;
  const int model = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  const auto submit = [&](const char* name, Priority priority) {
    auto job = std::make_shared<NamedJob>(log, name, priority, 1, &model, &owner);
    scheduler.submit(job);
    return job;
  };
  // The first job holds the compute thread until all others are cancelled.
  const auto gate = submit("gate", Priority::kInference);
  const auto first = submit("first", Priority::kTraining);
  const auto second = submit("second", Priority::kTraining);
  submit("third", Priority::kTraining);
  const auto inference = submit("inference", Priority::kInference);
  scheduler.cancel(second, "ABORTED");
  scheduler.cancel(inference, "ABORTED");
  scheduler.cancel(first, "ABORTED");
  CHECK(log.joined(3) == "second ABORTED, inference ABORTED, first ABORTED");
  scheduler.cancel(first, "ABORTED");  // has ended already
  log.open();
  CHECK(log.joined(7) == "second ABORTED, inference ABORTED, first ABORTED, gate1, gate done, third1, third done");
}

TEST_CASE("the queue is bounded") {
  Log log;
  const int model = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  size_t accepted = 0;
  std::string code;
  for (size_t i = 0; i < Scheduler::kMaxJobs + 2 && code.empty(); ++i) {
    try {
      scheduler.submit(std::make_shared<NamedJob>(log, "j", Priority::kInference, 1, &model, &owner));
      ++accepted;
    } catch (const Error& error) {
      code = error.code();
    }
  }
  CHECK(code == "QUEUE_FULL");
  CHECK(accepted >= Scheduler::kMaxJobs);
  log.open();
  log.wait_for(2 * accepted);
}

TEST_CASE("the number of threads can change between jobs") {
  Log log;
  log.open();
  const int model = 0, owner = 0;
  class SizeJob : public NamedJob {
   public:
    using NamedJob::NamedJob;
    SizeJob(Log& log, const void* subject, const void* owner, int& size)
        : NamedJob(log, "size", Priority::kInference, 1, subject, owner), size_(size) {}
    bool step(Team& team) override {
      size_ = team.size();
      return NamedJob::step(team);
    }

   private:
    int& size_;
  };
  Scheduler& scheduler = Scheduler::instance();
  size_t entries = 0;
  for (const int threads : {1, 3, 2}) {
    int size = 0;
    scheduler.set_threads(threads);
    scheduler.submit(std::make_shared<SizeJob>(log, &model, &owner, size));
    log.wait_for(entries += 2);
    CHECK(size == threads);
  }
}

namespace {

// A training step of two stages. Between them it says so, then waits at a gate, then lets others go ahead.
class StagedJob : public NamedJob {
 public:
  StagedJob(Log& log, Log& gate, const void* subject, const void* owner)
      : NamedJob(log, "t", Priority::kTraining, 1, subject, owner), log_(log), gate_(gate) {}

  bool step(Team& team) override {
    log_.add("first stage");
    gate_.pass();
    team.pause();
    log_.add("second stage");
    return NamedJob::step(team);
  }
  void check() const override {
    if (ends) throw Error("DISPOSED", "its model is gone");
  }
  std::atomic<bool> ends{false};

 private:
  Log& log_;
  Log& gate_;
};

class HarmlessJob : public NamedJob {
 public:
  using NamedJob::NamedJob;
  bool leaves_subject_alone() const override { return true; }
};

}  // namespace

TEST_CASE("inference goes ahead between two stages of a training's step, unless it may change what the step uses") {
  Log log, gate;
  log.open();
  const int model = 0, other = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  scheduler.submit(std::make_shared<StagedJob>(log, gate, &model, &owner));
  log.wait_for(1);
  const auto harmless = [&](const char* name, const void* subject) {
    scheduler.submit(std::make_shared<HarmlessJob>(log, name, Priority::kInference, 1, subject, &owner));
  };
  const auto changing = [&](const char* name, const void* subject) {
    scheduler.submit(std::make_shared<NamedJob>(log, name, Priority::kInference, 1, subject, &owner));
  };
  harmless("p", &model);
  changing("u", &model);
  harmless("q", &model);  // must see what u changes
  changing("v", &other);
  gate.open();
  CHECK(log.joined(12) == "first stage, p1, p done, v1, v done, second stage, t1, t done, u1, u done, q1, q done");
}

TEST_CASE("a job ends between two stages once it must") {
  Log log, gate;
  log.open();
  const int model = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  const auto job = std::make_shared<StagedJob>(log, gate, &model, &owner);
  scheduler.submit(job);
  log.wait_for(1);
  job->ends = true;
  scheduler.attend();
  gate.open();
  CHECK(log.joined(2) == "first stage, t DISPOSED");
}

TEST_CASE("cancelling an owner's jobs ends one whose step another has interrupted") {
  Log log, gate;
  const int model = 0, other = 0, owner = 0, stranger = 0;
  Scheduler& scheduler = Scheduler::instance();
  log.open();
  scheduler.submit(std::make_shared<StagedJob>(log, gate, &model, &owner));
  log.wait_for(1);
  scheduler.submit(std::make_shared<HarmlessJob>(log, "p", Priority::kInference, 1, &other, &stranger));
  gate.open();
  scheduler.cancel_and_wait(&owner);
  Entries entries = log.wait_for(4);
  while (std::count(entries.begin(), entries.end(), "p done") == 0) entries = log.wait_for(entries.size() + 1);
  // It had either ended or was cancelled, but nothing of it is left.
  CHECK(std::count_if(entries.begin(), entries.end(),
                      [](const std::string& entry) { return entry == "t done" || entry == "t ABORTED"; }) == 1);
}

TEST_CASE("a cancelled training doesn't wait for the inference that has interrupted its step") {
  Log log, gate;
  log.open();
  const int model = 0, other = 0, owner = 0, stranger = 0;
  Scheduler& scheduler = Scheduler::instance();
  const auto training = std::make_shared<StagedJob>(log, gate, &model, &owner);
  scheduler.submit(training);
  log.wait_for(1);
  const auto endless = std::make_shared<HarmlessJob>(log, "p", Priority::kInference, 1 << 30, &other, &stranger);
  scheduler.submit(endless);
  gate.open();
  log.wait_for(10);
  training->ends = true;
  scheduler.cancel(training, "ABORTED");
  const auto has = [&](const char* entry) {
    const Entries now = log.wait_for(1);
    return std::find(now.begin(), now.end(), entry) != now.end();
  };
  size_t count = 10;
  while (!has("t ABORTED")) log.wait_for(++count);
  CHECK_FALSE(has("second stage"));
  scheduler.cancel(endless, "ABORTED");
  while (!has("p ABORTED")) log.wait_for(++count);
}
