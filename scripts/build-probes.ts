// Compiles probes/*.bpf.c into one object for each architecture, with a manifest of hashes that the watch checks before it
// loads one. Does nothing when the sources are those of the last time. Source: clang(1), `-target bpf`.
//
// Usage: node scripts/build-probes.ts [--force]

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Manifest = { readonly sources: string; readonly objects: Readonly<Record<string, string>> };

const root = join(import.meta.dirname, "..");
const probes = join(root, "probes");
const output = join(root, "dist", "bpf");
const manifestPath = join(output, "manifest.json");
const architectures = { x86_64: "x86", aarch64: "arm64" } as const;

const sources = readdirSync(probes)
  .filter((name) => /\.bpf\.[ch]$/.test(name))
  .sort();
const hash = hashSources();
if (process.argv.includes("--force") || readManifest()?.sources !== hash) build();

function build(): void {
  mkdirSync(output, { recursive: true });
  const objects: Record<string, string> = {};
  for (const [name, target] of Object.entries(architectures)) {
    const file = `${name}.bpf.o`;
    objects[file] = compile(file, target);
  }
  const manifest: Manifest = { sources: hash, objects };
  writeFileSync(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** All files as one unit: one object, one set of maps. @returns sha256 of the object */
function compile(file: string, target: string): string {
  const unit = sources.filter((name) => name.endsWith(".c")).map((name) => `#include "${name}"\n`);
  const made = join(output, `${file}.${process.pid}`);
  const words = ["-O2", "-g", "-Wall", "-Werror", "-target", "bpf", `-D__TARGET_ARCH_${target}`, "-mcpu=v3"];
  execFileSync("clang", [...words, `-I${probes}`, "-x", "c", "-c", "-", "-o", made], {
    input: unit.join(""),
    stdio: ["pipe", "inherit", "inherit"],
  });
  execFileSync("llvm-strip", ["-g", made], { stdio: "inherit" });
  renameSync(made, join(output, file));
  return sha256(readFileSync(join(output, file)));
}

function hashSources(): string {
  const parts = [...sources, "../scripts/build-probes.ts"].map(
    (name) => `${name} ${sha256(readFileSync(join(probes, name)))}`,
  );
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
