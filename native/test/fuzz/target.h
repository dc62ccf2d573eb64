#pragma once

#include <cstddef>
#include <cstdint>

// Runs the program that these bytes describe. Ends the process if anything but an Error comes of it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
