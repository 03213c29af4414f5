// What `plimsoll verify` does: one question to the trust desk, and its answer in words and exit code.

import type { Carried } from "../../admission/trust/carried.ts";
import { type JudgedImage, openTrustDesk } from "../../admission/trust/trust-desk.ts";
import { PlimsollError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { type ImageFile, isFileName, openCarried } from "./open-carried.ts";
import { imageOf, judgingOf, registrySettings } from "./trust-room.ts";

export async function runVerify(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { subject, verdict } = await judge(context, input);
  const code = exitCodeOf(verdict);
  const state = context.stderr.style(code === 0 ? "green" : "red", verdict.state);
  context.stdout.write(`${subject.repository}@${subject.digest}\n`);
  context.stderr.write(`plimsoll: ${state}: ${printable(verdict.reason)}\n`);
  if (verdict.remedy !== "") context.stderr.write(`    hint: ${printable(verdict.remedy)}\n`);
  return code;
}

async function judge(context: CommandContext, input: CommandInput): Promise<JudgedImage> {
  const settings = registrySettings(context, input);
  const [name = ""] = input.positionals;
  if (isFileName(name)) return (await judgeFile(context, input, await openCarried(name, settings))).judged;
  const reference = imageOf(input);
  const desk = openTrustDesk({ ...judgingOf(context, input, reference), settings, nowMs: Date.now });
  return await desk.judge(reference);
}

type JudgedFile = { readonly claim: Carried; readonly judged: JudgedImage };

/** As whatever is trusted; else as the first that it may be. @throws PlimsollError DIGEST_MISMATCH */
export async function judgeFile(
  context: CommandContext,
  input: CommandInput,
  { claims, configDigest }: ImageFile,
): Promise<JudgedFile> {
  const settings = registrySettings(context, input);
  const all: JudgedFile[] = [];
  for (const claim of claims) {
    const desk = openTrustDesk({ ...judgingOf(context, input, claim.reference), settings, nowMs: Date.now });
    const judged = await desk.judgeCarried(claim);
    if (judged.configDigest !== configDigest) throw anotherImage(configDigest, judged.configDigest);
    all.push({ claim, judged });
  }
  const [first] = all;
  const best = all.find(({ judged }) => exitCodeOf(judged.verdict) === 0) ?? first;
  if (best !== undefined) return best;
  throw new TypeError("a file without claims was opened");
}

function anotherImage(found: string, signed: string): PlimsollError {
  return new PlimsollError("DIGEST_MISMATCH", `the file holds the image ${found}, its signatures are of ${signed}`, {
    hint: "carry the image once more, with its signatures",
  });
}

export function exitCodeOf({ state }: Pick<TrustVerdict, "state">): ExitCode {
  if (state === "trusted" || state === "not-required") return 0;
  return state === "cannot-tell" ? 3 : 1;
}
