// A new key on a token, made there and never seen here.

import { existsSync } from "node:fs";
import { textAt } from "../../base/reading.ts";
import type { AskSecret } from "../signer.ts";
import { startTokenProcess } from "./ask-child.ts";
import { readPkcs11Uri } from "./uri.ts";

/** @returns the public half, PEM @throws PlimsollError KEY_UNAVAILABLE, SECRET_WRONG, USAGE */
export async function createKeyOnToken(text: string, ask: AskSecret): Promise<string> {
  const uri = readPkcs11Uri(text, existsSync);
  const pin = await ask(`PIN of the token ${uri.token === "" ? "that is inserted" : uri.token}`);
  const process = startTokenProcess();
  try {
    return textAt(await process.ask({ do: "create", uri, pin }), "publicKey");
  } finally {
    await process.close();
  }
}
