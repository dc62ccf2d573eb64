// Definitions for old_glibc.h of what glibc 2.28 and GCC 8's libstdc++ lack. The linker takes them instead of the
// system's, and exports none of them.
#include <exception>
#include <new>

extern "C" {

// Since glibc 2.32. libstdc++'s reference counts skip atomic operations while it is true.
char __libc_single_threaded = 0;

// The copy constructor and destructor that libstdc++ exports, since GCC 4.3. From GCC 11 on its headers have inline
// ones.
void copy_exception_ptr(void* self, const void* other) __asm__("_ZNSt15__exception_ptr13exception_ptrC1ERKS0_");
void destroy_exception_ptr(void* self) __asm__("_ZNSt15__exception_ptr13exception_ptrD1Ev");
}

namespace std {

// Since GCC 11.
void __throw_bad_array_new_length() { throw bad_array_new_length(); }

namespace __exception_ptr {

// Since GCC 11. Both work on the one pointer that an exception_ptr consists of.
void exception_ptr::_M_addref() noexcept {
  void* copy = nullptr;
  copy_exception_ptr(&copy, this);
}

void exception_ptr::_M_release() noexcept {
  destroy_exception_ptr(this);
  _M_exception_object = nullptr;
}

}  // namespace __exception_ptr
}  // namespace std
