// Gathers what one file tells, with a limit: a file of a few megabytes must not become millions of packages.

import { limitExceeded } from "../base/errors.ts";
import type { CatalogResult, Package } from "../model/package.ts";

const maxPackages = 200_000;
const maxProblems = 20;

export class Collection {
  readonly #path: string;
  readonly #packages = new Map<string, Package>();
  readonly #problems: string[] = [];
  #untold = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The same name and version from the same place counts once; installed wins over asked for. */
  add(item: Package): void {
    const key = `${item.name}\0${item.version}\0${item.evidence}`;
    const known = this.#packages.get(key);
    if (known === undefined || (item.isInstalled && !known.isInstalled)) this.#packages.set(key, item);
    if (this.#packages.size > maxPackages) throw limitExceeded(this.#path, `more than ${maxPackages} packages`);
  }

  addProblem(what: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push(what);
    else this.#untold += 1;
  }

  get size(): number {
    return this.#packages.size;
  }

  result(): CatalogResult {
    const problems = this.#untold === 0 ? this.#problems : [...this.#problems, `and ${this.#untold} more of this kind`];
    return { packages: [...this.#packages.values()], owned: [], ...(problems.length > 0 && { problems }) };
  }
}
