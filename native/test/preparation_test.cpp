#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "runtime/error.h"
#include "runtime/scheduler.h"
#include "test/logged_job.h"

using namespace convforge;

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

TEST_CASE("a job that is cancelled in its preparation ends after it, while others run") {
  Log log, gate;
  const int model = 0, owner = 0;
  Scheduler& scheduler = Scheduler::instance();
  scheduler.submit(std::make_shared<NamedJob>(log, "held", Priority::kInference, 1, &owner, &owner));
  const auto prepared = std::make_shared<PreparedJob>(log, gate, "p", Priority::kTraining, &model, &owner);
  scheduler.submit(prepared);
  scheduler.submit(std::make_shared<NamedJob>(log, "next", Priority::kTraining, 1, &model, &owner));
  log.wait_for(1);
  scheduler.cancel(prepared, "ABORTED");
  gate.open();
  CHECK(log.joined(2) == "p prepares, p ABORTED");
  log.open();
  CHECK(log.joined(6) == "p prepares, p ABORTED, held1, held done, next1, next done");
}
