// Gathers what one file tells, with a limit: a file of a few megabytes must not become millions of packages.

import { limitExceeded } from "../base/errors.ts";
import type { CatalogResult, Package } from "../model/package.ts";

const maxPackages = 200_000;
const maxProblems = 20;

/** What could not be read of one file, with a limit: millions of broken records are one broken file. */
export class Problems {
  readonly #told: string[] = [];
  #untold = 0;

  add(what: string): void {
    if (this.#told.length < maxProblems) this.#told.push(what);
    else this.#untold += 1;
  }

  /** Nothing where there is none. */
  result(): Pick<CatalogResult, "problems"> {
    if (this.#told.length === 0) return {};
    return { problems: this.#untold === 0 ? this.#told : [...this.#told, `and ${this.#untold} more of this kind`] };
  }
}

export class Collection {
  readonly #path: string;
  readonly #packages = new Map<string, Package>();
  readonly #problems = new Problems();

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
    this.#problems.add(what);
  }

  get size(): number {
    return this.#packages.size;
  }

  result(): CatalogResult {
    return { packages: [...this.#packages.values()], owned: [], ...this.#problems.result() };
  }
}
