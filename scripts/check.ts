// The one command that checks what needs no engine: format and lint, types, and the rules of the house. In parallel.

import { spawn } from "node:child_process";
import { join } from "node:path";

type Check = { readonly name: string; readonly program: string; readonly words: readonly string[] };

const bin = (name: string): string => join(import.meta.dirname, "..", "node_modules", ".bin", name);
const checks: readonly Check[] = [
  { name: "format and lint", program: bin("biome"), words: ["check", "--error-on-warnings"] },
  { name: "types", program: bin("tsc"), words: ["-p", "."] },
  {
    name: "house rules",
    program: process.execPath,
    words: ["scripts/test.ts", "test/house"],
  },
];

const results = await Promise.all(checks.map(run));
process.exitCode = results.every((passed) => passed) ? 0 : 1;

function run(check: Check): Promise<boolean> {
  const started = performance.now();
  const child = spawn(check.program, check.words, { stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${check.name} (${seconds} s)\n`);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}
