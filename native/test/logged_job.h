// Jobs for tests of the scheduler, which write what happens to a log.
#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "runtime/error.h"
#include "runtime/scheduler.h"

namespace convforge {

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

}  // namespace convforge
