/** The Network panel's page. */
import { listen } from "./extension-link.ts";
import { TablePage } from "./table-page.ts";

const root = document.createElement("main");
document.body.append(root);
const table = new TablePage(root);
listen((message) => table.take(message));
