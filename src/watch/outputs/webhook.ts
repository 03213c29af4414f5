// Alerts by POST, one a request, signed. What the other side does not take is kept on disk and sent again, in order.
//
//   x-plimsoll-timestamp: 1800000000
//   x-plimsoll-signature: sha256=HEX   of HMAC-SHA256(secret, timestamp + "." + body)

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { withoutCredentials } from "../../base/redact-url.ts";
import { toEcs } from "../alerts/ecs.ts";
import type { Output, OutputSettings, OutputTools } from "../output.ts";
import { openSpool, type Spool } from "../spool.ts";

const limits = { entries: 10_000, bytes: 64 << 20 };
const timeoutMs = 10_000;
const firstRetryMs = 1_000;
const maxRetryMs = 300_000;
const maxSecretBytes = 4096;

export const webhook: Output = {
  name: "webhook",
  summary: "POST with an HMAC signature; what is not taken waits on disk",
  needs: { network: true },
  open(settings, tools) {
    const url = readUrl(settings);
    const secret = readSecret(settings);
    const spool = openSpool(join(tools.spoolFolder, folderName(url)), limits);
    const sending = startSending({ url, secret, spool, tools });
    let lost = 0;
    return {
      tell(alert) {
        if (spool.add(alert.id, JSON.stringify(toEcs(alert)))) sending.wake();
        else lost++;
      },
      lost: () => lost,
      close: async () => sending.close(),
    };
  },
};

type Sending = {
  readonly url: URL;
  readonly secret: Buffer | undefined;
  readonly spool: Spool;
  readonly tools: OutputTools;
};

function startSending(sending: Sending): { wake(): void; close(): void } {
  const stop = new AbortController();
  let isBusy = false;
  let retryMs = firstRetryMs;
  let timer: NodeJS.Timeout | undefined;
  const work = async (): Promise<void> => {
    if (isBusy || stop.signal.aborted) return;
    isBusy = true;
    clearTimeout(timer);
    try {
      for (let entry = sending.spool.first(); entry !== undefined; entry = sending.spool.first()) {
        await post(sending, entry.body, stop.signal);
        sending.spool.remove(entry.name);
        retryMs = firstRetryMs;
      }
    } catch (thrown) {
      if (!stop.signal.aborted) {
        sending.tools.onProblem(
          `webhook ${withoutCredentials(sending.url.href)}: ${errorText(thrown)}, tried again in ${retryMs / 1000} s`,
        );
        timer = setTimeout(() => void work(), retryMs).unref();
        retryMs = Math.min(maxRetryMs, retryMs * 2);
      }
    } finally {
      isBusy = false;
    }
  };
  void work();
  return {
    wake() {
      // While it waits to try again, one more alert is no reason to hurry.
      if (retryMs === firstRetryMs) void work();
    },
    close() {
      clearTimeout(timer);
      stop.abort();
    },
  };
}

async function post({ url, secret, tools }: Sending, body: string, stop: AbortSignal): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature =
    secret === undefined
      ? {}
      : {
          "x-plimsoll-signature": `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`,
        };
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": `plimsoll/${tools.version}`,
      "x-plimsoll-timestamp": timestamp,
      ...signature,
    },
    body,
    // Whom the operator named gets it, and nobody else.
    redirect: "error",
    signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
}

function readUrl({ to }: OutputSettings): URL {
  const url = URL.canParse(to) ? new URL(to) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw new PlimsollError("CONFIG_INVALID", "watch.outputs: a webhook needs an address that begins with https://", {
    hint: "write to: https://host/path",
  });
}

function readSecret({ secretFile }: OutputSettings): Buffer | undefined {
  if (secretFile === "") return undefined;
  try {
    const secret = Buffer.from(readFileSync(secretFile, "utf8").trim());
    if (secret.length === 0 || secret.length > maxSecretBytes) throw new Error("expected 1 to 4096 bytes");
    return secret;
  } catch (cause) {
    throw new PlimsollError(
      "CONFIG_INVALID",
      `${secretFile}: the webhook's secret cannot be read: ${errorText(cause)}`,
      {
        hint: "name a file that only root may read, with the secret and nothing else",
        cause,
      },
    );
  }
}

function folderName({ host, pathname }: URL): string {
  return `webhook-${`${host}${pathname}`.replaceAll(/[^A-Za-z0-9.-]/g, "_").slice(0, 100)}`;
}
