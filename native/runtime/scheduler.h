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

  // Does one step; true when that was the last. May throw Error: the job has then failed.
  virtual bool step(Team& team) = 0;
  // Told once, on the compute thread (or the one that cancels a job that waits), of the end: null, or why it failed.
  virtual void finished(std::exception_ptr failure) noexcept = 0;

  // Jobs of one subject train one after the other.
  virtual const void* subject() const = 0;
  // How far it has come, for the message if it is cancelled.
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

// The one compute thread of the process, and the queue before it. Inference goes first, in the order of submission and
// each job as a whole; training jobs take turns, a step each, but those of one subject follow one another. Shared by
// all JavaScript threads, and never destroyed: a thread may still be in it when the process ends.
class Scheduler {
 public:
  static Scheduler& instance();

  // Throws Error QUEUE_FULL when kMaxJobs are waiting, OUT_OF_MEMORY if the compute thread can't be started.
  void submit(std::shared_ptr<Job> job);
  // Cancels all jobs of an owner and waits until none is left: at most one step.
  void cancel_and_wait(const void* owner);
  // From the next job on.
  void set_threads(int threads);
  int threads() const { return threads_.load(); }

  static constexpr size_t kMaxJobs = 4096;

 private:
  Scheduler() = default;
  void run();
  void lead(Team& team);
  std::shared_ptr<Job> take();
  // Puts a job where its next step will be taken from.
  void enqueue(std::shared_ptr<Job> job);
  // Whether a training job of the subject runs or has its turn to come.
  bool trains(const void* subject) const;
  // A job has ended: if no training job of its subject is left, the next one that waited for that may begin.
  void begin_next(const void* subject);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable left_;
  std::deque<std::shared_ptr<Job>> inference_;
  std::deque<std::shared_ptr<Job>> training_;   // at most one of a subject
  std::deque<std::shared_ptr<Job>> following_;  // training jobs whose subject has one already
  std::shared_ptr<Job> running_;
  bool started_ = false;
  std::atomic<int> threads_{1};
};

}  // namespace convforge
