#pragma once

#include <mpi.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace convforge::mpi {

// MPI in this process. It is started and finished by the JavaScript thread, and called by one thread at a time, which
// holds `mutex()`.
class World {
 public:
  static World& instance();

  // Starts MPI. Throws std::runtime_error.
  void start();
  int rank() const { return rank_; }
  int ranks() const { return ranks_; }
  std::mutex& mutex() { return mutex_; }
  // Another communicator with all ranks, whose messages meet no others. All ranks must ask in the same order.
  MPI_Comm duplicate();

  // Whether MPI may be called. The caller of these three holds the mutex.
  bool is_open() const { return is_started_ && !is_finalized_ && !is_closed_; }
  // Throws once MPI may not be called.
  void check_open() const;
  // Ends the use of MPI without its consent, which leaves `abort` alone.
  void close() { is_closed_ = true; }
  // Throws if `status` is an error of MPI.
  static void check(int status);

  // Throws if a rank has ended, and its last messages have had the time to arrive. The caller holds the mutex.
  void check_farewells();

  // Bytes of messages from this rank to others, without those of MPI's own collective operations.
  void count_sent(size_t bytes) { sent_ += bytes; }
  uint64_t sent() const { return sent_.load(); }

  // Tells the other ranks that this one ends, and waits for them. Returns whether all have ended by then. With
  // `is_patient` it waits as long as it takes, otherwise some seconds, and not at all if MPI is closed.
  bool say_farewell(int exit_code, bool is_patient);
  void finalize();
  [[noreturn]] void abort(int exit_code);

 private:
  using Clock = std::chrono::steady_clock;
  // A rank that has ended.
  struct Farewell {
    int rank;
    int exit_code;
    Clock::time_point at;
  };

  void take_farewells();

  std::mutex mutex_;
  bool is_started_ = false;
  bool is_finalized_ = false;
  bool is_closed_ = false;
  int rank_ = 0;
  int ranks_ = 1;
  std::atomic<uint64_t> sent_{0};
  MPI_Comm farewells_comm_ = MPI_COMM_NULL;
  std::vector<Farewell> farewells_;
  int own_exit_code_ = 0;  // sent to the others, for as long as the process lives
};

}  // namespace convforge::mpi
