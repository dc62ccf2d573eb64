#pragma once

#include <napi.h>

#include <vector>

#include "plan/description.h"

namespace convforge {

// new Nodes(): {add(nodes)}. The nodes of a program that is about to be made, which JavaScript hands over a part at a
// time, so that its event loop runs in between.
class NodesWrap : public Napi::ObjectWrap<NodesWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NodesWrap(const Napi::CallbackInfo& info);

  // Moves the nodes out. Throws Error INVALID_ARGUMENT if `value` isn't a Nodes object.
  static std::vector<NodeDescription> take(const Napi::Value& value);

 private:
  Napi::Value add(const Napi::CallbackInfo& info);

  std::vector<NodeDescription> nodes_;
};

}  // namespace convforge
