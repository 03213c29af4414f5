// What `plimsoll verify` does: one question to the trust desk, and its answer in words and exit code.

import { openTrustDesk } from "../../admission/trust/trust-desk.ts";
import { printable } from "../../base/printable.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { imageOf, judgingOf, registrySettings } from "./trust-room.ts";

export async function runVerify(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const reference = imageOf(input);
  const settings = registrySettings(context, input);
  const desk = openTrustDesk({ ...judgingOf(context, input, reference), settings, nowMs: Date.now });
  const { subject, verdict } = await desk.judge(reference);
  const code = exitCodeOf(verdict);
  const state = context.stderr.style(code === 0 ? "green" : "red", verdict.state);
  context.stdout.write(`${subject.repository}@${subject.digest}\n`);
  context.stderr.write(`plimsoll: ${state}: ${printable(verdict.reason)}\n`);
  if (verdict.remedy !== "") context.stderr.write(`    hint: ${printable(verdict.remedy)}\n`);
  return code;
}

export function exitCodeOf({ state }: Pick<TrustVerdict, "state">): ExitCode {
  if (state === "trusted" || state === "not-required") return 0;
  return state === "cannot-tell" ? 3 : 1;
}
