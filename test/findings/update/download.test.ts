// Downloads: only what changed, from where they stopped, never more than allowed, and nothing but what the publisher has.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../../src/base/errors.ts";
import { type DownloadOptions, download } from "../../../src/findings/update/download.ts";
import { temporaryFolder } from "../database-of.ts";
import { etagOf, type Publisher, startPublisher } from "./publisher.ts";

const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251));

async function prepare(t: TestContext) {
  const publisher = await startPublisher(t, { "a/all.zip": content });
  const path = join(temporaryFolder(t), "sub", "all.zip");
  const fetchIt = (more: Partial<DownloadOptions> = {}) =>
    download({
      url: `${publisher.url}/a/all.zip`,
      path,
      maxBytes: 1_000_000,
      sha256: "",
      now: () => new Date("2026-11-22T00:00:00Z"),
      retryMs: 1,
      ...more,
    });
  return { publisher, path, fetchIt };
}

async function failure(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return "none";
  } catch (thrown) {
    return thrown instanceof PlimsollError ? thrown.code : String(thrown);
  }
}

/** Sends the first bytes only, then drops the connection; the next time all is well. */
function breakOnce(publisher: Publisher, bytes: number): void {
  publisher.intercept = (_request, response) => {
    publisher.intercept = () => false;
    response.writeHead(200, { etag: etagOf(content), "content-length": content.length });
    response.write(content.subarray(0, bytes), () => response.destroy());
    return true;
  };
}

test("a file is fetched once, and then only when it changed", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  const first = await fetchIt();
  const second = await fetchIt();
  const same = readFileSync(path).equals(content);
  publisher.files.set("a/all.zip", Buffer.from("new"));
  const third = await fetchIt();
  assert.deepEqual(
    { first, second, same, third, now: readFileSync(path, "utf8"), asked: publisher.asked },
    {
      first: true,
      second: false,
      same: true,
      third: true,
      now: "new",
      asked: ["GET /a/all.zip", "GET /a/all.zip if-none-match", "GET /a/all.zip if-none-match"],
    },
  );
});

test("a broken connection goes on where it stopped", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  breakOnce(publisher, 150_000);
  await fetchIt();
  assert.ok(readFileSync(path).equals(content));
  assert.match(publisher.asked[1] ?? "", /^GET \/a\/all\.zip bytes=[1-9]\d*-$/);
});

test("when the file changed meanwhile, two halves are never joined", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  breakOnce(publisher, 150_000);
  const newer = Buffer.from(content).fill(7);
  const first = publisher.intercept;
  publisher.intercept = (request, response) => {
    const taken = first(request, response);
    publisher.files.set("a/all.zip", newer);
    return taken;
  };
  await fetchIt();
  assert.ok(readFileSync(path).equals(newer));
});

test("a server that lies about the part it sends is not believed", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  breakOnce(publisher, 150_000);
  const first = publisher.intercept;
  let count = 0;
  publisher.intercept = (request, response) => {
    count += 1;
    if (count === 1) return first(request, response);
    if (count > 2) return false;
    response.writeHead(206, { "content-range": `bytes 0-${content.length - 1}/${content.length}` }).end(content);
    return true;
  };
  await fetchIt();
  assert.ok(readFileSync(path).equals(content));
});

test("more bytes than allowed are not taken, whether announced or not", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  const announced = await failure(fetchIt({ maxBytes: 1000 }));
  publisher.intercept = (_request, response) => {
    response.writeHead(200);
    response.write(content);
    response.end(content);
    return true;
  };
  const endless = await failure(fetchIt({ maxBytes: 250_000 }));
  assert.deepEqual(
    { announced, endless, exists: existsSync(path) },
    { announced: "LIMIT_EXCEEDED", endless: "LIMIT_EXCEEDED", exists: false },
  );
});

test("what does not agree with the publisher's checksum never takes the place of the old file", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  await fetchIt({ sha256: createHash("sha256").update(content).digest("hex") });
  publisher.files.set("a/all.zip", Buffer.from("forged"));
  const code = await failure(fetchIt({ sha256: createHash("sha256").update("genuine").digest("hex") }));
  publisher.intercept = (_request, response) => {
    response.writeHead(200, { "x-goog-hash": "crc32c=AAAAAA==,md5=AAAAAAAAAAAAAAAAAAAAAA==" }).end("forged");
    return true;
  };
  const other = await failure(fetchIt());
  assert.deepEqual(
    { code, other, kept: readFileSync(path).equals(content) },
    { code: "DOWNLOAD_FAILED", other: "DOWNLOAD_FAILED", kept: true },
  );
});

test("trouble that passes is tried again, a file that is not there is not", async (t) => {
  const { publisher, fetchIt } = await prepare(t);
  let count = 0;
  publisher.intercept = (_request, response) => {
    count += 1;
    if (count > 2) return false;
    response.writeHead(503).end();
    return true;
  };
  const first = await fetchIt();
  publisher.intercept = () => false;
  publisher.files.clear();
  const missing = await failure(fetchIt());
  assert.deepEqual(
    { first, missing, asked: publisher.asked.length },
    { first: true, missing: "DOWNLOAD_FAILED", asked: 4 },
  );
});

test("a redirect is followed, but to no other kind of address", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  const redirect = (location: string) => {
    publisher.intercept = (request, response) => {
      if (request.url !== "/moved") return false;
      response.writeHead(302, { location }).end();
      return true;
    };
  };
  redirect("/a/all.zip");
  await fetchIt({ url: `${publisher.url}/moved` });
  redirect("file:///etc/passwd");
  const file = await failure(fetchIt({ url: `${publisher.url}/moved` }));
  redirect("/moved");
  const circle = await failure(fetchIt({ url: `${publisher.url}/moved` }));
  assert.deepEqual(
    { same: readFileSync(path).equals(content), file, circle },
    { same: true, file: "DOWNLOAD_FAILED", circle: "DOWNLOAD_FAILED" },
  );
});

test("a mirror's password is sent to the mirror alone, and shown nowhere", async (t) => {
  const { publisher, fetchIt } = await prepare(t);
  const other = await startPublisher(t, {});
  const seen: (string | undefined)[] = [];
  publisher.intercept = (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: `${other.url}/x` }).end();
    return true;
  };
  other.intercept = (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
    return true;
  };
  const url = publisher.url.replace("://", "://me:geheim@");
  await assert.rejects(fetchIt({ url: `${url}/a/all.zip` }), (thrown: Error) => !thrown.message.includes("geheim"));
  assert.deepEqual(seen, [`Basic ${Buffer.from("me:geheim").toString("base64")}`, undefined]);
});

test("a file that somebody changed here is fetched anew", async (t) => {
  const { path, fetchIt } = await prepare(t);
  await fetchIt();
  writeFileSync(path, "shorter");
  const again = await fetchIt();
  assert.deepEqual({ again, same: readFileSync(path).equals(content) }, { again: true, same: true });
});

test("nothing is left over", async (t) => {
  const { publisher, path, fetchIt } = await prepare(t);
  breakOnce(publisher, 1000);
  await fetchIt();
  assert.deepEqual(readdirSync(join(path, "..")).sort(), ["all.zip", "all.zip.json"]);
});
