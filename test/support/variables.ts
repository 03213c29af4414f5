// Names that a row of the catalogue may use in its texts: ${MARKFILE}, ${victim.Id}, ${victim.Id[0:3]}.

import { at } from "./json.ts";

export class Variables {
  readonly #values: Map<string, unknown>;
  readonly #outputs = new Map<string, { readonly status: number; readonly text: string }>();

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = new Map(Object.entries(values));
  }

  with(name: string, value: unknown): Variables {
    this.#values.set(name, value);
    return this;
  }

  keepOutput(name: string, status: number, text: string): void {
    this.#outputs.set(name, { status, text });
  }

  outputOf(name: string): { readonly status: number; readonly text: string } | undefined {
    return this.#outputs.get(name);
  }

  /** Every text inside the value, keys included. Names that mean nothing yet become the empty text. */
  fill(value: unknown): unknown {
    if (typeof value === "string") return this.fillText(value) ?? "";
    if (Array.isArray(value)) return value.map((item) => this.fill(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.fillText(key) ?? "", this.fill(item)]));
  }

  /** undefined when the text has a name that means nothing yet: the step before it failed. */
  fillText(text: string): string | undefined {
    let isComplete = true;
    const filled = text.replaceAll(
      /\$\{([A-Za-z][\w.]*)(?:\[(\d+):(\d+)\])?\}/g,
      (_, name: string, from?: string, to?: string) => {
        const [first = "", ...path] = name.split(".");
        const value = at(this.#values.get(first), ...path) ?? this.#values.get(name);
        if (typeof value === "string" || typeof value === "number") {
          return from === undefined ? String(value) : String(value).slice(Number(from), Number(to));
        }
        isComplete = false;
        return "";
      },
    );
    return isComplete ? filled : undefined;
  }
}
