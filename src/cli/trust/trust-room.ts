// How what the command line says becomes a registry, an open key and a trust file.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openTrustFile } from "../../admission/trust/open-trust-file.ts";
import { openSeenCounters, type SeenCounters } from "../../admission/trust/seen-counters.ts";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { type ImageReference, parseReference, repositoryOf, withDefaultTag } from "../../base/reference.ts";
import { parsePlatform } from "../../image/documents/platform.ts";
import { defaultImageLimits } from "../../image/limits.ts";
import { dockerCredentials } from "../../image/registry/docker-credentials.ts";
import type { SourceSettings } from "../../image/source.ts";
import { readTrustFile } from "../../trust/file/read-trust-file.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import type { Signer } from "../../trust/signer.ts";
import { signers } from "../../trust/signers.generated.ts";
import type { CommandContext, CommandInput } from "../command.ts";
import { chooseFolders } from "../configuration/folders.ts";
import { configurationOf } from "../configuration/options.ts";
import { secretAsker } from "./ask-secret.ts";
import { keyFolder } from "./key-folder.ts";
import { isFileName } from "./open-carried.ts";

/** Of a registry. @throws PlimsollError MALFORMED_INPUT, USAGE for a file */
export function imageOf(input: CommandInput): ImageReference {
  const [text = ""] = input.positionals;
  if (!isFileName(text)) return withDefaultTag(parseReference(text));
  throw new PlimsollError("USAGE", `${text}: signatures are written to registries, and a file is none`, {
    hint: "push the image, sign it there, and carry it with plimsoll trust export",
  });
}

/** @throws PlimsollError USAGE */
export function registrySettings(context: CommandContext, input: CommandInput): SourceSettings {
  const wanted = input.text("platform");
  const platform = wanted === undefined ? undefined : parsePlatform(wanted);
  if (wanted !== undefined && platform === undefined) {
    throw new PlimsollError("USAGE", `--platform: expected OS/ARCH or OS/ARCH/VARIANT, found "${wanted}"`, {
      hint: "write linux/amd64 or linux/arm/v7",
    });
  }
  return {
    ...{ platform, limits: defaultImageLimits, engineSocket: "", mirrors: {}, temporaryFolder: "" },
    insecureRegistries: input.list("insecure-registry"),
    credentials: (registry) => dockerCredentials(registry, context.environment),
    signal: new AbortController().signal,
  };
}

/** The key that the command line names, with its certificates. The caller closes it. */
export async function openSigner(context: CommandContext, input: CommandInput): Promise<Signer> {
  const uri = keyFolder(context).resolve(input.text("key"));
  const ask = secretAsker(input.text("pin-fd"), context.stderr);
  const certificates = certificatesOf(input.text("certificate"));
  for (const backend of signers) {
    const signer = await backend.open(uri, ask);
    if (signer === undefined) continue;
    return certificates.length === 0 ? signer : { ...signer, certificates };
  }
  throw new PlimsollError("USAGE", `--key: nothing opens ${uri.split(":")[0]}: keys`, {
    hint: "name a file, a key of plimsoll keys list, or pkcs11:...",
  });
}

function certificatesOf(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  const found = readText(file).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (found.length > 0) return found;
  throw new PlimsollError("USAGE", `${file}: expected certificates in PEM`, { hint: "name the chain, leaf first" });
}

export type Judging = { readonly file: TrustFile; readonly counters: SeenCounters };

/** The trust file, or one made of the single key that was named. @throws PlimsollError CONFIG_INVALID, USAGE */
export function judgingOf(context: CommandContext, input: CommandInput, reference: ImageReference): Judging {
  const configuration = configurationOf(context, input);
  const counters = openSeenCounters(join(configuration.stateFolder, "trust"));
  const key = input.text("key");
  const named = input.text("trust-file");
  if (key !== undefined && named !== undefined) {
    throw new PlimsollError("USAGE", "--key and --trust-file exclude each other", { hint: "give one of them" });
  }
  if (key !== undefined) return { file: fileOfKey(context, key, reference), counters };
  const usual = join(chooseFolders(context.environment, process.getuid?.() === 0).configuration, "trust.yaml");
  return { file: openTrustFile(resolve(named ?? usual), counters), counters };
}

/** A public key by itself: signatures by it count for exactly this repository. */
function fileOfKey(context: CommandContext, key: string, reference: ImageReference): TrustFile {
  const pem = existsSync(key) ? readText(key) : (keyFolder(context).find(key)?.publicKey ?? readText(key));
  const text = JSON.stringify({
    version: "1",
    signers: { [key]: { key: pem } },
    rules: [{ scope: repositoryOf(reference), require: { anyOf: [key] } }],
  });
  return readTrustFile({ name: "--key", text, readFile: readText });
}

/** @throws PlimsollError USAGE */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new PlimsollError("USAGE", `${file}: ${errorText(cause)}`, { hint: "name a file that can be read", cause });
  }
}
