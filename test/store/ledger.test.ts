// Who owns what cannot carry a label.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startStore, temporaryFolder } from "./records.ts";

test("owners stay in the order they came, once each, and survive a restart", async (t) => {
  const folder = temporaryFolder(t);
  const first = await startStore({ folder });
  first.ledger.claim("image", "sha256:1", "unix:bob");
  first.ledger.claim("image", "sha256:1", "unix:alice");
  first.ledger.claim("image", "sha256:1", "unix:bob");
  first.ledger.claim("tag", "sha256:1", "unix:carol");
  await first.close();
  const second = await startStore({ folder });
  assert.deepEqual(
    [
      second.ledger.owners("image", "sha256:1"),
      second.ledger.owners("tag", "sha256:1"),
      second.ledger.owners("exec", "x"),
    ],
    [["unix:bob", "unix:alice"], ["unix:carol"], []],
  );
});

test("an owner can be released alone, or the whole id", async (t) => {
  const folder = temporaryFolder(t);
  const first = await startStore({ folder });
  for (const owner of ["a", "b", "c"]) first.ledger.claim("image", "one", owner);
  for (const owner of ["a", "b"]) first.ledger.claim("image", "two", owner);
  first.ledger.release("image", "one", "b");
  first.ledger.release("image", "one", "nobody");
  first.ledger.release("image", "two");
  first.ledger.release("image", "three");
  const before = ["one", "two"].map((id) => first.ledger.owners("image", id));
  await first.close();
  const second = await startStore({ folder });
  const after = ["one", "two"].map((id) => second.ledger.owners("image", id));
  assert.deepEqual(
    [before, after],
    [
      [["a", "c"], []],
      [["a", "c"], []],
    ],
  );
});

test("names with quotes, spaces and SQL in them are only names", async (t) => {
  const { ledger } = await startStore({ folder: temporaryFolder(t) });
  const id = "x'; DROP TABLE owner; -- \u0000 y";
  ledger.claim("image", id, "unix:alice");
  ledger.claim("tag", `image ${id}`, "unix:bob");
  assert.deepEqual([ledger.owners("image", id), ledger.owners("tag", id)], [["unix:alice"], []]);
});
