// Where the files of a container's overlay lie on the host: its own layer, and those of the image below it.
// Source: proc(5), mountinfo; Linux Documentation/filesystems/overlayfs.rst, "Multiple lower layers".

import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type OverlayMount = {
  /** In the container. */
  readonly folder: string;
  readonly upper: string;
  /** The uppermost first. */
  readonly lower: readonly string[];
};

const mostBytes = 1 << 20;

/** @param mountinfo of a process of the container @returns only those whose layers are named from the root of the host */
export function readOverlayMounts(mountinfo: string): readonly OverlayMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const folder = unescapePath(before.split(" ")[4] ?? "");
    const [type, , options = ""] = after.split(" ");
    if (type !== "overlay") return [];
    const upper = optionsOf(options, "upperdir")[0] ?? "";
    const lower = optionsOf(options, "lowerdir").flatMap(splitLayers);
    return [upper, ...lower].every((path) => path.startsWith("/")) ? [{ folder, upper, lower }] : [];
  });
}

export function readMountsOf(pid: number): readonly OverlayMount[] {
  try {
    return readOverlayMounts(readFileSync(`/proc/${pid}/mountinfo`, "utf8").slice(0, mostBytes));
  } catch {
    return []; // it is gone
  }
}

/** @param path in the container @returns the file in the container's own layer, and in the image */
export function placesOf(
  mounts: readonly OverlayMount[],
  path: string,
): { readonly upper: string; readonly lower: string } | undefined {
  const found = layersOf(mounts, path);
  return found?.lower === undefined ? undefined : { upper: found.upper, lower: found.lower };
}

/** @returns where the file would lie in the container's own layer, and where it lies in the image */
export function layersOf(
  mounts: readonly OverlayMount[],
  path: string,
): { readonly upper: string; readonly lower: string | undefined; readonly isCopied: boolean } | undefined {
  const mount = mounts
    .filter(({ folder }) => folder === "/" || path.startsWith(`${folder}/`))
    .reduce<OverlayMount | undefined>(
      (best, each) => (each.folder.length >= (best?.folder.length ?? 0) ? each : best),
      undefined,
    );
  if (mount === undefined) return undefined;
  const inside = mount.folder === "/" ? path : path.slice(mount.folder.length);
  const layer = mount.lower.find((each) => hasFile(each, inside));
  return {
    upper: join(mount.upper, inside),
    lower: layer === undefined ? undefined : join(layer, inside),
    isCopied: layer !== undefined && hasFile(mount.upper, inside),
  };
}

/** Through folders only: what an image calls a link would lead into the host. */
function hasFile(layer: string, path: string): boolean {
  const names = path.split("/").filter((name) => name !== "");
  let place = layer;
  for (const [index, name] of names.entries()) {
    if (name === "..") return false;
    place = `${place}/${name}`;
    const found = lstatSync(place, { throwIfNoEntry: false });
    const isLast = index === names.length - 1;
    if (!(isLast ? found?.isFile() : found?.isDirectory())) return false;
  }
  return names.length > 0;
}

function optionsOf(options: string, name: string): readonly string[] {
  // A comma in a path is written with a backslash before it.
  return options
    .split(/(?<!\\),/)
    .filter((option) => option.startsWith(`${name}=`) || option.startsWith(`${name}+=`))
    .map((option) => unescapePath(option.slice(option.indexOf("=") + 1)).replaceAll("\\,", ","));
}

/** Layers are divided by colons; one that is in a name has a backslash before it. */
function splitLayers(text: string): readonly string[] {
  return text.split(/(?<!\\):/).map((layer) => layer.replaceAll("\\:", ":"));
}

function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
