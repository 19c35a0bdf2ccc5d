// Opens, loads and attaches the BPF objects. Only the root phase does this.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tinytap {

struct LoadOptions {
  std::string directory;  // where the *.bpf.o lie
  uint32_t ownerUid;      // whose processes may be captured
  bool anyUser;           // or everybody's
  uint32_t ringBytes;     // a power of two, and whole pages
};

// One source: attached, or the reasons why not.
struct LoadedSource {
  std::string name;
  std::string probe;                 // empty: off
  std::vector<std::string> refused;  // "probe: reason", for each that was tried in vain
  std::vector<int> links;            // closing them all detaches it
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
