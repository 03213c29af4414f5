// The trusted root is followed through a TUF repository that the reference implementation made (python3-tuf), and through none of those
// that somebody bent: set back, ended, signed by others, altered, without end.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { updateTrustedRoot } from "../../src/trust/tuf/update-root.ts";
import { run } from "../cli/program.ts";
import { newerSuite } from "../support/newer-suite.ts";
import { startSigstore } from "./sigstore-services.ts";

type Yard = {
  /** The repository in one of its states. */
  readonly state: (name: string) => string;
  readonly states: readonly string[];
  readonly firstRoot: Buffer;
  readonly trustedRoot: string;
  /** A client that has seen these states, oldest first. */
  readonly client: (...seen: readonly string[]) => Promise<string>;
};

async function openYard(t: TestContext): Promise<Yard | { readonly why: string }> {
  const suite = await newerSuite("tuf");
  if ("why" in suite) return suite;
  mkdirSync(join(suite.root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(suite.root, "tmp/tuf-"));
  const own = mkdtempSync(join(tmpdir(), "plimsoll-tuf-"));
  t.after(() => {
    for (const one of [folder, own]) rmSync(one, { recursive: true, force: true });
  });
  const trustedRoot = (await startSigstore(t)).root;
  writeFileSync(join(folder, "target.json"), trustedRoot);
  copyFileSync(join(import.meta.dirname, "tuf-repository.py"), join(folder, "make.py"));
  const inside = folder.slice(suite.root.length);
  execFileSync("chroot", [suite.root, "python3", `${inside}/make.py`, inside, `${inside}/target.json`]);
  const firstRoot = readFileSync(join(folder, "root.json"));
  const state = (name: string): string => join(folder, name);
  return {
    ...{ state, firstRoot, trustedRoot },
    states: readdirSync(folder).filter((name) => !/\.(json|py)$/.test(name)),
    async client(...seen) {
      const client = mkdtempSync(join(own, "client-"));
      for (const name of seen)
        await updateTrustedRoot({ repository: { folder: state(name) }, firstRoot, folder: client });
      return client;
    },
  };
}

async function listen(t: TestContext, server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const outcome = (work: Promise<string>): Promise<string> =>
  work.then(
    () => "accepted",
    (thrown: unknown) => (thrown instanceof PlimsollError ? thrown.code : String(thrown)),
  );

test("a repository is followed through a rotation of its keys, from a folder and from a server; every bent one is refused", async (t) => {
  const yard = await openYard(t);
  if ("why" in yard) return t.skip(yard.why);
  const { state, states, trustedRoot } = yard;
  const seen = await yard.client("1-good", "2-rotated");
  const bad = states.filter((name) => name.startsWith("bad-"));
  assert.ok(bad.length >= 18, bad.join());
  const outcomes: Record<string, string> = {};
  const spoilt: string[] = [];
  for (const name of [...bad, "1-good", "2-rotated", "3-root-rotated"]) {
    const folder = `${seen}-${name}`;
    cpSync(seen, folder, { recursive: true });
    const update = (from: string): Promise<string> =>
      outcome(updateTrustedRoot({ repository: { folder: state(from) }, firstRoot: undefined, folder }));
    outcomes[name] = await update(name);
    // What nobody may sign does not spoil what comes after it.
    if (/-by-|altered|without-end/.test(name) && (await update("3-root-rotated")) !== "accepted") spoilt.push(name);
  }
  assert.deepEqual(spoilt, []);
  const refused = [...bad, "1-good"].map((name) => [name, "SIGNATURE_INVALID"]);
  const good = ["2-rotated", "3-root-rotated"].map((name) => [name, "accepted"]);
  assert.deepEqual(outcomes, Object.fromEntries([...refused, ...good]));
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(state("3-root-rotated"), request.url ?? "")));
    } catch {
      response.writeHead(404).end();
    }
  });
  const url = await listen(t, server);
  assert.equal(await updateTrustedRoot({ repository: { url }, firstRoot: undefined, folder: seen }), trustedRoot);
  return undefined;
});

test("without a first root, with another's, with a server that sends us on or never ends: nothing is written", async (t) => {
  const yard = await openYard(t);
  if ("why" in yard) return t.skip(yard.why);
  const { state, firstRoot } = yard;
  const other = await openYard(t);
  if ("why" in other) return t.skip(other.why);
  const update = (repository: { folder: string } | { url: string }, first: Buffer | undefined, folder: string) =>
    outcome(updateTrustedRoot({ repository, firstRoot: first, folder }));
  const folder = join(await yard.client(), "new");
  const serve = (answer: Parameters<typeof createServer>[1]) => listen(t, createServer(answer));
  const elsewhere = await serve((_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end());
  const endless = await serve((_, response) => {
    response.on("error", () => undefined);
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
    };
    more();
  });
  assert.deepEqual(
    [
      await update({ folder: state("1-good") }, undefined, folder),
      await update({ folder: state("1-good") }, other.firstRoot, folder),
      await update({ folder: state("1-good") }, Buffer.from("{}"), folder),
      await update({ url: elsewhere }, firstRoot, folder),
      await update({ url: endless }, firstRoot, folder),
      await update({ folder: join(folder, "none") }, firstRoot, folder),
      // And after all that, a good one is as good as ever.
      await update({ folder: state("1-good") }, firstRoot, folder),
    ],
    ["USAGE", ...Array.from({ length: 5 }, () => "SIGNATURE_INVALID"), "accepted"],
  );
  return undefined;
});

test("plimsoll trust root update writes the trusted root where the trust file finds it, and leaves the old one when the new does not hold", async (t) => {
  const yard = await openYard(t);
  if ("why" in yard) return t.skip(yard.why);
  const home = mkdtempSync(join(tmpdir(), "plimsoll-root-"));
  t.after(() => rmSync(home, { recursive: true }));
  const environment = { CONFIGURATION_DIRECTORY: join(home, "c"), STATE_DIRECTORY: join(home, "s"), HOME: home };
  writeFileSync(join(home, "root.json"), yard.firstRoot);
  const update = (name: string, ...more: readonly string[]) =>
    run(["trust", "root", "update", "sigstore", "--from", yard.state(name), ...more], { environment });
  const first = await update("1-good", "--root", join(home, "root.json"));
  const second = await update("2-rotated");
  const refused = await update("bad-timestamp-by-a-stranger");
  const file = join(home, "c/roots/sigstore.json");
  assert.deepEqual(
    [first.code, first.stdout, second.code, refused.code, readFileSync(file, "utf8") === yard.trustedRoot],
    [0, `${file}\n`, 0, 3, true],
    first.stderr + refused.stderr,
  );
  assert.match(second.stderr, /as it was, and current/);
  assert.match(refused.stderr, /SIGNATURE_INVALID/);
  return undefined;
});
