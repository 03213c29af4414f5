// What Node knows of a socket and does not tell: its descriptor, and whether it reads by itself.
// Source: Node lib/net.js (`_handle`, undocumented and the same since Node 0.12), lib/internal/stream_base_commons.js.

import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { widenSendBuffer } from "../../base/native/send-buffer.ts";

/** @returns undefined for a socket that is closed, or has no descriptor */
export function descriptorOf(socket: Socket): number | undefined {
  const fd: unknown = Reflect.get(handleOf(socket) ?? {}, "fd");
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}

/** What may be on its way to the reader of a bulk transfer while we are asleep. */
const bulkBytes = 1024 * 1024;

/** For a transfer that is long enough to be worth it. */
export function widenForBulk(socket: Socket): void {
  const fd = descriptorOf(socket);
  if (fd !== undefined) widenSendBuffer(fd, bulkBytes);
}

/** Whether its bytes are those of its descriptor: under TLS they are not. */
export function isPlain(socket: Socket): boolean {
  return !(socket instanceof TLSSocket) && descriptorOf(socket) !== undefined;
}

/**
 * From here on Node leaves what arrives in the kernel, until `startReading`.
 * @returns what Node has read before, for nobody yet
 */
export function stopReading(socket: Socket): readonly Buffer[] {
  const before: Buffer[] = [];
  // A read that finds nothing also notes that one is under way: Node starts no other by itself.
  for (;;) {
    const bytes: unknown = socket.read();
    if (!Buffer.isBuffer(bytes)) break;
    before.push(bytes);
  }
  tell(socket, "readStop", false);
  return before;
}

export function startReading(socket: Socket): void {
  if (!socket.destroyed) tell(socket, "readStart", true);
}

export function isReading(socket: Socket): boolean {
  return Reflect.get(handleOf(socket) ?? {}, "reading") === true;
}

function tell(socket: Socket, verb: "readStart" | "readStop", isReadingThen: boolean): void {
  const handle = handleOf(socket);
  const method: unknown = handle === undefined ? undefined : Reflect.get(handle, verb);
  if (handle === undefined || typeof method !== "function") return;
  Reflect.apply(method, handle, []);
  Reflect.set(handle, "reading", isReadingThen);
}

function handleOf(socket: Socket): object | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  return typeof handle === "object" && handle !== null ? handle : undefined;
}
