// The addon over MPI: ranks exchange bytes for scripts, and sums for the core by its collective interface.
#include <napi.h>

#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mpi/collective.h"
#include "mpi/lane.h"
#include "mpi/transfers.h"
#include "mpi/world.h"

namespace convforge::mpi {
namespace {

using Bytes = std::vector<uint8_t>;

// Scripts' operations don't wait for those of a training, nor do small operations of a training wait for its gradients.
// All lanes live as long as the process.
struct Lanes {
  Lane core;
  Lane gradients;
  Lane scripts;
};

Lanes* lanes = nullptr;

// Promises that aren't settled. Of the JavaScript thread.
int pending = 0;

template <typename Body>
auto guarded(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

Lanes& started() {
  if (!lanes) throw std::logic_error("start() must be called first");
  return *lanes;
}

// The MPI whose header the addon was compiled with.
std::string built_with() {
#if defined(OMPI_MAJOR_VERSION)
  return "Open MPI " + std::to_string(OMPI_MAJOR_VERSION) + "." + std::to_string(OMPI_MINOR_VERSION) + "." +
         std::to_string(OMPI_RELEASE_VERSION);
#elif defined(MPICH_VERSION)
  return "MPICH " MPICH_VERSION;
#else
  return "MPI " + std::to_string(MPI_VERSION) + "." + std::to_string(MPI_SUBVERSION);
#endif
}

Napi::Value info(const Napi::CallbackInfo& call) { return Napi::String::New(call.Env(), built_with()); }

// start(): starts MPI, and waits until all ranks have. Returns {rank, ranks}.
Napi::Value start(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  return guarded(env, [&]() -> Napi::Value {
    World& world = World::instance();
    if (!lanes) {
      world.start();
      lanes = new Lanes;
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("rank", world.rank());
    object.Set("ranks", world.ranks());
    return object;
  });
}

// collective(isExact): the core's operations, as an External.
Napi::Value collective(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    const convforge_collective* made = make_collective(started().core, started().gradients, call[0].ToBoolean());
    auto external = Napi::External<convforge_collective>::New(call.Env(), const_cast<convforge_collective*>(made));
    constexpr napi_type_tag kTag = {CONVFORGE_COLLECTIVE_TAG_LOWER, CONVFORGE_COLLECTIVE_TAG_UPPER};
    external.TypeTag(&kTag);
    return external;
  });
}

// What a promise's operation leaves.
struct Outcome {
  std::vector<Bytes> result;
  std::string failure;
};

// Runs `operation` with the other ranks. Returns a promise of a list of Uint8Arrays.
Napi::Value promise_of(Napi::Env env, std::function<std::vector<Bytes>(Link&)> operation) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  const auto settle = [deferred](Napi::Env env, Outcome outcome) {
    const Napi::HandleScope scope(env);
    --pending;
    if (!outcome.failure.empty()) return deferred.Reject(Napi::Error::New(env, outcome.failure).Value());
    Napi::Array list = Napi::Array::New(env, outcome.result.size());
    for (size_t i = 0; i < outcome.result.size(); ++i) {
      const Bytes& bytes = outcome.result[i];
      Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
      if (!bytes.empty()) std::memcpy(array.Data(), bytes.data(), bytes.size());
      list.Set(static_cast<uint32_t>(i), array);
    }
    deferred.Resolve(list);
  };
  // Keeps the process alive until the promise is settled.
  const auto nothing = Napi::Function::New(env, [](const Napi::CallbackInfo&) {});
  const auto to_js = Napi::ThreadSafeFunction::New(env, nothing, "convforge_mpi", 0, 1);
  const auto post = [to_js, settle](Outcome outcome) {
    auto* const posted = new Outcome(std::move(outcome));
    to_js.NonBlockingCall(posted, [settle](Napi::Env env, Napi::Function, Outcome* posted) {
      const std::unique_ptr<Outcome> owned(posted);
      settle(env, std::move(*owned));
    });
    Napi::ThreadSafeFunction(to_js).Release();
  };
  ++pending;
  Lane& lane = started().scripts;
  if (const std::string failure = lane.message(); !failure.empty()) {
    post({{}, failure});
    return deferred.Promise();
  }
  lane.submit([operation = std::move(operation), post](Link& link) {
    Outcome outcome;
    try {
      outcome.result = operation(link);
    } catch (const std::exception& error) {
      post({{}, error.what()});
      throw;
    }
    post(std::move(outcome));
  });
  return deferred.Promise();
}

Bytes bytes_of(const Napi::Value& value) {
  const auto array = value.As<Napi::Uint8Array>();
  return Bytes(array.Data(), array.Data() + array.ByteLength());
}

// gather(bytes): all ranks' bytes, in the order of the ranks.
Napi::Value gather(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    return promise_of(call.Env(), [own = bytes_of(call[0])](Link& link) {
      const World& world = World::instance();
      std::vector<Bytes> all(static_cast<size_t>(world.ranks()));
      std::vector<uint64_t> sizes(all.size(), own.size());
      const uint64_t own_size = own.size();
      Transfers transfers(link);
      const auto each_other = [&](auto&& visit) {
        for (int rank = 0; rank < world.ranks(); ++rank)
          if (rank != world.rank()) visit(rank, static_cast<size_t>(rank));
        transfers.wait();
      };
      each_other([&](int rank, size_t i) {
        transfers.receive(&sizes[i], sizeof(uint64_t), rank);
        transfers.send(&own_size, sizeof(uint64_t), rank);
      });
      for (size_t i = 0; i < all.size(); ++i) all[i].resize(sizes[i]);
      each_other([&](int rank, size_t i) {
        transfers.receive(all[i].data(), sizes[i], rank);
        transfers.send(own.data(), own.size(), rank);
      });
      all[static_cast<size_t>(world.rank())] = own;
      return all;
    });
  });
}

// broadcast(bytes): rank 0's bytes, as a list of one.
Napi::Value broadcast(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    return promise_of(call.Env(), [bytes = bytes_of(call[0])](Link& link) mutable {
      uint64_t size = bytes.size();
      Transfers transfers(link);
      transfers.broadcast(&size, sizeof(size));
      transfers.wait();
      bytes.resize(size);
      transfers.broadcast(bytes.data(), size);
      transfers.wait();
      return std::vector<Bytes>{std::move(bytes)};
    });
  });
}

// finish(exitCode): tells the other ranks that this one ends. Returns true once all have ended and MPI is over. Returns
// false if others are still at work after some seconds, although this rank ends by an error or in the middle of one.
Napi::Value finish(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    const int exit_code = call[0].ToNumber().Int32Value();
    World& world = World::instance();
    const bool is_idle = pending == 0 && started().core.is_idle() && started().gradients.is_idle();
    const bool are_over = world.say_farewell(exit_code, exit_code == 0 && is_idle) && is_idle;
    if (are_over) world.finalize();
    return Napi::Boolean::New(call.Env(), are_over);
  });
}

// abort(exitCode): ends all ranks. Doesn't return.
Napi::Value abort(const Napi::CallbackInfo& call) { World::instance().abort(call[0].ToNumber().Int32Value()); }

template <typename Array, typename Sum>
Napi::Value summed(const Napi::CallbackInfo& call, const convforge_collective& made, Sum sum) {
  const Napi::Array list = call[2].As<Napi::Array>();
  std::vector<convforge_part> parts;
  size_t count = 0;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Array part = Napi::Value(list[i]).As<Napi::Array>();
    Array values = Napi::Value(part[2u]).As<Array>();
    count = values.ElementLength();
    const auto bound = [&](uint32_t at) { return Napi::Value(part[at]).ToNumber().Uint32Value(); };
    parts.push_back({bound(0), bound(1), values.Data()});
  }
  Array total = Array::New(call.Env(), count);
  const uint64_t ticket = sum(made.context, call[1].ToNumber().Uint32Value(), parts.data(),
                              static_cast<uint32_t>(parts.size()), count, total.Data());
  if (made.wait(made.context, ticket) != 0) throw std::runtime_error(made.message(made.context));
  return total;
}

// sum(collective, shards, [[first, end, values], ...]): the core's sum of this rank's parts, for tests. Blocks.
Napi::Value sum(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    const auto& made = *call[0].As<Napi::External<convforge_collective>>().Data();
    const Napi::Value first = Napi::Value(call[2].As<Napi::Array>()[0u]).As<Napi::Array>()[2u];
    if (first.As<Napi::TypedArray>().TypedArrayType() == napi_float64_array)
      return summed<Napi::Float64Array>(call, made, made.sum_doubles);
    return summed<Napi::Float32Array>(call, made, made.sum);
  });
}

// largest(collective, number): the core's max_u64, for tests. Blocks.
Napi::Value largest(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    const auto& made = *call[0].As<Napi::External<convforge_collective>>().Data();
    auto value = static_cast<uint64_t>(call[1].ToNumber().Int64Value());
    if (made.wait(made.context, made.max_u64(made.context, &value)) != 0)
      throw std::runtime_error(made.message(made.context));
    return Napi::Number::New(call.Env(), static_cast<double>(value));
  });
}

// sent(): the bytes that this rank has sent to others so far, for tests.
Napi::Value sent(const Napi::CallbackInfo& call) {
  return Napi::Number::New(call.Env(), static_cast<double>(World::instance().sent()));
}

Napi::Object init_module(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("info", info);
  add("start", start);
  add("collective", collective);
  add("gather", gather);
  add("broadcast", broadcast);
  add("finish", finish);
  add("abort", abort);
  add("sum", sum);
  add("largest", largest);
  add("sent", sent);
  return exports;
}

}  // namespace
}  // namespace convforge::mpi

using convforge::mpi::init_module;

NODE_API_MODULE(convforge_mpi, init_module)
