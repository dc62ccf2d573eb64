#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
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
  // Called once, at the job's end: on the compute thread, on the thread that cancels a waiting job, or on the one that
  // prepares it. `failure` is null, or the reason why the job failed.
  virtual void finished(std::exception_ptr failure) noexcept = 0;

  // Whether it may run between two stages of another job's step on the same subject. It must change nothing there.
  virtual bool leaves_subject_alone() const { return false; }
  // Called between two stages of a step after Scheduler::attend(). Throws Error if the job must end.
  virtual void check() const {}

  // Training jobs with the same subject run one after another.
  virtual const void* subject() const = 0;
  // The job's progress, for the error message if it is cancelled.
  virtual std::string progress() const = 0;

  // Ends the job with Error `code`, before its next step or inside this one.
  void cancel(const char* code) {
    const char* none = nullptr;
    cancelled_.compare_exchange_strong(none, code);
  }
  const char* cancelled() const { return cancelled_.load(); }
  // Not null once it is cancelled.
  const std::atomic<const char*>& cancelled_word() const { return cancelled_; }

  const Priority priority;
  const void* const owner;

 private:
  friend class Scheduler;

  std::atomic<const char*> cancelled_{nullptr};
  enum class Preparation { kNone, kWaiting, kRunning };

  // The scheduler's mutex guards these.
  uint64_t number_ = 0;  // jobs are numbered in the order of submission
  Preparation preparation_ = Preparation::kNone;
  std::exception_ptr failure_;  // what prepare() has thrown
};

// The one compute thread of the process, and its queue. Inference jobs go first, in the order of submission, each as a
// whole. Training jobs take turns of one step each, but those of one subject run one after another. Between two stages
// of a training's step, inference goes ahead if it changes nothing that the step uses.
//
// Jobs that need preparation get it on further threads, one subject on each. Until then a job waits, and so do later
// jobs of its subject, except for a training that has begun. Other jobs pass it.
//
// Memory is taken by submit() alone, so nothing that runs on the scheduler's own threads can fail for want of it.
//
// All JavaScript threads share the scheduler. It is never destroyed, since a thread may still be inside it when the
// process ends.
class Scheduler {
 public:
  static Scheduler& instance();

  // Throws Error QUEUE_FULL when kMaxJobs are waiting, OUT_OF_MEMORY if the compute thread can't be started.
  void submit(std::shared_ptr<Job> job);
  // Makes the step that runs look, between its next two stages, whether its job must end.
  void attend() { attention_.store(true, std::memory_order_release); }
  // Ends a job with Error `code`: at once if it waits, else after its preparation or the stage that it is in.
  void cancel(const std::shared_ptr<Job>& job, const char* code);
  // Cancels all jobs of an owner, and waits until none is left, which takes at most one stage or preparation.
  void cancel_and_wait(const void* owner);
  // Takes effect from the next job on.
  void set_threads(int threads);
  int threads() const { return threads_.load(); }

  static constexpr size_t kMaxJobs = 4096;
  static constexpr size_t kMaxPreparers = 16;

 private:
  using Queue = std::list<std::shared_ptr<Job>>;

  Scheduler() = default;
  void run();
  void lead(Team& team);
  // Runs one step of the job at the front of running_. The caller must hold the lock. Returns whether the job has
  // ended.
  bool step(Team& team, std::unique_lock<std::mutex>& lock);
  // Removes the job at the front of running_, which has ended.
  void end_first(std::unique_lock<std::mutex>& lock);
  // Between two stages of the running job's step: runs the inference that may go ahead. Throws Error if the job itself
  // must end.
  void pause(Team& team);
  // Moves the next job that can run to the front of running_. Returns whether there is one.
  bool take();
  // The next inference job that can run, or the end.
  Queue::iterator next_inference();
  // Starts a thread that prepares jobs, unless there are enough. If none can be started, jobs run unprepared.
  void start_preparer();
  void prepare_jobs();
  // Ends a job that was cancelled in its preparation. The caller must hold the lock.
  void end_prepared(const std::shared_ptr<Job>& job, std::unique_lock<std::mutex>& lock);
  // Moves a job that waits, and isn't in preparation, from its queue to `to`. Returns whether there was one.
  bool take_out(const std::shared_ptr<Job>& job, Queue& to);
  // The next job to prepare whose subject has none in preparation; null if there is none.
  std::shared_ptr<Job> next_unprepared();
  // Whether a training job of the subject is in running_ or in training_.
  bool trains(const void* subject) const;
  // Moves the next blocked job of the subject to training_, if the subject has no other training job there. Call it
  // when a job has ended.
  void unblock_next(const void* subject);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable left_;
  Queue inference_;
  Queue training_;  // at most one per subject
  Queue blocked_;   // training jobs whose subject already has one in training_
  Queue running_;   // the running job, and behind it the one whose step it has interrupted
  size_t preparers_ = 0;
  uint64_t submitted_ = 0;
  bool started_ = false;
  // Whether something has arrived that a step must look at between two stages.
  std::atomic<bool> attention_{false};
  std::atomic<int> threads_{1};
};

}  // namespace convforge
