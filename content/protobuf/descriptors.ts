/** What messages, enums and methods are called, and what is in them: as `.proto` files say it, and servers that are asked. */

export interface Descriptors {
  /** By their full names, e.g. `shop.v1.Order`. */
  messages: Map<string, MessageDescriptor>;
  /** Names by numbers. */
  enums: Map<string, Map<number, string>>;
  /** By service and method, e.g. `shop.v1.Shop/Buy`. */
  methods: Map<string, MethodDescriptor>;
}

export interface MessageDescriptor {
  /** By their numbers. */
  fields: Map<number, FieldDescriptor>;
  /** One entry of a map: its key is field 1, its value 2. */
  isMapEntry: boolean;
}

/** As `.proto` files name them, and `descriptor.proto` numbers them, from 1. */
export const fieldTypes = [
  ...["double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "group"],
  ...["message", "bytes", "uint32", "enum", "sfixed32", "sfixed64", "sint32", "sint64"],
] as const;

export interface FieldDescriptor {
  /** As JSON has it. */
  name: string;
  /** One of `fieldTypes`. */
  type: string;
  /** Of a message, a group, an enum: its full name. */
  typeName: string;
  isRepeated: boolean;
  /** Of those with the same, in one message, at most one is set. */
  oneof?: string;
}

/** Full names of messages. */
export interface MethodDescriptor {
  request: string;
  response: string;
}

export function noDescriptors(): Descriptors {
  return { messages: new Map(), enums: new Map(), methods: new Map() };
}

/** As JSON names a field that has no name of its own for it, e.g. `unitPrice` for `unit_price`. */
export function jsonName(name: string): string {
  return name.replaceAll(/_+([a-zA-Z0-9]?)/g, (_, next: string) => next.toUpperCase());
}
