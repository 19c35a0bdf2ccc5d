#include "appender.h"

#include <algorithm>
#include <cstring>

#include "../bpf/records.h"

namespace tinytap {
namespace {

// So often the reader and the kernel hear how far we are: seldom enough to cost nothing beside the copying.
constexpr uint64_t kStepBytes = 64 * 1024;

// The fixed part of any record, out of a ring in which it may wrap.
union Head {
  record common;
  opened open;
  segment piece;
  ending end;
  process event;
  uint8_t bytes[1];
};

// The bytes of a record that mean something; 0 if it can't be one.
size_t meaningful(const Head& head, size_t length) {
  if (length < sizeof(record)) return 0;
  switch (head.common.kind) {
    case RECORD_OPENED:
      return length >= sizeof(opened) ? sizeof(opened) : 0;
    case RECORD_ENDED:
    case RECORD_CLOSED:
      return length >= sizeof(ending) ? sizeof(ending) : 0;
    case RECORD_PROCESS:
      return length >= sizeof(process) ? sizeof(process) : 0;
    case RECORD_SEGMENT: {
      if (length < sizeof(segment)) return 0;
      size_t payload = head.piece.len;
      return payload <= length - sizeof(segment) ? sizeof(segment) + payload : 0;
    }
    default:
      return 0;
  }
}

bool isBody(const Head& head) {
  return head.common.kind == RECORD_SEGMENT && head.piece.len > 0 && !(head.common.flags & SEGMENT_HEAD);
}

}  // namespace

Appender::Appender(Ring& ring, Slabs& slabs) : ring_(ring), slabs_(slabs), position_(ring.consumed()) {
  slabs_.publish(position_);
}

Appender::Progress Appender::append(uint64_t end) {
  uint64_t from = position_;
  uint64_t stop = std::min(end, from + kStepBytes);
  bool room = true;
  while (position_ < stop) {
    Ring::Record record = ring_.at(position_, end);
    if (record.state == Ring::Record::kBusy) break;
    room = record.state == Ring::Record::kDiscarded || take(record);
    if (!room) break;
    position_ = record.next;
  }
  if (position_ == from) return room ? kNothing : kNoRoom;
  slabs_.publish(position_);
  ring_.release(position_);
  return kSome;
}

// False where it has no room; a record that is refused needs none.
bool Appender::take(const Ring::Record& record) {
  Head head;
  ring_.copy(record.position, std::min(record.length, sizeof(head)), head.bytes);
  size_t bytes = meaningful(head, record.length);
  if (bytes == 0 || bytes > Slabs::kLargestRecord) {
    bad_++;
    return true;
  }
  bool shed = isBody(head) && slabs_.runShort();
  if (shed) {
    head.common.flags |= SEGMENT_SHED;
    bytes = sizeof(segment);
  }
  uint8_t* to = slabs_.append(bytes);
  if (!to) return false;
  size_t fixed = std::min(bytes, sizeof(head));
  memcpy(to, &head, fixed);
  ring_.copy(record.position + fixed, bytes - fixed, to + fixed);
  if (shed) slabs_.countShed(head.piece.len);
  return true;
}

}  // namespace tinytap
