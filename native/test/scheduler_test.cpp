#include "runtime/scheduler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/error.h"

using namespace convforge;

namespace {

// A log of events in order, and a way to wait for them.
class Log {
 public:
  void add(const std::string& entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(entry);
    changed_.notify_all();
  }
  std::string joined(size_t count) {
    std::string text;
    for (const std::string& entry : wait_for(count)) text += (text.empty() ? "" : ", ") + entry;
    return text;
  }
  std::vector<std::string> wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entries_.size() >= count; });
    return entries_;
  }
  // The steps of jobs wait for this.
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entries_;
  bool open_ = false;
};

class NamedJob : public Job {
 public:
  NamedJob(Log& log, std::string name, Priority priority, int steps, const void* subject, const void* owner)
      : Job(priority, owner), log_(log), name_(std::move(name)), steps_(steps), subject_(subject) {}

  bool step(Team&) override {
    log_.pass();
    log_.add(name_ + std::to_string(++done_));
    return done_ >= steps_;
  }
  void finished(std::exception_ptr failure) noexcept override {
    std::string how = "done";
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const Error& error) {
      how = error.code();
    }
    log_.add(name_ + " " + how);
  }
  const void* subject() const override { return subject_; }
  std::string progress() const override { return "after " + std::to_string(done_); }

 private:
  Log& log_;
  std::string name_;
  int steps_;
  int done_ = 0;
  const void* subject_;
};

using Priority = Job::Priority;
using Entries = std::vector<std::string>;

}  // namespace

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
