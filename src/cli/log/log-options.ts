// What every `plimsoll log` command asks alike: which log, and which of its records.

import { resolve } from "node:path";
import { PlimsollError } from "../../base/errors.ts";
import type { AuditFilter } from "../../store/audit-filter.ts";
import type { CommandContext, CommandInput, CommandOption } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { readDurationMs } from "../policy/duration.ts";

export const logOptions: Readonly<Record<string, CommandOption>> = {
  config: configOption,
  state: { kind: "value", value: "FOLDER", summary: "the state folder, or a copy of one" },
};

export const filterOptions: Readonly<Record<string, CommandOption>> = {
  caller: { kind: "value", value: "NAME", summary: "only this caller: alice, or unix:alice" },
  action: {
    kind: "value",
    value: "ACTION",
    summary: "only this action: container.create, or container.* for all of a kind",
  },
  verdict: {
    kind: "value",
    value: "VERDICT",
    summary: "only records of this verdict",
    choices: ["allow", "deny", "would-deny"],
  },
  listener: { kind: "value", value: "NAME", summary: "only calls of this listener" },
  since: { kind: "value", value: "TIME", summary: "of the last 30m, 24h or 7d, or from 2026-05-01T10:00:00Z on" },
};

export function stateFolderOf(context: CommandContext, input: CommandInput): string {
  const state = input.text("state");
  return state === undefined ? configurationOf(context, input).stateFolder : resolve(state);
}

/** @throws PlimsollError USAGE */
export function filterOf(input: CommandInput, nowMs: number): AuditFilter {
  const [caller, action, listener, since] = ["caller", "action", "listener", "since"].map((name) => input.text(name));
  const verdict = verdicts.find((known) => known === input.text("verdict"));
  return {
    ...(caller === undefined ? {} : { caller }),
    ...(action === undefined ? {} : { action }),
    ...(listener === undefined ? {} : { listener }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(since === undefined ? {} : { sinceMs: readSince(since, nowMs) }),
  };
}

const verdicts = ["allow", "deny", "would-deny"] as const;

/** @throws PlimsollError USAGE */
export function readSince(text: string, nowMs: number): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return nowMs - readDurationMs(text);
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new PlimsollError("USAGE", `--since: expected a time, found ${JSON.stringify(text)}`, {
    hint: "write 30m, 24h, 7d, 2026-05-01 or 2026-05-01T10:00:00Z",
  });
}
