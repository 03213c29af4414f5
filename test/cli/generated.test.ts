// What is made from the command table and from the plugins' files is made anew and compared.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { staleLists } from "../../scripts/plugins.ts";
import { commands } from "../../src/cli/commands.generated.ts";
import { commandLineDocument } from "../../src/cli/markdown.ts";
import { root } from "../house/source-files.ts";
import { run } from "./program.ts";

test("the lists of plugins are fresh (npm run plugins writes them)", () => {
  assert.deepEqual(staleLists(), []);
});

test("docs/cli.md is what the command table says (npm run plugins writes it)", () => {
  assert.equal(readFileSync(join(root, "docs/cli.md"), "utf8"), commandLineDocument(commands));
});

test("the completion script for bash is valid and completes commands, options and choices", async (t) => {
  const script = (await run(["completion", "bash"])).stdout;
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-completion-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "plimsoll"), script);
  const complete = (...words: readonly string[]) =>
    execFileSync(
      "bash",
      [
        "-c",
        `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _plimsoll; printf '%s\\n' "\${COMPREPLY[@]}"`,
        join(folder, "plimsoll"),
        ...words,
      ],
      { encoding: "utf8" },
    )
      .trim()
      .split("\n");
  assert.deepEqual(complete("plimsoll", "stat"), ["status"]);
  assert.deepEqual(complete("plimsoll", "completion", "z"), ["zsh"]);
  assert.deepEqual(complete("plimsoll", "up", "--mode", "en"), ["enforce"]);
  assert.deepEqual(complete("plimsoll", "up", "--det"), ["--detach"]);
});

for (const shell of ["zsh", "fish"]) {
  const isThere = spawnSync(shell, ["--version"]).error === undefined;
  test(`the completion script for ${shell} is valid`, { skip: isThere ? false : `needs ${shell}` }, async () => {
    const script = (await run(["completion", shell])).stdout;
    assert.equal(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" }).stderr, "");
  });
}

test("every command and option is in each completion script", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const script = (await run(["completion", shell])).stdout;
    for (const command of commands) {
      assert.ok(script.includes(command.name), `${shell}: ${command.name}`);
      for (const option of Object.keys("commands" in command ? {} : (command.options ?? {})))
        assert.ok(script.includes(option), `${shell}: ${command.name} --${option}`);
    }
  }
});

const canFormat = spawnSync("man", ["--version"]).error === undefined;
test("the manual page formats without a warning", { skip: canFormat ? false : "needs man" }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-man-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const page = join(folder, "plimsoll.1");
  writeFileSync(page, (await run(["man"])).stdout);
  const shown = spawnSync("man", ["--warnings=w", "-l", "-Tutf8", page], {
    encoding: "utf8",
    env: { ...process.env, MANWIDTH: "100", LC_ALL: "C.UTF-8" },
  });
  assert.deepEqual([shown.status, shown.stderr], [0, ""]);
  // Bold letters are written twice with a backspace between.
  assert.match(shown.stdout.replaceAll(/.[\b]/g, ""), /plimsoll up \[OPTIONS\]/);
});
