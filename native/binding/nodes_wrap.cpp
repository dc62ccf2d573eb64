#include "binding/nodes_wrap.h"

#include <iterator>
#include <utility>

#include "binding/convert.h"
#include "binding/errors.h"
#include "runtime/error.h"

namespace convforge {
namespace {

const napi_type_tag kNodesTag = {0x3b8e52d07c1f4a96, 0xa4f06d2b95c83e17};

}  // namespace

Napi::Function NodesWrap::define(Napi::Env env) {
  return DefineClass(env, "Nodes", {InstanceMethod("add", &NodesWrap::add)});
}

NodesWrap::NodesWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NodesWrap>(info) {
  info.This().As<Napi::Object>().TypeTag(&kNodesTag);
}

std::vector<NodeDescription> NodesWrap::take(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kNodesTag))
    throw Error("INVALID_ARGUMENT", "this is not a Nodes object");
  return std::exchange(Unwrap(value.As<Napi::Object>())->nodes_, {});
}

Napi::Value NodesWrap::add(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    std::vector<NodeDescription> nodes = to_nodes(info[0]);
    nodes_.insert(nodes_.end(), std::make_move_iterator(nodes.begin()), std::make_move_iterator(nodes.end()));
    return info.Env().Undefined();
  });
}

}  // namespace convforge
