// An addon that starts and stops the counting of fail.c.
#include <node_api.h>
#include <stdlib.h>

static napi_value tell(napi_env env, size_t size) {
  void* volatile nothing = malloc(size);
  free(nothing);
  napi_value undefined;
  napi_get_undefined(env, &undefined);
  return undefined;
}

static napi_value arm(napi_env env, napi_callback_info info) {
  (void)info;
  return tell(env, 0x7ead0001);
}

static napi_value disarm(napi_env env, napi_callback_info info) {
  (void)info;
  return tell(env, 0x7ead0002);
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "arm", NAPI_AUTO_LENGTH, arm, NULL, &function);
  napi_set_named_property(env, exports, "arm", function);
  napi_create_function(env, "disarm", NAPI_AUTO_LENGTH, disarm, NULL, &function);
  napi_set_named_property(env, exports, "disarm", function);
  return exports;
}
