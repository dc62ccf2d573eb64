// Waiting on a 32-bit value until another thread changes it.
#pragma once

#include <atomic>
#include <cstdint>

#if defined(_WIN32)
  #ifndef NOMINMAX
    #define NOMINMAX
  #endif
  #include <windows.h>
#endif

namespace convforge {

// Sleeps while `value` is `old`; may also return early. A change must be followed by wake_one() or wake_all().
// On Windows, GCC 12's std::atomic::wait compares outside its lock and can miss a notification for ever. The system's
// own call compares and falls asleep in one step.
inline void wait_on(const std::atomic<uint32_t>& value, uint32_t old) {
#if defined(_WIN32)
  WaitOnAddress(const_cast<std::atomic<uint32_t>*>(&value), &old, sizeof(old), INFINITE);
#else
  value.wait(old, std::memory_order_acquire);
#endif
}

inline void wake_one(std::atomic<uint32_t>& value) {
#if defined(_WIN32)
  WakeByAddressSingle(&value);
#else
  value.notify_one();
#endif
}

inline void wake_all(std::atomic<uint32_t>& value) {
#if defined(_WIN32)
  WakeByAddressAll(&value);
#else
  value.notify_all();
#endif
}

}  // namespace convforge
