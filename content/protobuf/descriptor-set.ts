/** Descriptors as they are exchanged: messages of `descriptor.proto`, one for each `.proto` file. */
import { within, type DescriptorBuilder } from "./descriptor-builder.ts";
import { fieldTypes, jsonName, type FieldDescriptor } from "./descriptors.ts";
import { Fields } from "./fields.ts";

const repeated = 3n;

/** A file's name, and those of the files that it imports. `bytes`: a FileDescriptorProto. */
export function describedFile(bytes: Uint8Array): { name: string; imports: string[] } {
  const file = Fields.of(bytes);
  return { name: file.text(1), imports: file.texts(3) };
}

/** The files of a FileDescriptorSet, as `protoc --descriptor_set_out` writes it. */
export function filesOfSet(bytes: Uint8Array): Uint8Array[] {
  return Fields.of(bytes).all(1);
}

/** `bytes`: a FileDescriptorProto. Files may be added in any order. */
export function addDescribedFile(builder: DescriptorBuilder, bytes: Uint8Array): void {
  const file = Fields.of(bytes);
  const scope = file.text(2);
  for (const message of file.messages(4)) addMessage(builder, message, scope);
  for (const each of file.messages(5)) addEnum(builder, each, scope);
  for (const service of file.messages(6)) {
    const name = within(scope, service.text(1));
    for (const method of service.messages(2))
      builder.method(name, method.text(1), { request: method.text(2), response: method.text(3) }, scope);
  }
  for (const extension of file.messages(7)) addExtension(builder, extension, scope);
}

function addMessage(builder: DescriptorBuilder, described: Fields, scope: string): void {
  const name = within(scope, described.text(1));
  const isMapEntry = described.messages(7).some((options) => options.integer(7) !== 0n);
  const message = builder.message(name, isMapEntry);
  const oneofs = described.messages(8).map((oneof) => oneof.text(1));
  for (const field of described.messages(2))
    builder.field(message, Number(field.integer(3)), fieldOf(field, oneofs), name);
  for (const nested of described.messages(3)) addMessage(builder, nested, name);
  for (const each of described.messages(4)) addEnum(builder, each, name);
  for (const extension of described.messages(6)) addExtension(builder, extension, name);
}

function fieldOf(field: Fields, oneofs: readonly string[] = []): FieldDescriptor {
  const oneof = field.has(9) ? oneofs[Number(field.integer(9))] : undefined;
  return {
    name: field.text(10) || jsonName(field.text(1)),
    type: fieldTypes[Number(field.integer(5)) - 1] ?? "",
    typeName: field.text(6),
    isRepeated: field.integer(4) === repeated,
    ...(oneof !== undefined && { oneof }),
  };
}

function addEnum(builder: DescriptorBuilder, described: Fields, scope: string): void {
  const values = described.messages(2).map((value) => [value.text(1), Number(value.integer(2))] as const);
  builder.enum(within(scope, described.text(1)), values);
}

/** JSON names it by the name that the file gives it. */
function addExtension(builder: DescriptorBuilder, field: Fields, scope: string): void {
  const declared = { ...fieldOf(field), name: field.text(1) };
  builder.extension(field.text(2), Number(field.integer(3)), declared, scope);
}
