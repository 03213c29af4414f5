// `plimsoll keys create NAME`: a P-256 key in a file sealed with a passphrase, or on a token that never lets it go.

import { generateKeyPairSync } from "node:crypto";
import { PlimsollError } from "../../base/errors.ts";
import type { AskSecret } from "../../trust/signer.ts";
import type { CommandContext, ExitCode, LeafCommand } from "../command.ts";
import { secretAsker } from "./ask-secret.ts";
import { type KeyFolder, keyFolder } from "./key-folder.ts";
import { pinOption } from "./options.ts";

const least = 8;

export const keysCreate: LeafCommand = {
  name: "create",
  summary: "make a key, in a file sealed with a passphrase or on a token",
  description: [
    "The passphrase, or the token's PIN, is asked for on the terminal. After one wrong PIN the command ends: three lock most tokens.",
    "A YubiKey makes its keys for its own tool alone: yubico-piv-tool -a generate -s 9c -A ECCP256, then plimsoll keys import.",
    "The first key becomes the one that is signed with. What is printed is its public half, for the trust file.",
  ],
  arguments: [{ name: "NAME" }],
  options: {
    key: {
      kind: "value",
      short: "k",
      value: "URI",
      summary: "make it on this token: pkcs11:token=...;object=...;id=%01",
    },
    "pin-fd": pinOption,
  },
  examples: [
    { line: "plimsoll keys create release", does: "in a file, readable by cosign too" },
    {
      line: 'plimsoll keys create release --key "pkcs11:token=team;object=release;id=%02?module-name=softhsm2"',
      does: "on a token",
    },
  ],
  async run(context, input): Promise<ExitCode> {
    const name = input.positionals[0] ?? "";
    const folder = keyFolder(context);
    folder.checkFree(name);
    const ask = secretAsker(input.text("pin-fd"), context.stderr);
    const uri = input.text("key");
    const publicKey =
      uri === undefined
        ? await createFile(folder, name, ask, input.text("pin-fd") === undefined)
        : await onToken(folder, name, uri, ask);
    return told(context, folder, name, publicKey);
  },
};

async function createFile(folder: KeyFolder, name: string, ask: AskSecret, asksTwice: boolean): Promise<string> {
  const { sealCosignKey } = await import("../../trust/cosign-key.ts");
  const passphrase = await ask(`New passphrase of the key ${name}`);
  if (passphrase.length < least) throw short();
  if (asksTwice && (await ask("Once more")) !== passphrase) {
    throw new PlimsollError("SECRET_WRONG", "the two passphrases differ", { hint: "run the command again" });
  }
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKey = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  folder.addFile(name, sealCosignKey(pair.privateKey, passphrase), publicKey);
  return publicKey;
}

function short(): PlimsollError {
  return new PlimsollError("SECRET_WRONG", `expected a passphrase of at least ${least} characters`, {
    hint: "choose a longer one",
  });
}

async function onToken(folder: KeyFolder, name: string, uri: string, ask: AskSecret): Promise<string> {
  const { createKeyOnToken } = await import("../../trust/pkcs11/create-key.ts");
  if (!uri.startsWith("pkcs11:")) {
    throw new PlimsollError("USAGE", `--key: expected pkcs11:..., found ${uri.split(":")[0]}`, {
      hint: "leave --key out for a key in a file",
    });
  }
  const publicKey = await createKeyOnToken(uri, ask);
  folder.addUri(name, uri, publicKey);
  return publicKey;
}

function told(context: CommandContext, folder: KeyFolder, name: string, publicKey: string): ExitCode {
  context.stdout.write(publicKey);
  const chosen = folder.find(name)?.isDefault === true ? ", and is the one that plimsoll sign uses" : "";
  context.stderr.write(`plimsoll: the key ${name} is ready${chosen}\n`);
  return 0;
}
