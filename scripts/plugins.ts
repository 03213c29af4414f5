// Writes the lists of plugins: for each folder of plugins one `FOLDER.generated.ts` beside it, all static imports.
// Also docs/cli.md, from the command table.
// Usage: npm run plugins (writes), node scripts/plugins.ts --check (exit 1 and the names when a list is stale)

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");

/** One folder a kind of plugin. A folder that does not exist yet has no list. */
const folders: readonly string[] = [
  "src/cli/commands",
  "src/engine/engines",
  "src/findings/advisory-feeds",
  "src/findings/detectors",
  "src/findings/version-schemes",
  "src/gate/listeners",
  "src/harden/controls",
  "src/identity/providers",
  "src/image/sources",
  "src/inventory/catalogers",
  "src/report/formats",
  "src/store/drivers",
  "src/trust/signature-formats",
  "src/trust/signers",
  "src/watch/outputs",
  "src/watch/responses",
];

type GeneratedList = { readonly path: string; readonly text: string };

/** Every list as it should be now. */
export function generateLists(): readonly GeneratedList[] {
  return [...folders.filter((folder) => existsSync(join(root, folder))).map(generateList), generateLoaders()];
}

/** Paths of lists that differ from what the plugins' files say. */
export function staleLists(): readonly string[] {
  return generateLists()
    .filter(({ path, text }) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text)
    .map(({ path }) => path);
}

function generateList(folder: string): GeneratedList {
  const plugins = pluginsOf(folder);
  const [type] = new Set(plugins.map((plugin) => plugin.type));
  const [from] = new Set(plugins.map((plugin) => plugin.from));
  const list = basename(folder);
  const imports = plugins.map(({ constant, file }) => ({
    line: `import { ${constant} } from "./${list}/${file}";`,
    order: `./${list}/${file}`,
  }));
  imports.push({ line: `import type { ${type} } from "${from}";`, order: from ?? "" });
  return {
    path: `${folder}.generated.ts`,
    text: [
      `// Every plugin in ${list}/. Written by \`npm run plugins\`; do not edit.`,
      "",
      ...imports.sort((left, right) => (left.order < right.order ? -1 : 1)).map(({ line }) => line),
      "",
      `export const ${camelCase(list)}: readonly ${type}[] = [${plugins.map(({ constant }) => constant).join(", ")}];`,
      "",
    ].join("\n"),
  };
}

/** Commands one by one: a program that is started for one of them shall not load the others. */
function generateLoaders(): GeneratedList {
  const folder = "src/cli/commands";
  const lines = pluginsOf(folder).map(({ file, constant }) => {
    const name = file.slice(0, -".ts".length);
    const key = constant === name ? name : `"${name}"`;
    return `  ${key}: async () => (await import("./commands/${file}")).${constant},`;
  });
  return {
    path: "src/cli/command-loaders.generated.ts",
    text: [
      "// Every command, loaded when it is asked for. Written by `npm run plugins`; do not edit.",
      "",
      'import type { Command } from "./command.ts";',
      "",
      "export const commandLoaders: Readonly<Record<string, () => Promise<Command>>> = {",
      ...lines,
      "};",
      "",
    ].join("\n"),
  };
}

type PluginFile = { readonly file: string; readonly constant: string; readonly type: string; readonly from: string };

function pluginsOf(folder: string): readonly PluginFile[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => readPlugin(folder, file));
}

/** A plugin's file exports one constant, named like the file, of the type that the singular file declares. */
function readPlugin(folder: string, file: string): PluginFile {
  const text = readFileSync(join(root, folder, file), "utf8");
  const constant = camelCase(file.slice(0, -".ts".length));
  const type = new RegExp(`^export const ${constant}: (\\w+)\\b`, "m").exec(text)?.[1];
  if (type === undefined) throw new Error(`${folder}/${file}: expected \`export const ${constant}: TYPE\``);
  const source = new RegExp(`^import (?:type )?\\{[^}]*\\b${type}\\b[^}]*\\} from "\\.\\./([\\w.-]+)";`, "m").exec(
    text,
  )?.[1];
  if (source === undefined)
    throw new Error(`${folder}/${file}: expected ${type} to come from a file beside ${dirname(folder)}`);
  return { file, constant, type, from: `./${source}` };
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

if (import.meta.main) {
  const stale = staleLists();
  if (process.argv.includes("--check")) {
    for (const path of stale) process.stdout.write(`stale: ${path} (run: npm run plugins)\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const { path, text } of generateLists()) writeFileSync(join(root, path), text);
    await writeCommandLineDocument();
    process.stdout.write(stale.length === 0 ? "all lists were fresh\n" : `${stale.join("\n")}\n`);
  }
}

/** After the lists: the table has to know a command that was added just now. */
async function writeCommandLineDocument(): Promise<void> {
  const { commands } = await import("../src/cli/commands.generated.ts");
  const { commandLineDocument } = await import("../src/cli/markdown.ts");
  writeFileSync(join(root, "docs/cli.md"), commandLineDocument(commands));
}
