// Debian's kernel for the guest, from the test cache, and the first file system that fits it.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newerSuite } from "../newer-suite.ts";
import { type InitrdFile, initrd } from "./initrd.ts";

export type GuestKernel = {
  /** `6.1.0-50-amd64` */
  readonly version: string;
  readonly image: string;
  /** Folder with the guest's modules and AppArmor. */
  readonly packages: string;
  readonly initrd: Buffer;
};

/** For the files of the host, the layer over them, and random numbers. */
const modules = ["virtio_pci", "virtio-rng", "9pnet_virtio", "9p", "overlay"];

/** @returns the reason instead, when it cannot be had */
export async function guestKernel(): Promise<GuestKernel | { readonly why: string }> {
  const suite = await newerSuite("guest");
  if ("why" in suite) return suite;
  const version = readdirSync(join(suite.root, "lib/modules"))[0] ?? "";
  const folder = join(suite.root, "lib/modules", version);
  if (!existsSync(join(folder, "modules.dep"))) execFileSync("depmod", ["-b", suite.root, version]);
  return {
    version,
    image: join(suite.root, "boot", `vmlinuz-${version}`),
    packages: suite.root,
    initrd: initrd(initrdFiles(folder)),
  };
}

function initrdFiles(folder: string): readonly InitrdFile[] {
  const wanted = loadOrder(readFileSync(join(folder, "modules.dep"), "utf8"));
  const script = readFileSync(join(import.meta.dirname, "../../../scripts/vm/init.sh"));
  return [
    { path: "init", data: script, mode: 0o755 },
    { path: "bin/busybox", data: readFileSync("/bin/busybox"), mode: 0o755 },
    { path: "modules/order", data: wanted.map((path) => `${nameOf(path)}\n`).join(""), mode: 0o644 },
    ...wanted.map((path) => ({ path: `modules/${nameOf(path)}`, data: readFileSync(join(folder, path)), mode: 0o644 })),
  ];
}

/** Each module after those it needs. Source: modules.dep(5), where a line's last name has to be loaded first. */
function loadOrder(dependencies: string): readonly string[] {
  const lines = new Map(
    dependencies.split("\n").map((line) => {
      const [path = "", needs = ""] = line.split(":");
      return [path, needs.trim().split(/\s+/).filter(Boolean).reverse()];
    }),
  );
  const order = modules.flatMap((name) => {
    const path = [...lines.keys()].find((key) => nameOf(key) === `${name}.ko`);
    if (path === undefined) throw new Error(`the guest's kernel has no module ${name}`);
    return [...(lines.get(path) ?? []), path];
  });
  return [...new Set(order)];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
