#include "mpi/collective.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mpi/fold.h"
#include "mpi/transfers.h"
#include "mpi/world.h"

namespace convforge::mpi {
namespace {

struct Context {
  Lane* lane;
  bool is_exact;
  // What message() returned last.
  std::string message;
};

Lane& lane_of(void* context) { return *static_cast<Context*>(context)->lane; }

void check_parts(uint32_t shards, const std::vector<convforge_part>& parts) {
  const World& world = World::instance();
  const auto expected = parts_of(shards, static_cast<uint32_t>(world.rank()), static_cast<uint32_t>(world.ranks()));
  bool is_alike = parts.size() == expected.size() && !parts.empty();
  for (size_t i = 0; is_alike && i < parts.size(); ++i)
    is_alike = parts[i].first == expected[i].first && parts[i].end == expected[i].end;
  if (!is_alike)
    throw std::logic_error("the parts of a sum of " + std::to_string(shards) + " shards aren't those of rank " +
                           std::to_string(world.rank()));
}

template <typename T>
uint64_t sum(void* context, uint32_t shards, const convforge_part* parts, uint32_t part_count, size_t count, T* total) {
  const bool is_exact = static_cast<Context*>(context)->is_exact;
  return lane_of(context).submit([=, kept = std::vector<convforge_part>(parts, parts + part_count)](Link& link) {
    check_parts(shards, kept);
    if (is_exact)
      fold(link, shards, kept, count, total);
    else
      all_reduce(link, kept, count, total);
  });
}

uint64_t broadcast(void* context, void* bytes, size_t size) {
  return lane_of(context).submit([=](Link& link) {
    Transfers transfers(link.comm());
    transfers.broadcast(bytes, size);
    transfers.wait();
  });
}

uint64_t max_u64(void* context, uint64_t* value) {
  return lane_of(context).submit([=](Link& link) {
    Transfers transfers(link.comm());
    transfers.all_reduce(value, 1, sizeof(uint64_t), MPI_UINT64_T, MPI_MAX);
    transfers.wait();
  });
}

int wait(void* context, uint64_t ticket) { return lane_of(context).wait(ticket) ? 0 : 1; }

const char* message(void* context) {
  auto* const self = static_cast<Context*>(context);
  self->message = self->lane->message();
  return self->message.c_str();
}

}  // namespace

const convforge_collective* make_collective(Lane& lane, bool is_exact) {
  const World& world = World::instance();
  return new convforge_collective{
      .abi = CONVFORGE_COLLECTIVE_ABI,
      .rank = static_cast<uint32_t>(world.rank()),
      .ranks = static_cast<uint32_t>(world.ranks()),
      .context = new Context{&lane, is_exact, {}},
      .sum = sum<float>,
      .sum_doubles = sum<double>,
      .broadcast = broadcast,
      .max_u64 = max_u64,
      .wait = wait,
      .message = message,
  };
}

}  // namespace convforge::mpi
