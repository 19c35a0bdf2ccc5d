/** A package of which both descriptor sets and the file itself are read: what protobuf.js makes of it is what we have to. */
import assert from "node:assert/strict";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import protojson from "protobufjs/ext/protojson.js";
import { DescriptorBuilder } from "../../../../content/protobuf/descriptor-builder.ts";
import { addDescribedFile, filesOfSet } from "../../../../content/protobuf/descriptor-set.ts";
import type { Descriptors } from "../../../../content/protobuf/descriptors.ts";

export const source = `
syntax = "proto3";
package shop.v1;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/field_mask.proto";
enum Colour { COLOUR_NONE = 0; RED = 1; GREEN = -2; }
message Scalars {
  double double = 1; float float = 2; int32 int32 = 3; int64 int64 = 4; uint32 uint32 = 5; uint64 uint64 = 6;
  sint32 sint32 = 7; sint64 sint64 = 8; fixed32 fixed32 = 9; fixed64 fixed64 = 10; sfixed32 sfixed32 = 11;
  sfixed64 sfixed64 = 12; bool bool = 13; string string = 14; bytes bytes = 15; Colour colour = 16;
  repeated int32 int32s = 17; repeated double doubles = 18; repeated string strings = 19;
  repeated Colour colours = 20; repeated sint64 apart = 21 [packed = false];
}
message Order {
  message Line { string item_name = 1; int64 unit_price = 2; Line part_of = 3; }
  string id = 1;
  repeated Line lines = 2;
  map<string, int32> stock = 3;
  map<int64, Line> by_number = 4;
  map<bool, Colour> colours = 14;
  oneof payment { string card = 5; Line voucher = 6; }
  google.protobuf.Timestamp at = 7;
  google.protobuf.Duration within = 8;
  google.protobuf.Struct extra = 9;
  google.protobuf.Any detail = 10;
  google.protobuf.Int64Value limit = 11;
  google.protobuf.FieldMask mask = 12;
  repeated google.protobuf.Value values = 13;
  google.protobuf.StringValue words = 15;
}
service Shop { rpc Buy (Order) returns (Scalars); }`;

const google = ["any", "duration", "struct", "timestamp", "wrappers", "field_mask"];
export const root = new protobuf.Root();
for (const name of google) {
  const common = protobuf.common.get(`google/protobuf/${name}.proto`);
  assert.ok(common?.nested);
  root.addJSON(common.nested);
}
protobuf.parse(source, root);
root.resolveAll();
protojson.install();

/** By way of a FileDescriptorSet, as `protoc` or a server gives it. */
export function describedShop(): Descriptors {
  const set = descriptor.FileDescriptorSet;
  const { file } = root.toDescriptor("proto3") as unknown as { file: object[] };
  const builder = new DescriptorBuilder();
  for (const bytes of filesOfSet(set.encode({ file }).finish())) addDescribedFile(builder, bytes);
  return builder.finish();
}
