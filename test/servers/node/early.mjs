/**
 * Answers on raw sockets before it has read the request. Arguments: port, and when: `never` (it reads nothing, and goes),
 * `first` (it answers, then reads), `part` (it answers what comes first, and goes), `open` (likewise, and reads on).
 */
import { createServer } from "node:net";

const [port, when] = process.argv.slice(2);
const answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nlong";
/** Milliseconds in which the client can read that: what is unread when the server goes resets the connection. */
const patience = 200;

createServer({ pauseOnConnect: true }, (socket) => {
  const answerAndGo = () => {
    socket.pause();
    socket.end(answer);
    setTimeout(() => socket.destroy(), patience);
  };
  socket.on("error", () => {});
  if (when === "never") answerAndGo();
  else if (when === "first") socket.write(answer, () => socket.resume());
  else {
    socket.once("data", () => (when === "part" ? answerAndGo() : socket.write(answer)));
    socket.resume();
  }
}).listen(Number(port), "127.0.0.1");
