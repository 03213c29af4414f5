// A listener in front of any engine socket, with whatever pipeline a test wants behind it.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListenerProfile, ResponsePlan } from "../../../src/gate/call.ts";
import type { Exchange } from "../../../src/gate/exchange.ts";
import type { ListenerOptions, MalformedRequest, OnExchange } from "../../../src/gate/listener.ts";
import { openListener } from "../../../src/gate/open-listener.ts";
import type { AuditOutcome } from "../../../src/model/audit.ts";

export type Closing = { after(work: () => Promise<unknown> | unknown): void };

export const profile: ListenerProfile = {
  name: "test",
  transport: "unix",
  mode: "enforce",
  unknownFields: "refuse",
  policies: [],
  identity: [],
};

export type TestDoor = {
  readonly socket: string;
  readonly outcomes: readonly AuditOutcome[];
  readonly malformed: readonly MalformedRequest[];
  /** Resolves with the outcomes once there are so many. */
  readonly settled: (count: number) => Promise<readonly AuditOutcome[]>;
  readonly close: (graceMs?: number) => Promise<void>;
};

export type Serve = (exchange: Exchange, record: (outcome: AuditOutcome) => Promise<void>) => Promise<unknown>;

/** Everything passes as it came. */
export const passAll: Serve = (exchange, record) => exchange.forwardUntouched(record);

/** Forwards with a plan, as the pipeline does for a call without a body. */
export function passWith(plan: ResponsePlan): Serve {
  return (exchange, record) => {
    const { method, target } = exchange.head;
    return exchange.forward({ method, target, headers: {}, body: { kind: "none" } }, plan, record);
  };
}

export async function openDoor(
  t: Closing,
  engineSocket: string,
  serve: Serve = passAll,
  options: Partial<ListenerOptions> = {},
): Promise<TestDoor> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-door-"));
  const outcomes: AuditOutcome[] = [];
  const malformed: MalformedRequest[] = [];
  const waiting: (() => void)[] = [];
  const record = async (outcome: AuditOutcome): Promise<void> => {
    outcomes.push(outcome);
    for (const check of waiting.splice(0)) check();
  };
  const onExchange: OnExchange = async (exchange) => {
    await serve(exchange, record);
  };
  const listener = await openListener(
    profile,
    {
      engineSocket,
      path: join(folder, "gate.sock"),
      onMalformed: async (request) => void malformed.push(request),
      ...options,
    },
    onExchange,
  );
  t.after(async () => {
    await listener.close(0);
    await rm(folder, { recursive: true, force: true });
  });
  return {
    socket: listener.address,
    outcomes,
    malformed,
    settled: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (outcomes.length >= count) resolve(outcomes);
          else waiting.push(check);
        };
        check();
      }),
    close: (graceMs = 0) => listener.close(graceMs),
  };
}

export type FakeEngine = { readonly socket: string; readonly requests: string[]; readonly close: () => Promise<void> };

/** A real HTTP server on a unix socket, for answers that no real engine gives on demand. */
export async function startFakeEngine(t: Closing, answer: RequestListener): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-fake-"));
  const socket = join(folder, "engine.sock");
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  };
  t.after(close);
  return { socket, requests, close };
}
