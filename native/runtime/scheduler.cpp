#include "runtime/scheduler.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/error.h"

namespace convforge {

Scheduler& Scheduler::instance() {
  static Scheduler* const scheduler = new Scheduler;
  return *scheduler;
}

void Scheduler::submit(std::shared_ptr<Job> job) {
  const std::lock_guard lock(mutex_);
  if (inference_.size() + training_.size() >= kMaxJobs) {
    throw Error("QUEUE_FULL", std::to_string(kMaxJobs) + " jobs are waiting already; await some before starting more");
  }
  if (!started_) {
    try {
      std::thread([this] { run(); }).detach();
    } catch (const std::system_error& error) {
      throw Error("OUT_OF_MEMORY", std::string("the compute thread can't be started: ") + error.what());
    }
    started_ = true;
  }
  auto& queue = job->priority == Job::Priority::kInference ? inference_ : training_;
  queue.push_back(std::move(job));
  arrived_.notify_one();
}

void Scheduler::cancel_and_wait(const void* owner) {
  std::unique_lock lock(mutex_);
  const auto is_owned = [owner](const std::shared_ptr<Job>& job) { return job->owner == owner; };
  std::deque<std::shared_ptr<Job>> cancelled;
  for (auto* queue : {&inference_, &training_}) {
    for (const auto& job : *queue) {
      if (is_owned(job)) cancelled.push_back(job);
    }
    std::erase_if(*queue, is_owned);
  }
  if (running_ && is_owned(running_)) running_->cancel("ABORTED");
  left_.wait(lock, [&] { return !running_ || !is_owned(running_); });
  lock.unlock();
  for (const auto& job : cancelled) {
    job->finished(std::make_exception_ptr(Error("ABORTED", "the thread that asked for this has ended")));
  }
}

void Scheduler::set_threads(int threads) { threads_.store(std::max(1, threads)); }

void Scheduler::run() {
  for (;;) lead_team(threads_.load(), [this](Team& team) { lead(team); });
}

std::shared_ptr<Job> Scheduler::take() {
  auto& queue = inference_.empty() ? training_ : inference_;
  std::shared_ptr<Job> job = std::move(queue.front());
  queue.pop_front();
  return job;
}

void Scheduler::lead(Team& team) {
  const int threads = threads_.load();
  std::unique_lock lock(mutex_);
  for (;;) {
    arrived_.wait(lock, [this] { return !inference_.empty() || !training_.empty(); });
    if (threads != threads_.load()) return;  // for a team of another size
    running_ = take();
    const std::shared_ptr<Job> job = running_;
    lock.unlock();
    bool done = true;
    std::exception_ptr failure;
    try {
      if (const char* code = job->cancelled()) throw Error(code, "the job was ended before it was done");
      done = job->step(team);
    } catch (...) {
      failure = std::current_exception();
    }
    if (done || failure) job->finished(failure);
    lock.lock();
    if (!done && !failure) {
      // Inference goes on where it was; training makes room for the others' turns.
      if (job->priority == Job::Priority::kInference) {
        inference_.push_front(job);
      } else {
        training_.push_back(job);
      }
    }
    running_ = nullptr;
    left_.notify_all();
  }
}

}  // namespace convforge
