// One file as an entry of a tar archive. Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block".

const blockBytes = 512;
const maxPlainPath = 100;

export function tarEntry(path: string, content: Uint8Array): Buffer {
  const name = Buffer.from(path);
  const isPlain = name.length <= maxPlainPath && name.every((byte) => byte < 0x80);
  const before = isPlain ? [] : [block("x", Buffer.from("pax"), paxRecord("path", name))];
  return Buffer.concat([...before, block("0", isPlain ? name : Buffer.from("file"), content)]);
}

function block(type: string, name: Buffer, content: Uint8Array): Buffer {
  const header = Buffer.alloc(blockBytes);
  name.copy(header, 0);
  header.write("0000644\0", 100, "latin1");
  header.write("0000000\0", 108, "latin1");
  header.write("0000000\0", 116, "latin1");
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  header.write("00000000000\0", 136, "latin1");
  header.write("        ", 148, "latin1");
  header.write(`${type}`, 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
  return Buffer.concat([header, content, padding]);
}

/** `LENGTH path=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
