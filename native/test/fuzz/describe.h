// Programs from a fuzzer's bytes.
#pragma once

#include "plan/description.h"
#include "test/fuzz/choices.h"

namespace convforge::fuzz {

// A program of up to a dozen nodes. Most are right, since shapes that don't fit are mended: so a fuzzer gets past the
// checks. Some of the numbers, shapes and names are hostile.
ProgramDescription describe(Choices& choices);

}  // namespace convforge::fuzz
