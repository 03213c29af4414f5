// Tells systemd how the service is: one datagram to the socket it named.
// Source: sd_notify(3), "Notes": the protocol in words.

import { sendDatagram } from "./unix-datagram.ts";

/**
 * @param text `READY=1\nSTATUS=listening`
 * @param socketPath what systemd put into NOTIFY_SOCKET
 * @returns false when nobody listens, which is no error
 */
export function sdNotify(text: string, socketPath: string | undefined = process.env["NOTIFY_SOCKET"]): boolean {
  return socketPath !== undefined && sendDatagram(socketPath, Buffer.from(text));
}
