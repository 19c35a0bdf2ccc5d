// The way from root to the user, once and for all threads, by exec.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace tinytap {

struct ExecOptions {
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups;
  std::string file;
  std::vector<std::string> arguments;    // with argv[0]
  std::vector<std::string> environment;  // "NAME=value"
  std::vector<int> descriptors;          // to inherit besides stdio
};

// Gives up every privilege and becomes `file`. Returns only by throwing Failure; after that the process must
// end, as it may have given up some privileges and not others.
[[noreturn]] void becomeUser(const ExecOptions& options);

// Makes /proc/self root's, so that the user's other processes can't take the descriptors; until then the
// group that becomeUser() left had done so.
void forbidTracing();

}  // namespace tinytap
