// Debian's libbpf.a and libelf.a are built for programs, not for shared objects: two of their references
// can't be linked into the addon. What they refer to is defined here instead, and hidden.
#include <cstdio>

#pragma GCC visibility push(hidden)

extern "C" {

// libbpf's default printer writes there; loader.cc installs its own before anything can be printed.
#undef stderr
FILE* stderr = nullptr;

// libelf's last error is a thread-local variable. With the three functions that use it defined here, the
// linker leaves that member out of the archive.
static thread_local int lastError;

void __libelf_seterrno(int value) { lastError = value; }

int elf_errno() {
  int value = lastError;
  lastError = 0;
  return value;
}

const char* elf_errmsg(int error) {
  return error == 0 && lastError == 0 ? nullptr : "the ELF file can't be read";
}
}

#pragma GCC visibility pop
