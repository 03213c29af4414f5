// Draws a terminal session as one animated SVG: commands appear as they were typed, output as it came. No script inside, and
// where nothing can move all of it is shown.

export type Step = {
  /** Typed at the prompt; "" for output without a command. */
  readonly command: string;
  /** What the program printed, ANSI colours included. */
  readonly output: string;
};

const columns = 104;
const lineHeight = 19;
const charWidth = 8.4;
const colours: Readonly<Record<string, string>> = {
  "31": "#ff7b72",
  "32": "#7ee787",
  "33": "#e3b341",
  "36": "#79c0ff",
  "2": "#8b949e",
  "90": "#8b949e",
  "1": "#ffffff",
};

type Line = { readonly html: string; readonly atSeconds: number };

/** @param title shown in the window's bar */
export function drawTerminal(title: string, steps: readonly Step[]): string {
  const lines = layOut(steps);
  const height = 46 + lines.length * lineHeight + 14;
  const width = Math.ceil(columns * charWidth) + 32;
  const total = (lines.at(-1)?.atSeconds ?? 0) + 5;
  const rows = lines.map((line, index) => {
    const y = 58 + index * lineHeight;
    return `<text class="l" x="16" y="${y}" style="animation-delay:${line.atSeconds.toFixed(2)}s">${line.html}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#c9d1d9;white-space:pre}
.l{animation:show .01s linear both}
.p{fill:#7ee787}.c{fill:#fff;font-weight:600}
@keyframes show{from{opacity:0}to{opacity:1}}
@media (prefers-reduced-motion:reduce){.l{animation:none}}
</style>
<!-- ${total.toFixed(0)} seconds -->
<rect width="${width}" height="${height}" rx="9" fill="#0d1117"/>
<circle cx="20" cy="20" r="6" fill="#ff5f56"/><circle cx="40" cy="20" r="6" fill="#ffbd2e"/><circle cx="60" cy="20" r="6" fill="#27c93f"/>
<text x="84" y="25" style="fill:#8b949e">${escaped(title)}</text>
${rows.join("\n")}
</svg>
`;
}

function layOut(steps: readonly Step[]): readonly Line[] {
  const lines: Line[] = [];
  let clock = 0.4;
  for (const step of steps) {
    if (step.command !== "") {
      wrap(step.command, columns - 2).forEach((part, index) => {
        const prompt = index === 0 ? '<tspan class="p">$ </tspan>' : "  ";
        lines.push({ html: `${prompt}<tspan class="c">${escaped(part)}</tspan>`, atSeconds: clock });
      });
      clock += 0.9;
    }
    for (const line of step.output.replace(/\r/g, "").replace(/\n$/, "").split("\n")) {
      if (line === "" && step.output === "") continue;
      for (const part of wrap(line, columns)) lines.push({ html: coloured(part), atSeconds: clock });
      clock += 0.15;
    }
    clock += 0.9;
  }
  return lines;
}

/** Breaks at spaces; escape sequences have no width. */
function wrap(text: string, width: number): readonly string[] {
  const parts: string[] = [];
  let current = "";
  for (const word of text.split(/(?<= )/)) {
    if (visible(current + word).trimEnd().length > width && current !== "") {
      parts.push(current.trimEnd());
      current = "  ";
    }
    current += word;
  }
  return [...parts, current];
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[([0-9;]*)m`, "g");

function visible(text: string): string {
  return text.replace(escapes, "");
}

function coloured(text: string): string {
  let html = "";
  let position = 0;
  let colour = "";
  for (const match of text.matchAll(escapes)) {
    html += span(text.slice(position, match.index), colour);
    position = match.index + match[0].length;
    const codes = (match[1] ?? "").split(";");
    colour = codes.map((code) => colours[code]).findLast((known) => known !== undefined) ?? "";
  }
  return html + span(text.slice(position), colour);
}

function span(text: string, colour: string): string {
  if (text === "") return "";
  return colour === "" ? escaped(text) : `<tspan style="fill:${colour}">${escaped(text)}</tspan>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
