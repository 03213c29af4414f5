// `pkcs11:token=...;object=...?module-path=...`: which key on which token, through which library. Never a PIN.
// Source: RFC 7512.

import { PlimsollError } from "../../base/errors.ts";

export type Pkcs11Uri = {
  /** Absolute path of the token's library. */
  readonly module: string;
  /** Label of the token; "" accepts the only one. */
  readonly token: string;
  readonly serial: string;
  /** Label of the key; "" accepts the only one. */
  readonly object: string;
  /** Lower-case hex; "" accepts any. */
  readonly id: string;
};

const pathNames = ["token", "serial", "object", "id", "type", "manufacturer", "model"];
const queryNames = ["module-path", "module-name"];

/** Libraries by the names that people know them by. */
const modules: Readonly<Record<string, readonly string[]>> = {
  softhsm2: ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"],
  ykcs11: [
    "/usr/lib/x86_64-linux-gnu/libykcs11.so.2",
    "/usr/lib/aarch64-linux-gnu/libykcs11.so.2",
    "/usr/lib64/libykcs11.so.2",
  ],
  opensc: [
    "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib64/opensc-pkcs11.so",
  ],
};

/** @param exists whether a file is there @throws PlimsollError USAGE, NEED_MISSING */
export function readPkcs11Uri(text: string, exists: (path: string) => boolean): Pkcs11Uri {
  const [path = "", query = ""] = text.slice("pkcs11:".length).split("?", 2);
  const attributes = readAttributes(path, ";", pathNames);
  const choices = readAttributes(query, "&", queryNames);
  return {
    module: findModule(choices.get("module-path"), choices.get("module-name"), exists),
    token: attributes.get("token") ?? "",
    serial: attributes.get("serial") ?? "",
    object: attributes.get("object") ?? "",
    id: Buffer.from(attributes.get("id") ?? "", "latin1").toString("hex"),
  };
}

function readAttributes(text: string, separator: string, names: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(separator).filter((item) => item !== "")) {
    const at = part.indexOf("=");
    const name = part.slice(0, Math.max(at, 0));
    if (name.startsWith("pin-")) throw wrong("a PIN does not belong into a URI", "leave it out: the PIN is asked for");
    if (!names.includes(name) || found.has(name)) {
      throw wrong(`unknown or repeated attribute ${JSON.stringify(part)}`, `use ${names.join(", ")}`);
    }
    found.set(name, decodePercent(part.slice(at + 1), name));
  }
  return found;
}

/** The id is bytes, everything else is UTF-8. */
function decodePercent(text: string, name: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text))
    throw wrong(`${name}: a percent sign without two hex digits`, "write it as %25");
  const bytes = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return name === "id" ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

function findModule(path: string | undefined, name: string | undefined, exists: (path: string) => boolean): string {
  if (path !== undefined) {
    if (!path.startsWith("/")) throw wrong("module-path: expected an absolute path", "write the library's whole path");
    return path;
  }
  const known = name === undefined ? Object.values(modules).flat() : (modules[name] ?? []);
  const found = known.filter(exists);
  const [first] = found;
  if (first === undefined) {
    throw new PlimsollError(
      "NEED_MISSING",
      `no PKCS #11 library${name === undefined ? "" : ` called ${name}`} is installed`,
      {
        hint: "install ykcs11 (YubiKey), opensc-pkcs11 or softhsm2, or name the library: ?module-path=/usr/lib/...so",
      },
    );
  }
  if (found.length > 1 && name === undefined) {
    throw wrong(`several PKCS #11 libraries are installed: ${found.join(", ")}`, "choose one: ?module-name=ykcs11");
  }
  return first;
}

function wrong(what: string, hint: string): PlimsollError {
  return new PlimsollError("USAGE", `key URI: ${what}`, { hint });
}
