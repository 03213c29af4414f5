// Keys on tokens: YubiKey (ykcs11), smart cards (OpenSC), SoftHSM2 and every other library that speaks PKCS #11.

import { createPublicKey } from "node:crypto";
import { existsSync } from "node:fs";
import { textAt, textsAt } from "../../base/reading.ts";
import { p1363ToDer } from "../ecdsa.ts";
import { startTokenProcess } from "../pkcs11/ask-child.ts";
import { readPkcs11Uri } from "../pkcs11/uri.ts";
import type { AskSecret, Signer, SignerBackend } from "../signer.ts";

export const pkcs11: SignerBackend = {
  name: "pkcs11",
  summary: "keys on tokens: YubiKey, smart cards, SoftHSM2 (pkcs11:token=...;object=...)",
  needs: { platforms: ["linux"] },
  async open(uri, ask) {
    return uri.startsWith("pkcs11:") ? await openOnToken(uri, ask) : undefined;
  },
};

async function openOnToken(text: string, ask: AskSecret): Promise<Signer> {
  const uri = readPkcs11Uri(text, existsSync);
  const pin = await ask(`PIN of the token ${uri.token === "" ? "that is inserted" : uri.token}`);
  const process = startTokenProcess();
  try {
    const opened = await process.ask({ do: "open", uri, pin });
    const publicKey = createPublicKey(textAt(opened, "publicKey"));
    return {
      publicKey,
      certificates: textsAt(opened, "certificates").map(toPem),
      async sign(data, hash) {
        const answer = await process.ask({ do: "sign", data: Buffer.from(data).toString("base64"), hash });
        const signature = Buffer.from(textAt(answer, "signature"), "base64");
        return publicKey.asymmetricKeyType === "ec" ? p1363ToDer(signature) : signature;
      },
      close: () => process.close(),
    };
  } catch (thrown) {
    await process.close();
    throw thrown;
  }
}

function toPem(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`;
}
