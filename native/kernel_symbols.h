#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tinytap {

// Addresses of kernel symbols by name; what the kernel doesn't list, or hides, is 0. One pass over all of
// them: libbpf would make one for each object that asks, and a slow one.
std::map<std::string, uint64_t> kernelSymbols(const std::vector<std::string>& names);

}  // namespace tinytap
