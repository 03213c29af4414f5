// A head that is known but for its date is read as if it were new.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeadReader } from "../../../src/gate/transport/answer-head.ts";

const dates = ["Sun, 22 Nov 2026 14:11:01 GMT", "Sun, 22 Nov 2026 14:11:02 GMT"];
const heads = (date: string): readonly string[] => [
  `HTTP/1.1 201 Created\r\nApi-Version: 1.41\r\nDate: ${date}\r\nContent-Length: 88`,
  `HTTP/1.1 200 OK\r\nDate: ${date}\r\nTransfer-Encoding: chunked`,
  `HTTP/1.1 204 No Content\r\nServer: x\r\nDate: ${date}`,
  `HTTP/1.1 200 OK\r\nDate: ${date}\r\nX-Date: ${date}\r\nConnection: close, date`,
  `HTTP/1.1 200 OK\r\nDate: ${date}\r\nDate: ${date}\r\nContent-Length: 1`,
  `HTTP/1.1 200 OK\r\nDate: ${date}, and more\r\nContent-Length: 1`,
  `HTTP/1.1 200 OK\r\ndate: ${date}\r\nContent-Length: 1`,
  `HTTP/1.1 200 OK\r\nDate: ${"(".repeat(29)}\r\nContent-Length: 1`,
];

test("every head is read as by a reader that has seen none before", () => {
  const reader = createHeadReader();
  for (const date of [...dates, ...dates]) {
    for (const isHeadRequest of [false, true]) {
      const read = heads(date).map((text) => reader(text, isHeadRequest));
      assert.deepEqual(
        read,
        heads(date).map((text) => createHeadReader()(text, isHeadRequest)),
      );
    }
  }
});

test("the date is the answer's own, wherever it stands", () => {
  const reader = createHeadReader();
  const [text] = dates.map((date) => heads(date)[0] ?? "");
  reader(text ?? "", false);
  const { head } = reader((text ?? "").replace(":01", ":59"), false);
  assert.deepEqual(head.withoutLength, ["Api-Version", "1.41", "Date", "Sun, 22 Nov 2026 14:11:59 GMT"]);
});
