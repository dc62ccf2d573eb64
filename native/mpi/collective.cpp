#include "mpi/collective.h"

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "mpi/fold.h"
#include "mpi/transfers.h"
#include "mpi/world.h"

namespace convforge::mpi {
namespace {

struct Context {
  Lane* lane;
  Lane* bulk;
  bool is_exact;
  // What message() returned last.
  std::string message;
};

// Marks the tickets of the bulk lane.
constexpr uint64_t kBulk = uint64_t{1} << 63;

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
  auto operation = [=, kept = std::vector<convforge_part>(parts, parts + part_count)](Link& link) {
    check_parts(shards, kept);
    if (is_exact)
      fold(link, shards, kept, count, total);
    else
      all_reduce(link, kept, count, total);
  };
  if constexpr (std::is_same_v<T, float>)
    return static_cast<Context*>(context)->bulk->submit(std::move(operation)) | kBulk;
  else
    return lane_of(context).submit(std::move(operation), true);
}

uint64_t broadcast(void* context, void* bytes, size_t size) {
  return lane_of(context).submit([=](Link& link) {
    Transfers transfers(link);
    transfers.broadcast(bytes, size);
    transfers.wait();
  });
}

uint64_t max_u64(void* context, uint64_t* value) {
  return lane_of(context).submit([=](Link& link) {
    Transfers transfers(link);
    transfers.all_reduce(value, 1, sizeof(uint64_t), MPI_UINT64_T, MPI_MAX);
    transfers.wait();
  });
}

// Without one of the lanes, the other one is of no use.
int wait(void* context, uint64_t ticket) {
  const auto* const self = static_cast<Context*>(context);
  const bool is_bulk = (ticket & kBulk) != 0;
  Lane& lane = is_bulk ? *self->bulk : *self->lane;
  if (lane.wait(ticket & ~kBulk)) return 0;
  (is_bulk ? *self->lane : *self->bulk).stop(lane.message());
  return 1;
}

const char* message(void* context) {
  auto* const self = static_cast<Context*>(context);
  self->message = self->lane->message();
  return self->message.c_str();
}

}  // namespace

const convforge_collective* make_collective(Lane& lane, Lane& bulk, bool is_exact) {
  const World& world = World::instance();
  return new convforge_collective{
      .abi = CONVFORGE_COLLECTIVE_ABI,
      .rank = static_cast<uint32_t>(world.rank()),
      .ranks = static_cast<uint32_t>(world.ranks()),
      .context = new Context{&lane, &bulk, is_exact, {}},
      .sum = sum<float>,
      .sum_doubles = sum<double>,
      .broadcast = broadcast,
      .max_u64 = max_u64,
      .wait = wait,
      .message = message,
  };
}

}  // namespace convforge::mpi
