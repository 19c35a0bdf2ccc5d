/** `npm run test:environments`: a table, environment × what the doctor and the first line of `npm test` say. Needs root. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { script, SetupError } from "../../scripts/progress.mjs";
import { environments } from "./environments.ts";
import { doctorSays, testSays } from "./words.ts";

await script(async () => {
  if (process.getuid?.() !== 0) throw new SetupError("environments are made by root");
  const folder = mkdtempSync(join(tmpdir(), "tinytap-environments-"));
  try {
    for (const environment of environments(folder)) {
      const began = Date.now();
      const doctor = await doctorSays(environment);
      const between = Date.now();
      const test = await testSays(environment);
      console.log(`${environment.name}`);
      for (const line of doctor.trimEnd().split("\n")) console.log(`  doctor  ${line}`);
      console.log(`  test    ${test}`);
      console.log(`  in ${between - began} ms and ${Date.now() - between} ms\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
