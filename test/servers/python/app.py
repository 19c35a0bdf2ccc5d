"""A WSGI application: /bytes/SIZE, /files/NAME (by sendfile, where the server can), /echo. TINYTAP_FILES has the files."""

import os


def app(environ, start_response):
    kind, _, rest = environ["PATH_INFO"][1:].partition("/")
    if kind == "files":
        path = os.path.join(os.environ["TINYTAP_FILES"], os.path.basename(rest))
        size = os.path.getsize(path)
        start_response("200 OK", [("Content-Length", str(size))])
        # gunicorn's own sendfile fails for nothing.
        return environ["wsgi.file_wrapper"](open(path, "rb")) if size else []
    if kind == "bytes":
        body = os.urandom(int(rest))
    elif kind == "echo":
        body = environ["wsgi.input"].read()
    else:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
