/** A value that must not be seen: it prints as `[secret]` wherever it is written by mistake. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The one way to the value; a reader searches for this word. */
  expose(): T {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Bun.inspect.custom](): string {
    return "[secret]";
  }
}
