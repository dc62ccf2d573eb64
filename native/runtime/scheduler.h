#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/parallel.h"

namespace convforge {

// Work for the compute thread, cut into steps. Between two steps the scheduler may run other jobs, or end this one.
class Job {
 public:
  enum class Priority { kTraining, kInference };

  Job(Priority priority, const void* owner) : priority(priority), owner(owner) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Whether prepare() has anything to do. May be called on any thread.
  virtual bool needs_preparation() const { return false; }
  // Does what the first step needs and what needs no team, such as planning. Runs on a thread of its own, while other
  // jobs take their steps. May throw Error, which fails the job.
  virtual void prepare() {}
  // Does one step. Returns true if it was the last. May throw Error, which fails the job.
  virtual bool step(Team& team) = 0;
  // Called once, at the job's end, on the compute thread or on the thread that cancels a waiting job. `failure` is
  // null, or the reason why the job failed.
  virtual void finished(std::exception_ptr failure) noexcept = 0;

  // Training jobs with the same subject run one after another.
  virtual const void* subject() const = 0;
  // The job's progress, for the error message if it is cancelled.
  virtual std::string progress() const = 0;

  // Ends the job before its next step with Error `code`.
  void cancel(const char* code) {
    const char* none = nullptr;
    cancelled_.compare_exchange_strong(none, code);
  }
  const char* cancelled() const { return cancelled_.load(); }

  const Priority priority;
  const void* const owner;

 private:
  friend class Scheduler;

  std::atomic<const char*> cancelled_{nullptr};
  // The scheduler's mutex guards these.
  uint64_t number_ = 0;         // jobs are numbered in the order of submission
  bool prepares_ = false;       // whether prepare() hasn't ended yet
  std::exception_ptr failure_;  // what prepare() has thrown
};

// The one compute thread of the process, and its queue. Inference jobs go first, in the order of submission, each as a
// whole. Training jobs take turns of one step each, but those of one subject run one after another.
//
// Jobs that need preparation get it on further threads, one subject on each. Until then a job waits, and so do later
// jobs of its subject, except for a training that has begun. Other jobs pass it.
//
// All JavaScript threads share the scheduler. It is never destroyed, since a thread may still be inside it when the
// process ends.
class Scheduler {
 public:
  static Scheduler& instance();

  // Throws Error QUEUE_FULL when kMaxJobs are waiting, OUT_OF_MEMORY if the compute thread can't be started.
  void submit(std::shared_ptr<Job> job);
  // Cancels all jobs of an owner, and waits until none is left, which takes at most one step or preparation.
  void cancel_and_wait(const void* owner);
  // Takes effect from the next job on.
  void set_threads(int threads);
  int threads() const { return threads_.load(); }

  static constexpr size_t kMaxJobs = 4096;
  static constexpr size_t kMaxPreparers = 16;

 private:
  Scheduler() = default;
  void run();
  void lead(Team& team);
  using Queue = std::deque<std::shared_ptr<Job>>;
  // Takes the next job that can run from its queue. Returns null if there is none.
  std::shared_ptr<Job> take();
  // Starts a thread that prepares jobs, unless there are enough. If none can be started, jobs run unprepared.
  void start_preparer();
  void prepare_jobs();
  // The next job in unprepared_ whose subject has none in preparation, or its end.
  Queue::iterator next_unprepared();
  // Adds a job to the queue that it belongs to.
  void enqueue(std::shared_ptr<Job> job);
  // Whether a training job of the subject is running or in training_.
  bool trains(const void* subject) const;
  // Moves the next blocked job of the subject to training_, if the subject has no other training job there. Call it
  // when a job has ended.
  void unblock_next(const void* subject);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable left_;
  Queue inference_;
  Queue training_;    // at most one per subject
  Queue blocked_;     // training jobs whose subject already has one in training_
  Queue unprepared_;  // jobs of the queues above whose preparation hasn't begun
  std::vector<std::shared_ptr<Job>> in_preparation_;
  size_t preparers_ = 0;
  uint64_t submitted_ = 0;
  std::shared_ptr<Job> running_;
  bool started_ = false;
  std::atomic<int> threads_{1};
};

}  // namespace convforge
