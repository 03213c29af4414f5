// The user's YARA rules: bent ones are refused, slow ones are ended, and none of them ends a scan.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import { yara } from "../../src/findings/detectors/yara.ts";
import { openOwnRules } from "../../src/findings/malware/own-rules.ts";
import { readShippedRules } from "../../src/findings/malware/shipped-rules.ts";
import { mutated } from "../support/mutated.ts";
import { openDetector, showFile } from "./support/look-at.ts";

const marker = 'rule marker { meta: title = "M" severity = "low" strings: $a = "acme-marker" condition: $a }';
/** Only files with this text keep it busy, for hours. */
const slow = `rule slow { strings: $a = "slow-marker" condition: $a and for all i in (1..100000000000) : (i + filesize > 0) }`;

function ruleFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-rules-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "own.yar"), text);
  return join(folder, "own.yar");
}

async function tryRules(text: string): Promise<string> {
  try {
    const rules = await openOwnRules([{ name: "own.yar", text }]);
    await rules.scan(Buffer.from("acme-marker")).finally(() => rules.close());
    return "works";
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "POLICY_INVALID") return "refused";
    throw thrown;
  }
}

test("any text as a rule file works or is refused with one documented error", async () => {
  const words = fc.constantFrom(
    ...'rule a { } meta: strings: condition: $a = " / ( ) * .. for any of them all in : 1 0xFF true import include pe elf /[a-z]{1,9}/ nocase wide'.split(
      " ",
    ),
    "\n",
    "\0",
    "é",
  );
  const texts = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.array(words, { maxLength: 80 }).map((all) => all.join(" ")),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (text) => void (await tryRules(text))),
    { numRuns: 12, seed: 1 },
  );
});

test("real rules that were bent work or are refused with one documented error", async () => {
  const sources = readShippedRules();
  const outcomes = new Set<string>();
  outcomes.add(await tryRules(sources[0]?.text ?? ""));
  for (let seed = 0; seed < 16; seed += 1) {
    const text = sources[seed % sources.length]?.text ?? "";
    outcomes.add(await tryRules(mutated(Buffer.from(text), seed).toString("utf8")));
  }
  assert.deepEqual([...outcomes].sort(), ["refused", "works"]);
});

test("letters of several bytes behind a mistake end the compiler, and not the scan", async () => {
  const [{ text = "" } = {}] = readShippedRules().filter((source) => source.text.includes("eicar_test_file"));
  const outcomes = [];
  for (let seed = 0; seed < 8; seed += 1) {
    const at = (seed * 97) % text.length;
    outcomes.push(await tryRules(`${text.slice(0, at)}\ufffd$\`\ufffd${text.slice(at + 2)}`));
  }
  assert.ok(outcomes.includes("refused"), outcomes.join(", "));
});

test("a rule that takes too long for a file is ended, told, and tried on the next file", async () => {
  const rules = await openOwnRules([{ name: "own.yar", text: `${marker}\n${slow}` }], 1000);
  const names = async (text: string): Promise<readonly string[]> =>
    (await rules.scan(Buffer.from(text))).map(({ rule }) => rule);
  const before = await names("an acme-marker");
  await assert.rejects(names("a slow-marker"), { code: "LIMIT_EXCEEDED", message: /more than 1 s for this file/ });
  const after = await names("an acme-marker");
  rules.close();
  assert.deepEqual([before, after], [["marker"], ["marker"]]);
});

test("rules that are too slow for one file after the other are given up, and every file is told", async () => {
  const rules = await openOwnRules([{ name: "own.yar", text: slow }], 50);
  const said = [];
  for (let at = 0; at < 7; at += 1) {
    said.push(
      await rules.scan(Buffer.from("a slow-marker")).then(String, (error: Error) => /given up/.test(error.message)),
    );
  }
  rules.close();
  assert.deepEqual(said, [false, false, false, false, false, true, true]);
});

test("the process of the rules goes when its scanner is killed in the middle of a slow rule", async () => {
  const program = `
    import { openOwnRules } from ${JSON.stringify(join(import.meta.dirname, "../../src/findings/malware/own-rules.ts"))};
    const rules = await openOwnRules([{ name: "own.yar", text: ${JSON.stringify(slow)} }], 600000);
    rules.scan(Buffer.from("nothing")).then(async () => {
      rules.scan(Buffer.from("a slow-marker")).catch(() => undefined);
      const { readFileSync } = await import("node:fs");
      setTimeout(() => {
        process.stdout.write(readFileSync("/proc/self/task/" + process.pid + "/children", "utf8"));
        setTimeout(() => process.kill(process.pid, "SIGKILL"), 100);
      }, 300);
    });`;
  const words = ["--input-type=module", "-e", program];
  const pid = await new Promise<string>((resolve) => {
    try {
      resolve(execFileSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    } catch (thrown) {
      resolve(thrown instanceof Error && "stdout" in thrown ? String(thrown.stdout) : "");
    }
  });
  assert.match(pid, /^\d+ $/);
  while (isRunning(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 100));
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("the user's rules are tried on every file, and all is told before the layer ends", async (t) => {
  const detector = await openDetector(yara, { ruleFiles: [ruleFile(t, marker)] });
  const found = ["one acme-marker", "two", "three acme-marker"].map((content, at) =>
    showFile(detector, { path: `${at}`, content }),
  );
  await detector.settle?.();
  await detector.close();
  assert.deepEqual(
    [found.map((all) => all.map(({ id }) => id)), detector.takeProblems?.()],
    [[["marker"], [], ["marker"]], []],
  );
});
