#include "loader.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

#include "../bpf/records.h"
#include "error.h"
#include "kernel_symbols.h"

namespace tinytap {
namespace {

// What libbpf and the verifier said since it was last cleared; libbpf's callback takes no context.
std::string libbpfLog;

// Of one message, which can be the verifier's walk through a whole program: its reason stands at the end.
constexpr size_t kKeptOfMessage = 4096;

int collectLog(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  char* message = nullptr;
  int length = vasprintf(&message, format, arguments);
  if (length < 0) return 0;
  size_t cut = length > static_cast<int>(kKeptOfMessage) ? length - kKeptOfMessage : 0;
  if (cut > 0) libbpfLog += "…";
  libbpfLog += message + cut;
  free(message);
  return 0;
}

using Object = std::unique_ptr<bpf_object, decltype(&bpf_object__close)>;

[[noreturn]] void fail(const std::string& operation) { throw Failure(operation, errno, libbpfLog); }

Object open(const LoadOptions& options, const std::string& name) {
  std::string path = options.directory + "/" + name + ".bpf.o";
  bpf_object* object = bpf_object__open_file(path.c_str(), nullptr);
  if (!object) fail("open " + name + ".bpf.o");
  return Object(object, bpf_object__close);
}

int mapOf(const Object& object, const char* name) {
  int fd = bpf_object__find_map_fd_by_name(object.get(), name);
  if (fd < 0) throw Failure(std::string("find map ") + name, -fd);
  return fd;
}

// Sets a `const volatile` of the object, before the load.
void setConstant(const Object& object, const char* name, const void* value, size_t size) {
  btf* types = bpf_object__btf(object.get());
  bpf_map* map = bpf_object__find_map_by_name(object.get(), ".rodata");
  int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
  size_t mapSize = 0;
  const void* initial = map ? bpf_map__initial_value(map, &mapSize) : nullptr;
  if (!initial || section < 0) throw Failure("find .rodata", ENOENT);
  std::vector<char> data(static_cast<const char*>(initial), static_cast<const char*>(initial) + mapSize);
  const btf_type* type = btf__type_by_id(types, section);
  const btf_var_secinfo* variables = btf_var_secinfos(type);
  for (int i = 0; i < btf_vlen(type); i++) {
    const btf_type* variable = btf__type_by_id(types, variables[i].type);
    if (strcmp(btf__name_by_offset(types, variable->name_off), name) != 0) continue;
    if (variables[i].size != size || variables[i].offset + size > mapSize) break;
    memcpy(data.data() + variables[i].offset, value, size);
    if (bpf_map__set_initial_value(map, data.data(), mapSize) != 0) fail(std::string("set ") + name);
    return;
  }
  throw Failure(std::string("find constant ") + name, ENOENT);
}

// What payload leaves of the ring to records without. As each processor may pass that check before another
// has reserved, a head of each can still come into it; a 32nd of the ring is left after that.
uint32_t ringReserve(uint32_t ringBytes) {
  int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) throw Failure("count processors", -cpus);
  uint64_t overrun = static_cast<uint64_t>(cpus) * (BPF_RINGBUF_HDR_SZ + sizeof(segment) + HEAD_BYTES);
  return static_cast<uint32_t>(std::min<uint64_t>(ringBytes / 32 + overrun, ringBytes / 8));
}

uint32_t ownUserNamespace() {
  struct stat status;
  checked("stat /proc/self/ns/user", stat("/proc/self/ns/user", &status));
  return static_cast<uint32_t>(status.st_ino);
}

void setConstants(const Object& object, const LoadOptions& options) {
  uint32_t reserve = ringReserve(options.ringBytes);
  uint32_t ownNamespace = ownUserNamespace(), ownPid = getpid();
  setConstant(object, "owner_uid", &options.ownerUid, sizeof(options.ownerUid));
  setConstant(object, "owner_gid", &options.ownerGid, sizeof(options.ownerGid));
  setConstant(object, "owner_namespace", &ownNamespace, sizeof(ownNamespace));
  setConstant(object, "helper_pid", &ownPid, sizeof(ownPid));
  setConstant(object, "any_user", &options.anyUser, sizeof(options.anyUser));
  setConstant(object, "ring_reserve", &reserve, sizeof(reserve));
}

// A descriptor of our own, as closing the object closes libbpf's.
int keep(int fd) { return checked("dup", fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

// Seen on 7.2 and not on 6.18; see bpf/spares.h.
bool canBePreempted() {
  utsname name;
  int major = 0, minor = 0;
  checked("uname", uname(&name));
  sscanf(name.release, "%d.%d", &major, &minor);
  return major > 6 || (major == 6 && minor > 18);
}

// The program whose spare this is; for others its own name.
std::string mainOf(const std::string& program) { return program.substr(0, program.find("_spare_")); }

// Of a kernel that needs no spares none are loaded.
bool isWanted(const std::string& program) { return mainOf(program) == program || canBePreempted(); }

int attach(bpf_program* program) {
  bpf_link* link = bpf_program__attach(program);
  if (!link) fail(std::string("attach ") + bpf_program__section_name(program));
  int fd = keep(bpf_link__fd(link));
  bpf_link__destroy(link);
  return fd;
}

void closeAll(const LoadedSource& source) {
  for (int fd : source.links) close(fd);
  for (const LoadedProgram& program : source.programs) close(program.fd);
}

// Attaches the loaded programs whose name `wanted` accepts, for that source, or closes all that it has.
template <typename Wanted>
void attachAll(const Object& object, LoadedSource& source, Wanted wanted) {
  bpf_program* program;
  try {
    bpf_object__for_each_program(program, object.get()) {
      const char* name = bpf_program__name(program);
      if (!bpf_program__autoload(program) || !wanted(name)) continue;
      source.links.push_back(attach(program));
      source.programs.push_back({name, keep(bpf_program__fd(program))});
    }
  } catch (...) {
    closeAll(source);
    throw;
  }
}

void loadObject(const Object& object, const std::string& name) {
  if (bpf_object__load(object.get()) != 0) fail("load " + name + ".bpf.o");
}

constexpr const char* kSharedMaps[] = {"ring",        "targets",          "counters", "calls",
                                       "connections", "unix_connections", "mutes"};

// One way to probe an optional source; the first that loads and attaches is taken.
struct Variant {
  std::set<std::string> programs;
  const char* probe;
};

void shareMaps(const Object& from, const Object& to) {
  for (const char* name : kSharedMaps) {
    bpf_map* map = bpf_object__find_map_by_name(to.get(), name);
    if (map && bpf_map__reuse_fd(map, mapOf(from, name)) != 0) fail(std::string("share map ") + name);
  }
}

void setLinearMap(const Object& object) {
  static const auto symbols = kernelSymbols({"page_offset_base", "vmemmap_base"});
  for (const auto& [name, address] : symbols) setConstant(object, name.c_str(), &address, sizeof(address));
}

LoadedSource loadVariant(const LoadOptions& options, const Object& required, const std::string& name,
                         const Variant& variant) {
  Object object = open(options, name);
  bpf_program* program;
  bpf_object__for_each_program(program, object.get()) {
    std::string name = bpf_program__name(program);
    bpf_program__set_autoload(program, isWanted(name) && variant.programs.count(mainOf(name)) != 0);
  }
  setConstants(object, options);
  setLinearMap(object);
  shareMaps(required, object);
  loadObject(object, name);
  LoadedSource source{name, variant.probe, {}, {}, {}};
  attachAll(object, source, [](const std::string&) { return true; });
  return source;
}

// The end of libbpf's log, where the reason stands.
std::string lastLine(const std::string& text) {
  size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  size_t start = text.rfind('\n', end);
  start = start == std::string::npos ? 0 : start + 1;
  return text.substr(start, end + 1 - start);
}

LoadedSource loadOptional(const LoadOptions& options, const Object& required, const std::string& name,
                          const std::vector<Variant>& variants) {
  std::vector<std::string> refused;
  for (const Variant& variant : variants) {
    libbpfLog.clear();
    try {
      LoadedSource source = loadVariant(options, required, name, variant);
      source.refused = std::move(refused);
      return source;
    } catch (const Failure& failure) {
      std::string detail = lastLine(failure.log);
      refused.push_back(std::string(variant.probe) + ": " + failure.what() +
                        (detail.empty() ? "" : " (" + detail + ")"));
    }
  }
  return {name, "", std::move(refused), {}, {}};
}

// Each age of the kernel has its own; to 6.4 tcp_sendmsg_locked exists too, but pages don't pass through it.
const std::vector<Variant> kSendpath = {
    {{"tinytap_sendmsg_raw_tp"}, "raw_tp tcp_sendmsg_locked"},
    {{"tinytap_sendpages_kprobe"}, "kprobe do_tcp_sendpages"},
    {{"tinytap_sendmsg_kprobe"}, "kprobe tcp_sendmsg_locked"},
};
const std::vector<Variant> kPagecache = {
    {{"tinytap_pagecache_enter", "tinytap_pagecache_exit"}, "raw_tp sys_enter, sys_exit"},
};

bool startsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

}  // namespace

Loaded load(const LoadOptions& options) {
  libbpf_set_print(collectLog);
  libbpfLog.clear();
  Object required = open(options, "syscalls");
  setConstants(required, options);
  bpf_map* ring = bpf_object__find_map_by_name(required.get(), "ring");
  if (!ring || bpf_map__set_max_entries(ring, options.ringBytes) != 0) fail("size the ring");
  bpf_program* program;
  bpf_object__for_each_program(program, required.get()) {
    bpf_program__set_autoload(program, isWanted(bpf_program__name(program)));
  }
  loadObject(required, "syscalls");

  // Programs on one tracepoint run in the order of their attachment. At enter the optional sources need what
  // the required one has noted; at exit nothing of theirs may come after its record, which ends the call.
  auto isExit = [](const std::string& program) { return startsWith(program, "tinytap_sys_exit"); };
  LoadedSource syscalls = {"syscalls", "raw_tp sys_enter, sys_exit", {}, {}, {}};
  attachAll(required, syscalls, [&](const std::string& program) { return !isExit(program); });
  std::vector<LoadedSource> sources;
  sources.push_back(loadOptional(options, required, "sendpath", kSendpath));
  sources.push_back(loadOptional(options, required, "pagecache", kPagecache));
  libbpfLog.clear();
  attachAll(required, syscalls, isExit);
  sources.insert(sources.begin(), std::move(syscalls));
  return {keep(mapOf(required, "ring")), keep(mapOf(required, "targets")), keep(mapOf(required, "counters")),
          keep(mapOf(required, "mutes")), std::move(sources)};
}

}  // namespace tinytap
