// Opens a listener by the transport that its profile names.

import { PlimsollError } from "../base/errors.ts";
import type { ListenerProfile } from "./call.ts";
import type { ListenerOptions, OnExchange, OpenListener } from "./listener.ts";
import { listeners } from "./listeners.generated.ts";

/** @throws PlimsollError LISTEN_FAILED, CONFIG_INVALID */
export async function openListener(
  profile: ListenerProfile,
  options: ListenerOptions,
  onExchange: OnExchange,
): Promise<OpenListener> {
  const listener = listeners.find(({ name }) => name === profile.transport);
  if (listener === undefined) throw unknownTransport(profile);
  return listener.open(profile, options, onExchange);
}

function unknownTransport({ name, transport }: ListenerProfile): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", `listener ${name}: no transport is called ${transport}`, {
    hint: `choose one of ${listeners.map((listener) => listener.name).join(", ")}`,
  });
}
