// The documents about configuration and services say what the program does.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfiguration } from "../../src/cli/configuration/read-configuration.ts";
import { providers } from "../../src/identity/providers.generated.ts";
import { readSources, root } from "../house/source-files.ts";

const document = (name: string): string => readFileSync(join(root, "docs", name), "utf8");

test("the example in docs/configuration.md is a configuration that can be read", (t) => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(document("configuration.md")) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-documents-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "plimsoll.yaml");
  // The group of the example is not on every host.
  writeFileSync(file, example.replace("group: docker ", "group: root "));
  const { listeners } = readConfiguration({ file, environment: {}, isRoot: true });
  assert.deepEqual(
    listeners.map(({ name, endpoint }) => [name, endpoint.transport]),
    [
      ["docker", "unix"],
      ["remote", "tls"],
      ["second-lock", "authz-plugin"],
      ["dashboard", "unix"],
    ],
  );
});

test("docs/configuration.md explains every key that is read", () => {
  const text = document("configuration.md");
  const keys = readSources("src/cli/configuration").flatMap((file) => [
    ...[...file.text.matchAll(/readKeys\([^[\]]*\[([^\]]*)\]/g)].map((match) => match[1] ?? ""),
    ...[...file.text.matchAll(/^const keys = \[([^\]]*)\]/gm)].map((match) => match[1] ?? ""),
  ]);
  const names = keys.flatMap((list) => [...list.matchAll(/"([\w-]+)"/g)].map((match) => match[1] ?? ""));
  assert.ok(names.length > 20, names.join(" "));
  assert.deepEqual(
    names.filter((name) => !new RegExp(`[\`.\\]]${name}[\`.]`).test(text)),
    [],
  );
});

test("docs/identity.md names every provider", () => {
  const text = document("identity.md");
  assert.deepEqual(
    providers.map(({ name }) => name).filter((name) => !text.includes(`| \`${name}\` |`)),
    [],
  );
});
