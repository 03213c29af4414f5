// What bzip2 itself packed comes out as it was; what somebody changed comes to a documented error.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { bunzip2 } from "../../src/base/bzip2.ts";
import { PlimsollError } from "../../src/base/errors.ts";
import { seededRandom } from "../detectors/support/random.ts";
import { mutated } from "../support/mutated.ts";

const python = "import bz2, sys; sys.stdout.buffer.write(bz2.compress(sys.stdin.buffer.read(), int(sys.argv[1])))";

function packed(content: Buffer, level = 9): Buffer {
  const { stdout, status, stderr } = spawnSync("python3", ["-c", python, String(level)], {
    input: content,
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

const unpacked = (bytes: Uint8Array): Buffer => Buffer.concat([...bunzip2(bytes)]);

const random = seededRandom(9);
const contents: readonly (readonly [what: string, content: Buffer])[] = [
  ["nothing", Buffer.alloc(0)],
  ["one byte", Buffer.from("a")],
  ["every byte", Buffer.from(Array.from({ length: 256 }, (_, at) => at))],
  ["runs of every length", Buffer.concat(Array.from({ length: 300 }, (_, at) => Buffer.alloc(at, at % 7)))],
  ["noise", random.bytes(300_000)],
  [
    "text in several blocks",
    Buffer.from(Array.from({ length: 60_000 }, (_, at) => `<cve id="CVE-2024-${at % 997}"/>\n`).join("")),
  ],
  ["zeros in several blocks", Buffer.alloc(60_000_000)],
];

for (const [what, content] of contents) {
  test(`${what} comes out as it was`, () => {
    assert.ok(unpacked(packed(content)).equals(content));
    if (content.length < 2_000_000) assert.ok(unpacked(packed(content, 1)).equals(content));
  });
}

test("streams one after the other are one", () => {
  assert.equal(unpacked(Buffer.concat([packed(Buffer.from("a")), packed(Buffer.from("bc"))])).toString(), "abc");
});

test("changed, cut and doubled bytes are refused, and never another content", () => {
  const content = Buffer.from(Array.from({ length: 400 }, (_, at) => `line ${at * 7}\n`).join(""));
  const whole = packed(content);
  for (let seed = 0; seed < 1500; seed += 1) {
    const bytes = mutated(whole, seed);
    try {
      const found = unpacked(bytes);
      assert.ok(found.equals(content) || bytes.length > whole.length, `seed ${seed}`);
    } catch (thrown) {
      assert.ok(thrown instanceof PlimsollError && thrown.code === "MALFORMED_INPUT", `seed ${seed}: ${thrown}`);
    }
  }
});
