// The keys that a user signs with, by name: where each is (a file beside, or a token's URI), and its public half. Private keys
// lie here only sealed with a passphrase; those on tokens not at all.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { keyIdOfPem } from "../../trust/key-id.ts";
import type { CommandContext } from "../command.ts";
import { chooseFolders } from "../configuration/folders.ts";

export type StoredKey = {
  readonly name: string;
  /** `file:...` or `pkcs11:...` */
  readonly uri: string;
  /** PEM. */
  readonly publicKey: string;
  readonly keyId: string;
  readonly isDefault: boolean;
};

export class KeyFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  list(): readonly StoredKey[] {
    if (!existsSync(this.#folder)) return [];
    const names = readdirSync(this.#folder).filter((file) => file.endsWith(".uri"));
    const chosen = this.#read("default");
    return names.sort().map((file) => {
      const name = file.slice(0, -".uri".length);
      const publicKey = this.#read(`${name}.pub`) ?? "";
      const uri = (this.#read(file) ?? "").trim();
      return { name, uri, publicKey, keyId: keyIdOfPem(publicKey, `key ${name}`), isDefault: chosen?.trim() === name };
    });
  }

  /** @throws PlimsollError USAGE when the name is taken or is none; a key is never written over */
  checkFree(name: string): void {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) || name === "default") {
      throw usage(`a key cannot be called "${name}"`, "use letters, digits, dots and dashes");
    }
    if (this.#read(`${name}.uri`) !== undefined) {
      throw usage(`there is a key called ${name}`, "choose another name; keys are never written over");
    }
  }

  /** @returns the URI of the file */
  addFile(name: string, sealed: string, publicKey: string): string {
    this.checkFree(name);
    this.#write(`${name}.key`, sealed);
    return this.addUri(name, `file:${join(this.#folder, `${name}.key`)}`, publicKey);
  }

  addUri(name: string, uri: string, publicKey: string): string {
    this.checkFree(name);
    this.#write(`${name}.pub`, publicKey);
    this.#write(`${name}.uri`, `${uri}\n`);
    if (this.#read("default") === undefined) this.use(name);
    return uri;
  }

  use(name: string): void {
    if (this.find(name) === undefined) throw usage(`there is no key called ${name}`, "run plimsoll keys list");
    const partial = join(this.#folder, `.default-${process.pid}`);
    writeFileSync(partial, `${name}\n`, { mode: 0o600 });
    renameSync(partial, join(this.#folder, "default"));
  }

  find(name: string): StoredKey | undefined {
    return this.list().find((key) => key.name === name);
  }

  /** The URI behind what `--key` says: a name of this folder, a URI, or a file; nothing means the chosen key. */
  resolve(wanted: string | undefined): string {
    const keys = this.list();
    if (wanted !== undefined) return keys.find(({ name }) => name === wanted)?.uri ?? wanted;
    const chosen = keys.find(({ isDefault }) => isDefault);
    if (chosen !== undefined) return chosen.uri;
    throw usage("there is no key to sign with", "make one with plimsoll keys create, or name one with --key");
  }

  #read(file: string): string | undefined {
    try {
      return readFileSync(join(this.#folder, file), "utf8");
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
      throw unreadable(this.#folder, cause);
    }
  }

  #write(file: string, text: string): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(this.#folder, file), text, { mode: 0o600, flag: "wx" });
    } catch (cause) {
      throw unreadable(this.#folder, cause);
    }
  }
}

/** Beside the configuration of the user who signs. */
export function keyFolder({ environment }: CommandContext): KeyFolder {
  return new KeyFolder(join(chooseFolders(environment, process.getuid?.() === 0).configuration, "keys"));
}

function usage(what: string, hint: string): PlimsollError {
  return new PlimsollError("USAGE", what, { hint });
}

function unreadable(folder: string, cause: unknown): PlimsollError {
  return new PlimsollError("KEY_UNAVAILABLE", `${folder}: ${errorText(cause)}`, {
    hint: "make the folder of keys yours",
    cause,
  });
}
