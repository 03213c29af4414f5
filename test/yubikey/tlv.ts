// Tags, lengths and values as smart cards write them. Source: ISO/IEC 7816-4, section 5.2.2 (BER-TLV).

export type Element = { readonly tag: number; readonly value: Buffer };

/** @param tag hex, one or two bytes */
export function tlv(tag: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from(tag, "hex"), lengthOf(value.length), value]);
}

export function readElements(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    let tag = bytes.readUInt8(at++);
    if ((tag & 0x1f) === 0x1f) tag = (tag << 8) | bytes.readUInt8(at++);
    let length = bytes.readUInt8(at++);
    if (length === 0x81) length = bytes.readUInt8(at++);
    else if (length === 0x82) {
      length = bytes.readUInt16BE(at);
      at += 2;
    }
    elements.push({ tag, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return elements;
}

/** The value of the first element, and of the elements in it, by tag. */
export function inside(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const [outer] = readElements(bytes);
  return new Map(readElements(outer?.value ?? Buffer.alloc(0)).map(({ tag, value }) => [tag, value]));
}

function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  return length < 256 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 255]);
}
