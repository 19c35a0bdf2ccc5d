/** Asks a server for its descriptors, as the user wished: by gRPC's server reflection. */
import { connect, type ClientHttp2Session } from "node:http2";
import { reflectionMethods } from "../../content/grpc/reflection.ts";
import { describedFile } from "../../content/protobuf/descriptor-set.ts";
import { ReflectionStream, Unimplemented } from "./reflection-stream.ts";

/** Milliseconds: the server may stand at a breakpoint. */
const patience = 10_000;
/** Services that are asked for, and files in all. */
const mostServices = 500;
const mostFiles = 5000;

export interface AskOptions {
  signal?: AbortSignal;
  /** The address of this end of the connection, before anything is asked. */
  onConnect?: (address: string) => void;
}

/** `address`: `host:port`. Gives files, each a FileDescriptorProto. Rejects with a sentence for a person. */
export async function askForDescriptors(address: string, options: AskOptions = {}): Promise<Uint8Array[]> {
  const late = AbortSignal.timeout(patience);
  const signal = options.signal ? AbortSignal.any([late, options.signal]) : late;
  const session = connect(`http://${address}`);
  const stop = () => session.destroy();
  signal.addEventListener("abort", stop);
  try {
    await connected(session);
    options.onConnect?.(localAddress(session));
    return await askAny(session);
  } catch (error) {
    throw new Error(`${address} can't be asked: ${whyNot(error, late)}.`, { cause: error });
  } finally {
    signal.removeEventListener("abort", stop);
    session.destroy();
  }
}

function whyNot(error: unknown, late: AbortSignal): string {
  if (late.aborted)
    return `it gave no answer within ${patience / 1000} s; it may be stopped at a breakpoint, or speak no HTTP/2 in clear`;
  if (error instanceof Unimplemented) return "it offers no reflection";
  if (!(error instanceof Error)) return String(error);
  const isNoHttp2 = "code" in error && String(error.code).startsWith("ERR_HTTP2");
  return isNoHttp2 ? `it speaks no HTTP/2 in clear (${error.message})` : error.message;
}

function connected(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    session.once("connect", () => resolve());
    // It may fail at any time: then whoever waits for the stream hears of it.
    session.on("error", reject);
    session.once("close", () => reject(new Error("the connection was closed")));
  });
}

/** As the capture writes addresses. */
function localAddress({ socket }: ClientHttp2Session): string {
  const { localAddress = "", localPort } = socket;
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/, "");
  return `${address.includes(":") ? `[${address}]` : address}:${localPort}`;
}

/** By the first version of the protocol that the server speaks. */
async function askAny(session: ClientHttp2Session): Promise<Uint8Array[]> {
  const [newest, older] = reflectionMethods;
  try {
    return await askAll(new ReflectionStream(session, newest));
  } catch (error) {
    if (!(error instanceof Unimplemented)) throw error;
    return askAll(new ReflectionStream(session, older));
  }
}

async function askAll(stream: ReflectionStream): Promise<Uint8Array[]> {
  const files = new Map<string, Uint8Array>();
  /** Imports that no answer has brought along. */
  const wanted = new Set<string>();
  const take = (answered: readonly Uint8Array[]) => {
    for (const bytes of answered) {
      const { name, imports } = describedFile(bytes);
      files.set(name, bytes);
      for (const each of imports) wanted.add(each);
    }
  };
  const { services, error } = await stream.ask({ ask: "services" });
  if (services.length === 0) throw new Error(error ?? "it names no service");
  let refusal: string | undefined;
  for (const name of services.slice(0, mostServices)) {
    const answer = await stream.ask({ ask: "symbol", name });
    refusal ??= answer.error;
    take(answer.files);
  }
  if (files.size === 0) throw new Error(refusal ?? "it describes none of its services");
  // A Set goes through what is added meanwhile, too.
  for (const name of wanted)
    if (!files.has(name) && files.size < mostFiles) take((await stream.ask({ ask: "file", name })).files);
  stream.end();
  return [...files.values()];
}
