// The addon's surface. helper/capture/addon.ts declares the same in TypeScript.
#include <napi.h>
#include <sys/mman.h>

#include <memory>

#include "../bpf/records.h"
#include "drain_object.h"
#include "exercise.h"
#include "guarded.h"
#include "loader.h"
#include "mapping.h"
#include "privileges.h"

namespace tinytap {
namespace {

template <typename Value, typename Convert>
std::vector<Value> toVector(const Napi::Value& value, Convert convert) {
  Napi::Array array = value.As<Napi::Array>();
  std::vector<Value> result;
  for (uint32_t i = 0; i < array.Length(); i++) result.push_back(convert(array.Get(i)));
  return result;
}

std::vector<std::string> toStrings(const Napi::Value& value) {
  return toVector<std::string>(value, [](const Napi::Value& each) { return each.ToString().Utf8Value(); });
}

template <typename Value>
Napi::Array toArray(Napi::Env env, const std::vector<Value>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); i++) array.Set(i, Napi::Value::From(env, values[i]));
  return array;
}

Napi::Value Load(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Object options = info[0].ToObject();
  Loaded loaded = guarded(env, [&] {
    return load({options.Get("directory").ToString(), options.Get("ownerUid").ToNumber(),
                 options.Get("ownerGid").ToNumber(), options.Get("anyUser").ToBoolean(),
                 options.Get("ringBytes").ToNumber()});
  });
  Napi::Object result = Napi::Object::New(env);
  result.Set("ring", loaded.ring);
  result.Set("targets", loaded.targets);
  result.Set("counters", loaded.counters);
  result.Set("mutes", loaded.mutes);
  Napi::Array sources = Napi::Array::New(env);
  for (const LoadedSource& source : loaded.sources) {
    Napi::Object each = Napi::Object::New(env);
    each.Set("name", source.name);
    each.Set("probe", source.probe);
    each.Set("refused", toArray(env, source.refused));
    each.Set("links", toArray(env, source.links));
    Napi::Array programs = Napi::Array::New(env);
    for (const LoadedProgram& program : source.programs) {
      Napi::Object one = Napi::Object::New(env);
      one.Set("name", program.name);
      one.Set("fd", program.fd);
      programs.Set(programs.Length(), one);
    }
    each.Set("programs", programs);
    sources.Set(sources.Length(), each);
  }
  result.Set("sources", sources);
  return result;
}

Napi::Value BecomeUser(const Napi::CallbackInfo& info) {
  Napi::Object options = info[0].ToObject();
  guarded(info.Env(), [&] {
    becomeUser({options.Get("uid").ToNumber(), options.Get("gid").ToNumber(),
                toVector<gid_t>(options.Get("groups"),
                                [](const Napi::Value& each) -> gid_t { return each.ToNumber(); }),
                options.Get("file").ToString(), toStrings(options.Get("arguments")),
                toStrings(options.Get("environment")),
                toVector<int>(options.Get("descriptors"),
                              [](const Napi::Value& each) -> int { return each.ToNumber(); })});
  });
  return info.Env().Undefined();
}

Napi::Value ForbidTracing(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [] { forbidTracing(); });
  return info.Env().Undefined();
}

Napi::Value RunExercise(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Exercise done = guarded(env, [] { return exercise(); });
  Napi::Object result = Napi::Object::New(env);
  result.Set("serverPort", done.serverPort);
  result.Set("written", Napi::Buffer<char>::Copy(env, done.written.data(), done.written.size()));
  result.Set("served", Napi::Buffer<char>::Copy(env, done.served.data(), done.served.size()));
  return result;
}

// new Targets(fd): the byte per process id that the kernel side consults.
class TargetsObject : public Napi::ObjectWrap<TargetsObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Targets",
        {InstanceMethod<&TargetsObject::get>("get"), InstanceMethod<&TargetsObject::set>("set"),
         InstanceMethod<&TargetsObject::pids>("pids")});
  }

  explicit TargetsObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      bytes_ = std::make_unique<Mapping>(info[0].ToNumber(), kSize, PROT_READ | PROT_WRITE, 0);
    });
  }

 private:
  static constexpr size_t kSize = size_t{TARGETS_PER_ENTRY} * TARGETS_ENTRIES;

  uint8_t& at(const Napi::CallbackInfo& info) {
    int64_t pid = info[0].ToNumber();
    if (pid <= 0 || static_cast<size_t>(pid) >= kSize) throw Failure("process id", ERANGE);
    return bytes_->data()[pid];
  }

  Napi::Value get(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), at(info)); });
  }

  Napi::Value set(const Napi::CallbackInfo& info) {
    guarded(info.Env(), [&] { at(info) = static_cast<uint8_t>(info[1].ToNumber().Uint32Value()); });
    return info.Env().Undefined();
  }

  // Those whose byte is not 0.
  Napi::Value pids(const Napi::CallbackInfo& info) {
    Napi::Array result = Napi::Array::New(info.Env());
    const uint8_t* bytes = bytes_->data();
    for (size_t word = 0; word < kSize; word += sizeof(uint64_t)) {
      if (*reinterpret_cast<const uint64_t*>(bytes + word) == 0) continue;
      for (size_t pid = word; pid < word + sizeof(uint64_t); pid++)
        if (bytes[pid] != 0) result.Set(result.Length(), static_cast<double>(pid));
    }
    return result;
  }

  std::unique_ptr<Mapping> bytes_;
};

// new Mutes(fd): what the kernel side need not copy (enum mute).
class MutesObject : public Napi::ObjectWrap<MutesObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Mutes", {InstanceMethod<&MutesObject::set>("set")});
  }

  explicit MutesObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      words_ = std::make_unique<Mapping>(info[0].ToNumber(), sizeof(uint64_t) * MUTE_SLOTS * 2,
                                         PROT_READ | PROT_WRITE, 0);
    });
  }

 private:
  // (connection, direction, kind, until)
  Napi::Value set(const Napi::CallbackInfo& info) {
    guarded(info.Env(), [&] {
      int64_t connection = info[0].ToNumber();
      uint32_t direction = info[1].ToNumber(), kind = info[2].ToNumber(), until = info[3].ToNumber();
      if (connection < 0 || connection > static_cast<int64_t>(CONNECTION_ID_MASK))
        throw Failure("connection", ERANGE);
      if (direction > DIRECTION_OUT) throw Failure("direction", ERANGE);
      if (kind > MUTE_ALL) throw Failure("kind of mute", ERANGE);
      uint64_t owner = static_cast<uint64_t>(connection) / MUTE_SLOTS;
      uint64_t word = owner << MUTE_OWNER_SHIFT | uint64_t{kind} << MUTE_KIND_SHIFT | until;
      uint64_t* words = reinterpret_cast<uint64_t*>(words_->data());
      // One store: the kernel side never sees one mute's kind with another's number.
      __atomic_store_n(&words[connection % MUTE_SLOTS * 2 + direction], word, __ATOMIC_RELAXED);
    });
    return info.Env().Undefined();
  }

  std::unique_ptr<Mapping> words_;
};

// new Counters(fd): what was lost, by reason (enum counter).
class CountersObject : public Napi::ObjectWrap<CountersObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Counters", {InstanceMethod<&CountersObject::read>("read")});
  }

  explicit CountersObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      values_ = std::make_unique<Mapping>(info[0].ToNumber(), sizeof(uint64_t) * COUNTERS, PROT_READ, 0);
    });
  }

 private:
  Napi::Value read(const Napi::CallbackInfo& info) {
    auto* values = reinterpret_cast<const uint64_t*>(values_->data());
    Napi::Array result = Napi::Array::New(info.Env(), COUNTERS);
    for (uint32_t i = 0; i < COUNTERS; i++)
      result.Set(i, static_cast<double>(__atomic_load_n(&values[i], __ATOMIC_RELAXED)));
    return result;
  }

  std::unique_ptr<Mapping> values_;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("load", Napi::Function::New(env, Load));
  exports.Set("becomeUser", Napi::Function::New(env, BecomeUser));
  exports.Set("forbidTracing", Napi::Function::New(env, ForbidTracing));
  exports.Set("exercise", Napi::Function::New(env, RunExercise));
  exports.Set("Drain", DrainObject::define(env));
  exports.Set("Targets", TargetsObject::define(env));
  exports.Set("Mutes", MutesObject::define(env));
  exports.Set("Counters", CountersObject::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(tinytap, Init)

}  // namespace tinytap
