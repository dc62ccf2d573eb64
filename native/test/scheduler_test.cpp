#include "runtime/scheduler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
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

namespace {

// A job whose preparation waits until its gate opens, and then fails if it has a code.
class PreparedJob : public NamedJob {
 public:
  PreparedJob(Log& log, Log& gate, std::string name, Priority priority, const void* subject, const void* owner,
              const char* code = nullptr)
      : NamedJob(log, name, priority, 1, subject, owner), log_(log), gate_(gate), name_(name), code_(code) {}

  bool needs_preparation() const override { return true; }
  void prepare() override {
    log_.add(name_ + " prepares");
    gate_.pass();
    if (code_) throw Error(code_, "can't be prepared");
  }

 private:
  Log& log_;
  Log& gate_;
  std::string name_;
  const char* code_;
};

}  // namespace

TEST_CASE("jobs pass one in preparation, but for later ones of its subject") {
  Log log, gate;
  log.open();
  const int model_a = 0, model_b = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  const auto submit = [&](const char* name, Priority priority, const void* subject) {
    scheduler.submit(std::make_shared<NamedJob>(log, name, priority, 1, subject, &owner));
  };
  scheduler.submit(std::make_shared<PreparedJob>(log, gate, "a", Priority::kInference, &model_a, &owner));
  log.wait_for(1);
  submit("train", Priority::kTraining, &model_a);
  submit("p", Priority::kInference, &model_a);
  submit("q", Priority::kInference, &model_b);
  submit("r", Priority::kTraining, &model_b);
  CHECK(log.joined(5) == "a prepares, q1, q done, r1, r done");
  gate.open();
  CHECK(log.joined(11) == "a prepares, q1, q done, r1, r done, a1, a done, p1, p done, train1, train done");
}

TEST_CASE("a training goes on while inference of its subject is prepared") {
  Log log, gate;
  log.open();
  const int model = 0, owner_1 = 0, owner_2 = 0;
  Scheduler& scheduler = Scheduler::instance();
  scheduler.submit(std::make_shared<NamedJob>(log, "t", Priority::kTraining, 1 << 30, &model, &owner_1));
  log.wait_for(1);
  scheduler.submit(std::make_shared<PreparedJob>(log, gate, "p", Priority::kInference, &model, &owner_2));
  const auto count_steps = [&] {
    const Entries now = log.wait_for(1);
    return std::count_if(now.begin(), now.end(), [](const std::string& entry) { return entry[0] == 't'; });
  };
  const auto has = [&](const char* entry) {
    const Entries now = log.wait_for(1);
    return std::find(now.begin(), now.end(), entry) != now.end();
  };
  size_t count = 1;
  while (!has("p prepares")) log.wait_for(++count);
  const auto before = count_steps();
  log.wait_for(static_cast<size_t>(before) + 10);
  CHECK(count_steps() > before);
  gate.open();
  while (!has("p done")) log.wait_for(++count);
  scheduler.cancel_and_wait(&owner_1);
}

TEST_CASE("a preparation that fails ends its job alone") {
  Log log, gate;
  log.open();
  gate.open();
  const int model = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  scheduler.submit(std::make_shared<PreparedJob>(log, gate, "a", Priority::kTraining, &model, &owner, "TOO_LARGE"));
  scheduler.submit(std::make_shared<NamedJob>(log, "b", Priority::kTraining, 1, &model, &owner));
  CHECK(log.joined(4) == "a prepares, a TOO_LARGE, b1, b done");
}

TEST_CASE("jobs of one subject are prepared one after another, and of any number of subjects at once") {
  Log log, gate;
  log.open();
  const int owner = 0;
  int models[40] = {};
  Scheduler& scheduler = Scheduler::instance();
  constexpr size_t kMost = Scheduler::kMaxPreparers;
  for (const int& model : models) {
    for (const char* name : {"a", "b"})
      scheduler.submit(std::make_shared<PreparedJob>(log, gate, name, Priority::kInference, &model, &owner));
  }
  const Entries begun = log.wait_for(kMost);
  CHECK(begun.size() == kMost);
  CHECK(std::count(begun.begin(), begun.end(), "a prepares") == static_cast<std::ptrdiff_t>(kMost));
  gate.open();
  log.wait_for(3 * 2 * std::size(models));
}

TEST_CASE("cancelling an owner's jobs waits for their preparation") {
  Log log, gate;
  log.open();
  const int model = 0, other = 0, owner = 0, stranger = 0;
  Scheduler& scheduler = Scheduler::instance();
  const auto prepared = std::make_shared<PreparedJob>(log, gate, "a", Priority::kInference, &model, &owner);
  scheduler.submit(prepared);
  scheduler.submit(std::make_shared<PreparedJob>(log, gate, "b", Priority::kInference, &model, &owner));
  scheduler.submit(std::make_shared<PreparedJob>(log, gate, "c", Priority::kInference, &other, &stranger));
  log.wait_for(2);
  std::thread canceller([&] {
    scheduler.cancel_and_wait(&owner);
    log.add("cancelled");
  });
  while (!prepared->cancelled()) std::this_thread::yield();
  gate.open();
  canceller.join();
  const Entries entries = log.wait_for(7);
  const auto index_of = [&](const char* entry) { return std::find(entries.begin(), entries.end(), entry); };
  CHECK(entries.size() == 7);
  CHECK(index_of("a ABORTED") < index_of("cancelled"));
  CHECK(index_of("b ABORTED") < index_of("cancelled"));
  CHECK(index_of("b prepares") == entries.end());
  CHECK(index_of("c done") != entries.end());
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
