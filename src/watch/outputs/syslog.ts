// Alerts to a log server. Source: RFC 5424 (format), RFC 6587 section 3.4.1 (octet counting over TCP), RFC 5426 (UDP).

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { connect, isIPv6, type Socket } from "node:net";
import { PlimsollError } from "../../base/errors.ts";
import { sendDatagram } from "../../base/native/unix-datagram.ts";
import { printable } from "../../base/printable.ts";
import type { Alert } from "../../model/watch.ts";
import type { Output, OutputTools } from "../output.ts";

/** facility 13, "log audit". */
const facility = 13;
const severities: Readonly<Record<Alert["severity"], number>> = { critical: 2, warning: 4, notice: 5 };
/** Every receiver has to take 480 bytes and should take 2048; our lines are cut before most stop. */
const maxMessage = 1500;
/** What a log server that is away may leave unsent. */
const maxUnsentBytes = 1 << 20;
const retryMs = 5_000;

export const syslog: Output = {
  name: "syslog",
  summary: "RFC 5424 to /dev/log, udp://host:port or tcp://host:port",
  needs: { network: true },
  open(settings, tools) {
    const to = settings.to || "/dev/log";
    const [, protocol, host = "", port = ""] = /^(udp|tcp):\/\/\[?([A-Za-z0-9.:-]+?)\]?:(\d{1,5})$/.exec(to) ?? [];
    const send =
      protocol === "udp"
        ? toUdp(host, Number(port), tools)
        : protocol === "tcp"
          ? toTcp(host, Number(port), tools)
          : to.startsWith("/")
            ? toUnix(to)
            : refuse(to);
    let lost = 0;
    return {
      tell(alert) {
        if (!send.line(Buffer.from(formatSyslog(alert, tools)))) lost++;
      },
      lost: () => lost,
      close: async () => send.close(),
    };
  },
};

type Sender = { line(bytes: Buffer): boolean; close(): void };

export function formatSyslog(alert: Alert, { hostName, version }: Pick<OutputTools, "hostName" | "version">): string {
  const priority = facility * 8 + severities[alert.severity];
  // 32473 is the number for documentation: nobody at all owns these names.
  const data = Object.entries({
    rule: alert.rule,
    outcome: alert.outcome,
    incident: alert.incident,
    container: alert.container?.name ?? "",
    containerId: alert.container?.id ?? "",
    image: alert.container?.image ?? "",
    pid: String(alert.event.process.pid),
    version,
  }).map(([name, value]) => `${name}="${parameter(value)}"`);
  const head = `<${priority}>1 ${alert.time} ${token(hostName, 255)} plimsoll ${process.pid} alert`;
  return `${head} [plimsoll@32473 id="${alert.id}" ${data.join(" ")}] ${printable(alert.message, maxMessage)}`;
}

/** Section 6.3.3: these three are escaped, and nothing may break the line. */
function parameter(value: string): string {
  return printable(value, 256).replaceAll(/["\\\]]/g, (found) => `\\${found}`);
}

function token(text: string, maxLength: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, maxLength) || "-";
}

function toUnix(path: string): Sender {
  return { line: (bytes) => sendDatagram(path, bytes), close: () => undefined };
}

function toUdp(host: string, port: number, tools: OutputTools): Sender {
  const socket: UdpSocket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  socket.unref();
  socket.on("error", (error) => tools.onProblem(`syslog ${host}: ${error.message}`));
  return {
    line(bytes) {
      socket.send(bytes, port, host, (error) => {
        if (error !== null) tools.onProblem(`syslog ${host}: ${error.message}`);
      });
      return true;
    },
    close: () => socket.close(),
  };
}

function toTcp(host: string, port: number, tools: OutputTools): Sender {
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  let socket: Socket | undefined;
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  const open = (): void => {
    const made = connect({ host, port });
    socket = made;
    made.unref();
    made.on("connect", () => {
      for (const bytes of waiting.splice(0)) made.write(bytes);
      waitingBytes = 0;
    });
    made.on("error", (error) => tools.onProblem(`syslog ${host}: ${error.message}`));
    made.on("close", () => {
      socket = undefined;
      if (!isClosed) retry = setTimeout(open, retryMs).unref();
    });
  };
  open();
  return {
    line(bytes) {
      const framed = Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
      if (socket?.readyState === "open" && socket.writableLength < maxUnsentBytes) {
        socket.write(framed);
        return true;
      }
      if (waitingBytes + framed.length > maxUnsentBytes) return false;
      waiting.push(framed);
      waitingBytes += framed.length;
      return true;
    },
    close() {
      isClosed = true;
      clearTimeout(retry);
      socket?.end();
    },
  };
}

function refuse(to: string): never {
  throw new PlimsollError("CONFIG_INVALID", `watch.outputs: syslog cannot go to ${JSON.stringify(to)}`, {
    hint: "write a path such as /dev/log, udp://host:514 or tcp://host:601",
  });
}
