/*
 * Preloaded into programs under musl before 1.2.4, such as Debian's, which ignores packed relative relocations
 * (DT_RELR). libstdc++ of newer Alpine releases has them. musl runs the constructors of preloaded libraries first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { kRelrSize = 35, kRelr = 36 };
#if defined(__x86_64__)
enum { kCopy = R_X86_64_COPY };
#else
enum { kCopy = R_AARCH64_COPY };
#endif

/* Each word is the address of a relocation if it is even, else a bit map of the 63 words after the last address. */
static void relocate(uintptr_t base, const uintptr_t* relr, size_t count) {
  uintptr_t* next = NULL;
  for (size_t i = 0; i < count; ++i) {
    if ((relr[i] & 1) == 0) {
      next = (uintptr_t*)(base + relr[i]);
      *next++ += base;
      continue;
    }
    for (int bit = 1; bit < 64; ++bit) {
      if (relr[i] >> bit & 1) next[bit - 1] += base;
    }
    next += 63;
  }
}

static const ElfW(Dyn) * dynamic_of(const struct dl_phdr_info* info) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) return (const void*)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
  }
  return NULL;
}

/* Also what the loader has made read-only after its own relocations. */
static void make_writable(const struct dl_phdr_info* info) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W)) continue;
    const uintptr_t start = (info->dlpi_addr + segment->p_vaddr) & ~(uintptr_t)4095;
    const uintptr_t end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    mprotect((void*)start, end - start, PROT_READ | PROT_WRITE);
  }
}

static int relocate_library(struct dl_phdr_info* info, size_t size, void* data) {
  (void)size;
  (void)data;
  const ElfW(Dyn)* dynamic = dynamic_of(info);
  uintptr_t relr = 0;
  size_t bytes = 0;
  for (; dynamic && dynamic->d_tag != DT_NULL; ++dynamic) {
    if (dynamic->d_tag == kRelr) relr = dynamic->d_un.d_ptr;
    if (dynamic->d_tag == kRelrSize) bytes = dynamic->d_un.d_val;
  }
  if (!relr) return 0;
  make_writable(info);
  relocate(info->dlpi_addr, (const uintptr_t*)(info->dlpi_addr + relr), bytes / sizeof(uintptr_t));
  return 0;
}

/* Copies again what the program has copies of, since they were made before their originals were relocated. */
static int copy_again(struct dl_phdr_info* info, size_t size, void* data) {
  (void)size;
  (void)data;
  const ElfW(Dyn)* dynamic = dynamic_of(info);
  uintptr_t rela = 0, symbols = 0, names = 0;
  size_t bytes = 0;
  for (; dynamic && dynamic->d_tag != DT_NULL; ++dynamic) {
    if (dynamic->d_tag == DT_RELA) rela = info->dlpi_addr + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_RELASZ) bytes = dynamic->d_un.d_val;
    if (dynamic->d_tag == DT_SYMTAB) symbols = info->dlpi_addr + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_STRTAB) names = info->dlpi_addr + dynamic->d_un.d_ptr;
  }
  make_writable(info);
  for (size_t i = 0; rela && i < bytes / sizeof(ElfW(Rela)); ++i) {
    const ElfW(Rela)* entry = (const ElfW(Rela)*)rela + i;
    if (ELF64_R_TYPE(entry->r_info) != kCopy) continue;
    const ElfW(Sym)* symbol = (const ElfW(Sym)*)symbols + ELF64_R_SYM(entry->r_info);
    const void* original = dlsym(RTLD_NEXT, (const char*)(names + symbol->st_name));
    if (original) memcpy((void*)(info->dlpi_addr + entry->r_offset), original, symbol->st_size);
  }
  return 1; /* The program is the first. */
}

__attribute__((constructor)) static void apply(void) {
  dl_iterate_phdr(relocate_library, NULL);
  dl_iterate_phdr(copy_again, NULL);
}
