import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ResponsePlan } from "../../../src/gate/call.ts";
import { accepts, raw, request, requestBytes } from "../../support/http.ts";
import { type Closing, openDoor, passWith, startFakeEngine } from "./support.ts";

/** An engine that answers every connection's first bytes with these, and then ends it or not. */
async function startRawEngine(t: Closing, answer: string, ends = true): Promise<string> {
  const path = join(tmpdir(), `plimsoll-raw-${process.pid}-${Math.random().toString(36).slice(2)}.sock`);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(Buffer.from(answer, "latin1"));
      if (ends) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  return path;
}

const json = (change: Extract<ResponsePlan, { kind: "json" }>["change"]) => passWith({ kind: "json", change });

test("a JSON answer is changed as a whole, and big integers stay exact", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => {
    response.writeHead(200, { "Content-Type": "application/json", "Api-Version": "1.41" });
    response.write('[{"Id":9007199254740993,"a":1},');
    setImmediate(() => response.end('{"b":2}]'));
  });
  const door = await openDoor(
    t,
    engine.socket,
    json((value) => (Array.isArray(value) ? value.slice(0, 1) : null)),
  );
  const reply = await request(door.socket, "GET", "/v1.41/containers/json");
  assert.deepEqual(
    [reply.status, reply.text, /Content-Length: 31/i.test(reply.head), /Api-Version: 1.41/.test(reply.head)],
    [200, '[{"Id":9007199254740993,"a":1}]', true, true],
  );
});

test("an answer that cannot be filtered is withheld", async (t) => {
  const bodies = ["{broken", '{"a":1}{"b":2}', `{"a":"${"x".repeat(100)}`, '{"secret":true}'];
  const outcomes = [];
  for (const body of bodies) {
    const engine = await startFakeEngine(t, (_request, response) => response.end(body));
    const door = await openDoor(
      t,
      engine.socket,
      json(() => assert.fail("no filter")),
    );
    const reply = await request(door.socket, "GET", "/x");
    outcomes.push([
      reply.status,
      reply.text.includes("withheld"),
      reply.text.includes("secret"),
      door.outcomes[0]?.end,
    ]);
  }
  assert.deepEqual(
    outcomes,
    bodies.map(() => [502, true, false, "refused"]),
  );
});

test("error answers pass a filter as they are", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) =>
    response.writeHead(404).end('{"message":"no such thing"}'),
  );
  const door = await openDoor(
    t,
    engine.socket,
    json(() => assert.fail("not asked")),
  );
  const reply = await request(door.socket, "GET", "/x");
  assert.deepEqual([reply.status, reply.text], [404, '{"message":"no such thing"}']);
});

test("records are filtered one by one, in lines and in RFC 7464 sequences, however they are cut", async (t) => {
  const records = '{"n":1}\n{"n":2}\r\n\n\u001e{"n":3}\n\u001e{"n":4}\n{"n":5}';
  for (const size of [1, 5, 1000]) {
    const engine = await startFakeEngine(t, (_request, response) => {
      for (let at = 0; at < records.length; at += size) response.write(records.slice(at, at + size));
      response.end();
    });
    const isOdd = (value: unknown): boolean => JSON.stringify(value).match(/[135]/) !== null;
    const door = await openDoor(
      t,
      engine.socket,
      passWith({ kind: "records", change: (value) => (isOdd(value) ? value : undefined) }),
    );
    assert.equal(
      (await request(door.socket, "GET", "/events")).text,
      '{"n":1}\n\u001e{"n":3}\n{"n":5}',
      `pieces of ${size}`,
    );
  }
});

test("a record that cannot be filtered ends the stream without a proper end", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => {
    response.write('{"n":1}\n');
    setTimeout(() => response.write('{"n":2\n'), 100);
  });
  const door = await openDoor(t, engine.socket, passWith({ kind: "records", change: (value) => value }));
  const bytes = await raw(door.socket, [requestBytes("GET", "/events")]);
  assert.deepEqual([/"n":1/.test(bytes.toString()), /0\r\n\r\n$/.test(bytes.toString())], [true, false]);
});

test("the head of a waiting answer reaches the caller at once", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.flushHeaders();
  });
  const door = await openDoor(t, engine.socket);
  const bytes = await raw(door.socket, [requestBytes("POST", "/wait")], { until: /\r\n\r\n/ });
  assert.match(bytes.toString(), /^HTTP\/1\.1 200/);
});

test("hop-by-hop headers stay on their side, the engine's own cross", async (t) => {
  const seen: string[] = [];
  const engine = await startFakeEngine(t, (request, response) => {
    seen.push(...request.rawHeaders);
    response.writeHead(200, [
      ["Connection", "keep-alive, X-Private"],
      ["X-Private", "1"],
      ["Docker-Content-Digest", "sha256:ab"],
      ["X-Docker-Container-Path-Stat", "e30="],
    ]);
    response.end("ok");
  });
  const door = await openDoor(t, engine.socket);
  const headers = { Connection: "close, X-Mine", "X-Mine": "1", TE: "trailers", "X-Kept": "2", Expect: "100-continue" };
  const reply = await request(door.socket, "GET", "/x", { headers });
  assert.deepEqual(
    [
      seen.filter((word) => /mine|^te$|expect/i.test(word)),
      seen.includes("X-Kept"),
      /X-Private/.test(reply.head),
      /Docker-Content-Digest: sha256:ab/.test(reply.head),
      /X-Docker-Container-Path-Stat: e30=/.test(reply.head),
    ],
    [[], true, false, true, true],
  );
});

test("answers in every framing keep their bytes, and cut ones never look whole", async (t) => {
  const head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\n";
  const cases: readonly (readonly [string, string | undefined])[] = [
    [`${head}Content-Length: 5\r\n\r\nhello`, "hello"],
    [`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n`, "hello"],
    [`${head}\r\nhello`, "hello"],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", ""],
    [`${head}Content-Length: 6\r\n\r\nhello`, undefined],
    [`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, undefined],
    [`${head}Transfer-Encoding: gzip, chunked\r\n\r\n`, undefined],
    ["HTTP/1.1 200 OK\nbroken", undefined],
    ["HTTP/1.1 101 Switching Protocols\r\n\r\n", undefined],
  ];
  const found = [];
  for (const [answer] of cases) {
    const door = await openDoor(t, await startRawEngine(t, answer));
    const bytes = await raw(door.socket, [requestBytes("GET", "/x")], { timeoutMs: 3000 });
    const isWhole = door.outcomes[0]?.end === "complete";
    found.push(
      isWhole ? (/hello/.exec(bytes.toString().replace("2\r\nhe\r\n3;x=y\r\nllo", "hello"))?.[0] ?? "") : undefined,
    );
  }
  assert.deepEqual(
    found,
    cases.map(([, body]) => body),
  );
});

test("a large answer that comes slowly and in odd pieces keeps every byte in its place", async (t) => {
  const body = Buffer.alloc(3_000_000);
  for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(at, at);
  const engine = await startFakeEngine(t, (_request, response) => {
    response.writeHead(200, { "Content-Type": "application/x-tar" });
    let at = 0;
    const next = (): void => {
      const size = 1 + ((at * 7919) % 300_000);
      response.write(body.subarray(at, at + size), () => {
        at += size;
        if (at < body.length) setImmediate(next);
        else response.end();
      });
    };
    next();
  });
  const door = await openDoor(t, engine.socket);
  const reply = await request(door.socket, "GET", "/images/get");
  assert.deepEqual([reply.body.equals(body), door.outcomes[0]?.bytesOut !== 0], [true, true]);
});

test("nothing ends before the record of it is closed", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => response.end("done"));
  let closeRecord: () => void = () => undefined;
  const door = await openDoor(t, engine.socket, (exchange) =>
    exchange.forwardUntouched(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      closeRecord = resolve;
      return promise;
    }),
  );
  const open = raw(door.socket, [requestBytes("GET", "/x")], { idleMs: 300 });
  assert.equal((await open).toString().includes("done"), false);
  const reading = raw(door.socket, [requestBytes("GET", "/x")]);
  setTimeout(() => closeRecord(), 300);
  assert.equal((await reading).toString().endsWith("done"), true);
});

test("when the record cannot be closed the caller's connection is cut", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => response.end("done"));
  const door = await openDoor(t, engine.socket, (exchange) =>
    exchange.forwardUntouched(() => Promise.reject(new Error("disk full"))),
  );
  assert.equal((await raw(door.socket, [requestBytes("GET", "/x")])).toString(), "");
});

test("an engine that restarted is asked again, and a request is never sent twice when it may have acted", async (t) => {
  const engine = await startFakeEngine(t, (request, response) => {
    if (request.url === "/die") request.socket.destroy();
    else response.end("ok");
  });
  const door = await openDoor(t, engine.socket);
  const replies = [
    await request(door.socket, "GET", "/a"),
    await request(door.socket, "POST", "/die"),
    await request(door.socket, "GET", "/b"),
  ];
  assert.deepEqual(
    [replies.map(({ status }) => status), engine.requests],
    [
      [200, 502, 200],
      ["GET /a", "POST /die", "GET /b"],
    ],
  );
});

test("a refused upload gets its answer although it is still being sent", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => response.end());
  const door = await openDoor(t, engine.socket, async (exchange, record) =>
    record(await exchange.refuse(403, "not you")),
  );
  const body = Buffer.alloc(20_000_000);
  const reply = await request(door.socket, "POST", "/build", { body, headers: { Connection: undefined } });
  assert.deepEqual([reply.status, reply.json, engine.requests], [403, { message: "not you" }, []]);
});

test("100 Continue comes after the decision, not before", async (t) => {
  const engine = await startFakeEngine(t, (request, response) => {
    request.resume().on("end", () => response.end("ok"));
  });
  const headers = { Expect: "100-continue", "Content-Length": "5", Connection: undefined };
  const head = requestBytes("POST", "/build", { headers });
  const refusing = await openDoor(t, engine.socket, (exchange) => exchange.refuse(403, "no"));
  const passing = await openDoor(t, engine.socket);
  const replies = [
    await raw(refusing.socket, [head], { idleMs: 500 }),
    await raw(passing.socket, [head, "hello"], { pauseMs: 200, until: /200 OK/ }),
  ];
  assert.deepEqual(
    replies.map((bytes) => bytes.toString().match(/HTTP\/1\.1 \d+/g)),
    [["HTTP/1.1 403"], ["HTTP/1.1 100", "HTTP/1.1 200"]],
  );
});

test("what is no HTTP/1.1 request gets one sentence and a record", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => response.end("reached"));
  const door = await openDoor(t, engine.socket);
  const hostile = [
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /x HTTP/1.1\nHost: a\n\n",
    "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    `GET /x HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(70_000)}\r\n\r\n`,
    "GET /x HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n",
  ];
  const statuses = [];
  for (const bytes of hostile) statuses.push((await raw(door.socket, [bytes])).toString().slice(9, 12));
  assert.deepEqual(
    [statuses, door.malformed.length, /DOCKER_BUILDKIT=0/.test(door.malformed[0]?.reason ?? ""), engine.requests],
    [["505", "405", "400", "400", "400", "431", "400", "417"], hostile.length, true, []],
  );
});

test("a socket that somebody serves is not taken away, a stale one is, and other files are left alone", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => response.end("ok"));
  const first = await openDoor(t, engine.socket);
  const refused = await openDoor(t, engine.socket, undefined, { path: first.socket }).catch(
    (error: { code: string }) => error.code,
  );
  const plain = await openDoor(t, engine.socket, undefined, { path: "/etc/hostname" }).catch(
    (error: { code: string }) => error.code,
  );
  await first.close();
  const probe = createServer();
  probe.listen(first.socket);
  await once(probe, "listening");
  const stale = connect(first.socket);
  await once(stale, "connect");
  stale.destroy();
  assert.deepEqual([refused, plain, await accepts(first.socket)], ["LISTEN_FAILED", "LISTEN_FAILED", true]);
  probe.close();
});

test("garbage behind a request cannot put words into the answer that is under way", async (t) => {
  const engine = await startFakeEngine(t, (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/plain" });
    response.write("first");
  });
  const door = await openDoor(t, engine.socket);
  const bytes = await raw(
    door.socket,
    [requestBytes("GET", "/logs", { headers: { Connection: undefined } }), "garbage\r\n\r\n"],
    {
      pauseMs: 300,
    },
  );
  assert.deepEqual(
    [bytes.toString().match(/HTTP\/1\.1 \d+/g), bytes.toString().endsWith("first\r\n"), door.malformed.length],
    [["HTTP/1.1 200"], true, 1],
  );
});
