// Debian's docker-registry on loopback of this machine: push and pull with nothing in between.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MadeImage } from "./oci-image.ts";
import { makeOciImage, types } from "./oci-image.ts";

type Context = { readonly after: (work: () => Promise<void>) => void };

/** @returns `127.0.0.1:PORT` */
export async function startLoopbackRegistry(t: Context): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "config.yml");
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${folder}/data } }\nhttp: { addr: "${host}" }\n`,
  );
  const words = ["--pdeathsig=KILL", "docker-registry", "serve", config];
  const child = spawn("setpriv", words, { stdio: "ignore" });
  t.after(async () => {
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer?.status === 200) return host;
    await sleep(50);
  }
  throw new Error("docker-registry did not answer");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** @returns the image, whose manifest is there under its digest and the tag */
export async function pushImage(host: string, path: string, tag: string, image = makeOciImage()): Promise<MadeImage> {
  for (const { digest, bytes } of image.blobs) await pushBlob(host, path, digest, bytes);
  await pushManifest(host, path, tag, image.manifest.bytes, types.manifest);
  return image;
}

async function pushBlob(host: string, path: string, digest: string, bytes: Buffer): Promise<void> {
  const started = await fetch(`http://${host}/v2/${path}/blobs/uploads/`, { method: "POST" });
  const url = new URL(started.headers.get("location") ?? "", `http://${host}`);
  url.searchParams.set("digest", digest);
  await checked(fetch(url, { method: "PUT", body: bytes, headers: { "Content-Type": "application/octet-stream" } }));
}

export async function pushManifest(
  host: string,
  path: string,
  reference: string,
  bytes: Buffer,
  type: string,
): Promise<void> {
  const url = `http://${host}/v2/${path}/manifests/${reference}`;
  await checked(fetch(url, { method: "PUT", body: bytes, headers: { "Content-Type": type } }));
}

async function checked(asked: Promise<Response>): Promise<void> {
  const answer = await asked;
  if (answer.status !== 201) throw new Error(`the registry answered with ${answer.status}: ${await answer.text()}`);
}
