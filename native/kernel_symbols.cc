#include "kernel_symbols.h"

#include <cstdlib>
#include <fstream>

namespace tinytap {

std::map<std::string, uint64_t> kernelSymbols(const std::vector<std::string>& names) {
  std::map<std::string, uint64_t> addresses;
  for (const std::string& name : names) addresses[name] = 0;
  std::ifstream symbols("/proc/kallsyms");
  size_t missing = names.size();
  // ADDRESS TYPE NAME, and a module in brackets.
  for (std::string line; missing > 0 && std::getline(symbols, line);) {
    size_t type = line.find(' ');
    if (type == std::string::npos || type + 3 > line.size()) continue;
    auto found = addresses.find(line.substr(type + 3));
    if (found == addresses.end() || found->second != 0) continue;
    found->second = strtoull(line.c_str(), nullptr, 16);
    missing--;
  }
  return addresses;
}

}  // namespace tinytap
