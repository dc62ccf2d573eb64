#include <napi.h>

#include "binding/module.h"

using convforge::init_module;

NODE_API_MODULE(convforge, init_module)
