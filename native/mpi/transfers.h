#pragma once

#include <mpi.h>

#include <cstddef>
#include <vector>

#include "mpi/lane.h"

namespace convforge::mpi {

// Messages of one link that are under way together. Between two ranks they arrive in the order in which both
// began them. The memory must stay until `wait` returns.
class Transfers {
 public:
  explicit Transfers(const Link& link) : link_(link) {}
  // After an error, takes back what is still under way. What can't be taken back would use memory that its owner may
  // free, so MPI is closed then.
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  void send(const void* bytes, size_t size, int to);
  void receive(void* bytes, size_t size, int from);
  void broadcast(void* bytes, size_t size);
  // Replaces each element, of `width` bytes, by the sum or the largest of all ranks' ones.
  void all_reduce(void* elements, size_t count, size_t width, MPI_Datatype type, MPI_Op op);

  // Waits for all of them, for at most as long as all ranks live. Throws std::runtime_error.
  void wait();

 private:
  struct Received {
    size_t request;
    int size;
  };

  bool test();

  const Link& link_;
  std::vector<MPI_Request> requests_;
  std::vector<Received> received_;
  std::vector<MPI_Status> statuses_;
};

}  // namespace convforge::mpi
