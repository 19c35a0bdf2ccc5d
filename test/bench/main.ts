/**
 * Measurements; they print tables, and are no tests.
 *
 *   npm run bench                  a server under wrk, alone and watched as the sidebar does; --quick: two minutes
 *   npm run bench -- --saturation  the same by the feed and by every format
 *   npm run bench -- --paced       the helper's work per exchange at a steady rate
 *   npm run bench -- --memory      the helper's memory over 250,000 exchanges
 *   npm run bench -- --parse       streams and protocols alone, with no kernel
 *   npm run bench -- --recording   a recording of 500 MB: opened, and cancelled half-way
 */
import { parseArgs } from "node:util";
import { measureMemory } from "./memory.ts";
import { measureOpening } from "./open-recording.ts";
import { measurePaced } from "./pace.ts";
import { measureParsing } from "./parse/measure.ts";
import { measureSaturation } from "./saturation.ts";
import { modes } from "./watchers.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    saturation: { type: "boolean" },
    paced: { type: "boolean" },
    memory: { type: "boolean" },
    parse: { type: "boolean" },
    recording: { type: "boolean" },
  },
});
const { quick } = values;

if (values.saturation) await measureSaturation(modes, quick ? 1 : 3, 3);
else if (values.paced) await measurePaced(["feed", "jsonl"], quick ? 5 : 10);
else if (values.memory) await measureMemory(["feed", "jsonl"]);
else if (values.parse) await measureParsing();
else if (values.recording) await measureOpening();
else await measureSaturation(["feed"], quick ? 3 : 5, quick ? 8 : 20);
