#include "mpi/transfers.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stdexcept>

#include "mpi/pause.h"
#include "mpi/world.h"

namespace convforge::mpi {
namespace {

// MPI counts in ints, so larger messages are sent in parts.
constexpr size_t kLargest = size_t{1} << 30;

// How long transfers that an error has left under way may take to end.
constexpr std::chrono::seconds kLastTransfers{1};

// Calls part(offset, size) for each part of `total` of at most `largest`.
template <typename Part>
void in_parts(size_t total, size_t largest, Part&& part) {
  const std::lock_guard lock(World::instance().mutex());
  World::instance().check_open();
  for (size_t offset = 0; offset < total; offset += largest)
    part(offset, static_cast<int>(std::min(largest, total - offset)));
}

}  // namespace

Transfers::~Transfers() {
  if (requests_.empty()) return;
  World& world = World::instance();
  const auto start = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(world.mutex());
    if (!world.is_open()) return;
    for (const Received& received : received_) {
      if (requests_[received.request] != MPI_REQUEST_NULL) MPI_Cancel(&requests_[received.request]);
    }
  }
  Pause pause;
  while (std::chrono::steady_clock::now() - start < kLastTransfers) {
    {
      const std::lock_guard lock(world.mutex());
      if (!world.is_open()) return;
      int done = 0;
      MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE);
      if (done) return;
    }
    pause.take(false);
  }
  const std::lock_guard lock(world.mutex());
  world.close();
}

void Transfers::send(const void* bytes, size_t size, int to) {
  World::instance().count_sent(size);
  in_parts(size, kLargest, [&](size_t offset, int length) {
    requests_.push_back(MPI_REQUEST_NULL);
    World::check(
        MPI_Isend(static_cast<const char*>(bytes) + offset, length, MPI_BYTE, to, 0, link_.comm(), &requests_.back()));
  });
}

void Transfers::receive(void* bytes, size_t size, int from) {
  in_parts(size, kLargest, [&](size_t offset, int length) {
    received_.push_back({requests_.size(), length});
    requests_.push_back(MPI_REQUEST_NULL);
    World::check(
        MPI_Irecv(static_cast<char*>(bytes) + offset, length, MPI_BYTE, from, 0, link_.comm(), &requests_.back()));
  });
}

void Transfers::broadcast(void* bytes, size_t size) {
  in_parts(size, kLargest, [&](size_t offset, int length) {
    requests_.push_back(MPI_REQUEST_NULL);
    World::check(MPI_Ibcast(static_cast<char*>(bytes) + offset, length, MPI_BYTE, 0, link_.comm(), &requests_.back()));
  });
}

void Transfers::all_reduce(void* elements, size_t count, size_t width, MPI_Datatype type, MPI_Op op) {
  in_parts(count, kLargest / width, [&](size_t offset, int length) {
    requests_.push_back(MPI_REQUEST_NULL);
    char* const first = static_cast<char*>(elements) + offset * width;
    World::check(MPI_Iallreduce(MPI_IN_PLACE, first, length, type, op, link_.comm(), &requests_.back()));
  });
}

void Transfers::wait() {
  Pause pause;
  while (!test()) pause.take(link_.is_awaited());
  requests_.clear();
  received_.clear();
}

bool Transfers::test() {
  const std::lock_guard lock(World::instance().mutex());
  World::instance().check_open();
  statuses_.resize(requests_.size());
  int done = 0;
  const int status = MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, statuses_.data());
  if (status == MPI_ERR_IN_STATUS) {
    for (const MPI_Status& each : statuses_)
      if (each.MPI_ERROR != MPI_ERR_PENDING) World::check(each.MPI_ERROR);
  }
  World::check(status);
  if (!done) {
    World::instance().check_farewells();
    return false;
  }
  for (const auto& [request, size] : received_) {
    int length = 0;
    World::check(MPI_Get_count(&statuses_[request], MPI_BYTE, &length));
    if (length != size) throw std::runtime_error("the ranks are at different operations");
  }
  return true;
}

}  // namespace convforge::mpi
