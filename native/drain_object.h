#pragma once

#include <napi.h>

#include <memory>

#include "drain.h"

namespace tinytap {

// `Drain` of helper/capture/addon.ts.
class DrainObject : public Napi::ObjectWrap<DrainObject> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit DrainObject(const Napi::CallbackInfo& info);
  ~DrainObject() override;

 private:
  Napi::Value produced(const Napi::CallbackInfo& info);
  Napi::Value wake(const Napi::CallbackInfo& info);
  Napi::Value bad(const Napi::CallbackInfo& info);
  Napi::Value failure(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  static void onEnvironmentEnds(void* self);
  void stop();

  std::unique_ptr<Drain> drain_;  // none once closed
  uint64_t badAtEnd_ = 0;
  std::optional<std::string> failureAtEnd_;
  Napi::ThreadSafeFunction onReady_;
  // The thread writes to what they refer to: they go after it.
  Napi::ObjectReference memory_;
  Napi::ObjectReference control_;
};

}  // namespace tinytap
