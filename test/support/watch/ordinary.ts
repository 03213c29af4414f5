// What ordinary containers do all day, each with every protection at `block`: nothing of it may be stopped, and no program
// may be told of more than once.

import type { ContainerProtection } from "../../../src/model/watch.ts";
import { ordinaryImage } from "./ordinary-image.ts";

export type OrdinaryWork = {
  readonly name: string;
  /** Run by bash; it ends with 0 when all went well. */
  readonly script: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Off for what installs programs: that is what drift means. */
  readonly drift?: "off";
};

export const works: readonly OrdinaryWork[] = [
  {
    name: "nginx serves a page",
    script: "nginx && curl -sf http://127.0.0.1/ | grep -q nginx && nginx -s stop",
  },
  {
    name: "PostgreSQL makes a database and answers",
    script: `install -d -o postgres /tmp/db && su postgres -c '
      PATH=/usr/lib/postgresql/15/bin:$PATH; initdb -D /tmp/db >/tmp/log && pg_ctl -D /tmp/db -w -l /tmp/log start &&
      psql -Atc "create table t as select generate_series(1,1000) n; select count(*) from t" | grep -q 1000 &&
      pg_ctl -D /tmp/db -m fast stop'`,
  },
  {
    name: "Node compiles, serves, starts programs and threads",
    script: `node -e '
      const http = require("http"), { spawnSync } = require("child_process"), { Worker } = require("worker_threads");
      let sum = 0; for (let i = 0; i < 3e6; i++) sum += i % 7;
      const server = http.createServer((_, answer) => answer.end("ok")).listen(0, "127.0.0.1", async () => {
        const text = await (await fetch("http://127.0.0.1:" + server.address().port)).text();
        const ls = spawnSync("ls", ["/"]);
        new Worker("process.exit(0)", { eval: true }).on("exit", () => process.exit(text === "ok" && ls.status === 0 ? 0 : 1));
      });'`,
  },
  {
    name: "a Java program starts, compiles and writes",
    script:
      "keytool -genkeypair -alias a -dname CN=a -keyalg RSA -storepass changeit -keystore /tmp/keys && test -s /tmp/keys",
  },
  {
    name: "cron runs its jobs",
    script: "cron && for i in $(seq 100); do test -e /tmp/cron-was-here && exit 0; sleep 0.1; done; exit 1",
  },
  {
    name: "a package is installed while an image is built",
    script: "dpkg -i --force-depends /opt/packages/cron_*.deb >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }",
    drift: "off",
  },
  {
    name: "a shell script works on files",
    script: `cd /tmp && for i in $(seq 50); do echo $i >f$i; done && cat f* | sort -n | tail -1 | grep -qx 50 &&
      tar -cf a.tar f* && mkdir x && tar -xf a.tar -C x && find x -name 'f*' | wc -l | grep -qx 50 && rm -r x f*`,
  },
];

export function createBody(work: OrdinaryWork): Readonly<Record<string, unknown>> {
  const Cmd = ["bash", "-c", work.script];
  return { Image: ordinaryImage, Cmd, HostConfig: { NetworkMode: "none" }, ...work.body };
}

export function ordinaryProtection(drift: "off" | "block" = "block"): ContainerProtection {
  const block = "block";
  return {
    levels: { drift, memory: block, escape: block, "host-paths": block, network: block, malware: block, mining: block },
    ...{ connect: undefined, bind: undefined, protectedPaths: [] },
  };
}
