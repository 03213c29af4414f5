// What `plimsoll sign` does: resolve, open the key, sign in each format, and say what was signed.

import { resolveTop } from "../../admission/trust/resolve-subject.ts";
import { PlimsollError } from "../../base/errors.ts";
import { openArtifacts } from "../../image/registry/artifacts.ts";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { TrustSubject } from "../../model/trust.ts";
import { keyId } from "../../trust/key-id.ts";
import type { Statement } from "../../trust/signature-format.ts";
import { signatureFormats } from "../../trust/signature-formats.generated.ts";
import type { Signer } from "../../trust/signer.ts";
import { tagRecordType } from "../../trust/tag-record.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { imagesOf } from "./images-of.ts";
import { imageOf, openSigner, registrySettings } from "./trust-room.ts";

const usualFormats: readonly string[] = ["cosign", "sigstore-bundle"];
const usualDays = 90;
const dayMs = 24 * 60 * 60 * 1000;

export async function runSign(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const reference = imageOf(input);
  const store = openArtifacts(reference, registrySettings(context, input), "pull,push");
  const { subject, top } = await resolveTop(reference, store);
  const images = input.flag("recursive") ? imagesOf(top) : [];
  const record = input.flag("tag-record") ? tagRecord(input, subject, Date.now()) : undefined;
  const chosen = input.list("format");
  const signer = await openSigner(context, input);
  try {
    for (const signed of [subject, ...images.map((image) => ({ ...subject, ...image }))]) {
      for (const name of chosen.length === 0 ? usualFormats : chosen) {
        await writeIn(name, { subject: signed, predicateType: "", predicate: null }, signer, store);
      }
    }
    if (record !== undefined) await writeIn("sigstore-bundle", record.statement, signer, store);
  } finally {
    await signer.close();
  }
  context.stdout.write(`${subject.repository}@${subject.digest}\n`);
  context.stderr.write(`plimsoll: signed with the key ${keyId(signer.publicKey).slice(0, 16)}\n`);
  if (record !== undefined) {
    const said = `plimsoll: ${subject.tag} is recorded; co-signers add: --counter ${record.counter} --expires ${record.expires}`;
    context.stderr.write(`${said}\n`);
  }
  return 0;
}

export async function writeIn(name: string, statement: Statement, signer: Signer, store: ArtifactStore): Promise<void> {
  const format = signatureFormats.find((one) => one.name === name);
  if (format?.write === undefined) {
    throw new PlimsollError("USAGE", `--format: nothing writes ${name}`, { hint: "run plimsoll sign --help" });
  }
  await format.write(statement, signer, store);
}

type Recorded = { readonly statement: Statement; readonly counter: number; readonly expires: string };

/** Seconds since 1970 grow by themselves: whoever signs next needs not know who signed before. */
function tagRecord(input: CommandInput, subject: TrustSubject, nowMs: number): Recorded {
  if (subject.tag === "") {
    throw new PlimsollError("USAGE", "--tag-record: the image is named by digest alone", { hint: "name its tag" });
  }
  const counter = Number(input.text("counter") ?? Math.floor(nowMs / 1000));
  const end = Date.parse(input.text("expires") ?? new Date(nowMs + usualDays * dayMs).toISOString());
  if (!Number.isSafeInteger(counter) || counter < 1 || Number.isNaN(end) || end <= nowMs) {
    throw new PlimsollError("USAGE", "expected --counter with a number above 0 and --expires with a date to come", {
      hint: "write --counter 12 --expires 2030-01-31",
    });
  }
  const expires = `${new Date(end).toISOString().slice(0, 19)}Z`;
  const { repository, tag } = subject;
  const issued = new Date(nowMs).toISOString();
  const predicate = { repository, tag, counter, issued, expires };
  return { statement: { subject, predicateType: tagRecordType, predicate }, counter, expires };
}
