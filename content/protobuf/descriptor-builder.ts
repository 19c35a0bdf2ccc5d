/**
 * Puts descriptors together, from whatever declares them. The names of types may be as a file has them: they are looked up
 * when all are known, and only then is it clear whether a field whose `type` is empty is an enum or a message.
 */
import {
  noDescriptors,
  type Descriptors,
  type FieldDescriptor,
  type MessageDescriptor,
} from "./descriptors.ts";

export class DescriptorBuilder {
  readonly #descriptors = noDescriptors();
  /** What is to be done then. */
  readonly #open: (() => void)[] = [];

  /** `name`: its full one. */
  message(name: string, isMapEntry = false): MessageDescriptor {
    const message: MessageDescriptor = { fields: new Map(), isMapEntry };
    this.#descriptors.messages.set(name, message);
    return message;
  }

  /** `scope`: where the field is declared, and from where on outwards the name of its type is looked up. */
  field(message: MessageDescriptor, number: number, declared: FieldDescriptor, scope: string): void {
    message.fields.set(number, this.#resolved(declared, scope));
  }

  /** A field that is declared elsewhere than the message that it extends. */
  extension(extended: string, number: number, declared: FieldDescriptor, scope: string): void {
    const name = `[${within(scope, declared.name)}]`;
    const field = this.#resolved({ ...declared, name }, scope);
    this.#open.push(() => {
      this.#descriptors.messages.get(this.#find(extended, scope))?.fields.set(number, field);
    });
  }

  /** Of several names for a number JSON takes the first. */
  enum(name: string, values: readonly (readonly [name: string, number: number])[]): void {
    const names = new Map(values.map(([value, number]) => [number, value] as const).toReversed());
    this.#descriptors.enums.set(name, names);
  }

  /** `service`: its full name. */
  method(service: string, name: string, types: { request: string; response: string }, scope: string): void {
    this.#open.push(() => {
      const [request, response] = [this.#find(types.request, scope), this.#find(types.response, scope)];
      this.#descriptors.methods.set(`${service}/${name}`, { request, response });
    });
  }

  finish(): Descriptors {
    for (const resolve of this.#open) resolve();
    return this.#descriptors;
  }

  #resolved(declared: FieldDescriptor, scope: string): FieldDescriptor {
    const field = { ...declared };
    if (declared.typeName !== "")
      this.#open.push(() => {
        field.typeName = this.#find(declared.typeName, scope);
        if (field.type === "") field.type = this.#descriptors.enums.has(field.typeName) ? "enum" : "message";
      });
    return field;
  }

  /** The full name of a message or an enum: behind a dot, or to be looked up. */
  #find(name: string, scope: string): string {
    if (name.startsWith(".")) return name.slice(1);
    const { messages, enums } = this.#descriptors;
    for (let from = scope; from !== ""; from = from.slice(0, Math.max(from.lastIndexOf("."), 0))) {
      const full = within(from, name);
      if (messages.has(full) || enums.has(full)) return full;
    }
    return name;
  }
}

/** A full name: of what is declared in a package, or in a message. */
export function within(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
