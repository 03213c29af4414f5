// The rules for Dockerfiles: what each finds and where, what it leaves alone, and how comments switch it off.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { makeLinter } from "../../src/findings/lint/lint-dockerfile.ts";
import { lintRules } from "../../src/findings/lint/rules.ts";
import { run } from "../cli/program.ts";
import { lintCases } from "./cases.ts";

const lintDockerfile = makeLinter();
const places = (text: string, rule: string): readonly string[] =>
  lintDockerfile(text, "Dockerfile")
    .findings.filter((finding) => finding.rule === rule)
    .map(({ line, column }) => `${line}:${column}`);
const rulesOf = (text: string): readonly string[] =>
  lintDockerfile(text, "Dockerfile").findings.map(({ rule }) => rule);

test("every rule finds its mistake at the right line and column, and leaves the neighbour alone", () => {
  const results = Object.entries(lintCases).map(([rule, { bad, good }]) => ({
    rule,
    at: places(bad, rule),
    good: places(good, rule),
  }));
  assert.deepEqual(
    results,
    Object.entries(lintCases).map(([rule, { at }]) => ({ rule, at, good: [] })),
  );
});

test("every rule has a case, a name of its own, and something to do", () => {
  assert.deepEqual(lintRules.map(({ id }) => id).sort(), Object.keys(lintCases).sort());
  assert.deepEqual(
    lintRules.filter(({ hint, title }) => hint === "" || /[^.]\.$/.test(hint) || title === ""),
    [],
  );
});

test("a Dockerfile as it should be has no findings", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const text = `# syntax=docker/dockerfile:1
ARG NODE=22
FROM node:\${NODE}@${digest} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

FROM gcr.acme.test/distroless/nodejs:22@${digest}
COPY --from=build --chown=1000:1000 /src/dist /srv/app
WORKDIR /srv/app
ENV NODE_ENV=production PORT=8080
EXPOSE 8080
USER 1000:1000
HEALTHCHECK --interval=30s CMD ["node", "healthy.js"]
ENTRYPOINT ["node", "server.js"]
`;
  assert.deepEqual(lintDockerfile(text, "Dockerfile").findings, []);
});

test("pipes, wrappers, heredocs, JSON shells and triggers do not hide a command", () => {
  const hidden = [
    'RUN bash -c "$(curl -fsSL https://a.test/i)"',
    "RUN bash <(curl -s https://a.test/i)",
    'RUN eval "$(wget -qO- https://a.test/i)"',
    "RUN curl https://a.test/i | sudo -E bash -",
    "RUN if true; then curl https://a.test/i | sh; fi",
    "RUN X=1 /usr/bin/curl https://a.test/i | gunzip | /bin/sh",
    'RUN ["/bin/sh", "-c", "curl https://a.test/i | sh"]',
    "RUN <<EOF\ncurl https://a.test/i | sh\nEOF",
    "ONBUILD RUN curl https://a.test/i | sh",
    "RUN curl https://a.test/i \\\n  # a comment\n  | python3",
  ];
  assert.deepEqual(
    hidden.filter((line) => !rulesOf(`FROM a\n${line}\n`).includes("download-into-shell")),
    [],
  );
});

test("an ignore comment with a reason switches a rule off for one instruction", () => {
  const text = (comment: string): string => `FROM a:1\n${comment}\nEXPOSE 22\nEXPOSE 22\nUSER 1\n`;
  const result = lintDockerfile(text("# plimsoll ignore=exposed-login only in the test bench"), "Dockerfile");
  assert.deepEqual(
    {
      left: result.findings.filter(({ rule }) => rule === "exposed-login").map(({ line }) => line),
      ignored: result.ignored.map(({ line, reason }) => [line, reason]),
      withoutReason: rulesOf(text("# plimsoll ignore=exposed-login")),
      unknown: rulesOf(text("# plimsoll ignore=nope because")),
      unused: rulesOf(text("# plimsoll ignore=sudo-used because")),
      inside: places("FROM a:1\nRUN a \\\n# plimsoll ignore=sudo-used for this one\n && sudo b\n", "sudo-used"),
    },
    {
      left: [4],
      ignored: [[3, "only in the test bench"]],
      withoutReason: ["base-without-digest", "ignore-without-reason", "exposed-login", "exposed-login"],
      unknown: ["base-without-digest", "ignore-unknown-rule", "exposed-login", "exposed-login"],
      unused: ["base-without-digest", "ignore-unused", "exposed-login", "exposed-login"],
      inside: [],
    },
  );
});

test("an ignore comment cannot switch off what it does not name, and not for the file", () => {
  const text = "# plimsoll ignore=* everything\n# plimsoll ignore=runs-as-root for all\nARG A\nFROM a:1\nUSER root\n";
  assert.ok(rulesOf(text).includes("runs-as-root"));
});

test("no secret of a Dockerfile is repeated in a report", async (t) => {
  const secret = "q8Zr5tYn2mW7";
  const file = fileWith(
    t,
    `FROM a\nENV DB_PASSWORD=${secret}\nARG TOKEN=${secret}\nRUN echo root:${secret} | chpasswd\nRUN git clone https://u:${secret}@git.test/a\n`,
  );
  for (const format of ["table", "json", "sarif"]) {
    const { stdout, stderr, code } = await run(["lint", "--format", format, file]);
    assert.deepEqual([code, (stdout + stderr).includes(secret)], [1, false], format);
  }
});

test("the command reads several files, fails from the chosen severity on, and writes each format", async (t) => {
  const bad = fileWith(t, "FROM a\nEXPOSE 2375\nUSER 1\n");
  const good = fileWith(t, `FROM a:1@sha256:${"0".repeat(64)}\nUSER 1\n`);
  const codes = [];
  for (const words of [
    [good],
    [bad],
    [good, bad],
    ["--fail-on", "critical", bad],
    ["--fail-on", "never", bad],
    ["--fail-on=negligible", good],
  ])
    codes.push((await run(["lint", ...words])).code);
  assert.deepEqual(codes, [0, 1, 1, 0, 0, 0]);
  const json = JSON.parse((await run(["lint", "--format=json", bad])).stdout);
  assert.deepEqual(
    json[0].findings.map((finding: { rule: string }) => finding.rule),
    ["base-latest", "exposed-control"],
  );
  const report = `${bad}.sarif`;
  assert.equal((await run(["lint", "--format=sarif", "--output", report, bad, good])).stdout, "");
  const { runs, version } = JSON.parse(readFileSync(report, "utf8"));
  const [result] = runs[0].results;
  assert.deepEqual(
    [
      version,
      runs[0].results.length,
      result.ruleId,
      runs[0].tool.driver.rules[result.ruleIndex].id,
      result.locations[0].physicalLocation.region,
    ],
    ["2.1.0", 2, "base-latest", "base-latest", { startLine: 2 - 1, startColumn: 6 }],
  );
});

test("a file that is not there, a folder and a file without end are errors, not clean files", async (t) => {
  const missing = await run(["lint", "/nowhere/Dockerfile"]);
  const folder = await run(["lint", tmpdir()]);
  const endless = await run(["lint", "/dev/zero"]);
  assert.deepEqual([missing.code, folder.code, endless.code], [3, 3, 3]);
  assert.match(missing.stderr, /\[NOT_FOUND\]/);
  assert.match(endless.stderr, /\[LIMIT_EXCEEDED\]/);
  t.diagnostic(folder.stderr.trim());
});

test("control characters of a Dockerfile never reach the terminal", async (t) => {
  const file = fileWith(t, "FROM a\nRUNN\u001b[2J \u202e\nUSER \u0007x\nVOLUME /proc/\u001b]0;x\u0007\n");
  const { stdout } = await run(["lint", file]);
  assert.deepEqual(
    ["\u001b", "\u202e", "\u0007"].filter((character) => stdout.includes(character)),
    [],
  );
});

test("any text at all is linted without an error, and quickly", () => {
  const pieces = [
    "FROM a\n",
    "RUN ",
    "\\\n",
    "<<EOF",
    "EOF\n",
    "$",
    "${",
    ":-",
    "}",
    '"',
    "'",
    "`",
    "[",
    "]",
    ",",
    "|",
    "&&",
    "#",
    "\n",
    " ",
    "COPY ",
    "--from=",
    "ONBUILD ",
    "ARG ",
    "=",
    "curl ",
    "sh ",
    "ENV ",
    "\t",
    "\u0000",
    "# escape=`\n",
  ];
  const text = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(text, (parts) => {
      for (const { line, column } of lintDockerfile(parts.join(""), "Dockerfile").findings)
        assert.ok(line >= 1 && column >= 1);
    }),
    { numRuns: 600 },
  );
});

test("long lines, many instructions and deep nesting end within the limits", () => {
  const hostile = [
    `FROM a\nRUN ${"a".repeat(500_000)}\n`,
    `FROM a\nRUN ${"curl x | ".repeat(50_000)}sh\n`,
    `FROM ${"${a:-".repeat(20_000)}\n`,
    `FROM a\nENV ${"A=1 ".repeat(100_000)}\n`,
    `FROM a\nRUN ${"<<A ".repeat(20_000)}\n`,
    `${"ONBUILD ".repeat(2000)}RUN x\n`,
    `FROM a\nRUN chmod ${"7".repeat(200_000)}\n`,
    `FROM a\nCOPY ${'["'.repeat(100_000)}\n`,
    "FROM a\n".repeat(3000),
    `FROM a\nRUN x${" b \\\n".repeat(60_000)} c\n`,
    `FROM a\nRUN x ${"$(".repeat(100_000)}\n`,
    `FROM a\nRUN ${"rm -f ".repeat(60_000)}\n`,
    `FROM a\nRUN ${"apt-get install b;".repeat(40_000)}\n`,
    `FROM a\n${"# plimsoll ignore=sudo-used x\n".repeat(20_000)}RUN sudo x\n`,
  ];
  for (const text of hostile) lintDockerfile(text, "Dockerfile");
  assert.throws(() => lintDockerfile("FROM a\n".repeat(20_000), "Dockerfile"), { code: "LIMIT_EXCEEDED" });
  assert.throws(() => lintDockerfile("#".repeat(2_000_000), "Dockerfile"), { code: "LIMIT_EXCEEDED" });
});

function fileWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-lint-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "Dockerfile");
  writeFileSync(file, text);
  return file;
}
