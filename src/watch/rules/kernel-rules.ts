// What is told of an event that breaks a protection when no rule has anything to say of it.

import { type Protection, protections } from "../../model/watch.ts";
import { compileMessage } from "./message.ts";
import type { WatchRule } from "./rule.ts";

const what: Readonly<Record<Protection, string>> = {
  drift: "{process.command} uses code that was not in the image: {file.path}",
  memory: "{process.command} reaches for the memory of process {target.pid} {event.call}",
  escape: "{process.command} tries to leave the container: {event.kind} {event.call} {file.path}",
  "host-paths": "{process.command} writes below a path of the host that is protected: {file.path}",
  network: "{process.command} uses an address that it may not: {event.kind} {network.address} port {network.port}",
  malware: "{process.command} holds malware: {file.path}",
  mining: "{process.command} looks like mining or injection: {event.kind} {file.path}",
};

const byProtection: ReadonlyMap<Protection, WatchRule> = new Map(
  protections.map((protection) => [protection, toRule(protection)]),
);

export function kernelRule(protection: Protection): WatchRule | undefined {
  return byProtection.get(protection);
}

function toRule(protection: Protection): WatchRule {
  return {
    name: `kernel-${protection}`,
    summary: `the kernel saw that ${protection} was broken`,
    ...{ file: "", line: 0, protection, severity: "warning", kinds: [] },
    judge: () => true,
    isExcused: () => false,
    message: compileMessage(what[protection]),
    responses: [],
    techniques: [],
  };
}
