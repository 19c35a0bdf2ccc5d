/** Descriptors as they are exchanged: messages of `descriptor.proto`, one for each `.proto` file. */
import {
  fieldTypes,
  jsonName,
  noDescriptors,
  type Descriptors,
  type FieldDescriptor,
} from "./descriptors.ts";
import { Fields } from "./fields.ts";

const repeated = 3n;

/** A file's name, and those of the files that it imports. `bytes`: a FileDescriptorProto. */
export function describedFile(bytes: Uint8Array): { name: string; imports: string[] } {
  const file = new Fields(bytes);
  return { name: file.text(1), imports: file.texts(3) };
}

/** The files of a FileDescriptorSet, as `protoc --descriptor_set_out` writes it. */
export function filesOfSet(bytes: Uint8Array): Uint8Array[] {
  return new Fields(bytes).all(1);
}

/** `files`: each a FileDescriptorProto, in any order. */
export function readDescriptors(files: readonly Uint8Array[]): Descriptors {
  const reader = new Reader();
  for (const bytes of files) reader.add(new Fields(bytes));
  reader.resolve();
  return reader.descriptors;
}

class Reader {
  readonly descriptors = noDescriptors();
  /** What can only be done when all names are known. */
  readonly #open: (() => void)[] = [];

  add(file: Fields): void {
    const scope = file.text(2);
    for (const message of file.messages(4)) this.#addMessage(message, scope);
    for (const each of file.messages(5)) this.#addEnum(each, scope);
    for (const service of file.messages(6)) this.#addService(service, scope);
    for (const extension of file.messages(7)) this.#addExtension(extension, scope);
  }

  resolve(): void {
    for (const resolve of this.#open) resolve();
  }

  #addMessage(message: Fields, scope: string): void {
    const name = within(scope, message.text(1));
    const isMapEntry = message.messages(7).some((options) => options.integer(7) !== 0n);
    const fields = new Map(
      message.messages(2).map((field) => [Number(field.integer(3)), this.#field(field, name)]),
    );
    this.descriptors.messages.set(name, { fields, isMapEntry });
    for (const nested of message.messages(3)) this.#addMessage(nested, name);
    for (const each of message.messages(4)) this.#addEnum(each, name);
    for (const extension of message.messages(6)) this.#addExtension(extension, name);
  }

  #field(field: Fields, scope: string): FieldDescriptor {
    const described: FieldDescriptor = {
      name: field.text(10) || jsonName(field.text(1)),
      type: fieldTypes[Number(field.integer(5)) - 1] ?? "",
      typeName: "",
      isRepeated: field.integer(4) === repeated,
      ...(field.has(9) && { oneof: String(field.integer(9)) }),
    };
    if (field.has(6)) this.#open.push(() => (described.typeName = this.#find(field.text(6), scope)));
    return described;
  }

  #addEnum(described: Fields, scope: string): void {
    const names = new Map<number, string>();
    // Of several names JSON takes the first.
    for (const value of described.messages(2).toReversed())
      names.set(Number(value.integer(2)), value.text(1));
    this.descriptors.enums.set(within(scope, described.text(1)), names);
  }

  #addService(service: Fields, scope: string): void {
    for (const method of service.messages(2)) {
      const path = `${within(scope, service.text(1))}/${method.text(1)}`;
      this.#open.push(() => {
        const [request, response] = [2, 3].map((number) => this.#find(method.text(number), scope));
        this.descriptors.methods.set(path, { request: request!, response: response! });
      });
    }
  }

  /** A field that is declared elsewhere than its message. */
  #addExtension(extension: Fields, scope: string): void {
    const field = this.#field(extension, scope);
    field.name = `[${within(scope, extension.text(1))}]`;
    this.#open.push(() => {
      const extended = this.descriptors.messages.get(this.#find(extension.text(2), scope));
      extended?.fields.set(Number(extension.integer(3)), field);
    });
  }

  /** The full name: compilers write it behind a dot; others write it as it is in the file, to be looked up outwards. */
  #find(name: string, scope: string): string {
    if (name.startsWith(".")) return name.slice(1);
    const { messages, enums } = this.descriptors;
    for (let from = scope; from !== ""; from = from.slice(0, Math.max(from.lastIndexOf("."), 0))) {
      const full = within(from, name);
      if (messages.has(full) || enums.has(full)) return full;
    }
    return name;
  }
}

function within(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
