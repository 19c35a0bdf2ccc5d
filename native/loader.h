// Opens, loads and attaches the BPF objects. Only the root phase does this.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tinytap {

struct LoadOptions {
  std::string directory;  // where the *.bpf.o lie
  uint32_t ownerUid;      // whose processes may be captured
  uint32_t ownerGid;      // and with which group
  bool anyUser;           // or everybody's
  uint32_t ringBytes;     // a power of two, and whole pages
};

struct LoadedProgram {
  std::string name;  // of a spare: its program's, with "_spare_" and a number behind it
  int fd;            // its fdinfo tells how often the kernel skipped it
};

// One source: attached, or the reasons why not.
struct LoadedSource {
  std::string name;
  std::string probe;                 // empty: off
  std::vector<std::string> refused;  // "probe: reason", for each that was tried in vain
  std::vector<int> links;            // closing them all detaches it
  std::vector<LoadedProgram> programs;
};

struct Loaded {
  int ring;
  int targets;
  int counters;
  int mutes;
  std::vector<LoadedSource> sources;
};

// Throws Failure where the required source can't be had. An optional source never throws.
Loaded load(const LoadOptions& options);

}  // namespace tinytap
