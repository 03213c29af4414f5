// A websocket client over a unix socket, strict about what it is sent. Source: RFC 6455.

import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One conversation. Everything that comes is kept in `received`. */
export class WebSocketClient {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #received: Buffer[] = [];
  #onChange: (() => void) | undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws Error with the answer's first line when the server does not agree */
  static async open(path: string, target: string): Promise<WebSocketClient> {
    const key = randomBytes(16).toString("base64");
    const socket = connect(path);
    socket.on("error", () => undefined);
    const words = ["Host: docker", "Upgrade: websocket", "Connection: Upgrade", "Origin: http://docker"];
    const head = [`GET ${target} HTTP/1.1`, ...words, "Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${key}`, "", ""];
    socket.write(head.join("\r\n"));
    const client = new WebSocketClient(socket);
    const answer = await client.#readHead();
    const accepted = createHash("sha1").update(`${key}${magic}`).digest("base64");
    const isAgreed = / 101 /.test(answer) && answer.includes(`\r\nSec-WebSocket-Accept: ${accepted}\r\n`);
    if (!isAgreed) {
      socket.destroy();
      throw new Error(answer.split("\r\n", 1)[0]);
    }
    socket.on("data", (bytes) => client.#read(bytes));
    client.#read(Buffer.alloc(0));
    return client;
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(text: string | Uint8Array): void {
    this.#frame(typeof text === "string" ? opcodes.text : opcodes.binary, Buffer.from(text));
  }

  ping(): void {
    this.#frame(opcodes.ping, Buffer.from("are you there"));
  }

  close(): void {
    this.#frame(opcodes.close, Buffer.from([3, 232]));
    this.#socket.end();
  }

  /** Waits until what came holds; fails after 20 seconds with what came. */
  async until(holds: (client: WebSocketClient) => boolean): Promise<this> {
    const end = Date.now() + 20_000;
    while (!holds(this)) {
      if (Date.now() > end) throw new Error(`it did not come; this came:\n${this.received.toString().slice(-500)}`);
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
        setTimeout(resolve, 500).unref();
      });
    }
    return this;
  }

  #readHead(): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (): void => reject(new Error("the connection ended without an answer"));
      const onData = (bytes: Buffer): void => {
        this.#pending = Buffer.concat([this.#pending, bytes]);
        const gap = this.#pending.indexOf("\r\n\r\n");
        if (gap < 0) return;
        this.#socket.off("data", onData).off("close", end);
        this.#socket.on("close", () => this.#finish());
        const head = this.#pending.subarray(0, gap + 2).toString("latin1");
        this.#pending = this.#pending.subarray(gap + 4);
        resolve(head);
      };
      this.#socket.on("data", onData).once("close", end);
    });
  }

  #read(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#takeFrame()) if (this.#isClosed) break;
    this.#onChange?.();
  }

  /** @returns whether a whole frame was there */
  #takeFrame(): boolean {
    if (this.#pending.length < 2) return false;
    const [first, second] = [this.#pending.readUInt8(0), this.#pending.readUInt8(1)];
    if (second & 0x80) throw new Error("a server must not mask its frames");
    const more = { 126: 2, 127: 8 }[second] ?? 0;
    if (this.#pending.length < 2 + more) return false;
    const length =
      more === 0 ? second : more === 2 ? this.#pending.readUInt16BE(2) : Number(this.#pending.readBigUInt64BE(2));
    const end = 2 + more + length;
    if (this.#pending.length < end) return false;
    const content = this.#pending.subarray(2 + more, end);
    this.#pending = this.#pending.subarray(end);
    const opcode = first & 0x0f;
    if (opcode === opcodes.ping) this.#frame(opcodes.pong, content);
    else if (opcode === opcodes.close) this.#finish();
    else if (opcode !== opcodes.pong) this.#received.push(content);
    return true;
  }

  #frame(opcode: number, content: Buffer): void {
    const mask = randomBytes(4);
    const size = content.length < 126 ? Buffer.from([0x80 | content.length]) : Buffer.alloc(9, 0xff);
    if (size.length === 9) size.writeBigUInt64BE(BigInt(content.length), 1);
    const masked = content.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | opcode]), size, mask, masked]));
  }

  #finish(): void {
    this.#isClosed = true;
    this.#onChange?.();
  }
}
