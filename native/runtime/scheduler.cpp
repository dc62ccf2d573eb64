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
  job->number_ = ++submitted_;
  job->prepares_ = job->needs_preparation();
  if (job->prepares_) unprepared_.push_back(job);
  const bool prepares = job->prepares_;
  enqueue(std::move(job));
  if (prepares) start_preparer();
  arrived_.notify_one();
}

void Scheduler::start_preparer() {
  if (preparers_ == kMaxPreparers) return;
  try {
    std::thread([this] { prepare_jobs(); }).detach();
    ++preparers_;
  } catch (const std::system_error&) {
    if (preparers_ > 0) return;
    for (const auto& job : unprepared_) job->prepares_ = false;
    unprepared_.clear();
  }
}

void Scheduler::prepare_jobs() {
  std::unique_lock lock(mutex_);
  for (auto next = next_unprepared(); next != unprepared_.end(); next = next_unprepared()) {
    Job& job = **next;
    in_preparation_.push_back(std::move(*next));
    unprepared_.erase(next);
    lock.unlock();
    std::exception_ptr failure;
    try {
      if (!job.cancelled()) job.prepare();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    job.failure_ = failure;
    job.prepares_ = false;
    // A queue holds the job, too, or whoever cancels it.
    std::erase_if(in_preparation_, [&job](const std::shared_ptr<Job>& other) { return other.get() == &job; });
    arrived_.notify_one();
    left_.notify_all();
  }
  --preparers_;
}

Scheduler::Queue::iterator Scheduler::next_unprepared() {
  return std::find_if(unprepared_.begin(), unprepared_.end(), [this](const std::shared_ptr<Job>& job) {
    return std::none_of(in_preparation_.begin(), in_preparation_.end(),
                        [&job](const std::shared_ptr<Job>& other) { return other->subject() == job->subject(); });
  });
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
  std::erase_if(unprepared_, is_owned);
  for (const auto& job : in_preparation_) {
    if (is_owned(job)) job->cancel("ABORTED");
  }
  for (const auto& job : cancelled) unblock_next(job->subject());
  if (running_ && is_owned(running_)) running_->cancel("ABORTED");
  left_.wait(lock, [&] {
    const bool runs = running_ && is_owned(running_);
    return !runs && std::none_of(in_preparation_.begin(), in_preparation_.end(), is_owned);
  });
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
  const auto remove = [](Queue& queue, Queue::iterator place) {
    std::shared_ptr<Job> job = std::move(*place);
    queue.erase(place);
    return job;
  };
  std::vector<const void*> waiting;  // subjects of inference jobs that can't run yet
  for (auto place = inference_.begin(); place != inference_.end(); ++place) {
    const void* subject = (*place)->subject();
    if ((*place)->prepares_) {
      waiting.push_back(subject);
    } else if (std::find(waiting.begin(), waiting.end(), subject) == waiting.end()) {
      return remove(inference_, place);
    }
  }
  for (auto place = training_.begin(); place != training_.end(); ++place) {
    if ((*place)->prepares_) continue;
    // Inference must see the weights of the moment when it was submitted.
    const bool comes_later = std::any_of(inference_.begin(), inference_.end(), [&](const std::shared_ptr<Job>& job) {
      return job->subject() == (*place)->subject() && job->number_ < (*place)->number_;
    });
    if (!comes_later) return remove(training_, place);
  }
  return nullptr;
}

void Scheduler::lead(Team& team) {
  const int threads = threads_.load();
  std::unique_lock lock(mutex_);
  for (;;) {
    // run() starts a team of the new size.
    arrived_.wait(lock, [&] { return threads != threads_.load() || (running_ = take()); });
    if (!running_) return;
    const std::shared_ptr<Job> job = running_;
    lock.unlock();
    bool done = false;
    std::exception_ptr failure;
    try {
      if (job->failure_ && !job->cancelled()) std::rethrow_exception(job->failure_);
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
