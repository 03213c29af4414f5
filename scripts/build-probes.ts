// Compiles probes/*.bpf.c into one object for each architecture, with a manifest of hashes that the watch checks before it
// loads one. Does nothing when the sources are those of the last time. Source: clang(1), `-target bpf`.
//
// Usage: node scripts/build-probes.ts [--force]

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

type Manifest = { readonly sources: string; readonly objects: Readonly<Record<string, string>> };

const root = join(import.meta.dirname, "..");
const probes = join(root, "probes");
const output = join(root, "dist", "bpf");
const manifestPath = join(output, "manifest.json");
const architectures = { x86_64: "x86", aarch64: "arm64" } as const;

/** Each folder becomes one object an architecture: what the sensor holds, and what is loaded only to learn. */
const units = { "": probes, ".learn": join(probes, "learn") } as const;
const hash = hashSources();
if (process.argv.includes("--force") || readManifest()?.sources !== hash) build();

function build(): void {
  mkdirSync(output, { recursive: true });
  const objects: Record<string, string> = {};
  for (const [name, target] of Object.entries(architectures)) {
    for (const [suffix, folder] of Object.entries(units)) {
      const file = `${name}${suffix}.bpf.o`;
      objects[file] = compile(file, target, folder);
    }
  }
  const manifest: Manifest = { sources: hash, objects };
  writeFileSync(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** All files as one unit: one object, one set of maps. @returns sha256 of the object */
function compile(file: string, target: string, folder: string): string {
  const unit = sourcesIn(folder)
    .filter((name) => name.endsWith(".c"))
    .map((name) => `#include "${name}"\n`);
  const made = join(output, `${file}.${process.pid}`);
  const words = ["-O2", "-g", "-Wall", "-Werror", "-target", "bpf", `-D__TARGET_ARCH_${target}`, "-mcpu=v3"];
  execFileSync("clang", [...words, `-I${folder}`, "-x", "c", "-c", "-", "-o", made], {
    input: unit.join(""),
    stdio: ["pipe", "inherit", "inherit"],
  });
  execFileSync("llvm-strip", ["-g", made], { stdio: "inherit" });
  renameSync(made, join(output, file));
  return sha256(readFileSync(join(output, file)));
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /\.bpf\.[ch]$/.test(name))
    .sort();
}

function hashSources(): string {
  const files = Object.values(units).flatMap((folder) => sourcesIn(folder).map((name) => join(folder, name)));
  const parts = [...files, import.meta.filename].map((file) => `${relative(root, file)} ${sha256(readFileSync(file))}`);
  return sha256(Buffer.from(parts.join("\n")));
}

function readManifest(): Manifest | undefined {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
    for (const [file, expected] of Object.entries(manifest.objects)) {
      if (sha256(readFileSync(join(output, file))) !== expected) return undefined;
    }
    return manifest;
  } catch {
    return undefined; // not built yet
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
