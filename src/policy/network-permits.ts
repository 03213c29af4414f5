// Peers as policies and people write them: `10.0.0.0/8:443`, `[2001:db8::]/32`, `*.debian.org:80`, `0.0.0.0/0`.

import { isIP } from "node:net";
import { PlimsollError } from "../base/errors.ts";
import type { NetworkPermit } from "../model/watch.ts";

/** @throws PlimsollError POLICY_INVALID naming what cannot be understood: an allow-list with a gap is none */
export function readPermits(texts: readonly string[]): readonly NetworkPermit[] {
  return texts.map((text) => readPermit(text) ?? refuse(text));
}

/** @returns undefined when it cannot be understood */
export function readPermit(text: string): NetworkPermit | undefined {
  const [, six, sixBits, sixPort] = /^\[([0-9A-Fa-f:.]+)\](?:\/(\d{1,3}))?(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (six !== undefined) return permit(six, Number(sixBits ?? 128), sixPort);
  const [, four, fourBits, port] = /^([^/:]+)(?:\/(\d{1,2}))?(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (four === undefined) return undefined;
  if (isIP(four) === 4) return permit(four, Number(fourBits ?? 32), port);
  // The last label of a name is never a number: `10.0.0.300` is a slip of the pen.
  const isName =
    /^(?:\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/i.test(four) &&
    !/(?:^|\.)\d+$/.test(four);
  const portNumber = Number(port ?? 0);
  return isName && fourBits === undefined && portNumber < 65_536
    ? { to: four.toLowerCase(), port: portNumber }
    : undefined;
}

function permit(address: string, bits: number, port = "0"): NetworkPermit | undefined {
  const family = isIP(address);
  const isGood = family !== 0 && bits <= (family === 4 ? 32 : 128) && Number(port) < 65_536;
  return isGood ? { to: `${address.toLowerCase()}/${bits}`, port: Number(port) } : undefined;
}

function refuse(text: string): never {
  throw new PlimsollError("POLICY_INVALID", `${JSON.stringify(text.slice(0, 80))} is no address, network or name`, {
    hint: "write 10.0.0.0/8:443, [2001:db8::]/32 or *.debian.org:80",
  });
}
