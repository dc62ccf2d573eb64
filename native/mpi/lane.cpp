#include "mpi/lane.h"

#include <exception>
#include <utility>

#include "mpi/world.h"
#include "runtime/denormals.h"

namespace convforge::mpi {

Lane::Lane() : link_(World::instance().duplicate(), awaiting_) {
  // The lane lives as long as the process.
  std::thread([this] { run(); }).detach();
}

uint64_t Lane::submit(Operation operation, bool is_urgent) noexcept {
  const std::lock_guard lock(mutex_);
  ++submitted_;
  try {
    waiting_.push_back(std::move(operation));
  } catch (const std::exception& error) {
    // Only memory can be missing.
    fail(error.what());
  }
  if (!is_urgent) changed_.notify_all();
  return submitted_;
}

bool Lane::wait(uint64_t ticket) {
  Lock lock(mutex_);
  ++awaiting_;
  while (message_.empty() && ended_ < ticket) {
    if (is_running_)
      changed_.wait(lock);
    else
      run_next(lock);
  }
  --awaiting_;
  return message_.empty();
}

void Lane::stop(const std::string& message) {
  const std::lock_guard lock(mutex_);
  fail(message.c_str());
  changed_.notify_all();
}

std::string Lane::message() {
  const std::lock_guard lock(mutex_);
  return message_;
}

bool Lane::is_idle() {
  const std::lock_guard lock(mutex_);
  return !is_running_ && (waiting_.empty() || !message_.empty());
}

void Lane::run() {
  Lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !is_running_ && !waiting_.empty() && message_.empty(); });
    run_next(lock);
  }
}

void Lane::run_next(Lock& lock) {
  const Operation operation = std::move(waiting_.front());
  waiting_.pop_front();
  is_running_ = true;
  lock.unlock();
  std::string failure;
  try {
    // As on compute threads: sums must have the bits that they have there.
    const FlushDenormals flush;
    operation(link_);
  } catch (const std::exception& error) {
    failure = error.what();
  }
  lock.lock();
  is_running_ = false;
  ++ended_;
  if (!failure.empty()) fail(failure.c_str());
  changed_.notify_all();
}

void Lane::fail(const char* message) {
  if (message_.empty()) message_ = message;
}

}  // namespace convforge::mpi
