// The process that loads a vendor's library, so that its mistakes and its memory are not ours. One question a line on standard input, one answer
// a line on standard output; ends with its input. The PIN comes by the pipe, never by arguments or environment.

import { createInterface } from "node:readline";
import { createTokenKey, type OpenToken, openToken } from "./token.ts";
import { TokenProblem } from "./token-problem.ts";
import { listTokens, load } from "./token-session.ts";
import type { Pkcs11Uri } from "./uri.ts";

type Question =
  | { readonly do: "list"; readonly uri: Pkcs11Uri }
  | { readonly do: "create"; readonly uri: Pkcs11Uri; readonly pin: string }
  | { readonly do: "open"; readonly uri: Pkcs11Uri; readonly pin: string }
  | { readonly do: "sign"; readonly data: string; readonly hash: string };

let token: OpenToken | undefined;

const spki = (key: OpenToken["publicKey"]): string => key.export({ type: "spki", format: "pem" }).toString();

function answer(question: Question): object {
  switch (question.do) {
    case "list":
      return { tokens: listTokens(load(question.uri.module)).map(({ label, serial }) => ({ label, serial })) };
    case "create":
      return { publicKey: spki(createTokenKey(question.uri, question.pin)) };
    case "open":
      token = openToken(question.uri, question.pin);
      return {
        publicKey: spki(token.publicKey),
        certificates: token.certificates.map((der) => Buffer.from(der).toString("base64")),
      };
    case "sign":
      if (token === undefined) throw new TokenProblem("KEY_UNAVAILABLE", "no key is open", "open a key first");
      return {
        signature: Buffer.from(token.sign(Buffer.from(question.data, "base64"), question.hash)).toString("base64"),
      };
    default:
      throw new TypeError("unknown question");
  }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  process.stdout.write(`${JSON.stringify(attempt(line))}\n`);
});
lines.on("close", () => token?.close());

function attempt(line: string): object {
  try {
    return answer(JSON.parse(line));
  } catch (thrown) {
    if (thrown instanceof TokenProblem) return { code: thrown.code, message: thrown.message, hint: thrown.hint };
    return { code: "KEY_UNAVAILABLE", message: String(thrown), hint: "look at the token with its own tool" };
  }
}
