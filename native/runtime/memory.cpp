#include "runtime/memory.h"

#include <cstring>
#include <new>
#include <string>

#include "runtime/error.h"

namespace convforge {

Memory::Memory(size_t bytes) : bytes_(bytes) {
  const size_t whole = round_up(bytes == 0 ? 1 : bytes, kLineBytes);
  void* p = whole < bytes ? nullptr : ::operator new (whole, std::align_val_t{kLineBytes}, std::nothrow);
  if (!p)
    throw Error("OUT_OF_MEMORY", "no memory for " + std::to_string(bytes) + " bytes; try a smaller batch or model");
  std::memset(p, 0, whole);
  data_.reset(static_cast<uint8_t*>(p));
}

void Memory::Free::operator()(uint8_t* p) const { ::operator delete (p, std::align_val_t{kLineBytes}); }

}  // namespace convforge
