/** What a `.proto` file declares. Protobuf.js reads its language; the names of types are looked up when all files are read. */
import protobuf from "protobufjs";
import type { DescriptorBuilder } from "../../content/protobuf/descriptor-builder.ts";
import { fieldTypes, jsonName, type FieldDescriptor } from "../../content/protobuf/descriptors.ts";

const simpleTypes: ReadonlySet<string> = new Set(fieldTypes);

/** Throws where the text is no such file, with the line. */
export function addProtoSource(builder: DescriptorBuilder, text: string): void {
  const root = new protobuf.Root();
  protobuf.parse(text, root, { keepCase: true });
  addAll(builder, root);
}

/** What is declared in a package, or in a message. */
function addAll(builder: DescriptorBuilder, scope: protobuf.NamespaceBase): void {
  for (const declared of scope.nestedArray) {
    if (declared instanceof protobuf.Type) addMessage(builder, declared);
    else if (declared instanceof protobuf.Enum)
      builder.enum(nameOf(declared), Object.entries(declared.values));
    else if (declared instanceof protobuf.Service) addService(builder, declared);
    else if (declared instanceof protobuf.Field) addExtension(builder, declared, nameOf(scope));
    else if (declared instanceof protobuf.Namespace) addAll(builder, declared);
  }
}

function addMessage(builder: DescriptorBuilder, type: protobuf.Type): void {
  const name = nameOf(type);
  const message = builder.message(name);
  for (const field of type.fieldsArray) {
    const declared = field instanceof protobuf.MapField ? mapField(builder, field, name) : fieldOf(field);
    builder.field(message, field.id, declared, name);
  }
  addAll(builder, type);
}

/** A map is a repeated message of a key and a value, which no file spells out; named as compilers do. */
function mapField(builder: DescriptorBuilder, field: protobuf.MapField, scope: string): FieldDescriptor {
  const camel = jsonName(field.name);
  const entryName = `${scope}.${camel.slice(0, 1).toUpperCase()}${camel.slice(1)}Entry`;
  const entry = builder.message(entryName, true);
  builder.field(entry, 1, { ...typeOf(field.keyType), name: "key", isRepeated: false }, scope);
  builder.field(entry, 2, { ...typeOf(field.type), name: "value", isRepeated: false }, scope);
  return { name: jsonNameOf(field), type: "message", typeName: `.${entryName}`, isRepeated: true };
}

function fieldOf(field: protobuf.Field): FieldDescriptor {
  return {
    ...typeOf(field.type),
    name: jsonNameOf(field),
    isRepeated: field.repeated,
    ...(field.partOf && { oneof: field.partOf.name }),
  };
}

function typeOf(type: string): Pick<FieldDescriptor, "type" | "typeName"> {
  return simpleTypes.has(type) ? { type, typeName: "" } : { type: "", typeName: type };
}

function jsonNameOf(field: protobuf.FieldBase): string {
  const given: unknown = field.options?.["json_name"];
  return typeof given === "string" ? given : jsonName(field.name);
}

function addService(builder: DescriptorBuilder, service: protobuf.Service): void {
  const scope = service.parent ? nameOf(service.parent) : "";
  for (const { name, requestType, responseType } of service.methodsArray)
    builder.method(nameOf(service), name, { request: requestType, response: responseType }, scope);
}

function addExtension(builder: DescriptorBuilder, field: protobuf.Field, scope: string): void {
  const declared = { ...fieldOf(field), name: field.name };
  if (field.extend !== undefined) builder.extension(field.extend, field.id, declared, scope);
}

/** The full one. */
function nameOf(declared: protobuf.ReflectionObject): string {
  return declared.fullName.replace(/^\./, "");
}
