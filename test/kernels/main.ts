/** `npm run test:kernels [-- [--at-once N] [--files PATTERN] KERNEL…]`: one table, kernel × feature. */
import { parseArgs } from "node:util";
import { script } from "../../scripts/progress.mjs";
import { everything, runMatrix } from "./matrix.ts";
import { table } from "./results.ts";

await script(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "at-once": { type: "string", default: "2" },
      files: { type: "string", default: everything },
    },
  });
  const all = await runMatrix({ names: positionals, files: values.files, atOnce: Number(values["at-once"]) });
  console.log(table(all));
  process.exitCode = all.every(({ passed }) => passed) ? 0 : 1;
});
