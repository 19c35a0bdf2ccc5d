#include "privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "error.h"

namespace tinytap {
namespace {

void dropCapabilities() {
  checked("PR_CAP_AMBIENT_CLEAR_ALL", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  checked("capset", static_cast<int>(syscall(SYS_capset, &header, none)));
}

// Without a bounding set and with no_new_privs exec gives nothing back, not even to uid 0.
void dropBoundingSet() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    checked("PR_CAPBSET_DROP", prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
}

// A group that owns nothing.
gid_t otherGroup(gid_t gid) {
  constexpr gid_t kNobodys = 65534;
  return gid == kNobodys ? kNobodys - 1 : kNobodys;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

void becomeUser(const ExecOptions& options) {
  std::vector<char*> arguments = pointers(options.arguments);
  std::vector<char*> environment = pointers(options.environment);
  // Node marks even stdio close-on-exec.
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) checked("fcntl", fcntl(fd, F_SETFD, 0));
  for (int fd : options.descriptors) checked("fcntl", fcntl(fd, F_SETFD, 0));

  dropBoundingSet();
  checked("setgroups", setgroups(options.groups.size(), options.groups.data()));
  // An effective group that is not the real one makes exec forbid tracing, up to forbidTracing().
  checked("setresgid", setresgid(options.gid, otherGroup(options.gid), options.gid));
  checked("setresuid", setresuid(options.uid, options.uid, options.uid));
  dropCapabilities();
  checked("PR_SET_NO_NEW_PRIVS", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));

  sigset_t nothing;
  sigemptyset(&nothing);
  sigprocmask(SIG_SETMASK, &nothing, nullptr);
  execve(options.file.c_str(), arguments.data(), environment.data());
  throw Failure("execve " + options.file, errno);
}

void forbidTracing() {
  // In this order, as a change of ids leaves tracing to fs.suid_dumpable.
  gid_t gid = getgid();
  checked("setresgid", setresgid(gid, gid, gid));
  checked("PR_SET_DUMPABLE", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

}  // namespace tinytap
