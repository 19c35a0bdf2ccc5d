#include "drain_object.h"

#include <cerrno>

#include "guarded.h"

namespace tinytap {
namespace {

// A typed array over memory that JavaScript can't detach.
template <typename Array>
Array toShared(const Napi::Value& value, napi_typedarray_type type, const char* wanted) {
  if (value.IsTypedArray()) {
    Napi::TypedArray array = value.As<Napi::TypedArray>();
    if (array.TypedArrayType() == type && !array.Buffer().IsArrayBuffer()) return value.As<Array>();
  }
  throw Napi::TypeError::New(value.Env(), wanted);
}

}  // namespace

Napi::Function DrainObject::define(Napi::Env env) {
  return DefineClass(
      env, "Drain",
      {InstanceMethod<&DrainObject::produced>("produced"), InstanceMethod<&DrainObject::wake>("wake"),
       InstanceMethod<&DrainObject::bad>("bad"), InstanceMethod<&DrainObject::failure>("failure"),
       InstanceMethod<&DrainObject::close>("close")});
}

DrainObject::DrainObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  Napi::Env env = info.Env();
  int fd = info[0].ToNumber();
  int64_t ringBytes = info[1].ToNumber().Int64Value();
  auto memory = toShared<Napi::Uint8Array>(info[2], napi_uint8_array, "memory: a shared Uint8Array");
  auto control = toShared<Napi::Int32Array>(info[3], napi_int32_array, "control: a shared Int32Array");
  if (!info[4].IsFunction()) throw Napi::TypeError::New(env, "onReady: a function");
  guarded(env, [&] {
    auto drain = std::make_unique<Drain>(
        fd, ringBytes, Slabs(memory.Data(), memory.ByteLength(), control.Data(), control.ElementLength()));
    memory_ = Napi::Persistent<Napi::Object>(memory);
    control_ = Napi::Persistent<Napi::Object>(control);
    // A queue of one: a call that finds it full is as good as the one that waits in it.
    onReady_ = Napi::ThreadSafeFunction::New(env, info[4].As<Napi::Function>(), "tinytap drain", 1, 1);
    // Hooks run newest first: this one while the function is still there.
    napi_add_env_cleanup_hook(env, onEnvironmentEnds, this);
    drain_ = std::move(drain);
    try {
      drain_->start([this] { onReady_.NonBlockingCall(); });
    } catch (const Failure&) {
      stop();
      throw;
    }
  });
}

DrainObject::~DrainObject() { stop(); }

void DrainObject::onEnvironmentEnds(void* self) { static_cast<DrainObject*>(self)->stop(); }

// By close(), by the garbage collector or by the end of the environment, whichever comes first.
void DrainObject::stop() {
  if (!drain_) return;
  drain_->stop();
  badAtEnd_ = drain_->bad();
  failureAtEnd_ = drain_->failure();
  drain_.reset();
  napi_remove_env_cleanup_hook(Env(), onEnvironmentEnds, this);
  onReady_.Abort();  // no call after this
  memory_.Reset();
  control_.Reset();
}

Napi::Value DrainObject::produced(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    if (!drain_) throw Failure("position of a closed ring", EBADF);
    return Napi::Number::New(info.Env(), static_cast<uint32_t>(drain_->produced() / 8));
  });
}

Napi::Value DrainObject::wake(const Napi::CallbackInfo& info) {
  if (drain_) drain_->wake();
  return info.Env().Undefined();
}

Napi::Value DrainObject::bad(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(drain_ ? drain_->bad() : badAtEnd_));
}

Napi::Value DrainObject::failure(const Napi::CallbackInfo& info) {
  std::optional<std::string> failure = drain_ ? drain_->failure() : failureAtEnd_;
  return failure ? Napi::String::New(info.Env(), *failure) : info.Env().Undefined();
}

Napi::Value DrainObject::close(const Napi::CallbackInfo& info) {
  stop();
  return info.Env().Undefined();
}

}  // namespace tinytap
