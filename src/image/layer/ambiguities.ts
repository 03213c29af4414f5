// What known readers understand differently in one layer, each thing once and never without end.

import type { Ambiguity } from "../../model/layer.ts";

/** Of one rule; there may be millions. */
const maxOfRule = 10;

export class Ambiguities {
  readonly #list: Ambiguity[] = [];
  readonly #counts = new Map<string, number>();

  note(rule: string, path: string, detail: string): void {
    const count = (this.#counts.get(rule) ?? 0) + 1;
    this.#counts.set(rule, count);
    if (count <= maxOfRule) this.#list.push({ rule, path, detail });
  }

  /** In the order they were met. */
  list(): readonly Ambiguity[] {
    const more = [...this.#counts].filter(([, count]) => count > maxOfRule);
    return [...this.#list, ...more.map(([rule, count]) => ({ rule, path: "", detail: `${count} times in all` }))];
  }
}
