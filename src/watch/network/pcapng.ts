// A capture file that Wireshark opens. Source: draft-ietf-opsawg-pcapng, sections 4.1 (section header), 4.2 (interface), 4.3 (packet).

const sectionHeader = 0x0a0d0d0a;
const byteOrderMagic = 0x1a2b3c4d;
const interfaceDescription = 1;
const enhancedPacket = 6;
const ethernet = 1;
const nanoseconds = 9;
const option = { end: 0, application: 4, interfaceName: 2, interfaceResolution: 9, packetFlags: 2 } as const;

/** @param application `plimsoll 0.1.0` */
export function pcapngHeader(application: string, interfaces: readonly string[], snapLength: number): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(byteOrderMagic, 0);
  section.writeUInt16LE(1, 4);
  section.writeBigInt64LE(-1n, 8);
  const blocks = [block(sectionHeader, section, [[option.application, Buffer.from(application)]])];
  for (const name of interfaces) {
    const description = Buffer.alloc(8);
    description.writeUInt16LE(ethernet, 0);
    description.writeUInt32LE(snapLength, 4);
    blocks.push(
      block(interfaceDescription, description, [
        [option.interfaceName, Buffer.from(name)],
        [option.interfaceResolution, Buffer.from([nanoseconds])],
      ]),
    );
  }
  return Buffer.concat(blocks);
}

export type CapturedPacket = {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly interface: number;
  /** As the container sees it. */
  readonly isOutgoing: boolean;
  /** Bytes on the wire, perhaps more than were kept. */
  readonly length: number;
  readonly bytes: Uint8Array;
};

export function pcapngPacket(packet: CapturedPacket): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(packet.interface, 0);
  head.writeUInt32LE(Number(packet.time >> 32n), 4);
  head.writeUInt32LE(Number(packet.time & 0xffff_ffffn), 8);
  head.writeUInt32LE(packet.bytes.byteLength, 12);
  head.writeUInt32LE(packet.length, 16);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(packet.isOutgoing ? 2 : 1, 0);
  return block(enhancedPacket, Buffer.concat([head, padded(packet.bytes)]), [[option.packetFlags, flags]]);
}

function block(type: number, body: Uint8Array, options: readonly (readonly [number, Uint8Array])[]): Buffer {
  const written = options.map(([code, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(code, 0);
    head.writeUInt16LE(value.byteLength, 2);
    return Buffer.concat([head, padded(value)]);
  });
  const content = Buffer.concat([body, ...written, Buffer.alloc(4)]);
  const length = content.byteLength + 12;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, content, tail]);
}

/** To a multiple of four bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  const missing = (4 - (bytes.byteLength % 4)) % 4;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
