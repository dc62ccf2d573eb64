#pragma once

#include <mpi.h>

#include <chrono>
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

  // Whether MPI may be called. The caller of these two holds the mutex.
  bool is_open() const { return is_started_ && !is_finalized_; }
  // Throws once MPI is finalized.
  void check_open() const;
  // Throws if `status` is an error of MPI.
  static void check(int status);

  // Throws if a rank has ended, and its last messages have had the time to arrive. The caller holds the mutex.
  void check_farewells();

  // Tells the other ranks that this one ends, and waits for them. Returns whether all have ended by then. With
  // `is_patient` it waits as long as it takes, otherwise some seconds.
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
  int rank_ = 0;
  int ranks_ = 1;
  MPI_Comm farewells_comm_ = MPI_COMM_NULL;
  std::vector<Farewell> farewells_;
};

}  // namespace convforge::mpi
