// Secrets as an image really holds them: cut by chunks, in programs, in configs, in UTF-16, and never shown.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import { secrets } from "../../src/findings/detectors/secrets.ts";
import { makeLiteralScreen } from "../../src/findings/literal-screen.ts";
import {
  hasBase62Checksum,
  hasBech32Checksum,
  hasGrafanaChecksum,
} from "../../src/findings/secrets/checks/check-sums.ts";
import { maskSecret } from "../../src/findings/secrets/mask-secret.ts";
import { readUserRules } from "../../src/findings/secrets/user-rules.ts";
import { mutated } from "../support/mutated.ts";
import { emptyConfig, openDetector, showFile } from "./support/look-at.ts";
import { seededRandom } from "./support/random.ts";
import { secretFormats } from "./support/secret-formats.ts";

const fresh = (id: string, seed: number = 7): string => secretFormats[id]?.(seededRandom(seed)).secret ?? "";

test("a secret is found once, with its line, however the file is cut into chunks", async () => {
  const detector = await openDetector(secrets);
  const token = fresh("github-token");
  for (const before of [0, 3, 4000, 524_200, 524_288, 1_500_001]) {
    const content = `${"a line\n".repeat(Math.floor(before / 7))}${"#".repeat(before % 7)} x=${token}\n${"the end\n".repeat(9000)}`;
    for (const chunkBytes of [61_111, 524_288, content.length]) {
      const lines = showFile(detector, { path: "a.txt", content }, chunkBytes).map((finding) =>
        finding.kind === "secret" ? [finding.id, finding.line] : [],
      );
      assert.deepEqual(lines, [["github-token", Math.floor(before / 7) + 1]], `${before} ${chunkBytes}`);
    }
  }
});

test("no finding, problem or error ever holds a secret", async () => {
  const detector = await openDetector(secrets);
  const random = seededRandom(99);
  const leaked = Object.entries(secretFormats).flatMap(([id, make]) => {
    const { secret, text, path } = make(random);
    if (secret === "") return [];
    const findings = [
      ...showFile(detector, { path: path ?? "a.txt", content: text ?? `T=${secret}\n` }),
      ...(detector.inspectConfig?.({ ...emptyConfig, env: [`SECRET_TOKEN=${secret}`], labels: { a: secret } }) ?? []),
    ];
    const shown = JSON.stringify([findings, detector.takeProblems?.()]);
    const parts = Array.from({ length: secret.length - 9 }, (_, at) => secret.slice(at, at + 10));
    // Prefixes that name the issuer are in the rules for everybody to read.
    return parts.slice(14).some((part) => shown.includes(part)) ? [id] : [];
  });
  assert.deepEqual(leaked, []);
});

test("a mask shows at most eight characters, and nothing of a password", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.boolean(), (secret, isPassword) => {
      const shown = maskSecret(secret, isPassword).replaceAll("*", "");
      assert.ok(
        shown.length <= 8 && (!isPassword || shown === "") && shown.length * 3 < Math.max(1, secret.length + 1),
      );
    }),
  );
});

test("checksums agree with tokens that their issuers printed", () => {
  assert.deepEqual(
    [
      // Revoked, from the description of the format; the second is of Grafana's own tests; the third of age's manual.
      hasBase62Checksum(["ghp_zQWBuTSOoRi4A9spHcVY5", "ncnsDkxkJ0mLq17"].join("")),
      hasGrafanaChecksum(["glsa_yscW25imSKJIuav8zF37", "RZmnbiDvB05G_fcaaf58a"].join("")),
      hasBech32Checksum(["AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZ", "GFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"].join("")),
    ],
    [true, true, true],
  );
});

test("environment, labels, build arguments, history and commands are searched", async () => {
  const detector = await openDetector(secrets);
  const findings = detector.inspectConfig?.({
    ...emptyConfig,
    env: [
      "PATH=/usr/bin",
      "DB_PASSWORD=h7Gq!tr4zz",
      `NPM=${fresh("npm-token")}`,
      "DB_PASSWORD_FILE=/run/secrets/db",
      "TOKEN_TTL=3600",
      "API_KEY=changeme",
      "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
    ],
    labels: { deploy: `by ${fresh("slack-token")}` },
    command: ["serve", `--key=${fresh("stripe-live-key")}`],
    history: [
      {
        createdBy: "|2 CI_TOKEN=q8Zr5tYn2m VERSION=1.2 /bin/sh -c make",
        created: "",
        comment: "",
        isEmptyLayer: false,
      },
      {
        createdBy: "|2 CI_TOKEN=q8Zr5tYn2m VERSION=1.2 /bin/sh -c make install",
        created: "",
        comment: "",
        isEmptyLayer: false,
      },
      {
        createdBy: "RUN /bin/sh -c PASSWORD=zR3kk9vv! ./deploy # buildkit",
        created: "",
        comment: "",
        isEmptyLayer: false,
      },
    ],
  });
  assert.deepEqual(
    findings?.map((finding) => (finding.kind === "secret" ? `${finding.place}: ${finding.id}` : "")),
    [
      "environment: password-by-name",
      "environment: npm-token",
      "label: slack-token",
      "command: stripe-live-key",
      "build-argument: password-by-name",
      "history: password-by-name",
    ],
  );
});

test("tokens in programs, databases and UTF-16 texts are found; compressed files are left alone", async () => {
  const detector = await openDetector(secrets);
  const token = fresh("github-token");
  const wide = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(`$t = "${token}"\r\n`, "utf16le")]);
  const ids = (content: Uint8Array): readonly string[] =>
    showFile(detector, { path: "x", content }, 100).map(({ id }) => id);
  assert.deepEqual(
    [
      ids(Buffer.concat([Buffer.from("\x7fELF\0\0\0\0"), Buffer.alloc(70_001), Buffer.from(token), Buffer.alloc(9)])),
      ids(wide),
      ids(Buffer.concat([Buffer.of(0x1f, 0x8b, 8, 0), Buffer.from(token), Buffer.alloc(9)])),
    ],
    [["github-token"], ["github-token"], []],
  );
});

test("test keys of packages and tokens printed in manuals are no findings", async () => {
  const detector = await openDetector(secrets);
  const pem = secretFormats["private-key"]?.(seededRandom(1)).text ?? "";
  const found = (path: string): number => showFile(detector, { path, content: pem }).length;
  assert.deepEqual(
    {
      node: found("app/node_modules/agent-base/test/server.key"),
      python: found("usr/lib/python3/dist-packages/twisted/test/server.pem"),
      manual: found("usr/share/doc/openssl/demo.key"),
      own: found("app/test/server.key"),
      installed: found("usr/lib/python3/dist-packages/acme/server.key"),
    },
    { node: 0, python: 0, manual: 0, own: 1, installed: 1 },
  );
});

test("a file made of nothing but beginnings of secrets is given up after a bounded effort, and said so", async () => {
  const detector = await openDetector(secrets);
  const content = "-----BEGIN RSA PRIVATE KEY-----\n".repeat(400_000);
  const findings = showFile(detector, { path: "x.txt", content });
  assert.deepEqual(
    [findings, detector.takeProblems?.().map(({ path, plugin }) => [path, plugin])],
    [[], [["x.txt", "secrets"]]],
  );
});

test("a file with a thousand tokens is listed up to a limit, and said so", async () => {
  const detector = await openDetector(secrets);
  const random = seededRandom(3);
  const content = Array.from({ length: 1000 }, () => `${secretFormats["npm-token"]?.(random).secret}\n`).join("");
  const count = showFile(detector, { path: "x.txt", content }).length;
  assert.deepEqual([count, detector.takeProblems?.().length, detector.takeProblems?.().length], [100, 1, 0]);
});

test("own rules are read from a file, and mistakes in it are named", async (t) => {
  const file = ruleFile(
    t,
    'rules:\n  - { id: acme, title: ACME token, severity: high, literals: [acme_], pattern: "acme_(?<secret>[a-z0-9]{12})" }\n',
  );
  const detector = await openDetector(secrets, { ruleFiles: [file] });
  const findings = showFile(detector, { path: "x", content: "key: acme_k3v9qz7wm2xr and acme_short" });
  assert.deepEqual(
    findings.map(({ id, title }) => [id, title]),
    [["acme", "ACME token"]],
  );
  const mistakes = [
    ["rules:\n  - { id: a }\n", /title/],
    ['rules:\n  - { id: a, title: b, severity: high, literals: [acme], pattern: "acme" }\n', /no group/],
    [
      'rules:\n  - { id: a, title: b, severity: high, literals: [ac], pattern: "ac(?<secret>x)" }\n',
      /three characters/,
    ],
    [
      'rules:\n  - { id: a, title: b, severity: high, literals: [acme], pattern: "acme(?<secret>(" }\n',
      /regular expression/i,
    ],
    ["rules: [", /secrets\.yaml/],
  ] as const;
  for (const [text, expected] of mistakes) {
    await assert.rejects(openDetector(secrets, { ruleFiles: [ruleFile(t, text)] }), {
      code: "POLICY_INVALID",
      message: expected,
    });
  }
});

test("the screen finds exactly what a plain search finds, for any literals in any bytes at any offset", () => {
  const character = fc.constantFrom("a", "b", "A", "B", "-", "0");
  const text = (minLength: number, maxLength: number) =>
    fc.array(character, { minLength, maxLength }).map((characters) => characters.join(""));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(text(4, 7), fc.boolean()), {
        minLength: 1,
        maxLength: 8,
        selector: ([literal, isCaseless]) => `${literal} ${isCaseless}`,
      }),
      text(0, 60),
      fc.integer({ min: 0, max: 5 }),
      (pairs, content, shift) => {
        const literals = pairs.map(([literal, isCaseless]) => ({ text: literal, isCaseless }));
        const bytes = Buffer.alloc(shift + content.length + 9).subarray(shift);
        bytes.write(content, "latin1");
        const found: string[] = [];
        makeLiteralScreen(literals).scan(bytes, content.length, (literal, offset) =>
          found.push(`${literal} ${offset}`),
        );
        const expected = literals.flatMap((literal, index) =>
          occurrences(content, literal.text, literal.isCaseless).map((offset) => `${index} ${offset}`),
        );
        assert.deepEqual(found.sort(), expected.sort());
      },
    ),
    { numRuns: 2000 },
  );
});

test("a rule file of the user with changed, lost and doubled parts is read or refused with a documented error", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-rules-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "own.secrets.yaml");
  const rules = `rules:
  - id: acme-token
    title: ACME deploy token
    severity: high
    literals: ["acme_"]
    pattern: "acme_(?<secret>[A-Za-z0-9]{32})"
    minEntropy: 3
    paths: "**/*.env"
`;
  for (let seed = 0; seed < 1500; seed += 1) {
    writeFileSync(file, mutated(Buffer.from(rules), seed));
    await readUserRules([file]).catch((thrown: unknown) =>
      assert.ok(thrown instanceof PlimsollError, `seed ${seed}: ${thrown}`),
    );
  }
});

test("any bytes at all are searched without an error", async () => {
  const detector = await openDetector(secrets);
  const pieces = fc.constantFrom(
    "ghp_",
    "-----BEGIN PRIVATE KEY-----",
    "eyJhbGci",
    "AKIA",
    "\n",
    "password=",
    "://a:b@",
    "\0",
    '"auth": "',
    "=".repeat(9),
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          pieces.map((piece) => Buffer.from(piece)),
          fc.uint8Array({ maxLength: 40 }),
        ),
        { maxLength: 40 },
      ),
      fc.integer({ min: 1, max: 70 }),
      (parts, chunk) => {
        showFile(detector, { path: "app/.env", content: Buffer.concat(parts) }, chunk);
      },
    ),
    { numRuns: 500 },
  );
});

function occurrences(text: string, literal: string, isCaseless: boolean): readonly number[] {
  const [haystack, needle] = isCaseless ? [text.toLowerCase(), literal.toLowerCase()] : [text, literal];
  return Array.from({ length: text.length }, (_, at) => at).filter((at) => haystack.startsWith(needle, at));
}

function ruleFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-secrets-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "own.secrets.yaml");
  writeFileSync(file, text);
  return file;
}
