// What a newcomer types, from no key to a verdict; the passphrase on a real terminal.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type RunResult, run } from "../cli/program.ts";
import { pushImage, startLoopbackRegistry } from "../support/loopback-registry.ts";
import { pin, softToken } from "./soft-token.ts";

type Desk = {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  pinFd(secret: string): string;
};

function ownFolders(t: TestContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-user-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    environment: { CONFIGURATION_DIRECTORY: join(folder, "c"), STATE_DIRECTORY: join(folder, "s"), HOME: folder },
    pinFd(secret) {
      const file = join(folder, "secret");
      writeFileSync(file, `${secret}\n`);
      return String(openSync(file, "r"));
    },
  };
}

const done = (result: RunResult): RunResult => {
  assert.equal(result.code, 0, result.stderr);
  return result;
};

test("from no key to a trusted image, an attestation, and a picture of it", async (t) => {
  const { folder, environment, pinFd } = ownFolders(t);
  const host = await startLoopbackRegistry(t);
  await pushImage(host, "team/app", "1");
  const options = ["--insecure-registry", host];
  const plimsoll = (...words: readonly string[]): Promise<RunResult> => run([...words], { environment });
  const { stdout: publicKey } = done(await plimsoll("keys", "create", "release", "--pin-fd", pinFd("long enough")));
  writeFileSync(join(folder, "release.pub"), publicKey);
  const trustFile = join(folder, "trust.yaml");
  const type = "https://slsa.dev/provenance/v1";
  writeFileSync(
    trustFile,
    `version: 1\nsigners: { release: { key: release.pub } }\nrules:\n  - scope: ${host}/team/*\n    require: { anyOf: [release] }\n    freshness: { tagRecord: true }\n    attestations: [{ predicateType: ${type}, require: { anyOf: [release] } }]\n`,
  );
  const image = `${host}/team/app:1`;
  const judged = (...words: readonly string[]): Promise<RunResult> =>
    plimsoll(...words, "--trust-file", trustFile, ...options);
  const unsigned = await judged("verify", image);
  const pinned = done(
    await plimsoll("sign", image, "--tag-record", "--pin-fd", pinFd("long enough"), ...options),
  ).stdout;
  const unattested = await judged("verify", image);
  const predicate = join(folder, "provenance.json");
  writeFileSync(predicate, '{"runDetails":{"builder":{"id":"b"}}}');
  const attesting = ["--type", "slsaprovenance", "--predicate", predicate, "--pin-fd", pinFd("long enough")];
  done(await plimsoll("attest", image, ...attesting, ...options));
  const trusted = await judged("verify", image);
  const attested = await judged("verify-attestation", image, "--type", "slsaprovenance");
  const shown = done(await judged("trust", "show", image)).stdout;
  assert.deepEqual(
    [unsigned.code, unattested.code, trusted.code, trusted.stdout, attested.stdout],
    [1, 1, 0, pinned, '{"runDetails":{"builder":{"id":"b"}}}\n'],
  );
  assert.match(unattested.stderr, /needs an attestation/);
  assert.match(
    shown,
    /✔ release {2}signed {6}cosign, sigstore-bundle\n[\s\S]*✔ release {2}provenance {2}built by b\n[\s\S]*TRUSTED\n {2}why {3}signed by release\n/,
  );
});

test("a wrong passphrase ends the command, and a key is never written over", async (t) => {
  const { environment, pinFd } = ownFolders(t);
  const host = await startLoopbackRegistry(t);
  await pushImage(host, "app", "1");
  done(await run(["keys", "create", "release", "--pin-fd", pinFd("long enough")], { environment }));
  const again = await run(["keys", "create", "release", "--pin-fd", pinFd("long enough")], { environment });
  const words = ["sign", `${host}/app:1`, "--insecure-registry", host, "--pin-fd", pinFd("wrong")];
  const refused = await run(words, { environment });
  assert.deepEqual([again.code, /never written over/.test(again.stderr)], [2, true]);
  assert.match(refused.stderr, /SECRET_WRONG/);
  assert.equal(
    (await run(["verify", `${host}/app:1`, "--key", "release", "--insecure-registry", host], { environment })).code,
    1,
  );
});

test("keys lie sealed, for their owner alone; a key nobody sealed is not taken over", async (t) => {
  const { folder, environment, pinFd } = ownFolders(t);
  done(await run(["keys", "create", "a", "--pin-fd", pinFd("long enough")], { environment }));
  const file = join(folder, "c/keys/a.key");
  assert.deepEqual([statSync(file).mode & 0o777, statSync(join(file, "..")).mode & 0o777], [0o600, 0o700]);
  assert.match(readFileSync(file, "utf8"), /^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----/);
  const plain = join(folder, "plain.pem");
  execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", plain], {
    stdio: "pipe",
  });
  assert.match((await run(["keys", "import", "b", plain], { environment })).stderr, /KEY_UNAVAILABLE.*sealed/);
  done(await run(["keys", "import", "b", file, "--pin-fd", pinFd("long enough")], { environment }));
  done(await run(["keys", "use", "b"], { environment }));
  assert.match(done(await run(["keys", "list"], { environment })).stdout, /a .*\n\* {2}b /);
});

test("a key is made on a token, and signs from there", async (t) => {
  const { environment, pinFd } = ownFolders(t);
  const uri = `${softToken(t)};object=release;id=%07?module-name=softhsm2`;
  const host = await startLoopbackRegistry(t);
  await pushImage(host, "app", "1");
  done(await run(["keys", "create", "token", "--key", uri, "--pin-fd", pinFd(pin)], { environment }));
  const options = ["--insecure-registry", host];
  done(await run(["sign", `${host}/app:1`, ...options, "--pin-fd", pinFd(pin)], { environment }));
  done(await run(["verify", `${host}/app:1`, "--key", "token", ...options], { environment }));
});

test("the passphrase is asked for on the terminal, twice for a new key, and never shown", (t) => {
  const { environment } = ownFolders(t);
  const keys = [
    { wait: "New passphrase of the key a: ", type: "long enougx\u007fh\r" },
    { wait: "Once more: ", type: "long enough\r" },
  ];
  const words = [
    "test/support/terminal.py",
    JSON.stringify(keys),
    "30",
    process.execPath,
    "src/main.ts",
    "keys",
    "create",
    "a",
  ];
  const { status, stdout } = spawnSync("python3", words, { env: { ...process.env, ...environment }, encoding: "utf8" });
  assert.deepEqual([status, /BEGIN PUBLIC KEY/.test(stdout), /long enough/.test(stdout)], [0, true, false], stdout);
});

test("rules of podman and notation become a trust file; what would have to be widened is refused", async (t) => {
  const { folder, environment } = ownFolders(t);
  const policy = (value: object): Promise<RunResult> => {
    const file = join(folder, "policy.json");
    writeFileSync(file, JSON.stringify(value));
    return run(["trust", "policy", "import", file], { environment });
  };
  const key = { type: "sigstoreSigned", keyPath: "/k.pub" };
  const podman = await policy({
    default: [{ type: "reject" }],
    transports: {
      docker: {
        "registry.test/a": [key, { ...key, keyPath: "/l.pub" }],
        "registry.test": [{ type: "insecureAcceptAnything" }],
      },
    },
  });
  assert.match(
    done(podman).stdout,
    /scope: registry.test\/a\n +require:\n +allOf:\n +- signer-1\n +- signer-2[\s\S]*mode: off[\s\S]*otherwise: deny/,
  );
  const notation = {
    ...{
      name: "acme",
      registryScopes: ["registry.test/a"],
      signatureVerification: { level: "strict" },
      trustStores: ["ca:acme"],
    },
    trustedIdentities: ["x509.subject: C=DE, O=acme, CN=release"],
  };
  const taken = await policy({ version: "1.0", trustPolicies: [notation] });
  assert.match(done(taken).stdout, /subject: C=DE, O=acme, CN=release/);
  const refused = [
    await policy({ default: [{ type: "reject" }], transports: { docker: { "*.test": [key] } } }),
    await policy({ default: [key] }),
    await policy({ version: "1.0", trustPolicies: [{ ...notation, trustedIdentities: ["*"] }] }),
    await policy({ version: "1.0", trustPolicies: [{ ...notation, registryScopes: ["*"] }] }),
  ];
  assert.deepEqual(
    refused.map(({ stdout, stderr }) => [stdout, /cannot be taken over|asks for signatures/.test(stderr)]),
    Array(4).fill(["", true]),
  );
});
