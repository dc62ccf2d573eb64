#include "mpi/world.h"

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "mpi/pause.h"

namespace convforge::mpi {
namespace {

// How long the last messages of a rank that has ended may be on their way.
constexpr std::chrono::seconds kLastMessages{1};

// How long a rank that ends with an error waits for the others to end by themselves.
constexpr std::chrono::seconds kImpatience{5};

}  // namespace

World& World::instance() {
  // Never destroyed, since threads may use it until the process ends.
  static World* world = new World;
  return *world;
}

void World::start() {
  int provided = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided));
  if (provided < MPI_THREAD_SERIALIZED)
    throw std::runtime_error("this MPI was built without threads (MPI_THREAD_SERIALIZED)");
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_));
  check(MPI_Comm_size(MPI_COMM_WORLD, &ranks_));
  farewells_comm_ = duplicate();
  is_started_ = true;
}

MPI_Comm World::duplicate() {
  MPI_Comm comm = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
  check(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
  return comm;
}

void World::check_open() const {
  if (is_closed_) throw std::runtime_error("an earlier error has left transfers under way");
  if (!is_open()) throw std::runtime_error("this rank has ended");
}

void World::check(int status) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(status, text, &length);
  throw std::runtime_error(std::string(text, static_cast<size_t>(length)));
}

void World::take_farewells() {
  while (true) {
    int found = 0;
    MPI_Status status;
    check(MPI_Iprobe(MPI_ANY_SOURCE, 0, farewells_comm_, &found, &status));
    if (!found) return;
    int exit_code = 0;
    check(MPI_Recv(&exit_code, 1, MPI_INT, status.MPI_SOURCE, 0, farewells_comm_, MPI_STATUS_IGNORE));
    farewells_.push_back({status.MPI_SOURCE, exit_code, Clock::now()});
  }
}

void World::check_farewells() {
  take_farewells();
  if (farewells_.empty()) return;
  const Farewell& first = farewells_.front();
  if (Clock::now() - first.at < kLastMessages) return;
  throw std::runtime_error("rank " + std::to_string(first.rank) + " has ended, with exit code " +
                           std::to_string(first.exit_code) + ", while this rank waits for it");
}

bool World::say_farewell(int exit_code, bool is_patient) {
  const Clock::time_point start = Clock::now();
  std::vector<MPI_Request> requests;
  {
    const std::lock_guard lock(mutex_);
    if (!is_open()) return false;
    own_exit_code_ = exit_code;
    for (int rank = 0; rank < ranks_; ++rank) {
      if (rank == rank_) continue;
      requests.emplace_back();
      check(MPI_Isend(&own_exit_code_, 1, MPI_INT, rank, 0, farewells_comm_, &requests.back()));
    }
  }
  Pause pause;
  while (is_patient || Clock::now() - start < kImpatience) {
    {
      const std::lock_guard lock(mutex_);
      if (!is_open()) return false;
      int sent = 0;
      check(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &sent, MPI_STATUSES_IGNORE));
      take_farewells();
      if (sent && farewells_.size() + 1 == static_cast<size_t>(ranks_)) return true;
    }
    pause.take(false);
  }
  return false;
}

void World::finalize() {
  const std::lock_guard lock(mutex_);
  is_finalized_ = true;
  MPI_Finalize();
}

void World::abort(int exit_code) {
  const std::lock_guard lock(mutex_);
  MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

}  // namespace convforge::mpi
