import assert from "node:assert/strict";
import { test } from "node:test";
import { requestId } from "../../src/base/request-id.ts";

test("request ids sort by time and do not repeat", () => {
  const ids = [0, 1, 31, 32, 1_700_000_000_000, 281_474_976_710_655].map(requestId);
  const many = new Set(Array.from({ length: 10_000 }, () => requestId(5)));
  const digits = new Set([...many].flatMap((id) => [...id.slice(10)]));
  assert.deepEqual(
    [[...ids].sort(), ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id)), many.size, digits.size],
    [ids, true, 10_000, 32],
  );
});
