// A SoftHSM2 token of its own for one test: a real PKCS #11 library, with the objects in a folder that goes away.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export const pin = "123456";

/** Sets SOFTHSM2_CONF for this process and its children. @returns the beginning of key URIs */
export function softToken(t: Pick<TestContext, "after">, label = "lab"): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-hsm-"));
  mkdirSync(join(folder, "tokens"));
  const file = join(folder, "softhsm2.conf");
  writeFileSync(
    file,
    `directories.tokendir = ${join(folder, "tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const before = process.env["SOFTHSM2_CONF"];
  process.env["SOFTHSM2_CONF"] = file;
  t.after(() => {
    if (before === undefined) delete process.env["SOFTHSM2_CONF"];
    else process.env["SOFTHSM2_CONF"] = before;
    rmSync(folder, { recursive: true });
  });
  addToken(label);
  return `pkcs11:token=${label}`;
}

export function addToken(label: string): void {
  const words = ["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", pin];
  execFileSync("softhsm2-util", words, { stdio: "pipe" });
}
