// Credentials for registries, from where `docker login` and `podman login` keep them: the client's configuration file, or the
// helper program that it names. Source: docker/cli man page docker-login, "Credential stores"; docker-credential-helpers README.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { decodeJson } from "../../base/json.ts";
import { fieldsAt, textAt } from "../../base/reading.ts";

export type Credentials = { readonly user: string; readonly password: string };

const helperTimeoutMs = 10_000;
const maxAnswerBytes = 64 * 1024;
/** Docker Hub is kept under the address of its first API. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  "registry-1.docker.io": ["https://index.docker.io/v1/", "index.docker.io", "docker.io"],
};

/** @returns for exactly this registry; undefined when nobody logged in there */
export async function dockerCredentials(
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Credentials | undefined> {
  const folder = environment["DOCKER_CONFIG"] || join(environment["HOME"] || homedir(), ".docker");
  const configuration = readConfiguration(join(folder, "config.json"));
  const names = [
    registry,
    `https://${registry}`,
    ...(Object.hasOwn(otherNames, registry) ? (otherNames[registry] ?? []) : []),
  ];
  for (const name of names) {
    const helper = textAt(configuration, "credHelpers", name) || textAt(configuration, "credsStore");
    const found = fromFile(textAt(configuration, "auths", name, "auth")) ?? (await fromHelper(helper, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function readConfiguration(file: string): unknown {
  try {
    return fieldsAt(decodeJson(readFileSync(file), { duplicates: "exact" }));
  } catch {
    return {}; // nobody logged in, or the client's own affair
  }
}

function fromFile(auth: string): Credentials | undefined {
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The helper reads the registry's name and answers with JSON; what it says on errors is its own affair. */
function fromHelper(helper: string, registry: string): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(helper)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${helper}`, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      timeout: helperTimeoutMs,
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on("error", () => undefined);
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve(code === 0 ? readAnswer(Buffer.concat(chunks)) : undefined));
    child.stdin.end(registry);
  });
}

function readAnswer(bytes: Uint8Array): Credentials | undefined {
  try {
    const answer = decodeJson(bytes, { maxBytes: maxAnswerBytes });
    const [user, password] = [textAt(answer, "Username"), textAt(answer, "Secret")];
    return user === "" || password === "" ? undefined : { user, password };
  } catch {
    return undefined;
  }
}
