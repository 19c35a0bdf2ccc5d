/** GraphQL requests, as the GraphQL-over-HTTP specification has them, batched and persisted ones too. */
import { parseForm, queryOf } from "./form.ts";
import { isJson, itemsOf, membersOf } from "./json.ts";

export interface GraphqlRequest {
  /** `query`, `mutation` or `subscription`; absent where the document isn't there, or doesn't tell. */
  operation?: string;
  /** The operation's name. */
  name?: string;
  /** Absent where the server knows it by its hash: see `extensions`. */
  document?: string;
  /** JSON as it was sent. */
  variables?: string;
  extensions?: string;
}

/** Of a request's body in JSON; undefined where it is something else. A batch has several. */
export function graphqlOfJson(text: string): GraphqlRequest[] | undefined {
  if (!isJson(text)) return undefined;
  const requests = text.trimStart().startsWith("[") ? itemsOf(text) : [text];
  const all = requests.map((request) => graphqlOf(membersOf(request)));
  return all.length > 0 && all.every((request) => request !== undefined) ? all : undefined;
}

/** Of an `application/graphql` body. */
export function graphqlOfDocument(document: string): GraphqlRequest {
  return { ...operationOf(document, undefined), document };
}

/** Of a GET, by its target. */
export function graphqlOfTarget(target: string): GraphqlRequest | undefined {
  const quoted = ["query", "operationName"];
  const members = parseForm(queryOf(target)).map(({ name, value }): [string, string] => [
    name,
    quoted.includes(name) ? JSON.stringify(value) : value,
  ]);
  return graphqlOf(new Map(members));
}

/** `members`: as they stand in JSON. */
function graphqlOf(members: Map<string, string>): GraphqlRequest | undefined {
  const document = stringOf(members.get("query"));
  const wanted = stringOf(members.get("operationName"));
  const variables = valueOf(members.get("variables"));
  const extensions = valueOf(members.get("extensions"));
  const isPersisted =
    extensions !== undefined && isJson(extensions) && membersOf(extensions).has("persistedQuery");
  const operation = document === undefined ? undefined : operationOf(document, wanted);
  if (document === undefined ? !isPersisted : operation === undefined) return undefined;
  return {
    ...(wanted !== undefined && { name: wanted }),
    ...operation,
    ...(document !== undefined && { document }),
    ...(variables !== undefined && { variables }),
    ...(extensions !== undefined && { extensions }),
  };
}

/** Undefined where the text is no document with an operation. */
function operationOf(
  document: string,
  wanted: string | undefined,
): Pick<GraphqlRequest, "operation" | "name"> | undefined {
  const operations = operationsOf(document);
  const found = operations.find(({ name }) => name === wanted) ?? operations[0];
  return found && { operation: found.operation, ...(found.name !== undefined && { name: found.name }) };
}

function operationsOf(document: string): { operation: string; name?: string }[] {
  const operations: { operation: string; name?: string }[] = [];
  // A string that isn't closed ends with its line: else each of its characters would be tried as the next one's beginning.
  const tokens = /"""[^]*?"""|"(?:[^"\\\n]|\\.)*"?|#[^\n]*|[{}()]|[_A-Za-z]\w*|\S/g;
  /** Of the definition that has begun, outside of all brackets. */
  let words: string[] = [];
  let depth = 0;
  for (const [token] of document.matchAll(tokens)) {
    if (token.startsWith("#")) continue;
    if (token === "{" && depth === 0) {
      const [operation = "query", name] = words;
      if (words.length === 0 || /^(?:query|mutation|subscription)$/.test(operation))
        operations.push({ operation, ...(name !== undefined && /^\w/.test(name) && { name }) });
    }
    if (token === "{" || token === "(") depth++;
    else if (token === "}" || token === ")") {
      depth--;
      if (token === "}" && depth === 0) words = [];
    } else if (depth === 0) words.push(token);
  }
  return operations;
}

function stringOf(json: string | undefined): string | undefined {
  const value: unknown = json === undefined ? undefined : JSON.parse(json);
  return typeof value === "string" ? value : undefined;
}

/** `null` says no more than nothing. */
function valueOf(json: string | undefined): string | undefined {
  return json === "null" || json === "" ? undefined : json;
}
