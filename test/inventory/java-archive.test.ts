// Java archives that lie about themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { javaArchive } from "../../src/inventory/catalogers/java-archive.ts";

type Entry = {
  readonly name: string;
  readonly data: Buffer;
  readonly isDeflated?: boolean;
  readonly claimedSize?: number;
};

const pom = "META-INF/maven/g/a/pom.properties";
const properties = Buffer.from("groupId=g\nartifactId=a\nversion=1.0\n");

/** @param claimed how many entries the end record speaks of; all of them when it is left out */
function makeZip(
  entries: readonly Entry[],
  claimed: number = entries.length,
  comment: Buffer = Buffer.alloc(0),
): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, isDeflated = false, claimedSize = data.length } of entries) {
    const stored = isDeflated ? deflateRawSync(data) : data;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(isDeflated ? 8 : 0, 10);
    central.writeUInt32LE(stored.length, 20);
    central.writeUInt32LE(claimedSize, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), stored);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + stored.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(claimed, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, ...directory, end, comment]);
}

function namesIn(content: Buffer, path: string = "app/x.jar"): readonly string[] {
  return javaArchive.catalog({ path, content }).packages.map(({ name, version }) => `${name} ${version}`);
}

test("an end record that counts fewer entries than there are hides none", () => {
  const zip = makeZip(
    [
      { name: "x.class", data: Buffer.from("x") },
      { name: pom, data: properties },
    ],
    1,
  );
  assert.deepEqual(namesIn(zip), ["g:a 1.0"]);
});

test("an end record inside the comment is not taken for the true one", () => {
  const empty = makeZip([]);
  const zip = makeZip([{ name: pom, data: properties }], 1, Buffer.concat([empty, Buffer.from("more")]));
  assert.deepEqual(namesIn(zip), ["g:a 1.0"]);
});

test("an entry that inflates to more than it claims is refused", () => {
  const zip = makeZip([{ name: pom, data: Buffer.alloc(5_000_000, "a"), isDeflated: true, claimedSize: 10 }]);
  assert.throws(() => namesIn(zip), { code: "MALFORMED_INPUT" });
});

test("archives in archives end at a depth, and what lies above is listed", () => {
  let content = makeZip([{ name: pom, data: properties }]);
  for (let depth = 0; depth < 12; depth += 1) {
    const own = {
      name: `META-INF/maven/g/d${depth}/pom.properties`,
      data: Buffer.from(`groupId=g\nartifactId=d${depth}\nversion=1\n`),
    };
    content = makeZip([own, { name: "in.jar", data: content }]);
  }
  const result = javaArchive.catalog({ path: "app/x.jar", content });
  assert.deepEqual(
    { names: result.packages.map(({ name }) => name), problems: result.problems?.length },
    { names: ["g:d11", "g:d10", "g:d9", "g:d8", "g:d7", "g:d6", "g:d5"], problems: 1 },
  );
});

test("what is inflated in all stops at the budget, and that is told", () => {
  const data = makeZip([{ name: "zeros.bin", data: Buffer.alloc(40_000_000) }]);
  const [entry] = [{ name: "0.jar", data, isDeflated: true }];
  const zip = makeZip([entry]);
  const directory = zip.indexOf(Buffer.from("PK\x01\x02"));
  const row = zip.subarray(directory, directory + 46 + entry.name.length);
  const end = Buffer.from(zip.subarray(directory + row.length));
  end.writeUInt32LE(row.length * 30, 12);
  // Thirty entries that all lie upon the same bytes.
  const bomb = Buffer.concat([zip.subarray(0, directory), ...Array.from({ length: 30 }, () => row), end]);
  const { problems = [] } = javaArchive.catalog({ path: "app/x.jar", content: bomb });
  assert.deepEqual([problems.length, problems.every((what) => what.includes("at most"))], [17, true]);
});
