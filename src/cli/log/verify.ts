// `plimsoll log verify`: was anything changed or removed?

import { readFileSync } from "node:fs";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { type Verification, verifyLog } from "../../store/verify-log.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { formatVerification } from "./format-verification.ts";
import { logOptions, stateFolderOf } from "./log-options.ts";

export const logVerify: LeafCommand = {
  name: "verify",
  summary: "prove that no record was changed or removed",
  description: [
    "Hashes every record again and compares all hashes and signatures. Exits with 1 and names each problem when something was changed, with 3 when the log cannot be read.",
    "Whoever is root on this host can rewrite the log and sign it anew. Keep checkpoints and the public key elsewhere and give them with --from and --key: then even that is found.",
  ],
  options: {
    from: { kind: "value", value: "FILE", summary: "a checkpoint that you kept: the log has to go on from it" },
    key: { kind: "value", value: "FILE", summary: "the log's public key that you kept (audit-key.pub)" },
    json: { kind: "flag", summary: "as JSON" },
    ...logOptions,
  },
  examples: [
    { line: "plimsoll log checkpoint > /mnt/elsewhere/checkpoint", does: "keep a checkpoint" },
    { line: "plimsoll log verify --from /mnt/elsewhere/checkpoint", does: "later: prove that the log goes on from it" },
  ],
  run(context, input): ExitCode {
    const { stdout } = context;
    const [from, key] = ["from", "key"].map((name) => input.text(name));
    const verification = verifyLog({
      folder: stateFolderOf(context, input),
      ...(from === undefined ? {} : { kept: readKept(from) }),
      ...(key === undefined ? {} : { key: readKept(key) }),
    });
    stdout.write(input.flag("json") ? `${JSON.stringify(verification)}\n` : formatVerification(verification, stdout));
    return exitCodeOf(verification);
  },
};

export function exitCodeOf({ problems }: Verification): ExitCode {
  return problems.length === 0 ? 0 : 1;
}

function readKept(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new PlimsollError("NOT_FOUND", `${file}: ${errorText(cause)}`, {
      hint: "name a file that plimsoll log checkpoint, or a witness, wrote",
      cause,
    });
  }
}
