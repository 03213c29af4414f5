// What `plimsoll attest` and `plimsoll verify-attestation` do.

import { lookUpStatements } from "../../admission/trust/look-up-statements.ts";
import { resolveTop } from "../../admission/trust/resolve-subject.ts";
import { PlimsollError } from "../../base/errors.ts";
import { decodeJson, stringifyJson } from "../../base/json.ts";
import { printable } from "../../base/printable.ts";
import { openArtifacts } from "../../image/registry/artifacts.ts";
import { findScope } from "../../trust/file/scopes.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import { keyId } from "../../trust/key-id.ts";
import { countSigners } from "../../trust/tally.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { predicateTypeOf } from "./predicate-types.ts";
import { writeIn } from "./run-sign.ts";
import { imageOf, judgingOf, openSigner, readText, registrySettings } from "./trust-room.ts";

/** What a bundle may hold, before it is wrapped and encoded. */
const maxPredicateBytes = 5 * 1024 * 1024;

export async function runAttest(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const reference = imageOf(input);
  const predicateType = typeOf(input);
  const bytes = new TextEncoder().encode(readText(required(input, "predicate")));
  const predicate = decodeJson(bytes, { maxBytes: maxPredicateBytes, duplicates: "exact" });
  const store = openArtifacts(reference, registrySettings(context, input), "pull,push");
  const { subject } = await resolveTop(reference, store);
  const signer = await openSigner(context, input);
  try {
    await writeIn("sigstore-bundle", { subject, predicateType, predicate }, signer, store);
  } finally {
    await signer.close();
  }
  context.stdout.write(`${subject.repository}@${subject.digest}\n`);
  const key = keyId(signer.publicKey).slice(0, 16);
  context.stderr.write(`plimsoll: attested ${printable(predicateType)} with the key ${key}\n`);
  return 0;
}

export async function runVerifyAttestation(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const reference = imageOf(input);
  const predicateType = typeOf(input);
  const { file } = judgingOf(context, input, reference);
  const store = openArtifacts(reference, registrySettings(context, input));
  const { subject } = await resolveTop(reference, store);
  const nowMs = Date.now();
  const found = await lookUpStatements(subject, store, file.material, nowMs);
  const rule = believed(file, subject.repository, predicateType);
  const counting = found.statements
    .filter((statement) => statement.predicateType === predicateType)
    .filter((statement) => countSigners([statement], rule.signers, { file, rule, subject, nowMs }).names.length === 1);
  for (const { predicate } of counting) context.stdout.write(`${stringifyJson(predicate)}\n`);
  if (counting.length > 0) return 0;
  if (found.unreachable !== "") {
    context.stderr.write(`plimsoll: attestations could not be looked up: ${printable(found.unreachable)}\n`);
    return 3;
  }
  context.stderr.write(`plimsoll: no attestation ${printable(predicateType)} by ${rule.signers.of.join(" or ")}\n`);
  return 1;
}

/** Whoever the rule names for this type of statement, else who signs the image. */
function believed(file: TrustFile, repository: string, predicateType: string) {
  const rule = findScope(file.rules, repository);
  if (rule === undefined) {
    throw new PlimsollError("CONFIG_INVALID", `no rule of the trust file covers ${repository}`, {
      hint: "add a rule for it, or name one key with --key",
    });
  }
  const demand = rule.attestations.find((one) => one.predicateType === predicateType);
  return { ...rule, signers: demand?.signers ?? rule.signers, binds: "any" as const };
}

function typeOf(input: CommandInput): string {
  const type = predicateTypeOf(required(input, "type"));
  if (URL.canParse(type)) return type;
  throw new PlimsollError("USAGE", `--type: expected a known type or an address, found "${type}"`, {
    hint: "run plimsoll attest --help for the known types",
  });
}

function required(input: CommandInput, name: string): string {
  const value = input.text(name);
  if (value !== undefined) return value;
  throw new PlimsollError("USAGE", `--${name} is missing`, { hint: "run plimsoll attest --help" });
}
