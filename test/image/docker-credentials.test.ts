// Credentials as `docker login` leaves them: for exactly the registry that asks, and never for another.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { dockerCredentials } from "../../src/image/registry/docker-credentials.ts";

function folderWith(t: TestContext, configuration: object): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-docker-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
  return folder;
}

const auth = Buffer.from("me:secret:with:colons").toString("base64");

test("a login in the file is for its registry alone", async (t) => {
  const auths = { "registry.test:5000": { auth }, "https://index.docker.io/v1/": { auth } };
  const environment = { DOCKER_CONFIG: folderWith(t, { auths }) };
  const found = ["registry.test:5000", "registry-1.docker.io", "registry.test", "registry.test:50", "__proto__"];
  const credentials = await Promise.all(found.map((name) => dockerCredentials(name, environment)));
  const me = { user: "me", password: "secret:with:colons" };
  assert.deepEqual(credentials, [me, me, undefined, undefined, undefined]);
});

test("a helper is asked by name, and one that is no plain name, fails or talks nonsense is nobody", async (t) => {
  const credHelpers = { a: "right", b: "failing", c: "nonsense", d: "../../right", e: "right; touch x", f: "absent" };
  const folder = folderWith(t, { credHelpers });
  const program = (name: string, text: string): void => {
    const file = join(folder, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  };
  program("right", `read -r name; printf '{"ServerURL":"%s","Username":"me","Secret":"%s"}' "$name" "$name"`);
  program("failing", `echo '{"Username":"me","Secret":"x"}'; exit 1`);
  program("nonsense", "echo no");
  const before = process.env["PATH"];
  process.env["PATH"] = `${folder}:${before}`;
  t.after(() => {
    process.env["PATH"] = before;
  });
  const answers = await Promise.all(
    Object.keys(credHelpers).map((name) => dockerCredentials(name, { DOCKER_CONFIG: folder })),
  );
  assert.deepEqual(answers, [{ user: "me", password: "a" }, ...Array(5).fill(undefined)]);
});

test("without a file, or with one that is none, nobody has logged in", async (t) => {
  const folder = folderWith(t, {});
  writeFileSync(join(folder, "config.json"), "{");
  const answers = [folder, join(folder, "nowhere")].map((each) => dockerCredentials("a", { DOCKER_CONFIG: each }));
  assert.deepEqual(await Promise.all(answers), [undefined, undefined]);
});
