#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "runtime/error.h"
#include "targets/dispatch.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  try {
    std::printf("instruction set: %s (%s)\n", convforge::kernels().name, convforge::dispatch().reason.c_str());
  } catch (const convforge::Error& error) {
    std::printf("skipped: %s\n", error.what());
    return kSkipped;
  }
  doctest::Context context(argc, argv);
  // A pattern of test cases, for where ctest starts the program.
  if (const char* pattern = std::getenv("CONVFORGE_TEST")) context.addFilter("test-case", pattern);
  return context.run();
}
