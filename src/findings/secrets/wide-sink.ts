// UTF-16 text (with a byte order mark, as Windows programs write it) as the bytes that rules look for.

import type { ContentSink } from "../../model/layer.ts";

export function wideSink(inner: ContentSink, head: Uint8Array): ContentSink {
  const decoder = new TextDecoder(head[0] === 0xff ? "utf-16le" : "utf-16be");
  return {
    write: (chunk) => inner.write(Buffer.from(decoder.decode(chunk, { stream: true }), "utf8")),
    end: () => inner.end(),
  };
}
