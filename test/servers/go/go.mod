module tinytap.dev/testserver

go 1.24
