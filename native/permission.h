// Whether the kernel lets this process attach probes at all.
#pragma once

namespace tinytap {

// Loads the smallest program that reads kernel memory, attaches it, and takes it off. Throws Failure where
// the kernel refuses one of these.
void tryToAttach();

}  // namespace tinytap
