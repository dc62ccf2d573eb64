#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>

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
  std::atomic<const char*> cancelled_{nullptr};
};

// The one compute thread of the process, and its queue. Inference jobs go first, in the order of submission, each as a
// whole. Training jobs take turns of one step each, but those of one subject run one after another. All JavaScript
// threads share the scheduler. It is never destroyed, since a thread may still be inside it when the process ends.
class Scheduler {
 public:
  static Scheduler& instance();

  // Throws Error QUEUE_FULL when kMaxJobs are waiting, OUT_OF_MEMORY if the compute thread can't be started.
  void submit(std::shared_ptr<Job> job);
  // Cancels all jobs of an owner, and waits until none is left, which takes at most one step.
  void cancel_and_wait(const void* owner);
  // Takes effect from the next job on.
  void set_threads(int threads);
  int threads() const { return threads_.load(); }

  static constexpr size_t kMaxJobs = 4096;

 private:
  Scheduler() = default;
  void run();
  void lead(Team& team);
  std::shared_ptr<Job> take();
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
  std::deque<std::shared_ptr<Job>> inference_;
  std::deque<std::shared_ptr<Job>> training_;  // at most one per subject
  std::deque<std::shared_ptr<Job>> blocked_;   // training jobs whose subject already has one in training_
  std::shared_ptr<Job> running_;
  bool started_ = false;
  std::atomic<int> threads_{1};
};

}  // namespace convforge
