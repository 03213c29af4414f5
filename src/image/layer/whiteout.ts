// Names that delete: `.wh.NAME` and `.wh..wh..opq`. Source: OCI image-spec v1.1.0, layer.md, "Whiteouts"; AUFS, aufs(5).

export type Whiteout = {
  /** `odd`: engines differ on it, so it deletes nothing here. */
  readonly kind: "none" | "whiteout" | "opaque" | "odd";
  /** What it deletes, or the directory whose lower content it hides. */
  readonly path: string;
};

const prefix = ".wh.";
const none: Whiteout = { kind: "none", path: "" };

/** @param base where the last name of the path begins: the prefix counts nowhere else */
export function readWhiteout(path: string, base: number): Whiteout {
  if (!path.startsWith(prefix, base)) return none;
  const directory = path.slice(0, Math.max(0, base - 1));
  const name = path.slice(base + prefix.length);
  if (name === ".wh..opq") return { kind: "opaque", path: directory };
  const isOdd = name === "" || name === "." || name === ".." || name.startsWith(prefix);
  return isOdd ? { kind: "odd", path } : { kind: "whiteout", path: path.slice(0, base) + name };
}
