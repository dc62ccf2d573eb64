#include "runtime/scheduler.h"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/error.h"

namespace convforge {
namespace {

// An Error, or std::bad_alloc if there is no memory for its text.
template <typename Text>
std::exception_ptr make_failure(const char* code, Text&& text) {
  try {
    throw Error(code, text());
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

Scheduler& Scheduler::instance() {
  static Scheduler* const scheduler = new Scheduler;
  return *scheduler;
}

void Scheduler::submit(std::shared_ptr<Job> job) {
  Queue arrival;
  arrival.push_back(std::move(job));
  Job& arrived = *arrival.front();
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
  arrived.number_ = ++submitted_;
  if (arrived.needs_preparation()) arrived.preparation_ = Job::Preparation::kWaiting;
  Queue& queue = arrived.priority == Job::Priority::kInference ? inference_
                 : trains(arrived.subject())                   ? blocked_
                                                               : training_;
  queue.splice(queue.end(), arrival);
  if (arrived.preparation_ == Job::Preparation::kWaiting) start_preparer();
  attend();
  arrived_.notify_one();
}

void Scheduler::start_preparer() {
  if (preparers_ == kMaxPreparers) return;
  try {
    std::thread([this] { prepare_jobs(); }).detach();
    ++preparers_;
  } catch (const std::exception&) {
    if (preparers_ > 0) return;
    for (Queue* queue : {&inference_, &training_, &blocked_}) {
      for (const auto& job : *queue) job->preparation_ = Job::Preparation::kNone;
    }
  }
}

void Scheduler::prepare_jobs() {
  std::unique_lock lock(mutex_);
  while (const std::shared_ptr<Job> job = next_unprepared()) {
    job->preparation_ = Job::Preparation::kRunning;
    lock.unlock();
    std::exception_ptr failure;
    try {
      if (!job->cancelled()) job->prepare();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    job->failure_ = failure;
    if (job->cancelled()) {
      end_prepared(job, lock);
    } else {
      job->preparation_ = Job::Preparation::kNone;
    }
    attend();
    arrived_.notify_one();
    left_.notify_all();
  }
  --preparers_;
}

void Scheduler::end_prepared(const std::shared_ptr<Job>& job, std::unique_lock<std::mutex>& lock) {
  // It stays in its queue until it has told its end, since cancel_and_wait() waits for that.
  lock.unlock();
  job->finished(make_failure(job->cancelled(), [&job] { return job->progress(); }));
  lock.lock();
  job->preparation_ = Job::Preparation::kNone;
  Queue ended;
  take_out(job, ended);
}

bool Scheduler::take_out(const std::shared_ptr<Job>& job, Queue& to) {
  for (Queue* queue : {&inference_, &training_, &blocked_}) {
    const auto place = std::find(queue->begin(), queue->end(), job);
    if (place == queue->end()) continue;
    if (job->preparation_ == Job::Preparation::kRunning) return false;
    job->preparation_ = Job::Preparation::kNone;
    to.splice(to.end(), *queue, place);
    unblock_next(job->subject());
    return true;
  }
  return false;
}

std::shared_ptr<Job> Scheduler::next_unprepared() {
  const auto is_preparing = [this](const void* subject) {
    for (const Queue* queue : {&inference_, &training_, &blocked_}) {
      for (const auto& job : *queue) {
        if (job->preparation_ == Job::Preparation::kRunning && job->subject() == subject) return true;
      }
    }
    return false;
  };
  std::shared_ptr<Job> first;
  for (const Queue* queue : {&inference_, &training_, &blocked_}) {
    for (const auto& job : *queue) {
      if (job->preparation_ != Job::Preparation::kWaiting || (first && job->number_ > first->number_)) continue;
      if (!is_preparing(job->subject())) first = job;
    }
  }
  return first;
}

bool Scheduler::trains(const void* subject) const {
  const auto same = [subject](const std::shared_ptr<Job>& job) {
    return job->priority == Job::Priority::kTraining && job->subject() == subject;
  };
  return std::any_of(running_.begin(), running_.end(), same) || std::any_of(training_.begin(), training_.end(), same);
}

void Scheduler::unblock_next(const void* subject) {
  if (trains(subject)) return;
  const auto next = std::find_if(blocked_.begin(), blocked_.end(),
                                 [subject](const std::shared_ptr<Job>& job) { return job->subject() == subject; });
  if (next != blocked_.end()) training_.splice(training_.end(), blocked_, next);
}

void Scheduler::cancel(const std::shared_ptr<Job>& job, const char* code) {
  job->cancel(code);
  Queue waiting;
  {
    const std::lock_guard lock(mutex_);
    attend();
    // One in preparation is ended by the thread that prepares it, one that runs by the compute thread.
    if (!take_out(job, waiting)) return;
    arrived_.notify_one();
  }
  job->finished(make_failure(job->cancelled(), [&job] { return job->progress(); }));
}

void Scheduler::cancel_and_wait(const void* owner) {
  const auto is_owned = [owner](const std::shared_ptr<Job>& job) { return job->owner == owner; };
  Queue cancelled;
  std::unique_lock lock(mutex_);
  for (Queue* queue : {&inference_, &training_, &blocked_, &running_}) {
    for (const auto& job : *queue) {
      if (is_owned(job)) job->cancel("ABORTED");
    }
  }
  attend();
  // A job in preparation stays in its queue, where its thread finds it.
  const auto take_waiting = [&] {
    for (Queue* queue : {&inference_, &training_, &blocked_}) {
      for (auto next = queue->begin(); next != queue->end();) {
        const auto place = next++;
        if (!is_owned(*place) || (*place)->preparation_ == Job::Preparation::kRunning) continue;
        (*place)->preparation_ = Job::Preparation::kNone;
        cancelled.splice(cancelled.end(), *queue, place);
      }
    }
  };
  left_.wait(lock, [&] {
    take_waiting();
    const auto any_left = [&](const Queue& queue) { return std::any_of(queue.begin(), queue.end(), is_owned); };
    return !any_left(running_) && !any_left(inference_) && !any_left(training_) && !any_left(blocked_);
  });
  for (const auto& job : cancelled) unblock_next(job->subject());
  arrived_.notify_one();
  lock.unlock();
  for (const auto& job : cancelled) {
    job->finished(make_failure("ABORTED", [] { return std::string("the thread that started this job has ended"); }));
  }
}

void Scheduler::set_threads(int threads) { threads_.store(std::max(1, threads)); }

void Scheduler::run() {
  for (;;) {
    try {
      lead_team(threads_.load(), [this](Team& team) { lead(team); });
    } catch (const std::bad_alloc&) {
      // Not even memory for the threads' list: jobs wait until there is some.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

// An inference job waits for its preparation, and behind every earlier one of its subject.
Scheduler::Queue::iterator Scheduler::next_inference() {
  const auto can_run = [this](const Job& job) {
    if (job.preparation_ != Job::Preparation::kNone) return false;
    return job.leaves_subject_alone() || std::none_of(running_.begin(), running_.end(), [&](const auto& other) {
             return other->subject() == job.subject();
           });
  };
  for (auto place = inference_.begin(); place != inference_.end(); ++place) {
    if (!can_run(**place)) continue;
    const bool is_first = std::none_of(inference_.begin(), place, [&](const std::shared_ptr<Job>& earlier) {
      return earlier->subject() == (*place)->subject();
    });
    if (is_first) return place;
  }
  return inference_.end();
}

bool Scheduler::take() {
  const auto inference = next_inference();
  if (inference != inference_.end()) {
    running_.splice(running_.begin(), inference_, inference);
    return true;
  }
  for (auto place = training_.begin(); place != training_.end(); ++place) {
    if ((*place)->preparation_ != Job::Preparation::kNone) continue;
    // Inference must see the weights of the moment when it was submitted.
    const bool comes_later = std::any_of(inference_.begin(), inference_.end(), [&](const std::shared_ptr<Job>& job) {
      return job->subject() == (*place)->subject() && job->number_ < (*place)->number_;
    });
    if (comes_later) continue;
    running_.splice(running_.begin(), training_, place);
    return true;
  }
  return false;
}

void Scheduler::lead(Team& team) {
  const int threads = threads_.load();
  team.on_pause([this, &team] { pause(team); });
  std::unique_lock lock(mutex_);
  for (;;) {
    // run() starts a team of the new size.
    arrived_.wait(lock, [&] { return threads != threads_.load() || take(); });
    if (running_.empty()) return;
    const Job& job = *running_.front();
    if (step(team, lock)) {
      end_first(lock);
    } else if (job.priority == Job::Priority::kInference) {
      inference_.splice(inference_.begin(), running_, running_.begin());  // continues before other jobs
    } else {
      training_.splice(training_.end(), running_, running_.begin());  // after the turns of the others
    }
    left_.notify_all();
  }
}

bool Scheduler::step(Team& team, std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<Job> job = running_.front();
  lock.unlock();
  bool done = false;
  std::exception_ptr failure;
  try {
    if (job->failure_ && !job->cancelled()) std::rethrow_exception(job->failure_);
    done = !job->cancelled() && job->step(team);
  } catch (...) {
    failure = std::current_exception();
    done = true;
  }
  // Looks right after a step, too: the thread that cancels may be waiting for the job to end. A step that was cancelled
  // inside fails in its own way.
  if (job->cancelled() && (failure || !done)) {
    failure = make_failure(job->cancelled(), [&job] { return job->progress(); });
    done = true;
  }
  if (done) job->finished(failure);
  lock.lock();
  return done;
}

void Scheduler::end_first(std::unique_lock<std::mutex>& lock) {
  Queue ended;
  ended.splice(ended.end(), running_, running_.begin());
  unblock_next(ended.front()->subject());
  lock.unlock();
  ended.clear();  // may free much memory
  lock.lock();
}

void Scheduler::pause(Team& team) {
  // Taken by one operation: a store could cover a call of attend() whose reason isn't visible here yet.
  if (!attention_.load(std::memory_order_relaxed) || !attention_.exchange(false, std::memory_order_acquire)) return;
  std::unique_lock lock(mutex_);
  const std::shared_ptr<Job> job = running_.front();
  while (job->priority == Job::Priority::kTraining && !job->cancelled()) {
    const auto next = next_inference();
    if (next == inference_.end()) break;
    running_.splice(running_.begin(), inference_, next);
    bool done = false;
    while (!done && !job->cancelled()) done = step(team, lock);
    if (done) {
      end_first(lock);
    } else {
      inference_.splice(inference_.begin(), running_, running_.begin());  // continues once this job has ended
    }
    left_.notify_all();
  }
  lock.unlock();
  job->check();
}

}  // namespace convforge
