// The shape of the code: sizes, types that are not given up, headers, and no shell.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readSources } from "./source-files.ts";

const written = readSources("src", "scripts", "bench").filter((file) => !file.path.endsWith(".generated.ts"));

test("no file is longer than 400 lines", () => {
  const long = [...written, ...readSources("test")].filter((file) => file.text.split("\n").length > 401);
  assert.deepEqual(
    long.filter((file) => !file.path.endsWith(".generated.ts")).map((file) => file.path),
    [],
  );
});

test("every file says in its first line what it is", () => {
  const silent = written.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(file.text));
  assert.deepEqual(
    silent.map((file) => file.path),
    [],
  );
});

test("types are never given up outside the schema file", () => {
  const givenUp =
    /\bas (?!const\b)(?:unknown|any|never|string|number|[A-Z]\w*)|: any\b|<any>|@ts-(?:ignore|expect-error)/;
  const given = written
    .filter((file) => file.path !== "src/base/schema.ts")
    .flatMap((file) =>
      file.text.split("\n").flatMap((line, index) => {
        const code = line.replace(/^import .*|\/\*\*.*|\/\/.*$|^\s*\*.*$|"[^"]*"|`[^`]*`/g, "");
        return givenUp.test(code) ? [`${file.path}:${index + 1}: ${line.trim()}`] : [];
      }),
    );
  assert.deepEqual(given, []);
});

test("no process is started through a shell", () => {
  const shell = /\bshell:\s*true|\bexecSync\(|[^.\w]exec\(|from "node:child_process".*\bexec\b|\beval\(|new Function\(/;
  const found = written.filter((file) => shell.test(file.text)).map((file) => file.path);
  assert.deepEqual(found, []);
});

test("no work is put off in a comment, and no path of a workplace is left", () => {
  const found = [...written, ...readSources("test")].filter((file) =>
    /\b(?:TODO|FIXME|XXX)\b|["'` ]\/(?:work|farm)\//.test(file.text.replaceAll(/\/\\b.*|"\[\^.*/g, "")),
  );
  assert.deepEqual(
    found.map((file) => file.path).filter((path) => path !== "test/house/shape.test.ts"),
    [],
  );
});
