#include "mpi/fold.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "mpi/transfers.h"
#include "mpi/world.h"

namespace convforge::mpi {
namespace {

// Below so many bytes, a message's latency is worth more than half of its bytes.
constexpr size_t kSmall = 8 << 10;

// Where the right child of the node [first, end) begins.
uint32_t middle(uint32_t first, uint32_t end) { return first + std::bit_floor(end - first - 1); }

void add_parts(uint32_t first, uint32_t end, uint32_t from, uint32_t to, std::vector<convforge_part>& parts) {
  if (end <= from || to <= first) return;
  if (from <= first && end <= to) {
    parts.push_back({first, end, nullptr});
    return;
  }
  const uint32_t m = middle(first, end);
  add_parts(first, m, from, to, parts);
  add_parts(m, end, from, to, parts);
}

// A range of elements.
struct Piece {
  size_t begin;
  size_t end;
  size_t size() const { return end - begin; }
};

Piece piece_of(size_t count, size_t index, size_t pieces) {
  return {count / pieces * index + std::min(index, count % pieces),
          count / pieces * (index + 1) + std::min(index + 1, count % pieces)};
}

template <typename T>
void copy(const T* from, size_t count, T* to) {
  if (from != to && count > 0) std::memcpy(to, from, count * sizeof(T));
}

// left = left + right
template <typename T>
void add(T* left, const T* right, size_t count) {
  for (size_t i = 0; i < count; ++i) left[i] = left[i] + right[i];
}

// right = left + right
template <typename T>
void add_to_right(const T* left, T* right, size_t count) {
  for (size_t i = 0; i < count; ++i) right[i] = left[i] + right[i];
}

// The tree where ranks and shards are powers of two, so that each rank has one part: recursive halving, neighbours
// first, which meet at the lowest nodes, then recursive doubling. Small pieces are exchanged whole.
template <typename T>
class Halving {
 public:
  Halving(Link& link, T* values, size_t count, T* total)
      : link_(link), transfers_(link), values_(values), total_(total), piece_{0, count} {}

  void run() {
    const int ranks = World::instance().ranks();
    int halvings = 0;
    for (int distance = 1; distance < ranks; distance *= 2) {
      const bool is_whole = piece_.size() * sizeof(T) <= kSmall;
      if (is_whole) {
        meet(distance, piece_, piece_);
      } else {
        meet(distance, half(distance), half_of_other(distance));
        ++halvings;
      }
    }
    copy(values_ + piece_.begin, piece_.size(), total_ + piece_.begin);
    for (int distance = (1 << halvings) / 2; distance >= 1; distance /= 2) gather(distance);
  }

 private:
  bool is_left(int distance) const { return (World::instance().rank() & distance) == 0; }
  int other(int distance) const { return World::instance().rank() ^ distance; }

  Piece half(int distance) const { return piece_of_piece(is_left(distance) ? 0 : 1); }
  Piece half_of_other(int distance) const { return piece_of_piece(is_left(distance) ? 1 : 0); }
  Piece piece_of_piece(size_t index) const {
    const Piece part = piece_of(piece_.size(), index, 2);
    return {piece_.begin + part.begin, piece_.begin + part.end};
  }

  // Sends the other rank `given`, and adds what it sends to `kept`.
  void meet(int distance, Piece kept, Piece given) {
    T* const received = link_.template scratch<T>(kept.size());
    transfers_.receive(received, kept.size() * sizeof(T), other(distance));
    transfers_.send(values_ + given.begin, given.size() * sizeof(T), other(distance));
    transfers_.wait();
    T* const own = values_ + kept.begin;
    if (is_left(distance))
      add(own, received, kept.size());
    else
      add_to_right(received, own, kept.size());
    if (kept.begin != given.begin || kept.end != given.end) pieces_.push_back({kept, given});
    piece_ = kept;
  }

  // Exchanges the totals of the pieces that `meet` has parted.
  void gather(int distance) {
    const auto [kept, given] = pieces_.back();
    pieces_.pop_back();
    transfers_.receive(total_ + given.begin, given.size() * sizeof(T), other(distance));
    transfers_.send(total_ + kept.begin, kept.size() * sizeof(T), other(distance));
    transfers_.wait();
  }

  struct Parted {
    Piece kept;
    Piece given;
  };

  Link& link_;
  Transfers transfers_;
  T* values_;
  T* total_;
  Piece piece_;
  std::vector<Parted> pieces_;
};

// Any tree: each rank gets all parts of its piece of the elements, folds them, and sends the total to all others.
template <typename T>
class Exchange {
 public:
  Exchange(Link& link, uint32_t shards, const std::vector<convforge_part>& parts, size_t count, T* total)
      : link_(link), transfers_(link), shards_(shards), parts_(parts), count_(count), total_(total) {}

  void run() {
    World& world = World::instance();
    const Piece own = piece_of(count_, static_cast<size_t>(world.rank()), static_cast<size_t>(world.ranks()));
    receive_parts(own);
    each_other([&](int rank, Piece piece) {
      for (const convforge_part& part : parts_)
        transfers_.send(static_cast<T*>(part.values) + piece.begin, piece.size() * sizeof(T), rank);
    });
    transfers_.wait();
    copy(value(0, shards_, own.size()), own.size(), total_ + own.begin);
    each_other([&](int rank, Piece piece) {
      transfers_.receive(total_ + piece.begin, piece.size() * sizeof(T), rank);
      transfers_.send(total_ + own.begin, own.size() * sizeof(T), rank);
    });
    transfers_.wait();
  }

 private:
  // Calls visit(rank, its piece) for each other rank.
  template <typename Visit>
  void each_other(Visit&& visit) const {
    const int ranks = World::instance().ranks();
    for (int rank = 0; rank < ranks; ++rank) {
      if (rank != World::instance().rank())
        visit(rank, piece_of(count_, static_cast<size_t>(rank), static_cast<size_t>(ranks)));
    }
  }

  // Begins to receive all ranks' parts of the piece. Lists them in the tree's order.
  void receive_parts(Piece own) {
    const uint32_t ranks = static_cast<uint32_t>(World::instance().ranks());
    std::vector<uint32_t> owners;
    for (uint32_t rank = 0; rank < ranks; ++rank) {
      for (const convforge_part& part : parts_of(shards_, rank, ranks)) {
        nodes_.push_back(part);
        owners.push_back(rank);
      }
    }
    T* place = link_.template scratch<T>((nodes_.size() - parts_.size()) * own.size());
    const convforge_part* own_part = parts_.data();
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (owners[i] == static_cast<uint32_t>(World::instance().rank())) {
        nodes_[i].values = static_cast<T*>(own_part++->values) + own.begin;
        continue;
      }
      nodes_[i].values = place;
      transfers_.receive(place, own.size() * sizeof(T), static_cast<int>(owners[i]));
      place += own.size();
    }
  }

  // The value of a node, which overwrites that of its leftmost part.
  T* value(uint32_t first, uint32_t end, size_t count) {
    const convforge_part& next = nodes_[next_];
    if (next.first == first && next.end == end) {
      ++next_;
      return static_cast<T*>(next.values);
    }
    const uint32_t m = middle(first, end);
    T* const left = value(first, m, count);
    add(left, value(m, end, count), count);
    return left;
  }

  Link& link_;
  Transfers transfers_;
  uint32_t shards_;
  const std::vector<convforge_part>& parts_;
  size_t count_;
  T* total_;
  std::vector<convforge_part> nodes_;
  size_t next_ = 0;
};

}  // namespace

std::vector<convforge_part> parts_of(uint32_t shards, uint32_t rank, uint32_t ranks) {
  std::vector<convforge_part> parts;
  const auto bound = [&](uint32_t of) { return static_cast<uint32_t>(uint64_t{shards} * of / ranks); };
  add_parts(0, shards, bound(rank), bound(rank + 1), parts);
  return parts;
}

template <typename T>
void fold(Link& link, uint32_t shards, const std::vector<convforge_part>& parts, size_t count, T* total) {
  const bool is_even =
      std::has_single_bit(shards) && std::has_single_bit(static_cast<uint32_t>(World::instance().ranks()));
  if (is_even)
    Halving<T>(link, static_cast<T*>(parts[0].values), count, total).run();
  else
    Exchange<T>(link, shards, parts, count, total).run();
}

template <typename T>
void all_reduce(Link& link, const std::vector<convforge_part>& parts, size_t count, T* total) {
  copy(static_cast<const T*>(parts[0].values), count, total);
  for (size_t i = 1; i < parts.size(); ++i) add(total, static_cast<const T*>(parts[i].values), count);
  Transfers transfers(link);
  transfers.all_reduce(total, count, sizeof(T), sizeof(T) == sizeof(float) ? MPI_FLOAT : MPI_DOUBLE, MPI_SUM);
  transfers.wait();
}

template void fold(Link&, uint32_t, const std::vector<convforge_part>&, size_t, float*);
template void fold(Link&, uint32_t, const std::vector<convforge_part>&, size_t, double*);
template void all_reduce(Link&, const std::vector<convforge_part>&, size_t, float*);
template void all_reduce(Link&, const std::vector<convforge_part>&, size_t, double*);

}  // namespace convforge::mpi
