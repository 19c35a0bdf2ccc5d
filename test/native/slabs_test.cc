// The slabs: how they are filled, run out, and come back.
#include <cerrno>
#include <random>

#include "appender_bench.h"

namespace tinytap {
namespace {

int errorOfSizes(size_t memoryBytes, size_t words, size_t shift = 0) {
  alignas(8) static uint8_t memory[16];
  static std::vector<int32_t> control(Slabs::kWords + 2 * 65536);
  try {
    Slabs(memory + shift, memoryBytes, control.data(), words);
    return 0;
  } catch (const Failure& failure) {
    return failure.error;
  }
}

void sizesThatCanNotBe() {
  for (size_t slabs : {size_t{2}, size_t{3}, size_t{65536}}) {
    CHECK(errorOfSizes(slabs * kSlab, Slabs::kWords + 2 * slabs) == 0);
    CHECK(errorOfSizes(slabs * kSlab, Slabs::kWords + 2 * slabs - 1) == EINVAL);
    CHECK(errorOfSizes(slabs * kSlab - 1, Slabs::kWords + 2 * slabs) == EINVAL);
    CHECK(errorOfSizes(slabs * kSlab, Slabs::kWords + 2 * slabs, 4) == EINVAL);
  }
  CHECK(errorOfSizes(0, 1000) == EINVAL);
  CHECK(errorOfSizes(kSlab, 1000) == EINVAL);
  CHECK(errorOfSizes(65537 * kSlab, Slabs::kWords + 2 * 65536) == EINVAL);
}

// A record that just fits, and those that don't, with every room that can be left before them.
void slabEnds() {
  for (size_t left = 0; left <= 256; left += 8) {
    Bench bench(3);
    uint8_t* filler = bench.writer.append(kSlab - 8 - left);
    memset(filler, 0xff, kSlab - 8 - left);
    bench.writer.publish(0);
    Bytes body = segmentOf(100, 99);
    bench.crafted.add(body);
    CHECK(bench.append() == Appender::kNothing);
    std::vector<Bytes> records = bench.reader.read();
    CHECK(records.size() == 2);
    CHECK(records[0].size() == kSlab - 8 - left);
    CHECK(records[1] == firstBytes(body, sizeof(segment) + 99));
    size_t needed = 8 + aligned(sizeof(segment) + 99);
    CHECK(bench.reader.position() == (left < needed ? kSlab + needed : kSlab - left + needed));
    CHECK(bench.reader.left.size() == (left <= needed ? 1 : 0));
    CHECK(bench.reader.load(Slabs::kFree) == (left < needed ? 1 : 2));
  }
}

void largestRecord() {
  Bench bench(4, 0, 4 * kSlab);
  uint32_t most = Slabs::kLargestRecord - sizeof(segment);
  bench.crafted.add(segmentOf(most, most, SEGMENT_HEAD));
  bench.crafted.add(segmentOf(most + 1, most + 1, SEGMENT_HEAD));
  CHECK(bench.append() == Appender::kNothing);
  CHECK(bench.appender->bad() == 1);
  std::vector<Bytes> records = bench.reader.read();
  CHECK(records.size() == 1);
  CHECK(records[0] == segmentOf(most, most, SEGMENT_HEAD));
}

void slabsInOrderNewestFirst() {
  Bench bench(4);
  auto fill = [&] {
    CHECK(bench.writer.append(Slabs::kLargestRecord));
    bench.writer.publish(0);
    bench.reader.read();
  };
  CHECK(bench.reader.load(Slabs::kFree) == 4);
  fill();
  CHECK(bench.reader.load(Slabs::kFree) == 3);
  fill();
  fill();
  CHECK((bench.reader.left == std::vector<uint32_t>{0, 1, 2}));
  CHECK(bench.reader.load(Slabs::kFree) == 1);
  bench.reader.free(2);
  bench.reader.free(0);
  bench.writer.publish(0);
  CHECK(bench.reader.load(Slabs::kFree) == 3);
  fill();
  fill();
  fill();
  CHECK((bench.reader.left == std::vector<uint32_t>{0, 1, 2, 0, 2, 3}));
  CHECK(bench.reader.load(Slabs::kFree) == 0);
}

// Nobody reads: what finds no slab stays in the ring, and nothing is overwritten. Then each slab that is
// freed lets so much more come.
void slabsThatRunOut() {
  Bench bench(2);
  std::vector<Bytes> sent, seen;
  auto send = [&] {
    sent.push_back(segmentOf(8000, 7001 + static_cast<uint32_t>(sent.size()) % 1000, SEGMENT_HEAD));
    bench.crafted.add(sent.back());
    sent.back().resize(sizeof(segment) + 7001 + (sent.size() - 1) % 1000);
  };
  for (int turn = 0; turn < 5; turn++) {
    Appender::Progress progress = Appender::kNothing;
    while (progress == Appender::kNothing || bench.crafted.room() > 8100) {
      send();
      progress = bench.append();
    }
    CHECK(progress == Appender::kNoRoom);
    uint64_t consumed = bench.crafted.consumed();
    CHECK(bench.append() == Appender::kNoRoom);
    CHECK(bench.crafted.consumed() == consumed && consumed < bench.crafted.position());
    CHECK(bench.reader.load(Slabs::kFree) == 0);
    for (Bytes& each : bench.reader.read()) seen.push_back(std::move(each));
    bench.reader.freeAllLeft();
    CHECK(bench.append() == Appender::kNothing);
  }
  for (Bytes& each : bench.reader.read()) seen.push_back(std::move(each));
  CHECK(seen == sent);
  CHECK(bench.reader.load(Slabs::kShedRecords) == 0);
}

void bodiesAreShedBeforeHeads() {
  Bench bench(8);  // of which two are kept
  for (int slab = 0; slab < 5; slab++) bench.writer.append(Slabs::kLargestRecord);
  bench.writer.publish(0);
  bench.reader.read();
  Bytes body = segmentOf(100, 99, SEGMENT_LAST), head = segmentOf(100, 99, SEGMENT_LAST | SEGMENT_HEAD);
  Bytes empty = segmentOf(100, 0), end = recordOf(RECORD_ENDED, sizeof(ending));
  auto send = [&] {
    for (const Bytes* each : {&body, &head, &empty, &end}) bench.crafted.add(*each);
    CHECK(bench.append() == Appender::kNothing);
    return bench.reader.read();
  };
  auto payload = [&](const Bytes& record) { return firstBytes(record, sizeof(segment) + 99); };
  // Three are free when the first is judged, and then it takes the third.
  std::vector<Bytes> records = send();
  Bytes withoutPayload = firstBytes(body, sizeof(segment));
  CHECK(
      (records == std::vector<Bytes>{payload(body), payload(head), firstBytes(empty, sizeof(segment)), end}));
  CHECK(bench.reader.load(Slabs::kShedRecords) == 0);
  records = send();
  withoutPayload[offsetof(record, flags)] |= SEGMENT_SHED;
  CHECK((records ==
         std::vector<Bytes>{withoutPayload, payload(head), firstBytes(empty, sizeof(segment)), end}));
  CHECK(bench.reader.load(Slabs::kShedRecords) == 1);
  CHECK(bench.reader.load(Slabs::kShedBytes) == 99);
  bench.reader.freeAllLeft();
  CHECK(send()[0] == payload(body));
  CHECK(bench.reader.load(Slabs::kShedRecords) == 1);
}

// Slabs that are kept, for a while or for ever, keep their bytes; the others go round.
void freedInAnyOrder() {
  std::mt19937 random(5);
  Bench bench(7);
  struct Kept {
    uint32_t slab;
    Bytes bytes;
  };
  std::vector<Kept> kept;
  uint32_t sent = 0, seen = 0;
  for (int turn = 0; turn < 10000; turn++) {
    while (bench.crafted.room() > 8200) {
      Bytes bytes = segmentOf(random() % 8000, 0, SEGMENT_HEAD);
      uint32_t len = static_cast<uint32_t>(bytes.size() - sizeof(segment));
      memcpy(bytes.data() + offsetof(segment, len), &len, sizeof(len));
      memcpy(bytes.data() + offsetof(segment, seq), &sent, sizeof(sent));
      sent++;
      bench.crafted.add(bytes);
    }
    bench.append();
    for (const Bytes& each : bench.reader.read()) {
      uint32_t number;
      memcpy(&number, each.data() + offsetof(segment, seq), sizeof(number));
      CHECK(number == seen++);
    }
    for (uint32_t slab : bench.reader.left)
      kept.push_back({slab, Bytes(bench.reader.slab(slab), bench.reader.slab(slab) + kSlab)});
    bench.reader.left.clear();
    if (kept.size() < 5) continue;
    std::shuffle(kept.begin(), kept.end(), random);
    for (size_t count = 1 + random() % 5; count > 0; count--) {
      CHECK(memcmp(bench.reader.slab(kept.back().slab), kept.back().bytes.data(), kSlab) == 0);
      bench.reader.free(kept.back().slab);
      kept.pop_back();
    }
  }
  CHECK(bench.reader.position() > 5 * 7 * kSlab);
}

void freedWhatIsNotHeld() {
  for (uint32_t wrong : {0u, 1u, 2u, 0xffffffffu}) {
    Bench bench(2);
    if (wrong == 0) {  // is held, but not twice
      bench.writer.append(Slabs::kLargestRecord);
      bench.reader.free(0);
    }
    bench.reader.free(wrong);
    bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending)));
    CHECK(bench.appendError() == EINVAL);
  }
}

}  // namespace
}  // namespace tinytap

int main() {
  using namespace tinytap;
  sizesThatCanNotBe();
  slabEnds();
  largestRecord();
  slabsInOrderNewestFirst();
  slabsThatRunOut();
  bodiesAreShedBeforeHeads();
  freedInAnyOrder();
  freedWhatIsNotHeld();
  puts("ok");
}
