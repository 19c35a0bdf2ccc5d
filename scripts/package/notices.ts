/** The notices that a package owes: NOTICES.md, and the licenses of the npm packages that were bundled or compiled in. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.mjs";
import { SetupError } from "../progress.mjs";

/** Headers of the addon: no bundle knows of them. */
const compiledIn = ["node-addon-api", "node-api-headers"];

/** `inputs`: the files that went into the bundles, relative to the root. Throws where one comes without a license. */
export function notices(inputs: string[]): string {
  const bundled = inputs.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  const packages = [...new Set([...bundled, ...compiledIn])].toSorted();
  const intro = "\n## npm packages, in the bundles and in the addon\n";
  return readFileSync(join(root, "NOTICES.md"), "utf8") + intro + packages.map(notice).join("");
}

function notice(name: string): string {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new SetupError(`${name} comes without the text of its license`);
  const text = readFileSync(join(folder, file), "utf8").replaceAll("\r", "").trim();
  return `\n### ${name} ${version} (${license})\n\n${text.replaceAll(/^/gm, "> ").replaceAll(/ +$/gm, "")}\n`;
}
