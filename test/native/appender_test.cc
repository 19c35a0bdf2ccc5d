// What is read of a ring, whatever stands in it.
#include <cerrno>
#include <random>

#include "appender_bench.h"

namespace tinytap {
namespace {

size_t least(uint8_t kind) {
  switch (kind) {
    case RECORD_OPENED:
      return sizeof(opened);
    case RECORD_SEGMENT:
      return sizeof(segment);
    case RECORD_PROCESS:
      return sizeof(process);
    default:
      return sizeof(ending);
  }
}

void everyLengthOfEveryKind() {
  Bench bench;
  for (unsigned kind = 0; kind <= 255; kind++) {
    bool known = kind >= RECORD_OPENED && kind <= RECORD_PROCESS;
    for (size_t size = 0; size <= 80; size++) {
      uint64_t bad = bench.appender->bad();
      bench.crafted.add(recordOf(static_cast<uint8_t>(kind), size));
      CHECK(bench.append() == Appender::kNothing);
      bool good = known && size >= least(static_cast<uint8_t>(kind));
      CHECK(bench.appender->bad() - bad == (good ? 0 : 1));
      std::vector<Bytes> records = bench.reader.read();
      CHECK(records.size() == (good ? 1 : 0));
      if (good) CHECK(records[0] == recordOf(static_cast<uint8_t>(kind), least(static_cast<uint8_t>(kind))));
      CHECK(bench.crafted.consumed() == bench.crafted.position());
    }
  }
}

void payloadThatIsNotThere() {
  for (uint32_t len : {0u, 1u, 7u, 8u, 9u, 100u, 101u, 4096u, 0x7fffffffu, 0xffffffffu, 0xffffffc8u}) {
    Bench bench;
    bench.crafted.add(segmentOf(100, len));
    bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending)));
    CHECK(bench.append() == Appender::kNothing);
    bool good = len <= 100;
    CHECK(bench.appender->bad() == (good ? 0 : 1));
    std::vector<Bytes> records = bench.reader.read();
    CHECK(records.size() == (good ? 2 : 1));
    if (good) CHECK(records[0] == firstBytes(segmentOf(100, len), sizeof(segment) + len));
    CHECK(records.back() == recordOf(RECORD_CLOSED, sizeof(ending)));
  }
}

// The record's header is the last thing before the ring's end, or the record is cut anywhere in its fields or
// its payload.
void recordsThatWrap() {
  for (size_t before = 8; before <= 8 + sizeof(segment) + 304; before += 8) {
    Bench bench(2, 10 * 16384 - before);
    Bytes whole = segmentOf(300, 297);
    bench.crafted.add(whole);
    bench.crafted.add(recordOf(RECORD_OPENED, sizeof(opened)));
    CHECK(bench.append() == Appender::kNothing);
    std::vector<Bytes> records = bench.reader.read();
    CHECK(records.size() == 2);
    CHECK(records[0] == firstBytes(whole, sizeof(segment) + 297));
    CHECK(bench.appender->bad() == 0);
  }
}

void lengthBeyondTheRing() {
  Bench bench;
  bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending)), 0x3fffffff);
  CHECK(bench.appendError() == EBADMSG);
}

void lengthBeyondWhatWasProduced() {
  for (uint32_t length : {33u, 40u, 41u, 4096u}) {
    Bench bench;
    bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending)), length);
    CHECK(bench.appendError() == EBADMSG);
  }
}

void moreProducedThanTheRingHolds() {
  Bench bench;
  bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending)));
  bool refused = false;
  try {
    bench.appender->append(bench.crafted.size() + 8);
  } catch (const Failure& failure) {
    refused = failure.error == EBADMSG;
  }
  CHECK(refused);
}

void busyAndDiscarded() {
  Bench bench;
  Bytes bytes = recordOf(RECORD_CLOSED, sizeof(ending));
  bench.crafted.add(bytes, sizeof(ending) | BPF_RINGBUF_DISCARD_BIT);
  bench.crafted.add(bytes, sizeof(ending) | BPF_RINGBUF_BUSY_BIT);
  bench.crafted.add(bytes);
  CHECK(bench.append() == Appender::kNothing);
  CHECK(bench.appender->bad() == 0 && bench.reader.read().empty());
  CHECK(bench.crafted.consumed() == 8 + sizeof(ending));
  bench.crafted.setHeader(8 + sizeof(ending), sizeof(ending));
  CHECK(bench.append() == Appender::kNothing);
  CHECK(bench.reader.read().size() == 2);
  CHECK(bench.crafted.consumed() == bench.crafted.position());
}

void ringsThatAreNone() {
  CraftedRing crafted(16384);
  for (size_t size : {size_t{0}, size_t{1}, size_t{2048}, size_t{12288}, size_t{16385}}) {
    int error = 0;
    try {
      Ring(crafted.fd(), size);
    } catch (const Failure& failure) {
      error = failure.error;
    }
    CHECK(error == EINVAL);
  }
}

void noise() {
  std::mt19937 random(4);
  Bench bench;
  for (int turn = 0; turn < 200000; turn++) {
    Bytes bytes(random() % 200);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    if (!bytes.empty()) bytes[0] %= 7;
    if (random() % 2 && bytes.size() >= sizeof(segment)) {
      uint32_t len = random() % 200;
      memcpy(bytes.data() + offsetof(segment, len), &len, sizeof(len));
    }
    bench.crafted.add(bytes);
    CHECK(bench.append() == Appender::kNothing);
    bench.reader.read();
    bench.reader.freeAllLeft();
    CHECK(bench.crafted.consumed() == bench.crafted.position());
  }
}

}  // namespace
}  // namespace tinytap

int main() {
  using namespace tinytap;
  everyLengthOfEveryKind();
  payloadThatIsNotThere();
  recordsThatWrap();
  lengthBeyondTheRing();
  lengthBeyondWhatWasProduced();
  moreProducedThanTheRingHolds();
  busyAndDiscarded();
  ringsThatAreNone();
  noise();
  puts("ok");
}
