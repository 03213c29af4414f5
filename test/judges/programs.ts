// The verifiers and signers of others, run in their own Debian suite, with files in a folder that they see as /judge.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JudgeSuite, newerSuite } from "../support/newer-suite.ts";

export type Outcome = { readonly code: number; readonly output: string };

export type Judges = {
  /** Outside; inside it is `inside`. */
  readonly folder: string;
  readonly inside: string;
  write(name: string, text: string | Buffer): string;
  run(words: readonly string[], variables?: Readonly<Record<string, string>>): Promise<Outcome>;
};

type Context = { readonly after: (work: () => void) => void };

/** @returns why there are none, where there are none */
export async function openJudges(t: Context, suite: JudgeSuite): Promise<Judges | { readonly why: string }> {
  const found = await newerSuite(suite);
  if ("why" in found) return found;
  mkdirSync(join(found.root, "tmp"), { recursive: true });
  mkdirSync(join(found.root, "dev"), { recursive: true });
  const folder = mkdtempSync(join(found.root, "tmp/judge-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const inside = folder.slice(found.root.length);
  return {
    folder,
    inside,
    write(name, text) {
      const file = join(folder, name);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, text, { mode: 0o600 });
      return `${inside}/${name}`;
    },
    run: (words, variables = {}) => runIn(found.root, inside, words, variables),
  };
}

/** Go wants randomness and somewhere to write; the network is this machine's loopback. */
function runIn(
  root: string,
  home: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: home, TMPDIR: home, ...variables };
  const child = spawn("chroot", [root, ...words], { env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString("utf8") }));
  });
}
