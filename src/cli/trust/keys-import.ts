// `plimsoll keys import NAME KEY`: a key that is there already, in a file or on a token.

import { PlimsollError } from "../../base/errors.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { secretAsker } from "./ask-secret.ts";
import { keyFolder } from "./key-folder.ts";
import { pinOption } from "./options.ts";

export const keysImport: LeafCommand = {
  name: "import",
  summary: "take over a key in a file (cosign or PKCS #8, sealed) or on a token",
  description: [
    "The key is opened once, to learn its public half and to see that the passphrase or PIN is known. A file is copied as it is, still sealed; one that nobody sealed is refused.",
  ],
  arguments: [{ name: "NAME" }, { name: "KEY" }],
  options: { "pin-fd": pinOption },
  examples: [
    { line: "plimsoll keys import release ./cosign.key", does: "what cosign generate-key-pair wrote" },
    { line: 'plimsoll keys import card "pkcs11:token=me;object=SIGN%20key?module-name=opensc"', does: "a smart card" },
  ],
  async run(context, input): Promise<ExitCode> {
    const { readText } = await import("./trust-room.ts");
    const [name = "", source = ""] = input.positionals;
    const folder = keyFolder(context);
    folder.checkFree(name);
    const isToken = source.startsWith("pkcs11:");
    const text = isToken ? "" : readText(source);
    if (!isToken && !/-----BEGIN ENCRYPTED (?:SIGSTORE |COSIGN )?PRIVATE KEY-----/.test(text)) {
      throw new PlimsollError("KEY_UNAVAILABLE", `${source}: expected a private key sealed with a passphrase`, {
        hint: "seal it first: openssl pkcs8 -topk8 -in KEY -out SEALED",
      });
    }
    const publicKey = await publicHalf(
      isToken ? source : `file:${source}`,
      secretAsker(input.text("pin-fd"), context.stderr),
    );
    if (isToken) folder.addUri(name, source, publicKey);
    else folder.addFile(name, text, publicKey);
    context.stdout.write(publicKey);
    return 0;
  },
};

async function publicHalf(uri: string, ask: (what: string) => Promise<string>): Promise<string> {
  const { signers } = await import("../../trust/signers.generated.ts");
  for (const backend of signers) {
    const signer = await backend.open(uri, ask);
    if (signer === undefined) continue;
    await signer.close();
    return signer.publicKey.export({ type: "spki", format: "pem" }).toString();
  }
  throw new PlimsollError("USAGE", `${uri}: nothing opens such a key`, { hint: "name a file, or pkcs11:..." });
}
