// A library to preload that makes one allocation of the addon fail. Only allocations that convforge's addon asks for,
// itself or by C++'s operator new, count, so Node's own never fail. They count from the first call of malloc(ARM) on, and
// FAIL_NTH says which of them fails. At its end the process prints how many there were.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARM 0x7ead0001
#define DISARM 0x7ead0002

static void* (*next_malloc)(size_t);
static void* (*next_calloc)(size_t, size_t);
static void* (*next_aligned)(size_t, size_t);
static long failing = -1;
static long count;
static int armed;
static char* addon_begin;
static char* addon_end;
static __thread int inside;

enum { OPERATORS = 4, OPERATOR_BYTES = 256 };
static const char* const operator_names[OPERATORS] = {"_Znwm", "_ZnwmRKSt9nothrow_t", "_Znam", "_ZnwmSt11align_val_t"};
static const char* operators[OPERATORS];

static int find_addon(struct dl_phdr_info* info, size_t size, void* data) {
  (void)size;
  (void)data;
  if (!strstr(info->dlpi_name, "convforge.node")) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    char* begin = (char*)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    char* end = begin + info->dlpi_phdr[i].p_memsz;
    if (!addon_begin || begin < addon_begin) addon_begin = begin;
    if (end > addon_end) addon_end = end;
  }
  return 1;
}

__attribute__((constructor)) static void begin(void) {
  next_malloc = dlsym(RTLD_NEXT, "malloc");
  next_calloc = dlsym(RTLD_NEXT, "calloc");
  next_aligned = dlsym(RTLD_NEXT, "aligned_alloc");
  const char* nth = getenv("FAIL_NTH");
  if (nth) failing = atol(nth);
  for (int i = 0; i < OPERATORS; ++i) operators[i] = dlsym(RTLD_DEFAULT, operator_names[i]);
  void* warm[2];
  inside = 1;
  backtrace(warm, 2);  // loads what it needs
  inside = 0;
}

__attribute__((destructor)) static void end(void) { fprintf(stderr, "%ld allocations\n", count); }

static int is_in_addon(const char* address) { return address >= addon_begin && address < addon_end; }

// Whether the address is in one of C++'s operators new, which call malloc.
static int is_operator_new(const char* address) {
  for (int i = 0; i < OPERATORS; ++i) {
    if (operators[i] && address >= operators[i] && address < operators[i] + OPERATOR_BYTES) return 1;
  }
  return 0;
}

// Whether the addon asks, itself or by an operator new.
static int is_addons(const char* caller) {
  if (is_in_addon(caller)) return 1;
  if (!is_operator_new(caller)) return 0;
  void* frames[8];
  const int depth = backtrace(frames, 8);
  int i = 0;
  while (i < depth && !is_operator_new(frames[i])) ++i;
  while (i < depth && is_operator_new(frames[i])) ++i;
  return i < depth && is_in_addon(frames[i]);
}

static int fails(const char* caller) {
  if (!armed || inside) return 0;
  inside = 1;
  int result = is_addons(caller) && __sync_add_and_fetch(&count, 1) == failing;
  inside = 0;
  if (result) errno = ENOMEM;
  return result;
}

void* malloc(size_t size) {
  if (size == ARM) {
    inside = 1;
    dl_iterate_phdr(find_addon, NULL);
    inside = 0;
    armed = addon_begin != NULL;
    return NULL;
  }
  if (size == DISARM) {
    armed = 0;
    return NULL;
  }
  if (!next_malloc) next_malloc = dlsym(RTLD_NEXT, "malloc");
  return fails(__builtin_return_address(0)) ? NULL : next_malloc(size);
}

void* calloc(size_t items, size_t size) {
  if (!next_calloc) {
    // dlsym itself calls calloc before it has found the next one.
    static char early[4096];
    static size_t used;
    void* place = early + used;
    used += (items * size + 15) / 16 * 16;
    return used <= sizeof(early) ? place : NULL;
  }
  return fails(__builtin_return_address(0)) ? NULL : next_calloc(items, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  if (!next_aligned) next_aligned = dlsym(RTLD_NEXT, "aligned_alloc");
  return fails(__builtin_return_address(0)) ? NULL : next_aligned(alignment, size);
}
