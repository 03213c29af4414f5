// Imports go one way: main -> doors -> conductors -> leaves -> base -> model. No exceptions list.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readSources, type SourceFile } from "./source-files.ts";

const doors = ["cli", "console", "fleet"];
const leaves = ["engine", "identity", "image", "trust", "inventory", "findings", "policy", "harden", "store", "report"];
/** The same table as in ARCHITECTURE.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  base: ["model"],
  ...Object.fromEntries(leaves.map((leaf) => [leaf, ["base", "model"]])),
  admission: ["image", "trust", "inventory", "findings", "policy", "base", "model"],
  gate: ["admission", "harden", "policy", "identity", "engine", "base", "model"],
  watch: ["policy", "engine", "findings", "base", "model"],
  ...Object.fromEntries(doors.map((door) => [door, ["admission", "gate", "watch", ...leaves, "base", "model"]])),
  service: [...doors, "admission", "gate", "watch", ...leaves, "base", "model"],
  "main.ts": ["service", ...doors, "admission", "gate", "watch", ...leaves, "base", "model"],
};

const room = (path: string): string => path.split("/")[1] ?? "";

test("every room imports only the rooms below it", () => {
  const wrong = readSources("src").flatMap((file) =>
    file.imports
      .filter(
        (target) => room(target) !== room(file.path) && !(mayImport[room(file.path)] ?? []).includes(room(target)),
      )
      .map((target) => `${file.path} -> ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("no file imports itself by a circle", () => {
  const files = new Map(readSources("src").map((file) => [file.path, file]));
  assert.deepEqual(
    [...files.values()].filter((file) => reaches(file, file.path, files, new Set())).map((file) => file.path),
    [],
  );
});

function reaches(from: SourceFile, goal: string, files: ReadonlyMap<string, SourceFile>, seen: Set<string>): boolean {
  return valueImports(from).some((target) => {
    if (target === goal) return true;
    if (seen.has(target)) return false;
    seen.add(target);
    const next = files.get(target);
    return next !== undefined && reaches(next, goal, files, seen);
  });
}

/** Type imports vanish before the program runs, so they make no circle. */
function valueImports(file: SourceFile): readonly string[] {
  return file.imports.filter((target) => {
    const name = target.split("/").at(-1) ?? "";
    const line = file.text.split("\n").find((candidate) => candidate.includes(`/${name}"`));
    return line !== undefined && !line.startsWith("import type");
  });
}
