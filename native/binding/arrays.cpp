#include "binding/arrays.h"

#include <utility>

#include "binding/convert.h"
#include "runtime/error.h"

namespace convforge {
namespace {

// The addresses of arrays of JavaScript's. With a keeper, they stay valid until its job has ended.
Places places_of(const FloatArrays& arrays, JobHandle::State* keeper) {
  Places places;
  for (const FloatArray& array : arrays) {
    places.push_back(array.data);
    if (keeper) keeper->results.push_back(array.value);
  }
  return places;
}

}  // namespace

FloatArrays list_arrays(const Napi::Value& value, const std::string& what) {
  if (!value.IsArray()) throw Error("SHAPE_MISMATCH", what + " must be an array of Float32Arrays");
  const auto array = value.As<Napi::Array>();
  FloatArrays arrays(array.Length());
  for (uint32_t i = 0; i < arrays.size(); ++i) arrays[i].value = array.Get(i);
  return arrays;
}

FloatArrays locate(FloatArrays arrays, const std::string& what) {
  for (FloatArray& array : arrays) array.data = const_cast<float*>(to_floats(array.value, &array.length, what.c_str()));
  return arrays;
}

FloatArrays to_float_arrays(const Napi::Value& value, const std::string& what) {
  return locate(list_arrays(value, what), what);
}

std::vector<size_t> lengths_of(const FloatArrays& arrays) {
  std::vector<size_t> lengths;
  for (const FloatArray& array : arrays) lengths.push_back(array.length);
  return lengths;
}

Places parameter_places(FloatArrays listed, const State& state, JobHandle::State* keeper) {
  const FloatArrays arrays = locate(std::move(listed), "the weights' places");
  state.check_lengths(lengths_of(arrays), "places: ");
  return places_of(arrays, keeper);
}

std::vector<Napi::Value> list_slots(const Napi::Value& value, State& state) {
  const size_t count = state.optimizer().slot_names().size();
  if (!value.IsArray() || value.As<Napi::Array>().Length() != count)
    throw Error("INVALID_ARGUMENT", "slots must be an array of " + std::to_string(count) + " arrays");
  std::vector<Napi::Value> slots;
  for (uint32_t i = 0; i < count; ++i) slots.push_back(value.As<Napi::Array>().Get(i));
  return slots;
}

StateArrays state_places(const Napi::CallbackInfo& info, State& state, JobHandle::State* keeper) {
  FloatArrays weights;
  if (!info[0].IsNull()) weights = list_arrays(info[0], "the weights' places");
  std::vector<FloatArrays> slots;
  if (!info[1].IsNull()) {
    for (const Napi::Value& slot : list_slots(info[1], state)) slots.push_back(list_arrays(slot, "the slots' places"));
  }
  StateArrays to;
  if (!info[0].IsNull()) to.weights = parameter_places(std::move(weights), state, keeper);
  for (FloatArrays& slot : slots) to.slots.push_back(parameter_places(std::move(slot), state, keeper));
  return to;
}

Places sample_places(FloatArrays listed, const std::vector<size_t>& sizes, size_t samples, JobHandle::State* keeper) {
  const FloatArrays arrays = locate(std::move(listed), "the results' places");
  bool fits = arrays.size() == sizes.size();
  for (size_t i = 0; fits && i < sizes.size(); ++i) fits = arrays[i].length == samples * sizes[i];
  if (!fits) throw Error("SHAPE_MISMATCH", "the results' places don't fit " + std::to_string(samples) + " samples");
  return places_of(arrays, keeper);
}

StagedValues::Sets copy_parameters(const FloatArrays& arrays) {
  StagedValues::Sets sets;
  for (const FloatArray& array : arrays) {
    const Shape shape = {1, static_cast<int64_t>(array.length)};
    sets.push_back(std::make_shared<Samples>(shape, Samples::Type::kFloat32));
    sets.back()->write(array.data, 0, array.length);
  }
  return sets;
}

}  // namespace convforge
