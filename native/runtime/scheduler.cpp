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
  if (inference_.size() + training_.size() + blocked_.size() >= kMaxJobs) {
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
  enqueue(std::move(job));
  arrived_.notify_one();
}

void Scheduler::enqueue(std::shared_ptr<Job> job) {
  if (job->priority == Job::Priority::kInference) {
    inference_.push_back(std::move(job));
    return;
  }
  (trains(job->subject()) ? blocked_ : training_).push_back(std::move(job));
}

bool Scheduler::trains(const void* subject) const {
  const auto same = [subject](const std::shared_ptr<Job>& job) {
    return job && job->priority == Job::Priority::kTraining && job->subject() == subject;
  };
  return same(running_) || std::any_of(training_.begin(), training_.end(), same);
}

void Scheduler::unblock_next(const void* subject) {
  if (trains(subject)) return;
  const auto next = std::find_if(blocked_.begin(), blocked_.end(),
                                 [subject](const std::shared_ptr<Job>& job) { return job->subject() == subject; });
  if (next == blocked_.end()) return;
  training_.push_back(std::move(*next));
  blocked_.erase(next);
}

void Scheduler::cancel_and_wait(const void* owner) {
  std::unique_lock lock(mutex_);
  const auto is_owned = [owner](const std::shared_ptr<Job>& job) { return job->owner == owner; };
  std::deque<std::shared_ptr<Job>> cancelled;
  for (auto* queue : {&inference_, &training_, &blocked_}) {
    for (const auto& job : *queue) {
      if (is_owned(job)) cancelled.push_back(job);
    }
    std::erase_if(*queue, is_owned);
  }
  for (const auto& job : cancelled) unblock_next(job->subject());
  if (running_ && is_owned(running_)) running_->cancel("ABORTED");
  left_.wait(lock, [&] { return !running_ || !is_owned(running_); });
  lock.unlock();
  for (const auto& job : cancelled) {
    job->finished(std::make_exception_ptr(Error("ABORTED", "the thread that started this job has ended")));
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
    if (threads != threads_.load()) return;  // run() starts a team of the new size
    running_ = take();
    const std::shared_ptr<Job> job = running_;
    lock.unlock();
    bool done = false;
    std::exception_ptr failure;
    try {
      done = !job->cancelled() && job->step(team);
      // Checks right after a step, too: the thread that cancels may be waiting for the job to end.
      if (job->cancelled() && !done) throw Error(job->cancelled(), job->progress());
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) done = true;
    if (done) job->finished(failure);
    lock.lock();
    running_ = nullptr;
    if (done) {
      unblock_next(job->subject());
    } else if (job->priority == Job::Priority::kInference) {
      inference_.push_front(job);  // continues before other jobs
    } else {
      training_.push_back(job);  // after the turns of the others
    }
    left_.notify_all();
  }
}

}  // namespace convforge
