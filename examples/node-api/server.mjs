// A small JSON API to be debugged.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const tasks = [{ id: 1, title: "Watch a request", done: false }];

async function answer(request) {
  const route = `${request.method} ${request.url}`;
  if (route === "GET /tasks") return [200, tasks];
  if (route !== "POST /tasks") return [404, { error: "no such thing" }];
  const { title } = await json(request);
  const task = { id: tasks.length + 1, title: String(title), done: false };
  tasks.push(task);
  return [201, task];
}

const server = createServer((request, response) => {
  void answer(request)
    .catch((error) => [400, { error: error.message }])
    .then(([status, value]) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(value) + "\n");
    });
});

server.listen(Number(process.env.PORT ?? 8081), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
