// A PIV card with Yubico's extensions, down to the commands on its contacts: what libykcs11 asks, it answers.
// Source: NIST SP 800-73-4, part 2; Yubico, "PIV commands" (0xF7 metadata, 0xF8 serial, 0xFD version).

import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { signHash } from "./raw-ecdsa.ts";
import { inside, readElements, tlv } from "./tlv.ts";

export type CardOptions = {
  readonly pin: string;
  /** Called before a signature is made; what it throws pulls the card out. */
  readonly beforeSign: () => void;
};

const managementKey = Buffer.from("010203040506070801020304050607080102030405060708", "hex");
const algorithmP256 = 0x11;
const managementSlot = 0x9b;
const pinSlot = 0x80;
const signatureSlot = 0x9c;
const maxTries = 3;
const maxAnswer = 256;
const none = Buffer.alloc(0);

const status = (word: string, data: Buffer = none): Buffer => Buffer.concat([data, Buffer.from(word, "hex")]);
const ok = "9000";

type Command = { readonly p1: number; readonly p2: number; readonly data: Buffer };

export class PivCard {
  readonly #options: CardOptions;
  readonly #objects = new Map<string, Buffer>();
  readonly #keys = new Map<number, KeyObject>();
  #tries = maxTries;
  #isVerified = false;
  #isManager = false;
  #witness: Buffer = none;
  #chained: Buffer = none;
  #waiting: Buffer = none;

  constructor(options: CardOptions) {
    this.#options = options;
  }

  get triesLeft(): number {
    return this.#tries;
  }

  reset(): void {
    this.#isVerified = false;
    this.#isManager = false;
  }

  /** @param apdu one command as it comes over the contacts */
  answer(apdu: Buffer): Buffer {
    const [cla = 0, ins = 0, p1 = 0, p2 = 0] = apdu;
    const isMore = (cla & 0x10) !== 0;
    this.#chained = Buffer.concat([this.#chained, dataOf(apdu)]);
    if (isMore) return status(ok);
    const command = { p1, p2, data: this.#chained };
    this.#chained = none;
    return this.#run(ins, command);
  }

  #run(ins: number, command: Command): Buffer {
    switch (ins) {
      case 0xa4:
        return this.#select(command);
      case 0xc0:
        return this.#out(this.#waiting);
      case 0xfd:
        return this.#out(Buffer.from([5, 4, 3]));
      case 0xf8:
        return this.#out(Buffer.from([0, 0xbc, 0x61, 0x4e]));
      case 0x20:
        return this.#verifyPin(command);
      case 0xcb:
        return this.#getData(command);
      case 0xdb:
        return this.#putData(command);
      case 0x47:
        return this.#generate(command);
      case 0xf7:
        return this.#metadata(command);
      case 0x87:
        return command.p2 === managementSlot ? this.#authenticateManager(command) : this.#sign(command);
      default:
        return status("6d00");
    }
  }

  #select({ data }: Command): Buffer {
    if (!data.toString("hex").startsWith("a000000308")) return status("6a82");
    this.reset();
    const application = tlv("4f", Buffer.from("000010000100", "hex"));
    return this.#out(tlv("61", Buffer.concat([application, tlv("79", tlv("4f", Buffer.from("a000000308", "hex")))])));
  }

  #verifyPin({ p1, data }: Command): Buffer {
    if (p1 === 0xff) {
      this.#isVerified = false;
      return status(ok);
    }
    if (data.length === 0) return this.#isVerified ? status(ok) : status(`63c${this.#tries}`);
    if (this.#tries === 0) return status("6983");
    if (data.toString("latin1").replace(/\xff+$/, "") === this.#options.pin) {
      this.#isVerified = true;
      this.#tries = maxTries;
      return status(ok);
    }
    this.#tries -= 1;
    return status(this.#tries === 0 ? "6983" : `63c${this.#tries}`);
  }

  #getData({ data }: Command): Buffer {
    const id = readElements(data)[0]?.value.toString("hex") ?? "";
    if (id === "7e") {
      const application = tlv("4f", Buffer.from("a000000308000010000100", "hex"));
      return this.#out(tlv("7e", Buffer.concat([application, tlv("5f2f", Buffer.from("4000", "hex"))])));
    }
    const found = this.#objects.get(id);
    return found === undefined ? status("6a82") : this.#out(tlv("53", found));
  }

  #putData({ data }: Command): Buffer {
    if (!this.#isManager) return status("6982");
    const [id, content] = readElements(data);
    this.#objects.set(id?.value.toString("hex") ?? "", Buffer.from(content?.value ?? none));
    return status(ok);
  }

  #generate({ p2, data }: Command): Buffer {
    if (!this.#isManager) return status("6982");
    if (inside(data).get(0x80)?.[0] !== algorithmP256) return status("6a80");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#keys.set(p2, privateKey);
    return this.#out(tlv("7f49", tlv("86", pointOf(privateKey))));
  }

  #metadata({ p2 }: Command): Buffer {
    const entry = (tag: string, ...bytes: readonly number[]): Buffer => tlv(tag, Buffer.from(bytes));
    if (p2 === pinSlot) {
      return this.#out(Buffer.concat([entry("01", 0xff), entry("05", 1), entry("06", maxTries, this.#tries)]));
    }
    if (p2 === managementSlot) return this.#out(Buffer.concat([entry("01", 3), entry("02", 0, 1), entry("05", 1)]));
    const key = this.#keys.get(p2);
    if (key === undefined) return status("6a88");
    const policy = entry("02", p2 === signatureSlot ? 3 : 2, 1);
    const point = tlv("04", tlv("86", pointOf(key)));
    return this.#out(Buffer.concat([entry("01", algorithmP256), policy, entry("03", 1), point]));
  }

  /** Both sides prove that they know the key. Source: SP 800-73-4 part 2, section 3.2.4. */
  #authenticateManager({ data }: Command): Buffer {
    const parts = inside(data);
    const witness = parts.get(0x80);
    const challenge = parts.get(0x81);
    if (witness?.length === 0) {
      this.#witness = randomBytes(8);
      return this.#out(tlv("7c", tlv("80", tripleDes(true, this.#witness))));
    }
    if (witness === undefined || challenge === undefined) return status("6a80");
    if (!witness.equals(this.#witness)) return status("6982");
    this.#isManager = true;
    return this.#out(tlv("7c", tlv("82", tripleDes(true, challenge))));
  }

  #sign({ p2, data }: Command): Buffer {
    const key = this.#keys.get(p2);
    if (key === undefined) return status("6a88");
    if (!this.#isVerified) return status("6982");
    this.#options.beforeSign();
    const signature = signHash(key, inside(data).get(0x81) ?? none);
    // The signature slot wants the PIN before each signature.
    if (p2 === signatureSlot) this.#isVerified = false;
    return this.#out(tlv("7c", tlv("82", signature)));
  }

  #out(data: Buffer): Buffer {
    this.#waiting = data.subarray(maxAnswer);
    if (this.#waiting.length === 0) return status(ok, data);
    return Buffer.concat([data.subarray(0, maxAnswer), Buffer.from([0x61, Math.min(this.#waiting.length, 255)])]);
  }
}

/** Short and extended lengths. Source: ISO/IEC 7816-4, section 5.1. */
function dataOf(apdu: Buffer): Buffer {
  if (apdu.length <= 5) return none;
  if (apdu[4] === 0 && apdu.length > 7) return apdu.subarray(7, 7 + apdu.readUInt16BE(5));
  return apdu.subarray(5, 5 + apdu.readUInt8(4));
}

function tripleDes(isEncrypting: boolean, data: Buffer): Buffer {
  const make = isEncrypting ? createCipheriv : createDecipheriv;
  const cipher = make("des-ede3", managementKey, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function pointOf(key: KeyObject): Buffer {
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
}
