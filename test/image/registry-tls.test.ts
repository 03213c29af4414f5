// A registry with TLS: taken with a certificate that is trusted, and with no other; there is no way around it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { makeOciImage, scratch, settingsFor, types } from "../support/oci-image.ts";
import { refusal } from "../support/open-image.ts";

const run = promisify(execFile);
const image = makeOciImage();
const support = (name: string): string => pathToFileURL(join(import.meta.dirname, "../support", name)).href;

type Context = { readonly after: (work: () => Promise<void>) => void };
type TlsRegistry = { readonly host: string; readonly certificate: string; readonly asked: () => number };

async function startTlsRegistry(t: Context, folder: string): Promise<TlsRegistry> {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    certificate,
    ...names,
  ]);
  let asked = 0;
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (request, response) => {
    asked += 1;
    const blob = image.blobs.find(({ digest }) => request.url?.endsWith(digest));
    const isManifest = request.url === "/v2/app/manifests/1";
    response.setHeader("Content-Type", isManifest ? types.manifest : "application/octet-stream");
    response.end(isManifest ? image.manifest.bytes : blob?.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  return { host: `localhost:${typeof address === "object" ? address?.port : 0}`, certificate, asked: () => asked };
}

test("M15: a certificate that nobody trusts ends it, before anything is asked", async (t) => {
  const folder = await scratch(t);
  const registry = await startTlsRegistry(t, folder);
  const verdict = await refusal(`${registry.host}/app:1`, settingsFor(folder));
  assert.deepEqual([verdict, registry.asked()], ["REGISTRY_UNREACHABLE", 0]);
});

test("a registry whose certificate is trusted is read, under the name that is in it", async (t) => {
  const folder = await scratch(t);
  const registry = await startTlsRegistry(t, folder);
  const { port } = new URL(`https://${registry.host}`);
  const script = `
    const { refusal } = await import("${support("open-image.ts")}");
    const { settingsFor } = await import("${support("oci-image.ts")}");
    for (const host of ["localhost", "127.0.0.1"]) console.log(await refusal(host + ":${port}/app:1", settingsFor("${folder}")));`;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: registry.certificate };
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { env });
  assert.deepEqual(stdout.trim().split("\n"), ["accepted", "REGISTRY_UNREACHABLE"]);
});
