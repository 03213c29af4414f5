// Where an entry of an archive lands, as the engine sees it: cleaned like filepath.Clean below the target folder.

export type CleanPath = {
  /** `a/b`, without leading slash; "" for the folder itself. */
  readonly path: string;
  /** It climbs, or holds bytes that no name has. */
  readonly isOdd: boolean;
};

export function cleanPath(name: string): CleanPath {
  if (isCleanAlready(name)) return { path: name, isOdd: false };
  const segments = name.split("/").filter((segment) => segment !== "" && segment !== ".");
  return { path: segments.join("/"), isOdd: segments.includes("..") || name.includes("\0") };
}

/** Most names of most archives. */
function isCleanAlready(name: string): boolean {
  return name !== "" && !name.startsWith("/") && !name.startsWith(".") && !/\/(?:\/|\.|$)|\0/.test(name);
}

/** `a/b/c` -> `a`, `a/b` */
export function foldersOf(path: string): readonly string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("/"));
}

/** More links than any real tree has between its folders. */
const maxLinks = 200_000;

/** Knows the links of an archive, because an entry below a link lands somewhere else than its path says. */
export class LinkTracker {
  readonly #links = new Set<string>();

  /** @param type of the entry; a hard link to a link is one, anything else replaces what was there */
  add(path: string, type: string): void {
    if ((type === "1" || type === "2") && this.#links.size < maxLinks) this.#links.add(path);
    else if (this.#links.size > 0) this.#links.delete(path);
  }

  isBelowLink(path: string): boolean {
    if (this.#links.size === 0) return false;
    if (this.#links.size >= maxLinks) return true;
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      if (this.#links.has(path.slice(0, at))) return true;
    }
    return false;
  }
}
