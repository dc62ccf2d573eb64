#include "runtime/memory.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <utility>

#include "runtime/error.h"

using namespace convforge;

namespace {

// Sets a budget of so many bytes more than are in use, for as long as it lives.
class Budget {
 public:
  explicit Budget(size_t more) { MemoryBudget::set(MemoryBudget::used() + more); }
  ~Budget() { MemoryBudget::set(std::numeric_limits<size_t>::max()); }
};

std::string code_of_taking(size_t bytes) {
  try {
    const Memory memory(bytes);
    return "taken";
  } catch (const Error& error) {
    return error.code();
  }
}

}  // namespace

TEST_CASE("memory is zeroed, aligned and counted") {
  const size_t before = MemoryBudget::used();
  {
    const Memory memory(1000);
    CHECK(reinterpret_cast<uintptr_t>(memory.data()) % kLineBytes == 0);
    for (size_t i = 0; i < memory.bytes(); ++i) CHECK(memory.data()[i] == 0);
    CHECK(MemoryBudget::used() - before >= 1000);
  }
  CHECK(MemoryBudget::used() == before);
  Memory from(64);
  const Memory to = std::move(from);
  CHECK(to.data() != nullptr);
  CHECK(from.data() == nullptr);
}

TEST_CASE("what exceeds the budget is refused before it is taken, and what is freed may be taken again") {
  const Budget budget(1 << 20);
  CHECK(code_of_taking(2 << 20) == "TOO_LARGE");
  CHECK(code_of_taking(size_t{1} << 50) == "TOO_LARGE");
  CHECK(code_of_taking(std::numeric_limits<size_t>::max()) == "OUT_OF_MEMORY");
  {
    const Memory memory(700 << 10);
    CHECK(code_of_taking(700 << 10) == "TOO_LARGE");
  }
  CHECK(code_of_taking(700 << 10) == "taken");
}

TEST_CASE("memory that the system doesn't have is an error") {
  CHECK(code_of_taking(size_t{1} << 60) == "OUT_OF_MEMORY");
}
