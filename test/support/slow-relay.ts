// A relay in front of a registry on loopback that lets every request wait on its way there and every answer on its way back, each for a
// time of its own: what two hosts see who write at the same moment.

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

type Context = { readonly after: (work: () => Promise<void>) => void };

/** @returns `127.0.0.1:PORT` */
export async function startSlowRelay(t: Context, behind: string, mostMs: number): Promise<string> {
  const server = createServer((question, answer) => void relay(question, answer));
  const relay = async (question: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await question.toArray());
    await sleep(Math.random() * mostMs);
    const asked = request(`http://${behind}${question.url}`, { method: question.method, headers: question.headers });
    asked.on("error", () => answer.destroy());
    asked.on("response", async (back) => {
      const bytes = Buffer.concat(await back.toArray());
      await sleep(Math.random() * mostMs);
      answer.writeHead(back.statusCode ?? 502, back.headers).end(bytes);
    });
    asked.end(body);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}
